/** How much is sent when many fail at once: neither the death of a LAN nor loss may make its load grow without bound. */
import { assert, assertEquals } from "@std/assert";
import type { Ms, NetworkName, Settings } from "../../lib/core/types.ts";
import type { Packet } from "../../lib/core/packet.ts";
import { decode } from "../../lib/core/wire.ts";
import { at, Bench, FakePeer, sendsIn } from "./builders.ts";
import { type Host, Town } from "./town.ts";

/** So many requestors on A and B that know each other. */
function mesh(count: number, own: Partial<Settings> = {}): Town {
  const town = new Town();
  for (let number = 1; number <= count; number++) {
    town.add(number, ["A", "B"], own);
    town.advance(37);
  }
  town.advance(5 * (own.intervalMs ?? 1000));
  town.sent.length = 0;
  return town;
}

/** When each host sent packets of a kind on a network. */
function sentBy(town: Town, network: NetworkName, isIt: (packet: Packet) => boolean): Ms[][] {
  const times: Ms[][] = town.hosts.map(() => []);
  for (const { at, host, network: over, bytes } of town.sent) {
    const { packet } = decode(bytes);
    if (over === network && packet !== undefined && isIt(packet)) times[host - 1]?.push(at);
  }
  return times;
}

/** The most of them within any window of `ms`. */
function mostWithin(times: readonly Ms[], ms: Ms): number {
  return times.reduce(
    (most, from) => Math.max(most, times.filter((at) => at >= from && at < from + ms).length),
    0,
  );
}

Deno.test("when a LAN of twenty dies each of them states that a few times, not once for each of the others", () => {
  for (const intervalMs of [50, 1000, 20_000]) {
    const town = mesh(20, { intervalMs, confirmIntervalMs: intervalMs });
    town.cuts.add("A *>*");
    town.advance(10 * intervalMs);
    for (const host of town.hosts as Host[]) {
      assertEquals(host.kernel.routes.size, 19, `${host.number}`);
    }
    const times = sentBy(town, "B", ({ kind }) => kind === "state");
    const spacingMs = Math.min(100, Math.max(10, intervalMs / 8));
    for (const own of times) {
      assert(own.length >= 1 && own.length <= 14, `${own.length}`);
      assert(mostWithin(own, spacingMs - 0.001) === 1);
    }
  }
});

Deno.test("what is found out soon after a statement is stated when its time has come, all of it at once", () => {
  const bench = new Bench({ settings: { requestor: false } });
  const peers = [2, 3, 4].map((host) => new FakePeer(host, ["A", "B"], true));
  for (let round = 0; round < 10; round++) {
    for (const peer of peers) {
      if (round < 5) bench.feed(peer.inquiry("A"));
      bench.feed(peer.inquiry("B"));
      bench.advance(20);
    }
    bench.advance(940);
  }
  const statements = bench.deeds.flatMap(({ at, effect }) =>
    sendsIn([effect]).filter(({ network, packet }) => network === "B" && packet.kind === "state")
      .map(({ packet }) => ({ at, unheard: packet.unheard }))
  );
  const [first, second, ...more] = statements;
  assertEquals(first?.unheard, [at("A", 2)]);
  assertEquals(second?.unheard, [2, 3, 4].map((host) => at("A", host)));
  assertEquals([(second?.at ?? 0) - (first?.at ?? 0), more], [100, []]);
});

Deno.test("in a mesh of thirty that loses a fifth of all packets nobody confirms and measures without bound", () => {
  const town = mesh(30, { intervalMs: 40, confirmIntervalMs: 10, failAfter: 5 });
  town.losses.set("A *>*", 0.2).set("B *>*", 0.2);
  const windowMs = 1500;
  town.advance(windowMs);
  const direct = ["A", "B"].map((network) => sentBy(town, network, (packet) => packet.direct));
  for (const { number } of town.hosts) {
    const own = direct.flatMap((times) => times[number - 1] ?? []);
    assert(own.length <= 200 + 0.4 * windowMs, `${number}: ${own.length}`);
  }
});
