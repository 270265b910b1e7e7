/** What doctor concludes from what it finds, as tables. No permissions are needed. */
import { assert, assertEquals } from "@std/assert";
import { type Finding, fine, problem, untold, warning, worstOf } from "../../lib/core/diagnosis.ts";
import {
  type DaemonState,
  judgeOurs,
  judgeReversePath,
  judgeRules,
} from "../../lib/core/diagnosis_kernel.ts";
import {
  judgeCarrier,
  judgeMtu,
  judgeNetworks,
  judgeSubnets,
} from "../../lib/core/diagnosis_lan.ts";
import { judgeDaemon, judgePeers } from "../../lib/core/diagnosis_peers.ts";
import type { Link } from "../../lib/core/ip_json.ts";
import type { LinePlace } from "../../lib/core/line_loss.ts";
import type { ActualRoutes } from "../../lib/core/types.ts";
import { daemonTold, pathStatus, peerView } from "../shells/overviews.ts";
import { dead, networkOf, NOTHING_LEFT } from "./builders.ts";

const ROUTING = { table: 245, rulePriority: 3245, protocol: 245 };
const [A, B] = [networkOf("A"), networkOf("B")];

const levels = (findings: readonly Finding[]) => findings.map(({ level }) => level);
const text = ({ text }: Finding) => text;

/** Whatever is wrong comes with a way to mend it, and nothing else does. */
function assertMended(findings: readonly Finding[]): void {
  for (const { level, text, remedy } of findings) {
    assertEquals(remedy === null, level === "ok", text);
  }
}

Deno.test("All findings together are as bad as the worst of them", () => {
  const of = (...each: readonly Finding[]) => worstOf(each);
  const [ok, unknown] = [fine("keys", ""), untold("keys", "")];
  const [warned, wrong] = [warning("keys", "", null), problem("keys", "", null)];
  assertEquals([of(), of(ok), of(unknown, ok)], ["ok", "ok", "unknown"]);
  assertEquals([of(warned, unknown), of(ok, wrong, warned)], ["warning", "problem"]);
});

// ---------------------------------------------------------------------------------------- reverse paths

const netconf = (values: Readonly<Record<string, string>>) =>
  JSON.stringify(
    Object.entries(values).flatMap(([name, value]) => [
      { family: "inet", interface: name, rp_filter: value },
      { family: "inet6", interface: name },
    ]),
  );

const FILTERS: readonly (readonly [string, string, string])[] = [
  ["off", "off", "ok"],
  ["off", "loose", "ok"],
  ["off", "strict", "warning"],
  ["strict", "off", "warning"],
  ["strict", "strict", "warning"],
  ["strict", "loose", "ok"],
  ["loose", "strict", "ok"],
  ["loose", "off", "ok"],
  ["paranoid", "off", "unknown"],
];

for (const [all, own, level] of FILTERS) {
  Deno.test(`A reverse path filter that is ${all} for all and ${own} for an interface: ${level}`, () => {
    const findings = judgeReversePath(netconf({ all, eth1: own, lo: "strict" }), [A]);
    assertEquals(levels(findings), [level]);
    if (level !== "warning") return;
    assertEquals(findings[0]?.remedy, "sysctl -w net.ipv4.conf.eth1.rp_filter=2");
  });
}

Deno.test("Of several interfaces each with a strict filter is told of; an answer that is none cannot be judged", () => {
  const shown = netconf({ all: "off", eth1: "strict", eth2: "strict" });
  assertEquals(levels(judgeReversePath(shown, [A, B])), ["warning", "warning"]);
  assertEquals(levels(judgeReversePath(netconf({ all: "off", eth1: "off" }), [A, B])), [
    "ok",
    "unknown",
  ]);
  for (const each of ["", "{}", "[]x"]) {
    assertEquals(levels(judgeReversePath(each, [A])), ["unknown"]);
  }
  assertEquals(judgeReversePath(shown, []), []);
});

// ------------------------------------------------------------------------------------------------ rules

