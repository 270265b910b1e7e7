import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LossWindow, ROW_LIMIT } from "../../lib/core/loss_window.ts";
import type { LossRule } from "../../lib/core/types.ts";
import { seeded } from "./builders.ts";

const RULE: LossRule = { window: 100, leaveAbove: 0.2, returnBelow: 0.05 };

/** A window that took in these outcomes: "." came, "x" was lost. */
function windowOf(outcomes: string, rule: Partial<LossRule> = {}): LossWindow {
  const window = new LossWindow({ ...RULE, ...rule });
  record(window, outcomes);
  return window;
}

function record(window: LossWindow, outcomes: string): void {
  for (const each of outcomes) window.record(each === "x");
}

// ------------------------------------------------------------------------------- the figure

Deno.test("no figure is given before 20 inquiries, or half a window if that is less", () => {
  assertEquals(windowOf("").part, null);
  assertEquals(windowOf(".".repeat(19)).part, null);
  assertEquals(windowOf(".".repeat(20)).part, 0);
  assertEquals(windowOf("....", { window: 10 }).part, null);
  assertEquals(windowOf(".....", { window: 10 }).part, 0);
  assertEquals(windowOf("", { window: 1 }).part, null);
  assertEquals(windowOf(".", { window: 1 }).part, 0);
});

Deno.test("the figure is the lost part of what the window holds", () => {
  assertEquals(windowOf("x..." + ".".repeat(16)).part, 1 / 20);
  assertEquals(windowOf("x...".repeat(25)).part, 0.25);
});

Deno.test("what is older than the window does not count any more", () => {
  const window = windowOf("x." + ".".repeat(98));
  assertEquals(window.part, 0.01);
  window.record(false);
  assertEquals(window.part, 0);
  for (const size of [10, 31, 32, 33, 64, 65]) {
    const small = windowOf("x.".repeat(size), { window: size });
    record(small, ".".repeat(size - 2));
    assert((small.part ?? 0) > 0, `${size}`);
    record(small, "..");
    assertEquals(small.part, 0, `${size}`);
  }
});

Deno.test("a window of size 0 records nothing and is never lossy", () => {
  const window = windowOf("x".repeat(50) + "x.".repeat(500), { window: 0 });
  assertEquals([window.part, window.isLossy], [null, false]);
});

Deno.test("after any outcomes the figure is that of a plain count, rows cut short", () => {
  const size = fc.integer({ min: 1, max: 70 });
  fc.assert(fc.property(size, fc.array(fc.boolean(), { maxLength: 300 }), (size, outcomes) => {
    const rule = { window: size, leaveAbove: 0.3, returnBelow: 0.1 };
    const window = new LossWindow(rule);
    const rowLimit = Math.max(1, Math.min(ROW_LIMIT, Math.floor(0.3 * size + 1e-6)));
    const counted: boolean[] = [];
    let row = 0;
    for (const lost of outcomes) {
      window.record(lost);
      row = lost ? row + 1 : 0;
      if (row <= rowLimit) counted.push(lost);
      const held = counted.slice(-size);
      const isEnough = held.length > 0 && held.length >= Math.min(20, size / 2);
      const part = held.filter((each) => each).length / held.length;
      assertEquals(window.part, isEnough ? part : null);
    }
  }));
});

// ------------------------------------------------------------------------------- the table

Deno.test("clean until more than `leaveAbove` of a whole window is lost", () => {
  const twenty = "x....".repeat(20);
  assertEquals(windowOf(twenty).isLossy, false);
  const window = windowOf(twenty.slice(0, -5) + ".xx..");
  assertEquals([window.part, window.isLossy], [0.21, true]);
});

Deno.test("lossy before the window is full, as soon as the rest of it cannot make it better", () => {
  const window = windowOf("x.".repeat(20));
  assertEquals([window.part, window.isLossy], [0.5, false]);
  window.record(true);
  assertEquals(window.isLossy, true);
});

Deno.test("lossy until less than `returnBelow` of the window is lost", () => {
  const window = windowOf("x..".repeat(33) + ".");
  assertEquals(window.isLossy, true);
  while ((window.part ?? 0) > 0.05) window.record(false);
  assertEquals([window.part, window.isLossy], [0.05, true]);
  while (window.part === 0.05) window.record(false);
  assertEquals([window.part, window.isLossy], [0.04, false]);
});

