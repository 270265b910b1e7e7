/**
 * Which network carries the traffic for an address of a peer.
 *
 *   path of the address | another path of the peer is up              | none is
 *   --------------------+---------------------------------------------+-----------------------
 *   unknown or up       | direct, over its own LAN                    | direct
 *   down                | over the first of them in order of          | keep what is there
 *                       | preference, once the evidence is newer      |
 *
 * "Newer": a peer that was away as a whole (stopped, rebooting) comes back on all its LANs within moments. The
 * first LAN to answer must not draw the traffic of the others before these had their turn to answer as well.
 * So traffic leaves a direct route only if its path was seen dead after the other path came up. And a peer that
 * goes as a whole falls silent on all its LANs: nobody is then told from it that one LAN failed. So while the other
 * path misses packets, too, traffic does not leave for it by mere misses.
 */
import type { PathHealth } from "./path_health.ts";

/** What the choice needs to know of a path. */
export interface Candidate {
  readonly state: PathHealth;
  /** Whether traffic for this path's address was moved to another network. */
  readonly moved: boolean;
  /** Our interface on its network can send. */
  readonly usable: boolean;
  /** Position of its network in the order of preference; lower is better. */
  readonly preference: number;
}

/** Where an address's traffic goes; `via` is the path that carries it. */
export type Choice<P> =
  | { readonly kind: "direct" }
  | { readonly kind: "via"; readonly path: P }
  | { readonly kind: "keep" };

/** Chooses for the address of `path`, one of the paths `all` of its peer. */
export function chooseRoute<P extends Candidate>(path: P, all: Iterable<P>): Choice<P> {
  if (path.state.health !== "down") return { kind: "direct" };
  let best: P | null = null;
  for (const other of all) {
    if (other === path || !other.usable || other.state.health !== "up") continue;
    if (!path.moved && !isNewer(path, other)) continue;
    if (best === null || other.preference < best.preference) best = other;
  }
  return best === null ? { kind: "keep" } : { kind: "via", path: best };
}

/** Whether `path` was seen dead since `other` came up, has not answered since, and is not dead with its peer. */
function isNewer(path: Candidate, other: Candidate): boolean {
  if (!path.usable) return true;
  const { good, lastBadAt, cause } = path.state;
  if (cause?.kind === "missed" && other.state.misses > 0) return false;
  return good === 0 && lastBadAt !== null && lastBadAt >= other.state.since;
}
