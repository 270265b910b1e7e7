import { assert, assertEquals } from "@std/assert";
import { adoptionMs } from "../../lib/core/route_desk.ts";
import type { ActualRoutes, HostRoute } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  datagram,
  dead,
  FakePeer,
  networkOf,
  networksOf,
  routesIn,
  routeText,
  settingsOf,
  told,
} from "./builders.ts";

const T = 1000;
const VIA_B = `${at("A", 2)} via ${at("B", 2)} eth2`;

/** A bench with host 2 on some networks, run until it is known on all. */
function acquainted(names: readonly string[] = ["A", "B"], options = {}) {
  const peer = new FakePeer(2, names);
  const networks = names.map((name) => networkOf(name));
  const bench = new Bench({ peers: [peer], networks, ...options });
  bench.advance(200);
  return { bench, peer };
}

/** What was asked of the kernel in turn, looks that ask for the same left out. */
function requests(bench: Bench): string[] {
  const all = routesIn(bench.deeds.map((deed) => deed.effect)).map(({ wanted }) =>
    [...routeText(wanted), ...[...wanted.keep].map((each) => `keep ${each}`)].join(", ")
  );
  return all.filter((each, i) => each !== all[i - 1]);
}

// ------------------------------------------------------------------------------- failover

Deno.test("a healthy world asks for nothing but the rule", () => {
  const { bench } = acquainted();
  bench.advance(300 * T);
  assertEquals(requests(bench), [""]);
});

Deno.test("when a path dies its traffic moves to the other network and returns after exactly s good answers", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  assertEquals(requests(bench), ["", VIA_B]);
  peer.answersOn.add("A");
  bench.advance(3 * T);
  assertEquals([bench.path("A").good, requests(bench).length], [3, 2]);
  bench.advance(T);
  assertEquals(requests(bench), ["", VIA_B, ""]);
});

Deno.test("the transitions are told with cause, action and the time it took", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  peer.answersOn.add("A");
  bench.advance(6 * T);
  const path = { node: "node2", network: "A", address: at("A", 2) };
  const [down, ...moreDown] = told(bench, "path-down");
  assertEquals([down?.path, down?.cause.kind, down?.tookMs, moreDown], [path, "missed", 0, []]);
  assertEquals(down?.actions, [
    { kind: "moved", address: at("A", 2), gateway: at("B", 2), network: "B" },
  ]);
  const [up, ...moreUp] = told(bench, "path-up");
  assertEquals([up?.path, up?.good, up?.tookMs, moreUp], [path, 4, 0, []]);
  assertEquals(up?.actions, [{ kind: "restored", address: at("A", 2), network: "A" }]);
  assertEquals(told(bench, "rerouted"), []);
});

Deno.test("with no other network the path is told as down, its traffic stays, and one answer makes it up again", () => {
  const { bench, peer } = acquainted(["A"]);
  peer.answersOn.clear();
  bench.advance(6 * T);
  const [down, ...more] = told(bench, "path-down");
  assertEquals([down?.actions.map((each) => each.kind), down?.tookMs, more], [["stays"], null, []]);
  peer.answersOn.add("A");
  bench.advance(T);
  const [up] = told(bench, "path-up");
  assertEquals([up?.good, up?.actions], [1, []]);
  assertEquals(requests(bench), [""]);
});

Deno.test("of three networks the traffic of a dead one goes over the first that works, and back step by step", () => {
  const { bench, peer } = acquainted(["A", "B", "C"]);
  const viaC = `${at("A", 2)} via ${at("C", 2)} eth3`;
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  assertEquals(routeText(bench.wanted), [VIA_B]);
  peer.answersOn.delete("B");
  bench.advance(5 * T);
  assertEquals(routeText(bench.wanted).sort(), [viaC, `${at("B", 2)} via ${at("C", 2)} eth3`]);
  peer.answersOn.add("B");
  bench.advance(5 * T);
  assertEquals(routeText(bench.wanted), [VIA_B]);
  const rerouted = told(bench, "rerouted").map((notice) => notice.actions);
  assertEquals(rerouted.map(([action]) => action?.kind === "moved" && action.network), ["C", "B"]);
  peer.answersOn.add("A");
  bench.advance(6 * T);
  assertEquals(routeText(bench.wanted), []);
});

Deno.test("two dead paths of three are told in one turn when our own networks fail at once", () => {
  const { bench } = acquainted(["A", "B", "C"]);
  const since = bench.deeds.length;
  const effects = bench.feed(networksOf(dead("A"), dead("B"), networkOf("C")));
  assertEquals(routesIn(effects).length, 1);
  assertEquals(routeText(bench.wanted).length, 2);
  bench.advance(0);
  const downs = told(bench, "path-down", since).map((notice) => notice.path.network);
  assertEquals(downs, ["A", "B"]);
});

