import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { answerWaitMs, type RoundTrip, withSample } from "../../lib/core/round_trip.ts";
import { answerWaitCeilingMs, answerWaitFloorMs } from "../../lib/core/timing.ts";

/** The estimate after these samples, of which there is at least one. */
function after(...samples: readonly number[]): NonNullable<RoundTrip> {
  return samples.reduce<RoundTrip>(withSample, null) as NonNullable<RoundTrip>;
}

/** The bounds of a configuration that names none. */
function boundsOf(intervalMs: number) {
  return { floorMs: answerWaitFloorMs(intervalMs), ceilingMs: answerWaitCeilingMs(intervalMs) };
}

Deno.test("the first sample is the mean, half of it the deviation", () => {
  assertEquals(after(8), { meanMs: 8, deviationMs: 4 });
});

Deno.test("a further sample moves the mean by an eighth and the deviation by a quarter, by the old mean", () => {
  assertEquals(after(8, 16), { meanMs: 9, deviationMs: 5 });
  assertEquals(after(8, 16, 9), { meanMs: 9, deviationMs: 3.75 });
});

Deno.test("equal samples keep the mean and let the deviation die away", () => {
  const estimate = after(...new Array<number>(50).fill(20));
  assertAlmostEquals(estimate.meanMs, 20);
  assert(estimate.deviationMs < 0.001);
});

Deno.test("an answer is waited for from the floor over mean and four deviations to the ceiling", () => {
  const cases: [RoundTrip, number, number][] = [
    [null, 1000, 150],
    [null, 50, 25],
    [{ meanMs: 1, deviationMs: 1 }, 1000, 150],
    [{ meanMs: 100, deviationMs: 25 }, 1000, 200],
    [{ meanMs: 700, deviationMs: 100 }, 1000, 750],
    [{ meanMs: 30, deviationMs: 0 }, 50, 30],
    [{ meanMs: 49, deviationMs: 10 }, 50, 37.5],
  ];
  for (const [estimate, intervalMs, expected] of cases) {
    assertEquals(
      answerWaitMs(estimate, boundsOf(intervalMs)),
      expected,
      JSON.stringify([estimate, intervalMs]),
    );
  }
});

Deno.test("the bounds of the configuration are kept, and where they contradict each other the ceiling wins", () => {
  const slow = { meanMs: 80, deviationMs: 5 };
  assertEquals(answerWaitMs(slow, { floorMs: 10, ceilingMs: 60 }), 60);
  assertEquals(answerWaitMs(slow, { floorMs: 300, ceilingMs: 500 }), 300);
  assertEquals(answerWaitMs(null, { floorMs: 300, ceilingMs: 200 }), 200);
});

Deno.test("whatever the samples, the mean stays among them and the wait between floor and ceiling", () => {
  const sample = fc.double({ min: 0, max: 10_000, noNaN: true });
  const interval = fc.double({ min: 10, max: 3_600_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(sample, { minLength: 1, maxLength: 40 }),
      interval,
      (samples, intervalMs) => {
        const estimate = after(...samples);
        assert(estimate.meanMs >= Math.min(...samples) - 1e-6);
        assert(estimate.meanMs <= Math.max(...samples) + 1e-6);
        assert(estimate.deviationMs >= 0);
        const wait = answerWaitMs(estimate, boundsOf(intervalMs));
        assert(wait >= answerWaitFloorMs(intervalMs));
        assert(wait <= answerWaitCeilingMs(intervalMs));
      },
    ),
  );
});
