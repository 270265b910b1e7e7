import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { inquiryAllowanceMs, responderDetectionMs } from "../../lib/core/timing.ts";
import type { Ms, Settings } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  datagram,
  dead,
  FakePeer,
  networkOf,
  networksOf,
  noticesIn,
  packetOf,
  sendsIn,
  settingsOf,
  told,
} from "./builders.ts";

const T = 1000;

/** A mere responder and the requestor that inquires of it; the inquiries are sent by hand. */
function pair(settings: Partial<Settings> = {}, networks = ["A", "B"]) {
  const bench = new Bench({
    settings: { requestor: false, ...settings },
    networks: networks.map((name) => networkOf(name)),
  });
  const peer = new FakePeer(2, networks, true);
  peer.intervalMs = settings.intervalMs ?? T;
  if (settings.failAfter !== undefined) peer.says = { failAfter: settings.failAfter };
  return { bench, peer };
}

/** Lets the requestor inquire on these networks once an interval for so many intervals. */
function inquire(bench: Bench, peer: FakePeer, rounds: number, networks: readonly string[]): void {
  for (let round = 0; round < rounds; round++) {
    for (const network of networks) bench.feed(peer.inquiry(network));
    bench.advance(peer.intervalMs);
  }
}

/** How long from now until a path goes down. */
function downAfter(bench: Bench, withinMs: Ms): Ms | null {
  return bench.advanceTo((notice) => notice.kind === "path-down", withinMs);
}

Deno.test("an inquiry is answered on its network, to its sender and port, with its number and nonce", () => {
  const { bench, peer } = pair();
  const packet = peer.packet("inq", { sequence: 41, nonce: 42n });
  const event = datagram(packet, "B", at("B", 2));
  const effects = bench.feed({ ...event, port: 4444 } as typeof event);
  const [answer, ...others] = sendsIn(effects);
  assertEquals(others, []);
  assertEquals([answer?.network, answer?.to, answer?.port], ["B", at("B", 2), 4444]);
  const { kind, sequence, nonce, requestor } = answer!.packet;
  assertEquals([kind, sequence, nonce, requestor], ["ack", 41, 42n, false]);
});

Deno.test("a requestor answers a requestor that inquires more often, and does not judge it by inquiries of less", () => {
  const answersTo = (intervalMs: Ms) => {
    const bench = new Bench();
    const peer = new FakePeer(2, ["A"], true);
    peer.intervalMs = intervalMs;
    const sent = sendsIn(bench.feed(peer.inquiry("A"))).filter((each) => each.to === at("A", 2));
    return [sent.map((each) => each.packet.kind), bench.path("A").health];
  };
  assertEquals(answersTo(T - 1), [["ack"], "up"]);
  assertEquals(answersTo(T), [[], "up"]);
  assertEquals(answersTo(T + 1), [[], "unknown"]);
});

Deno.test("answers and statements are not answered", () => {
  const { bench, peer } = pair();
  bench.feed(peer.inquiry("A"));
  assertEquals(sendsIn(bench.feed(peer.statement("A"))), []);
  const answer = datagram(peer.packet("ack", { sequence: 1 }), "A", at("A", 2));
  assertEquals(sendsIn(bench.feed(answer)), []);
  assertEquals(bench.counter("drops_unasked_answer"), 1);
});

Deno.test("an answer tells of the networks that the sender itself is on, not of other peers", () => {
  const { bench, peer } = pair({ failAfter: 1 });
  const other = new FakePeer(3, ["A", "B"], true);
  inquire(bench, other, 1, ["A", "B"]);
  bench.advance(3 * T);
  const [answer] = sendsIn(bench.feed(peer.inquiry("A")));
  assertEquals(answer?.packet.unheard, []);
});

Deno.test("an answer says what is known with the inquiry itself taken in", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 2, ["A", "B"]);
  inquire(bench, peer, 5, ["B"]);
  assertEquals(bench.path("A").health, "down");
  const [answer] = sendsIn(bench.feed(peer.inquiry("A")));
  assertEquals(answer?.packet.unheard, []);
});

// ------------------------------------------------------------------------------- judging by inquiries

Deno.test("a path is up with its first inquiry and counts the further ones", () => {
  const { bench, peer } = pair();
  const found = noticesIn(bench.feed(peer.inquiry("A"))).map((notice) => notice.kind);
  assertEquals(found, ["node-found"]);
  inquire(bench, peer, 5, ["A"]);
  assertEquals([bench.path("A").health, bench.path("A").good], ["up", 6]);
});

Deno.test("a network on which a requestor claims an address and never inquires goes down without a first packet", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 4, ["A"]);
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "down"]);
  assertEquals(bench.path("B").route?.gateway, at("A", 2));
});

