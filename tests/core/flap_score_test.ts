import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FlapScore, SCORE_LIMIT } from "../../lib/core/flap_score.ts";

const RULE = { limitMs: 300_000, quietMs: 60_000 };

/** A score after falls at these times. */
function scoreOf(falls: readonly number[], rule = RULE): FlapScore {
  const score = new FlapScore(rule);
  for (const at of falls) score.fell(at);
  return score;
}

/** A score of so many falls, all at 0. */
function fallen(count: number, rule = RULE): FlapScore {
  return scoreOf(Array.from({ length: count }, () => 0), rule);
}

Deno.test("a path that never fell has a score of 0 and is not held", () => {
  const score = scoreOf([]);
  assertEquals([score.count(0), score.count(1e9), score.holdMs(0, 4000)], [0, 0, 0]);
});

Deno.test("each fall counts one more", () => {
  assertEquals(scoreOf([10]).count(10), 1);
  assertEquals(scoreOf([10, 20]).count(20), 2);
  assertEquals(scoreOf([10, 20, 30]).count(31), 3);
});

Deno.test("each quiet time since the last fall takes one away, down to 0", () => {
  const score = scoreOf([0, 1000, 2000]);
  assertEquals(score.count(2000 + 59_999), 3);
  assertEquals(score.count(2000 + 60_000), 2);
  assertEquals(score.count(2000 + 119_999), 2);
  assertEquals(score.count(2000 + 120_000), 1);
  assertEquals(score.count(2000 + 180_000), 0);
  assertEquals(score.count(1e9), 0);
});

Deno.test("a fall counts on top of what is left, and the quiet time begins anew", () => {
  const score = scoreOf([0, 0, 0, 100_000]);
  assertEquals(score.count(100_000), 3);
  assertEquals(score.count(159_999), 3);
  assertEquals(score.count(160_000), 2);
});

Deno.test("two falls are free; each further one doubles the time to the return", () => {
  const restoreMs = 4000;
  const holds = [0, 1, 2, 3, 4, 5, 6].map((count) => fallen(count).holdMs(0, restoreMs));
  assertEquals(holds, [0, 0, 0, 4000, 12_000, 28_000, 60_000]);
  const totals = holds.slice(2).map((holdMs) => holdMs + restoreMs);
  totals.forEach((total, i) => assertEquals(total, restoreMs * 2 ** i));
});

Deno.test("the hold is never longer than its limit, and a limit of 0 holds nothing", () => {
  assertEquals(fallen(9).holdMs(0, 4000), 300_000);
  assertEquals(fallen(1000).holdMs(0, 4000), 300_000);
  assertEquals(fallen(9, { ...RULE, limitMs: 0 }).holdMs(0, 4000), 0);
});

Deno.test("the score is bounded, so that quiet forgives the worst path within a known time", () => {
  const score = fallen(1000);
  assertEquals(score.count(0), SCORE_LIMIT);
  assertEquals(score.count(SCORE_LIMIT * RULE.quietMs), 0);
  assert(
    fallen(1000).holdMs(0, 20) >= 300_000,
    "even so the shortest restore time reaches the limit",
  );
});

Deno.test("the score at a moment before the last fall is that of the fall: no time runs backwards", () => {
  assertEquals(scoreOf([100]).count(50), 1);
});

Deno.test("falls that come no faster than the quiet time are never held", () => {
  const gaps = fc.array(fc.integer({ min: 60_000, max: 200_000 }), { maxLength: 40 });
  fc.assert(fc.property(gaps, (gaps) => {
    const score = new FlapScore(RULE);
    let now = 0;
    for (const gap of gaps) {
      now += gap;
      score.fell(now);
      assertEquals([score.count(now), score.holdMs(now, 4000)], [1, 0]);
    }
  }));
});

Deno.test("whatever happens, the score is a whole number in its bounds, and never grows without a fall", () => {
  const step = fc.record({ gap: fc.integer({ min: 0, max: 100_000 }), fell: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const score = new FlapScore(RULE);
    let now = 0;
    for (const { gap, fell } of steps) {
      const before = score.count(now);
      now += gap;
      assert(score.count(now) <= before);
      const rest = score.count(now);
      if (!fell) continue;
      score.fell(now);
      assertEquals(score.count(now), Math.min(rest + 1, SCORE_LIMIT));
      assert(score.holdMs(now, 4000) <= RULE.limitMs);
    }
  }));
});
