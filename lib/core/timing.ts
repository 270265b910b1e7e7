/**
 * What the intervals and the two counts (-f, -s) mean in milliseconds. One place for the arithmetic: the
 * machine keeps to it, and `faild check` prints what follows from it.
 */

import type { Ms, Settings } from "./types.ts";

/** Inquiries are sent this fraction of the interval to the whole interval apart: jitter only shortens. */
export const JITTER_MIN = 0.75;

/** However long the interval is, a LAN's answer is not waited for longer than this at first. */
const ANSWER_WAIT_LIMIT_MS: Ms = 150;

/** Timers that fire so late are no news. */
const LATE_TIMER_MS: Ms = 5;

/**
 * The shortest time an answer is waited for unless the configuration says otherwise, and the time at first, before any
 * round trip was measured. Half the interval for short intervals, so that the next inquiry never overtakes the verdict
 * on this one; no longer than the confirm-interval, which is chosen short by those who want a verdict fast.
 */
export function answerWaitFloorMs(intervalMs: Ms, confirmIntervalMs: Ms = intervalMs): Ms {
  return Math.min(intervalMs / 2, ANSWER_WAIT_LIMIT_MS, confirmIntervalMs);
}

/**
 * The longest time an answer is waited for unless the configuration says otherwise: the shortest spacing of two
 * inquiries, and so one at a time.
 */
export function answerWaitCeilingMs(intervalMs: Ms): Ms {
  return JITTER_MIN * intervalMs;
}

/**
 * How long after a whole interval an inquiry of a peer may still come before it is missed: w/f², w being the wait for an
 * answer at first and f the count of misses. With one miss to count this is all that there is to spare. With more, a
 * late inquiry only counts as missed until it comes; and as jitter only shortens, f of them come f·t/8 early on average.
 * But not less than 5 ms, if w is more: timers are that late on a busy machine, and a first miss may cost packets.
 */
export function inquiryAllowanceMs(
  intervalMs: Ms,
  failAfter: number,
  confirmIntervalMs: Ms = intervalMs,
): Ms {
  const waitMs = answerWaitFloorMs(intervalMs, confirmIntervalMs);
  return Math.max(waitMs / failAfter ** 2, Math.min(waitMs, LATE_TIMER_MS));
}

/**
 * How far apart the statements of one node on one network are in the end, however much there is to state: an eighth of
 * its interval, at least 10 ms. The first ones may follow each other sooner, see statement_pace.ts.
 */
export function stateSpacingMs(intervalMs: Ms): Ms {
  return Math.max(10, intervalMs / 8);
}

/** A time that lies between two bounds, both included. */
export interface Bounds {
  readonly atLeast: Ms;
  readonly atMost: Ms;
}

/** The part of the settings from which all times follow. */
export type TimingSettings = Pick<
  Settings,
  "intervalMs" | "confirmIntervalMs" | "answerWait" | "failAfter" | "restoreAfter"
>;

/**
 * From a silent cut to the moment when a requestor takes the path to a node down that answers it. With t the interval, f
 * the count of misses, c the confirm-interval and w the wait for an answer (its floor, as long as round trips are
 * shorter):
 *
 *   without confirmation (c = t)   (f-1)·0.75·t + w   to   f·t + w
 *   with confirmation (f > 1)      2·w + (f-2)·c      to   t + 2·w + (f-2)·c
 *
 * The first inquiry that stays unanswered is sent between at once, when the cut swallows its answer, and t later, when
 * the cut comes just after an answer and jitter does not shorten the spacing. It is missed w after that. Without
 * confirmation the f-1 inquiries after it follow 0.75·t to t apart, and the last is missed w after it was sent. With
 * confirmation the first of f-1 is sent upon the first miss, the others c apart, and again the last is missed w later.
 * The usual inquiries go on meanwhile, and those that are missed count too: where c is hardly shorter than t, the count
 * is full before the last confirmation.
 */
export function detectionMs(settings: TimingSettings): Bounds {
  const { intervalMs, answerWait } = settings;
  const firstMs = answerWait.floorMs;
  return {
    atLeast: missedAllMs(settings, firstMs, JITTER_MIN * intervalMs),
    atMost: intervalMs + missedAllMs(settings, firstMs, intervalMs),
  };
}

/**
 * The same between two requestors of one interval, who do not answer each other, but miss each other's inquiries:
 *
 *   without confirmation   (f-1)·t + v      to   f·t + v
 *   with confirmation      v + w + (f-2)·c  to   t + v + w + (f-2)·c
 *
 * An inquiry is missed v after the whole interval since the one before it, v being `inquiryAllowanceMs`. That moment lies between v after the cut, when the next inquiry was due just
 * then, and t later, when one had just come. What confirms a first miss is asked and answered as above.
 */
export function mutualDetectionMs(settings: TimingSettings): Bounds {
  const { intervalMs, confirmIntervalMs, failAfter } = settings;
  const firstMs = inquiryAllowanceMs(intervalMs, failAfter, confirmIntervalMs);
  const missedMs = missedAllMs(settings, firstMs, intervalMs);
  return { atLeast: missedMs, atMost: intervalMs + missedMs };
}

/** From when the first missed packet was due to the miss that makes the count full; the first is missed at `firstMs`. */
function missedAllMs(settings: TimingSettings, firstMs: Ms, spacingMs: Ms): Ms {
  const { intervalMs, confirmIntervalMs, answerWait, failAfter } = settings;
  const confirmations = confirmIntervalMs < intervalMs ? failAfter - 1 : 0;
  let confirmed = 0;
  let usual = 0;
  let atMs = firstMs;
  while (1 + confirmed + usual < failAfter) {
    const confirmedAt = confirmed < confirmations
      ? firstMs + answerWait.floorMs + confirmed * confirmIntervalMs
      : Infinity;
    const usualAt = firstMs + (usual + 1) * spacingMs;
    atMs = Math.min(confirmedAt, usualAt);
    if (confirmedAt < usualAt) confirmed++;
    else usual++;
  }
  return atMs;
}

/**
 * The longest time from a silent cut to the moment when a responder takes the path down: f·t + v, with v as
 * `inquiryAllowanceMs`, by the figures of the peer that inquires. It does not know how the inquirer's jitter fell, so it
 * allows the whole interval for each inquiry. It asks nothing,
 * so there is nothing that it could confirm; but the peer that does tells it at once over the other networks.
 */
export function responderDetectionMs(settings: TimingSettings): Ms {
  const { intervalMs, failAfter } = settings;
  return failAfter * intervalMs + inquiryAllowanceMs(intervalMs, failAfter);
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
