import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { newPathHealth, type PathHealth } from "../../lib/core/path_health.ts";
import { type Candidate, chooseRoute } from "../../lib/core/route_choice.ts";

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
    ...rest,
  };
}

/** A path that is down since 200 by evidence of 150. */
function down(name: string, state: Partial<PathHealth> = {}, rest: Partial<Candidate> = {}): Named {
  return pathOf(name, { health: "down", since: 200, good: 0, lastBadAt: 150, ...state }, rest);
}

/** The choice for the first of the paths, as one word or a name. */
function choiceOf(path: Named, ...others: readonly Named[]): string {
  const choice = chooseRoute(path, [path, ...others]);
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

Deno.test("of any paths: direct if not down, else over an up and usable one of the others, else keep", () => {
  const path = fc.record({
    health: fc.constantFrom("unknown" as const, "up" as const, "down" as const),
    moved: fc.boolean(),
    usable: fc.boolean(),
    preference: fc.integer({ min: 0, max: 5 }),
    since: fc.integer({ min: 0, max: 9 }),
    good: fc.integer({ min: 0, max: 2 }),
    misses: fc.integer({ min: 0, max: 2 }),
    lastBadAt: fc.option(fc.integer({ min: 0, max: 9 })),
  });
  fc.assert(fc.property(fc.array(path, { minLength: 1, maxLength: 5 }), (records) => {
    const paths = records.map(({ moved, usable, preference, ...state }, i) =>
      pathOf(`${i}`, state, { moved, usable, preference })
    );
    const self = paths[0] as Named;
    const choice = chooseRoute(self, paths);
    assertEquals(choice.kind === "direct", self.state.health !== "down");
    if (choice.kind !== "via") return;
    assert(choice.path !== self);
    assertEquals([choice.path.state.health, choice.path.usable], ["up", true]);
  }));
});
