import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  answerWaitCeilingMs,
  answerWaitFloorMs,
  detectionMs,
  JITTER_MIN,
  mutualDetectionMs,
  responderDetectionMs,
  restoreMs,
  type TimingSettings,
} from "../../lib/core/timing.ts";

/** With the defaults that follow from the intervals. */
function settings(
  intervalMs: number,
  failAfter: number,
  restoreAfter = 10,
  confirmIntervalMs = intervalMs,
): TimingSettings {
  const floorMs = answerWaitFloorMs(intervalMs, confirmIntervalMs);
  const answerWait = { floorMs, ceilingMs: answerWaitCeilingMs(intervalMs) };
  return { intervalMs, confirmIntervalMs, answerWait, failAfter, restoreAfter };
}

Deno.test("detection of the usual settings is what the documents say", () => {
  assertEquals(detectionMs(settings(1000, 3)), { atLeast: 1650, atMost: 3150 });
  assertEquals(detectionMs(settings(50, 3)), { atLeast: 100, atMost: 175 });
  assertEquals(detectionMs(settings(1000, 1)), { atLeast: 150, atMost: 1150 });
  assertEquals(responderDetectionMs(settings(1000, 5)), 5006);
  assertEquals(responderDetectionMs(settings(50, 5)), 255);
});

Deno.test("with confirmation the misses after the first come at the closer spacing", () => {
  assertEquals(detectionMs(settings(50, 3, 10, 10)), { atLeast: 30, atMost: 80 });
  assertEquals(detectionMs(settings(50, 6, 10, 10)), { atLeast: 50, atMost: 110 });
  assertEquals(detectionMs(settings(1000, 3, 10, 100)), { atLeast: 300, atMost: 1300 });
  assertEquals(detectionMs(settings(1000, 2, 10, 100)), { atLeast: 200, atMost: 1200 });
});

Deno.test("between two requestors the first miss is that of an inquiry, which may be a little late", () => {
  assertEquals(mutualDetectionMs(settings(1000, 5)), { atLeast: 4006, atMost: 5006 });
  assertEquals(mutualDetectionMs(settings(1000, 1, 10, 100)), { atLeast: 100, atMost: 1100 });
  assertEquals(mutualDetectionMs(settings(50, 2, 10, 10)), { atLeast: 15, atMost: 65 });
  assertEquals(mutualDetectionMs(settings(100, 4, 10, 20)), { atLeast: 65, atMost: 165 });
});

Deno.test("with one miss to count there is nothing to confirm", () => {
  assertEquals(detectionMs(settings(1000, 1, 10, 150)), detectionMs(settings(1000, 1)));
});

Deno.test("a wait of the configuration's own counts for the first miss and for the last", () => {
  const answerWait = { floorMs: 40, ceilingMs: 400 };
  assertEquals(detectionMs({ ...settings(1000, 3), answerWait }), { atLeast: 1540, atMost: 3040 });
  assertEquals(detectionMs({ ...settings(1000, 3, 10, 100), answerWait }), {
    atLeast: 180,
    atMost: 1180,
  });
});

Deno.test("restoring takes the good packets and no more", () => {
  assertEquals(restoreMs(settings(1000, 3, 10)), { atLeast: 6750, atMost: 10000 });
  assertEquals(restoreMs(settings(1000, 3, 1)), { atLeast: 0, atMost: 1000 });
});

const interval = fc.double({ min: 10, max: 3_600_000, noNaN: true });
const part = fc.double({ min: 0.01, max: 1, noNaN: true });

Deno.test("the wait for an answer ends before the next inquiry is sent, and is no longer than a confirmation's spacing", () => {
  fc.assert(fc.property(interval, part, (intervalMs, share) => {
    const confirmMs = share * intervalMs;
    const floor = answerWaitFloorMs(intervalMs, confirmMs);
    const ceiling = answerWaitCeilingMs(intervalMs);
    assert(floor > 0 && floor <= ceiling && ceiling <= JITTER_MIN * intervalMs);
    assert(floor <= 150 && floor <= confirmMs);
    assert(floor <= answerWaitFloorMs(intervalMs));
  }));
});

/** When the misses are full, told inquiry by inquiry; `spacings` are those of the usual inquiries. */
function foundMs(settings: TimingSettings, beforeFirst: number, spacings: number[]): number {
  const { intervalMs, confirmIntervalMs, answerWait: { floorMs }, failAfter } = settings;
  const misses = [beforeFirst + floorMs];
  let sentAt = beforeFirst;
  for (const spacing of spacings) misses.push((sentAt += spacing) + floorMs);
  for (let i = 0; i < failAfter - 1 && confirmIntervalMs < intervalMs; i++) {
    misses.push(beforeFirst + floorMs + i * confirmIntervalMs + floorMs);
  }
  return misses.toSorted((a, b) => a - b)[failAfter - 1] ?? Infinity;
}

Deno.test("a cut at any moment under any jitter is found within the bounds", () => {
  const count = fc.integer({ min: 1, max: 20 });
  const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
    minLength: 22,
    maxLength: 22,
  });
  fc.assert(
    fc.property(interval, part, count, fractions, (intervalMs, share, failAfter, jitter) => {
      const [moment = 0, ...others] = jitter;
      const spacings = others.map((each) => (JITTER_MIN + (1 - JITTER_MIN) * each) * intervalMs);
      const [first = 0, ...rest] = spacings;
      // The cut comes at some moment of the spacing before the first inquiry that stays unanswered.
      const each = settings(intervalMs, failAfter, 10, share * intervalMs);
      const found = foundMs(each, first * moment, rest);
      const { atLeast, atMost } = detectionMs(each);
      const rounding = 1e-9 * atMost;
      assert(found >= atLeast - rounding && found <= atMost + rounding);
    }),
  );
});

Deno.test("no confirm-interval makes detection slower", () => {
  const count = fc.integer({ min: 1, max: 1000 });
  fc.assert(fc.property(interval, part, count, (intervalMs, share, failAfter) => {
    for (const detection of [detectionMs, mutualDetectionMs]) {
      const usual = detection(settings(intervalMs, failAfter));
      const confirmed = detection(settings(intervalMs, failAfter, 10, share * intervalMs));
      assert(confirmed.atLeast <= usual.atLeast * (1 + 1e-9));
      assert(confirmed.atMost <= usual.atMost * (1 + 1e-9));
    }
  }));
});
