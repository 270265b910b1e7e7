/** What docs/WIRE.md says of the behaviour of nodes, where no other test is about just that. No permissions are needed. */
import { assert, assertEquals } from "@std/assert";
import { isHeard } from "../../lib/core/heard.ts";
import { MAX_LOSSY, type Packet } from "../../lib/core/packet.ts";
import { answerDelayMs, spreadMs } from "../../lib/core/spread.ts";
import type { Ms, NetworkName, Settings } from "../../lib/core/types.ts";
import { at, Bench, FakePeer, networkOf, sendsIn, told } from "./builders.ts";

const T = 1000;

/** All that was sent from the deed with number `since` on. */
function sentSince(bench: Bench, since = 0) {
  return bench.deeds.slice(since).flatMap(({ effect }) => sendsIn([effect]));
}

/** The next inquiry on a network. */
function nextInquiry(bench: Bench, network: NetworkName): Packet {
  const sent = sendsIn(bench.advance(T));
  const found = sent.findLast((each) => each.network === network && each.packet.kind === "inq");
  if (found === undefined) throw new Error(`no inquiry was sent on ${network}`);
  return found.packet;
}

// ------------------------------------------------------------------------------- what a sender does

Deno.test("Rule W29: no two packets have one counter, be they copies, answers or statements", () => {
  const peers = [{ node: "far", addresses: [at("A", 9), at("B", 9)] }];
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ settings: { peers, failAfter: 2 }, peers: [peer] });
  for (let i = 0; i < 5; i++, bench.advance(T)) bench.feed(peer.inquiry("A", { direct: true }));
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  const packets = sentSince(bench).map((each) => each.packet);
  assertEquals(packets.map(({ counter }) => counter), packets.map((_, i) => i + 1));
  assertEquals(new Set(packets.map(({ boot }) => boot)).size, 1);
  assertEquals(new Set(packets.map(({ kind }) => kind)), new Set(["inq", "ack", "state"]));
});

Deno.test("Rule W34: who is silent on one network is listed, who is silent on all is not", () => {
  const listed = (silent: readonly NetworkName[]) => {
    const peer = new FakePeer(2, ["A", "B"]);
    const bench = new Bench({ peers: [peer] });
    bench.advance(3 * T);
    for (const network of silent) peer.answersOn.delete(network);
    const since = bench.deeds.length;
    bench.advance(10 * T);
    return new Set(sentSince(bench, since).flatMap(({ packet }) => packet.unheard));
  };
  assertEquals(listed(["A"]), new Set([at("A", 2)]));
  assertEquals(listed(["A", "B"]), new Set());
});

/** Whether an inquiry lists a host as heard on a network. */
function lists({ heard }: Packet, network: NetworkName, host: number): boolean {
  return heard !== null && isHeard(heard, (10 << 24) + ((network.charCodeAt(0) - 64) << 16) + host);
}

Deno.test("Rule W71: an inquiry lists who is heard on its network, until the last miss that counts", () => {
  const peers = [new FakePeer(2, ["A", "B"]), new FakePeer(3, ["A"])];
  const bench = new Bench({ peers });
  bench.advance(3 * T);
  const [onA, onB] = [nextInquiry(bench, "A"), nextInquiry(bench, "B")];
  assertEquals([lists(onA, "A", 2), lists(onA, "A", 3), lists(onA, "B", 2)], [true, true, false]);
  assertEquals([lists(onB, "B", 2), lists(onB, "B", 3), lists(onB, "A", 2)], [true, false, false]);
  peers[0]?.answersOn.delete("A");
  for (let misses = 0; misses < 5; misses++) {
    const inquiry = nextInquiry(bench, "A");
    assertEquals([lists(inquiry, "A", 2), lists(inquiry, "A", 3)], [misses < 3, true], `${misses}`);
  }
});

Deno.test("Rule W71: a list that is too long is left out, so that nobody takes it for whole", () => {
  const listOf = (count: number) => {
    const peers = Array.from({ length: count }, (_, i) => new FakePeer(2 + 1000 * i, ["A"]));
    const bench = new Bench({ peers, networks: [networkOf("A")] });
    bench.advance(3 * T);
    return nextInquiry(bench, "A").heard;
  };
  // Six bytes for each of those that are far apart.
  assertEquals(listOf(42)?.length, 42);
  assertEquals(listOf(43), null);
});

