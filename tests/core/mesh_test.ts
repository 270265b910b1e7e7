/** Among requestors an inquiry that lists who is heard is the answer to all of them. */
import { assert, assertEquals } from "@std/assert";
import { heardList } from "../../lib/core/heard.ts";
import type { NetworkName, Settings } from "../../lib/core/types.ts";
import { MEASURE_EVERY } from "../../lib/core/requestor.ts";
import { decode } from "../../lib/core/wire.ts";

import { at, Bench, FakePeer, sendsIn } from "./builders.ts";
import { type Host, Town } from "./town.ts";

const T = 1000;

/** So many requestors on A and B; what each has of its own is a matter of `own`. */
function mesh(count: number, own: (number: number) => Partial<Settings> = () => ({})): Town {
  const town = new Town();
  for (let number = 1; number <= count; number++) {
    town.add(number, ["A", "B"], own(number));
    town.advance(97);
  }
  town.advance(5 * T);
  return town;
}

/**
 * How many packets of each kind are sent on a network in the next `ms`, by broadcast or in answer to one; inquiries for
 * one peer alone, and the answers to them, are counted as `direct`.
 */
function packets(town: Town, network: NetworkName, ms: number): Record<string, number> {
  town.sent.length = 0;
  town.advance(ms);
  const counts: Record<string, number> = {};
  const direct = new Set<bigint>();
  for (const each of town.sent) {
    const { packet } = decode(each.bytes);
    if (each.network !== network || packet === undefined) continue;
    if (packet.direct) direct.add(packet.nonce);
    const kind = direct.has(packet.nonce) ? "direct" : packet.kind;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Every path of every host that is not up, as text. */
function notUp(town: Town): string[] {
  return town.hosts.flatMap(({ number, machine }) =>
    machine.snapshot(town.now).peers.flatMap((peer) =>
      peer.paths.filter((path) => path.health !== "up").map((path) =>
        `${number} ${path.address} ${path.health}`
      )
    )
  );
}

for (const count of [2, 5, 8]) {
  Deno.test(`a mesh of ${count} sends ${count} packets an interval and LAN, whoever hears whom`, () => {
    const town = mesh(count);
    assertEquals(notUp(town), []);
    for (const network of ["A", "B"]) {
      const { inq = 0, ack = 0, state = 0, direct = 0 } = packets(town, network, 60 * T);
      assertEquals([ack, state], [0, 0]);
      // Jitter only shortens the interval, by an eighth on average.
      assert(inq >= 60 * count && inq <= (60 / 0.75) * count, `${inq}`);
      // Now and then one way is measured, there and back.
      assert(direct <= 2 * (Math.ceil(inq / MEASURE_EVERY) + count), `${direct}`);
    }
    assertEquals(town.hosts.flatMap((host) => host.changes), []);
  });
}

Deno.test("one of eight that inquires more slowly answers the others, and nobody else answers", () => {
  const town = mesh(8, (number) => number === 3 ? { intervalMs: 3 * T } : {});
  assertEquals(notUp(town), []);
  const { inq = 0, ack = 0, state = 0 } = packets(town, "A", 60 * T);
  const ofSlow = (kind: string) =>
    town.sent.filter(({ host, network, bytes }) => {
      const { packet } = decode(bytes);
      return network === "A" && host === 3 && packet?.kind === kind && !packet.direct;
    }).length;
  // Each broadcast of the others is answered, by it alone; what else it answers was for it alone.
  assertEquals([ack, state], [inq - ofSlow("inq"), 0]);
  assert(ofSlow("ack") >= ack, `${ofSlow("ack")}`);
});

Deno.test("whoever inquires more slowly judges the quick by their inquiries, and they judge it by its answers", () => {
  for (const way of ["1>2", "2>1"]) {
    const town = new Town();
    const quick = town.add(1, ["A", "B"], { intervalMs: 100 });
    const slow = town.add(2, ["A", "B"], { intervalMs: 5 * T });
    town.advance(20 * T);
    town.cuts.add(`A ${way}`);
    const start = town.now;
    town.advance(5 * T);
    for (const host of [quick, slow]) {
      const moved = host.changes[0]?.at ?? Infinity;
      assert(moved - start <= 500, `${way} ${host.number} ${moved - start}`);
    }
  }
});

Deno.test("an inquiry of a requestor is answered if it does not list us, and not otherwise", () => {
  const listing = (...hosts: readonly number[]) =>
    heardList(hosts.map((host) => ({ number: 10 * 2 ** 24 + 2 ** 16 + host }))).runs;
  const cases = [[null, 0], [listing(), 1], [listing(3, 4), 1], [listing(1, 3), 0]] as const;
  for (const [heard, answers] of cases) {
    const bench = new Bench();
    const peer = new FakePeer(2, ["A", "B"], true);
    const sent = sendsIn(bench.feed(peer.inquiry("A", { heard })));
    assertEquals(sent.filter((each) => each.packet.kind === "ack").length, answers);
  }
});

Deno.test("an inquiry for us alone is answered at once, whoever asks and whatever it lists", () => {
  const bench = new Bench();
  const peer = new FakePeer(2, ["A", "B"], true);
  const event = peer.inquiry("A", { direct: true, spreadMs: 500 });
  assertEquals(sendsIn(bench.feed(event)).map((each) => each.packet.kind), ["ack"]);
});

Deno.test("an inquiry that does not list us is not good, though it shows that we hear its sender", () => {
  const bench = new Bench();
  const peer = new FakePeer(2, ["A", "B"], true);
  for (let i = 0; i < 10; i++, bench.advance(T)) bench.feed(peer.inquiry("A", { heard: [] }));
  const { health, good, misses } = bench.path("A");
  assertEquals([health, good, misses], ["unknown", 0, 0]);
  const [inquiry] = sendsIn(bench.advance(T)).filter((each) => each.network === "A");
  assert(inquiry?.packet.heard !== null && inquiry?.packet.heard.length === 1);
});

Deno.test("paths between requestors go down by the interval and the count that the peer advertises", () => {
  const bench = new Bench({ settings: { failAfter: 3 } });
  const peer = new FakePeer(2, ["A", "B"], true);
  peer.intervalMs = T / 4;
  peer.says = { failAfter: 8 };
  const inquire = (network: NetworkName) => bench.feed(peer.inquiry(network));
  for (let i = 0; i < 20; i++, bench.advance(T / 4)) ["A", "B"].forEach(inquire);
  let missed = 0;
  while (bench.path("A").health === "up" && missed < 40) {
    inquire("B");
    bench.advance(T / 4);
    missed += 1;
  }
  // The last good one is an interval old when the first is missed.
  assertEquals(missed, 8);
  const { cause } = bench.path("A");
  assertEquals(cause?.kind === "missed" && [cause.what, cause.count], ["inquiries", 8]);
});

Deno.test("a configured requestor is asked for itself, and judged by its answers", () => {
  const peers = [{ node: "far", addresses: [at("A", 2), at("B", 2)] }];
  const town = new Town();
  const one = town.add(1, ["A", "B"], { peers });
  const two = town.add(2, ["A", "B"]);
  town.advance(5 * T);
  packets(town, "A", 10 * T);
  const [asked, answered] = [[1, "inq"], [2, "ack"]].map(([number, kind]) =>
    town.sent.filter(({ network, host, to, bytes }) =>
      network === "A" && host === number && !to.endsWith(".255.255") &&
      decode(bytes).packet?.kind === kind
    ).length
  ) as [number, number];
  assert(asked >= 10 && answered >= asked - 1, `${asked} ${answered}`);
  town.cuts.add("A *>*");
  town.advance(10 * T);
  const causes = [town.path(one, "A", two), town.path(two, "A", one)].map(({ cause }) => cause);
  assert(causes.some((cause) => cause?.kind === "missed" && cause.what === "answers"));
});

Deno.test("a mesh of which one port dies on A moves the traffic of that host alone", () => {
  const town = mesh(5);
  town.cuts.add("A 2>*").add("A *>2");
  town.advance(10 * T);
  for (const host of town.hosts as Host[]) {
    const moved = [...host.kernel.routes.keys()].sort();
    const expected = host.number === 2 ? [1, 3, 4, 5].map((each) => at("A", each)) : [at("A", 2)];
    assertEquals(moved, expected, `${host.number}`);
  }
});
