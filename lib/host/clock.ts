import type { Ms } from "../core/types.ts";

/** Longest delay that a timer takes in one go; it would fire at once beyond it. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * The monotonic clock, in milliseconds with fractions. On Linux, Deno reads CLOCK_MONOTONIC for it: it neither follows
 * steps of the wall clock nor runs while the machine is suspended. Deno's timers go by the same clock.
 */
export function monotonicNow(): Ms {
  return performance.now();
}

/** Resolves no earlier than `delayMs` from now. */
export function delay(delayMs: Ms): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.ceil(delayMs)));
}

/** A one-shot timer for a moment that keeps being moved. */
export interface Alarm {
  /**
   * Rings once at `atMs` of the monotonic clock or soon after it, never before; replaces the moment set before.
   * A moment in the past rings in the next turn, never within this call. Null: no ring.
   */
  wakeAt(atMs: Ms | null): void;
}

/**
 * Makes an alarm that calls `ring`.
 *
 * A deadline that moves moves its timer: to wake for a moment that has moved away costs more than a new timer.
 */
export function createAlarm(ring: () => void): Alarm {
  let wantedAt: Ms | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const set = (atMs: Ms) => {
    // Timers count whole milliseconds and cut fractions off: rounded up, so as not to ring early.
    const delayMs = Math.min(Math.max(0, Math.ceil(atMs - monotonicNow())), LONGEST_DELAY_MS);
    timer = setTimeout(fired, delayMs);
  };

  const fired = () => {
    timer = null;
    if (wantedAt === null) return;
    if (monotonicNow() < wantedAt) return set(wantedAt);
    wantedAt = null;
    ring();
  };

  return {
    wakeAt(atMs) {
      if (atMs === wantedAt) return;
      wantedAt = atMs;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (atMs !== null) set(atMs);
    },
  };
}
