/** Where packets between hosts would go now, and whether they would arrive: the truth that health is to follow. */
import type { Address, Ms } from "../../lib/core/types.ts";
import type { Host } from "./host.ts";
import { isLive, type SimLan } from "./lan.ts";
import type { World } from "./world.ts";

/** What would become of one packet. */
export interface Passage {
  readonly arrives: boolean;
  /** The LAN it leaves by; null: it has no way out. */
  readonly lan: SimLan | null;
}

/**
 * What would become of a packet from `from` to the address `to` of `peer`. Daemons do not matter for it, only
 * kernels and LANs; neighbours are taken for resolved.
 */
export function passage(from: Host, peer: Host, to: Address): Passage {
  const way = from.kernel.lookup(to);
  if (way === null) return { arrives: false, lan: null };
  const { port, hop } = way;
  const { lan } = port;
  const next = peer.ports.find((each) => each.lan === lan && each.address === hop);
  const isHandedOver = next !== undefined && isLive(port) && isLive(next) &&
    lan.passes(from.name, peer.name);
  return { arrives: isHandedOver && peer.ports.some((each) => each.address === to), lan };
}

/** Whether two hosts reach each other in both directions over a LAN, and both speak there. */
export function isMutual(a: Host, b: Host, lan: SimLan): boolean {
  return isLiveOn(a, lan) && isLiveOn(b, lan) && lan.passes(a.name, b.name) &&
    lan.passes(b.name, a.name);
}

/** Whether any LAN carries packets both ways between two hosts. */
export function hasMutual(world: World, a: Host, b: Host): boolean {
  for (const lan of world.lans.values()) if (isMutual(a, b, lan)) return true;
  return false;
}

/** Whether a host is set up to exchange packets with the other at all: responders do not ask each other. */
export function areRelated(a: Host, b: Host): boolean {
  return a !== b && (a.settings.requestor || b.settings.requestor);
}

/** Whether loss strikes at random somewhere between two hosts, so that no time can be promised. */
export function isLossy(world: World): boolean {
  for (const lan of world.lans.values()) {
    for (const { loss, extraDelayMs } of lan.troubles) {
      if ((loss > 0 && loss < 1) || extraDelayMs > 0) return true;
    }
  }
  return false;
}

/** By how much troubles delay a datagram at most. */
export function longestDelayMs(world: World): Ms {
  let longest = 0;
  for (const lan of world.lans.values()) {
    let sum = 0;
    for (const { extraDelayMs } of lan.troubles) sum += extraDelayMs;
    longest = Math.max(longest, sum);
  }
  return longest;
}

function isLiveOn(host: Host, lan: SimLan): boolean {
  return host.ports.some((port) => port.lan === lan && isLive(port));
}
