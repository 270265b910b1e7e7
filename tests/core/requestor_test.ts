import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { answerWaitFloorMs, detectionMs, JITTER_MIN, restoreMs } from "../../lib/core/timing.ts";
import type { Effect, Ms } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  datagram,
  FakePeer,
  networkOf,
  noticesIn,
  seeded,
  sendsIn,
  settingsOf,
  steady,
} from "./builders.ts";

const T = 1000;
const WAIT = answerWaitFloorMs(T);

/** A bench with host 2 on A and B, run until it is known on both. */
function acquainted(options: ConstructorParameters<typeof Bench>[0] = {}) {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ ...options, peers: [peer] });
  bench.advance(100);
  return { bench, peer };
}

/** The inquiries sent on a network, with their moments. */
function inquiriesOn(bench: Bench, network: string) {
  return bench.deeds.flatMap(({ at, effect }) =>
    sendsIn([effect]).filter((each) => each.network === network && each.packet.kind === "inq")
      .map((each) => ({ at, ...each }))
  );
}

/** The moments at which a path changed its health, as text. */
function turns(bench: Bench, since: Ms = 0): string[] {
  return bench.deeds.filter((deed) => deed.at >= since).flatMap(({ at, effect }) =>
    noticesIn([effect]).flatMap((notice) =>
      notice.kind === "path-down" || notice.kind === "path-up"
        ? [`${at} ${notice.kind} ${notice.path.network}`]
        : []
    )
  );
}

// ------------------------------------------------------------------------------- asking

Deno.test("the first inquiry goes out in the turn in which the network appears, by broadcast, on each network", () => {
  const bench = new Bench();
  const sent = bench.deeds.flatMap(({ effect }) => sendsIn([effect]));
  assertEquals(sent.map(({ network, to, port, packet }) => [network, to, port, packet.kind]), [
    ["A", "10.1.255.255", 32453, "inq"],
    ["B", "10.2.255.255", 32453, "inq"],
  ]);
});

Deno.test("an inquiry carries who we are, how we fare, and a nonce of its own", () => {
  const bench = new Bench({ settings: { intervalMs: 250, failAfter: 7, nodeName: "first" } });
  const [a, b] = bench.deeds.flatMap(({ effect }) => sendsIn([effect]));
  assertEquals(a?.packet.interfaces.map((each) => each.address), [at("A", 1), at("B", 1)]);
  const { name, requestor, intervalMs, failAfter, sequence, unheard } = a!.packet;
  assertEquals([name, requestor, intervalMs, failAfter, sequence], ["first", true, 250, 7, 1]);
  assertEquals(unheard, []);
  assert(a!.packet.nonce !== b!.packet.nonce);
  assertEquals([a!.packet.counter, b!.packet.counter], [1, 2]);
});

Deno.test("inquiries are three quarters of the interval to the whole interval apart, spread over all of that", () => {
  const { bench } = acquainted({ random: seeded(7) });
  bench.advance(400 * T);
  const moments = inquiriesOn(bench, "A").map((each) => each.at);
  const spacings = moments.slice(1).map((moment, i) => moment - moments[i]!);
  assert(spacings.length >= 400);
  for (const spacing of spacings) assert(spacing >= JITTER_MIN * T && spacing <= T, `${spacing}`);
  assert(Math.min(...spacings) < 0.76 * T);
  assert(Math.max(...spacings) > 0.99 * T);
});

Deno.test("one inquiry at a time is open on a network, and it is judged before the next one", () => {
  const { bench, peer } = acquainted({ random: steady(0) });
  peer.answersOn.delete("A");
  const start = bench.now;
  bench.advance(20 * T);
  const numbers = inquiriesOn(bench, "A").map((each) => each.packet.sequence);
  assertEquals(numbers, numbers.map((_, i) => i + 1));
  const asked = inquiriesOn(bench, "A").filter((each) => each.at >= start).length;
  const misses = bench.path("A").misses;
  assert(misses === asked || misses === asked - 1, `${misses} of ${asked}`);
});

Deno.test("a mere responder never asks", () => {
  const bench = new Bench({ settings: { requestor: false } });
  const effects = bench.advance(60 * T);
  assertEquals(sendsIn(effects), []);
});

// ------------------------------------------------------------------------------- answers

/** The latest inquiry on A, to be answered by hand. */
function openInquiry(bench: Bench) {
  return inquiriesOn(bench, "A").at(-1)!.packet;
}

