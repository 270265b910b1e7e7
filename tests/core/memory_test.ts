import { assertEquals } from "@std/assert";
import { at, Bench, FakePeer, networkOf, networksOf, told } from "./builders.ts";

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

Deno.test("a node whose traffic was moved is not forgotten: its route stays", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  hear(bench, peer, 3);
  for (let round = 0; round < 6; round++) {
    bench.feed(peer.inquiry("B"));
    bench.advance(T);
  }
  assertEquals(bench.path("A").route?.gateway, at("B", 2));
  bench.advance(2 * HOUR);
  assertEquals(told(bench, "node-forgotten"), []);
  assertEquals(bench.wanted.routes.size, 1);
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
