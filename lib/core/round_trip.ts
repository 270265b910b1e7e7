/**
 * The smoothed round-trip time of a path and how long its answers are waited for.
 *
 * Mean and deviation as in RFC 6298, section 2: on the first sample SRTT = R and RTTVAR = R/2; then
 * RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R| and SRTT = 7/8 SRTT + 1/8 R. An answer is late after SRTT + 4 RTTVAR.
 */
import { answerWaitCeilingMs, answerWaitFloorMs } from "./timing.ts";
import type { Ms } from "./types.ts";

/** Smoothed mean and deviation; null before the first sample. */
export type RoundTrip = { readonly meanMs: Ms; readonly deviationMs: Ms } | null;

/** The estimate after one more sample of `sampleMs`. */
export function withSample(estimate: RoundTrip, sampleMs: Ms): RoundTrip {
  if (estimate === null) return { meanMs: sampleMs, deviationMs: sampleMs / 2 };
  return {
    deviationMs: 0.75 * estimate.deviationMs + 0.25 * Math.abs(estimate.meanMs - sampleMs),
    meanMs: 0.875 * estimate.meanMs + 0.125 * sampleMs,
  };
}

/** How long an answer is waited for, in ms: never under the floor for scheduling noise, never into the next inquiry. */
export function answerWaitMs(estimate: RoundTrip, intervalMs: Ms): Ms {
  const measured = estimate === null ? 0 : estimate.meanMs + 4 * estimate.deviationMs;
  return Math.min(
    Math.max(measured, answerWaitFloorMs(intervalMs)),
    answerWaitCeilingMs(intervalMs),
  );
}
