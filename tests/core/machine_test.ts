import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { drainMs, latenessToleranceMs } from "../../lib/core/awareness.ts";
import { answerWaitFloorMs, detectionMs } from "../../lib/core/timing.ts";
import type { Effect, Event, Ms } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  datagram,
  FakePeer,
  networkOf,
  networksOf,
  noticesIn,
  routesIn,
  seeded,
  sendsIn,
  settingsOf,
} from "./builders.ts";

const T = 1000;
const WAIT = answerWaitFloorMs(T);

/** A bench with host 2 on A and B, run until it is known on both. */
function acquainted(options: ConstructorParameters<typeof Bench>[0] = {}) {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ ...options, peers: [peer] });
  bench.advance(200);
  return { bench, peer };
}

/** The moments of effects for which `isIt` holds. */
function momentsOf(bench: Bench, isIt: (effect: Effect) => boolean): Ms[] {
  return bench.deeds.filter((deed) => isIt(deed.effect)).map((deed) => deed.at);
}

function isDown(effect: Effect): boolean {
  return effect.kind === "notice" && effect.notice.kind === "path-down";
}

/** What a mere look at the clock brings. */
const TICK: Event = { kind: "tick" };

// ------------------------------------------------------------------------------- one turn

Deno.test("the first turn asks for the interfaces, for the rule, and sends the first inquiries", () => {
  const bench = new Bench();
  const kinds = bench.deeds.map(({ effect }) => effect.kind);
  assertEquals(kinds, ["notice", "notice", "look", "send", "send", "route"]);
});

Deno.test("in the turn of a verdict the route is asked for before the peers are told", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  const turn = bench.deeds.filter((deed) => deed.at === 1000 + 3 * T + WAIT);
  const kinds = turn.map(({ effect }) => effect.kind);
  assertEquals(kinds, ["route", "send", "send", "notice"]);
  const states = sendsIn(turn.map((deed) => deed.effect));
  assertEquals(states.map((each) => [each.network, each.packet.kind]), [
    ["A", "state"],
    ["B", "state"],
  ]);
  assertEquals(states.map((each) => each.packet.unheard), [[at("A", 2)], [at("A", 2)]]);
});

Deno.test("bad news is told once, not with every further miss", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(60 * T);
  const sent = sendsIn(bench.deeds.map((deed) => deed.effect));
  assertEquals(sent.filter((each) => each.packet.kind === "state").length, 2);
});

Deno.test("the interfaces are read every five seconds, and soon after the kernel announced a change", () => {
  const bench = new Bench();
  const isLook = (effect: Effect) => effect.kind === "look";
  bench.advance(12_000);
  assertEquals(momentsOf(bench, isLook), [1000, 6000, 11_000]);
  for (const now of [13_500, 13_501, 13_502, 13_503]) {
    bench.advance(now - bench.now);
    bench.feed({ kind: "kernel-changed" });
  }
  bench.advance(100);
  assertEquals(momentsOf(bench, isLook).slice(3), [13_500, 13_520]);
});

Deno.test("after the kernel announced a change it is asked whether our routes still stand", () => {
  const { bench } = acquainted();
  const before = routesIn(bench.deeds.map((deed) => deed.effect)).length;
  assertEquals(routesIn(bench.feed({ kind: "kernel-changed" })).length, 1);
  assertEquals(before, 1);
});

Deno.test("the same history leads to the same effects, whenever it is run", () => {
  const run = () => {
    const { bench, peer } = acquainted({ random: seeded(3) });
    peer.answersOn.delete("B");
    bench.advance(20 * T);
    peer.answersOn.add("B");
    bench.advance(20 * T);
    return bench.deeds;
  };
  assertEquals(run(), run());
});

// ------------------------------------------------------------------------------- late, asleep, flooded

