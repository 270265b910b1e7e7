/** Whatever packets say: no answer is longer than its inquiry, and no route leads out of our networks. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { contains, subnetOf } from "../../lib/core/address.ts";
import { answerRoom } from "../../lib/core/answer_room.ts";
import { MAX_PACKET_BYTES, type Packet } from "../../lib/core/packet.ts";
import type { Event, Settings } from "../../lib/core/types.ts";
import { encode } from "../../lib/core/wire.ts";
import {
  at,
  Bench,
  datagram,
  FakePeer,
  interfaceOf,
  networkOf,
  packetOf,
  sendsIn,
} from "./builders.ts";
import { fakeSealer } from "./fake_sealer.ts";
import { Town } from "./town.ts";

const T = 1000;

// ------------------------------------------------------------------------------- answers

/** How long an answer to these bytes is; null: none is sent. */
function answerTo(bench: Bench, bytes: Uint8Array): number | null {
  const event: Event = { kind: "datagram", network: "A", from: at("A", 2), port: 1, bytes };
  const answer = sendsIn(bench.feed(event)).find(({ packet }) => packet.kind === "ack");
  return answer?.bytes.length ?? null;
}

const asker = fc.record({
  nodeName: fc.string({ unit: fc.constantFrom("n", "ö"), minLength: 1, maxLength: 31 }),
  ours: fc.integer({ min: 1, max: 16 }),
  theirs: fc.integer({ min: 1, max: 16 }),
  prefixLength: fc.integer({ min: 1, max: 32 }),
  name: fc.constantFrom("x", "longer-name-of-a-node"),
  room: fc.nat(400),
  unheard: fc.boolean(),
});

Deno.test("an answer is never longer than its inquiry, whatever the names, networks and complaints", () => {
  let answered = 0;
  fc.assert(
    fc.property(asker, ({ nodeName, ours, theirs, prefixLength, name, room, unheard }) => {
      const letters = [..."ABCDEFGHIJKLMNOP"];
      const bench = new Bench({
        settings: { requestor: false, nodeName },
        networks: letters.slice(0, ours).map((each) => networkOf(each)),
      });
      const peer = new FakePeer(2, letters.slice(0, theirs), true);
      for (const network of ["A", ...peer.networks.slice(1, ours)]) {
        bench.feed(peer.inquiry(network));
      }
      // All silent but A, so that the answer complains of all others.
      if (unheard) { for (let i = 0; i < 6; i++, bench.advance(T)) bench.feed(peer.inquiry("A")); }
      const interfaces = peer.networks.map((each) => ({ ...interfaceOf(each, 2), prefixLength }));
      const inquiry = {
        name,
        sequence: 77,
        nonce: 4n,
        ...(prefixLength > 8 ? { interfaces } : {}),
      };
      const bytes = encode(peer.packet("inq", { ...inquiry, source: at("A", 2) }), { room });
      const length = answerTo(bench, bytes);
      assert(length === null || length <= bytes.length, `${length} to ${bytes.length}`);
      if (length !== null) answered += 1;
    }),
    { numRuns: 200 },
  );
  assert(answered > 50, `${answered}`);
});

Deno.test("an inquiry of ours has room for the answer of any node that has as many networks", () => {
  for (const isSigned of [false, true]) {
    for (const count of [1, 2, 3, 8, 16]) {
      const letters = [..."ABCDEFGHIJKLMNOP"].slice(0, count);
      const interfaces = letters.map((each) => interfaceOf(each, 2));
      const answer = packetOf({
        kind: "ack",
        name: "n".repeat(63),
        interfaces,
        unheard: letters.map((each) => at(each, 1)),
        lossy: letters.map((each) => ({ address: at(each, 1), percent: 30 })),
      });
      const bytes = encode(answer, isSigned ? { keyId: 1 } : {});
      assert(bytes.length <= answerRoom(count, isSigned), `${bytes.length}`);
      assert(answerRoom(count, isSigned) <= MAX_PACKET_BYTES);
    }
  }
});

Deno.test("real inquiries get their answers, whoever has the longer name and the more networks", () => {
  for (const [first, second] of [["n".repeat(63), "x"], ["x", "n".repeat(63)]] as const) {
    for (const auth of ["off", "enforce"] as const) {
      for (const networks of [["A"], ["A", "B"], [..."ABCDEFGHIJKLMNOP"]]) {
        const town = new Town();
        const sealer = fakeSealer([1, "secret"]);
        const one = town.add(1, ["A"], { auth, nodeName: first }, sealer);
        const two = town.add(2, networks, { auth, nodeName: second, requestor: false }, sealer);
        town.advance(5 * T);
        assertEquals(town.path(one, "A", two).health, "up");
        const { counters } = two.machine.snapshot(town.now);
        assertEquals(counters["drops_answer_too_long"], undefined);
      }
    }
  }
});

Deno.test("an asker whose subnet does not hold us gets no answer that is too long, and harms nothing", () => {
  const bench = new Bench({ settings: { requestor: false, nodeName: "n".repeat(63) } });
  const alone = {
    address: at("A", 2),
    prefixLength: 32,
    usable: true,
    drained: false,
    hearsNobody: false,
  };
  const bytes = encode(packetOf({ interfaces: [alone] }));
  assertEquals(answerTo(bench, bytes), null);
  assertEquals(bench.counter("drops_answer_too_long"), 1);
});

