/**
 * What the interval (-t) and the two counts (-f, -s) mean in milliseconds. One place for the arithmetic: the
 * machine keeps to it, and `faild check` prints what follows from it.
 */

import type { Ms, Settings } from "./types.ts";

/** Inquiries are sent this fraction of the interval to the whole interval apart: jitter only shortens. */
export const JITTER_MIN = 0.75;

/** However long the interval is, a LAN's answer is not waited for longer than this at first. */
const ANSWER_WAIT_LIMIT_MS: Ms = 150;

/**
 * The shortest time an answer is waited for, and the time at first, before any round trip was measured.
 * Half the interval for short intervals, so that the next inquiry never overtakes the verdict on this one.
 */
export function answerWaitFloorMs(intervalMs: Ms): Ms {
  return Math.min(intervalMs / 2, ANSWER_WAIT_LIMIT_MS);
}

/** The longest time an answer is waited for: the shortest spacing of two inquiries, and so one at a time. */
export function answerWaitCeilingMs(intervalMs: Ms): Ms {
  return JITTER_MIN * intervalMs;
}

/** A time that lies between two bounds, both included. */
export interface Bounds {
  readonly atLeast: Ms;
  readonly atMost: Ms;
}

/** The part of the settings from which all times follow. */
export type TimingSettings = Pick<Settings, "intervalMs" | "failAfter" | "restoreAfter">;

/**
 * From a silent cut to the moment when a requestor takes the path down: between (f-1)·0.75·t + w and f·t + w, where
 * t is the interval, f the count of misses and w the wait for an answer at first.
 *
 * It is shortest when the cut swallows the answer to an inquiry just sent and jitter shortens every spacing after it,
 * longest when the cut comes just after an answer and no spacing is shortened.
 */
export function detectionMs(settings: TimingSettings): Bounds {
  const { intervalMs, failAfter } = settings;
  const wait = answerWaitFloorMs(intervalMs);
  return {
    atLeast: (failAfter - 1) * JITTER_MIN * intervalMs + wait,
    atMost: failAfter * intervalMs + wait,
  };
}

/**
 * The longest time from a silent cut to the moment when a responder takes the path down: f·t + w. It does not know
 * how the inquirer's jitter fell, so it allows the whole interval for each inquiry, and w for the way.
 */
export function responderDetectionMs(settings: TimingSettings): Ms {
  return settings.failAfter * settings.intervalMs + answerWaitFloorMs(settings.intervalMs);
}

/**
 * From the moment a path works again to its restoration: s good packets, the first within one interval and each
 * further one 0.75·t to t after the one before it.
 */
export function restoreMs(settings: TimingSettings): Bounds {
  const { intervalMs, restoreAfter } = settings;
  return {
    atLeast: (restoreAfter - 1) * JITTER_MIN * intervalMs,
    atMost: restoreAfter * intervalMs,
  };
}
