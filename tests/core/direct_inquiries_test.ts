/** A first miss is confirmed at the confirm-interval, by inquiries to that peer alone. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { detectionMs } from "../../lib/core/timing.ts";
import type { Settings } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  datagram,
  FakePeer,
  networkOf,
  seeded,
  sendsIn,
  settingsOf,
} from "./builders.ts";
import { Town } from "./town.ts";

const T = 1000;
const CONFIRM = 50;

/** A bench with hosts 2 and 3 on A and B, all known. */
function acquainted(own: Partial<Settings> = {}, seed = 1) {
  const peers = [new FakePeer(2, ["A", "B"]), new FakePeer(3, ["A", "B"])];
  const settings = settingsOf({ confirmIntervalMs: CONFIRM, failAfter: 4, ...own });
  const bench = new Bench({ settings, peers, random: seeded(seed) });
  bench.advance(3 * settings.intervalMs);
  return { bench, settings, peer: peers[0] as FakePeer };
}

/** What was sent from the deed with number `since` on. */
function sentSince(bench: Bench, since: number) {
  return bench.deeds.slice(since).flatMap(({ at, effect }) =>
    sendsIn([effect]).map((each) => ({ at, ...each }))
  );
}

Deno.test("while all is well the confirm-interval costs no packet", () => {
  const count = (confirmIntervalMs: number) => {
    const { bench } = acquainted({ confirmIntervalMs });
    bench.advance(100 * T);
    return sentSince(bench, 0).length;
  };
  assertEquals(count(CONFIRM), count(T));
});

Deno.test("after the first miss f - 1 inquiries go to that peer alone, on that network, a confirm-interval apart", () => {
  const { bench, peer, settings } = acquainted();
  peer.answersOn.delete("A");
  const since = bench.deeds.length;
  bench.advance(2 * T);
  const all = sentSince(bench, since).filter((each) => each.packet.direct);
  const direct = all.filter(({ network }) => network === "A");
  // On the other network it is asked once whether that is a way for its traffic.
  const elsewhere = all.filter(({ network }) => network !== "A");
  assertEquals(elsewhere.map((each) => [each.at, each.to]), [[direct[0]?.at, at("B", 2)]]);
  assertEquals(direct.map(({ network, to, packet }) => [network, to, packet.kind]), [
    ["A", at("A", 2), "inq"],
    ["A", at("A", 2), "inq"],
    ["A", at("A", 2), "inq"],
  ]);
  const [first, second, third] = direct.map((each) => each.at) as [number, number, number];
  assertEquals([second - first, third - second], [CONFIRM, CONFIRM]);
  assertEquals(new Set(direct.map(({ packet }) => packet.nonce)).size, 3);
  const down = bench.deeds.find(({ effect }) =>
    effect.kind === "notice" && effect.notice.kind === "path-down"
  );
  assertEquals(down?.at, third + settings.answerWait.floorMs);
  const { cause } = bench.path("A");
  assertEquals(cause?.kind === "missed" && [cause.what, cause.count], ["answers", 4]);
  assertEquals([bench.path("A", 3).misses, bench.path("B").misses], [0, 0]);
});

Deno.test("a good answer in between ends it, and what was open then accuses nobody", () => {
  // Waited for longer than their spacing, several are open at one time.
  const { bench, peer } = acquainted({ answerWait: { floorMs: 3 * CONFIRM, ceilingMs: 500 } });
  peer.answersOn.delete("A");
  const since = bench.deeds.length;
  while (bench.path("A").misses < 1) bench.advance(1);
  bench.advance(CONFIRM + 10);
  peer.answersOn.add("A");
  while (bench.path("A").misses > 0) bench.advance(1);
  for (let i = 0; i < 2 * T; i++, bench.advance(1)) assertEquals(bench.path("A").misses, 0);
  bench.advance(20 * T);
  const direct = sentSince(bench, since).filter((each) => each.packet.direct);
  assertEquals(direct.filter(({ network }) => network === "A").length, 3);
  assertEquals([bench.path("A").health, bench.path("A").misses], ["up", 0]);
  assertEquals(bench.counter("drops_foreign_answer"), 0);
});

Deno.test("with f = 1, and with the interval itself as confirm-interval, nothing is confirmed", () => {
  for (const own of [{ failAfter: 1 }, { confirmIntervalMs: T }]) {
    const { bench, peer } = acquainted(own);
    peer.answersOn.delete("A");
    const since = bench.deeds.length;
    bench.advance(10 * T);
    assertEquals(sentSince(bench, since).filter((each) => each.packet.direct), []);
    assertEquals(bench.path("A").health, "down");
  }
});

Deno.test("a path that is down already is not asked more often", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  assertEquals(bench.path("A").health, "down");
  const since = bench.deeds.length;
  bench.advance(20 * T);
  assertEquals(sentSince(bench, since).filter((each) => each.packet.direct), []);
});

