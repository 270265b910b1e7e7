/**
 * The health of one path: one peer on one network, judged by packets and by what the peer says.
 *
 *   state    | good                     | miss                     | fault
 *   ---------+--------------------------+--------------------------+------------------------------
 *   unknown  | up (the first one)       | counted; down at the f-th, | down, but not by hearsay
 *            |                          | but not in its first second | in its first second
 *   up       | counted                  | counted; down at the f-th | down
 *   down     | counted; up at `needed`  | counted; good starts anew | good starts anew
 *
 * `needed` is the -s of the configuration where traffic was moved off this path to one that carries it, else 1:
 * waiting would then protect nothing.
 *
 * Beside it stands `heard`: whether packets of the peer reach us here, judged by all its paths together. Only that is
 * told to the peer. Were it the health, which the peer's own statement lowers, two nodes could hold each other down
 * for ever.
 */
import type { DownCause, Health, Ms } from "./types.ts";

/** The judgement of one path; changed only by the functions of this file. */
export interface PathHealth {
  health: Health;
  cause: DownCause | null;
  /** Why it went down last, be it up again or not; null: it never did. */
  lastCause: DownCause | null;
  /** When `health` last changed. */
  since: Ms;
  /** Packets missed in a row. */
  misses: number;
  /** Good packets in a row. */
  good: number;
  /** Whether packets of the peer reach us; null until that is known. */
  heard: boolean | null;
  /** Whether the peer misses our inquiries by all evidence: they stay unanswered, though packets of its reach us. */
  unanswered: boolean;
  lastGoodAt: Ms | null;
  /** When the last row of good packets began. */
  goodSince: Ms | null;
  /** When the first of the present row of misses was counted; null: nothing is missing. */
  missedSince: Ms | null;
  /** When the latest packet that proves the path dead was due, or the latest word of its death came. */
  lastBadAt: Ms | null;
}

/** What the gate let through: a change of health, to be logged once. */
export type Transition =
  | { readonly to: "up"; readonly from: Health; readonly good: number; readonly downMs: Ms }
  | { readonly to: "down"; readonly from: Health; readonly cause: DownCause };

/** A path of which nothing is known yet. */
export function newPathHealth(now: Ms): PathHealth {
  return {
    health: "unknown",
    cause: null,
    lastCause: null,
    since: now,
    misses: 0,
    good: 0,
    heard: null,
    unanswered: false,
    lastGoodAt: null,
    goodSince: null,
    missedSince: null,
    lastBadAt: null,
  };
}

/** A path whose traffic a predecessor moved away: it must earn its way back. */
export function adoptedPathHealth(now: Ms): PathHealth {
  const cause = { kind: "adopted" } as const;
  return { ...newPathHealth(now), health: "down", cause, lastCause: cause, lastBadAt: now };
}

/** Counts a good packet; up after `needed` in a row. */
export function recordGood(path: PathHealth, now: Ms, needed: number): Transition | null {
  path.misses = 0;
  path.missedSince = null;
  if (path.good === 0) path.goodSince = now;
  path.good += 1;
  path.heard = true;
  path.unanswered = false;
  path.lastGoodAt = now;
  if (path.health === "up") return null;
  if (path.health === "down" && path.good < needed) return null;
  return enter(path, "up", null, now);
}

/** Notes that a packet came, though it says that the path is no good the other way. */
export function recordHeard(path: PathHealth): void {
  path.heard = true;
  path.unanswered = false;
  path.misses = 0;
  path.missedSince = null;
}

/** A path of which nothing is known is not judged before, in ms: one of its ends may be just starting. */
export const LEARNING_MS = 1000;

/** A packet that was expected and did not come. */
export interface Miss {
  readonly what: "answers" | "inquiries";
  /** When what did not come was sent, or the earliest that it could have been. */
  readonly sentAt: Ms;
}

/**
 * Counts a missed packet; down after `failAfter` in a row. `heard` is left to whoever sees all paths of the peer.
 */
export function recordMiss(
  path: PathHealth,
  now: Ms,
  failAfter: number,
  miss: Miss,
): Transition | null {
  path.misses += 1;
  path.missedSince ??= now;
  path.good = 0;
  path.lastBadAt = Math.max(path.lastBadAt ?? -Infinity, miss.sentAt);
  if (path.misses < failAfter) return null;
  if (path.health === "unknown" && now - path.since < LEARNING_MS) return null;
  return enter(path, "down", {
    kind: "missed",
    what: miss.what,
    count: path.misses,
    lastGoodAgoMs: path.lastGoodAt === null ? null : now - path.lastGoodAt,
  }, now);
}

/** Takes a path down on direct evidence as of `evidenceAt`, without waiting for misses. */
export function recordFault(
  path: PathHealth,
  now: Ms,
  cause: DownCause,
  evidenceAt: Ms = now,
): Transition | null {
  const isLearning = path.health === "unknown" && now - path.since < LEARNING_MS;
  if (isLearning && isHearsay(cause)) return null;
  path.good = 0;
  path.lastBadAt = Math.max(path.lastBadAt ?? -Infinity, evidenceAt);
  if (cause.kind === "own-network") {
    path.heard = false;
    // What is missed once it works again is counted by itself.
    forgiveMisses(path);
  }
  return enter(path, "down", cause, now);
}

/** Whether a cause is what the peer found out by waiting, and not what it saw. */
export function isHearsay({ kind }: DownCause): boolean {
  return kind === "peer-deaf" || kind === "peer-unanswered";
}

/** Forgets the misses, not the health: we were away and nobody can be blamed for the gap. */
export function forgiveMisses(path: PathHealth): void {
  path.misses = 0;
  path.missedSince = null;
}

/**
 * Whether a path is dead by itself, rather than its peer stopped or gone as a whole: `other`, of the same peer, was
 * heard after the silence began, and what was asked on the path since `other` answers remained unanswered.
 */
export function isDeadAlone(path: PathHealth, other: PathHealth): boolean {
  const { good, lastBadAt, missedSince } = path;
  if (good > 0 || lastBadAt === null || lastBadAt < (other.goodSince ?? other.since)) return false;
  return missedSince === null || (other.lastGoodAt !== null && other.lastGoodAt >= missedSince);
}

/**
 * Whether a cause replaces the one for which a path is down already: what is found out oneself says more than that a
 * predecessor found something, and what is wrong with the LAN more than a drain or an interface that is back by now.
 */
function saysMore({ kind }: DownCause, known: DownCause | null): boolean {
  switch (known?.kind) {
    case "adopted":
      return true;
    case "peer-drained":
      return kind === "missed" || kind === "peer-network";
    case "own-network":
      return kind === "missed";
    default:
      return false;
  }
}

/** The one gate: ignores what is no change, records the cause, reports the change once; a better cause is one. */
function enter(
  path: PathHealth,
  to: "up" | "down",
  cause: DownCause | null,
  now: Ms,
): Transition | null {
  if (path.health === to) {
    if (cause === null || !saysMore(cause, path.cause)) return null;
    path.cause = path.lastCause = cause;
    return { to: "down", from: "down", cause };
  }
  const from = path.health;
  const downMs = now - path.since;
  path.health = to;
  path.cause = cause;
  path.since = now;
  if (cause !== null) path.lastCause = cause;
  if (to === "down") return { to, from, cause: cause as DownCause };
  return { to, from, good: path.good, downMs };
}