const LOCAL = { priority: 0, src: "all", table: "255" };
const OURS = {
  priority: 3245,
  not: null,
  src: "all",
  ipproto: "ipproto-17",
  dport: 32453,
  table: "245",
  protocol: "245",
};
const MAIN = { priority: 32766, src: "all", table: "254" };

const RULES: readonly (readonly [string, string, readonly object[]])[] = [
  ["only those of the kernel and ours", "ok", []],
  ["one behind ours", "ok", [{ priority: 10000, src: "all", fwmark: "0x1", table: "9" }]],
  ["one before ours for all traffic", "problem", [{ priority: 100, src: "all", table: "254" }]],
  ["one before ours for marked traffic", "warning", [
    { priority: 100, src: "all", fwmark: "0x1", table: "9" },
  ]],
  ["one before ours for one source", "warning", [
    { priority: 100, src: "10.0.0.0", srclen: 8, table: "9" },
  ]],
  ["one before ours of a virtual router", "warning", [
    { priority: 1000, src: "all", l3mdev: null },
  ]],
  ["one of ours from before, at another priority", "ok", [{ ...OURS, priority: 77 }]],
];

for (const [title, level, others] of RULES) {
  Deno.test(`The rules of others are judged: ${title}`, () => {
    const findings = judgeRules(JSON.stringify([LOCAL, OURS, ...others, MAIN]), ROUTING);
    assertEquals(levels(findings), [level]);
    assertMended(findings);
  });
}

Deno.test("A rule before ours is told in words, with what to do", () => {
  const shown = JSON.stringify([
    LOCAL,
    { priority: 1, src: "10.0.0.0", srclen: 8, dst: "10.1.0.0", dstlen: 16, table: "9" },
  ]);
  const [finding] = judgeRules(shown, ROUTING);
  assert(finding?.text.includes("Rule 1 (from 10.0.0.0/8 dst 10.1.0.0 dstlen 16 lookup 9)"));
  assert(finding?.remedy?.includes("ip rule add"));
  assertEquals(levels(judgeRules("", ROUTING)), ["unknown"]);
});

const route = { address: "10.1.0.2", gateway: "10.2.0.2", interfaceName: "eth2" };
const OURS_THERE: ActualRoutes = { rules: 1, routes: new Map([["10.1.0.2", route]]), foreign: 0 };
const STALE = { priority: 1, table: 9, inverted: true, udp: true };

const KERNELS: readonly (readonly [string, ActualRoutes, DaemonState, string])[] = [
  ["all is in place", OURS_THERE, "running", "ok"],
  ["a daemon runs and its rule is gone", { ...OURS_THERE, rules: 0 }, "running", "problem"],
  ["a daemon runs and its rule is there twice", { ...OURS_THERE, rules: 2 }, "running", "warning"],
  ["others use the table too", { ...OURS_THERE, foreign: 1 }, "running", "warning"],
  ["an old rule is left", { ...OURS_THERE, staleRules: [STALE] }, "running", "warning"],
  ["nothing is there, and nobody runs", NOTHING_LEFT, "stopped", "ok"],
  ["all is there, and nobody runs", OURS_THERE, "stopped", "problem"],
  [
    "an old rule is there, and nobody runs",
    { ...NOTHING_LEFT, staleRules: [STALE] },
    "stopped",
    "problem",
  ],
  ["all is there, and nobody knows who runs", OURS_THERE, "unknown", "unknown"],
];

for (const [title, actual, daemon, level] of KERNELS) {
  Deno.test(`Our own rule and routes are judged: ${title}`, () => {
    const finding = judgeOurs(actual, daemon, ROUTING);
    assertEquals(finding.level, level, finding.text);
    assertMended([finding]);
  });
}

// ------------------------------------------------------------------------------------------- interfaces

Deno.test("Without a second network no failover is possible, and without any nothing is", () => {
  assertEquals(levels(judgeNetworks([A, B], [])), ["ok"]);
  assertEquals(levels(judgeNetworks([A], [])), ["warning"]);
  assertEquals(levels(judgeNetworks([], [])), ["problem"]);
  const missing = judgeNetworks([A, B], [{ name: "C", reason: "there is no interface eth3" }]);
  assertEquals(levels(missing), ["problem", "ok"]);
  assertEquals(missing.map(text)[0], "Network C cannot be used: there is no interface eth3");
});

