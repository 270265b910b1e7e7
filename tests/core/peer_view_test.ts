import { assert, assertEquals } from "@std/assert";
import { heardList } from "../../lib/core/heard.ts";
import { answerRoom } from "../../lib/core/answer_room.ts";
import { Lan } from "../../lib/core/lan.ts";
import { Nodes, type Path } from "../../lib/core/nodes.ts";
import {
  claimsOf,
  complaint,
  isHearingUs,
  isSameView,
  type View,
  viewOf,
} from "../../lib/core/peer_view.ts";
import {
  MAX_INTERFACES,
  MAX_LOSSY,
  MAX_PACKET_BYTES,
  MAX_UNHEARD,
  type WireInterface,
} from "../../lib/core/packet.ts";
import { encode } from "../../lib/core/wire.ts";
import { at, dead, interfaceOf, networkOf, packetOf, settingsOf } from "./builders.ts";

function lanOf(name: string, preference = 0): Lan {
  return new Lan(networkOf(name), preference, 0);
}

/** A path of a host of its own, heard or not. */
function pathOf(network: string, host: number, heard: boolean | null): Path {
  const nodes = new Nodes(settingsOf());
  const address = at(network, host);
  const claims = new Map([[address, network]]);
  const timing = { intervalMs: 1000, failAfter: 3 };
  const who = { boot: 9n, name: "n", requestor: true, ...timing, address, claims };
  const met = nodes.meet(who, 0, { isAlive: () => false, adopt: () => null });
  if (met === null) throw new Error("no room");
  met.path.state.heard = heard;
  return met.path;
}

/** Paths of many hosts on a network, none of them heard. */
function silence(network: string, count: number): Path[] {
  return Array.from({ length: count }, (_, i) => pathOf(network, i + 2, false));
}

Deno.test("in a healthy world nobody is listed as unheard", () => {
  const lans = [lanOf("A"), lanOf("B")];
  const view = viewOf(lans, lans[1]!, [pathOf("A", 2, true), pathOf("B", 2, null)]);
  assertEquals(view, {
    source: at("B", 1),
    interfaces: [interfaceOf("A", 1), interfaceOf("B", 1)],
    unheard: [],
    heard: null,
    lossy: [],
  });
});

Deno.test("who is not heard is listed", () => {
  const view = viewOf([lanOf("A")], lanOf("A"), [pathOf("A", 2, false), pathOf("A", 3, true)]);
  assertEquals(view.unheard, [at("A", 2)]);
});

Deno.test("an unusable network is listed as such, one that is gone is not listed", () => {
  const gone = lanOf("C");
  gone.present = false;
  const view = viewOf([lanOf("A"), new Lan(dead("B"), 1, 0), gone], lanOf("A"), []);
  assertEquals(view.interfaces, [interfaceOf("A", 1), interfaceOf("B", 1, false)]);
});

Deno.test("where the unheard do not fit, a network on which nobody is heard is marked, and they are not listed", () => {
  const paths = [...silence("A", MAX_UNHEARD + 1), pathOf("B", 2, true), pathOf("B", 3, false)];
  const view = viewOf([lanOf("A"), lanOf("B")], lanOf("A"), paths);
  assertEquals(view.interfaces.map((each) => each.hearsNobody), [true, false]);
  assertEquals(view.unheard, [at("B", 3)]);
});

Deno.test("as many as fit are listed one by one, and no network is marked", () => {
  const view = viewOf([lanOf("A")], lanOf("A"), silence("A", MAX_UNHEARD));
  assertEquals([view.interfaces[0]?.hearsNobody, view.unheard.length], [false, MAX_UNHEARD]);
});

Deno.test("where even that does not fit, the first are listed", () => {
  const paths = [pathOf("A", 9, true), ...silence("A", MAX_UNHEARD + 50)];
  const view = viewOf([lanOf("A")], lanOf("A"), paths);
  assertEquals(view.interfaces[0]?.hearsNobody, false);
  assertEquals(view.unheard, silence("A", MAX_UNHEARD).map((path) => path.address));
});

