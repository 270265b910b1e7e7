/** A node that says that it stops is left alone for a stated time. */
import { assert, assertEquals } from "@std/assert";
import type { Settings } from "../../lib/core/types.ts";
import { at, Bench, FakePeer, sendsIn, told } from "./builders.ts";
import { fakeSealer } from "./fake_sealer.ts";
import { type Host, Town } from "./town.ts";

const T = 1000;
const GRACE = 30 * T;

const ROLES: readonly [string, Partial<Settings>][] = [
  ["requestors", {}],
  ["mere responders", { requestor: false }],
];

/** Three hosts on A and B; the second and third have these settings. */
function three(own: Partial<Settings> = {}): { town: Town; hosts: readonly [Host, Host, Host] } {
  const town = new Town();
  const [one, two, third] = [town.add(1, ["A", "B"]), town.add(2, ["A", "B"], own)].concat(
    town.add(3, ["A", "B"], own),
  ) as [Host, Host, Host];
  town.advance(6 * T);
  return { town, hosts: [one, two, third] };
}

function changesOf(hosts: readonly Host[]): string[][] {
  return hosts.map((host) => host.changes.map((each) => each.routes));
}

for (const [who, own] of ROLES) {
  Deno.test(`${who} that stop and are back within the grace change no route anywhere`, () => {
    for (const stopped of [0, 1, 2]) {
      for (const awayMs of [5, 700, 5 * T, 29 * T]) {
        const { town, hosts } = three(own);
        const host = hosts[stopped] as Host;
        // Two mere responders know nothing of each other.
        const others = hosts.filter((each) => each !== host && town.knows(each, host));
        town.stop(host);
        town.advance(awayMs);
        town.restart(host, stopped === 0 ? {} : own);
        town.advance(40 * T);
        assertEquals(changesOf(hosts), [[], [], []], `${stopped} ${awayMs}`);
        for (const other of others) {
          assertEquals(town.told(other, "node-stopping").length, 1);
          assertEquals(town.told(other, "node-restarted").length, 1);
          assertEquals(town.told(other, "path-down"), []);
          assertEquals(town.told(other, "node-not-back"), []);
          assertEquals(town.path(other, "A", host).health, "up");
        }
      }
    }
  });
}

Deno.test("who is not back in time is told of once, and judged from then on", () => {
  const { town, hosts: [one, two, third] } = three();
  town.stop(two);
  town.advance(GRACE - 10);
  assertEquals(town.path(one, "A", two).health, "up");
  assertEquals(town.path(one, "A", two).misses, 0);
  town.advance(10 * T);
  for (const host of [one, third]) {
    assertEquals(town.told(host, "node-not-back"), [
      { kind: "node-not-back", node: "node2", afterMs: GRACE },
    ]);
    assertEquals(town.path(host, "A", two).health, "down");
    assertEquals(town.path(host, "B", two).health, "down");
  }
  assertEquals(changesOf([one, third]), [[], []]);
});

Deno.test("while a node that has failed over is stopped, its peers leave its traffic where it was moved", () => {
  const { town, hosts: [one, two, third] } = three();
  town.cuts.add("A 2>*").add("A *>2");
  town.advance(10 * T);
  const moved = `${at("A", 2)} via ${at("B", 2)}`;
  assertEquals(changesOf([one, third]), [[moved], [moved]]);
  town.stop(two);
  town.advance(10 * T);
  assertEquals(changesOf([one, third]), [[moved], [moved]]);
  town.restart(two);
  town.advance(15 * T);
  assertEquals(changesOf([one, third]), [[moved], [moved]]);
  // What was its own, it finds out anew.
  assertEquals([...two.kernel.routes.keys()].sort(), [at("A", 1), at("A", 3)]);
  town.cuts.clear();
  town.advance(20 * T);
  for (const host of [one, two, third]) assertEquals(host.kernel.routes.size, 0);
});

Deno.test("the network of a node that is stopped does not draw traffic when it dies meanwhile", () => {
  const { town, hosts: [one, two] } = three();
  town.stop(two);
  town.advance(T);
  town.cuts.add("A *>2");
  town.advance(10 * T);
  assertEquals(one.changes, []);
});

