/** What people should know of the nodes that we meet, told once. */
import { assert, assertEquals } from "@std/assert";
import type { Notice } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  datagram,
  FakePeer,
  interfaceOf,
  networkOf,
  networksOf,
  told,
} from "./builders.ts";
import { type Host, Town } from "./town.ts";

const T = 1000;

function responder(): Bench {
  return new Bench({ settings: { requestor: false } });
}

/** Lets peers inquire on all their networks, once an interval. */
function hear(bench: Bench, peers: readonly FakePeer[], rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) {
      for (const network of peer.networks) bench.feed(peer.inquiry(network));
    }
    bench.advance(T);
  }
}

// ------------------------------------------------------------------------------- two of one name

Deno.test("two nodes of one name are told of once, with both addresses, and both are up", () => {
  const bench = responder();
  const peers = [new FakePeer(2, ["A", "B"], true), new FakePeer(3, ["A", "B"], true)];
  for (const peer of peers) peer.says = { name: "clone" };
  hear(bench, peers, 300);
  assertEquals(told(bench, "same-name"), [
    { kind: "same-name", name: "clone", address: at("A", 3), other: at("A", 2) },
  ]);
  assertEquals([bench.path("A", 2).health, bench.path("A", 3).health], ["up", "up"]);
  assertEquals(bench.machine.snapshot(bench.now).peers.length, 2);
});

Deno.test("a node that has our own name is told of as such", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  peer.says = { name: "own" };
  hear(bench, [peer], 3);
  assertEquals(told(bench, "same-name"), [
    { kind: "same-name", name: "own", address: at("A", 2), other: null },
  ]);
});

Deno.test("a restart of a node is no second node of its name", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  hear(bench, [peer], 3);
  Object.assign(peer, { boot: 77n, counter: 0 });
  hear(bench, [peer], 3);
  assertEquals([told(bench, "same-name").length, told(bench, "node-restarted").length], [0, 1]);
});

// ------------------------------------------------------------------------------- other figures

Deno.test("a requestor of other figures is told of once for each pair of them, and judged by its own", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  peer.intervalMs = 2 * T;
  hear(bench, [peer], 100);
  assertEquals(told(bench, "timing-differs"), [{
    kind: "timing-differs",
    node: "node2",
    intervalMs: 2 * T,
    failAfter: 3,
    ownIntervalMs: T,
    ownFailAfter: 3,
  }]);
  Object.assign(peer, { intervalMs: T, says: { failAfter: 5 } });
  hear(bench, [peer], 2);
  assertEquals(told(bench, "timing-differs").map((each) => each.failAfter), [3, 5]);
});

Deno.test("a mere responder may have whatever interval it likes", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  peer.intervalMs = 17;
  const bench = new Bench({ peers: [peer] });
  bench.advance(10 * T);
  assertEquals(told(bench, "timing-differs"), []);
});

// ------------------------------------------------------------------------------- one network only

Deno.test("a peer on one of our networks only is told of once, and again after it was on more", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["B"], true);
  hear(bench, [peer], 100);
  const path = { node: "node2", network: "B", address: at("B", 2) };
  assertEquals(told(bench, "one-network"), [{ kind: "one-network", path }]);
  peer.networks = ["A", "B"];
  hear(bench, [peer], 100);
  peer.networks = ["B"];
  hear(bench, [peer], 100);
  assertEquals(told(bench, "one-network").length, 2);
});

Deno.test("where we have one network ourselves, nobody is told of for being on one", () => {
  const bench = new Bench({ settings: { requestor: false }, networks: [networkOf("A")] });
  hear(bench, [new FakePeer(2, ["A"], true)], 5);
  assertEquals(told(bench, "one-network"), []);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  hear(bench, [new FakePeer(3, ["A"], true)], 1);
  assertEquals(told(bench, "one-network").map(({ path }) => path.node), ["node3"]);
});

Deno.test("a node whose second address is disputed is not told of as one with one network", () => {
  const bench = responder();
  const owner = new FakePeer(2, ["A", "B"], true);
  const thief = new FakePeer(3, ["B"], true);
  thief.says = { interfaces: [interfaceOf("A", 2), interfaceOf("B", 3)] };
  for (let round = 0; round < 5; round++) {
    hear(bench, [owner], 1);
    bench.feed(datagram(thief.packet("inq", { sequence: round + 1 }), "A", at("A", 2)));
    bench.feed(thief.inquiry("B"));
    bench.feed(owner.inquiry("B"));
  }
  const named = told(bench, "one-network").map(({ path }) => path.node);
  assertEquals(named.filter((node) => node === "node2"), []);
  assertEquals(told(bench, "address-conflict").length, 1);
});

// ------------------------------------------------------------------------------- one way dead