Deno.test("the largest view fits into a packet", () => {
  const lans = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((name) => lanOf(name));
  const paths = [pathOf("A", 900, true), ...silence("A", 800)];
  for (const path of paths) for (let i = 0; i < 200; i++) path.loss.record(i % 2 === 0);
  // Far apart, so that each takes a run of its own; one more would not fit.
  const scattered = Array.from({ length: 42 }, (_, i) => pathOf("A", 256 * i + 3, true));
  const heard = heardList(scattered).runs;
  assertEquals(heard?.length, 42);
  assertEquals(heardList([...scattered, pathOf("A", 256 * 42 + 3, true)]).runs, null);
  // The network that the packet goes over is listed, though it comes last.
  const view = { ...viewOf(lans, lans[25]!, paths), heard };
  assertEquals([view.interfaces.length, view.unheard.length, view.lossy.length], [
    MAX_INTERFACES,
    MAX_UNHEARD,
    MAX_LOSSY,
  ]);
  const packet = packetOf({ ...view, name: "n".repeat(63), spreadMs: 500 });
  const room = answerRoom(MAX_INTERFACES, true);
  assert(encode(packet, { keyId: 1, room }).length <= MAX_PACKET_BYTES);
});

Deno.test("two views are the same if they say the same of every network and list the same unheard", () => {
  const run = { base: 8, bits: Uint8Array.of(1, 2) };
  const view: View = {
    source: at("A", 1),
    interfaces: [interfaceOf("A", 1), interfaceOf("B", 1)],
    unheard: [at("A", 2)],
    heard: [run],
    lossy: [{ address: at("A", 3), percent: 30 }],
  };
  const [a, b] = view.interfaces as [WireInterface, WireInterface];
  assertEquals(isSameView(view, structuredClone(view)), true);
  const others = [
    { ...view, interfaces: [a] },
    { ...view, interfaces: [b, a] },
    { ...view, interfaces: [a, { ...b, usable: false }] },
    { ...view, interfaces: [a, { ...b, drained: true }] },
    { ...view, interfaces: [a, { ...b, hearsNobody: true }] },
    { ...view, interfaces: [a, { ...b, prefixLength: 24 }] },
    { ...view, interfaces: [a, { ...b, address: at("B", 2) }] },
    { ...view, unheard: [] },
    { ...view, unheard: [at("A", 3)] },
    { ...view, unheard: [at("A", 2), at("A", 3)] },
    { ...view, source: at("B", 1) },
    { ...view, heard: null },
    { ...view, heard: [] },
    { ...view, heard: [run, { ...run, base: 800 }] },
    { ...view, heard: [{ ...run, base: 16 }] },
    { ...view, heard: [{ ...run, bits: Uint8Array.of(1) }] },
    { ...view, heard: [{ ...run, bits: Uint8Array.of(1, 3) }] },
    { ...view, lossy: [] },
    { ...view, lossy: [{ address: at("A", 4), percent: 30 }] },
    { ...view, lossy: [{ address: at("A", 3), percent: 31 }] },
  ];
  for (const other of others) {
    assertEquals([isSameView(view, other), isSameView(other, view)], [false, false]);
  }
});

// ------------------------------------------------------------------------------- what a peer says

Deno.test("a packet that says nothing against a path is no complaint", () => {
  assertEquals(complaint(packetOf(), pathOf("A", 2, true), lanOf("A"), 100), null);
});

Deno.test("a peer that lists our address does not hear us there, and nowhere else", () => {
  const packet = packetOf({ unheard: [at("A", 1)] });
  const path = pathOf("A", 2, true);
  path.state.lastGoodAt = 60;
  assertEquals(complaint(packet, path, lanOf("A"), 100), { kind: "peer-deaf", lastGoodAgoMs: 40 });
  path.state.lastGoodAt = null;
  assertEquals(complaint(packet, path, lanOf("A"), 100), {
    kind: "peer-deaf",
    lastGoodAgoMs: null,
  });
  assertEquals(complaint(packet, pathOf("B", 2, true), lanOf("B"), 100), null);
});

