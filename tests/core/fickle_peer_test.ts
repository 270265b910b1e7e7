/** A peer whose word on loss changes all the time, be it by malice or by a fault: its traffic does not follow it. */
import { assert, assertEquals } from "@std/assert";
import type { Settings } from "../../lib/core/types.ts";
import { at, Bench, FakePeer, networkOf, noticesIn, routesIn, told } from "./builders.ts";

const T = 1000;

/** A machine whose peer tells, on the last of these networks, that 90 % are lost on A, and nothing, in turns for a minute. */
function fickle(everyMs: number, settings: Partial<Settings> = {}, names = ["A", "B"]) {
  const peer = new FakePeer(2, names);
  const networks = names.map((name) => networkOf(name));
  const bench = new Bench({ settings, networks, peers: [peer] });
  bench.advance(5 * T);
  const first = bench.deeds.length;
  for (let ms = 0, isBad = true; ms < 60 * T; ms += everyMs, isBad = !isBad) {
    peer.says = { lossy: isBad ? [{ address: at("A", 1), percent: 90 }] : [] };
    bench.feed(peer.statement(names.at(-1) as string));
    bench.advance(everyMs);
  }
  const effects = bench.deeds.slice(first).map(({ effect }) => effect);
  let [moves, before] = [0, false];
  for (const { wanted } of routesIn(effects)) {
    const isMoved = wanted.routes.has(at("A", 2));
    if (isMoved !== before) moves += 1;
    before = isMoved;
  }
  const lines = effects.filter(({ kind }) => kind === "notice").length;
  return { bench, peer, moves, lines };
}

for (const everyMs of [100, 500, 1000]) {
  Deno.test(`a peer that tells 90 % and 0 % in turns, every ${everyMs} ms, moves its traffic a few times in a minute`, () => {
    const { moves, lines } = fickle(everyMs);
    assert(moves >= 3 && moves <= 8, `${moves}`);
    assert(lines <= 25, `${lines}`);
  });
}

Deno.test("where there is no better way such a peer fills no log either, and its last word is told", () => {
  const { bench, peer, moves, lines } = fickle(100, {}, ["A"]);
  assertEquals(moves, 0);
  assert(lines >= 4 && lines <= 8, `${lines}`);
  const tell = (percent: number) => {
    peer.says = { lossy: percent === 0 ? [] : [{ address: at("A", 1), percent }] };
    bench.feed(peer.statement("A"));
  };
  for (const percent of [0, 90]) {
    tell(percent);
    bench.advance(15 * T);
    const last = bench.deeds.flatMap(({ effect }) => noticesIn([effect])).at(-1)?.kind;
    assertEquals(last, percent === 0 ? "path-clean" : "path-lossy");
  }
});

Deno.test("once it is constant its traffic returns when the hold is over", () => {
  const { bench, peer } = fickle(500);
  peer.says = {};
  bench.advance(10 * 60 * T);
  assertEquals(bench.wanted.routes.size, 0);
  assertEquals(bench.path("A").hold, null);
});

Deno.test("with failback by hand such a peer moves its traffic once", () => {
  const { bench, moves } = fickle(500, { failback: { kind: "manual" } });
  assertEquals([moves, bench.path("A").route?.gateway], [1, at("B", 2)]);
  assertEquals(told(bench, "rerouted"), []);
});
