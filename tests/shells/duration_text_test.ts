import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { durationText } from "../../lib/duration_text.ts";

const TABLE: readonly (readonly [number, string])[] = [
  [-5, "0 ms"],
  [0, "0 ms"],
  [0.04, "under 0.1 ms"],
  [0.1, "0.1 ms"],
  [0.44, "0.4 ms"],
  [3, "3 ms"],
  [3.06, "3.1 ms"],
  [9.94, "9.9 ms"],
  [9.96, "10 ms"],
  [161.4, "161 ms"],
  [999.4, "999 ms"],
  [999.6, "1 s"],
  [1000, "1 s"],
  [3160, "3.2 s"],
  [12_345, "12.3 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min"],
  [60_000, "1 min"],
  [61_400, "1 min 1 s"],
  [250_000, "4 min 10 s"],
  [3_599_400, "59 min 59 s"],
  [3_599_600, "1 h"],
  [11_100_000, "3 h 5 min"],
  [86_399_000, "1 d"],
  [90_000_000, "1 d 1 h"],
  [864_000_000, "10 d"],
];

Deno.test("durations are rounded to what matters at their size", () => {
  for (const [ms, text] of TABLE) assertEquals(durationText(ms), text, `${ms}`);
});

Deno.test("no duration shows a full larger unit in a smaller one", () => {
  const limits: Readonly<Record<string, number>> = { ms: 1000, s: 60, min: 60, h: 24, d: Infinity };
  fc.assert(fc.property(fc.double({ min: 0.1, max: 1e10, noNaN: true }), (ms) => {
    const text = durationText(ms);
    assertMatch(text, /^[\d.]+ (ms|s|min|h|d)( \d+ (s|min|h))?$/);
    for (const [, number, unit] of text.matchAll(/([\d.]+) (ms|s|min|h|d)/g)) {
      const limit = limits[unit!]!;
      if (Number(number) >= limit) throw new Error(`${ms} reads ${text}`);
    }
  }));
});
