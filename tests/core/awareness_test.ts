import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Awareness, drainMs, latenessToleranceMs } from "../../lib/core/awareness.ts";
import { answerWaitFloorMs } from "../../lib/core/timing.ts";

Deno.test("lateness is tolerated up to a tenth of the interval, and never under 5 ms", () => {
  const cases: [number, number][] = [[10, 5], [50, 5], [100, 10], [1000, 100], [60_000, 6000]];
  for (const [intervalMs, expected] of cases) {
    assertEquals(latenessToleranceMs(intervalMs), expected);
  }
});

Deno.test("the sockets are drained for a fifth of the interval, at most 20 ms, where we were hardly late", () => {
  const cases: [number, number][] = [[10, 2], [50, 10], [100, 20], [1000, 20], [60_000, 20]];
  for (const [intervalMs, expected] of cases) {
    assertEquals(drainMs(intervalMs, 0), expected);
    assertEquals(drainMs(intervalMs, expected), expected);
  }
});

Deno.test("they are drained for as long as we were late, but never longer than half the interval", () => {
  const cases: [number, number, number][] = [
    [1000, 21, 21],
    [1000, 499, 499],
    [1000, 501, 500],
    [1000, 60_000, 500],
    [50, 11, 11],
    [50, 26, 25],
    [10, 9, 5],
  ];
  for (const [intervalMs, latenessMs, expected] of cases) {
    assertEquals(drainMs(intervalMs, latenessMs), expected, `${intervalMs} ${latenessMs}`);
  }
});

Deno.test("the drain of a wake that was hardly late is shorter than the shortest wait for an answer", () => {
  const interval = fc.double({ min: 10, max: 3_600_000, noNaN: true });
  fc.assert(
    fc.property(interval, (intervalMs) => {
      assert(drainMs(intervalMs, 0) < answerWaitFloorMs(intervalMs));
    }),
  );
});

Deno.test("a wake is in time, late or after a sleep, by how far it missed its plan", () => {
  const cases: [number | null, number, string][] = [
    [null, 5, "in-time"],
    [100, 40, "in-time"],
    [100, 100, "in-time"],
    [100, 200, "in-time"],
    [100, 200.001, "late"],
    [100, 3250, "late"],
    [100, 3250.001, "slept"],
    [100, 1e9, "slept"],
  ];
  for (const [planned, now, expected] of cases) {
    assertEquals(new Awareness(1000, 3150).observe(planned, now), expected, `${planned} ${now}`);
  }
});

Deno.test("the score counts late wakes, sleeps among them, and keeps the worst", () => {
  const awareness = new Awareness(1000, 3150);
  awareness.observe(100, 150);
  assertEquals([awareness.lateWakes, awareness.sleeps, awareness.worstMs], [0, 0, 0]);
  awareness.observe(100, 400);
  awareness.observe(100, 300);
  assertEquals([awareness.lateWakes, awareness.sleeps, awareness.worstMs], [2, 0, 300]);
  awareness.observe(100, 10_100);
  assertEquals([awareness.lateWakes, awareness.sleeps, awareness.worstMs], [3, 1, 10_000]);
});
