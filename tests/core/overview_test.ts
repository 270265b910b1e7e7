import { assert, assertEquals } from "@std/assert";
import { at, Bench, dead, FakePeer, networkOf, networksOf, settingsOf } from "./builders.ts";

const FAST = { intervalMs: 100, restoreAfter: 3 };

function bench(settings = {}): { readonly bench: Bench; readonly peer: FakePeer } {
  const peer = new FakePeer(2, ["A", "B"]);
  const made = new Bench({ peers: [peer], settings: { ...FAST, ...settings } });
  // Every inquiry so far has its answer.
  made.advance(1010);
  return { bench: made, peer };
}

/** The paths of the first peer as people see them. */
function paths(of: Bench) {
  return of.machine.peers(0, 1, of.now)[0]?.paths ?? [];
}

Deno.test("an overview counts the paths of each network, and what went over it", () => {
  const { bench: made } = bench();
  const view = made.machine.overview(made.now);
  assertEquals([view.node, view.requestor, view.intervalMs, view.degraded], [
    "own",
    true,
    100,
    null,
  ]);
  assertEquals(view.peers, { known: 1, unreachable: 0, stopping: 0, unasked: 0 });
  const [a] = view.networks;
  assertEquals(a?.paths, { up: 1, down: 0, unknown: 0, held: 0, lossy: 0, drainedByPeer: 0 });
  const sent = made.deeds.filter(({ effect }) => effect.kind === "send" && effect.network === "A");
  assertEquals([a?.sent, a?.received, a?.dropped, a?.sendFailures], [
    sent.length,
    sent.length,
    0,
    0,
  ]);
});

Deno.test("failed sends and packets that are not used are counted by network", () => {
  const { bench: made } = bench();
  made.feed({ kind: "send-failed", network: "B", reason: "Network is unreachable" });
  const bytes = new Uint8Array(7);
  made.feed({ kind: "datagram", network: "B", from: at("B", 7), port: 32453, bytes });
  made.feed({ kind: "datagram", network: "B", from: at("B", 1), port: 32453, bytes });
  const [a, b] = made.machine.overview(made.now).networks;
  assertEquals([a?.dropped, a?.sendFailures, b?.dropped, b?.sendFailures], [0, 0, 1, 1]);
});

Deno.test("the counts of a network go on when its address changes", () => {
  const { bench: made } = bench();
  const before = made.machine.overview(made.now).networks[0]?.sent ?? 0;
  made.feed(networksOf(networkOf("A", { address: at("A", 77) }), networkOf("B")));
  made.advance(500);
  assert((made.machine.overview(made.now).networks[0]?.sent ?? 0) > before);
});

Deno.test("a path tells who hears whom, and since when and why it is as it is", () => {
  const { bench: made, peer } = bench();
  const [a] = paths(made);
  assertEquals([a?.heard, a?.heardByPeer, a?.changed?.to, a?.changed?.cause], [
    true,
    true,
    "up",
    null,
  ]);
  assertEquals([a?.over, a?.route, a?.routeReason, a?.routeInForce], ["A", null, null, null]);
  peer.answersOn.delete("A");
  const fell = made.advanceTo((notice) => notice.kind === "path-down", 5000);
  assert(fell !== null);
  made.advance(2000);
  const [down] = paths(made);
  assertEquals([down?.heard, down?.dead, down?.changed?.cause?.kind], [
    false,
    "from-peer",
    "missed",
  ]);
  assertEquals([down?.over, down?.route?.gateway, down?.routeReason], ["B", at("B", 2), "down"]);
  assertEquals(down?.routeInForce, true);
  // The notice waits for the kernel's word, in a turn of its own.
  assert(Math.abs((down?.changed?.agoMs ?? 0) - 2000) <= 2, `${down?.changed?.agoMs}`);
  peer.answersOn.add("A");
  made.advance(3000);
  const [up] = paths(made);
  assertEquals([up?.changed?.to, up?.changed?.cause?.kind, up?.routeReason], [
    "up",
    "missed",
    null,
  ]);
});

Deno.test("a peer that complains is heard by us only", () => {
  const { bench: made, peer } = bench();
  peer.says = { unheard: [at("A", 1)] };
  made.advance(500);
  const [a] = paths(made);
  assertEquals([a?.heard, a?.heardByPeer, a?.dead], [true, false, "to-peer"]);
});

Deno.test("of a peer that is heard nowhere it is not known whether it hears us, and nothing is measured", () => {
  const { bench: made, peer } = bench();
  assert(paths(made)[0]?.roundTripMs !== null);
  peer.answersOn.clear();
  made.advance(5000);
  const known = paths(made).map(({ health, heard, heardByPeer, dead, loss, roundTripMs }) => [
    [health, heard, heardByPeer, dead],
    [loss, roundTripMs],
  ]);
  const silent = [["down", false, null, null], [null, null]];
  assertEquals(known, [silent, silent]);
});

Deno.test("a held path is counted as up and held, and its route says so", () => {
  const { bench: made, peer } = bench({ failback: { kind: "manual" } });
  peer.answersOn.delete("A");
  made.advance(2000);
  peer.answersOn.add("A");
  made.advance(2000);
  const [a] = paths(made);
  assertEquals([a?.health, a?.hold?.kind, a?.routeReason, a?.over], ["up", "manual", "held", "B"]);
  assertEquals(made.machine.overview(made.now).networks[0]?.paths.held, 1);
});

Deno.test("a route that the kernel did not show is not in force", () => {
  const { bench: made, peer } = bench();
  made.switcherWorks = false;
  peer.answersOn.delete("A");
  made.advance(2000);
  assertEquals(paths(made)[0]?.routeInForce, false);
});

Deno.test("a peer without a path that is up is unreachable, unless it said that it stops", () => {
  const { bench: made } = bench();
  made.feed(networksOf(dead("A"), dead("B")));
  assertEquals(made.machine.overview(made.now).peers, {
    known: 1,
    unreachable: 1,
    stopping: 0,
    unasked: 0,
  });
  const { bench: other, peer } = bench();
  other.feed(peer.statement("A", { goodbyeMs: 60_000 }));
  other.feed(networksOf(dead("A"), dead("B")));
  assertEquals(other.machine.overview(other.now).peers, {
    known: 1,
    unreachable: 0,
    stopping: 1,
    unasked: 0,
  });
});

Deno.test("peers come in slices by their numbers, none twice and none left out while others come and go", () => {
  const peers = Array.from({ length: 7 }, (_, i) => new FakePeer(i + 2, ["A", "B"]));
  const made = new Bench({ peers, settings: FAST });
  made.advance(1000);
  const seen: string[] = [];
  let from = 0;
  for (;;) {
    const slice = made.machine.peers(from, 2, made.now);
    const last = slice.at(-1);
    if (last === undefined) break;
    assert(slice.length <= 2);
    seen.push(...slice.map(({ node }) => node));
    from = last.number + 1;
    if (seen.length !== 2) continue;
    // One that was shown already goes, another one comes.
    made.feed({ kind: "settings", settings: withoutFirst() });
    made.feed(new FakePeer(50, ["A"]).inquiry("A"));
  }
  assertEquals(seen, [...peers.map(({ name }) => name), "node50"]);

  function withoutFirst() {
    const names = [...peers.slice(1).map(({ name }) => name), "node50"];
    return { ...settingsOf(FAST), allow: { names, subnets: [] } };
  }
});
