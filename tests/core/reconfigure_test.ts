import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { changedSettings } from "../../lib/core/reconfigure.ts";
import {
  at,
  Bench,
  FakePeer,
  networkOf,
  networksOf,
  sendsIn,
  settingsOf,
  told,
} from "./builders.ts";
import { networksNamed, rulesNamed } from "./other_names.ts";
import { type Host, Town } from "./town.ts";

const FAST = { intervalMs: 100, restoreAfter: 3 };

/** All health and routes that a host has. */
function stateOf(town: Town, host: Host) {
  return host.machine.snapshot(town.now).peers.map(({ node, paths }) => ({
    node,
    paths: paths.map(({ address, health, route, flaps }) => ({ address, health, route, flaps })),
  }));
}

Deno.test("settings that are the same change nothing: no packet, no notice, no other deadline", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  fc.assert(
    fc.property(
      fc.record({
        intervalMs: fc.integer({ min: 20, max: 5000 }),
        failAfter: fc.integer({ min: 1, max: 9 }),
        requestor: fc.boolean(),
        runMs: fc.integer({ min: 0, max: 20_000 }),
      }),
      ({ runMs, ...settings }) => {
        const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])], settings });
        bench.advance(runMs);
        const before = bench.machine.snapshot(bench.now);
        const deadline = bench.machine.nextDeadline();
        const effects = bench.feed({ kind: "settings", settings: settingsOf(settings) });
        assertEquals(effects, []);
        assertEquals(bench.machine.snapshot(bench.now), before);
        assertEquals(bench.machine.nextDeadline(), deadline);
      },
    ),
    { numRuns: 60 },
  );
  assertEquals(peer.counter, 0);
});

Deno.test("the keys in which settings differ are those of the configuration file", () => {
  assertEquals(changedSettings(settingsOf(), settingsOf()), []);
  const other = settingsOf({
    intervalMs: 500,
    peers: [{ node: "x", addresses: ["10.9.0.1"] }],
    failback: { kind: "manual" },
  });
  assertEquals(changedSettings(settingsOf(), other), [
    "interval",
    "confirm-interval",
    "answer-wait",
    "failback",
    "peers",
  ]);
});

Deno.test("the order of keys within a value is no difference", () => {
  const holdDown = { quietMs: 60_000, limitMs: 300_000 };
  assertEquals(changedSettings(settingsOf(), settingsOf({ holdDown })), []);
});