Deno.test("one source gets no more answers than it may, and another one its own", () => {
  const bench = new Bench({ settings: { requestor: false } });
  const count = (host: number, offset: number) => {
    const peer = new FakePeer(host, ["A"], true);
    let answers = 0;
    for (let i = 0; i < 500; i++) {
      const event = peer.inquiry("A", { nonce: BigInt(offset + i + 1) });
      answers += sendsIn(bench.feed(event)).filter(({ packet }) => packet.kind === "ack").length;
    }
    return answers;
  };
  assertEquals([count(2, 0), count(3, 0)], [50, 50]);
  assertEquals(bench.counter("drops_too_many_inquiries"), 900);
  bench.advance(100);
  const peer = new FakePeer(2, ["A"], true);
  peer.counter = 10_000;
  assertEquals(sendsIn(bench.feed(peer.inquiry("A", { nonce: 5000n }))).length, 1);
});

// ------------------------------------------------------------------------------- routes

const NEIGHBOURS = ["A", "B"].flatMap((network) => [at(network, 2), at(network, 3)]);
const STRANGE = ["10.1.255.255", at("A", 1), at("B", 1), at("C", 2), "192.0.2.7", "10.1.0.0"];
const address = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NEIGHBOURS) },
  { weight: 1, arbitrary: fc.constantFrom(...STRANGE) },
);

const hostile = fc.record({
  kind: fc.constantFrom("inq" as const, "ack" as const, "state" as const),
  from: address,
  boot: fc.integer({ min: 2, max: 3 }),
  counter: fc.integer({ min: 1, max: 1000 }),
  claims: fc.uniqueArray(address, { minLength: 2, maxLength: 5 }),
  prefixLength: fc.integer({ min: 8, max: 32 }),
  usable: fc.boolean(),
  unheard: fc.subarray([at("A", 1), at("B", 1), ...NEIGHBOURS]),
  lossy: fc.subarray([at("A", 1), at("B", 1), at("A", 3)]),
  goodbyeMs: fc.constantFrom(null, 0, 5000),
  requestor: fc.boolean(),
  after: fc.nat(3000),
});

function hostilePacket(each: typeof hostile extends fc.Arbitrary<infer H> ? H : never): Packet {
  const { kind, claims, prefixLength, usable, boot, counter, unheard, requestor } = each;
  const isFirst = kind === "state";
  return packetOf({
    kind,
    requestor,
    boot: BigInt(boot),
    counter,
    sequence: isFirst ? 0 : counter,
    unheard,
    lossy: each.lossy.map((one) => ({ address: one, percent: 50 })),
    goodbyeMs: isFirst ? each.goodbyeMs : null,
    interfaces: claims.map((one) => ({
      address: one,
      prefixLength,
      usable,
      drained: false,
      hearsNobody: !usable,
    })),
  });
}

/** Whether the bytes are such as an attacker could send: some packets of this kind cannot be made. */
function lawful(each: Parameters<typeof hostilePacket>[0]): Event | null {
  try {
    const network = each.from.startsWith("10.2.") ? "B" : "A";
    return datagram(hostilePacket(each), network, each.from);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

for (const requestor of [true, false]) {
  Deno.test(`nothing that packets say makes a ${requestor ? "requestor" : "responder"} route out of its networks`, () => {
    const subnets = ["A", "B"].map((network) => subnetOf(at(network, 1), 16));
    let routes = 0;
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 60, size: "max" }), (packets) => {
        const settings: Partial<Settings> = { requestor };
        const bench = new Bench({ settings, peers: [new FakePeer(2, ["A", "B"])] });
        for (const each of packets) {
          const event = lawful(each);
          if (event !== null) bench.feed(event);
          bench.advance(each.after);
        }
        for (const { effect } of bench.deeds) {
          if (effect.kind !== "route") continue;
          for (const route of effect.wanted.routes.values()) {
            routes += 1;
            const inside = [route.address, route.gateway].map((one) =>
              subnets.findIndex((subnet) => contains(subnet, one))
            );
            assert(!inside.includes(-1), JSON.stringify(route));
            assert(route.address !== route.gateway, JSON.stringify(route));
            assertEquals(route.interfaceName, `eth${(inside[1] ?? 0) + 1}`);
            for (const own of [at("A", 1), at("B", 1), "10.1.255.255"]) {
              assert(route.address !== own && route.gateway !== own, JSON.stringify(route));
            }
          }
        }
      }),
      { numRuns: 150 },
    );
    assert(routes > 20, `${routes}`);
  });
}

// ------------------------------------------------------------------------------- who is listened to

Deno.test("with a list of names or addresses strangers are neither believed nor answered", () => {
  const allow = { names: ["node2"], subnets: ["10.1.0.3/32"] };
  const bench = new Bench({ settings: { requestor: false, allow } });
  const answersTo = (host: number) => {
    const peer = new FakePeer(host, ["A", "B"], true);
    return sendsIn(bench.feed(peer.inquiry("A"))).map(({ packet }) => packet.kind);
  };
  assertEquals([answersTo(2), answersTo(3), answersTo(4)], [["ack"], ["ack"], []]);
  assertEquals(bench.counter("drops_not_allowed"), 1);
  const known = bench.machine.snapshot(bench.now).peers.map(({ node, paths }) =>
    [node, paths.map((path) => path.address)] as const
  );
  // Who is on the list by address alone has no other address than those on it.
  assertEquals(known, [["node2", [at("A", 2), at("B", 2)]], ["node3", [at("A", 3)]]]);
});