Deno.test("a late wake judges nobody before the sockets are drained: the answers in them count", () => {
  const { bench, peer } = acquainted();
  bench.advance(1000 + T - bench.now);
  const inquiries = sendsIn(bench.deeds.map((deed) => deed.effect)).slice(-2);
  bench.now += 700;
  const late = bench.feed(TICK);
  const latenessMs = 700 - WAIT;
  assertEquals(noticesIn(late), [{ kind: "late-round", latenessMs, count: 1 }]);
  assertEquals([bench.path("A").misses, bench.path("B").misses], [0, 0]);
  for (const { network, packet } of inquiries) {
    const { sequence, nonce } = packet;
    bench.feed(datagram(peer.packet("ack", { sequence, nonce }), network, at(network, 2)));
  }
  bench.advance(drainMs(T, latenessMs));
  assertEquals([bench.path("A").misses, bench.path("B").misses], [0, 0]);
  assertEquals([bench.path("A").good, bench.counter("late_wakes")], [2, 1]);
});

Deno.test("after the drain the silent are judged all the same", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(1000 + T - bench.now);
  bench.now += 700;
  bench.feed(TICK);
  assertEquals(bench.path("A").misses, 0);
  bench.advance(drainMs(T, 700 - WAIT) - 1);
  assertEquals(bench.path("A").misses, 0);
  bench.advance(1);
  assertEquals([bench.path("A").misses, bench.path("B").misses], [1, 0]);
});

Deno.test("a late wake without anything to judge does not use up the drain of the next one", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.clear();
  bench.advance(1000 + T + 1 - bench.now);
  bench.feed({ kind: "kernel-changed" });
  bench.feed({ kind: "kernel-changed" });
  const looksAt = bench.machine.nextDeadline();
  assertEquals(looksAt, bench.now + 20);
  const latenessMs = latenessToleranceMs(T) + 1;
  bench.now = looksAt + latenessMs;
  bench.feed(TICK);
  const judgesAt = bench.now + drainMs(T, latenessMs);
  assertEquals(bench.machine.nextDeadline(), judgesAt);
  assert(judgesAt > 1000 + T + WAIT);
  bench.now = judgesAt + 2 * latenessToleranceMs(T);
  bench.feed(TICK);
  assertEquals([bench.counter("late_wakes"), bench.path("A").misses], [2, 0]);
  bench.advance(drainMs(T, 2 * latenessToleranceMs(T)));
  assertEquals(bench.path("A").misses, 1);
});

Deno.test("a machine that is late at every wake still takes a dead path down, only later, and accuses no other", () => {
  for (const intervalMs of [50, 1000]) {
    for (const share of [1.01, 2, 5]) {
      const { bench, peer } = acquainted({ settings: { intervalMs }, random: seeded(share) });
      bench.latenessMs = share * latenessToleranceMs(intervalMs);
      bench.advance(20 * intervalMs);
      assertEquals(momentsOf(bench, isDown), []);
      peer.answersOn.delete("A");
      const took = bench.advanceTo((notice) => notice.kind === "path-down", 100 * intervalMs);
      const wakes = 3 * 3 + 2;
      const atMost = detectionMs(settingsOf({ intervalMs })).atMost +
        wakes * (bench.latenessMs + drainMs(intervalMs, bench.latenessMs));
      assert(took !== null && took <= atMost, `${intervalMs} ${share}: ${took}`);
      assertEquals([bench.path("A").health, bench.path("B").health], ["down", "up"]);
      assert(bench.counter("late_wakes") > 10);
    }
  }
});

Deno.test("after a gap longer than the detection time all misses are forgiven, and routes stay as they are", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(1000 + 2 * T + WAIT - bench.now);
  assertEquals([bench.path("A").misses, bench.path("A").health], [2, "up"]);
  bench.now += 60_000;
  const effects = bench.feed(TICK);
  assertEquals(bench.path("A").misses, 0);
  const late = noticesIn(effects).filter((notice) => notice.kind === "late");
  assertEquals(late.map((notice) => [notice.latenessMs, notice.count]), [[
    60_000 - T + WAIT,
    1,
  ]]);
  bench.advance(2 * T);
  assertEquals([bench.counter("sleeps"), bench.path("A").health], [1, "up"]);
  bench.advance(T);
  assertEquals(bench.path("A").health, "down");
});

