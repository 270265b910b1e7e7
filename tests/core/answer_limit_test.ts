import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatV4 } from "../../lib/core/address.ts";
import {
  ANSWER_BURST,
  ANSWER_SOURCES,
  AnswerLimit,
  ANSWERS_PER_SECOND,
} from "../../lib/core/answer_limit.ts";

/** How many of `count` answers at `now` are allowed. */
function allowed(limit: AnswerLimit, to: string, now: number, count: number): number {
  let taken = 0;
  for (let i = 0; i < count; i++) if (limit.take(to, now)) taken++;
  return taken;
}

Deno.test("50 answers at once, then 250 a second", () => {
  const limit = new AnswerLimit();
  assertEquals(allowed(limit, "10.0.0.1", 0, 1000), 50);
  assertEquals(allowed(limit, "10.0.0.1", 3, 10), 0);
  assertEquals(allowed(limit, "10.0.0.1", 4, 10), 1);
  assertEquals(allowed(limit, "10.0.0.1", 104, 1000), 25);
  let taken = 0;
  for (let now = 105; now <= 10_104; now++) taken += allowed(limit, "10.0.0.1", now, 10);
  assertEquals(taken, 2500);
});

Deno.test("rest fills the bucket, and no further than it holds", () => {
  const limit = new AnswerLimit();
  assertEquals(allowed(limit, "10.0.0.1", 0, 100), 50);
  assertEquals(allowed(limit, "10.0.0.1", 1e9, 100), 50);
});

Deno.test("one address does not use up the answers of another", () => {
  const limit = new AnswerLimit();
  assertEquals(allowed(limit, "10.0.0.1", 0, 1000), 50);
  assertEquals(allowed(limit, "10.0.0.2", 0, 1000), 50);
});

Deno.test("what is forgotten with time was full: it makes no difference", () => {
  const sources = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
  const step = fc.record({
    to: fc.constantFrom(...sources),
    waitMs: fc.constantFrom(0, 1, 5, 40, 190, 400, 999, 1000, 1500, 3000),
    count: fc.integer({ min: 1, max: 80 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const limit = new AnswerLimit();
      const model = new Map(sources.map((each) => [each, { tokens: ANSWER_BURST, at: 0 }]));
      let now = 0;
      for (const { to, waitMs, count } of steps) {
        now += waitMs;
        const bucket = model.get(to)!;
        const earned = (now - bucket.at) * ANSWERS_PER_SECOND / 1000;
        bucket.tokens = Math.min(ANSWER_BURST, bucket.tokens + earned);
        bucket.at = now;
        const expected = Math.min(count, Math.floor(bucket.tokens));
        bucket.tokens -= expected;
        assertEquals(allowed(limit, to, now, count), expected);
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("a flood from invented addresses is bounded in memory and silences nobody", () => {
  const limit = new AnswerLimit();
  for (let i = 0; i < 100_000; i++) {
    limit.take(formatV4(0x0a000000 + i), i / 1000);
    assert(limit.size <= ANSWER_SOURCES);
  }
  assert(limit.take("192.168.0.1", 100));
});

Deno.test("an address is not forgotten before half as many others asked as fit", () => {
  const limit = new AnswerLimit();
  assertEquals(allowed(limit, "192.168.0.1", 0, 100), 50);
  for (let i = 0; i < ANSWER_SOURCES / 2 - 1; i++) limit.take(formatV4(0x0a000000 + i), 0);
  assertEquals(allowed(limit, "192.168.0.1", 0, 100), 0);
});