Deno.test("between the two limits it stays what it was", () => {
  const tenth = "x.........".repeat(30);
  assertEquals(windowOf(tenth).isLossy, false);
  const window = windowOf("x..".repeat(40));
  record(window, tenth);
  assertEquals([window.part, window.isLossy], [0.1, true]);
});

Deno.test("a limit that a product of fractions misses by a hair is not passed by what is just at it", () => {
  const outcomes = "x..".repeat(29) + ".".repeat(13);
  assertEquals(windowOf(outcomes, { leaveAbove: 0.29 }).isLossy, false);
  assertEquals(windowOf(outcomes, { leaveAbove: 0.28 }).isLossy, true);
});

Deno.test("whoever may lose nothing is clean again once nothing at all is lost", () => {
  const window = windowOf("xx" + ".".repeat(98), { leaveAbove: 0, returnBelow: 0 });
  assertEquals(window.isLossy, true);
  record(window, "..");
  assertEquals(window.isLossy, false);
});

Deno.test("what is lossy has a figure, whatever the rule", () => {
  const rule = fc.record({
    window: fc.integer({ min: 1, max: 60 }),
    leaveAbove: fc.double({ min: 0, max: 1, noNaN: true }),
    returnBelow: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(fc.property(rule, fc.array(fc.boolean(), { maxLength: 120 }), (rule, outcomes) => {
    const window = new LossWindow(rule);
    for (const lost of outcomes) {
      window.record(lost);
      if (window.isLossy) assert((window.part ?? 0) > 0);
    }
  }));
});

// ------------------------------------------------------------------------------- rows of losses

Deno.test("of a row of losses only the first five count: a cut cable does not make its path lossy", () => {
  const window = windowOf(".".repeat(100) + "x".repeat(1000));
  assertEquals([window.part, window.isLossy], [0.05, false]);
  record(window, ".".repeat(3));
  assertEquals([window.part, window.isLossy], [0.05, false]);
});

Deno.test("one row alone never makes a path lossy, however small the window and the limit", () => {
  for (const leaveAbove of [0.05, 0.2, 0.5]) {
    for (let size = Math.ceil(1 / leaveAbove); size <= 100; size++) {
      const window = windowOf(".".repeat(size) + "x".repeat(50), { window: size, leaveAbove });
      assertEquals(window.isLossy, false, `${size} ${leaveAbove}`);
    }
  }
});

Deno.test("each row counts anew: a path that is cut again and again is lossy", () => {
  assertEquals(windowOf("xxxxxxxx..".repeat(5)).isLossy, true);
});

Deno.test("of a row that was a cut nothing counts, what was lost before it does", () => {
  const window = windowOf("x.".repeat(10) + ".".repeat(80));
  assertEquals(window.part, 0.1);
  record(window, "x".repeat(ROW_LIMIT));
  window.forgiveRow();
  assertEquals(window.part, 0.12, "five in a row may be chance");
  record(window, "x");
  window.forgiveRow();
  assertEquals(window.part, 0.07);
  record(window, "xxx.");
  window.forgiveRow();
  assertEquals(window.part, 0.07);
});

Deno.test("cuts again and again, each forgiven, never make a path lossy; the bits are those of a window without them", () => {
  const window = windowOf(".".repeat(100));
  for (let count = 0; count < 20; count++) {
    record(window, "x".repeat(9));
    window.forgiveRow();
    assertEquals([window.part, window.isLossy], [0, false]);
    record(window, "...");
  }
});

// ------------------------------------------------------------------------------- random loss

/** In how many of `runs` a path that loses this part at random is found lossy within `count` inquiries. */
function foundLossy(part: number, count: number, rule: LossRule, runs = 300): number {
  const random = seeded(1);
  let found = 0;
  for (let run = 0; run < runs; run++) {
    const window = new LossWindow(rule);
    for (let i = 0; i < count && !window.isLossy; i++) window.record(random.fraction() < part);
    if (window.isLossy) found += 1;
  }
  return found;
}

Deno.test("random loss of 5 % is never taken for too much in 600 inquiries, that of 36 % always in 100", () => {
  assertEquals(foundLossy(0.05, 600, RULE), 0);
  assertEquals(foundLossy(0.36, 100, RULE), 300);
});
