/** What becomes of what was known of a peer when neither of the two inquires any more. */
import { assertEquals } from "@std/assert";
import type { NetworkName } from "../../lib/core/types.ts";
import { at, Bench, dead, FakePeer, networkOf, networksOf, settingsOf, told } from "./builders.ts";
import { type Host, Town } from "./town.ts";

const FAST = { intervalMs: 100, restoreAfter: 3 };
const MERE = { ...FAST, requestor: false };

/** A requestor and a mere responder that have moved their traffic off A. */
function movedOff(networks: readonly NetworkName[] = ["A", "B"]) {
  const town = new Town();
  const one = town.add(1, networks, FAST);
  const two = town.add(2, networks, MERE);
  town.advance(1000);
  town.cuts.add("A 1>2").add("A 2>1");
  town.advance(1000);
  for (const host of [one, two]) assertEquals(host.kernel.routes.size, 1);
  return { town, one, two };
}

function healthOf(town: Town, host: Host, other: Host): string[] {
  return (["A", "B"] as const).map((network) => town.path(host, network, other).health);
}

Deno.test("when the last requestor of a pair becomes a responder both know nothing, and go direct again", () => {
  const { town, one, two } = movedOff();
  town.reload(one, MERE);
  town.advance(20);
  for (const [host, other] of [[one, two], [two, one]] as const) {
    assertEquals(healthOf(town, host, other), ["unknown", "unknown"]);
    assertEquals(host.kernel.routes.size, 0);
    // Not unreachable: nobody knows.
    const { unreachable, unasked } = host.machine.overview(town.now).peers;
    assertEquals([unreachable, unasked], [0, 1]);
    assertEquals(town.told(host, "node-unjudged").map(({ node }) => node), [`node${other.number}`]);
    const rerouted = town.told(host, "rerouted");
    assertEquals(rerouted.map(({ why, actions }) => [why, actions.map(({ kind }) => kind)]), [
      ["unjudged", ["restored"]],
    ]);
  }
  // The LAN that carried the traffic dies, and nobody is misled by what was known.
  town.cuts.clear();
  town.cuts.add("B *>*");
  town.advance(60_000);
  for (const host of [one, two]) assertEquals(host.kernel.routes.size, 0);
});

Deno.test("the same when a third host goes on to inquire, whose routes are its own", () => {
  const { town, one, two } = movedOff();
  const three = town.add(3, ["A", "B"], FAST);
  town.advance(500);
  town.reload(one, MERE);
  town.advance(2000);
  assertEquals(healthOf(town, two, one), ["unknown", "unknown"]);
  assertEquals([two.kernel.routes.size, one.kernel.routes.size], [0, 0]);
  for (const host of [one, two]) assertEquals(healthOf(town, three, host), ["up", "up"]);
  for (const host of [one, two]) assertEquals(healthOf(town, host, three), ["up", "up"]);
});

Deno.test("the same when the requestor is started anew as a responder and says anything", () => {
  const peer = new FakePeer(2, ["A", "B"], true);
  const bench = new Bench({ settings: MERE });
  for (let round = 0; round < 8; round++, bench.advance(1000)) {
    if (round < 4) bench.feed(peer.inquiry("A"));
    bench.feed(peer.inquiry("B"));
  }
  assertEquals([bench.path("A").health, bench.kernel.routes.size], ["down", 1]);
  Object.assign(peer, { boot: 22n, counter: 0, requestor: false });
  bench.feed(peer.statement("B", { unheard: [at("A", 1)] }));
  bench.advance(10);
  assertEquals([bench.path("A").health, bench.path("B").health], ["unknown", "unknown"]);
  assertEquals(bench.kernel.routes.size, 0);
});

Deno.test("as long as one of the two inquires nothing is given up", () => {
  const town = new Town();
  const one = town.add(1, ["A", "B"], FAST);
  const two = town.add(2, ["A", "B"], FAST);
  town.advance(1000);
  town.cuts.add("A 1>2").add("A 2>1");
  town.advance(1000);
  town.reload(one, MERE);
  town.advance(5000);
  for (const [host, other] of [[one, two], [two, one]] as const) {
    assertEquals(healthOf(town, host, other), ["down", "up"]);
    assertEquals(host.kernel.routes.size, 1);
    assertEquals(town.told(host, "node-unjudged"), []);
  }
});

Deno.test("what a peer complains of leads to nothing while nobody judges, for nothing would ever end it", () => {
  const { town, one, two } = movedOff();
  town.reload(one, MERE);
  town.advance(5000);
  const networks = ["A", "B"].map((name) => networkOf(name, { address: at(name, 2) }));
  const lost = networks.map((each) => each.name === "B" ? { ...each, usable: false } : each);
  town.cuts.clear();
  town.feed(two, networksOf(...lost));
  town.advance(1000);
  assertEquals(healthOf(town, one, two), ["unknown", "unknown"]);
  assertEquals(healthOf(town, two, one), ["unknown", "down"]);
  town.feed(two, networksOf(...networks));
  town.advance(10);
  assertEquals(healthOf(town, two, one), ["unknown", "unknown"]);
});

Deno.test("a route around a network that we cannot use ourselves stays until we can", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])], settings: FAST });
  bench.advance(1000);
  bench.feed(networksOf(dead("A"), networkOf("B")));
  bench.advance(1000);
  assertEquals(bench.kernel.routes.size, 1);
  bench.feed({ kind: "settings", settings: settingsOf(MERE) });
  bench.advance(10_000);
  assertEquals([bench.path("A").health, bench.path("B").health], ["down", "unknown"]);
  assertEquals(bench.kernel.routes.size, 1);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  bench.advance(10);
  assertEquals([bench.path("A").health, bench.kernel.routes.size], ["unknown", 0]);
  assertEquals(told(bench, "rerouted").map(({ why }) => why), ["unjudged"]);
});

Deno.test("when one of them inquires again all is found out anew", () => {
  const { town, one, two } = movedOff();
  town.reload(one, MERE);
  town.advance(1000);
  town.reload(two, FAST);
  town.advance(3000);
  for (const [host, other] of [[one, two], [two, one]] as const) {
    assertEquals(healthOf(town, host, other), ["down", "up"]);
    assertEquals(host.kernel.routes.size, 1);
  }
});
