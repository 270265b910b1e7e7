import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LossWindow } from "../../lib/core/loss_window.ts";
import { newPathHealth, type PathHealth } from "../../lib/core/path_health.ts";
import { type Candidate, type Choice, chooseRoute } from "../../lib/core/route_choice.ts";
import { seeded } from "./builders.ts";

/** By so much more a path must lose to be left. */
const MARGIN = 0.2;

interface Named extends Candidate {
  readonly name: string;
}

/** A path on a usable network that is up since 100, unless a case says otherwise. */
function pathOf(
  name: string,
  state: Partial<PathHealth> = {},
  rest: Partial<Candidate> = {},
): Named {
  return {
    name,
    state: { ...newPathHealth(0), health: "up", since: 100, good: 5, ...state },
    moved: false,
    usable: true,
    preference: name.charCodeAt(0) - 65,
    loss: 0,
    lossy: false,
    held: false,
    ...rest,
  };
}

/** A path that is up and loses this part; too much of it if it is more than a fifth, or so said. */
function losing(name: string, loss: number, rest: Partial<Candidate> = {}): Named {
  return pathOf(name, {}, { loss, lossy: loss > 0.2, ...rest });
}

/** A path that is down since 200 by evidence of 150. */
function down(name: string, state: Partial<PathHealth> = {}, rest: Partial<Candidate> = {}): Named {
  return pathOf(name, { health: "down", since: 200, good: 0, lastBadAt: 150, ...state }, rest);
}

/** The choice for the first of the paths, whose traffic goes direct or nowhere known, as one word or a name. */
function choiceOf(path: Named, ...others: readonly Named[]): string {
  return textOf(chooseRoute(path, [path, ...others], null, MARGIN));
}

/** The choice for the first of the paths, whose traffic the second one carries. */
function choiceOn(path: Named, carrier: Named, ...others: readonly Named[]): string {
  return textOf(chooseRoute({ ...path, moved: true }, [path, carrier, ...others], carrier, MARGIN));
}

function textOf(choice: Choice<Named>): string {
  return choice.kind === "via" ? choice.path.name : choice.kind;
}

// ------------------------------------------------------------------------------- the table, row by row

for (const health of ["unknown", "up"] as const) {
  Deno.test(`${health}: direct, whether another path is up or none is`, () => {
    for (const moved of [false, true]) {
      const path = pathOf("A", { health }, { moved });
      assertEquals(choiceOf(path), "direct");
      assertEquals(choiceOf(path, pathOf("B")), "direct");
      assertEquals(choiceOf(path, down("B")), "direct");
    }
  });
}

Deno.test("down, another is up: over that one", () => {
  assertEquals(choiceOf(down("A"), pathOf("B")), "B");
  assertEquals(choiceOf(down("A", {}, { moved: true }), pathOf("B")), "B");
});

Deno.test("down, none is up: keep what is there", () => {
  for (const moved of [false, true]) {
    const path = down("A", {}, { moved });
    assertEquals(choiceOf(path), "keep");
    assertEquals(choiceOf(path, down("B"), pathOf("C", { health: "unknown" })), "keep");
  }
});

// ------------------------------------------------------------------------------- which one

Deno.test("of several that are up the first in order of preference carries the traffic", () => {
  assertEquals(choiceOf(down("A"), pathOf("D"), pathOf("B"), pathOf("C")), "B");
  assertEquals(choiceOf(down("C"), pathOf("B"), pathOf("A")), "A");
});

Deno.test("a path whose interface of ours cannot send carries nothing, whatever its health says", () => {
  assertEquals(choiceOf(down("A"), pathOf("B", {}, { usable: false })), "keep");
  assertEquals(choiceOf(down("A"), pathOf("B", {}, { usable: false }), pathOf("C")), "C");
});

// ------------------------------------------------------------------------------- the evidence

Deno.test("traffic leaves a direct route only by evidence at least as new as the other path's rise", () => {
  const cases: [number | null, string][] = [[null, "keep"], [99, "keep"], [100, "B"], [101, "B"]];
  for (const [lastBadAt, expected] of cases) {
    assertEquals(choiceOf(down("A", { lastBadAt }), pathOf("B")), expected, `${lastBadAt}`);
  }
});

Deno.test("traffic does not leave a direct route whose path has answered since it was seen dead", () => {
  assertEquals(choiceOf(down("A", { good: 1 }), pathOf("B")), "keep");
});

