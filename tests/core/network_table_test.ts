import { assert, assertEquals } from "@std/assert";
import type { Effect, Network } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  datagram,
  dead,
  FakePeer,
  networkOf,
  networksOf,
  noticesIn,
  routesIn,
  routeText,
  sendsIn,
} from "./builders.ts";

const T = 1000;

/** A bench with host 2 on A and B, run until it is known on both. */
function acquainted() {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], start: 100_000 });
  bench.advance(100);
  return { bench, peer };
}

/** Tells a bench which networks there are now. */
function report(bench: Bench, ...networks: readonly Network[]): Effect[] {
  return bench.feed(networksOf(...networks));
}

function kindsIn(effects: readonly Effect[]): string[] {
  return noticesIn(effects).map((notice) => notice.kind);
}

/** Where packets of these effects go, by network and kind. */
function sentOn(effects: readonly Effect[]): string[] {
  return sendsIn(effects).map((each) => `${each.network} ${each.packet.kind}`);
}

// ------------------------------------------------------------------------------- coming and staying

Deno.test("a network that is ready, one that is not, and one that cannot be had are told once each", () => {
  const bench = new Bench({ networks: [networkOf("A"), dead("B")] });
  const problems = [{ name: "C", reason: "there is no interface eth3" }];
  const networks = [networkOf("A"), dead("B")];
  const told = bench.deeds.map((deed) => deed.effect);
  assertEquals(noticesIn(told), [
    { kind: "network-ready", network: networkOf("A") },
    { kind: "network-unusable", network: "B", reason: "no carrier" },
  ]);
  const first = noticesIn(bench.feed({ kind: "networks", networks, problems }));
  assertEquals(first, [{ kind: "network-problem", problem: problems[0]! }]);
  assertEquals(noticesIn(bench.feed({ kind: "networks", networks, problems })), []);
  const other = [{ name: "C", reason: "eth3 has no IPv4 address" }];
  const second = noticesIn(bench.feed({ kind: "networks", networks, problems: other }));
  assertEquals(second, [{ kind: "network-problem", problem: other[0]! }]);
});

Deno.test("without any network it says so once, and again when it happens again", () => {
  const bench = new Bench({ networks: [] });
  assertEquals(kindsIn(bench.deeds.map((deed) => deed.effect)), ["no-network"]);
  assertEquals(kindsIn(report(bench)), []);
  assertEquals(kindsIn(report(bench, networkOf("A"))), ["network-ready"]);
  assertEquals(kindsIn(report(bench)), ["network-gone", "no-network"]);
});

Deno.test("the same networks again change nothing: no notice, no packet, no route", () => {
  const { bench } = acquainted();
  assertEquals(report(bench, networkOf("A"), networkOf("B")), []);
});

Deno.test("a network that comes later is asked on at once, and the others are not disturbed", () => {
  const { bench } = acquainted();
  bench.advance(400);
  const before = bench.path("A");
  const effects = report(bench, networkOf("A"), networkOf("B"), networkOf("C"));
  assertEquals(sentOn(effects), ["C inq"]);
  assertEquals({ ...bench.path("A"), lastGoodAgoMs: before.lastGoodAgoMs }, before);
});

Deno.test("a new order of preference is followed by the traffic that was moved", () => {
  const peer = new FakePeer(2, ["A", "B", "C"]);
  const [a, b, c] = [networkOf("A"), networkOf("B"), networkOf("C")];
  const bench = new Bench({ peers: [peer], networks: [a, b, c] });
  bench.advance(100);
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  assertEquals(bench.path("A").route?.gateway, at("B", 2));
  report(bench, a, c, b);
  assertEquals(bench.path("A").route?.gateway, at("C", 2));
});

Deno.test("a network that is unusable from the start is no news for anybody: nothing but the inquiry is sent", () => {
  const bench = new Bench({ networks: [dead("A"), networkOf("B")] });
  assertEquals(sentOn(bench.deeds.map((deed) => deed.effect)), ["B inq"]);
});

// ------------------------------------------------------------------------------- losing the carrier