Deno.test("another interval and a new peer, at any moment: no path falls, no route changes, at either end", () => {
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.integer({ min: 1, max: 1000 }),
        atMs: fc.integer({ min: 5000, max: 7000 }),
        from: fc.constantFrom(50, 100, 400, 1000),
        to: fc.constantFrom(50, 100, 400, 1000),
        others: fc.constantFrom(50, 100, 400, 1000),
        isMutual: fc.boolean(),
      }),
      ({ seed, atMs, from, to, others, isMutual }) => {
        const town = new Town(seed);
        const one = town.add(1, ["A", "B"], { ...FAST, intervalMs: from });
        const hosts = [
          one,
          town.add(2, ["A", "B"], { ...FAST, intervalMs: others }),
          town.add(3, ["A", "B"], { ...FAST, intervalMs: others, requestor: isMutual }),
        ];
        town.advance(atMs);
        const peers = [{ node: "far", addresses: [at("A", 9), at("B", 9)] }];
        const before = hosts.map((host) => stateOf(town, host));
        town.reload(one, { ...FAST, intervalMs: to, peers });
        town.advance(10_000);
        hosts.forEach((host, i) => {
          const known = stateOf(town, host).filter(({ node }) => node !== "far");
          assertEquals(known, before[i]);
          assertEquals(host.changes, []);
          const falls = town.told(host, "path-down").filter(({ path }) => path.node !== "far");
          assertEquals(falls, []);
        });
        const far = stateOf(town, one).find(({ node }) => node === "far");
        assertEquals(far?.paths.map(({ address }) => address), [at("A", 9), at("B", 9)]);
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("a route that is in force stays, with its counters, whatever else changes", () => {
  const town = new Town();
  const one = town.add(1, ["A", "B"], FAST);
  const two = town.add(2, ["A", "B"], FAST);
  town.advance(2000);
  town.cuts.add("A *>*");
  town.advance(2000);
  const route = one.kernel.routes.get(at("A", 2));
  assertEquals(route?.gateway, at("B", 2));
  const changes = one.changes.length;
  const sentBefore = one.machine.snapshot(town.now).counters["packets_sent"] ?? 0;
  town.reload(one, {
    ...FAST,
    intervalMs: 60,
    failAfter: 4,
    restoreAfter: 5,
    nodeName: "other",
    stopGraceMs: 1000,
    loss: { window: 60, leaveAbove: 0.3, returnBelow: 0.05 },
    holdDown: { limitMs: 1000, quietMs: 1000 },
  });
  town.advance(3000);
  assertEquals(one.kernel.routes.get(at("A", 2)), route);
  assertEquals([one.changes.length, town.told(one, "adopted")], [changes, []]);
  assert((one.machine.snapshot(town.now).counters["packets_sent"] ?? 0) > sentBefore);
  assertEquals(town.path(two, "B", one).health, "up");
  town.cuts.clear();
  town.advance(3000);
  assertEquals([...one.kernel.routes.keys(), ...two.kernel.routes.keys()], []);
});

Deno.test("a requestor becomes a mere responder and back, and no path falls for it", () => {
  const town = new Town();
  const one = town.add(1, ["A", "B"], FAST);
  const two = town.add(2, ["A", "B"], FAST);
  town.advance(2000);
  town.reload(one, { ...FAST, requestor: false });
  const since = town.sent.length;
  town.advance(5000);
  const sizes = town.sent.slice(since).filter(({ host }) => host === 1).length;
  assert(sizes > 50, "it answers the other one, which asks it now");
  town.reload(one, FAST);
  town.advance(5000);
  for (const host of [one, two]) assertEquals(town.told(host, "path-down"), []);
  assertEquals([...one.kernel.routes.keys(), ...two.kernel.routes.keys()], []);
});

Deno.test("when nobody asks any more nothing is known of the paths, and moved traffic goes direct again", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], settings: FAST });
  bench.advance(1000);
  peer.answersOn.delete("A");
  bench.advance(2000);
  assertEquals(bench.kernel.routes.size, 1);
  bench.feed({ kind: "settings", settings: settingsOf({ ...FAST, requestor: false }) });
  bench.advance(60_000);
  assertEquals([bench.path("A").health, bench.path("B").health], ["unknown", "unknown"]);
  assertEquals(bench.kernel.routes.size, 0);
  peer.answersOn.add("A");
  bench.feed({ kind: "settings", settings: settingsOf(FAST) });
  bench.advance(2000);
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
  assertEquals(bench.kernel.routes.size, 0);
});

Deno.test("what the packets say of us is new in the same turn", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])] });
  bench.advance(2000);
  const settings = settingsOf({ nodeName: "renamed", intervalMs: 250, failAfter: 5 });
  const sent = sendsIn(bench.feed({ kind: "settings", settings }));
  assert(sent.length > 0);
  for (const { packet } of sent) {
    assertEquals([packet.name, packet.intervalMs, packet.failAfter], ["renamed", 250, 5]);
  }
});