Deno.test("nothing is expected of a mere responder, nor concluded from an inquiry by which it challenges", () => {
  const { bench, peer } = pair();
  peer.requestor = false;
  const [answer] = sendsIn(bench.feed(peer.inquiry("A", { direct: true })));
  assertEquals(answer?.packet.kind, "ack");
  bench.advance(60 * T);
  const paths = [bench.path("A"), bench.path("B")];
  assertEquals(paths.map(({ health, misses }) => [health, misses]), [
    ["unknown", 0],
    ["unknown", 0],
  ]);
});

Deno.test("a requestor that restarts as a mere responder owes no more inquiries", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 3, ["A", "B"]);
  Object.assign(peer, { boot: 77n, counter: 0, requestor: false });
  bench.feed(peer.statement("A"));
  bench.advance(60 * T);
  assertEquals([bench.path("A").health, bench.path("B").health], ["unknown", "unknown"]);
  assertEquals([bench.path("A").misses, told(bench, "path-down")], [0, []]);
});

Deno.test("a mere responder that restarts as a requestor owes inquiries on all its networks from then on", () => {
  const { bench, peer } = pair();
  peer.requestor = false;
  bench.feed(peer.inquiry("A"));
  bench.feed(peer.inquiry("B"));
  Object.assign(peer, { boot: 77n, counter: 0, requestor: true });
  inquire(bench, peer, 5, ["B"]);
  assertEquals([bench.path("A").health, bench.path("B").health], ["down", "up"]);
});

Deno.test("from a silent cut at any moment to the verdict it takes at most the time that timing.ts promises", () => {
  const cases = fc.record({
    intervalMs: fc.constantFrom(10, 50, 1000, 5000),
    failAfter: fc.integer({ min: 1, max: 6 }),
    phase: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ intervalMs, failAfter, phase }) => {
      const settings = settingsOf({ intervalMs, failAfter });
      const { bench, peer } = pair({ intervalMs, failAfter });
      inquire(bench, peer, 4, ["A", "B"]);
      bench.feed(peer.inquiry("A"));
      bench.feed(peer.inquiry("B"));
      bench.advance(phase * intervalMs);
      const took = downAfter(bench, 10 * failAfter * intervalMs) ?? Infinity;
      const atMost = responderDetectionMs(settings);
      assert(took <= atMost + 0.01 && took >= atMost - intervalMs - 0.01, `${took} ms`);
    }),
    { numRuns: 60 },
  );
});

Deno.test("how long inquiries are waited for follows the interval of the peer, not our own", () => {
  const { bench, peer } = pair({ intervalMs: 50 });
  peer.intervalMs = 2000;
  inquire(bench, peer, 3, ["A", "B"]);
  const took = downAfter(bench, 60_000);
  assertAlmostEquals(took ?? 0, 3 * 2000 + inquiryAllowanceMs(2000, 3) - 2000);
});

Deno.test("an inquiry that comes twice, or once more after others, counts once", () => {
  const { bench, peer } = pair({}, ["A"]);
  const inquiries = [1, 2, 3, 4].map(() => peer.inquiry("A"));
  for (const i of [0, 1, 1, 2, 0, 3, 2, 3]) bench.feed(inquiries[i]!);
  assertEquals([bench.path("A").good, bench.counter("drops_duplicate_inquiry")], [4, 4]);
});

Deno.test("one more try of an inquiry, for us alone, is answered and is no packet too many", () => {
  const { bench, peer } = pair({}, ["A"]);
  bench.feed(peer.inquiry("A"));
  const [answer] = sendsIn(
    bench.feed(peer.inquiry("A", { sequence: 1, nonce: 99n, direct: true })),
  );
  assertEquals([answer?.packet.kind, answer?.packet.nonce], ["ack", 99n]);
  assertEquals([bench.path("A").good, bench.counter("drops_duplicate_inquiry")], [1, 0]);
});

Deno.test("a repeated inquiry does not put off the verdict", () => {
  const { bench, peer } = pair({}, ["A"]);
  inquire(bench, peer, 3, ["A"]);
  const last = peer.inquiry("A");
  for (let i = 0; i < 50; i++) {
    bench.feed(last);
    bench.advance(T / 10);
  }
  assertEquals(bench.path("A").health, "down");
});

Deno.test("numbers that begin anew, because the network of the requestor did, are believed", () => {
  const { bench, peer } = pair({}, ["A"]);
  inquire(bench, peer, 50, ["A"]);
  for (const sequence of [1, 2, 3]) bench.feed(peer.inquiry("A", { sequence }));
  assertEquals([bench.path("A").good, bench.counter("drops_duplicate_inquiry")], [3, 0]);
});