/** A bench on A alone with a known host 2 that no longer answers by itself, an inquiry to it just opened. */
function asked() {
  const { bench, peer } = acquainted({ networks: [networkOf("A")] });
  peer.answersOn.clear();
  bench.advance(T - 100);
  const { sequence, nonce } = openInquiry(bench);
  const answer = (changes = {}): Effect[] =>
    bench.feed(datagram(peer.packet("ack", { sequence, nonce, ...changes }), "A", at("A", 2)));
  assertEquals([bench.path("A").good, bench.path("A").misses], [1, 0]);
  return { bench, peer, answer, sequence, nonce };
}

Deno.test("an answer in time is good, and its round trip is measured", () => {
  const { bench, answer } = asked();
  bench.advance(9);
  answer();
  assertEquals([bench.path("A").good, bench.path("A").lastGoodAgoMs], [2, 0]);
  assertEquals(bench.path("A").roundTripMs, 0.875 * 1 + 0.125 * 9);
});

Deno.test("when all have answered there is nothing to wake for before the next inquiry", () => {
  const { bench, answer } = asked();
  assertEquals(bench.machine.nextDeadline(), bench.now + WAIT);
  answer();
  assertEquals(bench.machine.nextDeadline(), bench.now + T);
});

Deno.test("an answer just before the verdict counts, one after it is late and counts for nothing", () => {
  const inTime = asked();
  inTime.bench.advance(WAIT - 0.01);
  inTime.answer();
  assertEquals([inTime.bench.path("A").good, inTime.bench.path("A").misses], [2, 0]);
  const late = asked();
  late.bench.advance(WAIT);
  assertEquals([late.bench.path("A").good, late.bench.path("A").misses], [0, 1]);
  late.bench.advance(1);
  late.answer();
  assertEquals([late.bench.path("A").good, late.bench.path("A").misses], [0, 1]);
  assertEquals(late.bench.counter("drops_late_answer"), 1);
});

Deno.test("an answer to an earlier inquiry is late, even while the next one is open", () => {
  const { bench, answer } = asked();
  bench.advance(T + 1);
  assertEquals(bench.path("A").misses, 1);
  answer();
  assertEquals([bench.path("A").good, bench.path("A").misses], [0, 1]);
  assertEquals(bench.counter("drops_late_answer"), 1);
  bench.advance(WAIT);
  assertEquals(bench.path("A").misses, 2);
});

Deno.test("an answer that comes twice counts once", () => {
  const { bench, answer } = asked();
  answer();
  answer();
  answer();
  assertEquals([bench.path("A").good, bench.counter("drops_duplicate_answer")], [2, 2]);
});

Deno.test("a late answer between two copies of the right one does not make the second copy count", () => {
  const left = { address: at("A", 2), gateway: at("B", 2), interfaceName: "eth2" };
  const kernel = { rules: 1, routes: new Map([[left.address, left]]), foreign: 0 };
  const bench = new Bench({ networks: [networkOf("A")], left: kernel });
  bench.advance(2 * T);
  const [older, open] = inquiriesOn(bench, "A").slice(-2).map((each) => each.packet);
  const peer = new FakePeer(2, ["A"]);
  for (const { sequence, nonce } of [open!, older!, open!, older!, open!]) {
    bench.feed(datagram(peer.packet("ack", { sequence, nonce }), "A", at("A", 2)));
  }
  assertEquals(bench.path("A").good, 1);
});

Deno.test("an answer with the wrong nonce or number is foreign and counts for nothing", () => {
  for (const changes of [{ nonce: 5n }, { sequence: 77 }]) {
    const { bench, answer } = asked();
    answer(changes);
    assertEquals([bench.path("A").good, bench.counter("drops_foreign_answer")], [1, 1]);
    bench.advance(WAIT);
    assertEquals(bench.path("A").misses, 1);
  }
});

Deno.test("an answer to the inquiry of one network is foreign on another", () => {
  const { bench, peer } = acquainted();
  const { sequence, nonce } = inquiriesOn(bench, "A").at(-1)!.packet;
  const answer = peer.packet("ack", { sequence, nonce });
  bench.feed(datagram(answer, "B", at("B", 2)));
  assertEquals(bench.counter("drops_foreign_answer"), 1);
});

Deno.test("a stranger is known by its answer, and is up with it", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  const found = noticesIn(bench.advance(2)).filter((notice) => notice.kind === "node-found");
  assertEquals(found.map((notice) => notice.path.network), ["A", "B"]);
  assertEquals([bench.path("A").health, bench.path("B").health], ["up", "up"]);
});