Deno.test("from manual to automatic failback what is held returns at once, and the other way round it is held on", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const manual = { ...FAST, failback: { kind: "manual" } as const };
  const bench = new Bench({ peers: [peer], settings: manual });
  bench.advance(1000);
  peer.answersOn.delete("A");
  bench.advance(2000);
  peer.answersOn.add("A");
  bench.advance(5000);
  assertEquals([bench.path("A").hold?.kind, bench.kernel.routes.size], ["manual", 1]);
  const after = { ...FAST, failback: { kind: "after", quietMs: 60_000 } as const };
  bench.feed({ kind: "settings", settings: settingsOf(after) });
  bench.advance(1000);
  assertEquals([bench.path("A").hold?.kind, bench.kernel.routes.size], ["after", 1]);
  bench.feed({ kind: "settings", settings: settingsOf(FAST) });
  bench.advance(10);
  assertEquals([bench.path("A").hold, bench.kernel.routes.size], [null, 0]);
});

Deno.test("who is not allowed any more is forgotten with its routes, and its packets are not used", () => {
  const peers = [new FakePeer(2, ["A", "B"]), new FakePeer(3, ["A", "B"])];
  const bench = new Bench({ peers, settings: FAST });
  bench.advance(1000);
  peers[0]?.answersOn.delete("A");
  bench.advance(2000);
  assertEquals([...bench.kernel.routes.keys()], [at("A", 2)]);
  const allow = { names: ["node3"], subnets: [] };
  bench.feed({ kind: "settings", settings: settingsOf({ ...FAST, allow }) });
  bench.advance(2000);
  const { peers: left } = bench.machine.snapshot(bench.now);
  assertEquals(left.map(({ node }) => node), ["node3"]);
  assertEquals([...bench.kernel.routes.keys()], []);
  assertEquals(told(bench, "node-removed"), [
    { kind: "node-removed", node: "node2", why: "not-allowed" },
  ]);
  assertEquals(told(bench, "path-down").filter(({ path }) => path.node === "node3"), []);
  bench.feed({ kind: "settings", settings: settingsOf(FAST) });
  bench.advance(2000);
  assertEquals(bench.path("B").health, "up");
});

Deno.test("a peer that is configured no longer is forgotten, unless its traffic is moved and it is heard", () => {
  for (const isMoved of [false, true]) {
    const peer = new FakePeer(2, ["A", "B"]);
    const configured = { ...FAST, peers: [{ node: "p", addresses: [at("A", 2), at("B", 2)] }] };
    const bench = new Bench({ peers: [peer], settings: configured });
    bench.advance(1000);
    if (isMoved) peer.answersOn.delete("A");
    bench.advance(2000);
    peer.answersOn.delete(isMoved ? "A" : "B");
    const since = bench.deeds.length;
    bench.feed({ kind: "settings", settings: settingsOf(FAST) });
    assertEquals(told(bench, "node-removed", since).length, isMoved ? 0 : 1);
    assertEquals(bench.machine.snapshot(bench.now).peers.length, isMoved ? 1 : 0);
    assertEquals(bench.kernel.routes.size, isMoved ? 1 : 0);
    const unicast = sendsIn(bench.advance(1000)).filter(({ to }) => to === at("A", 2));
    assertEquals(unicast, [], "it is asked by broadcast like everybody");
  }
});

Deno.test("a network that only got another name keeps its paths, their health and their routes", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], settings: { ...FAST, networks: rulesNamed("A", "B") } });
  bench.advance(1000);
  peer.answersOn.delete("A");
  bench.advance(2000);
  const before = [...bench.kernel.routes];
  const since = bench.deeds.length;
  const renamed = rulesNamed("blue", "B");
  bench.feed({ kind: "settings", settings: settingsOf({ ...FAST, networks: renamed }) });
  const asked = bench.deeds.slice(since).some(({ effect }) => effect.kind === "look");
  assert(asked, "the interfaces are read anew");
  bench.feed(networksNamed("blue", "B"));
  bench.advance(10);
  assertEquals([...bench.kernel.routes], before);
  const paths = bench.machine.snapshot(bench.now).peers.flatMap((each) => each.paths);
  assertEquals(paths.map(({ network, health }) => [network, health]), [["blue", "down"], [
    "B",
    "up",
  ]]);
  assertEquals([told(bench, "network-gone"), told(bench, "network-ready", since)], [[], []]);
});

