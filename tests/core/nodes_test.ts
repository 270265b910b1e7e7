import { assert, assertEquals } from "@std/assert";
import { NODE_LIMIT, Nodes, type Path } from "../../lib/core/nodes.ts";
import type { Address, HostRoute, NetworkName } from "../../lib/core/types.ts";
import { at, settingsOf } from "./builders.ts";

/** A book of nodes, with a judge that a case can steer. */
class Book {
  readonly nodes = new Nodes(settingsOf());
  readonly alive = new Set<Address>();
  readonly left = new Map<Address, HostRoute>();

  /** A packet with this boot id from an address, claiming that and others. */
  meet(boot: bigint, from: Address, claims: readonly Address[] = [from], name = `boot${boot}`) {
    const claimed = new Map<Address, NetworkName>(claims.map((each) => [each, networkOf(each)]));
    const timing = { intervalMs: 1000, failAfter: 3 };
    const who = { boot, name, requestor: true, ...timing, address: from, claims: claimed };
    return this.nodes.meet(who, 50, {
      isAlive: (path) => this.alive.has(path.address),
      adopt: (address) => this.adopt(address),
    });
  }

  adopt(address: Address): HostRoute | null {
    const route = this.left.get(address) ?? null;
    this.left.delete(address);
    return route;
  }

  path(address: Address): Path {
    const path = this.nodes.paths.get(address);
    if (path === undefined) throw new Error(`there is no path ${address}`);
    return path;
  }

  /** Every node with its addresses, in order. */
  get all(): [string, Address[]][] {
    return [...this.nodes.all()].map((node) => [node.name, [...node.paths.keys()]]);
  }

  /** Nodes and paths must agree on who has what. */
  check(): void {
    const nodes = [...this.nodes.all()];
    for (const path of this.nodes.paths.values()) {
      assert(nodes.includes(path.node), `${path.address} is of a forgotten node`);
      assert(path.node.paths.get(path.address) === path);
    }
    let held = 0;
    for (const node of nodes) {
      held += node.paths.size;
      assert(node.paths.size > 0, `${node.name} has no path`);
      if (node.boot !== null) assert(this.nodes.byBoot(node.boot) === node);
    }
    assertEquals(held, this.nodes.paths.size);
  }
}

function networkOf(address: Address): NetworkName {
  return String.fromCharCode(64 + Number(address.split(".")[1]));
}

const [A2, B2, C2] = [at("A", 2), at("B", 2), at("C", 2)];
const [A3, B3] = [at("A", 3), at("B", 3)];

Deno.test("a stranger becomes a node with a path for each address it claims, in order of address", () => {
  const book = new Book();
  const met = book.meet(2n, B2, [C2, B2, A2]);
  assertEquals([met?.restarted, met?.conflict], [false, null]);
  assertEquals(met?.path.address, B2);
  assertEquals(book.all, [["boot2", [A2, B2, C2]]]);
  assertEquals([...book.nodes.paths.values()].map((path) => path.network).sort(), ["A", "B", "C"]);
  assertEquals(book.path(A2).state.health, "unknown");
  book.check();
});

Deno.test("a further packet of the same boot is of the same node, and may bring a name, a role and an address", () => {
  const book = new Book();
  const first = book.meet(2n, A2, [A2]);
  const second = book.meet(2n, B2, [A2, B2], "renamed");
  assert(first?.node === second?.node);
  assertEquals(second?.restarted, false);
  assertEquals(book.all, [["renamed", [A2, B2]]]);
});

Deno.test("a restart is the same node with its health as it was; its old boot id is retired", () => {
  const book = new Book();
  const before = book.meet(2n, A2, [A2, B2]);
  book.path(B2).state.health = "down";
  before!.node.counter = 500;
  const after = book.meet(77n, B2, [A2, B2]);
  assert(after?.node === before?.node);
  assertEquals([after?.restarted, after?.node.counter], [true, 0]);
  assertEquals(book.path(B2).state.health, "down");
  assert(book.nodes.successorOf(2n) === after?.node);
  assertEquals(book.nodes.successorOf(77n), undefined);
  assertEquals([book.nodes.byBoot(2n), book.nodes.byBoot(77n)], [undefined, after?.node]);
  book.check();
});

