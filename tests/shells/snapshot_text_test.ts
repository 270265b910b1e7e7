import { assert, assertEquals } from "@std/assert";
import type { Network, PathView, Snapshot } from "../../lib/core/types.ts";
import { snapshotRecords } from "../../lib/snapshot_text.ts";

const A: Network = {
  name: "A",
  interfaceName: "eth1",
  family: 4,
  address: "192.168.1.1",
  prefixLength: 24,
  broadcast: "192.168.1.255",
  usable: true,
};
const UP: PathView = {
  network: "A",
  address: "192.168.1.2",
  health: "up",
  cause: null,
  misses: 0,
  good: 12,
  roundTripMs: 0.42,
  lastGoodAgoMs: 310,
  dead: null,
  loss: 0,
  hold: null,
  flaps: 0,
  route: null,
};
const DOWN: PathView = {
  network: "B",
  address: "192.168.2.2",
  health: "down",
  cause: { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 3100 },
  misses: 4,
  good: 0,
  roundTripMs: null,
  lastGoodAgoMs: null,
  dead: null,
  loss: null,
  hold: null,
  flaps: 0,
  route: { address: "192.168.2.2", gateway: "192.168.1.2", interfaceName: "eth1" },
};

function snapshot(changes: Partial<Snapshot>): Snapshot {
  return { node: "node1", networks: [], peers: [], degraded: null, counters: {}, ...changes };
}

function texts(changes: Partial<Snapshot>): string[] {
  return snapshotRecords(snapshot(changes)).map(({ text }) => text);
}

Deno.test("the state is a line for the node, one for each network and one for each path", () => {
  const B = { ...A, name: "B", interfaceName: "eth2", address: "192.168.2.1" };
  const networks = [A, { ...B, usable: false, reason: "no carrier" }];
  const peers = [{ node: "node2", requestor: true, stopping: false, paths: [UP, DOWN] }];
  const counters = { packets_sent: 17, worst_lateness_ms: 1.25 };
  assertEquals(texts({ networks, peers, counters }), [
    "state of node1: all routes are as wanted; packets_sent 17, worst_lateness_ms 1.3",
    "state of A: eth1, 192.168.1.1/24, usable",
    "state of B: eth2, 192.168.2.1/24, unusable, no carrier",
    "state of node2 on A (192.168.1.2): up, last good 310 ms ago, round trip 0.4 ms, " +
    "loses 0 % of the last inquiries, 12 good and 0 missed in a row; goes over A",
    "state of node2 on B (192.168.2.2): down (answers missed), never heard, " +
    "0 good and 4 missed in a row; goes via 192.168.1.2 dev eth1",
  ]);
});

Deno.test("a degraded node says why", () => {
  const [line] = texts({ degraded: "ip ended with exit status 1", counters: { repairs: 2 } });
  assertEquals(
    line,
    "state of node1: degraded, not all routes are as wanted: ip ended with exit status 1; repairs 2",
  );
});

/** The line of one path of node2. */
function pathText(path: PathView, stopping = false): string | undefined {
  return texts({ peers: [{ node: "node2", requestor: true, stopping, paths: [path] }] })[1];
}

Deno.test("a path that is down says which way is dead, as far as that is known", () => {
  const ways = {
    "to-peer": "down (answers missed; what we send to it does not arrive), never heard",
    "from-peer": "down (answers missed; what it sends does not arrive), never heard",
    "both": "down (answers missed; nothing arrives either way), never heard",
  } as const;
  for (const [dead, said] of Object.entries(ways)) {
    const line = pathText({ ...DOWN, dead: dead as keyof typeof ways });
    assert(line?.includes(said), line);
  }
});

Deno.test("a held path says what keeps its traffic, and how often it failed is said once", () => {
  const route = { address: "192.168.1.2", gateway: "192.168.2.2", interfaceName: "eth2" };
  const flapping = { kind: "flapping", flaps: 4, holdMs: 9000 } as const;
  const held = { ...UP, loss: 0.07, flaps: 4, hold: flapping, route };
  assertEquals(
    pathText(held),
    "state of node2 on A (192.168.1.2): up, last good 310 ms ago, round trip 0.4 ms, " +
      "loses 7 % of the last inquiries, 12 good and 0 missed in a row; " +
      "goes via 192.168.2.2 dev eth2; its traffic returns to A when up there for 9 s, " +
      "or at faild failback: it went down there 4 times lately",
  );
  assertEquals(
    pathText({ ...held, loss: null, hold: { kind: "manual" } }),
    "state of node2 on A (192.168.1.2): up, last good 310 ms ago, round trip 0.4 ms, " +
      "went down 4 times lately, 12 good and 0 missed in a row; " +
      "goes via 192.168.2.2 dev eth2; its traffic returns to A at faild failback: " +
      "failback is manual",
  );
});

Deno.test("the paths of a node that stops say so", () => {
  assertEquals(
    pathText(UP, true),
    "state of node2 on A (192.168.1.2): up, it said that it stops, last good 310 ms ago, " +
      "round trip 0.4 ms, loses 0 % of the last inquiries, 12 good and 0 missed in a row; " +
      "goes over A",
  );
});

Deno.test("programs find which way is dead, loss, hold, flaps and the goodbye as fields", () => {
  const hold = { kind: "lossy", loss: 0.12 } as const;
  const path: PathView = { ...DOWN, dead: "to-peer", loss: 0.25, hold, flaps: 2 };
  const peers = [{ node: "node2", requestor: true, stopping: true, paths: [path] }];
  const fields = snapshotRecords(snapshot({ peers }))[1]?.fields;
  const keys = ["dead", "loss", "hold", "flaps", "stopping"];
  assertEquals(keys.map((key) => fields?.[key]), ["to-peer", 0.25, hold, 2, true]);
});

Deno.test("programs find the whole state in the fields", () => {
  const peers = [{ node: "node2", requestor: true, stopping: false, paths: [UP, DOWN] }];
  const [node, network, up, down] = snapshotRecords(
    snapshot({ networks: [A], peers, counters: { repairs: 2 } }),
  );
  assertEquals(node?.fields, { node: "node1", degraded: null, counters: { repairs: 2 } });
  assertEquals([network?.fields["network"], network?.fields["usable"]], ["A", true]);
  assertEquals(up?.fields, {
    node: "node2",
    ...UP,
    cause: null,
    stopping: false,
    route: null,
  });
  assertEquals([down?.fields["cause"], down?.fields["route"]], ["missed", { ...DOWN.route }]);
  for (const each of [node, network, up, down]) {
    assertEquals([each?.level, each?.event], ["info", "state"]);
  }
});

Deno.test("a name from outside cannot break a line", () => {
  const peers = [{ node: "x\n\u001b[2J\u202e", requestor: false, stopping: false, paths: [UP] }];
  const lines = texts({ peers });
  assertEquals(lines.length, 2);
  for (const line of lines) assert(!/[\p{Cc}\p{Cf}]/u.test(line), line);
});
