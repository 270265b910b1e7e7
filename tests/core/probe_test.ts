/** The probe among real machines on simulated LANs, in virtual time. No permissions are needed. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Packet } from "../../lib/core/packet.ts";
import { answerDelayMs } from "../../lib/core/spread.ts";
import { decode, encode } from "../../lib/core/wire.ts";
import { at, dead, FakePeer, networkOf } from "./builders.ts";
import { fakeSealer } from "./fake_sealer.ts";
import { Street, WAY_MS } from "./street.ts";

Deno.test("all nodes that are there are found on every LAN, with their round-trip times", () => {
  const street = new Street().add(2).add(3, ["A", "B"], { requestor: true, intervalMs: 50 }).run();
  assertEquals(street.paths(), {
    "node2 A": [4, 4],
    "node2 B": [4, 4],
    "node3 A": [4, 4],
    "node3 B": [4, 4],
  });
  const { verdict, nodes, networks, drops } = street.probe.report(street.now);
  assertEquals([verdict, drops], ["complete", []]);
  assertEquals(networks.map(({ name, asked, nodes }) => [name, asked, nodes]), [
    ["A", 4, 2],
    ["B", 4, 2],
  ]);
  const { minMs, meanMs, maxMs } = street.path("node2", "A").roundTrips ?? {};
  for (const ms of [minMs, meanMs, maxMs]) assertAlmostEquals(ms ?? 0, 2 * WAY_MS, 1e-6);
  assertEquals(nodes.map(({ says }) => says), [
    { requestor: false, intervalMs: 1000, failAfter: 3 },
    { requestor: true, intervalMs: 50, failAfter: 3 },
  ]);
  assertEquals(street.news.length, 16);
  assertEquals(street.news.filter(({ isFirst }) => isFirst).length, 4);
  // It is over when the last answer was waited for.
  assertEquals(street.now, 1000 + 3 * 500 + 400);
});

Deno.test("a node that does not answer on a LAN that it says to be on is missing there, and told of each round", () => {
  const street = new Street().add(2).add(3, ["A"]);
  street.cuts.add("B 2");
  street.run();
  assertEquals(street.paths(), { "node2 A": [4, 4], "node2 B": [0, 4], "node3 A": [4, 4] });
  assertEquals(street.path("node2", "B").absence, { kind: "no-answer" });
  assertEquals(street.probe.report(street.now).verdict, "missing");
  const silent = street.news.filter(({ roundTripMs }) => roundTripMs === null);
  assertEquals(silent.map(({ node, network, round }) => `${node} ${network} ${round}`), [
    "node2 B 1",
    "node2 B 2",
    "node2 B 3",
    "node2 B 4",
  ]);
});

Deno.test("an answer that is lost now and then is counted as such, and nobody is missing for it", () => {
  const street = new Street().add(2);
  street.cuts.add("A 2 2").add("A 2 3");
  street.run();
  assertEquals(street.paths(), { "node2 A": [2, 4], "node2 B": [4, 4] });
  assertEquals(street.probe.report(street.now).verdict, "complete");
});

Deno.test("where nobody answers at all that is the verdict", () => {
  assertEquals(new Street().run().probe.report(5000).verdict, "nobody");
  const street = new Street({ peers: [{ node: "node2", addresses: [at("A", 2)] }] }).run();
  assertEquals(street.probe.report(street.now).verdict, "nobody");
  assertEquals(street.paths(), { "node2 A": [0, 4] });
});

Deno.test("a configured peer is asked by unicast too, is one node with what answers, and is missing if nothing does", () => {
  const peers = [
    { node: "far", addresses: [at("A", 2), at("B", 2)] },
    { node: "gone", addresses: [at("B", 4), "10.9.0.4"] },
  ];
  const street = new Street({ peers }).add(2).add(3);
  street.remote.add(2);
  street.run();
  assertEquals(street.paths(), {
    "gone B": [0, 4],
    "node2 A": [4, 4],
    "node2 B": [4, 4],
    "node3 A": [4, 4],
    "node3 B": [4, 4],
  });
  assertEquals(street.probe.report(street.now).verdict, "missing");
  // Two broadcasts a round, and three copies.
  assertEquals(street.sent, 4 * 5);
});

Deno.test("two copies of an inquiry are answered twice and count once", () => {
  const street = new Street({ peers: [{ node: "node2", addresses: [at("A", 2)] }] }).add(2).run();
  assertEquals(street.paths()["node2 A"], [4, 4]);
  assertEquals(street.news.filter(({ network }) => network === "A").length, 4);
});

Deno.test("only those are told of who were asked for, by name or by address; who is nobody is missing", () => {
  for (const wanted of ["node2", at("B", 2)]) {
    const street = new Street({ wanted: [wanted] }).add(2).add(3).run();
    assertEquals(Object.keys(street.paths()), ["node2 A", "node2 B"]);
    assertEquals(street.probe.report(street.now).verdict, "complete");
    // By its address it is known from its first answer on.
    assertEquals(street.news.length, 8, wanted);
  }
  const street = new Street({ wanted: ["node2", "node9"] }).add(2).run();
  const { nodes, verdict } = street.probe.report(street.now);
  assertEquals([nodes.map(({ name, paths }) => [name, paths.length]), verdict], [
    [["node2", 2], ["node9", 0]],
    "missing",
  ]);
});

Deno.test("on a network that was not asked for nothing is asked, and nobody is missing", () => {
  const street = new Street({ asked: new Set(["B"]) }).add(2).run();
  assertEquals(street.paths(), { "node2 B": [4, 4] });
  assertEquals(street.sent, 4);
});

Deno.test("on a network without carrier nothing is asked; who lists it is missing there, for that reason", () => {
  const street = new Street({ networks: [networkOf("A"), dead("B")] }).add(2).run();
  assertEquals(street.sent, 4);
  assertEquals(street.path("node2", "B").absence, { kind: "own-network", reason: "no carrier" });
  assertEquals(street.path("node2", "B").asked, 0);
});

Deno.test("what could not be sent is the reason why nobody answered", () => {
  const street = new Street().add(2);
  street.cuts.add("B");
  street.run(1000 + 1600);
  street.probe.sendFailed("B", "Network is unreachable");
  assertEquals(street.path("node2", "B").absence, {
    kind: "own-network",
    reason: "Network is unreachable",
  });
  assertEquals(street.probe.report(street.now).networks[1]?.problem, "Network is unreachable");
});

Deno.test("a peer that says that its interface is down is missing there for that reason", () => {
  const street = new Street();
  street.run(1000);
  const peer = new FakePeer(2, ["A", "B"]);
  const { nonce } = firstInquiry();
  const interfaces = peer.packet("inq").interfaces.map((each) => {
    return { ...each, usable: each.address !== at("B", 2) };
  });
  street.arrive("A", at("A", 2), encode(peer.packet("ack", { sequence: 1, nonce, interfaces })));
  street.run();
  assertEquals(street.path("node2", "B").absence, { kind: "peer-network" });
});

/** The first inquiry on A, as another probe with the same seed sends it: with the same nonce. */
function firstInquiry(): Packet {
  const twin = new Street();
  const [send] = twin.probe.tick(twin.now).sends;
  const { packet } = decode(send?.bytes ?? new Uint8Array());
  if (packet === undefined) throw new Error("nothing was sent");
  return packet;
}

