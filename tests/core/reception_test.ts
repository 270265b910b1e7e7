import { assertEquals } from "@std/assert";
import { NODE_LIMIT } from "../../lib/core/nodes.ts";
import type { Address, Effect, Event, NetworkName } from "../../lib/core/types.ts";
import type { Packet } from "../../lib/core/packet.ts";
import { encode } from "../../lib/core/wire.ts";
import {
  at,
  Bench,
  datagram,
  dead,
  FakePeer,
  interfaceOf,
  networkOf,
  networksOf,
  noticesIn,
  packetOf,
  routeText,
  sendsIn,
  told,
} from "./builders.ts";

const T = 1000;

function responder(): Bench {
  return new Bench({ settings: { requestor: false } });
}

/** The notices of drops among effects, as reason and value. */
function dropsIn(effects: readonly Effect[]): string[] {
  return noticesIn(effects).flatMap((notice) =>
    notice.kind === "dropped" ? [`${notice.reason}: ${notice.value}`] : []
  );
}

// ------------------------------------------------------------------------------- every reason to drop

/** An event that is dropped: a packet, where it arrives, and what becomes of it. */
interface DropCase {
  readonly reason: string;
  readonly value: string;
  readonly packet: Partial<Packet>;
  readonly network?: NetworkName;
  readonly from?: Address;
  readonly requestor?: boolean;
  readonly isQuiet?: boolean;
}

const DROPS: readonly DropCase[] = [
  { reason: "foreign-source", value: "10.9.0.2", packet: {}, from: "10.9.0.2" },
  {
    reason: "source-not-claimed",
    value: at("A", 2),
    packet: { interfaces: [interfaceOf("B", 2)] },
  },
  { reason: "source-not-claimed", value: "10.1.255.255", packet: {}, from: "10.1.255.255" },
  { reason: "stranger-state", value: "node2", packet: { kind: "state" }, isQuiet: true },
  { reason: "unasked-answer", value: "node2", packet: { kind: "ack" } },
  { reason: "foreign-answer", value: "1", packet: { kind: "ack" }, requestor: true },
  { reason: "own", value: at("A", 1), packet: {}, from: at("A", 1), isQuiet: true },
  { reason: "network-gone", value: "Z", packet: {}, network: "Z", isQuiet: true },
];

for (const each of DROPS) {
  const from = each.from ?? at("A", 2);
  Deno.test(`dropped as ${each.reason}: ${each.value}`, () => {
    const bench = new Bench({ settings: { requestor: each.requestor ?? false } });
    const effects = bench.feed(datagram(packetOf(each.packet), each.network ?? "A", from));
    assertEquals(dropsIn(effects), each.isQuiet ? [] : [`${each.reason}: ${each.value}`]);
    assertEquals(sendsIn(effects), []);
    assertEquals(bench.counter(`drops_${each.reason.replaceAll("-", "_")}`), 1);
    assertEquals(bench.machine.snapshot(bench.now).peers, []);
  });
}

Deno.test("what is no packet at all is dropped by the reason of the decoder, and told with its source", () => {
  const bench = responder();
  const bytes = new Uint8Array(60);
  const event: Event = { kind: "datagram", network: "A", from: at("A", 7), port: 1, bytes };
  assertEquals(noticesIn(bench.feed(event)), [{
    kind: "dropped",
    reason: "bad-magic",
    value: "00000000",
    network: "A",
    from: at("A", 7),
    count: 1,
  }]);
});

Deno.test("our own boot id is our own packet, whatever address it seems to come from", () => {
  const bench = new Bench();
  const [own] = bench.deeds.flatMap(({ effect }) => sendsIn([effect]));
  const packet = { ...own!.packet, interfaces: [interfaceOf("A", 2)] };
  bench.feed(datagram(packet, "A", at("A", 2)));
  assertEquals([bench.counter("drops_own"), bench.machine.snapshot(bench.now).peers.length], [
    1,
    0,
  ]);
});

Deno.test("a packet that arrives on another network than its source's is not believed", () => {
  const bench = responder();
  bench.feed(datagram(packetOf(), "B", at("A", 2)));
  assertEquals(bench.counter("drops_foreign_source"), 1);
});

Deno.test("what was in the socket when the network failed is dropped: it must not raise a path there", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  bench.feed(peer.inquiry("A"));
  bench.feed(networksOf(dead("A"), networkOf("B")));
  const effects = bench.feed(peer.inquiry("A"));
  assertEquals([sendsIn(effects), bench.path("A").health], [[], "down"]);
  assertEquals(bench.counter("drops_network_unusable"), 1);
});

Deno.test("a packet on a network that is gone is dropped, and counted", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  bench.feed(peer.inquiry("A"));
  bench.feed(networksOf(networkOf("B")));
  bench.feed(peer.inquiry("A"));
  assertEquals(bench.counter("drops_network_gone"), 1);
});