Deno.test("that a peer did not hear us while we slept is no news; what it waited for since then is", () => {
  const { bench, peer } = acquainted();
  bench.now += 60_000;
  bench.feed(TICK);
  const deaf = { unheard: [at("A", 1)] };
  bench.feed(peer.statement("B", deaf));
  bench.advance(T + WAIT - 1);
  bench.feed(peer.statement("B", deaf));
  assertEquals(bench.path("A").health, "up");
  bench.advance(1);
  bench.feed(peer.statement("B", deaf));
  assertEquals([bench.path("A").health, bench.path("A").route?.gateway], ["down", at("B", 2)]);
});

Deno.test("a mere responder that slept waits for inquiries anew", () => {
  const bench = new Bench({ settings: { requestor: false } });
  const peer = new FakePeer(2, ["A", "B"], true);
  for (const network of ["A", "B"]) bench.feed(peer.inquiry(network));
  bench.advance(2 * T + 500);
  assertEquals(bench.path("A").misses, 2);
  bench.now += 60_000;
  bench.feed(TICK);
  assertEquals(bench.path("A").misses, 0);
  bench.advance(2 * T + 500);
  assertEquals([bench.path("A").misses, bench.path("A").health], [2, "up"]);
});

Deno.test("a flood of datagrams does not put off a verdict", () => {
  const { bench, peer } = acquainted();
  const bytes = new Uint8Array(64);
  const flood: Event = { kind: "datagram", network: "B", from: at("B", 7), port: 1, bytes };
  peer.answersOn.delete("A");
  const start = bench.now;
  while (bench.path("A").health === "up" && bench.now < start + 10 * T) {
    for (let i = 0; i < 10; i++) bench.feed(flood);
    bench.advance(1);
  }
  const [down] = momentsOf(bench, isDown);
  assertEquals(down, 1000 + 3 * T + WAIT);
  assert(bench.counter("drops_bad_magic") > 20_000);
});

Deno.test("events alone drive the machine as well as ticks do: whatever comes, what is due is done", () => {
  const { bench } = acquainted();
  const before = sendsIn(bench.deeds.map((deed) => deed.effect)).length;
  bench.now = bench.machine.nextDeadline();
  const effects = bench.feed({ kind: "send-failed", network: "A", reason: "no" });
  assertEquals(sendsIn(effects).length, 2);
  assertEquals(before, 2);
});

// ------------------------------------------------------------------------------- a thousand peers

Deno.test("with a thousand peers a datagram costs well under a millisecond, and all routes move in one turn", () => {
  const bench = new Bench();
  const peers = Array.from({ length: 1000 }, (_, i) => new FakePeer(i + 2, ["A", "B"]));
  /** Lets all answer the open inquiries of these networks; returns how many did and the time it took. */
  const answer = (networks: readonly string[]) => {
    const open = sendsIn(bench.deeds.splice(0).map((deed) => deed.effect)).filter((each) =>
      each.packet.kind === "inq" && networks.includes(each.network)
    );
    const events = open.flatMap(({ network, packet: { sequence, nonce } }) =>
      peers.map((peer) =>
        datagram(peer.packet("ack", { sequence, nonce }), network, at(network, peer.host))
      )
    );
    const start = performance.now();
    for (const event of events) bench.feed(event);
    return { count: events.length, tookMs: performance.now() - start };
  };
  for (let round = 0; round < 4; round++) {
    const { count, tookMs } = answer(["A", "B"]);
    assertEquals(count, 2000);
    assert(tookMs / count < 0.5, `${tookMs} ms`);
    bench.advance(round === 0 ? T - (bench.now % T) : T);
  }
  for (let round = 0; round < 3; round++) {
    answer(["B"]);
    if (round < 2) bench.advance(T);
  }
  bench.now = bench.machine.nextDeadline();
  const start = performance.now();
  const effects = bench.feed(TICK);
  assert(performance.now() - start < 1000, `${performance.now() - start} ms`);
  const [request, ...others] = routesIn(effects);
  assertEquals([request?.wanted.routes.size, others.length], [1000, 0]);
  assertEquals(sendsIn(effects).map((each) => each.packet.kind), ["state", "state"]);
  bench.advance(1);
  bench.advance(T);
  const notices = bench.deeds.flatMap(({ effect }) => noticesIn([effect]));
  assertEquals(notices.filter(({ kind }) => kind === "path-down"), []);
  const silent = notices.filter((notice) => notice.kind === "network-silent");
  assertEquals(silent.map(({ network, peers, moved }) => [network, peers, moved]), [
    ["A", 1000, 1000],
  ]);
});