Deno.test("the inquiries say that they are in passing, who asks, and when the next one comes", () => {
  const twin = new Street({ rounds: 1, intervalMs: 250 });
  const { sends } = twin.probe.tick(twin.now);
  const packets = sends.map(({ bytes }) => decode(bytes).packet);
  for (const packet of packets) {
    assertEquals([packet?.kind, packet?.passing, packet?.requestor], ["inq", true, false]);
    assertEquals([packet?.name, packet?.intervalMs, packet?.heard], ["own", 250, null]);
    assertEquals(packet?.interfaces.length, 2);
  }
  assertEquals(packets.map((packet) => [packet?.source, packet?.counter]), [
    [at("A", 1), 1],
    [at("B", 1), 2],
  ]);
  assertEquals(new Set(packets.map((packet) => packet?.nonce)).size, 2);
});

Deno.test("answers that were not asked for, come from elsewhere or by another network count for nothing", () => {
  const street = new Street();
  street.run(1000);
  const peer = new FakePeer(2, ["A", "B"]);
  const { nonce } = firstInquiry();
  const answer = (overrides: object) =>
    encode(peer.packet("ack", { sequence: 1, nonce, ...overrides }));
  street.arrive("A", at("A", 2), answer({ nonce: nonce + 1n }));
  street.arrive("B", at("B", 2), answer({ source: at("B", 2) }));
  street.arrive("A", at("A", 3), answer({}));
  street.arrive("A", "10.77.0.2", answer({}));
  street.arrive("A", at("A", 2), encode(peer.packet("inq")));
  street.arrive("A", at("A", 2), new Uint8Array(50));
  street.run();
  const { nodes, drops } = street.probe.report(street.now);
  assertEquals(nodes, []);
  assertEquals(drops.map(({ reason, from, count }) => [reason, from, count]), [
    ["source-not-claimed", at("A", 3), 1],
    ["foreign-source", "10.77.0.2", 1],
    ["bad-magic", at("A", 2), 1],
  ]);
});

Deno.test("what is counted of useless answers is bounded", () => {
  const street = new Street();
  for (let i = 0; i < 500; i++) street.arrive("A", at("A", i + 2), new Uint8Array(50));
  street.run();
  assertEquals(street.probe.report(street.now).drops.length, 64);
});

Deno.test("a node that restarts meanwhile is one node", () => {
  const street = new Street().add(2);
  street.run(1000 + 1200);
  street.add(2, ["A", "B"], { failAfter: 9 });
  street.run();
  const { nodes } = street.probe.report(street.now);
  assertEquals(nodes.map(({ name, says, paths }) => [name, says?.failAfter, paths.length]), [
    ["node2", 9, 2],
  ]);
  assertEquals(street.path("node2", "A").answered, 4);
});