Deno.test("slow answers are waited for longer from then on, but never into the next inquiry", () => {
  const { bench, peer } = acquainted();
  peer.delayMs = 140;
  bench.advance(10 * T);
  peer.delayMs = 200;
  bench.advance(60 * T);
  assertEquals([bench.path("A").health, bench.path("A").misses], ["up", 0]);
  peer.delayMs = 800;
  bench.advance(60 * T);
  assertEquals(bench.path("A").health, "down");
  assert(bench.counter("drops_late_answer") > 50);
});

Deno.test("an answer that we slept through does not make us wait longer for others", () => {
  const { bench, peer } = acquainted({ settings: { intervalMs: 50 } });
  peer.delayMs = 10;
  bench.advance(1000);
  bench.latenessMs = 3_600_000;
  bench.advance(3_600_100);
  bench.latenessMs = 0;
  bench.advance(50 * 20);
  const { roundTripMs } = bench.path("A");
  assert(roundTripMs !== null && roundTripMs < 50, `${roundTripMs}`);
});

// ------------------------------------------------------------------------------- verdicts

Deno.test("a path goes down with exactly the f-th unanswered inquiry, and says how long ago it was last good", () => {
  const { bench, peer } = acquainted({ networks: [networkOf("A")] });
  peer.answersOn.clear();
  bench.advance(5 * T);
  const [down] = bench.deeds.filter(({ effect }) =>
    effect.kind === "notice" && effect.notice.kind === "path-down"
  );
  assertEquals(down?.at, 1000 + 3 * T + WAIT);
  const notice = noticesIn([down!.effect])[0];
  assertEquals(notice?.kind === "path-down" && notice.cause, {
    kind: "missed",
    what: "answers",
    count: 3,
    lastGoodAgoMs: 3 * T + WAIT - 1,
  });
});

Deno.test("one answer among the misses, and counting starts anew", () => {
  const { bench, peer } = acquainted();
  bench.advance(WAIT);
  for (let round = 0; round < 10; round++) {
    peer.answersOn.delete("A");
    bench.advance(2 * T);
    assertEquals(bench.path("A").misses, 2);
    peer.answersOn.add("A");
    bench.advance(T);
    assertEquals(bench.path("A").misses, 0);
  }
  assertEquals(turns(bench), []);
});

Deno.test("from a silent cut at any moment to the verdict it takes the time that timing.ts promises", () => {
  const cases = fc.record({
    seed: fc.integer(),
    intervalMs: fc.constantFrom(10, 50, 200, 1000, 5000),
    failAfter: fc.integer({ min: 1, max: 6 }),
    phase: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ seed, intervalMs, failAfter, phase }) => {
      const settings = settingsOf({ intervalMs, failAfter });
      const { bench, peer } = acquainted({ settings, random: seeded(seed) });
      peer.delayMs = Math.min(1, intervalMs / 50);
      bench.advance((20 + phase) * intervalMs);
      peer.answersOn.delete("A");
      const took = bench.advanceTo(
        (notice) => notice.kind === "path-down",
        10 * failAfter * intervalMs,
      );
      const { atLeast, atMost } = detectionMs(settings);
      assert(took !== null && took >= atLeast - 1 && took <= atMost + 1, `${took} ms`);
      assertEquals(bench.path("B").health, "up");
    }),
    { numRuns: 60 },
  );
});

Deno.test("from the mending at any moment to the switchback it takes the time that timing.ts promises", () => {
  const cases = fc.record({
    seed: fc.integer(),
    intervalMs: fc.constantFrom(50, 1000),
    restoreAfter: fc.integer({ min: 1, max: 12 }),
    phase: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ seed, intervalMs, restoreAfter, phase }) => {
      const settings = settingsOf({ intervalMs, restoreAfter });
      const { bench, peer } = acquainted({ settings, random: seeded(seed) });
      peer.answersOn.delete("A");
      bench.advance((6 + phase) * intervalMs);
      assertEquals(bench.path("A").route?.gateway, at("B", 2));
      peer.answersOn.add("A");
      const took = bench.advanceTo((notice) => notice.kind === "path-up", 100 * intervalMs);
      const { atLeast, atMost } = restoreMs(settings);
      assert(took !== null && took >= atLeast - 2 && took <= atMost + 2, `${took} ms`);
    }),
    { numRuns: 40 },
  );
});