// ------------------------------------------------------------------------------- any history

/** One thing that may happen to a machine; `after` is the time since the last one, in ms. */
const happening = fc.record({
  after: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3000, noNaN: true }), fc.nat(20_000)),
  what: fc.constantFrom("tick", "wake", "networks", "inquiry", "statement", "changed", "failed"),
  host: fc.integer({ min: 2, max: 5 }),
  network: fc.constantFrom("A", "B", "C"),
  boot: fc.integer({ min: 2, max: 6 }),
  claims: fc.uniqueArray(fc.constantFrom("A", "B", "C"), { minLength: 1 }),
  usable: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  deaf: fc.boolean(),
});

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function eventOf(each: Happening, counter: number): Event {
  const { what, host, network, boot, claims, usable, deaf } = each;
  if (what === "networks") {
    const present = claims.map((name, i) => {
      return networkOf(name, usable[i] ? {} : { usable: false, reason: "no carrier" });
    });
    return networksOf(...present);
  }
  if (what === "changed") return { kind: "kernel-changed" };
  if (what === "failed") return { kind: "routes-failed", generation: counter, reason: "ip ended" };
  if (what === "tick" || what === "wake") return TICK;
  const peer = new FakePeer(host, claims, usable[0]);
  peer.boot = BigInt(boot);
  peer.counter = counter;
  const says = { unheard: deaf ? [at(network, 1)] : [] };
  return what === "inquiry"
    ? peer.inquiry(network, { ...says, sequence: counter + 1 })
    : peer.statement(network, says);
}

Deno.test("whatever happens, the next deadline is finite and ahead, and only usable networks are sent on", () => {
  const history = fc.array(happening, { maxLength: 60 });
  fc.assert(
    fc.property(history, fc.boolean(), fc.integer(), (steps, requestor, seed) => {
      const peers = [{ node: "far", addresses: [at("A", 9), at("B", 9)] }];
      const bench = new Bench({ settings: { requestor, peers }, random: seeded(seed) });
      let usable = new Set(["A", "B"]);
      steps.forEach((each, i) => {
        const next = bench.machine.nextDeadline();
        if (each.what === "wake") bench.now = Math.max(bench.now, next);
        else bench.now += each.after;
        const event = eventOf(each, i);
        if (event.kind === "networks") {
          usable = new Set(event.networks.filter((one) => one.usable).map((one) => one.name));
        }
        const effects = bench.feed(event);
        for (const sent of sendsIn(effects)) assert(usable.has(sent.network), sent.network);
        for (const { wanted } of routesIn(effects)) {
          for (const address of wanted.routes.keys()) assert(!wanted.keep.has(address));
        }
        const deadline = bench.machine.nextDeadline();
        assert(Number.isFinite(deadline) && deadline > bench.now, `${deadline} ${bench.now}`);
      });
    }),
    { numRuns: 300 },
  );
});

Deno.test("whatever happened, when all is well again every route is gone and every living path is up", () => {
  const history = fc.array(happening, { maxLength: 40 });
  fc.assert(
    fc.property(history, fc.integer(), (steps, seed) => {
      const bench = new Bench({ random: seeded(seed) });
      steps.forEach((each, i) => {
        bench.advance(each.after);
        bench.feed(eventOf(each, i));
      });
      bench.feed(networksOf(networkOf("A"), networkOf("B"), networkOf("C")));
      const hosts = [2, 3, 4, 5].map((host) => new FakePeer(host, ["A", "B", "C"]));
      for (const peer of hosts) peer.boot = 1000n + BigInt(peer.host);
      bench.peers.push(...hosts);
      bench.advance(120 * T);
      for (const { host } of hosts) {
        for (const network of ["A", "B", "C"]) assertEquals(bench.path(network, host).health, "up");
      }
      assertEquals([bench.wanted.routes.size, bench.wanted.keep.size], [0, 0]);
      assertEquals(bench.machine.snapshot(bench.now).degraded, null);
    }),
    { numRuns: 100 },
  );
});
