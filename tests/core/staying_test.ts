import { assertEquals } from "@std/assert";
import { stayingOn } from "../../lib/core/staying.ts";
import { Bench, FakePeer, networkOf, networksOf } from "./builders.ts";

const drain = (network: string) => ({ kind: "drain", network, on: true }) as const;

/** Whose traffic goes over each network, as people see it. */
function staying(bench: Bench): readonly (readonly string[])[] {
  const peers = bench.machine.peers(0, Infinity, bench.now);
  return ["A", "B"].map((name) => stayingOn(name, peers));
}

Deno.test("after a drain nobody stays who can be reached over another network", () => {
  const bench = new Bench({ peers: [new FakePeer(2, ["A", "B"]), new FakePeer(3, ["A"])] });
  bench.advance(2000);
  assertEquals(staying(bench), [["node2", "node3"], ["node2"]]);
  bench.feed(drain("A"));
  assertEquals(staying(bench), [["node3"], ["node2"]], "in the same turn");
  bench.feed(drain("B"));
  assertEquals(staying(bench), [["node3"], ["node2"]]);
});

Deno.test("who is not reached over any network stays where the traffic went last", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(2000);
  bench.feed(networksOf(networkOf("A")));
  assertEquals(staying(bench), [["node2"], []]);
  bench.feed(drain("A"));
  assertEquals(staying(bench), [["node2"], []]);
});
