import { assert, assertEquals } from "@std/assert";
import { answerDelayMs, spreadMs } from "../../lib/core/spread.ts";
import { parseV4 } from "../../lib/core/address.ts";
import { answerWaitFloorMs } from "../../lib/core/timing.ts";
import { at, Bench, FakePeer, sendsIn } from "./builders.ts";
import { Town } from "./town.ts";

const T = 1000;

function numberOf(host: number): number {
  return parseV4(at("A", host)) as number;
}

Deno.test("up to 50 answers come at once; more are spread over half a millisecond each, at most half the interval", () => {
  const cases: [number, number, number][] = [
    [0, 1000, 0],
    [50, 1000, 0],
    [51, 1000, 25.5],
    [200, 1000, 100],
    [1000, 1000, 500],
    [5000, 1000, 500],
    [1000, 10, 5],
    [77, 33.333, 16.666],
  ];
  for (const [answers, intervalMs, expected] of cases) {
    assertEquals(spreadMs(answers, intervalMs), expected, `${answers} ${intervalMs}`);
  }
});

Deno.test("when a node answers follows from its address by FNV-1a alone", () => {
  // The published hash of the four bytes "foob" is 0x3f5076ef.
  const foob = 0x666f6f62;
  assertEquals(answerDelayMs(2048, foob), 2048 * 0x3f5076ef / 2 ** 32);
  assertEquals(answerDelayMs(1e6, foob), answerDelayMs(2048, foob), "nobody waits longer");
  assertEquals(answerDelayMs(0, foob), 0);
});

Deno.test("the answers of a thousand neighbours are spread evenly: never a fifth more in a fifth of the time", () => {
  const delays = Array.from({ length: 1000 }, (_, i) => answerDelayMs(500, numberOf(i + 2)));
  assertEquals(new Set(delays).size, 1000);
  for (let part = 0; part < 5; part++) {
    const inPart = delays.filter((delay) => Math.floor(delay / 100) === part).length;
    assert(inPart > 120 && inPart < 280, `${part}: ${inPart}`);
  }
});

/** One requestor and 200 mere responders on A. */
function crowd() {
  const town = new Town();
  const one = town.add(1, ["A"]);
  for (let host = 2; host <= 201; host++) town.add(host, ["A"], { requestor: false });
  town.advance(3 * T);
  return { town, one };
}

Deno.test("two hundred responders answer at moments of their own, and none is missed", () => {
  const { town, one } = crowd();
  town.advance(20 * T);
  town.sent.length = 0;
  town.advance(5 * T);
  const paths = one.machine.snapshot(town.now).peers.flatMap((peer) => peer.paths);
  assertEquals(paths.length, 200);
  assertEquals(paths.filter((path) => path.health !== "up" || path.misses > 0), []);
  // The way there and back, not the time that the answer was held.
  for (const path of paths) {
    assert(
      path.roundTripMs !== null && Math.abs(path.roundTripMs - 0.6) < 0.2,
      `${path.roundTripMs}`,
    );
    assertEquals(path.loss, 0);
  }
  const [inquiry] = sendsIn(town.sent.map((each) => ({ kind: "send", port: 1, ...each }))).filter(
    ({ packet }) => packet.kind === "inq",
  );
  assertEquals(inquiry?.packet.spreadMs, 100);
  const asked = town.sent.find(({ host }) => host === 1)?.at ?? 0;
  const answers = town.sent.filter(({ host, at }) => host !== 1 && at >= asked && at < asked + 200);
  assertEquals([answers.length, new Set(answers.map((each) => each.at)).size], [200, 200]);
  assertEquals(one.changes, []);
});

Deno.test("one of two hundred that falls silent is found as fast as ever, but for the spread", () => {
  const { town, one } = crowd();
  town.advance(10 * T);
  town.cuts.add("A 77>*");
  town.advance(3 * T + answerWaitFloorMs(T) + 100);
  const downs = town.told(one, "path-down").map((notice) => notice.path.address);
  town.advance(T);
  const later = town.told(one, "path-down").map((notice) => notice.path.address);
  assertEquals([...downs, ...later].at(-1), at("A", 77));
  assertEquals(later.length, 1);
});

Deno.test("an answer of which the spread says that it comes late in it is waited for", () => {
  const bench = new Bench();
  const peers = Array.from({ length: 60 }, (_, i) => new FakePeer(i + 2, ["A", "B"]));
  const late = peers.reduce((a, b) =>
    answerDelayMs(1, numberOf(a.host)) > answerDelayMs(1, numberOf(b.host)) ? a : b
  );
  bench.peers.push(...peers);
  bench.advance(2 * T);
  const spread = spreadMs(60, T);
  late.delayMs = spread + answerWaitFloorMs(T) - 1;
  bench.advance(5 * T);
  assertEquals(bench.path("A", late.host).misses, 0);
  assertEquals(bench.counter("drops_late_answer"), 0);
  const { roundTripMs } = bench.path("A", late.host);
  assert(roundTripMs !== null && roundTripMs < answerWaitFloorMs(T) + spread * 0.1);
  late.delayMs = T - 20;
  bench.advance(2 * T);
  assert(bench.path("A", late.host).misses > 0);
});

Deno.test("a responder answers a spread inquiry at its time, and keeps the port it was asked from", () => {
  const bench = new Bench({ settings: { requestor: false } });
  const peer = new FakePeer(2, ["A", "B"], true);
  const event = { ...peer.inquiry("A", { spreadMs: 400 }), port: 4444 } as never;
  assertEquals(sendsIn(bench.feed(event)), []);
  const start = bench.now;
  const dueMs = answerDelayMs(400, numberOf(1));
  assert(dueMs > 1);
  assertEquals(sendsIn(bench.advance(dueMs - 0.01)), []);
  const sent = sendsIn(bench.advance(0.02));
  assertEquals(sent.map(({ port, packet }) => [port, packet.kind]), [[4444, "ack"]]);
  assert(bench.now - start < dueMs + 0.1);
});