Deno.test("when our carrier is lost all paths there are down in the same turn, traffic moves, and peers are told elsewhere", () => {
  const { bench } = acquainted();
  const effects = report(bench, dead("A"), networkOf("B"));
  const { health, cause, route } = bench.path("A");
  assertEquals([health, cause], ["down", { kind: "own-network", reason: "no carrier" }]);
  assertEquals(route, {
    address: at("A", 2),
    gateway: at("B", 2),
    interfaceName: "eth2",
    source: at("A", 1),
  });
  assertEquals(sentOn(effects), ["B state"]);
  const [state] = sendsIn(effects);
  assertEquals(state?.packet.interfaces.map((each) => each.usable), [false, true]);
  assertEquals(state?.packet.unheard, [at("A", 2)]);
  const [request] = routesIn(effects);
  assertEquals(request?.wanted.forgetNeighbours, [
    { address: at("A", 2), interfaceName: "eth1" },
  ]);
});

Deno.test("the route is asked for before the peers are told: our own traffic comes first", () => {
  const { bench } = acquainted();
  const kinds = report(bench, dead("A"), networkOf("B")).map((each) => each.kind);
  assertEquals(kinds, ["notice", "route", "send"]);
});

Deno.test("nothing is ever sent on a network that cannot send", () => {
  const { bench, peer } = acquainted();
  bench.feed(networksOf(dead("A"), networkOf("B")));
  const effects = [
    ...bench.advance(10 * T),
    ...bench.feed(peer.inquiry("A")),
    ...bench.feed(peer.statement("B", { unheard: [at("B", 1)] })),
    ...report(bench, dead("A"), dead("B")),
    ...bench.advance(10 * T),
  ];
  assertEquals(sentOn(effects).filter((each) => each.startsWith("A")), []);
  const both = [...report(bench, dead("A")), ...bench.advance(10 * T)];
  assertEquals(sentOn(both), []);
});

Deno.test("with the carrier back it is asked on at once, and moved traffic returns after exactly s good answers", () => {
  const { bench } = acquainted();
  report(bench, dead("A"), networkOf("B"));
  bench.advance(5 * T);
  const effects = report(bench, networkOf("A"), networkOf("B"));
  assertEquals(kindsIn(effects), ["network-ready"]);
  assert(sentOn(effects).includes("A inq"));
  bench.advance(2 * T);
  assertEquals([bench.path("A").good, bench.path("A").health], [3, "down"]);
  bench.advance(T);
  assertEquals([bench.path("A").health, bench.path("A").route], ["up", null]);
});

Deno.test("a slower requestor owes no inquiries to a requestor, also after its network came back", () => {
  const { bench, peer } = acquainted();
  Object.assign(peer, { requestor: true, intervalMs: T + 1 });
  bench.advance(T);
  report(bench, dead("A"), networkOf("B"));
  report(bench, networkOf("A"), networkOf("B"));
  bench.advance(30 * T);
  assertEquals([bench.path("A").health, bench.path("A").misses], ["up", 0]);
});

Deno.test("a peer that is known only by the other network is reached there when ours has no carrier from the start", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], networks: [dead("A"), networkOf("B")] });
  bench.advance(100);
  assertEquals([bench.path("A").health, bench.path("A").route?.gateway], ["down", at("B", 2)]);
  assertEquals(routeText(bench.wanted), [`${at("A", 2)} via ${at("B", 2)} eth2`]);
});

Deno.test("a configured peer on a network without carrier is down for that reason, not for misses", () => {
  const peers = [{ node: "far", addresses: [at("A", 9)] }];
  const bench = new Bench({ settings: { peers }, networks: [dead("A"), networkOf("B")] });
  bench.advance(10 * T);
  assertEquals(bench.path("A", 9).cause, { kind: "own-network", reason: "no carrier" });
});

