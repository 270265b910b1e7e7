import { assert, assertEquals } from "@std/assert";
import type { NetworkName } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  dead,
  FakePeer,
  interfaceOf,
  networkOf,
  networksOf,
  NOTHING_LEFT,
  sendsIn,
  settingsOf,
  told,
} from "./builders.ts";
import { networksNamed, rulesNamed } from "./other_names.ts";
import { type Host, Town } from "./town.ts";

const FAST = { intervalMs: 100, restoreAfter: 3 };

/** Two requestors and a responder on two LANs, in quiet. */
function town(): { readonly town: Town; readonly hosts: readonly [Host, Host, Host] } {
  const made = new Town();
  const one = made.add(1, ["A", "B"], FAST);
  const two = made.add(2, ["A", "B"], FAST);
  const three = made.add(3, ["A", "B"], { ...FAST, requestor: false });
  made.advance(2000);
  return { town: made, hosts: [one, two, three] };
}

/** Where a host sends its traffic for the address of another one on A. */
function carrier(host: Host, other: Host): string | null {
  return host.kernel.routes.get(at("A", other.number))?.gateway ?? null;
}

function drain(made: Town, host: Host, on: boolean, network: NetworkName = "A"): void {
  made.feed(host, { kind: "drain", network, on });
}

Deno.test("a drain moves the routes of both ends within a round trip, before a packet is missed", () => {
  const { town: made, hosts: [one, two, three] } = town();
  drain(made, one, true);
  made.advance(5);
  assertEquals([carrier(one, two), carrier(one, three)], [at("B", 2), at("B", 3)]);
  assertEquals([carrier(two, one), carrier(three, one)], [at("B", 1), at("B", 1)]);
  assertEquals([carrier(two, three), carrier(three, two)], [null, null], "others keep using A");
  for (const host of [two, three]) {
    assertEquals(made.path(host, "A", one).cause?.kind, "peer-drained");
  }
  assertEquals(made.path(one, "A", two).misses, 0);
});

/** What a host shows of the path to another one on A: its health, and whether it is down because that one wants it. */
function shown(made: Town, host: Host, other: Host) {
  const peer = host.machine.peers(0, 9, made.now).find(({ node }) =>
    node === `node${other.number}`
  );
  const path = peer?.paths.find(({ network }) => network === "A");
  const [a] = host.machine.overview(made.now).networks;
  return [path?.health, path?.drainedByPeer, a?.paths.down, a?.paths.drainedByPeer];
}

Deno.test("Rule W100: what a peer has drained is shown as drained, as long as it says so", () => {
  const { town: made, hosts: [one, two, three] } = town();
  drain(made, one, true);
  made.advance(5000);
  for (const host of [two, three]) {
    assertEquals(shown(made, host, one), ["down", true, 1, 1]);
    assertEquals(made.told(host, "path-down").map(({ cause }) => cause.kind), ["peer-drained"]);
  }
  assertEquals(shown(made, one, two), ["down", false, 2, 0], "who drains is no peer that did");
  drain(made, one, false);
  made.advance(5000);
  for (const host of [two, three]) assertEquals(shown(made, host, one), ["up", false, 0, 0]);
});

Deno.test("Rule W100: with the end of the drain a path that stays dead is a fault again", () => {
  const { town: made, hosts: [one, two] } = town();
  drain(made, one, true);
  made.advance(1000);
  made.cuts.add("A 1>2").add("A 2>1");
  drain(made, one, false);
  made.advance(5000);
  assertEquals(shown(made, two, one), ["down", false, 1, 0]);
});

Deno.test("a cable that was left out is a fault when the drain ends, and told at both ends", () => {
  const { town: made, hosts: [one, two] } = town();
  drain(made, one, true);
  made.advance(1000);
  const pulled = { ...dead("A"), address: at("A", one.number) };
  made.feed(one, networksOf(pulled, networkOf("B", { address: at("B", one.number) })));
  made.advance(1000);
  assertEquals(made.told(one, "network-unusable"), []);
  drain(made, one, false);
  made.advance(1000);
  const [unusable, ...more] = made.told(one, "network-unusable");
  assertEquals([unusable?.reason, more], ["no carrier", []]);
  const causes = made.told(two, "path-down").map(({ cause }) => cause.kind);
  assertEquals(causes, ["peer-drained", "peer-network"]);
  assertEquals(made.path(two, "A", one).cause?.kind, "peer-network");
  assertEquals(shown(made, two, one), ["down", false, 1, 0]);
});

Deno.test("Rule W100: a path that is dead already is drained with the next word of its peer", () => {
  const { town: made, hosts: [one, two] } = town();
  made.cuts.add("A 1>2").add("A 2>1");
  made.advance(5000);
  assertEquals(shown(made, two, one), ["down", false, 1, 0]);
  drain(made, one, true);
  made.advance(1000);
  assertEquals(shown(made, two, one), ["down", true, 1, 1]);
});

