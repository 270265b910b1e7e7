import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  answerWaitCeilingMs,
  answerWaitFloorMs,
  detectionMs,
  JITTER_MIN,
  responderDetectionMs,
  restoreMs,
} from "../../lib/core/timing.ts";

function settings(intervalMs: number, failAfter: number, restoreAfter = 10) {
  return { intervalMs, failAfter, restoreAfter };
}

Deno.test("detection of the usual settings is what the documents say", () => {
  assertEquals(detectionMs(settings(1000, 3)), { atLeast: 1650, atMost: 3150 });
  assertEquals(detectionMs(settings(50, 3)), { atLeast: 100, atMost: 175 });
  assertEquals(detectionMs(settings(1000, 1)), { atLeast: 150, atMost: 1150 });
  assertEquals(responderDetectionMs(settings(1000, 3)), 3150);
  assertEquals(responderDetectionMs(settings(50, 3)), 175);
});

Deno.test("restoring takes the good packets and no more", () => {
  assertEquals(restoreMs(settings(1000, 3, 10)), { atLeast: 6750, atMost: 10000 });
  assertEquals(restoreMs(settings(1000, 3, 1)), { atLeast: 0, atMost: 1000 });
});

const interval = fc.double({ min: 10, max: 3_600_000, noNaN: true });

Deno.test("the wait for an answer ends before the next inquiry is sent", () => {
  fc.assert(fc.property(interval, (intervalMs) => {
    const [floor, ceiling] = [answerWaitFloorMs(intervalMs), answerWaitCeilingMs(intervalMs)];
    assert(floor > 0 && floor <= ceiling && ceiling <= JITTER_MIN * intervalMs);
    assert(floor <= 150);
  }));
});

Deno.test("a cut at any moment under any jitter is found within the bounds", () => {
  const count = fc.integer({ min: 1, max: 20 });
  const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: 21,
    maxLength: 21,
  });
  fc.assert(fc.property(interval, count, fractions, (intervalMs, failAfter, jitter) => {
    const spacings = jitter.map((each) => (JITTER_MIN + (1 - JITTER_MIN) * each) * intervalMs);
    // The cut comes at some moment of the spacing before the first inquiry that stays unanswered.
    const [first = 0, ...rest] = spacings;
    const beforeFirst = first * (jitter[1] ?? 0);
    const between = rest.slice(0, failAfter - 1).reduce((sum, each) => sum + each, 0);
    const found = beforeFirst + between + answerWaitFloorMs(intervalMs);
    const { atLeast, atMost } = detectionMs(settings(intervalMs, failAfter));
    const rounding = 1e-9 * atMost;
    assert(found >= atLeast - rounding && found <= atMost + rounding);
  }));
});