const link = (name: string, ...cidrs: readonly (readonly [string, number])[]): Link => ({
  index: 9,
  name,
  flags: [],
  addresses: cidrs.map(([address, prefixLength]) => {
    return { address, prefixLength, secondary: false, scope: 0 };
  }),
});

Deno.test("A subnet of another interface that overlaps one of ours is told of", () => {
  const own = link("eth1", ["10.1.0.1", 16], ["10.1.9.1", 24]);
  assertEquals(levels(judgeSubnets([own, link("lo", ["127.0.0.1", 8])], [A])), ["ok"]);
  assertEquals(levels(judgeSubnets([own, link("docker0", ["10.1.200.1", 24])], [A])), ["warning"]);
  assertEquals(levels(judgeSubnets([own, link("tun0", ["10.0.0.1", 8])], [A])), ["warning"]);
  assertEquals(levels(judgeSubnets([link("tun0", ["fd00::1", 8])], [A])), ["ok"]);
});

const counters = (name: string, rx: object, tx: object = {}) =>
  JSON.stringify([{ ifname: name, stats64: { rx, tx } }]);

Deno.test("Carriers that are gone or go often, and interfaces with errors, are told of", () => {
  const fineCounters = counters("eth1", { packets: 10, errors: 3 }, { carrier_changes: 5 });
  assertEquals(levels(judgeCarrier(fineCounters, [A])), ["ok"]);
  assertEquals(levels(judgeCarrier("[]", [A])), ["ok"]);
  assertEquals(levels(judgeCarrier(null, [A])), ["unknown"]);
  assertEquals(levels(judgeCarrier(fineCounters, [A, dead("B")])), ["problem"]);
  const flapping = counters("eth1", {}, { carrier_changes: 20 });
  assertEquals(levels(judgeCarrier(flapping, [A])), ["warning"]);
  const noisy = counters("eth1", { packets: 100_000, errors: 101 }, { packets: 1, errors: 99 });
  assertEquals(levels(judgeCarrier(noisy, [A])), ["warning"]);
  const large = counters("eth1", { packets: 10_000_000, errors: 1000 });
  assertEquals(levels(judgeCarrier(large, [A])), ["ok"]);
});

Deno.test("Networks whose packets may not be equally large are told of", () => {
  const shown = (...mtus: readonly unknown[]) =>
    JSON.stringify(mtus.map((mtu, i) => ({ ifname: `eth${i + 1}`, mtu })));
  assertEquals(judgeMtu(shown(1500, 1500, 65536), [A, B]).level, "ok");
  const finding = judgeMtu(shown(9000, 1500), [A, B]);
  assertEquals(finding.level, "warning");
  assertEquals(finding.remedy, "ip link set eth2 mtu 9000, or the others 1500");
  assertEquals(judgeMtu(shown(1500), [A, B]).level, "unknown");
  assertEquals(judgeMtu("", [A, B]).level, "unknown");
});

// ------------------------------------------------------------------------------------------------ peers

const TOLD = daemonTold({
  counters: { drops_own: 5, drops_version: 0 },
  peers: [
    peerView(2, [pathStatus()]),
    { ...peerView(3, [pathStatus({ address: "192.168.1.3" })]), requestor: false, intervalMs: 50 },
  ],
});

Deno.test("A daemon that works is fine; one that is short of something, or of another release, is told of", () => {
  assertEquals(levels(judgeDaemon(TOLD, "1.0.0")), ["ok"]);
  assertEquals(levels(judgeDaemon(TOLD, "1.0.1")), ["warning"]);
  const short = judgeDaemon({ ...TOLD, degraded: "ip fails", sockets: false }, "1.0.0");
  assertEquals(levels(short), ["problem", "problem"]);
  assertMended(short);
});

