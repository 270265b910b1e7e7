import { assert, assertEquals } from "@std/assert";
import {
  NO_STARTS,
  parseStartRecord,
  restMs,
  startRecordText,
  withFault,
  withoutStart,
  withStart,
} from "../../lib/start_record.ts";

const MINUTE = 60_000;
const NOW = 1_000_000_000;

function startedAt(...minutesAgo: number[]) {
  return { ...NO_STARTS, startedAt: minutesAgo.map((each) => NOW - each * MINUTE) };
}

Deno.test("up to four starts within ten minutes need no rest", () => {
  assertEquals(restMs(NO_STARTS, NOW), 0);
  assertEquals(restMs(startedAt(3, 2, 1, 0), NOW), 0);
  assertEquals(restMs(startedAt(10, 3, 2, 1, 0), NOW), 0);
});

Deno.test("the rest is five minutes from the last of five starts", () => {
  assertEquals(restMs(startedAt(4, 3, 2, 1, 0), NOW), 5 * MINUTE);
  assertEquals(restMs(startedAt(9, 8, 7, 6, 4), NOW), MINUTE);
  assertEquals(restMs(startedAt(9, 8, 7, 6, 5), NOW), 0);
});

Deno.test("starts in the future are from before the clock was set back, and do not count", () => {
  assertEquals(restMs(startedAt(4, 3, 2, 1, -60), NOW), 0);
});

Deno.test("a start is remembered, what no longer counts is not, and the rest may be told again", () => {
  const before = { ...startedAt(20, 5, 4, 3, 2, 1), isRestTold: true };
  const after = withStart(before, NOW);
  assertEquals(after, startedAt(5, 4, 3, 2, 1, 0));
  assertEquals(parseStartRecord(startRecordText(after)), startedAt(4, 3, 2, 1, 0));
  assertEquals(withoutStart(withStart(startedAt(2, 1), NOW)), startedAt(2, 1));
});

Deno.test("a fault is remembered beside the starts, cut to what is read again, and known again", () => {
  const before = startedAt(1);
  const long = "ℝ".repeat(100_000);
  const after = withFault(before, long);
  assertEquals(after.startedAt, before.startedAt);
  assertEquals(withFault(after, long), after);
  assertEquals(withFault(after, "another"), { ...before, toldFault: "another" });
  assertEquals(parseStartRecord(startRecordText(after)), after);
  assert(new TextEncoder().encode(startRecordText(withStart(after, NOW))).length < 4096);
  assertEquals(withoutStart(withStart(after, NOW)), after);
});

Deno.test("a record of a version that remembered no fault is read", () => {
  const text = JSON.stringify({ startedAt: [NOW], isRestTold: true });
  assertEquals(parseStartRecord(text), { startedAt: [NOW], isRestTold: true, toldFault: null });
});

Deno.test("a record that is torn, or something else, is no record", () => {
  const texts = [
    "",
    "{",
    "null",
    "[]",
    '{"startedAt":[1]}',
    '{"startedAt":["x"],"isRestTold":true}',
  ];
  for (const text of texts) assertEquals(parseStartRecord(text), NO_STARTS);
});