/** Two hosts on A and B that know each other. */
function pair(second = {}): { town: Town; one: Host; two: Host } {
  const town = new Town();
  const one = town.add(1, ["A", "B"]);
  const two = town.add(2, ["A", "B"], second);
  town.advance(6 * T);
  return { town, one, two };
}

for (const [who, second] of [["requestor", {}], ["responder", { requestor: false }]] as const) {
  for (const way of ["1>2", "2>1"] as const) {
    Deno.test(`a ${who} and a requestor of which only ${way} is cut on A both say once which way is dead`, () => {
      const { town, one, two } = pair(second);
      town.cuts.add(`A ${way}`);
      town.advance(60 * T);
      const [ofOne, ofTwo] = [one, two].map((host) =>
        town.told(host, "one-way").map(({ dead, path }) => `${path.network} ${dead}`)
      );
      assertEquals(ofOne, [way === "1>2" ? "A to-peer" : "A from-peer"]);
      assertEquals(ofTwo, [way === "1>2" ? "A from-peer" : "A to-peer"]);
      assertEquals(town.path(one, "A", two).dead, way === "1>2" ? "to-peer" : "from-peer");
      assertEquals(town.path(two, "A", one).dead, way === "1>2" ? "from-peer" : "to-peer");
      town.cuts.clear();
      town.advance(20 * T);
      for (const [host, other] of [[one, two], [two, one]] as const) {
        assertEquals([town.path(host, "A", other).health, host.kernel.routes.size], ["up", 0]);
        assertEquals(town.path(host, "A", other).dead, null);
      }
      // The next fall is told of again.
      town.cuts.add(`A ${way}`);
      town.advance(60 * T);
      assertEquals([town.told(one, "one-way").length, town.told(two, "one-way").length], [2, 2]);
    });
  }
}

Deno.test("of a network that is dead both ways, and of a peer that is dead altogether, no one way is told", () => {
  for (const cuts of [["A *>*"], ["A *>*", "B *>*"]]) {
    const { town, one, two } = pair();
    for (const cut of cuts) town.cuts.add(cut);
    town.advance(60 * T);
    assertEquals([town.told(one, "one-way"), town.told(two, "one-way")], [[], []]);
  }
});

// ------------------------------------------------------------------------------- many at once

Deno.test("when five peers vanish from a network at once, one line says so; when they are back, another", () => {
  const peers = [2, 3, 4, 5, 6].map((host) => new FakePeer(host, ["A", "B"]));
  const bench = new Bench({ peers });
  bench.advance(5 * T);
  const since = bench.deeds.length;
  for (const peer of peers) peer.answersOn.delete("A");
  bench.advance(10 * T);
  const kinds = (from: number) =>
    bench.deeds.slice(from).flatMap(({ effect }): Notice["kind"][] =>
      effect.kind === "notice" && effect.notice.kind !== "one-way" ? [effect.notice.kind] : []
    );
  assertEquals(kinds(since), ["network-silent"]);
  const [silent] = told(bench, "network-silent");
  assertEquals([silent?.network, silent?.peers, silent?.moved], ["A", 5, 5]);
  const later = bench.deeds.length;
  for (const peer of peers) peer.answersOn.add("A");
  bench.advance(10 * T);
  assertEquals(kinds(later), ["network-heard"]);
  const [heard] = told(bench, "network-heard");
  assertEquals([heard?.peers, heard?.restored, heard?.held], [5, 5, 0]);
});

Deno.test("when four of five vanish, each is told of", () => {
  const peers = [2, 3, 4, 5, 6].map((host) => new FakePeer(host, ["A", "B"]));
  const bench = new Bench({ peers });
  bench.advance(5 * T);
  for (const peer of peers.slice(1)) peer.answersOn.delete("A");
  bench.advance(10 * T);
  assertEquals([told(bench, "path-down").length, told(bench, "network-silent").length], [4, 0]);
});

Deno.test("the route is asked for at once, whatever is held back of what is told", () => {
  const peers = [2, 3, 4, 5, 6].map((host) => new FakePeer(host, ["A", "B"]));
  const bench = new Bench({ peers });
  bench.advance(5 * T);
  for (const peer of peers.slice(1)) peer.answersOn.delete("A");
  const tookMs = bench.advanceTo((notice) => notice.kind === "path-down", 10 * T);
  const asked = bench.deeds.findLast(({ effect }) => effect.kind === "route");
  const line = bench.deeds.find(({ effect }) =>
    effect.kind === "notice" && effect.notice.kind === "path-down"
  );
  assert(tookMs !== null);
  const heldMs = (line?.at ?? NaN) - (asked?.at ?? NaN);
  assert(heldMs >= T / 2, `${heldMs}`);
});
