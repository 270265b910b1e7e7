import { assertEquals } from "@std/assert";
import {
  at,
  Bench,
  dead,
  FakePeer,
  interfaceOf,
  networkOf,
  networksOf,
  settingsOf,
} from "./builders.ts";

const T = 1000;

function acquainted() {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(200);
  return { bench, peer };
}

Deno.test("a snapshot shows this node, its networks and each peer with its paths in order of address", () => {
  const { bench } = acquainted();
  const path = {
    health: "up" as const,
    cause: null,
    misses: 0,
    good: 1,
    roundTripMs: 1,
    lastGoodAgoMs: 199,
    dead: null,
    loss: null,
    hold: null,
    flaps: 0,
    route: null,
  };
  assertEquals(bench.machine.snapshot(bench.now), {
    node: settingsOf().nodeName,
    networks: [networkOf("A"), networkOf("B")],
    peers: [{
      node: "node2",
      requestor: false,
      stopping: false,
      paths: [
        { network: "A", address: at("A", 2), ...path },
        { network: "B", address: at("B", 2), ...path },
      ],
    }],
    degraded: null,
    counters: { packets_sent: 2, late_wakes: 0, sleeps: 0, worst_lateness_ms: 0, repairs: 0 },
  });
});

Deno.test("networks that are gone or unusable are shown with the reason, as long as somebody is known there", () => {
  const { bench } = acquainted();
  bench.feed(networksOf(dead("B")));
  assertEquals(bench.machine.snapshot(bench.now).networks, [
    { ...networkOf("A"), usable: false, reason: "no interface for it has our address" },
    dead("B"),
  ]);
});

Deno.test("a dead path shows its cause and where its traffic goes", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  const { health, cause, route } = bench.path("A");
  assertEquals([health, cause?.kind], ["down", "missed"]);
  assertEquals(route, {
    address: at("A", 2),
    gateway: at("B", 2),
    interfaceName: "eth2",
    source: at("A", 1),
  });
});

Deno.test("a dead path shows which way is dead, as long as its peer is heard on another one", () => {
  const { bench, peer } = acquainted();
  assertEquals(bench.path("A").dead, null);
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  assertEquals(bench.path("A").dead, "from-peer");
  peer.answersOn.delete("B");
  bench.advance(6 * T);
  assertEquals([bench.path("A").dead, bench.path("B").dead], [null, null]);
});

Deno.test("of a path whose peer complains on it only the way to the peer is dead", () => {
  const { bench, peer } = acquainted();
  bench.advance(3 * T);
  peer.says = { unheard: [at("A", 1)] };
  bench.advance(2 * T);
  assertEquals([bench.path("A").health, bench.path("A").dead], ["down", "to-peer"]);
  peer.answersOn.delete("B");
  bench.advance(6 * T);
  assertEquals([bench.path("B").health, bench.path("A").dead], ["down", "to-peer"]);
  peer.answersOn = new Set(["B"]);
  bench.advance(6 * T);
  assertEquals(bench.path("A").dead, "both");
});

Deno.test("both ways of a path are dead while its network is unusable, be it ours or the peer's", () => {
  const { bench } = acquainted();
  bench.feed(networksOf(dead("A"), networkOf("B")));
  assertEquals(bench.path("A").dead, "both");
  const other = acquainted();
  other.peer.answersOn.delete("A");
  const networks = [interfaceOf("A", 2, false), interfaceOf("B", 2)];
  other.peer.says = { interfaces: networks };
  other.bench.advance(5 * T);
  assertEquals([other.bench.path("A").cause?.kind, other.bench.path("A").dead], [
    "peer-network",
    "both",
  ]);
});

Deno.test("falls are shown and fade with time; so does the lost part of the last inquiries", () => {
  const { bench, peer } = acquainted();
  bench.advance(20 * T);
  assertEquals([bench.path("A").flaps, bench.path("A").loss], [0, 0]);
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  peer.answersOn.add("A");
  const { flaps, loss } = bench.path("A");
  assertEquals([flaps, (loss ?? 0) > 0], [1, true]);
  bench.advance(200 * T);
  assertEquals([bench.path("A").flaps, bench.path("A").loss], [0, 0]);
});

Deno.test("a peer that said it stops is shown as stopping, until it is back or its time is over", () => {
  const { bench, peer } = acquainted();
  const stopping = () => bench.machine.snapshot(bench.now).peers[0]?.stopping;
  assertEquals(stopping(), false);
  bench.feed(peer.statement("A", { goodbyeMs: 10 * T }));
  peer.answersOn.clear();
  assertEquals(stopping(), true);
  bench.advance(9 * T);
  assertEquals(stopping(), true);
  bench.advance(2 * T);
  assertEquals(stopping(), false);
});

Deno.test("drops are counted by reason", () => {
  const { bench } = acquainted();
  for (let i = 0; i < 3; i++) {
    const bytes = new Uint8Array(i);
    bench.feed({ kind: "datagram", network: "A", from: at("A", 7), port: 1, bytes });
  }
  assertEquals(bench.machine.snapshot(bench.now).counters["drops_too_short"], 3);
});

Deno.test("why routes are not as wanted is shown while it lasts", () => {
  const { bench } = acquainted();
  bench.switcherWorks = false;
  bench.advance(6 * T);
  const generation = 2;
  bench.feed({ kind: "routes-failed", generation, reason: "ip ended" });
  assertEquals(bench.machine.snapshot(bench.now).degraded, "ip ended");
  bench.switcherWorks = true;
  bench.advance(T);
  assertEquals(bench.machine.snapshot(bench.now).degraded, null);
});

Deno.test("nothing in a snapshot is live: it stays as it was whatever happens after it", () => {
  const { bench, peer } = acquainted();
  const before = bench.machine.snapshot(bench.now);
  const copy = structuredClone(before);
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  const between = bench.machine.snapshot(bench.now);
  const second = structuredClone(between);
  bench.feed(networksOf(networkOf("A"), dead("B")));
  bench.feed(networksOf());
  bench.advance(6 * T);
  assertEquals(before, copy);
  assertEquals(between, second);
});

Deno.test("what was asked of the route switcher and told to people is not live either", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  const deeds = bench.deeds.slice();
  const copy = structuredClone(deeds);
  bench.feed(networksOf(networkOf("A"), dead("B")));
  bench.feed(networksOf());
  bench.advance(20 * T);
  assertEquals(deeds, copy);
});

Deno.test("asking for a snapshot changes nothing", () => {
  const run = (isWatched: boolean) => {
    const { bench, peer } = acquainted();
    peer.answersOn.delete("A");
    for (let i = 0; i < 20; i++) {
      bench.advance(T / 3);
      if (isWatched) bench.machine.snapshot(bench.now);
    }
    return bench.deeds;
  };
  assertEquals(run(true), run(false));
});