Deno.test("Lines that are lost are told of with their file, their number and why, and once again when it is over", () => {
  const of = (place: Partial<LinePlace>) => {
    const lines = [{ kind: "log", file: "/var/log/faild.log", lost: 3, trouble: null, ...place }];
    return judgeDaemon({ ...TOLD, lines: lines as readonly LinePlace[] }, "1.0.0");
  };
  const full = of({ trouble: "No space left on device" });
  assertEquals(levels(full), ["warning"]);
  assertEquals(
    full.map(text)[0],
    "The last line of the log in /var/log/faild.log could not be written: No space left on " +
      "device; 3 lines are missing there since the start",
  );
  assert(full[0]?.remedy?.startsWith("df -h /var/log; "), full[0]?.remedy ?? "");
  assert(of({ trouble: "x", file: "/faild.log" })[0]?.remedy?.startsWith("df -h /; "));
  const past = of({ kind: "events", lost: 1 });
  assertEquals(levels(past), ["warning"]);
  assert(past[0]?.text.startsWith("1 line is missing since the start in the events in /var/"));
  const closed = of({ file: null, trouble: "Broken pipe" });
  assert(closed[0]?.text.includes("log in standard error"));
  assertMended([...full, ...past, ...closed]);
  assertEquals(levels(of({ lost: 0 })), ["ok"]);
});

Deno.test("Hooks that failed are told of with their number", () => {
  const findings = judgeDaemon({ ...TOLD, counters: { hook_failures: 2 } }, "1.0.0");
  assertEquals(findings.map(text), ["2 runs of hooks failed or were dropped since the start"]);
  assertMended(findings);
  assertEquals(levels(findings), ["warning"]);
});

Deno.test("Peers of another version, key or interval are told of, each with what to do", () => {
  assertEquals(levels(judgePeers(TOLD)), ["ok"]);
  for (
    const drop of ["version", "unsigned", "unknown_key", "bad_signature", "not_allowed"]
  ) {
    const findings = judgePeers({ ...TOLD, counters: { [`drops_${drop}`]: 3 } });
    assertEquals(levels(findings), ["warning"], drop);
    assertMended(findings);
  }
  const other = Array.from({ length: 7 }, (_, i) => {
    return { ...peerView(i, []), intervalMs: 50 };
  });
  const [finding] = judgePeers({ ...TOLD, peers: other });
  assertEquals(finding?.level, "warning");
  assert(finding?.text.includes("node4 50 ms and 2 more"), finding?.text);
});

Deno.test("Nodes that share a name are told of with their addresses, whoever they are", () => {
  const twin = peerView(4, [pathStatus({ address: "192.168.1.4" })], "node2");
  const [finding, ...others] = judgePeers({ ...TOLD, peers: [...TOLD.peers, twin] });
  assertEquals([finding?.level, others], ["warning", []]);
  assert(
    finding?.text.startsWith("2 nodes are called node2 (192.168.1.2; 192.168.1.4): "),
    finding?.text,
  );
  const [own] = judgePeers({ ...TOLD, node: "node2" });
  assert(
    own?.text.startsWith("Another node is called node2 (192.168.1.2), and so is this one: "),
    own?.text,
  );
});

Deno.test("One is one: no sentence counts 1 peers, 1 routes, 1 rules or 1 packets", () => {
  const said = [
    ...judgePeers({ ...TOLD, peers: TOLD.peers.slice(0, 1) }),
    ...judgePeers({ ...TOLD, counters: { drops_version: 1 } }),
    ...(["running", "stopped", "unknown"] as const).map((each) =>
      judgeOurs(OURS_THERE, each, ROUTING)
    ),
    judgeOurs({ ...OURS_THERE, foreign: 1, staleRules: [STALE] }, "running", ROUTING),
  ].map(text).join("\n");
  assert(said.includes("1 peer is known, "), said);
  assert(said.includes("in place, with 1 route\n"), said);
  assert(said.includes("1 rule and 1 route of faild are in the kernel"), said);
  assert(!/\b1 (peers|routes|rules|packets|strays)\b/.test(said), said);
});
