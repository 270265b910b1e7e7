/**
 * What two nodes tell each other of how they hear each other; the worse of the two views counts.
 *
 * Every packet lists the sender's networks, with those it cannot use, and the addresses of others that it does not
 * hear. In a healthy world that second list is empty. Where it does not fit, a network on which nobody at all is
 * heard is marked so instead; of what still does not fit the first are listed.
 */
import { contains } from "./address.ts";
import type { Lan } from "./lan.ts";
import type { Path } from "./nodes.ts";
import type { Address, DownCause, Ms } from "./types.ts";
import { MAX_INTERFACES, MAX_UNHEARD, type Packet, type WireInterface } from "./packet.ts";

/** What a packet says of the sender's networks and of those it does not hear. */
export interface View {
  readonly interfaces: readonly WireInterface[];
  readonly unheard: readonly Address[];
}

/** The view to send: of all paths in broadcasts, of the receiver's in answers. */
export function viewOf(lans: Iterable<Lan>, paths: Iterable<Path>): View {
  const heard = new Set<string>();
  const unheard: Path[] = [];
  for (const path of paths) {
    if (path.state.heard === false) unheard.push(path);
    else heard.add(path.network);
  }
  const isCrowded = unheard.length > MAX_UNHEARD;
  const isSilent = (network: string) => isCrowded && !heard.has(network);
  const interfaces: WireInterface[] = [];
  for (const lan of lans) {
    if (!lan.present || interfaces.length === MAX_INTERFACES) continue;
    const { address, prefixLength, usable, name } = lan.network;
    interfaces.push({ address, prefixLength, usable, hearsNobody: isSilent(name) });
  }
  const listed = unheard.filter((path) => !isSilent(path.network)).slice(0, MAX_UNHEARD);
  return { interfaces, unheard: listed.map((path) => path.address) };
}

/** Whether two views say the same. */
export function isSameView(a: View, b: View): boolean {
  return a.interfaces.length === b.interfaces.length && a.unheard.length === b.unheard.length &&
    a.interfaces.every((each, i) => isSameInterface(each, b.interfaces[i])) &&
    a.unheard.every((each, i) => each === b.unheard[i]);
}

function isSameInterface(a: WireInterface, b: WireInterface | undefined): boolean {
  return b !== undefined && a.address === b.address && a.prefixLength === b.prefixLength &&
    a.usable === b.usable && a.hearsNobody === b.hearsNobody;
}

/** What a packet says against a path of its sender; null: nothing. `lan` is the path's network. */
export function complaint(packet: Packet, path: Path, lan: Lan, now: Ms): DownCause | null {
  const theirs = packet.interfaces.find((each) => each.address === path.address);
  if (theirs !== undefined && !theirs.usable) return { kind: "peer-network" };
  const isDeaf = packet.unheard.includes(lan.network.address) || theirs?.hearsNobody === true;
  if (!isDeaf) return null;
  const { lastGoodAt } = path.state;
  return { kind: "peer-deaf", lastGoodAgoMs: lastGoodAt === null ? null : now - lastGoodAt };
}

/** The networks of ours on which the sender claims an address: address -> network. */
export function claimsOf(packet: Packet, lans: ReadonlyMap<string, Lan>): Map<Address, string> {
  const claims = new Map<Address, string>();
  for (const each of packet.interfaces) {
    for (const lan of lans.values()) {
      if (!lan.present || !contains(lan.subnet, each.address)) continue;
      if (isReserved(lan, each.address)) continue;
      claims.set(each.address, lan.network.name);
    }
  }
  return claims;
}

/** Addresses that no peer can have: ours, the subnet's own and its broadcast address. */
function isReserved(lan: Lan, address: Address): boolean {
  return address === lan.network.address || address === lan.network.broadcast ||
    address === lan.subnet.network;
}
