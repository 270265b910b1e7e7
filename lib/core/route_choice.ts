/**
 * Which network carries the traffic for an address of a peer.
 *
 *   path of the address | another path of the peer is up              | none is
 *   --------------------+---------------------------------------------+-----------------------
 *   unknown or up       | direct, over its own LAN                    | direct
 *   down                | over the first of them in order of          | keep what is there
 *                       | preference, once the evidence is newer      |
 *
 * "Newer": a peer that is away as a whole (stopped, rebooting) falls silent on all its LANs and comes back on all of
 * them, though not in one moment. The LAN that is judged last must not draw the traffic of those judged before, and
 * the first to answer not that of those whose turn is still to come. So traffic leaves a direct route only for a path
 * that was heard after the silence began, and if what was asked since that one answers remained unanswered.
 */
import { isDeadAlone, type PathHealth } from "./path_health.ts";

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
    if (!path.moved && path.usable && !isDeadAlone(path.state, other.state)) continue;
    if (best === null || other.preference < best.preference) best = other;
  }
  return best === null ? { kind: "keep" } : { kind: "via", path: best };
}
