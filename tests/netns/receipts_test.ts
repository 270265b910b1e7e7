import { assertEquals } from "@std/assert";
import { Receipts } from "./receipts.ts";

/** Records numbers that arrive one a millisecond, in the order given. */
function arrivals(...sequences: number[]): Receipts {
  const receipts = new Receipts();
  sequences.forEach((sequence, index) => receipts.record(sequence, index + 1));
  return receipts;
}

Deno.test("a stream that came whole has lost nothing and its gaps are its spacing", () => {
  assertEquals(arrivals(0, 1, 2, 3).window(0, 4), {
    sent: 4,
    lost: 0,
    duplicates: 0,
    reordered: 0,
    longestLostRun: 0,
    longestGapMs: 1,
  });
});

Deno.test("lost numbers are counted, also at the end, and so is the longest run of them", () => {
  const window = arrivals(0, 2, 6).window(0, 9);
  assertEquals(window.lost, 6);
  assertEquals(window.longestLostRun, 3);
});

Deno.test("a number that comes again is a duplicate, one that comes late is reordered", () => {
  const window = arrivals(0, 2, 1, 2, 2, 3).window(0, 4);
  assertEquals(window.duplicates, 2);
  assertEquals(window.reordered, 1);
  assertEquals(window.lost, 0);
});

Deno.test("a gap that began before the window belongs to it", () => {
  const receipts = new Receipts();
  receipts.record(0, 10);
  receipts.record(5, 210);
  assertEquals(receipts.window(5, 6).longestGapMs, 200);
  assertEquals(receipts.window(5, 6).lost, 0);
});

Deno.test("a long stream outgrows its first store and keeps what it had", () => {
  const receipts = new Receipts();
  receipts.record(7, 1);
  receipts.record(300_000, 2);
  assertEquals(receipts.end, 300_001);
  assertEquals(receipts.count(0, 300_001), 2);
});

Deno.test("a number no stream of ours can have is ignored", () => {
  const receipts = new Receipts();
  receipts.record(0xffff_ffff, 1);
  assertEquals(receipts.end, 0);
});