Deno.test("traffic does not leave for a path that was not heard since the silence began: the peer may be gone as a whole", () => {
  const silent = { missedSince: 150 };
  const unheard = pathOf("B", { lastGoodAt: 149 });
  const heard = pathOf("C", { lastGoodAt: 150 });
  assertEquals(choiceOf(down("A", silent), unheard), "keep");
  assertEquals(choiceOf(down("A", silent), unheard, heard), "C");
  assertEquals(choiceOf(down("A", silent, { moved: true }), unheard), "B");
  assertEquals(choiceOf(down("A", silent, { usable: false }), unheard), "B");
  assertEquals(choiceOf(down("A"), unheard), "B", "nothing was missed, so it was told");
});

Deno.test("our own dead interface is evidence enough", () => {
  const path = down("A", { lastBadAt: null, good: 2 }, { usable: false });
  assertEquals(choiceOf(path, pathOf("B")), "B");
});

Deno.test("traffic that was moved already needs no newer evidence to go over a better path", () => {
  const path = down("A", { lastBadAt: 1, good: 3 }, { moved: true });
  assertEquals(choiceOf(path, pathOf("B")), "B");
});

Deno.test("a better path that rose too late is passed over for one that rose before the evidence", () => {
  const late = pathOf("B", { since: 180 });
  assertEquals(choiceOf(down("A"), late, pathOf("C")), "C");
});

const ANY_PATH = fc.record({
  health: fc.constantFrom("unknown" as const, "up" as const, "down" as const),
  moved: fc.boolean(),
  usable: fc.boolean(),
  preference: fc.integer({ min: 0, max: 5 }),
  since: fc.integer({ min: 0, max: 9 }),
  good: fc.integer({ min: 0, max: 2 }),
  misses: fc.integer({ min: 0, max: 2 }),
  lastBadAt: fc.option(fc.integer({ min: 0, max: 9 })),
  loss: fc.constantFrom(0, 0, 0.04, 0.1, 0.2, 0.3, 0.5, 0.9),
  lossy: fc.boolean(),
  held: fc.boolean(),
});

type AnyPath = typeof ANY_PATH extends fc.Arbitrary<infer Value> ? Value : never;

function anyPath(record: AnyPath, i: number): Named {
  const { moved, usable, preference, loss, held, ...state } = record;
  const lossy = record.lossy && loss > 0;
  return pathOf(`${i}`, state, { moved, usable, preference, loss, lossy, held: held && moved });
}

Deno.test("of any paths without loss and holds: direct if not down, else over an up and usable one of the others, else keep", () => {
  fc.assert(fc.property(fc.array(ANY_PATH, { minLength: 1, maxLength: 5 }), (records) => {
    const paths = records.map((each, i) => anyPath({ ...each, loss: 0, held: false }, i));
    const self = paths[0] as Named;
    const choice = chooseRoute(self, paths, null, MARGIN);
    assertEquals(choice.kind === "direct", self.state.health !== "down");
    if (choice.kind !== "via") return;
    assert(choice.path !== self);
    assertEquals([choice.path.state.health, choice.path.usable], ["up", true]);
  }));
});

// ------------------------------------------------------------------------------- loss

Deno.test("up, but lossy: over a path that loses at most half as much, and by the margin less", () => {
  assertEquals(choiceOf(losing("A", 0.21), losing("B", 0)), "B");
  assertEquals(choiceOf(losing("A", 0.3), losing("B", 0.09)), "B");
  assertEquals(choiceOf(losing("A", 0.3), losing("B", 0.11)), "direct");
  assertEquals(choiceOf(losing("A", 0.4), losing("B", 0.2)), "B");
  assertEquals(choiceOf(losing("A", 0.4), losing("B", 0.21)), "direct");
  assertEquals(choiceOf(losing("A", 0.8), losing("B", 0.4)), "B", "though that one is lossy, too");
});

Deno.test("up, but lossy, and no other path is up: direct, for half of it is better than nothing", () => {
  assertEquals(choiceOf(losing("A", 0.9)), "direct");
  assertEquals(choiceOf(losing("A", 0.9), down("B"), pathOf("C", { health: "unknown" })), "direct");
  assertEquals(choiceOf(losing("A", 0.9), losing("B", 0, { usable: false })), "direct");
});

