import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  adoptedPathHealth,
  forgiveMisses,
  isDeadAlone,
  LEARNING_MS,
  newPathHealth,
  type PathHealth,
  recordFault,
  recordGood,
  recordHeard,
  recordMiss,
  type Transition,
} from "../../lib/core/path_health.ts";
import type { DownCause } from "../../lib/core/types.ts";

const MISS = { what: "answers", sentAt: 90 } as const;
const DEAF: DownCause = { kind: "peer-deaf", lastGoodAgoMs: null };
const OWN_NETWORK: DownCause = { kind: "own-network", reason: "no carrier" };
const PEER_NETWORK: DownCause = { kind: "peer-network" };
const PEER_DRAINED: DownCause = { kind: "peer-drained" };

/** A path in a state, as of 10. */
function pathIn(health: PathHealth["health"], overrides: Partial<PathHealth> = {}): PathHealth {
  return { ...newPathHealth(10), health, ...overrides };
}

Deno.test("a new path is unknown: neither good nor bad was seen, and nobody knows whether it is heard", () => {
  assertEquals(newPathHealth(10), {
    health: "unknown",
    cause: null,
    lastCause: null,
    since: 10,
    misses: 0,
    good: 0,
    heard: null,
    unanswered: false,
    lastGoodAt: null,
    goodSince: null,
    missedSince: null,
    lastBadAt: null,
  });
});

Deno.test("an adopted path begins as down, and its evidence is of now", () => {
  assertEquals(adoptedPathHealth(10), {
    ...newPathHealth(10),
    health: "down",
    cause: { kind: "adopted" },
    lastCause: { kind: "adopted" },
    lastBadAt: 10,
  });
});

// ------------------------------------------------------------------------------- the table, cell by cell

Deno.test("unknown, good: up with the first one, whatever is needed after a failure", () => {
  const path = pathIn("unknown", { misses: 2, heard: false });
  const transition = recordGood(path, 100, 5);
  assertEquals(transition, { to: "up", from: "unknown", good: 1, downMs: 90 });
  assertEquals(path, {
    ...pathIn("up"),
    since: 100,
    good: 1,
    misses: 0,
    heard: true,
    lastGoodAt: 100,
    goodSince: 100,
  });
});

Deno.test("up, good: counted, and the misses before it are forgotten", () => {
  const path = pathIn("up", { good: 7, misses: 2 });
  assertEquals(recordGood(path, 100, 5), null);
  assertEquals(path, pathIn("up", { good: 8, misses: 0, heard: true, lastGoodAt: 100 }));
});

Deno.test("down, good: counted, and up with exactly the needed one", () => {
  for (const needed of [1, 2, 3, 10]) {
    const path = pathIn("down", { cause: PEER_NETWORK });
    for (let i = 1; i < needed; i++) {
      assertEquals(recordGood(path, 10 + i, needed), null);
      assertEquals([path.health, path.good, path.cause], ["down", i, PEER_NETWORK]);
    }
    const transition = recordGood(path, 50, needed);
    assertEquals(transition, { to: "up", from: "down", good: needed, downMs: 40 });
    assertEquals([path.health, path.cause, path.since], ["up", null, 50]);
  }
});

for (const health of ["unknown", "up"] as const) {
  Deno.test(`${health}, miss: counted, and down with exactly the f-th`, () => {
    for (const failAfter of [1, 2, 3, 6]) {
      const path = pathIn(health, { good: 4, lastGoodAt: 1030, heard: true });
      for (let i = 1; i < failAfter; i++) {
        assertEquals(recordMiss(path, 1040, failAfter, MISS), null);
        assertEquals([path.health, path.misses, path.good, path.heard], [health, i, 0, true]);
      }
      const transition = recordMiss(path, 1100, failAfter, MISS);
      const cause: DownCause = {
        kind: "missed",
        what: "answers",
        count: failAfter,
        lastGoodAgoMs: 70,
      };
      assertEquals(transition, { to: "down", from: health, cause });
      const after = {
        cause,
        lastCause: cause,
        since: 1100,
        misses: failAfter,
        heard: true,
        lastGoodAt: 1030,
      };
      const missedSince = failAfter === 1 ? 1100 : 1040;
      assertEquals(path, pathIn("down", { ...after, missedSince, lastBadAt: 90 }));
    }
  });
}