Deno.test("what a requestor owes to a requestor, it owes anew once its network came back", () => {
  const { bench, peer } = acquainted();
  peer.requestor = true;
  peer.answersOn.clear();
  const inquire = (...networks: string[]) => {
    for (const network of networks) bench.feed(peer.inquiry(network));
    bench.advance(T);
  };
  for (let i = 0; i < 4; i++) inquire("A", "B");
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
  report(bench, dead("A"), networkOf("B"));
  for (let i = 0; i < 10; i++) inquire("B");
  assertEquals(bench.path("A").misses, 0);
  report(bench, networkOf("A"), networkOf("B"));
  for (let i = 0; i < 3; i++) inquire("B");
  assertEquals(bench.path("A").misses, 2);
});

// ------------------------------------------------------------------------------- losing the address

Deno.test("when our address is gone its paths are down, their traffic moves, and packets no longer list it", () => {
  const { bench } = acquainted();
  const effects = report(bench, networkOf("B"));
  assertEquals(bench.path("A").cause, {
    kind: "own-network",
    reason: "no interface for it has our address",
  });
  assertEquals(bench.path("A").route, {
    address: at("A", 2),
    gateway: at("B", 2),
    interfaceName: "eth2",
  });
  const [state] = sendsIn(effects);
  assertEquals(state?.packet.interfaces.map((each) => each.address), [at("B", 1)]);
});

Deno.test("a network that comes back has its peers as it left them, and is asked on at once", () => {
  const { bench } = acquainted();
  report(bench, networkOf("B"));
  bench.advance(5 * T);
  assert(sentOn(report(bench, networkOf("A"), networkOf("B"))).includes("A inq"));
  assertEquals(bench.path("A").route?.source, at("A", 1));
  bench.advance(4 * T);
  assertEquals([bench.path("A").health, bench.path("A").route], ["up", null]);
});

Deno.test("the paths of a network that is gone are remembered when another one comes meanwhile", () => {
  const { bench } = acquainted();
  report(bench, networkOf("B"));
  report(bench, networkOf("B"), networkOf("C"));
  assertEquals([bench.path("A").network, bench.path("A").route?.gateway], ["A", at("B", 2)]);
});

Deno.test("the first answer after a network came back is no duplicate of the one before it went", () => {
  const peer = new FakePeer(2, ["A"]);
  const bench = new Bench({ peers: [peer], networks: [networkOf("A")] });
  bench.advance(100);
  report(bench);
  report(bench, networkOf("A"));
  bench.advance(100);
  assertEquals(bench.counter("drops_duplicate_answer"), 0);
  assertEquals([bench.path("A").health, bench.path("A").misses], ["up", 0]);
});

Deno.test("a network that moved to another subnet forgets its paths and their routes", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  assertEquals(bench.wanted.routes.size, 1);
  const moved = networkOf("A", { address: "10.7.0.1", broadcast: "10.7.255.255" });
  report(bench, moved, networkOf("B"));
  const addresses = bench.machine.snapshot(bench.now).peers.flatMap((each) =>
    each.paths.map((path) => path.address)
  );
  assertEquals(addresses, [at("B", 2)]);
  assertEquals(bench.wanted.routes.size, 0);
});

Deno.test("a network that goes by another name now keeps its paths", () => {
  const { bench, peer } = acquainted();
  const renamed = networkOf("A", { name: "lan", interfaceName: "lan0" });
  const effects = report(bench, renamed, networkOf("B"));
  assertEquals([bench.path("A").network, bench.path("A").health], ["lan", "down"]);
  const { sequence, nonce } = sendsIn(effects).find((each) => each.network === "lan")!.packet;
  bench.feed(datagram(peer.packet("ack", { sequence, nonce }), "lan", at("A", 2)));
  assertEquals([bench.path("A").good, bench.path("A").roundTripMs !== null], [1, true]);
});

Deno.test("a path whose own address moved within its subnet gets a route with the new source", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  report(bench, networkOf("A", { address: at("A", 77) }), networkOf("B"));
  assertEquals(bench.path("A").route?.source, at("A", 77));
});

