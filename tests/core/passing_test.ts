/** Inquiries in passing (W99): answered, and used for nothing else. No permissions are needed. */
import { assert, assertEquals } from "@std/assert";
import { Machine } from "../../lib/core/machine.ts";
import type { Packet } from "../../lib/core/packet.ts";
import { answerDelayMs } from "../../lib/core/spread.ts";
import type { Event, Settings } from "../../lib/core/types.ts";
import { encode, sign } from "../../lib/core/wire.ts";
import {
  at,
  Bench,
  FakePeer,
  interfaceOf,
  networkOf,
  networksOf,
  NOTHING_LEFT,
  packetOf,
  sendsIn,
  settingsOf,
  steady,
  told,
} from "./builders.ts";
import { fakeSealer } from "./fake_sealer.ts";

const T = 1000;
const PORT = 40_001;
/** Long enough for any answer here. */
const ROOM = 400;

/** An inquiry in passing from a host on A and B. */
function passing(host: number, overrides: Partial<Packet> = {}): Packet {
  return packetOf({
    passing: true,
    requestor: false,
    boot: 0xabcn,
    nonce: 5n,
    intervalMs: 500,
    failAfter: 1,
    interfaces: [interfaceOf("A", host), interfaceOf("B", host)],
    source: at("A", host),
    ...overrides,
  });
}

/** Its arrival on A. */
function arrival(packet: Packet, from = packet.source, key?: ReturnType<typeof fakeSealer>): Event {
  const bytes = encode(packet, { room: ROOM, ...(key === undefined ? {} : { keyId: key.keyId }) });
  if (key !== undefined) sign(bytes, key);
  return { kind: "datagram", network: "A", from, port: PORT, bytes };
}

function answersTo(bench: Bench, packet: Packet, from?: string) {
  return sendsIn(bench.feed(arrival(packet, from))).filter((each) => each.packet.kind === "ack");
}

const KINDS: readonly (readonly [string, Partial<Settings>])[] = [
  ["a mere responder", { requestor: false }],
  ["a requestor that inquires more often", { intervalMs: 50 }],
  ["a requestor that inquires more seldom", { intervalMs: 5000 }],
];

Deno.test("Rule W99: who asks in passing is answered at once, by whomever, and known to nobody", () => {
  for (const [who, settings] of KINDS) {
    const bench = new Bench({ settings });
    const answers = answersTo(bench, passing(9));
    assertEquals(answers.map(({ to, port, network }) => [to, port, network]), [
      [at("A", 9), PORT, "A"],
    ], who);
    const [answer] = answers;
    assertEquals([answer?.packet.sequence, answer?.packet.nonce], [1, 5n]);
    assertEquals(answer?.packet.interfaces.map(({ address }) => address), [at("A", 1), at("B", 1)]);
    // Even where its list says that it hears us, and where it repeats itself.
    assertEquals(answersTo(bench, passing(9, { heard: [], counter: 2, sequence: 2 })).length, 1);
    assertEquals(answersTo(bench, passing(9, { direct: true, spreadMs: 400 })).length, 1);
    assertEquals(bench.machine.snapshot(bench.now).peers, [], who);
    assertEquals(told(bench, "node-found"), []);
    // Nothing is expected of it later either, nor said of it.
    const later = sendsIn(bench.advance(20 * T)).filter(({ packet }) =>
      packet.kind !== "inq" || packet.direct
    );
    assertEquals(later, [], who);
  }
});

Deno.test("Rule W99: the answers to a spread inquiry in passing come at their time", () => {
  const bench = new Bench({ settings: { requestor: false } });
  const start = bench.now;
  assertEquals(answersTo(bench, passing(9, { spreadMs: 400 })), []);
  bench.advance(T);
  const answer = bench.deeds.find(({ effect }) => effect.kind === "send");
  const delay = answerDelayMs(400, 10 * 2 ** 24 + 2 ** 16 + 1);
  assert(delay > 0);
  assertEquals(answer?.at, start + delay);
});