Deno.test("unknown, miss in its first second: counted only, for one of its ends may be just starting", () => {
  const path = pathIn("unknown");
  for (let i = 1; i <= 5; i++) {
    assertEquals(recordMiss(path, 10 + LEARNING_MS - 0.1, 3, MISS), null);
    assertEquals([path.health, path.misses, path.heard], ["unknown", i, null]);
  }
  const transition = recordMiss(path, 10 + LEARNING_MS, 3, MISS);
  assertEquals(transition?.to === "down" && transition.cause, {
    kind: "missed",
    what: "answers",
    count: 6,
    lastGoodAgoMs: null,
  });
});

Deno.test("down, miss: counted, and good starts anew", () => {
  const path = pathIn("down", { cause: PEER_NETWORK, good: 3, heard: true });
  assertEquals(recordMiss(path, 100, 2, MISS), null);
  assertEquals(
    path,
    pathIn("down", {
      cause: PEER_NETWORK,
      misses: 1,
      missedSince: 100,
      heard: true,
      lastBadAt: 90,
    }),
  );
  assertEquals(recordMiss(path, 110, 2, { ...MISS, sentAt: 105 }), null);
  assertEquals([path.misses, path.heard, path.lastBadAt, path.since], [2, true, 105, 10]);
  assertEquals(path.cause, PEER_NETWORK);
});

Deno.test("a fault that outlasts a drain or a dead interface is the cause from then on, and told", () => {
  const missed = { kind: "missed", what: "answers", count: 1, lastGoodAgoMs: null } as const;
  const cases = [[PEER_DRAINED, PEER_NETWORK], [PEER_DRAINED, missed], [
    OWN_NETWORK,
    missed,
  ]] as const;
  for (const [first, found] of cases) {
    const path = pathIn("down", { cause: first, lastGoodAt: null });
    const told = found === missed
      ? recordMiss(path, 100, 1, MISS)
      : recordFault(path, 100, PEER_NETWORK);
    assertEquals(told, { to: "down", from: "down", cause: found });
    assertEquals([path.cause, path.lastCause, path.since], [found, found, 10]);
    assertEquals(recordFault(path, 110, first), null);
    assertEquals(path.cause, found);
  }
});

Deno.test("unknown, fault: down at once", () => {
  for (const cause of [OWN_NETWORK, PEER_NETWORK]) {
    const path = pathIn("unknown");
    assertEquals(recordFault(path, 100, cause), { to: "down", from: "unknown", cause });
    assertEquals([path.health, path.cause, path.since, path.lastBadAt], ["down", cause, 100, 100]);
  }
});

Deno.test("unknown, fault by peer-deaf: nothing at all, for a stranger may not know us yet", () => {
  const path = pathIn("unknown", { misses: 1 });
  assertEquals(recordFault(path, 100, DEAF), null);
  assertEquals(path, pathIn("unknown", { misses: 1 }));
});

Deno.test("up, fault: down at once", () => {
  for (const cause of [OWN_NETWORK, PEER_NETWORK, DEAF]) {
    const path = pathIn("up", { good: 9, heard: true });
    assertEquals(recordFault(path, 100, cause), { to: "down", from: "up", cause });
    assertEquals([path.health, path.good, path.lastBadAt], ["down", 0, 100]);
  }
});

Deno.test("down, fault: good starts anew, and the first cause stays, but that a predecessor found one", () => {
  const missed = { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 5 } as const;
  for (const cause of [OWN_NETWORK, PEER_NETWORK, DEAF]) {
    for (const first of [missed, { kind: "adopted" } as const]) {
      const path = pathIn("down", { cause: first, good: 3 });
      const better = { to: "down", from: "down", cause } as const;
      assertEquals(recordFault(path, 100, cause), first === missed ? null : better);
      assertEquals([path.good, path.lastBadAt, path.since], [0, 100, 10]);
      assertEquals(path.cause, first === missed ? missed : cause);
    }
  }
});

// ------------------------------------------------------------------------------- beside the table

Deno.test("only the loss of our own network makes a fault mean that the peer is not heard", () => {
  for (const cause of [OWN_NETWORK, PEER_NETWORK, DEAF]) {
    const path = pathIn("up", { heard: true });
    recordFault(path, 100, cause);
    assertEquals(path.heard, cause !== OWN_NETWORK, cause.kind);
  }
});