Deno.test("our own address is never a peer, also when it was one before", () => {
  const { bench } = acquainted();
  report(bench, networkOf("A", { address: at("A", 2) }), networkOf("B"));
  const addresses = bench.machine.snapshot(bench.now).peers.flatMap((each) =>
    each.paths.map((path) => path.address)
  );
  assertEquals(addresses, [at("B", 2)]);
});

// ------------------------------------------------------------------------------- failed sends

Deno.test("a failed send is counted each time, told once a minute for each network, and judges nobody", () => {
  const { bench } = acquainted();
  const fail = (network: string) =>
    noticesIn(bench.feed({ kind: "send-failed", network, reason: "Network is unreachable" }));
  assertEquals(fail("A"), [
    { kind: "send-failed", network: "A", reason: "Network is unreachable" },
  ]);
  assertEquals([fail("A"), fail("B").length], [[], 1]);
  bench.advance(60 * T);
  assertEquals(fail("A").length, 1);
  assertEquals(bench.counter("drops_send_failed"), 4);
  assertEquals(bench.path("A").health, "up");
});

// ------------------------------------------------------------------------------- configured peers

Deno.test("a configured peer is asked by unicast besides the broadcast, on its own network only", () => {
  const peers = [{ node: "far", addresses: [at("A", 9), at("B", 9), "172.16.0.1"] }];
  const bench = new Bench({ settings: { peers } });
  bench.advance(T);
  const sent = bench.deeds.flatMap(({ effect }) => sendsIn([effect]));
  const targets = sent.map((each) => `${each.network} ${each.to} ${each.packet.sequence}`);
  assertEquals(targets.slice(0, 4), [
    "A 10.1.255.255 1",
    `A ${at("A", 9)} 1`,
    "B 10.2.255.255 1",
    `B ${at("B", 9)} 1`,
  ]);
});

Deno.test("a configured peer that hears broadcast and unicast answers both, and counts once", () => {
  const peers = [{ node: "far", addresses: [at("A", 2), at("B", 2)] }];
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ settings: { peers }, peers: [peer] });
  bench.advance(3 * T + 500);
  assertEquals([bench.path("A").good, bench.path("A").health], [4, "up"]);
  assertEquals(bench.counter("drops_duplicate_answer"), 8);
  assertEquals(bench.machine.snapshot(bench.now).peers.length, 1);
});

Deno.test("a configured address stays asked for, even if its node claims it no longer", () => {
  const peers = [{ node: "far", addresses: [at("A", 2), at("B", 2)] }];
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ settings: { peers }, peers: [peer] });
  bench.advance(100);
  Object.assign(peer, { networks: ["B"], answersOn: new Set(["B"]) });
  bench.advance(5 * T);
  assertEquals([bench.path("A").health, bench.path("A").route?.gateway], ["down", at("B", 2)]);
});

Deno.test("an answer in flight while its network is taken away harms nothing", () => {
  const { bench, peer } = acquainted();
  bench.advance(T - 100);
  const { sequence, nonce } =
    sendsIn(bench.deeds.map((deed) => deed.effect)).findLast((each) => each.network === "A")!
      .packet;
  const answer = datagram(peer.packet("ack", { sequence, nonce }), "A", at("A", 2));
  report(bench, networkOf("B"));
  bench.feed(answer);
  assertEquals(bench.path("A").health, "down");
  report(bench, networkOf("A"), networkOf("B"));
  bench.feed(answer);
  assertEquals([bench.path("A").health, bench.path("A").good], ["down", 0]);
});

Deno.test("what everybody is told by broadcast, a configured peer is told in the same words", () => {
  const peers = [{ node: "far", addresses: [at("A", 2), at("B", 2)] }];
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ settings: { peers }, peers: [peer] });
  bench.advance(100);
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  const states = sendsIn(bench.deeds.map((deed) => deed.effect)).filter(({ packet }) =>
    packet.kind === "state"
  );
  assertEquals(states.map(({ to, packet }) => [to, packet.unheard]), [
    ["10.1.255.255", [at("A", 2)]],
    [at("A", 2), [at("A", 2)]],
    ["10.2.255.255", [at("A", 2)]],
    [at("B", 2), [at("A", 2)]],
  ]);
});