Deno.test("a network that is not wanted any more is no fault: its paths and routes are gone without a word of failure", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], settings: { ...FAST, networks: rulesNamed("A", "B") } });
  bench.advance(1000);
  const since = bench.deeds.length;
  const fewer = [{ name: "B", interfaceName: "eth2" }];
  bench.feed({ kind: "settings", settings: settingsOf({ ...FAST, networks: fewer }) });
  bench.feed(networksOf(networkOf("B")));
  bench.advance(2000);
  const paths = bench.machine.snapshot(bench.now).peers.flatMap((each) => each.paths);
  assertEquals(paths.map(({ network, health }) => [network, health]), [["B", "up"]]);
  assertEquals([told(bench, "network-gone", since), told(bench, "path-down", since)], [[], []]);
  assertEquals(bench.kernel.routes.size, 0);
});

/** A bench whose traffic for A goes over B, and is then told other names for its two networks. */
function renamedTo(a: string, b: string) {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], settings: { ...FAST, networks: rulesNamed("A", "B") } });
  bench.advance(1000);
  peer.answersOn.delete("A");
  bench.advance(2000);
  const before = [...bench.kernel.routes];
  const since = bench.deeds.length;
  bench.feed({ kind: "settings", settings: settingsOf({ ...FAST, networks: rulesNamed(a, b) }) });
  bench.feed(networksNamed(a, b));
  bench.advance(1);
  return { bench, before, since };
}

for (const [a, b] of [["B", "A"], ["B", "C"], ["C", "A"]] as const) {
  Deno.test(`networks A and B that become ${a} and ${b} keep their paths and routes, whoever had these names`, () => {
    const { bench, before, since } = renamedTo(a, b);
    assertEquals(before.length, 1);
    assertEquals([...bench.kernel.routes], before);
    const paths = bench.machine.snapshot(bench.now).peers.flatMap((each) => each.paths);
    assertEquals(
      paths.map(({ network, address, health }) => [network, address, health]),
      [[a, at("A", 2), "down"], [b, at("B", 2), "up"]],
    );
    assertEquals(told(bench, "network-gone", since), []);
    assertEquals(told(bench, "adopted-removed", since), []);
  });
}

Deno.test("a network whose address went before it left the configuration is forgotten all the same", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], settings: { ...FAST, networks: rulesNamed("A", "B") } });
  bench.advance(1000);
  bench.feed(networksOf(networkOf("B")));
  bench.advance(1000);
  assertEquals([told(bench, "network-gone").length, bench.kernel.routes.size], [1, 1]);
  const fewer = [{ name: "B", interfaceName: "eth2" }];
  bench.feed({ kind: "settings", settings: settingsOf({ ...FAST, networks: fewer }) });
  bench.feed(networksOf(networkOf("B")));
  bench.advance(1000);
  const { networks } = bench.machine.overview(bench.now);
  assertEquals(networks.map(({ name }) => name), ["B"]);
  assertEquals(bench.kernel.routes.size, 0);
});

Deno.test("a network whose address is gone when it gets another name keeps its paths and their routes", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], settings: { ...FAST, networks: rulesNamed("A", "B") } });
  bench.advance(1000);
  bench.feed(networksOf(networkOf("B")));
  bench.advance(1000);
  const before = [...bench.kernel.routes];
  assertEquals(before.length, 1);
  const renamed = rulesNamed("AA", "B");
  bench.feed({ kind: "settings", settings: settingsOf({ ...FAST, networks: renamed }) });
  bench.feed(networksOf(networkOf("B")));
  bench.advance(1);
  assertEquals([...bench.kernel.routes], before);
  const { networks } = bench.machine.overview(bench.now);
  const found = new Map(networks.map(({ name, reason }) => [name, reason]));
  assertEquals(found, new Map([["AA", "no interface for it has our address"], ["B", null]]));
});
