/**
 * What two nodes tell each other of how they hear each other; the worse of the two views counts.
 *
 * Every packet lists the sender's networks, with those it cannot use, and the addresses of others that it does not
 * hear. In a healthy world that second list is empty. Where it does not fit, a network on which nobody at all is
 * heard is marked so instead; of what still does not fit the first are listed.
 */
import { contains } from "./address.ts";
import { isHeard } from "./heard.ts";
import type { Lan } from "./lan.ts";
import type { Path } from "./nodes.ts";
import { forgiveMisses } from "./path_health.ts";
import {
  type AddressRun,
  type LossyPath,
  MAX_INTERFACES,
  MAX_LOSSY,
  MAX_UNHEARD,
  type Packet,
  type WireInterface,
} from "./packet.ts";
import type { Address, DownCause, Ms } from "./types.ts";

const NOTHING_LOST: readonly LossyPath[] = [];

/** What a packet says of the sender's networks, of those it does not hear, and of lossy paths. */
export type View = Pick<Packet, "source" | "interfaces" | "unheard" | "heard" | "lossy">;

/** The view to send over `over`: of all paths in broadcasts, of the receiver's in answers. */
export function viewOf(lans: Iterable<Lan>, over: Lan, paths: Iterable<Path>): View {
  const heard = new Set<string>();
  const unheard: Path[] = [];
  const losing: Path[] = [];
  for (const path of paths) {
    if (path.state.heard === false) unheard.push(path);
    else heard.add(path.network);
    if (path.loss.rate > 0 || path.state.unanswered) losing.push(path);
  }
  const isCrowded = unheard.length > MAX_UNHEARD;
  const isSilent = (network: string) => isCrowded && !heard.has(network);
  const interfaces: WireInterface[] = [];
  const present = [...lans].filter((lan) => lan.present);
  // The one that the packet goes over must be among them.
  if (present.length > MAX_INTERFACES) {
    present.sort((a, b) => Number(b === over) - Number(a === over));
  }
  for (const lan of present.slice(0, MAX_INTERFACES)) {
    const { address, prefixLength, name } = lan.network;
    const { usable, isDrained: drained } = lan;
    interfaces.push({ address, prefixLength, usable, drained, hearsNobody: isSilent(name) });
  }
  const listed = unheard.filter((path) => !isSilent(path.network)).slice(0, MAX_UNHEARD);
  return {
    source: over.network.address,
    interfaces,
    unheard: listed.map((path) => path.address),
    heard: null,
    lossy: losing.length === 0 ? NOTHING_LOST : worstOf(losing),
  };
}

/** What is lost on these paths; of too many on those that lose most. Rounded up, so that what we find too much is. */
function worstOf(losing: Path[]): LossyPath[] {
  const lossy = losing.map(({ address, loss, state }) => {
    const percent = state.unanswered ? 100 : Math.min(Math.ceil(100 * loss.rate - 1e-6), 99);
    return { address, percent };
  });
  if (lossy.length > MAX_LOSSY) lossy.sort((a, b) => b.percent - a.percent);
  return lossy.slice(0, MAX_LOSSY);
}

/** Whether an inquiry that came over `lan` says that its sender hears us there; what does not say is taken for it. */
export function isHearingUs(packet: Packet, lan: Lan): boolean {
  return packet.heard === null || lan.number === null || isHeard(packet.heard, lan.number);
}

/** Whether two views say the same. */
export function isSameView(a: View, b: View): boolean {
  return a.interfaces.length === b.interfaces.length && a.unheard.length === b.unheard.length &&
    a.source === b.source &&
    a.interfaces.every((each, i) => isSameInterface(each, b.interfaces[i])) &&
    a.unheard.every((each, i) => each === b.unheard[i]) &&
    isSameHeard(a.heard, b.heard) && a.lossy.length === b.lossy.length &&
    a.lossy.every(({ address, percent }, i) =>
      address === b.lossy[i]?.address && percent === b.lossy[i]?.percent
    );
}

function isSameHeard(a: View["heard"], b: View["heard"]): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return a.length === b.length && a.every((run, i) => isSameRun(run, b[i]));
}

function isSameRun(a: AddressRun, b: AddressRun | undefined): boolean {
  return b !== undefined && a.base === b.base && a.bits.length === b.bits.length &&
    a.bits.every((byte, i) => byte === b.bits[i]);
}

function isSameInterface(a: WireInterface, b: WireInterface | undefined): boolean {
  return b !== undefined && a.address === b.address && a.prefixLength === b.prefixLength &&
    a.usable === b.usable && a.drained === b.drained && a.hearsNobody === b.hearsNobody;
}

/** What a packet says against a path of its sender; null: nothing. `lan` is the path's network. */
export function complaint(packet: Packet, path: Path, lan: Lan, now: Ms): DownCause | null {
  const theirs = packet.interfaces.find((each) => each.address === path.address);
  if (theirs !== undefined && !theirs.usable) {
    return { kind: theirs.drained ? "peer-drained" : "peer-network" };
  }
  const isDeaf = packet.unheard.includes(lan.network.address) || theirs?.hearsNobody === true;
  if (isDeaf) return peerDeaf(path, now);
  if (toldLoss(packet, lan) < 1) return null;
  return { kind: "peer-unanswered", lastGoodAgoMs: lastGoodAgoMs(path, now) };
}

/** That the peer does not hear us. */
export function peerDeaf(path: Path, now: Ms): DownCause {
  return { kind: "peer-deaf", lastGoodAgoMs: lastGoodAgoMs(path, now) };
}

function lastGoodAgoMs({ state: { lastGoodAt } }: Path, now: Ms): Ms | null {
  return lastGoodAt === null ? null : now - lastGoodAt;
}

/** Takes note of whether the newest packet of a peer says that the network of a path is drained there, if it lists it. */
export function noteDrained(packet: Packet, path: Path): void {
  const theirs = packet.interfaces.find((each) => each.address === path.address);
  if (theirs === undefined) return;
  const was = path.peerDrained;
  path.peerDrained = theirs.drained && !theirs.usable;
  if (was && !path.peerDrained) forgiveMisses(path.state);
}

/** What its sender loses on our path over a network, 0 to 1. All is lost where it hears us, but nothing is answered. */
export function toldLoss({ lossy }: Packet, { network }: Lan): number {
  return (lossy.find(({ address }) => address === network.address)?.percent ?? 0) / 100;
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