Deno.test("a gap in the numbers makes good start anew, for what is between was lost", () => {
  const { bench, peer } = pair({}, ["A"]);
  inquire(bench, peer, 4, ["A"]);
  bench.feed(peer.inquiry("A", { sequence: 6 }));
  assertEquals([bench.path("A").good, bench.path("A").health], [1, "up"]);
});

Deno.test("numbers go on from the largest to 1 without a gap", () => {
  const { bench, peer } = pair({}, ["A"]);
  for (const sequence of [0xfffffffe, 0xffffffff, 1, 2]) {
    bench.feed(peer.inquiry("A", { sequence }));
  }
  assertEquals(bench.path("A").good, 4);
});

Deno.test("a restarted requestor is believed from its first inquiry, though its numbers begin at 1", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 50, ["A", "B"]);
  const again = new FakePeer(2, ["A", "B"], true);
  again.boot = 77n;
  inquire(bench, again, 3, ["A", "B"]);
  assertEquals([bench.path("A").health, bench.path("A").good], ["up", 53]);
  assertEquals(bench.counter("drops_duplicate_inquiry"), 0);
});

Deno.test("a requestor that took over an address is believed from its first inquiry", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 50, ["A", "B"]);
  const heir = { name: "heir", boot: 77n };
  const interfaces = [{
    address: at("A", 2),
    prefixLength: 16,
    usable: true,
    drained: false,
    hearsNobody: false,
  }];
  const packet = packetOf({ ...heir, interfaces, counter: 1, sequence: 1 });
  bench.feed(datagram(packet, "A", at("A", 2)));
  assertEquals(bench.counter("drops_duplicate_inquiry"), 0);
  assertEquals(bench.path("A").misses, 0);
});

Deno.test("after s good inquiries, exactly, moved traffic goes straight again", () => {
  const { bench, peer } = pair({ restoreAfter: 4 });
  inquire(bench, peer, 3, ["A", "B"]);
  inquire(bench, peer, 5, ["B"]);
  assertEquals(bench.path("A").route?.gateway, at("B", 2));
  inquire(bench, peer, 3, ["A", "B"]);
  assertEquals([bench.path("A").health, bench.path("A").good], ["down", 3]);
  bench.feed(peer.inquiry("A"));
  assertEquals([bench.path("A").health, bench.path("A").route], ["up", null]);
});

Deno.test("a mere responder that misses a requestor says so at once on all networks, once, and then on the dead one", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 3, ["A", "B"]);
  const since = bench.deeds.length;
  inquire(bench, peer, 10, ["B"]);
  const states = bench.deeds.slice(since).filter(({ effect }) =>
    sendsIn([effect]).some((each) => each.packet.kind === "state")
  );
  const [down] = bench.deeds.filter(({ effect }) =>
    noticesIn([effect]).some((notice) => notice.kind === "path-down")
  );
  const at0 = down?.at ?? NaN;
  assertEquals(states.slice(0, 2).map((deed) => deed.at), [at0, at0]);
  const sent = sendsIn(states.map((deed) => deed.effect));
  assertEquals(sent.slice(0, 2).map((each) => [each.network, each.packet.unheard]), [
    ["A", [at("A", 2)]],
    ["B", [at("A", 2)]],
  ]);
  // On the dead network alone it goes on saying so, once an interval: if that arrives, only the other way is dead.
  const further = states.slice(2).map((deed, i) => [sent[i + 2]?.network, deed.at]);
  assertEquals(further.length, 7);
  assertEquals(further, further.map((_, i) => ["A", at0 + (i + 1) * T]));
});

Deno.test("a path on which only our answers are lost is left, also when all networks were dead before", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 3, ["A", "B"]);
  bench.advance(10 * T);
  assertEquals([bench.path("A").health, bench.path("B").health], ["down", "down"]);
  peer.says = { unheard: [at("A", 1)] };
  inquire(bench, peer, 4, ["A", "B"]);
  assertEquals([bench.path("A").health, bench.path("B").health], ["down", "up"]);
  assertEquals(bench.path("A").route?.gateway, at("B", 2));
});

Deno.test("a requestor that comes back on one network only has the traffic of the other moved there", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 3, ["A", "B"]);
  bench.advance(10 * T);
  inquire(bench, peer, 4, ["B"]);
  assertEquals(bench.path("A").route?.gateway, at("B", 2));
});

Deno.test("a network of ours that cannot receive owes us no inquiries until it can", () => {
  const { bench, peer } = pair();
  inquire(bench, peer, 3, ["A", "B"]);
  bench.feed(networksOf(dead("A"), networkOf("B")));
  inquire(bench, peer, 10, ["B"]);
  const { cause, misses } = bench.path("A");
  assertEquals([cause, misses], [{ kind: "own-network", reason: "no carrier" }, 0]);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  inquire(bench, peer, 2, ["B"]);
  assert(bench.path("A").misses > 0);
});
