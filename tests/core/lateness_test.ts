/** A round in which we were late accuses nobody, and is told of now and then. */
import { assert, assertEquals } from "@std/assert";
import { latenessToleranceMs } from "../../lib/core/awareness.ts";
import { Bench, FakePeer, told } from "./builders.ts";
import { Town } from "./town.ts";

const T = 1000;

Deno.test("late rounds are told of once a minute, with how many there were", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(5 * T);
  bench.latenessMs = 2 * latenessToleranceMs(T);
  // Only answers that are still missing leave somebody to be judged.
  peer.answersOn.delete("A");
  bench.advance(55 * T);
  const first = told(bench, "late-round");
  assertEquals(first.map(({ count }) => count), [1]);
  assert((first[0]?.latenessMs ?? 0) >= bench.latenessMs);
  bench.advance(65 * T);
  const [, second] = told(bench, "late-round");
  assert(second !== undefined && second.count > 30, `${second?.count}`);
});

Deno.test("a wake that is late by no more than the tolerance is no news", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"])] });
  bench.latenessMs = latenessToleranceMs(T) - 1;
  bench.advance(60 * T);
  assertEquals(told(bench, "late-round"), []);
});

Deno.test("a daemon stopped for two seconds at 100 ms changes no route at either end, whenever it happens", () => {
  for (const second of [{}, { requestor: false }]) {
    for (let phase = 0; phase < 10; phase++) {
      const town = new Town(phase + 1);
      const quick = { intervalMs: 100, failAfter: 6 };
      const hosts = [
        town.add(1, ["A", "B"], quick),
        town.add(2, ["A", "B"], { ...quick, ...second }),
      ];
      town.advance(3000 + 13 * phase);
      for (const host of hosts) {
        host.isStopped = true;
        town.advance(2000);
        town.resume(host);
        town.advance(3000);
      }
      assertEquals(hosts.flatMap(({ changes }) => changes), [], `${phase}`);
      for (const host of hosts) assertEquals(town.told(host, "late").length, 1);
    }
  }
});

Deno.test("two hosts whose daemons are both late all the time accuse nobody, however they share a machine", () => {
  for (const seed of [1, 2, 3]) {
    const town = new Town(seed);
    const quick = { intervalMs: 50, failAfter: 3 };
    const hosts = [town.add(1, ["A", "B"], quick), town.add(2, ["A", "B"], quick)];
    town.advance(2000);
    for (let i = 0; i < 500; i++) {
      for (const host of hosts) host.isStopped = true;
      town.advance(20 + ((i * 7 + seed) % 25));
      for (const host of hosts) town.resume(host);
      town.advance(3);
    }
    assertEquals(hosts.flatMap(({ changes }) => changes), [], `${seed}`);
  }
});