Deno.test("only of those whose traffic leaves a dead interface of ours the neighbour entries are dropped", () => {
  const peers = [new FakePeer(2, ["A", "B"]), new FakePeer(3, ["A"]), new FakePeer(4, ["A", "B"])];
  const bench = new Bench({ peers });
  bench.advance(200);
  peers[2]?.answersOn.delete("B");
  bench.advance(5 * T);
  const effects = bench.feed(networksOf(dead("A"), networkOf("B")));
  const [request] = routesIn(effects);
  assertEquals(request?.wanted.forgetNeighbours, [
    { address: at("A", 2), interfaceName: "eth1" },
  ]);
});

Deno.test("when a network dies the traffic of all its peers moves in one request", () => {
  const peers = Array.from({ length: 200 }, (_, i) => new FakePeer(i + 2, ["A", "B"]));
  const bench = new Bench({ peers });
  bench.advance(3 * T);
  const before = routesIn(bench.deeds.map((deed) => deed.effect)).length;
  for (const peer of peers) peer.answersOn.delete("A");
  bench.advance(4 * T);
  const sizes = routesIn(bench.deeds.map((deed) => deed.effect)).slice(before)
    .map(({ wanted }) => wanted.routes.size);
  assertEquals([...new Set(sizes)], [0, 200]);
});

// ------------------------------------------------------------------------------- all dead

Deno.test("when the last path dies too, the moved route is kept, and lives on when that network is back", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  peer.answersOn.delete("B");
  bench.advance(20 * T);
  assertEquals(requests(bench), ["", VIA_B]);
  peer.answersOn.add("B");
  bench.advance(2 * T);
  assertEquals([bench.path("B").health, requests(bench)], ["up", ["", VIA_B]]);
});

Deno.test("a peer that is gone as a whole changes no route, neither when it goes nor when it comes", () => {
  for (let phase = 0; phase < 2000; phase += 130) {
    const { bench, peer } = acquainted();
    bench.advance(phase);
    peer.answersOn.clear();
    bench.advance(30 * T);
    peer.answersOn.add("A").add("B");
    bench.advance(10 * T);
    assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
    assertEquals(requests(bench), [""], `${phase}`);
  }
});

Deno.test("that holds as well if its networks are asked and judged at different moments", () => {
  for (let phase = 0; phase < 2000; phase += 130) {
    const peer = new FakePeer(2, ["A", "B"]);
    const slow = new FakePeer(3, ["A"]);
    slow.delayMs = 400;
    const bench = new Bench({ peers: [peer, slow], networks: [networkOf("A")] });
    bench.advance(600);
    bench.feed(networksOf(networkOf("A"), networkOf("B")));
    bench.advance(10 * T + phase);
    peer.answersOn.clear();
    bench.advance(30 * T);
    peer.answersOn.add("A").add("B");
    bench.advance(10 * T);
    assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
    assertEquals(requests(bench), [""], `${phase}`);
  }
});

Deno.test("a peer that is gone as a whole changes no route of a mere responder either", () => {
  const peer = new FakePeer(2, ["A", "B"], true);
  const bench = new Bench({ settings: { requestor: false } });
  const inquire = (rounds: number) => {
    for (let round = 0; round < rounds; round++, bench.advance(T - 300)) {
      bench.feed(peer.inquiry("A"));
      bench.advance(300);
      bench.feed(peer.inquiry("B"));
    }
  };
  inquire(5);
  bench.advance(30 * T);
  assertEquals([bench.path("A").health, bench.path("B").health], ["down", "down"]);
  inquire(5);
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
  assertEquals(requests(bench), [""]);
});

Deno.test("a peer that comes back on one network only has the traffic of the other moved there", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.clear();
  bench.advance(10 * T);
  peer.answersOn.add("B");
  bench.advance(3 * T);
  assertEquals(requests(bench), ["", VIA_B]);
});

Deno.test("traffic moves although the other network loses an answer now and then", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  for (let i = 0; i < 12; i++) {
    if (i % 2 === 0) peer.answersOn.delete("B");
    else peer.answersOn.add("B");
    bench.advance(T);
  }
  assertEquals(routeText(bench.wanted), [VIA_B]);
});

Deno.test("a missed packet of the other network does not hold traffic back, if it was heard in the silence", () => {
  const { bench, peer } = acquainted();
  bench.advance(300);
  peer.answersOn.delete("A");
  bench.advance(2 * T);
  peer.answersOn.delete("B");
  bench.advance(T);
  assertEquals([bench.path("A").health, bench.path("B").misses], ["down", 1]);
  assertEquals(routeText(bench.wanted), [VIA_B]);
});

Deno.test("a route over an interface of ours that cannot send is left to the kernel, and asserted when it can", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  bench.feed(networksOf(networkOf("A"), dead("B")));
  assertEquals([routeText(bench.wanted), [...bench.wanted.keep]], [[], [at("A", 2)]]);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  assertEquals([routeText(bench.wanted), [...bench.wanted.keep]], [[VIA_B], []]);
});

Deno.test("a route whose source is no longer ours is not asked for while nothing better is known", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  peer.answersOn.delete("B");
  bench.advance(5 * T);
  bench.feed(networksOf(networkOf("B")));
  assertEquals([routeText(bench.wanted), [...bench.wanted.keep]], [[], [at("A", 2)]]);
});