Deno.test("Rule W99: what asks in passing from the addresses of a node changes nothing for that node", () => {
  for (const settings of [{ requestor: false }, {}]) {
    const bench = new Bench({ settings });
    const peer = new FakePeer(2, ["A", "B"], true);
    const asked = (network: string) => bench.feed(peer.inquiry(network));
    for (let i = 0; i < 8; i++, bench.advance(T)) ["A", "B"].forEach(asked);
    const before = bench.machine.snapshot(bench.now).peers;
    const since = bench.deeds.length;
    // It says all that would be bad news of a node.
    const news = {
      interfaces: [interfaceOf("A", 2), interfaceOf("B", 2, false)],
      unheard: [at("B", 1)],
      lossy: [{ address: at("A", 1), percent: 99 }],
      counter: 2 ** 40,
      heard: [],
    };
    assertEquals(answersTo(bench, passing(2, news)).length, 1);
    assertEquals(bench.machine.snapshot(bench.now).peers, before);
    for (let i = 0; i < 8; i++, bench.advance(T)) ["A", "B"].forEach(asked);
    assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
    for (
      const kind of [
        "node-restarted",
        "address-conflict",
        "address-gone",
        "path-down",
        "path-lossy",
        "timing-differs",
        "dropped",
      ] as const
    ) assertEquals(told(bench, kind, since), [], kind);
    assertEquals(bench.counter("drops_retired_boot"), 0);
    assertEquals(bench.counter("drops_duplicate_inquiry"), 0);
  }
});

Deno.test("Rule W99: an inquiry in passing must come from where it says, like any other", () => {
  const allow = { names: ["node2"], subnets: ["10.1.0.8/32"] };
  const cases: readonly (readonly [string, Packet, string, Partial<Settings>])[] = [
    ["own", passing(9), at("A", 1), {}],
    ["foreign_source", passing(9), "10.9.0.9", {}],
    ["source_not_claimed", passing(9), at("A", 8), {}],
    ["source_not_claimed", passing(9, { source: at("B", 9) }), at("A", 9), {}],
    ["not_allowed", passing(9, { name: "node9" }), at("A", 9), { allow }],
  ];
  for (const [drop, packet, from, settings] of cases) {
    const bench = new Bench({ settings });
    assertEquals([answersTo(bench, packet, from), bench.counter(`drops_${drop}`)], [[], 1], drop);
  }
  const bench = new Bench({ settings: { allow } });
  assertEquals(answersTo(bench, passing(8, { name: "node8" })).length, 1);
  assertEquals(answersTo(bench, passing(9)).length, 1);
});

Deno.test("Rule W99: one address gets so many answers in passing, and nodes there still theirs", () => {
  const bench = new Bench({ settings: { requestor: false } });
  let answered = 0;
  for (let i = 1; i <= 60; i++) {
    answered += answersTo(bench, passing(2, { nonce: BigInt(i) })).length;
  }
  assertEquals([answered, bench.counter("drops_too_many_inquiries")], [50, 10]);
  const peer = new FakePeer(2, ["A", "B"], true);
  assertEquals(sendsIn(bench.feed(peer.inquiry("A"))).map(({ packet }) => packet.kind), ["ack"]);
});

Deno.test("Rule W99: where signatures are enforced it is signed, need not be new, and vouches for nothing", () => {
  const key = fakeSealer([1, "secret"]);
  const own = settingsOf({ auth: "enforce", requestor: false });
  const machine = new Machine(own, steady(1), NOTHING_LEFT, 0, key);
  machine.handle(networksOf(networkOf("A"), networkOf("B")), 0);
  const sent = (event: Event, now: number) =>
    sendsIn(machine.handle(event, now)).map(({ packet }) => `${packet.kind} ${packet.direct}`);
  assertEquals(sent(arrival(passing(9)), 1), []);
  assertEquals(sent(arrival(passing(9), at("A", 9), fakeSealer([1, "other"])), 2), []);
  // The same one again is answered as well, and nobody is challenged.
  for (const now of [3, 4, 60_000]) {
    assertEquals(sent(arrival(passing(9), at("A", 9), key), now), ["ack false"], `${now}`);
  }
  const { counters, peers } = machine.snapshot(60_000);
  assertEquals(peers, []);
  assertEquals([counters.drops_unsigned, counters.drops_bad_signature], [1, 1]);
  assertEquals([counters.drops_unproven_boot ?? 0, counters.drops_replayed ?? 0], [0, 0]);
});
