/** Which addresses of a peer are taken for given up, where its answers have no room for all that it has. */
import { assert, assertEquals } from "@std/assert";
import type { NetworkName, Settings } from "../../lib/core/types.ts";
import {
  at,
  Bench,
  FakePeer,
  networkOf,
  networksOf,
  routeText,
  sendsIn,
  told,
} from "./builders.ts";
import { type Host, Town } from "./town.ts";

const LETTERS = [..."ABCDEFGHIJKLMNOP"];
const LONG_NAME = "n".repeat(33);

/** A requestor on A and B, and a responder on the first so many networks. */
function pair(count: number, nodeName: string) {
  const town = new Town();
  const one = town.add(1, ["A", "B"]);
  const own: Partial<Settings> = { requestor: false, nodeName };
  const two = town.add(2, LETTERS.slice(0, count), own);
  town.advance(3000);
  return { town, one, two };
}

/** A host has these networks from now on. */
function move(town: Town, host: Host, names: readonly NetworkName[]): void {
  town.feed(
    host,
    networksOf(...names.map((name) => networkOf(name, { address: at(name, host.number) }))),
  );
}

function addressesOf(town: Town, host: Host): string[] {
  return host.machine.snapshot(town.now).peers.flatMap(({ paths }) =>
    paths.map(({ address }) => address)
  );
}

for (const [count, nodeName] of [[16, "node2"], [14, "historian"], [9, LONG_NAME]] as const) {
  Deno.test(`an interface of ours that goes moves the traffic of a peer with ${count} networks`, () => {
    const { town, one } = pair(count, nodeName);
    move(town, one, ["A"]);
    town.advance(10_000);
    assertEquals(town.told(one, "address-gone"), []);
    assertEquals(one.changes.at(-1)?.routes, `${at("B", 2)} via ${at("A", 2)}`);
    move(town, one, ["A", "B"]);
    town.advance(10_000);
    assertEquals(town.told(one, "address-gone"), []);
    assertEquals([town.path(one, "B", town.hosts[1] as Host).health, one.kernel.routes.size], [
      "up",
      0,
    ]);
  });
}

Deno.test("an answer to an inquiry from before our network came back takes nothing away", () => {
  const peer = new FakePeer(2, ["A", "B"]);
  const bench = new Bench({ peers: [peer] });
  bench.advance(3000);
  bench.feed(networksOf(networkOf("A")));
  peer.delayMs = 50;
  peer.networks = ["A"];
  const [asked] = sendsIn(bench.advance(1000)).filter(({ packet }) => packet.kind === "inq");
  assert(asked !== undefined && asked.packet.interfaces.length === 1);
  bench.advance(2000);
  assertEquals(routeText(bench.wanted), [`${at("B", 2)} via ${at("A", 2)} eth1`]);
  // It is under way when the network comes back, and leaves out what its inquiry did not name.
  while (sendsIn(bench.advance(1)).length === 0);
  bench.feed(networksOf(networkOf("A"), networkOf("B")));
  bench.advance(60);
  assertEquals(told(bench, "address-gone"), []);
  // From then on the peer is asked with both named.
  bench.advance(2000);
  assertEquals(told(bench, "address-gone").map(({ path }) => path.address), [at("B", 2)]);
});

Deno.test("a mere responder that loses an address says so at once, and its peers give it up", () => {
  const { town, one, two } = pair(14, "historian");
  const before = town.sent.length;
  move(town, two, LETTERS.slice(0, 14).filter((name) => name !== "B"));
  assertEquals(town.sent.length - before, 13);
  town.advance(5);
  assertEquals(addressesOf(town, one), [at("A", 2)]);
  assertEquals(town.told(one, "address-gone").map(({ path }) => path.address), [at("B", 2)]);
});

Deno.test("an address that was lost while nothing arrived is given up with the next answer", () => {
  const { town, one, two } = pair(14, "historian");
  town.cuts.add("A 1>2").add("A 2>1").add("B 1>2").add("B 2>1");
  town.advance(100);
  move(town, two, LETTERS.slice(0, 14).filter((name) => name !== "B"));
  town.advance(10_000);
  assertEquals(addressesOf(town, one), [at("A", 2), at("B", 2)]);
  town.cuts.clear();
  town.advance(10_000);
  assertEquals([addressesOf(town, one), one.kernel.routes.size], [[at("A", 2)], 0]);
});