Deno.test("Rule W100: beside a network in use the mark says nothing, and without it there is a fault", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer], settings: FAST });
  bench.advance(1000);
  const marked = { ...interfaceOf("A", 2), drained: true };
  peer.says = { interfaces: [marked, interfaceOf("B", 2)] };
  bench.advance(1000);
  assertEquals(bench.path("A").health, "up");
  peer.answersOn.delete("A");
  peer.says = { interfaces: [interfaceOf("A", 2, false), interfaceOf("B", 2)] };
  bench.advance(1000);
  assertEquals(bench.path("A").cause?.kind, "peer-network");
  assertEquals(bench.machine.overview(bench.now).networks[0]?.paths.drainedByPeer, 0);
});

Deno.test("a drained network takes no part until it is undrained, then traffic returns after the good packets of -s", () => {
  const { town: made, hosts: [one, two, three] } = town();
  drain(made, one, true);
  made.advance(10_000);
  const since = made.sent.length;
  made.advance(5000);
  const onA = made.sent.slice(since).filter((each) => each.host === 1 && each.network === "A");
  assertEquals(onA, []);
  assertEquals(carrier(two, one), at("B", 1));
  drain(made, one, false);
  made.advance(100);
  assertEquals([carrier(one, two), carrier(two, one)], [at("B", 2), at("B", 1)], "not at once");
  made.advance(1000);
  for (const [host, other] of [[one, two], [two, one], [one, three], [three, one]] as const) {
    assertEquals([carrier(host, other), made.path(host, "A", other).health], [null, "up"]);
  }
});

Deno.test("no host ever loses its way to another one while a network is drained and undrained", () => {
  const { town: made, hosts } = town();
  const [one] = hosts;
  const check = () => {
    for (const host of hosts) {
      for (const other of hosts) {
        if (host === other) continue;
        // The LANs work all the time: only a route to a gateway that is not the other host would lose packets.
        const gateway = carrier(host, other);
        assert(gateway === null || gateway === at("B", other.number), `${gateway}`);
      }
    }
  };
  for (let step = 0; step < 600; step++) {
    if (step === 100) drain(made, one, true);
    if (step === 300) drain(made, one, false);
    made.advance(10);
    check();
  }
  for (const host of hosts) {
    assertEquals(made.told(host, "degraded"), []);
    assert(made.told(host, "path-down").every(({ cause }) => cause.kind !== "missed"));
  }
});

Deno.test("what is told of a drain is one line, and one of its end", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])] });
  bench.advance(2000);
  bench.feed({ kind: "drain", network: "A", on: true });
  bench.feed({ kind: "drain", network: "A", on: true });
  bench.advance(100);
  assertEquals(told(bench, "network-drained"), [{ kind: "network-drained", network: "A" }]);
  assertEquals(told(bench, "network-unusable"), []);
  bench.feed({ kind: "drain", network: "A", on: false });
  bench.feed({ kind: "drain", network: "A", on: false });
  assertEquals(told(bench, "network-undrained"), [{ kind: "network-undrained", network: "A" }]);
});

Deno.test("peers are told in the same turn, on the networks that are left", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])] });
  bench.advance(2000);
  const sent = sendsIn(bench.feed({ kind: "drain", network: "A", on: true }));
  assertEquals(sent.map(({ network }) => network), ["B"]);
  const said = sent[0]?.packet.interfaces.map(({ address, usable, drained }) => {
    return { address, usable, drained };
  });
  assertEquals(said, [
    { address: at("A", 1), usable: false, drained: true },
    { address: at("B", 1), usable: true, drained: false },
  ]);
});

Deno.test("a drained network that loses its carrier and gets it back stays drained", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])] });
  bench.advance(2000);
  bench.feed({ kind: "drain", network: "A", on: true });
  bench.feed(networksOf(dead("A"), networkOf("B")));
  bench.advance(1000);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  bench.advance(5000);
  const [a] = bench.machine.overview(bench.now).networks;
  assertEquals([a?.usable, a?.drained, a?.reason], [false, true, "drained"]);
  assertEquals(bench.path("A").health, "down");
  bench.feed({ kind: "drain", network: "A", on: false });
  bench.advance(5000);
  assertEquals(bench.path("A").health, "up");
});

Deno.test("a network that was pulled while it was drained is not used when it is undrained", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])] });
  bench.advance(2000);
  bench.feed({ kind: "drain", network: "A", on: true });
  const before = bench.machine.overview(bench.now).networks[0];
  assertEquals([before?.reason, before?.works], ["drained", true]);
  bench.feed(networksOf(dead("A"), networkOf("B")));
  const pulled = bench.machine.overview(bench.now).networks[0];
  assertEquals([pulled?.reason, pulled?.works], ["drained, and no carrier", false]);
  bench.feed({ kind: "drain", network: "A", on: false });
  const [a] = bench.machine.overview(bench.now).networks;
  assertEquals([a?.usable, a?.drained, a?.reason], [false, false, "no carrier"]);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  bench.advance(5000);
  assertEquals(bench.path("A").health, "up");
});