Deno.test("a restart may bring a new address", () => {
  const book = new Book();
  book.meet(2n, A2, [A2]);
  assertEquals(book.meet(77n, A2, [A2, B2])?.restarted, true);
  assertEquals(book.all, [["boot77", [A2, B2]]]);
});

Deno.test("clones share a name and remain two nodes", () => {
  const book = new Book();
  book.meet(2n, A2, [A2, B2], "clone");
  const second = book.meet(3n, A3, [A3, B3], "clone");
  assertEquals([second?.restarted, second?.conflict], [false, null]);
  assertEquals(book.all, [["clone", [A2, B2]], ["clone", [A3, B3]]]);
  book.check();
});

Deno.test("an address that two living nodes send from belongs to the last sender, and is disputed once it is taken back", () => {
  const book = new Book();
  book.meet(2n, A2, [A2, B2]);
  book.alive.add(A2).add(B2);
  const thief = book.meet(3n, A2, [A2, B3]);
  // So far it may be a restart with other addresses.
  assertEquals([thief?.conflict, thief?.restarted], [null, false]);
  assertEquals(book.all, [["boot2", [B2]], ["boot3", [A2, B3]]]);
  assert(book.path(A2).node === thief?.node);
  book.check();
  const owner = book.meet(2n, A2, [A2, B2]);
  assertEquals(owner?.conflict?.address, A2);
  assertEquals(owner?.conflict?.other.name, "boot3");
  assertEquals(book.all, [["boot2", [A2, B2]], ["boot3", [B3]]]);
  book.check();
});

Deno.test("an address that is only claimed stays with the living node that is heard from it", () => {
  const book = new Book();
  book.meet(2n, A2, [A2]);
  book.alive.add(A2);
  const claimant = book.meet(3n, B3, [A2, B3]);
  assertEquals(claimant?.conflict?.address, A2);
  assertEquals(book.all, [["boot2", [A2]], ["boot3", [B3]]]);
  book.check();
});

Deno.test("an address that is only claimed is taken over from a node that is not alive, with its health and its route", () => {
  const book = new Book();
  book.meet(2n, A2, [A2]);
  const path = book.path(A2);
  path.state.health = "down";
  path.configured = true;
  path.route = { address: A2, gateway: B2, interfaceName: "eth2" };
  const claimant = book.meet(3n, B3, [A2, B3]);
  assertEquals(claimant?.conflict, null);
  assertEquals(book.all, [["boot3", [A2, B3]]]);
  assert(book.path(A2) === path);
  assertEquals([path.state.health, path.configured, path.route?.gateway], ["down", true, B2]);
  book.check();
});

Deno.test("what was expected of the former owner of an address is not held against the new one", () => {
  const book = new Book();
  book.meet(2n, A2, [A2, B2]);
  const lastInquiry = { sequence: 3600, counter: 7200, at: 10 };
  const said = { lastInquiry, lastAnswered: 5n, expectBy: 70, peerDeaf: true };
  Object.assign(book.path(A2), said).loss.tell(0.3, false);
  book.meet(3n, A2, [A2]);
  const path = book.path(A2);
  assertEquals([path.lastInquiry, path.lastAnswered, path.expectBy], [null, null, null]);
  assertEquals([path.peerDeaf, path.loss.told], [false, 0]);
});

Deno.test("a node that lost its last path is forgotten, and is a stranger when it comes again", () => {
  const book = new Book();
  book.meet(2n, A2, [A2]);
  book.meet(3n, B3, [B3]);
  book.meet(3n, A2, [A2, B3]);
  assertEquals(book.all, [["boot3", [A2, B3]]]);
  assertEquals(book.nodes.byBoot(2n), undefined);
  assertEquals(book.nodes.successorOf(2n), undefined);
  const again = book.meet(2n, B2, [B2]);
  assertEquals(again?.restarted, false);
  book.check();
});

Deno.test("a removed path is nobody's, and takes a node without another one along", () => {
  const book = new Book();
  book.meet(2n, A2, [A2, B2]);
  book.nodes.removePath(book.path(A2));
  assertEquals(book.all, [["boot2", [B2]]]);
  book.nodes.removePath(book.path(B2));
  assertEquals([book.all, book.nodes.paths.size, book.nodes.byBoot(2n)], [[], 0, undefined]);
});

