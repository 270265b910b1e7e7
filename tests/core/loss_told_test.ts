/** A path that loses much is left for a better one, by both ends, and gone back to when it loses less. */
import { assert, assertEquals } from "@std/assert";
import type { Settings } from "../../lib/core/types.ts";
import { at } from "./builders.ts";
import { type Host, Town } from "./town.ts";

/** So many misses in a row are rare even where much is lost. */
const QUICK: Partial<Settings> = { intervalMs: 100, failAfter: 20 };

/** Two hosts on A and B that know each other; `losses` are in force from then on. */
function pair(losses: Record<string, number>, second: Partial<Settings> = {}, seed = 1) {
  const town = new Town(seed);
  const one = town.add(1, ["A", "B"], QUICK);
  town.advance(33);
  const two = town.add(2, ["A", "B"], { ...QUICK, ...second });
  town.advance(3000);
  for (const [way, part] of Object.entries(losses)) town.losses.set(way, part);
  return { town, one, two };
}

function kinds(host: Host): string[] {
  return host.notices.map(({ notice }) => notice.kind).filter((kind) => kind.startsWith("path-"));
}

const ROLES = [["two requestors", {}], ["a requestor and a responder", {
  requestor: false,
}]] as const;

for (const [who, second] of ROLES) {
  for (const way of ["A *>*", "A 1>2", "A 2>1"]) {
    Deno.test(`${who}: 30 % lost at random, ${way}, moves both ends once, and back once it is over`, () => {
      for (const seed of [1, 2, 3]) {
        const { town, one, two } = pair({ [way]: 0.3 }, second, seed);
        town.advance(60_000);
        assertEquals(one.changes.at(-1)?.routes, `${at("A", 2)} via ${at("B", 2)}`);
        assertEquals(two.changes.at(-1)?.routes, `${at("A", 1)} via ${at("B", 1)}`);
        assert(one.changes.length === 1 && two.changes.length === 1);
        const apart = Math.abs((one.changes[0]?.at ?? 0) - (two.changes[0]?.at ?? 0));
        assert(apart <= 200, `${apart} ms apart`);
        town.losses.clear();
        town.advance(40_000);
        assertEquals([one.kernel.routes.size, two.kernel.routes.size], [0, 0]);
        assertEquals([one.changes.length, two.changes.length], [2, 2]);
      }
    });
  }
}

Deno.test("what is told has both figures, and whose they are", () => {
  const { town, one, two } = pair({ "A 1>2": 0.4 }, { requestor: false });
  town.advance(60_000);
  for (const host of [one, two]) {
    const [lossy, ...others] = town.told(host, "path-lossy").filter(({ other }) => other !== null);
    assertEquals(others, []);
    assertEquals(lossy?.path.network, "A");
    assertEquals(lossy?.other, { network: "B", loss: 0 });
    assert(lossy !== undefined && lossy.loss > 0.2 && lossy.loss < 0.6, `${lossy?.loss}`);
    assertEquals(lossy?.actions.map(({ kind }) => kind), ["moved"]);
  }
  town.losses.clear();
  town.advance(40_000);
  for (const host of [one, two]) assertEquals(town.told(host, "path-clean").length, 1);
});

Deno.test("random loss that is alike on both networks moves nothing", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { town, one, two } = pair({ "A *>*": 0.1, "B *>*": 0.1 }, {}, seed);
    town.advance(120_000);
    assertEquals([one.changes, two.changes], [[], []], `${seed}`);
  }
});

Deno.test("five percent lost on one network moves nothing", () => {
  for (const seed of [1, 2, 3]) {
    const { town, one, two } = pair({ "A *>*": 0.05 }, {}, seed);
    town.advance(120_000);
    assertEquals([one.changes, two.changes], [[], []], `${seed}`);
  }
});

Deno.test("a silent cut is no loss: the path goes down, and is not lossy when it is back", () => {
  const { town, one } = pair({});
  town.advance(20_000);
  town.cuts.add("A *>*");
  town.advance(30_000);
  town.cuts.clear();
  town.advance(5_000);
  assertEquals(kinds(one), ["path-down", "path-up"]);
  assertEquals(one.kernel.routes.size, 0);
});

Deno.test("with a window of 0 loss moves nothing, and the word of the peer neither", () => {
  const loss = { window: 0, leaveAbove: 0.2, returnBelow: 0.05 };
  const town = new Town();
  const one = town.add(1, ["A", "B"], { ...QUICK, loss });
  const two = town.add(2, ["A", "B"], QUICK);
  town.advance(3000);
  town.losses.set("A *>*", 0.3);
  town.advance(60_000);
  assertEquals([one.changes.length, two.changes.length], [0, 1]);
});

Deno.test("a busy host that reads its inquiries late blames no network for it, and nobody moves", () => {
  const { town, one, two } = pair({}, { requestor: false });
  for (let i = 0; i < 100; i++) {
    two.isStopped = true;
    town.advance(250);
    town.resume(two);
    town.advance(50);
  }
  assertEquals([one.changes, two.changes], [[], []]);
  assertEquals([...town.told(one, "path-lossy"), ...town.told(two, "path-lossy")], []);
});