Deno.test("cut short, it does not count what could still be answered", () => {
  const street = new Street().add(2);
  street.cuts.add("B 2");
  street.run(1000 + 501);
  assertEquals(street.paths(), { "node2 A": [2, 2], "node2 B": [0, 1] });
});

Deno.test("where many answer they are asked to spread it, which is taken off their round-trip times", () => {
  const street = new Street({ asked: new Set(["A"]), networks: [networkOf("A")] });
  for (let host = 2; host < 102; host++) street.add(host, ["A"]);
  street.run();
  const { nodes } = street.probe.report(street.now);
  assertEquals(nodes.length, 100);
  for (const { paths } of nodes) {
    const [path] = paths;
    assertEquals([path?.answered, path?.asked], [4, 4]);
    assert((path?.roundTrips?.maxMs ?? Infinity) < 2, JSON.stringify(path));
  }
  // The second round was over later, by the spread.
  const longest = Math.max(
    ...Array.from({ length: 100 }, (_, i) => answerDelayMs(50, 10 * 2 ** 24 + 2 ** 16 + i + 2)),
  );
  assert(longest > 40);
  assertEquals(street.now, 1000 + 3 * 500 + 400 + 50);
});

Deno.test("what is lost of answers that come all at once counts against nobody", () => {
  const lost = (host: number) => host % 2 === 0;
  for (const rounds of [4, 1]) {
    const street = new Street({ asked: new Set(["A"]), networks: [networkOf("A")], rounds });
    for (let host = 2; host < 152; host++) {
      street.add(host, ["A"]);
      if (lost(host)) street.cuts.add(`A ${host} 1`);
    }
    street.run();
    const { nodes } = street.probe.report(street.now);
    const counts = nodes.map(({ paths: [path] }) => `${path?.answered} of ${path?.asked}`);
    const half = (text: string) => counts.filter((each) => each === text).length;
    // Who never answered another round is not known, and of a single one all that came counts.
    assertEquals(
      [half("4 of 4"), half("3 of 3"), half("1 of 1")],
      rounds === 4 ? [75, 75, 0] : [0, 0, 75],
    );
  }
});

Deno.test("with a key inquiries are signed, and answers must be where that is enforced", () => {
  const key = fakeSealer([1, "secret"]);
  const enforced = { auth: "enforce" } as const;
  const street = new Street({ sealer: key, isEnforced: true })
    .add(2, ["A", "B"], enforced, fakeSealer([1, "secret"]))
    .add(3, ["A", "B"], enforced, fakeSealer([1, "other"]))
    .add(4);
  street.run();
  assertEquals(street.paths(), { "node2 A": [4, 4], "node2 B": [4, 4] });
  assertEquals(
    street.probe.report(street.now).drops.map(({ reason, from, count }) => [reason, from, count]),
    [["unsigned", at("A", 4), 4], ["unsigned", at("B", 4), 4]],
  );
  const lenient = new Street({ sealer: key })
    .add(2, ["A", "B"], enforced, fakeSealer([1, "secret"]))
    .add(4);
  assertEquals(Object.keys(lenient.run().paths()).length, 4);
  // Without a key those who enforce do not answer.
  assertEquals(new Street().add(2, ["A", "B"], enforced, key).run().paths(), {});
});

Deno.test("however long it lasts, no answer is forgotten, nor counted twice", () => {
  const street = new Street({ rounds: 3000, intervalMs: 50 }).add(2);
  street.cuts.add("B 2 1000");
  street.run();
  assertEquals(street.paths(), { "node2 A": [3000, 3000], "node2 B": [2999, 3000] });
  assertEquals(street.now, 1000 + 2999 * 50 + 400);
});

Deno.test("whom somebody else knows is known, and what is known of it by its answers stays", () => {
  const street = new Street().add(2).add(3, ["A"]);
  street.cuts.add("B 2");
  street.run();
  street.probe.expect("late", [at("A", 2), at("B", 2), "10.9.9.9"]);
  street.probe.expect("node9", [at("A", 9), at("B", 9)]);
  assertEquals(street.paths(), {
    "node2 A": [4, 4],
    "node2 B": [0, 4],
    "node3 A": [4, 4],
    "node9 A": [0, 4],
    "node9 B": [0, 4],
  });
  assertEquals(street.probe.report(street.now).verdict, "missing");
});

Deno.test("of a node that is called by an address for want of a name the name is taken from who knows it", () => {
  const peers = [{ node: at("A", 9), addresses: [at("A", 9)] }];
  const street = new Street({ peers, wanted: [at("A", 9)] }).run();
  street.probe.expect("node9", [at("A", 9), at("B", 9)]);
  street.probe.expect("node8", [at("A", 8)]);
  assertEquals(street.paths(), { "node9 A": [0, 4], "node9 B": [0, 4] });
});