Deno.test("an address that changes hands while its traffic is moved is not sent over its former owner", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  const heir = new FakePeer(3, ["B"]);
  heir.says = { interfaces: [at("A", 2), at("B", 3)].map(ofHost) };
  bench.feed(heir.inquiry("B"));
  bench.feed(heir.inquiry("B"));
  bench.peers.push(heir);
  bench.advance(2 * T);
  assertEquals(bench.wanted.routes.get(at("A", 2))?.gateway, at("B", 3));
});

Deno.test("a node that lost an address to another one has its traffic moved off that address", () => {
  const { bench, peer } = acquainted(["A", "B", "C"]);
  peer.answersOn.delete("B");
  bench.advance(5 * T);
  assertEquals(bench.path("B").route?.gateway, at("A", 2));
  bench.peers.length = 0;
  const heir = new FakePeer(3, []);
  heir.says = { interfaces: [at("A", 2), at("B", 3)].map(ofHost) };
  bench.feed(datagram(heir.packet("inq"), "A", at("A", 2)));
  assertEquals(bench.path("B").route?.gateway, at("C", 2));
});

function ofHost(address: string) {
  return { address, prefixLength: 16, usable: true, drained: false, hearsNobody: false };
}

// ------------------------------------------------------------------------------- adoption

const LEFT: HostRoute = {
  address: at("A", 2),
  gateway: at("B", 2),
  interfaceName: "eth2",
  source: at("A", 1),
};

function left(...routes: readonly HostRoute[]): ActualRoutes {
  return { rules: 1, routes: new Map(routes.map((each) => [each.address, each])), foreign: 0 };
}

Deno.test("what a predecessor left is told, and kept until its peer is heard", () => {
  const bench = new Bench({ left: left(LEFT) });
  assertEquals(told(bench, "adopted").map((notice) => notice.routes), [[LEFT]]);
  bench.advance(10 * T);
  assertEquals(requests(bench), [`keep ${at("A", 2)}`]);
});

Deno.test("an adopted route stays until its own network has proved good s times, and is then removed", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ left: left(LEFT), peers: [peer] });
  bench.advance(2 * T + 500);
  const { health, cause, good } = bench.path("A");
  assertEquals([health, cause, good], ["down", { kind: "adopted" }, 3]);
  assertEquals(routeText(bench.wanted), [VIA_B]);
  bench.advance(T);
  assertEquals([routeText(bench.wanted), bench.path("A").health], [[], "up"]);
  assertEquals(told(bench, "adopted-removed"), []);
  bench.advance(60 * T);
  assertEquals(told(bench, "adopted-removed"), []);
});

Deno.test("an adopted route whose network is still dead stays in force", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  peer.answersOn.delete("A");
  const bench = new Bench({ left: left(LEFT), peers: [peer] });
  bench.advance(120 * T);
  assertEquals(routeText(bench.wanted), [VIA_B]);
  assertEquals(bench.kernel.routes.get(at("A", 2)), LEFT);
});

Deno.test("an adopted route over a network that does not work any more moves to one that does", () => {
  const peer = new FakePeer(2, ["A", "B", "C"]);
  peer.answersOn = new Set(["C"]);
  const networks = ["A", "B", "C"].map((name) => networkOf(name));
  const bench = new Bench({ left: left(LEFT), peers: [peer], networks });
  bench.advance(5 * T);
  assertEquals(bench.wanted.routes.get(at("A", 2))?.gateway, at("C", 2));
});

Deno.test("an adopted route that nobody claims is removed in time, and told", () => {
  const stranger = { ...LEFT, address: at("A", 9), gateway: at("B", 9) };
  const peer = new FakePeer(2, ["A", "B"]);
  peer.answersOn.delete("A");
  const bench = new Bench({ left: left(LEFT, stranger), peers: [peer] });
  bench.advance(29 * T);
  assertEquals([...bench.wanted.keep], [at("A", 9)]);
  bench.advance(2 * T);
  assertEquals([routeText(bench.wanted), [...bench.wanted.keep]], [[VIA_B], []]);
  assertEquals(told(bench, "adopted-removed"), [
    { kind: "adopted-removed", address: at("A", 9), afterMs: 30 * T },
  ]);
  assertEquals([...bench.kernel.routes.keys()], [at("A", 2)]);
});

Deno.test("adopted routes wait long enough for their peers to be judged twice", () => {
  assertEquals(adoptionMs(settingsOf()), 30_000);
  assertEquals(adoptionMs(settingsOf({ intervalMs: 5000 })), 2 * 5000 * (3 + 4));
});

Deno.test("an adopted route waits for its network, too: it comes after the start", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  peer.answersOn.delete("A");
  const bench = new Bench({ left: left(LEFT), peers: [peer], networks: [] });
  bench.advance(5 * T);
  bench.feed(networksOf(networkOf("B")));
  bench.advance(5 * T);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  bench.advance(60 * T);
  assertEquals(routeText(bench.wanted), [VIA_B]);
  assert(bench.kernel.routes.has(at("A", 2)));
});
