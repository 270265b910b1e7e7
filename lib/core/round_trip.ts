/**
 * The smoothed round-trip time of a path and how long its answers are waited for.
 *
 * Mean and deviation as in RFC 6298, section 2: on the first sample SRTT = R and RTTVAR = R/2; then
 * RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R| and SRTT = 7/8 SRTT + 1/8 R. An answer is late after SRTT + 4 RTTVAR.
 *
 * Unlike there, a sample of less than half the mean begins anew: what came before it was a cold start, an address being
 * resolved or a busy machine, and where samples are rare that would be remembered for minutes.
 */
import type { AnswerWait, Ms } from "./types.ts";

/** Smoothed mean and deviation; null before the first sample. */
export type RoundTrip = { readonly meanMs: Ms; readonly deviationMs: Ms } | null;

/** The estimate after one more sample of `sampleMs`. */
export function withSample(estimate: RoundTrip, sampleMs: Ms): RoundTrip {
  if (estimate === null || sampleMs < estimate.meanMs / 2) {
    return { meanMs: sampleMs, deviationMs: sampleMs / 2 };
  }
  return {
    deviationMs: 0.75 * estimate.deviationMs + 0.25 * Math.abs(estimate.meanMs - sampleMs),
    meanMs: 0.875 * estimate.meanMs + 0.125 * sampleMs,
  };
}

/** How long an answer is waited for, in ms: as long as measured, within the bounds of the configuration. */
export function answerWaitMs(estimate: RoundTrip, { floorMs, ceilingMs }: AnswerWait): Ms {
  const measured = estimate === null ? 0 : estimate.meanMs + 4 * estimate.deviationMs;
  return Math.min(Math.max(measured, floorMs), ceilingMs);
}