Deno.test("all paths lose alike: each goes direct", () => {
  const paths = ["A", "B", "C"].map((name) => losing(name, 0.4));
  for (const path of paths) assertEquals(textOf(chooseRoute(path, paths, null, MARGIN)), "direct");
});

Deno.test("a path is not left for what it loses while that is not too much", () => {
  assertEquals(choiceOf(losing("A", 0.19), losing("B", 0)), "direct");
});

Deno.test("left for its loss, it stays left until it is clean", () => {
  assertEquals(choiceOn(losing("A", 0.06, { lossy: true }), losing("B", 0)), "B");
  assertEquals(choiceOn(losing("A", 0.04), losing("B", 0)), "direct");
});

Deno.test("left for its loss, it is returned to when its carrier loses at least twice as much, and by the margin more", () => {
  assertEquals(choiceOn(losing("A", 0.06, { lossy: true }), losing("B", 0.19)), "B");
  assertEquals(choiceOn(losing("A", 0.06, { lossy: true }), losing("B", 0.27)), "direct");
  assertEquals(choiceOn(losing("A", 0.3), losing("B", 0.59)), "B");
  assertEquals(choiceOn(losing("A", 0.3), losing("B", 0.6)), "direct");
  assertEquals(choiceOn(losing("A", 0.3), losing("B", 0.6), losing("C", 0.05)), "C");
});

Deno.test("left for its loss, it is returned to when its carrier dies, or moves on if another one is much better", () => {
  assertEquals(choiceOn(losing("A", 0.3), down("B")), "direct");
  assertEquals(choiceOn(losing("A", 0.3), losing("B", 0, { usable: false })), "direct");
  assertEquals(choiceOn(losing("A", 0.3), down("B"), losing("C", 0.05)), "C");
});

Deno.test("a lossy carrier hands over to a path that loses at most half as much, and to no other", () => {
  assertEquals(choiceOn(losing("A", 0.4), losing("B", 0.5), losing("C", 0.25)), "C");
  assertEquals(choiceOn(losing("A", 0.4), losing("B", 0.5), losing("C", 0.26)), "B");
});

Deno.test("a dead path's traffic goes over the first that is clean, though a lossy one comes before it", () => {
  assertEquals(choiceOf(down("A"), losing("B", 0.3), losing("C", 0.1)), "C");
  assertEquals(choiceOn(down("A"), losing("B", 0.3), losing("C", 0.1)), "C");
});

Deno.test("of lossy paths only, the one that loses least carries a dead path's traffic, by preference if they are alike", () => {
  assertEquals(choiceOf(down("A"), losing("B", 0.5), losing("C", 0.4)), "C");
  assertEquals(choiceOf(down("A"), losing("C", 0.5), losing("B", 0.5)), "B");
});

Deno.test("of lossy paths only, the present carrier stays unless it loses twice as much as another one", () => {
  assertEquals(choiceOn(down("A"), losing("B", 0.5), losing("C", 0.26)), "B");
  assertEquals(choiceOn(down("A"), losing("B", 0.5), losing("C", 0.25)), "C");
  assertEquals(choiceOn(down("A"), losing("C", 0.5), losing("B", 0.26)), "C");
  assertEquals(choiceOn(down("A"), losing("C", 0.5), losing("B", 0.3), losing("D", 0.24)), "D");
  const [path, carrier] = [down("A", {}, { moved: true }), losing("C", 0.5)];
  for (const [loss, expected] of [[0.26, "C"], [0.25, "B"]] as const) {
    const all = [losing("B", loss), carrier, path];
    assertEquals(textOf(chooseRoute(path, all, carrier, MARGIN)), expected, "in any order");
  }
});

// ------------------------------------------------------------------------------- holds

Deno.test("up and held: stays on its carrier, though another one comes before that", () => {
  const path = pathOf("A", {}, { held: true });
  assertEquals(choiceOn(path, pathOf("C"), pathOf("B")), "C");
  assertEquals(choiceOn({ ...path, held: false }, pathOf("C"), pathOf("B")), "direct");
});