Deno.test("Rule W74: an answer that does not wait for its time is good, and took no time", () => {
  const peers = Array.from({ length: 60 }, (_, i) => new FakePeer(i + 2, ["A"]));
  const bench = new Bench({ peers, networks: [networkOf("A")] });
  bench.advance(2 * T);
  const delayOf = ({ host }: FakePeer) => answerDelayMs(spreadMs(60, T), (10 << 24) + 65536 + host);
  const hasty = peers.reduce((a, b) => delayOf(a) > delayOf(b) ? a : b);
  assert(delayOf(hasty) > 10);
  bench.advance(60 * T);
  const { health, misses, roundTripMs } = bench.path("A", hasty.host);
  assertEquals([health, misses], ["up", 0]);
  assert(roundTripMs !== null && roundTripMs >= 0 && roundTripMs < 0.1, `${roundTripMs}`);
});

const WINDOW: Partial<Settings> = { loss: { window: 60, leaveAbove: 0.25, returnBelow: 0.05 } };

/** Its inquiries are long enough for an answer with a list. */
function talkative(host: number, requestor = false): FakePeer {
  const peer = new FakePeer(host, ["A", "B"], requestor);
  peer.says = { name: `node${host}-in-the-room-at-the-end-of-the-corridor` };
  return peer;
}

/** Lets the answers of these hosts on A to one inquiry be lost, and those to the next one come. */
function loseOnce(bench: Bench, hosts: readonly number[]): void {
  const losers = bench.peers.filter(({ host }) => hosts.includes(host));
  for (const each of losers) each.answersOn.delete("A");
  bench.advance(T);
  for (const each of losers) each.answersOn.add("A");
  bench.advance(T);
}

Deno.test("Rule W75: what is lost is listed on all networks, in percent of a whole window, rounded up", () => {
  const peers = [talkative(2), talkative(3)];
  const bench = new Bench({ settings: WINDOW, peers });
  bench.advance(22 * T);
  assertEquals(nextInquiry(bench, "B").lossy, []);
  // One of 60 is 1.67 %, three of 60 are 5 %.
  for (const percent of [2, 4, 5]) {
    loseOnce(bench, [2]);
    const lossy = [{ address: at("A", 2), percent }];
    assertEquals([nextInquiry(bench, "A").lossy, nextInquiry(bench, "B").lossy], [lossy, lossy]);
    const answers = peers.map((each) =>
      sendsIn(bench.feed(each.inquiry("B", { direct: true }))).map(({ packet }) => packet.lossy)
    );
    assertEquals(answers, [[lossy], [[]]], "an answer tells of the asker only");
  }
});

Deno.test("Rule W75: of more lossy paths than fit those are listed that lose most", () => {
  const peers = Array.from({ length: MAX_LOSSY + 8 }, (_, i) => new FakePeer(i + 2, ["A"]));
  const bench = new Bench({ settings: WINDOW, peers, networks: [networkOf("A")] });
  bench.advance(22 * T);
  const hosts = peers.map(({ host }) => host);
  const most = hosts.slice(8);
  loseOnce(bench, hosts);
  assertEquals(nextInquiry(bench, "A").lossy.length, MAX_LOSSY);
  loseOnce(bench, most);
  assertEquals(
    nextInquiry(bench, "A").lossy.toSorted((a, b) => a.address < b.address ? -1 : 1),
    most.map((host) => ({ address: at("A", host), percent: 4 }))
      .toSorted((a, b) => a.address < b.address ? -1 : 1),
  );
});

Deno.test("Rule W75: an inquiry that is late is not lost, one that the numbers skip is", () => {
  const bench = new Bench({ settings: { ...WINDOW, requestor: false } });
  const peer = talkative(2, true);
  const lossy = () => sendsIn(bench.feed(peer.inquiry("B"))).flatMap(({ packet }) => packet.lossy);
  for (let i = 0; i < 22; i++, bench.advance(T)) bench.feed(peer.inquiry("A"));
  bench.advance(0.5 * T);
  assertEquals([bench.path("A").misses, lossy()], [1, []]);
  bench.feed(peer.inquiry("A"));
  assertEquals(lossy(), []);
  peer.inquiry("A");
  bench.feed(peer.inquiry("A"));
  assertEquals(lossy(), [{ address: at("A", 2), percent: 2 }]);
});

// ------------------------------------------------------------------------------- what a receiver does