Deno.test("with a grace of 0 nothing is said at the end", () => {
  const town = new Town();
  const one = town.add(1, ["A", "B"], { stopGraceMs: 0 });
  const two = town.add(2, ["A", "B"]);
  town.advance(5 * T);
  const before = town.sent.length;
  town.stop(one);
  assertEquals(town.sent.length, before);
  town.advance(10 * T);
  assertEquals([town.told(two, "node-stopping"), town.path(two, "A", one).health], [[], "down"]);
});

Deno.test("a goodbye goes out on every network that works, and on no other", () => {
  const bench = new Bench();
  bench.feed({
    kind: "networks",
    networks: [
      { ...bench.machine.snapshot(0).networks[0]!, usable: false, reason: "no carrier" },
      bench.machine.snapshot(0).networks[1]!,
    ],
    problems: [],
  });
  const sent = sendsIn(bench.machine.farewell(bench.now));
  assertEquals(sent.map(({ network, packet }) => [network, packet.kind, packet.goodbyeMs]), [
    ["B", "state", GRACE],
  ]);
});

/** A bench whose peer, on A and B, has just said that it stops. */
function stopping(goodbyeMs: number) {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(2 * T);
  bench.feed(peer.statement("A", { goodbyeMs }));
  peer.answersOn.clear();
  return { bench, peer };
}

Deno.test("a goodbye that comes on each network is told once, and the snapshot shows it while it lasts", () => {
  const { bench, peer } = stopping(5 * T);
  bench.feed(peer.statement("B", { goodbyeMs: 5 * T }));
  assertEquals(told(bench, "node-stopping"), [
    { kind: "node-stopping", node: "node2", graceMs: 5 * T },
  ]);
  assertEquals(bench.machine.snapshot(bench.now).peers[0]?.stopping, true);
  bench.advance(8 * T);
  assertEquals(bench.machine.snapshot(bench.now).peers[0]?.stopping, false);
  assertEquals(told(bench, "node-not-back").length, 1);
});

Deno.test("nobody can ask for more patience than an hour", () => {
  const { bench } = stopping(3_600_000);
  bench.advance(3_599_000);
  assertEquals(bench.path("A").misses, 0);
  bench.advance(10 * T);
  assertEquals(bench.path("A").health, "down");
});

Deno.test("an older packet does not take a goodbye back, a newer one of the same boot does", () => {
  const { bench, peer } = stopping(GRACE);
  const older = peer.statement("B", { counter: 2 });
  bench.feed(older);
  assertEquals(bench.machine.snapshot(bench.now).peers[0]?.stopping, true);
  bench.feed(peer.statement("B"));
  assertEquals(bench.machine.snapshot(bench.now).peers[0]?.stopping, false);
  bench.advance(5 * T);
  assertEquals(bench.path("A").health, "down");
});

Deno.test("a stranger cannot say goodbye for another node", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(2 * T);
  const liar = new FakePeer(9, ["A", "B"]);
  bench.feed(liar.statement("A", { goodbyeMs: GRACE, name: "node2" }));
  assertEquals(told(bench, "node-stopping"), []);
  peer.answersOn.delete("A");
  bench.advance(5 * T);
  assertEquals(bench.path("A").health, "down");
  assert(bench.counter("drops_stranger_state") > 0);
});

Deno.test("where the signature must be good, who is asked every 20 s and answers is believed its goodbye", () => {
  const own: Partial<Settings> = { intervalMs: 20 * T, auth: "enforce" };
  const sealer = fakeSealer([1, "secret"]);
  const town = new Town();
  const one = town.add(1, ["A", "B"], own, sealer);
  const two = town.add(2, ["A", "B"], { requestor: false, auth: "enforce" }, sealer);
  // It was last heard when it answered: three of its own intervals ago and more.
  for (const lastMs of [2 * T, 12 * T, 14 * T]) {
    town.advance(60 * T);
    const asked = one.machine.nextDeadline();
    town.advance(Math.max(0, asked - town.now) + lastMs);
    const before = town.told(one, "node-stopping").length;
    town.stop(two);
    town.advance(10);
    assertEquals(town.told(one, "node-stopping").length, before + 1, `${lastMs}`);
    assertEquals(one.machine.snapshot(town.now).counters["drops_unproven_boot"] ?? 0, 0);
    town.restart(two, { requestor: false, auth: "enforce" });
    town.advance(30 * T);
  }
});