Deno.test("a peer that hears nobody on a network does not hear us there", () => {
  const interfaces = [{ ...interfaceOf("A", 2), hearsNobody: true }, interfaceOf("B", 2)];
  const packet = packetOf({ interfaces });
  assertEquals(complaint(packet, pathOf("A", 2, true), lanOf("A"), 100)?.kind, "peer-deaf");
  assertEquals(complaint(packet, pathOf("B", 2, true), lanOf("B"), 100), null);
});

Deno.test("a peer whose interface is unusable says so, and that weighs more than its being deaf", () => {
  const interfaces = [interfaceOf("A", 2, false), interfaceOf("B", 2)];
  const packet = packetOf({ interfaces, unheard: [at("A", 1)] });
  assertEquals(complaint(packet, pathOf("A", 2, true), lanOf("A"), 100), { kind: "peer-network" });
});

Deno.test("a peer that drained a network says so, and what it still uses it has not drained", () => {
  const drained = { ...interfaceOf("A", 2, false), drained: true };
  const packet = packetOf({ interfaces: [drained, { ...interfaceOf("B", 2), drained: true }] });
  assertEquals(complaint(packet, pathOf("A", 2, true), lanOf("A"), 100), { kind: "peer-drained" });
  assertEquals(complaint(packet, pathOf("B", 2, true), lanOf("B"), 100), null);
});

Deno.test("that others are not heard is no complaint about us", () => {
  const packet = packetOf({ unheard: [at("A", 3), at("B", 1)] });
  assertEquals(complaint(packet, pathOf("A", 2, true), lanOf("A"), 100), null);
});

Deno.test("an inquiry hears us if it lists us, or says nothing of whom it hears", () => {
  const lan = lanOf("A");
  const listing = (...hosts: number[]) =>
    packetOf({ heard: heardList(hosts.map((host) => pathOf("A", host, true))).runs });
  assertEquals(isHearingUs(packetOf(), lan), true);
  assertEquals(isHearingUs(listing(), lan), false);
  assertEquals(isHearingUs(listing(2, 3, 9), lan), false);
  assertEquals(isHearingUs(listing(1, 9), lan), true);
  assertEquals(isHearingUs(listing(1, 9), lanOf("B")), false);
});

// ------------------------------------------------------------------------------- whose networks are ours

Deno.test("claims are the addresses on networks of ours; the rest is none of our business", () => {
  const lans = new Map([["A", lanOf("A")], ["B", lanOf("B")]]);
  const packet = packetOf({
    interfaces: [interfaceOf("A", 2), interfaceOf("B", 2), interfaceOf("C", 2)],
  });
  assertEquals([...claimsOf(packet, lans)], [[at("A", 2), "A"], [at("B", 2), "B"]]);
});

Deno.test("a network that is gone gives no claims, one that is only unusable does", () => {
  const gone = lanOf("A");
  gone.present = false;
  const lans = new Map([["A", gone], ["B", new Lan(dead("B"), 1, 0)]]);
  assertEquals([...claimsOf(packetOf(), lans)], [[at("B", 2), "B"]]);
});

Deno.test("nobody can claim our own address, the subnet's or its broadcast address", () => {
  const lans = new Map([["A", lanOf("A")]]);
  for (const address of [at("A", 1), "10.1.0.0", "10.1.255.255"]) {
    const theirs = { address, prefixLength: 8, usable: true, drained: false, hearsNobody: false };
    assertEquals([...claimsOf(packetOf({ interfaces: [theirs] }), lans)], [], address);
  }
});

Deno.test("a list of who is heard is made anew only when somebody came or went", () => {
  const paths = [pathOf("A", 9, true), pathOf("A", 2, true)];
  const list = heardList(paths);
  assertEquals(heardList(paths, list), list);
  assert(heardList(paths, list) === list);
  const more = [...paths, pathOf("A", 5, true)];
  assertEquals(heardList(more, list), heardList(more));
  assertEquals(heardList(paths.slice(1), list), heardList(paths.slice(1)));
});