Deno.test("Rule W89: an inquiry is missing w/f² after the interval that its sender states, and then one each interval", () => {
  const table: readonly (readonly [Partial<Settings>, Ms, number, Ms])[] = [
    [{ requestor: false }, T, 3, 150 / 9],
    [{ requestor: false, failAfter: 9, intervalMs: 50 }, T, 3, 150 / 9],
    [{ requestor: false, confirmIntervalMs: 30 }, T, 3, 150 / 9],
    [{ requestor: false }, 100, 5, 5],
    [{ requestor: false }, T, 1, 150],
    [{}, T, 3, 150 / 9],
    [{ confirmIntervalMs: 30 }, T, 3, 5],
    [{ intervalMs: 4 * T, confirmIntervalMs: 120 }, T, 4, 120 / 16],
  ];
  for (const [settings, intervalMs, failAfter, allowanceMs] of table) {
    const bench = new Bench({ settings });
    const peer = new FakePeer(2, ["A", "B"], true);
    peer.intervalMs = intervalMs;
    peer.says = { failAfter };
    bench.feed(peer.inquiry("A"));
    const text = JSON.stringify([settings, intervalMs, failAfter]);
    bench.advance(intervalMs + allowanceMs - 0.01);
    assertEquals(bench.path("A").misses, 0, text);
    bench.advance(0.02);
    assertEquals(bench.path("A").misses, 1, text);
    if (settings.requestor !== false) continue;
    bench.advance(intervalMs - 0.02);
    assertEquals(bench.path("A").misses, 1, text);
    bench.advance(0.02);
    assertEquals(bench.path("A").misses, 2, text);
  }
});

const TWENTY: Partial<Settings> = { loss: { window: 20, leaveAbove: 0.25, returnBelow: 0.05 } };

/** The loss of the path on A, of whose 20 last inquiries three were lost, and whose peer tells so much. */
function lossOf(settings: Partial<Settings>, theirs: Partial<FakePeer>, percent: number) {
  const peer = Object.assign(new FakePeer(2, ["A", "B"], true), theirs);
  const bench = new Bench({ settings: { ...TWENTY, failAfter: 9, ...settings } });
  const isJudgedByAnswers = settings.requestor !== false && !peer.requestor;
  if (isJudgedByAnswers) bench.peers.push(peer);
  for (let i = 0; i < 25; i++) {
    const isLost = [8, 13, 18].includes(i);
    for (const network of ["A", "B"]) {
      if (isLost && network === "A") {
        peer.inquiry("A");
        peer.answersOn.delete("A");
      } else if (!isJudgedByAnswers) bench.feed(peer.inquiry(network));
    }
    bench.advance(T);
    peer.answersOn.add("A");
  }
  if (percent > 0) {
    peer.says = { lossy: [{ address: at("A", 1), percent }] };
    bench.feed(peer.inquiry("B"));
    bench.advance(0);
  }
  return { bench, peer, loss: bench.path("A").loss };
}

Deno.test("Rule W91: where each sees one way only both losses are joined, elsewhere the larger counts", () => {
  const responder = { requestor: false };
  const slower = { intervalMs: 5 * T };
  const table: readonly (readonly [Partial<Settings>, Partial<FakePeer>, number, number])[] = [
    [{}, {}, 0, 0.15],
    [{}, {}, 15, 0.2775],
    [{}, {}, 40, 0.49],
    [responder, {}, 15, 0.15],
    [responder, {}, 40, 0.4],
    [{}, responder, 15, 0.15],
    [{}, responder, 40, 0.4],
    [slower, {}, 40, 0.4],
  ];
  for (const [settings, theirs, percent, expected] of table) {
    const { bench, loss } = lossOf(settings, theirs, percent);
    const text = JSON.stringify([settings, theirs, percent]);
    assert(loss !== null && Math.abs(loss - expected) < 1e-9, `${text}: ${loss}`);
    assertEquals(told(bench, "path-lossy").length, expected > 0.25 ? 1 : 0, text);
    assertEquals(bench.path("A").health, "up", text);
  }
});

Deno.test("Rule W91: what the newest packet does not list is lost no more", () => {
  const { bench, peer } = lossOf({}, {}, 40);
  peer.says = {};
  bench.feed(peer.inquiry("B"));
  const { loss } = bench.path("A");
  assert(loss !== null && Math.abs(loss - 0.15) < 1e-9, `${loss}`);
});