Deno.test("a network that is lost, and a sleep of ours, end what was to be confirmed unjudged", () => {
  const lost = acquainted();
  lost.peer.answersOn.delete("A");
  while (lost.bench.path("A").misses < 1) lost.bench.advance(1);
  const without = { kind: "networks", networks: [networkOf("B")], problems: [] } as const;
  const since = lost.bench.deeds.length;
  lost.bench.feed(without);
  lost.bench.advance(2 * T);
  assertEquals(sentSince(lost.bench, since).filter((each) => each.packet.direct), []);
  const slept = acquainted();
  slept.peer.answersOn.delete("A");
  while (slept.bench.path("A").misses < 1) slept.bench.advance(1);
  slept.bench.now += 60 * T;
  slept.bench.feed({ kind: "tick" });
  assertEquals(slept.bench.path("A").misses, 0);
});

Deno.test("an answer to an inquiry for one peer proves nothing of another, nor on another network", () => {
  const { bench, peer } = acquainted();
  peer.answersOn.delete("A");
  const since = bench.deeds.length;
  while (bench.path("A").misses < 1) bench.advance(1);
  bench.advance(1);
  const open = sentSince(bench, since).find(({ network, packet }) =>
    network === "A" && packet.direct
  );
  const { sequence, nonce } = open!.packet;
  const other = bench.peers[1] as FakePeer;
  bench.feed(datagram(other.packet("ack", { sequence: 4000, nonce }), "A", at("A", 3)));
  bench.feed(datagram(peer.packet("ack", { sequence: 4000, nonce }), "B", at("B", 2)));
  assertEquals(bench.counter("drops_foreign_answer"), 2);
  bench.feed(datagram(peer.packet("ack", { sequence, nonce }), "A", at("A", 2)));
  assertEquals(bench.path("A").misses, 0);
  bench.feed(datagram(peer.packet("ack", { sequence, nonce }), "A", at("A", 2)));
  assertEquals(bench.counter("drops_late_answer"), 1);
});

Deno.test("from a silent cut to the verdict it takes the time that timing.ts promises, with confirmation", () => {
  const cases = fc.record({
    seed: fc.integer(),
    intervalMs: fc.constantFrom(50, 200, 1000, 5000),
    part: fc.constantFrom(0.02, 0.1, 0.3, 0.7, 0.99, 1),
    failAfter: fc.integer({ min: 1, max: 8 }),
    phase: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(cases, ({ seed, intervalMs, part, failAfter, phase }) => {
      const confirmIntervalMs = Math.max(10, part * intervalMs);
      const own = { intervalMs, confirmIntervalMs, failAfter };
      const { bench, peer, settings } = acquainted(own, seed);
      for (const each of bench.peers) each.delayMs = Math.min(1, intervalMs / 50);
      bench.advance((10 + phase) * intervalMs);
      peer.answersOn.delete("A");
      const isDown = ({ kind }: { kind: string }) => kind === "path-down";
      const took = bench.advanceTo(isDown, 10 * failAfter * intervalMs);
      const { atLeast, atMost } = detectionMs(settings);
      const most = atMost + 2;
      assert(took !== null && took >= atLeast - 2 && took <= most, `${took} of ${atLeast}-${most}`);
      assertEquals([bench.path("B").health, bench.path("A", 3).health], ["up", "up"]);
    }),
    { numRuns: 100 },
  );
});

Deno.test("the other ways to a peer that misses now and then are measured once an interval, not with each miss", () => {
  const { bench, peer } = acquainted({ answerWait: { floorMs: 5, ceilingMs: 100 } });
  const since = bench.deeds.length;
  // Of all that is asked on A only every second inquiry is answered: misses begin anew all the time.
  for (let now = 0; now < 20 * T; now += 20, bench.advance(20)) {
    if (now % 40 === 0) peer.answersOn.delete("A");
    else peer.answersOn.add("A");
  }
  const direct = sentSince(bench, since).filter(({ packet }) => packet.direct);
  const times = direct.filter(({ network }) => network === "B").map((each) => each.at);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  assert(times.length > 5 && gaps.every((gap) => gap >= T), gaps.join(" "));
});

Deno.test("two requestors that confirm both move soon after a cut, in either direction", () => {
  for (const way of ["*>*", "1>2", "2>1"]) {
    const town = new Town();
    const own = { intervalMs: 50, confirmIntervalMs: 10 };
    const hosts = [town.add(1, ["A", "B"], own), town.add(2, ["A", "B"], own)];
    town.advance(1000);
    town.cuts.add(`A ${way}`);
    const cutAt = town.now;
    town.advance(300);
    for (const { number, changes } of hosts) {
      const tookMs = (changes[0]?.at ?? Infinity) - cutAt;
      assert(tookMs < 120, `${way}: ${number} after ${tookMs} ms`);
      assertEquals(changes.length, 1);
    }
  }
});
