/** How soon the peers hear of what happens shortly after a first fault. */
import { assert, assertEquals } from "@std/assert";
import { Lan } from "../../lib/core/lan.ts";
import { StatementPace } from "../../lib/core/statement_pace.ts";
import type { Ms } from "../../lib/core/types.ts";
import { at, networkOf, networksOf } from "./builders.ts";
import { Town } from "./town.ts";

/** When statements go out if there is always something to state from 0 on. */
function storm(intervalMs: Ms, count: number): Ms[] {
  const pace = new StatementPace();
  const lan = new Lan(networkOf("A"), 0, Infinity);
  const times: Ms[] = [];
  let now = 0;
  for (let i = 0; i < count; i++) {
    now = Math.max(now, pace.dueAt(lan, intervalMs));
    pace.take(lan, intervalMs, now);
    lan.statedAt = now;
    times.push(now);
  }
  return times;
}

Deno.test("in a storm the spacing is doubled from 100 ms up to an eighth of the interval", () => {
  assertEquals(storm(60_000, 9), [0, 100, 300, 700, 1500, 3100, 6300, 12_700, 20_200]);
  assertEquals(storm(1000, 5), [0, 100, 225, 350, 475]);
  assertEquals(storm(400, 4), [0, 50, 100, 150]);
  assertEquals(storm(40, 4), [0, 10, 20, 30]);
});

Deno.test("after a pause of a quarter of the interval the spacing is short again", () => {
  const pace = new StatementPace();
  const lan = new Lan(networkOf("A"), 0, Infinity);
  const spacingAfter = (now: Ms): Ms => {
    pace.take(lan, 60_000, now);
    lan.statedAt = now;
    return pace.dueAt(lan, 60_000) - now;
  };
  const times = [0, 100, 10_000, 24_999, 39_999, 50_000];
  assertEquals(times.map(spacingAfter), [100, 200, 400, 800, 100, 200]);
});

for (const intervalMs of [1000, 10_000, 60_000]) {
  Deno.test(`a second carrier that is lost soon after the first is told within 100 ms at an interval of ${intervalMs} ms`, () => {
    const town = new Town();
    const names = ["A", "B", "C"];
    const one = town.add(1, names, { intervalMs });
    const two = town.add(2, names, { intervalMs, requestor: false });
    town.advance(6.4 * intervalMs);
    const lose = (...lost: string[]) =>
      town.feed(
        one,
        networksOf(
          ...names.map((name) =>
            networkOf(name, { address: at(name, 1), usable: !lost.includes(name) })
          ),
        ),
      );
    lose("A");
    town.advance(20);
    lose("A", "B");
    const from = town.now;
    town.advance(intervalMs);
    const moved = two.changes.find(({ routes }) =>
      ["A", "B"].every((name) => routes.includes(`${at(name, 1)} via ${at("C", 1)}`))
    );
    assert(moved !== undefined && moved.at - from <= 101, `${moved?.at} ${from}`);
  });
}
