/**
 * Which network carries the traffic for an address of a peer.
 *
 *   path of the address | traffic goes direct, or its carrier is dead  | another path carries it, and is up
 *   --------------------+----------------------------------------------+-----------------------------------------
 *   unknown or up       | direct                                       | direct; if it is held: stays
 *   up, but lossy       | over the best of those than which it loses   | stays
 *                       | much more; there is none: direct             |
 *   down                | over the best of those that are up, once the | over the best of those that are up
 *                       | evidence is newer; none is up: keep what is  |
 *                       | there                                        |
 *
 * What stays, goes by the middle column after all when its carrier is lossy, or it is itself, and the carrier loses much
 * more than it does. It goes over to a third path than which a lossy carrier loses much more.
 *
 * "Much more" is at least twice as much, and by a margin more: random loss that is alike on two paths differs by less in
 * a window, so traffic does not go to and fro between them, and both ends choose alike though they see it a little
 * differently.
 *
 * The best is the first in order of preference of those that are neither lossy nor held. If there is none such, it is
 * the one that loses least, but the present carrier stays if it does not lose much more than that one.
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
  /** The lost part, 0 to 1. */
  readonly loss: number;
  /** Whether that is too much. */
  readonly lossy: boolean;
  /** It is not to be trusted with its own traffic yet, or people do not want that. */
  readonly held: boolean;
}

/** Where an address's traffic goes; `via` is the path that carries it. */
export type Choice<P> =
  | { readonly kind: "direct" }
  | { readonly kind: "via"; readonly path: P }
  | { readonly kind: "keep" };

/**
 * Chooses for the address of `path`, one of the paths `all` of its peer. `carrier` is the one of them that carries its
 * traffic now; null: it goes direct, or over something that is no path of the peer any more. `margin` is the part, 0 to
 * 1, by which a path must lose more than another one to be left for it.
 */
export function chooseRoute<P extends Candidate>(
  path: P,
  all: readonly P[],
  carrier: P | null,
  margin: number,
): Choice<P> {
  const on = carrier !== null && carrier !== path && isFit(carrier) ? carrier : null;
  const best = (isAdmitted: (other: P) => boolean, present: P | null): P | null => {
    let found: P | null = null;
    for (const other of all) {
      if (other === path || !isFit(other) || !isAdmitted(other)) continue;
      if (found === null || isBetter(other, found, present, margin)) found = other;
    }
    return found;
  };
  if (path.state.health === "down") {
    const isBound = !path.moved && path.usable;
    const via = best((other) => !isBound || isDeadAlone(path.state, other.state), on);
    return via === null ? { kind: "keep" } : { kind: "via", path: via };
  }
  if (on !== null && isStaying(path, on, margin)) {
    const next = on.lossy ? best((other) => losesMuchMore(on, other, margin), on) : null;
    return { kind: "via", path: next ?? on };
  }
  const isLeft = path.lossy && path.state.health === "up";
  const via = isLeft ? best((other) => losesMuchMore(path, other, margin), null) : null;
  return via === null ? { kind: "direct" } : { kind: "via", path: via };
}

/** Whether a path can carry traffic of others. */
function isFit(path: Candidate): boolean {
  return path.usable && path.state.health === "up";
}

/** Whether the traffic of a path that works is still kept on another one. */
function isStaying(path: Candidate, on: Candidate, margin: number): boolean {
  if (!path.lossy && !path.held) return false;
  return !((path.lossy || on.lossy) && losesMuchMore(on, path, margin));
}

function losesMuchMore(path: Candidate, other: Candidate, margin: number): boolean {
  return path.loss > 0 && path.loss >= 2 * other.loss && path.loss - other.loss >= margin;
}

/** Whether `a` is to carry traffic rather than `b`, when it is on `on` now. */
function isBetter(a: Candidate, b: Candidate, on: Candidate | null, margin: number): boolean {
  const isSound = !a.lossy && !a.held;
  if (isSound !== (!b.lossy && !b.held)) return isSound;
  if (isSound) return a.preference < b.preference;
  if (b === on) return losesMuchMore(b, a, margin);
  if (a === on) return !losesMuchMore(a, b, margin);
  return a.loss === b.loss ? a.preference < b.preference : a.loss < b.loss;
}
