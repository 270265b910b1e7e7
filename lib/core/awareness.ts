/**
 * Were WE late or asleep? Then nobody is accused.
 *
 * Every wake is compared with the deadline it was planned for. A late one finds datagrams queued behind the
 * timer that woke us, so whatever would be judged now is judged after one short drain instead, once: a
 * machine that is always late still judges, only a drain later. A gap longer than the detection time says
 * that we were stopped; what was counted before it proves nothing. (A machine that is suspended, or paused with its
 * clock, shows no gap. It is its peers that do not blame it: see `isDeadAlone` in path_health.ts.)
 */
import type { Ms } from "./types.ts";

/** How a wake relates to its plan. */
export type Wake = "in-time" | "late" | "slept";

/** Lateness beyond this is not scheduling noise, in ms: a tenth of the interval, at least 5. */
export function latenessToleranceMs(intervalMs: Ms): Ms {
  return Math.max(5, intervalMs / 10);
}

/**
 * How long the sockets are drained after a late wake before anybody is judged, in ms: 20 or a fifth of the interval;
 * longer, up to half the interval, where we were later than that. What made us late is most often a busy machine, and a
 * peer that shares it is as late as we are.
 */
export function drainMs(intervalMs: Ms, latenessMs: Ms): Ms {
  return Math.min(intervalMs / 2, Math.max(Math.min(20, intervalMs / 5), latenessMs));
}

/** Compares wakes with their plans and keeps the score. */
export class Awareness {
  /** Late wakes so far, sleeps included. */
  lateWakes = 0;
  /** Gaps longer than the detection time. */
  sleeps = 0;
  /** The worst lateness so far, in ms. */
  worstMs: Ms = 0;
  #toleranceMs = 0;
  #sleepMs = 0;

  /** `detectionMs` is the time in which f inquiries in a row are missed. */
  constructor(intervalMs: Ms, detectionMs: Ms) {
    this.adapt(intervalMs, detectionMs);
  }

  /** Judges by other figures from now on; the score stays. */
  adapt(intervalMs: Ms, detectionMs: Ms): void {
    this.#toleranceMs = latenessToleranceMs(intervalMs);
    this.#sleepMs = detectionMs;
  }

  /** Judges one wake, planned for `plannedAt` (null: nothing was planned) and come at `now`. */
  observe(plannedAt: Ms | null, now: Ms): Wake {
    const lateness = plannedAt === null ? 0 : now - plannedAt;
    if (lateness <= this.#toleranceMs) return "in-time";
    this.lateWakes += 1;
    this.worstMs = Math.max(this.worstMs, lateness);
    if (lateness <= this.#sleepMs) return "late";
    this.sleeps += 1;
    return "slept";
  }
}