Deno.test("a renumbered node keeps its identity by its boot id", () => {
  const book = new Book();
  const before = book.meet(2n, A2, [A2, B2]);
  const after = book.meet(2n, A3, [A3, B2]);
  assert(before?.node === after?.node);
  assertEquals(book.all, [["boot2", [A2, A3, B2]]]);
});

Deno.test("the boot ids of the last 256 restarts are remembered, older ones are not", () => {
  const book = new Book();
  for (let boot = 1n; boot <= 258n; boot++) book.meet(boot, A2, [A2]);
  const [node] = [...book.nodes.all()];
  assertEquals(book.nodes.successorOf(1n), undefined);
  for (let boot = 2n; boot <= 257n; boot++) assert(book.nodes.successorOf(boot) === node);
  assertEquals(book.nodes.successorOf(258n), undefined);
});

Deno.test("a retired boot id that is met again is the present one, and the one between is retired", () => {
  const book = new Book();
  for (const boot of [2n, 77n, 2n]) book.meet(boot, A2, [A2]);
  const [node] = [...book.nodes.all()];
  assertEquals([node?.boot, book.nodes.successorOf(2n)], [2n, undefined]);
  assert(book.nodes.successorOf(77n) === node);
  book.check();
});

Deno.test("there is room for so many nodes and no more; those that are known are still met", () => {
  const book = new Book();
  for (let host = 2; host < NODE_LIMIT + 2; host++) {
    assert(book.meet(BigInt(host), at("A", host)) !== null);
  }
  assertEquals(book.meet(999_999n, at("B", 1)), null);
  assertEquals(book.nodes.paths.has(at("B", 1)), false);
  assertEquals(book.meet(2n, A2)?.node.name, "boot2");
  assertEquals(book.meet(888_888n, at("A", 3))?.restarted, true);
});

Deno.test("a route that a predecessor left makes the path begin as down, with the route in force, once", () => {
  const book = new Book();
  const route = { address: A2, gateway: B2, interfaceName: "eth2" };
  book.left.set(A2, route);
  book.meet(2n, B2, [A2, B2]);
  assertEquals([book.path(A2).state.health, book.path(A2).route], ["down", route]);
  assertEquals([book.path(B2).state.health, book.path(B2).route], ["unknown", null]);
  book.nodes.removePath(book.path(A2));
  book.meet(2n, B2, [A2, B2]);
  assertEquals([book.path(A2).state.health, book.path(A2).route], ["unknown", null]);
});

// ------------------------------------------------------------------------------- configured peers

const PEER = { node: "far", addresses: [A2, B2] };

function configure(book: Book, address: Address, intervalMs = 1000) {
  const place = { network: networkOf(address), intervalMs, failAfter: 3 };
  book.nodes.configure(PEER, address, place, 50, (each) => book.adopt(each));
}

Deno.test("a configured peer is one node with the configured paths, and unknown", () => {
  const book = new Book();
  configure(book, A2);
  configure(book, B2);
  assertEquals(book.all, [["far", [A2, B2]]]);
  assertEquals([book.path(A2).configured, book.path(A2).state.health], [true, "unknown"]);
  assertEquals(book.path(A2).node.boot, null);
  book.check();
});

Deno.test("a configured peer that is heard is the same node, and has not restarted", () => {
  const book = new Book();
  configure(book, A2);
  configure(book, B2);
  const met = book.meet(2n, A2, [A2, B2], "its-own-name");
  assertEquals(met?.restarted, false);
  assertEquals(book.all, [["its-own-name", [A2, B2]]]);
  book.check();
});

Deno.test("a node that is known already becomes configured where its peer says so", () => {
  const book = new Book();
  book.meet(2n, A2, [A2]);
  configure(book, B2);
  configure(book, A2);
  assertEquals(book.all, [["boot2", [A2, B2]]]);
  assertEquals([book.path(A2).configured, book.path(B2).configured], [true, true]);
  book.check();
});

Deno.test("a configured path takes over what a predecessor left, too", () => {
  const book = new Book();
  book.left.set(A2, { address: A2, gateway: B2, interfaceName: "eth2" });
  configure(book, A2);
  assertEquals([book.path(A2).state.health, book.path(A2).route?.gateway], ["down", B2]);
});