Deno.test("the last network that works can be drained: traffic stays where it is, as nothing is better", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A"])], networks: [networkOf("A")] });
  bench.advance(2000);
  bench.feed({ kind: "drain", network: "A", on: true });
  bench.advance(2000);
  assertEquals([...bench.kernel.routes], []);
  assertEquals(bench.machine.overview(bench.now).degraded, null);
});

Deno.test("a drain is no flap: the path is not held because of it", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])], settings: FAST });
  bench.advance(2000);
  for (let time = 0; time < 6; time++) {
    bench.feed({ kind: "drain", network: "A", on: true });
    bench.advance(500);
    bench.feed({ kind: "drain", network: "A", on: false });
    bench.advance(500);
  }
  assertEquals([bench.path("A").flaps, bench.path("A").hold, bench.path("A").route], [
    0,
    null,
    null,
  ]);
});

/** Settings by which the networks A and B of a bench go by these names. */
function named(a: NetworkName, b: NetworkName) {
  return settingsOf({ ...FAST, networks: rulesNamed(a, b) });
}

function drainedOf(bench: Bench): unknown[] {
  return bench.machine.overview(bench.now).networks.map(({ name, drained }) => [name, drained]);
}

Deno.test("a drained network stays drained by another name, and one that gets its old name is not drained", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])], settings: named("A", "B") });
  bench.advance(1000);
  bench.feed({ kind: "drain", network: "A", on: true });
  bench.feed({ kind: "settings", settings: named("C", "A") });
  bench.feed(networksNamed("C", "A"));
  assertEquals(drainedOf(bench), [["C", true], ["A", false]]);
  assertEquals(bench.machine.drained, ["C"]);
});

Deno.test("a drain by the new name counts, though the interfaces were not read anew yet", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])], settings: named("A", "B") });
  bench.advance(1000);
  bench.feed({ kind: "settings", settings: named("C", "B") });
  bench.feed({ kind: "drain", network: "C", on: true });
  bench.feed(networksNamed("C", "B"));
  assertEquals(drainedOf(bench), [["C", true], ["B", false]]);
  const [path] = bench.machine.snapshot(bench.now).peers.flatMap(({ paths }) => paths);
  assertEquals([path?.network, path?.health], ["C", "down"]);
});

Deno.test("that a network was drained is forgotten when it leaves the configuration", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])], settings: named("A", "B") });
  bench.advance(1000);
  bench.feed({ kind: "drain", network: "A", on: true });
  const fewer = settingsOf({ ...FAST, networks: [{ name: "B", interfaceName: "eth2" }] });
  bench.feed({ kind: "settings", settings: fewer });
  bench.feed(networksOf(networkOf("B")));
  assertEquals(bench.machine.drained, []);
});

Deno.test("a route of the previous run over a drained network waits until that is in use again", () => {
  const route = {
    address: at("B", 2),
    gateway: at("A", 2),
    interfaceName: "eth1",
    source: at("B", 1),
  };
  const left = { ...NOTHING_LEFT, routes: new Map([[route.address, route]]) };
  for (const drained of [true, false]) {
    const bench = new Bench({ left, ...(drained ? { drained: ["A"] } : {}) });
    bench.advance(300_000);
    assertEquals(bench.kernel.routes.size, drained ? 1 : 0);
    if (!drained) continue;
    bench.feed({ kind: "drain", network: "A", on: false });
    bench.advance(100_000);
    assertEquals([bench.kernel.routes.size, told(bench, "adopted-removed").length], [0, 1]);
  }
});

Deno.test("that a network is drained is the cause also of what a previous run had moved", () => {
  const route = {
    address: at("A", 2),
    gateway: at("B", 2),
    interfaceName: "eth2",
    source: at("A", 1),
  };
  const left = { ...NOTHING_LEFT, routes: new Map([[route.address, route]]) };
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])], left, drained: ["A"] });
  bench.advance(3000);
  assertEquals(bench.path("A").cause, { kind: "own-network", reason: "drained" });
  assertEquals(bench.kernel.routes.size, 1);
});

Deno.test("a LAN that died while it was drained is a fault when the drain ends, though every interface has its carrier", () => {
  const { town: made, hosts: [one, two] } = town();
  drain(made, one, true);
  made.advance(2000);
  made.cuts.add(`A ${one.number}>*`).add(`A *>${one.number}`);
  made.advance(2000);
  drain(made, one, false);
  made.advance(5000);
  for (
    const [host, other, first] of [[one, two, "own-network"], [two, one, "peer-drained"]] as const
  ) {
    const causes = made.told(host, "path-down").filter(({ path }) =>
      path.address === at("A", other.number)
    );
    assertEquals(causes.map(({ cause }) => cause.kind), [first, "missed"]);
    assertEquals(made.path(host, "A", other).cause?.kind, "missed");
  }
});