Deno.test("when there is no room for another node its packets are dropped, and told once", () => {
  const bench = responder();
  for (let host = 2; host < NODE_LIMIT + 2; host++) {
    bench.feed(new FakePeer(host, ["A"]).inquiry("A"));
  }
  const late = new FakePeer(NODE_LIMIT + 2, ["A"]);
  assertEquals(dropsIn(bench.feed(late.inquiry("A"))), [`too-many-nodes: ${late.name}`]);
  assertEquals(dropsIn(bench.feed(late.inquiry("A"))), []);
  assertEquals(bench.counter("drops_too_many_nodes"), 2);
});

Deno.test("a packet from the past of a restarted node is dropped", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  for (const network of ["A", "B"]) bench.feed(peer.inquiry(network));
  const stragglers = ["A", "B"].map((network) => peer.inquiry(network));
  Object.assign(peer, { boot: 77n, counter: 0 });
  bench.feed(peer.inquiry("A"));
  for (const straggler of stragglers) bench.feed(straggler);
  assertEquals([bench.counter("drops_retired_boot"), told(bench, "node-restarted").length], [2, 1]);
});

Deno.test("every drop leaves the paths as they were", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  bench.feed(peer.inquiry("A"));
  const before = bench.machine.snapshot(bench.now).peers;
  for (const { packet, network, from } of DROPS) {
    if (packet.kind === "state") continue;
    bench.feed(datagram(packetOf({ boot: 9n, ...packet }), network ?? "A", from ?? at("A", 9)));
  }
  assertEquals(bench.machine.snapshot(bench.now).peers, before);
});

// ------------------------------------------------------------------------------- who is told of what

Deno.test("a node is told of on each network where it is first good", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  bench.feed(peer.inquiry("A"));
  bench.feed(peer.inquiry("A"));
  bench.feed(peer.inquiry("B"));
  assertEquals(told(bench, "node-found").map((notice) => notice.path), [
    { node: "node2", network: "A", address: at("A", 2) },
    { node: "node2", network: "B", address: at("B", 2) },
  ]);
});

Deno.test("a restart is told once, and the paths stay as they were", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  for (const network of ["A", "B", "A"]) bench.feed(peer.inquiry(network));
  Object.assign(peer, { boot: 77n, counter: 0 });
  for (const network of ["A", "B", "A"]) bench.feed(peer.inquiry(network));
  assertEquals(told(bench, "node-restarted"), [
    { kind: "node-restarted", node: "node2", address: at("A", 2) },
  ]);
  assertEquals(bench.machine.snapshot(bench.now).peers.length, 1);
  assertEquals([bench.path("A").health, bench.path("A").good], ["up", 4]);
});

Deno.test("two living nodes with one address are told of as a conflict, once a minute, and harm nobody else", () => {
  const bench = responder();
  const owner = new FakePeer(2, ["A", "B"], true);
  const thief = new FakePeer(3, ["B"], true);
  thief.says = { interfaces: [interfaceOf("A", 2), interfaceOf("B", 3)] };
  for (let round = 0; round < 30; round++) {
    for (const network of ["A", "B"]) bench.feed(owner.inquiry(network));
    bench.advance(T / 2);
    bench.feed(datagram(thief.packet("inq", { sequence: round + 1 }), "A", at("A", 2)));
    bench.feed(thief.inquiry("B"));
    bench.advance(T / 2);
  }
  assertEquals(told(bench, "address-conflict"), [
    { kind: "address-conflict", address: at("A", 2), nodes: ["node2", "node3"] },
  ]);
  assertEquals([bench.path("B", 2).health, bench.path("B", 3).health], ["up", "up"]);
  assertEquals(told(bench, "path-down"), []);
});

Deno.test("a visitor with the address of a peer does not shut the peer out for ever", () => {
  const bench = new Bench({ settings: { requestor: false }, networks: [networkOf("A")] });
  const [owner, visitor] = [new FakePeer(2, ["A"], true), new FakePeer(2, ["A"], true)];
  visitor.boot = 99n;
  for (let i = 0; i < 5; i++, bench.advance(T)) bench.feed(owner.inquiry("A"));
  for (let i = 0; i < 5; i++, bench.advance(T)) bench.feed(visitor.inquiry("A"));
  for (let i = 0; i < 10; i++, bench.advance(T)) bench.feed(owner.inquiry("A"));
  assertEquals([bench.path("A").health, bench.path("A").lastGoodAgoMs], ["up", T]);
});

