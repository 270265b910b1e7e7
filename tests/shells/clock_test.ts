import { assert, assertEquals } from "@std/assert";
import { createAlarm, delay, monotonicNow } from "../../lib/host/clock.ts";

/** An alarm that writes down when it rang, and a wait for its ringing. */
function createBell() {
  const rings: number[] = [];
  let wake = () => {};
  const alarm = createAlarm(() => {
    rings.push(monotonicNow());
    wake();
  });
  const rung = async (count: number) => {
    while (rings.length < count) await new Promise<void>((resolve) => wake = resolve);
  };
  return { alarm, rings, rung };
}

Deno.test("an alarm rings once, at its moment or after it", async () => {
  const { alarm, rings, rung } = createBell();
  for (let i = 1; i <= 20; i++) {
    const at = monotonicNow() + i * 0.37;
    alarm.wakeAt(at);
    await rung(i);
    assert(rings.at(-1)! >= at);
  }
  await delay(5);
  assertEquals(rings.length, 20);
});

Deno.test("a moment that is moved to later does not ring at the earlier one", async () => {
  const { alarm, rings, rung } = createBell();
  const start = monotonicNow();
  alarm.wakeAt(start + 5);
  alarm.wakeAt(start + 30);
  await rung(1);
  assert(rings[0]! >= start + 30);
});

Deno.test("a moment that is moved to earlier rings then, and not once more later", async () => {
  const { alarm, rings, rung } = createBell();
  const start = monotonicNow();
  alarm.wakeAt(start + 60_000);
  alarm.wakeAt(start + 5);
  await rung(1);
  assert(rings[0]! < start + 60_000);
  assert(rings[0]! >= start + 5);
});

Deno.test("a moment in the past rings soon, but not within the call", async () => {
  const { alarm, rings, rung } = createBell();
  alarm.wakeAt(monotonicNow() - 1000);
  assertEquals(rings, []);
  await rung(1);
});

Deno.test("an alarm that is taken back does not ring and leaves no timer", async () => {
  const { alarm, rings } = createBell();
  alarm.wakeAt(monotonicNow() + 2);
  alarm.wakeAt(null);
  await delay(10);
  assertEquals(rings, []);
});

Deno.test("a moment too far away for a timer neither rings nor keeps a timer firing", async () => {
  const setTimer = globalThis.setTimeout;
  let timers = 0;
  globalThis.setTimeout = ((...args: Parameters<typeof setTimer>) => {
    timers++;
    return setTimer(...args);
  }) as typeof setTimer;
  try {
    const { alarm, rings } = createBell();
    for (const at of [monotonicNow() + 2 ** 33, Infinity]) {
      timers = 0;
      alarm.wakeAt(at);
      await new Promise((resolve) => setTimer(resolve, 10));
      assertEquals(rings, []);
      assertEquals(timers, 1);
      alarm.wakeAt(null);
    }
  } finally {
    globalThis.setTimeout = setTimer;
  }
});

Deno.test("the clock has fractions of milliseconds and never goes back", () => {
  let last = monotonicNow();
  let fractions = 0;
  for (let i = 0; i < 1000; i++) {
    const now = monotonicNow();
    assert(now >= last);
    if (!Number.isInteger(now)) fractions++;
    last = now;
  }
  assert(fractions > 900);
});