Deno.test("a dead carrier ends every hold, and so does one that loses too much and twice as much as the path", () => {
  const path = pathOf("A", {}, { held: true, loss: 0.2 });
  assertEquals(choiceOn(path, down("B"), pathOf("C")), "direct");
  assertEquals(choiceOn(path, losing("B", 0.4), pathOf("C")), "direct");
  assertEquals(choiceOn(path, losing("B", 0.39)), "B");
  assertEquals(choiceOn(path, losing("B", 0.39), losing("C", 0.1)), "C");
  assertEquals(choiceOn({ ...path, loss: 0 }, losing("B", 0.2)), "B", "it does not lose too much");
});

Deno.test("a path whose own traffic is held elsewhere carries that of others only if nothing else does", () => {
  const held = pathOf("B", {}, { held: true, moved: true });
  assertEquals(choiceOf(down("A"), held, pathOf("C")), "C");
  assertEquals(choiceOf(down("A"), pathOf("C"), held), "C");
  assertEquals(choiceOf(down("A"), held), "B");
  assertEquals(choiceOf(down("A"), held, losing("C", 0.3)), "B");
});

// ------------------------------------------------------------------------------- no oscillation

const PROVED = { lastBadAt: 9, good: 0 };

/** Chooses for all paths again and again, each on what came of the time before; returns the changes of each path. */
function changesOf(paths: readonly Named[], rounds = 12): number[] {
  const on = new Map<string, string>();
  const changes = paths.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    const now = paths.map((path) => ({ ...path, moved: on.has(path.name) }));
    now.forEach((path, i) => {
      const carrier = now.find((each) => each.name === on.get(path.name)) ?? null;
      const choice = chooseRoute(path, now, carrier, MARGIN);
      if (choice.kind === "keep") return;
      const next = choice.kind === "via" ? choice.path.name : undefined;
      if (next === on.get(path.name)) return;
      (changes[i] as number) += 1;
      if (next === undefined) on.delete(path.name);
      else on.set(path.name, next);
    });
  }
  return changes;
}

Deno.test("loss and health that stay as they are change no route more than once", () => {
  fc.assert(
    fc.property(fc.array(ANY_PATH, { minLength: 2, maxLength: 5 }), (records) => {
      // Of paths that are down the evidence is in.
      const paths = records.map((each, i) => anyPath({ ...each, ...PROVED, held: false }, i));
      for (const count of changesOf(paths)) assert(count <= 1, `${count} changes`);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("two ends that see slightly different figures each settle at once", () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const error = fc.double({ min: -0.03, max: 0.03, noNaN: true });
  fc.assert(fc.property(part, part, error, error, (a, b, errorA, errorB) => {
    for (const [x, y] of [[a, b], [a + errorA, b + errorB]] as const) {
      const paths = [losing("A", Math.max(x, 0)), losing("B", Math.max(y, 0))];
      for (const count of changesOf(paths)) assert(count <= 1);
    }
  }));
});

Deno.test("two paths never carry each other's traffic, whatever they lose and whatever was before", () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(fc.property(part, part, fc.boolean(), fc.boolean(), (lossA, lossB, movedA, movedB) => {
    fc.pre(!(movedA && movedB));
    const a = losing("A", lossA, { moved: movedA });
    const b = losing("B", lossB, { moved: movedB });
    const choices = [
      chooseRoute(a, [a, b], movedA ? b : null, MARGIN),
      chooseRoute(b, [a, b], movedB ? a : null, MARGIN),
    ];
    assert(choices.some((choice) => choice.kind === "direct"));
  }));
});

Deno.test("random loss that is alike on both paths hardly ever changes a route", () => {
  const random = seeded(7);
  const rule = { window: 100, leaveAbove: 0.2, returnBelow: 0.05 };
  for (const part of [0.15, 0.3, 0.5]) {
    const windows = [new LossWindow(rule), new LossWindow(rule)];
    let isMoved = false;
    let changes = 0;
    for (let i = 0; i < 20_000; i++) {
      for (const window of windows) window.record(random.fraction() < part);
      const [a, b] = windows.map((window, k) =>
        losing("AB"[k] as string, window.part ?? 0, { lossy: window.isLossy, moved: false })
      ) as [Named, Named];
      const carrier = isMoved ? b : null;
      const choice: string = textOf(
        chooseRoute({ ...a, moved: isMoved }, [a, b], carrier, MARGIN),
      );
      if ((choice === "B") !== isMoved) changes += 1;
      isMoved = choice === "B";
    }
    assert(changes <= 4, `${changes} changes at ${part}`);
  }
});