Deno.test("the address of a node that inquires rarely for itself is not up for grabs between our inquiries", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  peer.intervalMs = 20;
  const bench = new Bench({ peers: [peer] });
  bench.advance(T - 1);
  const claimant = new FakePeer(3, ["B"]);
  claimant.says = { interfaces: [interfaceOf("A", 2), interfaceOf("B", 3)] };
  bench.feed(claimant.inquiry("B"));
  const owner = bench.machine.snapshot(bench.now).peers.find((each) => each.node === "node2");
  assertEquals(owner?.paths.map((path) => path.address), [at("A", 2), at("B", 2)]);
});

Deno.test("a node that always claimed the address of another one has it once that one is silent", () => {
  const bench = responder();
  const owner = new FakePeer(2, ["A"], true);
  const claimant = new FakePeer(3, ["B"], true);
  claimant.says = { interfaces: [interfaceOf("A", 2), interfaceOf("B", 3)] };
  const ownerOf = () => {
    const peers = bench.machine.snapshot(bench.now).peers;
    return peers.find((each) => each.paths.some((path) => path.address === at("A", 2)))?.node;
  };
  for (let i = 0; i < 3; i++, bench.advance(T)) {
    bench.feed(owner.inquiry("A"));
    bench.feed(claimant.inquiry("B"));
  }
  assertEquals(ownerOf(), "node2");
  for (let i = 0; i < 5; i++, bench.advance(T)) bench.feed(claimant.inquiry("B"));
  assertEquals(ownerOf(), "node3");
});

// ------------------------------------------------------------------------------- what a packet says

Deno.test("an address that its node no longer claims goes, with its route; it is told once", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(100);
  peer.answersOn.delete("A");
  bench.advance(6 * T);
  assertEquals(routeText(bench.wanted).length, 1);
  peer.networks = ["B"];
  bench.advance(2 * T);
  assertEquals(told(bench, "address-gone").map((notice) => notice.path.address), [at("A", 2)]);
  assertEquals([bench.wanted.routes.size, bench.wanted.keep.size], [0, 0]);
  const [node] = bench.machine.snapshot(bench.now).peers;
  assertEquals(node?.paths.map((path) => path.address), [at("B", 2)]);
});

Deno.test("an older packet that comes late takes no address away and makes no complaint", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(100);
  const old = { counter: 1, interfaces: [interfaceOf("B", 2, false)], unheard: [at("A", 1)] };
  bench.feed(peer.statement("B", old));
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
});

for (
  const [what, says] of [
    ["does not hear us", { unheard: [at("A", 1)] }],
    ["has lost its interface", { interfaces: [interfaceOf("A", 2, false), interfaceOf("B", 2)] }],
  ] as const
) {
  Deno.test(`the word of a peer that it ${what} takes the path down and moves traffic in the same turn`, () => {
    const peer = new FakePeer(2, ["A", "B"]);
    const bench = new Bench({ peers: [peer] });
    bench.advance(100);
    const effects = bench.feed(peer.statement("B", says));
    assertEquals(bench.path("A").health, "down");
    assertEquals(bench.path("A").route?.gateway, at("B", 2));
    assertEquals(effects.filter((each) => each.kind === "route").length, 1);
    assertEquals(sendsIn(effects), []);
  });
}

Deno.test("an answer that complains is no good one, but ends the misses", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(100);
  peer.answersOn.delete("A");
  bench.advance(2 * T + 100);
  assertEquals(bench.path("A").misses, 2);
  peer.answersOn.add("A");
  peer.says = { unheard: [at("A", 1)] };
  bench.advance(T);
  const { health, misses, good } = bench.path("A");
  assertEquals([health, misses, good], ["down", 0, 0]);
});

Deno.test("a stranger that does not hear us yet is not down for it", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  peer.says = { unheard: [at("A", 1), at("B", 1)] };
  const bench = new Bench({ peers: [peer] });
  bench.advance(100);
  assertEquals([bench.path("A").health, bench.path("B").health], ["unknown", "unknown"]);
  peer.says = {};
  bench.advance(T);
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
});

Deno.test("the bytes of a datagram may be reused by the socket after they were taken in", () => {
  const bench = responder();
  const peer = new FakePeer(2, ["A", "B"], true);
  const buffer = new Uint8Array(1500);
  const receive = (packet: Packet) => {
    const bytes = encode(packet);
    buffer.fill(0).set(bytes);
    const view = buffer.subarray(0, bytes.length);
    bench.feed({ kind: "datagram", network: "A", from: at("A", 2), port: 1, bytes: view });
  };
  for (let sequence = 1; sequence <= 3; sequence++) receive(peer.packet("inq", { sequence }));
  receive(peer.packet("inq", { sequence: 4, name: "other" }));
  assertEquals([bench.path("A").good, bench.machine.snapshot(0).peers[0]?.node], [4, "other"]);
});
