import { assert, assertEquals } from "@std/assert";
import type { Health, NetworkName, Settings } from "../../lib/core/types.ts";
import { at } from "./builders.ts";
import { type Host, Town } from "./town.ts";

const T = 1000;

/** Two hosts on A and B that know each other. */
function pair(first: Partial<Settings> = {}, second: Partial<Settings> = {}) {
  const town = new Town();
  const one = town.add(1, ["A", "B"], first);
  town.advance(370);
  const two = town.add(2, ["A", "B"], second);
  town.advance(5 * T);
  return { town, one, two };
}

/** How the two see each other on a network. */
function views(town: Town, one: Host, two: Host, network: NetworkName): [Health, Health] {
  return [town.path(one, network, two).health, town.path(two, network, one).health];
}

function routesOf(host: Host): string[] {
  return host.changes.map((each) => each.routes);
}

const ROLES: readonly [string, Partial<Settings>, Partial<Settings>][] = [
  ["two requestors", {}, {}],
  ["a requestor and a mere responder", {}, { requestor: false }],
  ["a quick and a slow requestor", { intervalMs: 100 }, { intervalMs: 2000 }],
];

for (const [who, first, second] of ROLES) {
  Deno.test(`${who}: all is well and nothing ever changes`, () => {
    const { town, one, two } = pair(first, second);
    town.advance(300 * T);
    assertEquals(views(town, one, two, "A"), ["up", "up"]);
    assertEquals(views(town, one, two, "B"), ["up", "up"]);
    assertEquals([routesOf(one), routesOf(two)], [[], []]);
  });

  Deno.test(`${who}: a cut of A moves both ends to B, and its mending moves both back`, () => {
    const { town, one, two } = pair(first, second);
    town.cuts.add("A *>*");
    town.advance(20 * T);
    assertEquals(views(town, one, two, "A"), ["down", "down"]);
    assertEquals(routesOf(one), [`${at("A", 2)} via ${at("B", 2)}`]);
    assertEquals(routesOf(two), [`${at("A", 1)} via ${at("B", 1)}`]);
    town.cuts.clear();
    town.advance(30 * T);
    assertEquals(views(town, one, two, "A"), ["up", "up"]);
    assertEquals([routesOf(one).length, routesOf(two).length], [2, 2]);
    assertEquals([one.kernel.routes.size, two.kernel.routes.size], [0, 0]);
  });

  for (const way of ["1>2", "2>1"]) {
    Deno.test(`${who}: if only ${way} is cut on A both ends move, and neither holds the other down for ever`, () => {
      const { town, one, two } = pair(first, second);
      town.cuts.add(`A ${way}`);
      town.advance(20 * T);
      assertEquals(views(town, one, two, "A"), ["down", "down"]);
      assertEquals([routesOf(one).length, routesOf(two).length], [1, 1]);
      town.advance(100 * T);
      assertEquals([routesOf(one).length, routesOf(two).length], [1, 1]);
      town.cuts.clear();
      town.advance(30 * T);
      assertEquals(views(town, one, two, "A"), ["up", "up"]);
      assertEquals([one.kernel.routes.size, two.kernel.routes.size], [0, 0]);
    });
  }

  Deno.test(`${who}: when all LANs are dead for a while both ends recover, and no route is left`, () => {
    const { town, one, two } = pair(first, second);
    town.cuts.add("A *>*").add("B *>*");
    town.advance(60 * T);
    assertEquals(views(town, one, two, "B"), ["down", "down"]);
    town.cuts.clear();
    town.advance(40 * T);
    assertEquals(views(town, one, two, "A"), ["up", "up"]);
    assertEquals(views(town, one, two, "B"), ["up", "up"]);
    assertEquals([one.kernel.routes.size, two.kernel.routes.size], [0, 0]);
  });

  Deno.test(`${who}: when all LANs are dead at once and back at once no route changes on either end`, () => {
    for (let phase = 0; phase < 2000; phase += 270) {
      const { town, one, two } = pair(first, second);
      town.advance(phase);
      town.cuts.add("A *>*").add("B *>*");
      town.advance(60 * T + phase);
      town.cuts.clear();
      town.advance(40 * T);
      assertEquals([routesOf(one), routesOf(two)], [[], []], `${phase}`);
    }
  });

  Deno.test(`${who}: a daemon that is stopped for a while and goes on changes no route on either end`, () => {
    for (let phase = 0; phase < 2000; phase += 270) {
      for (const stopped of [0, 1]) {
        const { town, one, two } = pair(first, second);
        town.advance(phase);
        const host = [one, two][stopped] as Host;
        host.isStopped = true;
        town.advance(30 * T);
        town.resume(host);
        town.advance(40 * T);
        assertEquals([routesOf(one), routesOf(two)], [[], []], `${stopped} ${phase}`);
        assertEquals(views(town, one, two, "A"), ["up", "up"]);
      }
    }
  });

  Deno.test(`${who}: a daemon that is killed and started anew changes no route, and is the same node`, () => {
    for (const number of [0, 1]) {
      const { town, one, two } = pair(first, second);
      const host = [one, two][number] as Host;
      host.isStopped = true;
      town.advance(20 * T);
      host.inbox.length = 0;
      host.isStopped = false;
      town.restart(host, number === 0 ? first : second);
      town.advance(20 * T);
      assertEquals([routesOf(one), routesOf(two)], [[], []], `${number}`);
      assertEquals(views(town, one, two, "B"), ["up", "up"]);
      for (const each of [one, two]) {
        assertEquals(each.machine.snapshot(town.now).peers.length, 1);
      }
    }
  });
}

Deno.test("a daemon that is killed and started anew while A is dead keeps the routes, and gives them back later", () => {
  const { town, one, two } = pair();
  town.cuts.add("A *>*");
  town.advance(20 * T);
  town.restart(one);
  town.advance(60 * T);
  assertEquals(routesOf(one), [`${at("A", 2)} via ${at("B", 2)}`]);
  town.cuts.clear();
  town.advance(20 * T);
  assertEquals([routesOf(one).length, one.kernel.routes.size], [2, 0]);
  assertEquals(views(town, one, two, "A"), ["up", "up"]);
});

Deno.test("with one port of three dead only the paths of that host move", () => {
  const town = new Town();
  const hosts = [1, 2, 3].map((number) => town.add(number, ["A", "B"]));
  const [one, two, three] = hosts as [Host, Host, Host];
  town.advance(5 * T);
  town.cuts.add("A 2>*").add("A *>2");
  town.advance(20 * T);
  assertEquals(routesOf(one), [`${at("A", 2)} via ${at("B", 2)}`]);
  assertEquals(routesOf(three), [`${at("A", 2)} via ${at("B", 2)}`]);
  assertEquals([...two.kernel.routes.keys()].sort(), [at("A", 1), at("A", 3)]);
  assertEquals(views(town, one, three, "A"), ["up", "up"]);
  town.cuts.clear();
  town.advance(30 * T);
  for (const host of hosts) assertEquals(host.kernel.routes.size, 0);
});

Deno.test("whoever notices first tells the other: both ends move within moments", () => {
  const { town, one, two } = pair({ intervalMs: 100 }, { intervalMs: 5000 });
  town.advance(10 * T);
  town.cuts.add("A *>*");
  town.advance(20 * T);
  const [first, second] = [one.changes[0]?.at ?? 0, two.changes[0]?.at ?? Infinity];
  assert(second - first <= 2, `${first} ${second}`);
});
