import { assertEquals } from "@std/assert";
import { at, Bench, FakePeer, networkOf, networksOf, told } from "./builders.ts";
import { type Host, Town } from "./town.ts";

const T = 1000;
const HOUR = 3_600_000;

function responder(): Bench {
  return new Bench({ settings: { requestor: false } });
}

function hear(bench: Bench, peer: FakePeer, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    for (const network of ["A", "B"]) bench.feed(peer.inquiry(network));
    bench.advance(T);
  }
}

Deno.test("a node that was silent for an hour is forgotten, told of, and met anew", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  hear(bench, peer, 3);
  bench.advance(HOUR - 10 * T);
  assertEquals(told(bench, "node-forgotten"), []);
  bench.advance(20 * T);
  assertEquals(told(bench, "node-forgotten").length, 1);
  assertEquals(bench.machine.snapshot(bench.now).peers, []);
  hear(bench, peer, 1);
  assertEquals(bench.machine.snapshot(bench.now).peers.map(({ paths }) => paths.length), [2]);
});

/** Lets a peer that is heard no more on A move its traffic to B. */
function lose(bench: Bench, peer: FakePeer): void {
  hear(bench, peer, 3);
  for (let round = 0; round < 6; round++) {
    bench.feed(peer.inquiry("B"));
    bench.advance(T);
  }
  assertEquals(bench.path("A").route?.gateway, at("B", 2));
}

Deno.test("a requestor whose traffic was moved is not forgotten: its route stays", () => {
  const bench = responder();
  lose(bench, new FakePeer(2, ["A", "B"], true));
  bench.advance(2 * HOUR);
  assertEquals(told(bench, "node-forgotten"), []);
  assertEquals(bench.wanted.routes.size, 1);
});

Deno.test("when the role of the requestor moves to another host, no route is left of who asks nobody now", () => {
  const own = { intervalMs: 10 * T };
  const mere = { ...own, requestor: false };
  const town = new Town();
  const [one, two, three] = [own, mere, mere].map((settings, i) =>
    town.add(i + 1, ["A", "B"], settings)
  ) as [Host, Host, Host];
  town.advance(100 * T);
  town.cuts.add("A 1>*").add("A *>1");
  town.advance(100 * T);
  assertEquals([...two.kernel.routes.keys()], [at("A", 1)]);
  for (const [host, settings] of [[one, mere], [three, own]] as const) {
    town.stop(host);
    town.advance(T);
    town.restart(host, settings);
  }
  town.advance(200 * T);
  assertEquals([...two.kernel.routes.keys()], []);
  town.cuts.clear();
  town.advance(HOUR + 100 * T);
  assertEquals(town.told(two, "node-forgotten").map(({ node }) => node), ["node1"]);
  assertEquals(town.hosts.map(({ kernel }) => kernel.routes.size), [0, 0, 0]);
});

Deno.test("who said that it stops and is asked by nobody is forgotten like others, once its time is over", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  hear(bench, peer, 3);
  Object.assign(peer, { requestor: false, boot: 22n, counter: 0 });
  bench.feed(peer.statement("B", { goodbyeMs: HOUR }));
  bench.advance(HOUR - T);
  assertEquals(told(bench, "node-forgotten").length, 0);
  bench.advance(HOUR);
  assertEquals(told(bench, "node-forgotten").length, 1);
  assertEquals(bench.machine.snapshot(bench.now).peers, []);
});

Deno.test("a peer that was set back to an earlier state is heard again at once", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  hear(bench, peer, 3);
  peer.counter += 5000;
  hear(bench, peer, 2);
  peer.counter = 1;
  hear(bench, peer, 5);
  assertEquals([bench.path("A").health, bench.path("A").misses], ["up", 0]);
  assertEquals(told(bench, "path-down"), []);
});

Deno.test("a packet that was overtaken does not set its sender back", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  const late = peer.inquiry("A");
  hear(bench, peer, 3);
  bench.feed(late);
  assertEquals(bench.counter("drops_duplicate_inquiry"), 1);
});

Deno.test("a network that is gone for good is not remembered once nobody is known there", () => {
  const bench = responder();
  bench.feed(networksOf(networkOf("A")));
  assertEquals(bench.machine.snapshot(bench.now).networks.map(({ name }) => name), ["A"]);
});

Deno.test("one that restarts all the time is told of once a minute", () => {
  const bench = responder();
  for (let boot = 0; boot < 50; boot++) {
    const peer = new FakePeer(2, ["A", "B"], true);
    peer.boot = BigInt(1000 + boot);
    bench.feed(peer.inquiry("A"));
    bench.advance(100);
  }
  assertEquals(told(bench, "node-restarted").length, 1);
});