Deno.test("a packet that complains is heard, but is no good one", () => {
  const path = pathIn("down", { misses: 5, heard: false, good: 0, lastGoodAt: 5 });
  recordHeard(path);
  assertEquals(path, pathIn("down", { misses: 0, heard: true, good: 0, lastGoodAt: 5 }));
});

Deno.test("a path that was never good says so when it goes down", () => {
  const path = pathIn("unknown");
  const transition = recordMiss(path, 1100, 1, { what: "inquiries", sentAt: 60 });
  assertEquals(transition, {
    to: "down",
    from: "unknown",
    cause: { kind: "missed", what: "inquiries", count: 1, lastGoodAgoMs: null },
  });
});

Deno.test("forgiving drops the misses and nothing else", () => {
  const before = pathIn("up", { misses: 2, good: 0, heard: true, lastGoodAt: 30, lastBadAt: 40 });
  const path = { ...before };
  forgiveMisses(path);
  assertEquals(path, { ...before, misses: 0 });
});

Deno.test("an older miss does not make newer evidence old", () => {
  const path = pathIn("up");
  recordFault(path, 100, PEER_NETWORK);
  recordMiss(path, 120, 3, { what: "answers", sentAt: 80 });
  assertEquals(path.lastBadAt, 100);
});

Deno.test("whatever happens, a change is reported once, counters never go below zero, and one of them is zero", () => {
  const step = fc.oneof(
    fc.constant("good" as const),
    fc.constant("miss" as const),
    fc.constant("heard" as const),
    fc.constant("forgive" as const),
    fc.constantFrom(OWN_NETWORK, PEER_NETWORK, DEAF),
  );
  const f = fc.integer({ min: 1, max: 4 });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), f, f, (steps, failAfter, needed) => {
    const path = newPathHealth(0);
    steps.forEach((each, now) => {
      const { health: from, cause } = path;
      let transition: Transition | null = null;
      if (each === "good") transition = recordGood(path, now, needed);
      else if (each === "miss") {
        transition = recordMiss(path, now, failAfter, { ...MISS, sentAt: now });
      } else if (each === "heard") recordHeard(path);
      else if (each === "forgive") forgiveMisses(path);
      else transition = recordFault(path, now, each);
      assertEquals(transition !== null, from !== path.health || cause !== path.cause);
      if (transition !== null) {
        assertEquals([transition.from, transition.to], [from, path.health]);
        if (from !== path.health) assertEquals(path.since, now);
      }
      assertEquals(path.misses === 0 || path.good === 0, true);
      assertEquals(path.misses >= 0 && path.good >= 0, true);
      assertEquals(path.cause === null, path.health !== "down");
    });
  }));
});

Deno.test("a path that is up never misses f times in a row, one that is down was never good `needed` times in a row", () => {
  const step = fc.constantFrom("good" as const, "miss" as const);
  fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
    const path = newPathHealth(0);
    let misses = 0;
    let good = 0;
    steps.forEach((each, i) => {
      const now = LEARNING_MS + i;
      misses = each === "miss" ? misses + 1 : 0;
      good = each === "good" ? good + 1 : 0;
      if (each === "good") recordGood(path, now, 4);
      else recordMiss(path, now, 3, { ...MISS, sentAt: now });
      if (misses >= 3) assertEquals(path.health, "down");
      if (good >= 4) assertEquals(path.health, "up");
    });
  }));
});

Deno.test("a path is dead alone by what was asked since the other answers, if that was heard in the silence", () => {
  const silent = { misses: 2, missedSince: 80, lastBadAt: 90 };
  const answering = { good: 2, goodSince: 90, lastGoodAt: 95 };
  const cases: [Partial<PathHealth>, Partial<PathHealth>, boolean][] = [
    [silent, answering, true],
    [silent, { ...answering, goodSince: 91 }, false],
    [silent, { ...answering, lastGoodAt: 79, goodSince: 70 }, false],
    [silent, { ...answering, lastGoodAt: 80, goodSince: 70 }, true],
    [silent, { good: 0, misses: 1, goodSince: 70, lastGoodAt: 85 }, true],
    [{ ...silent, good: 1 }, answering, false],
    [{ ...silent, lastBadAt: null }, answering, false],
    [{ ...silent, missedSince: null }, { ...answering, lastGoodAt: null }, true],
  ];
  for (const [path, other, expected] of cases) {
    assertEquals(isDeadAlone(pathIn("down", path), pathIn("up", other)), expected);
  }
});
