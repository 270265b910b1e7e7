import type { LogLevel } from "../../lib/config/options.ts";
import type { Notice } from "../../lib/core/types.ts";
import { GOLDEN_NODE_LINES } from "./golden_node_lines.ts";
import { GOLDEN_PATH_LINES } from "./golden_path_lines.ts";

/** What is told, how heavy it is, and how it reads. */
export type GoldenLine = readonly [Notice, LogLevel, string];

/** All of them; every kind of notice has one at least. */
export const GOLDEN_LINES: readonly GoldenLine[] = [
  ...GOLDEN_PATH_LINES,
  ...GOLDEN_NODE_LINES,
  [
    {
      kind: "network-ready",
      network: {
        name: "A",
        interfaceName: "eth1",
        family: 4,
        address: "192.168.1.1",
        prefixLength: 24,
        broadcast: "192.168.1.255",
        usable: true,
      },
    },
    "info",
    "A is ready: eth1, 192.168.1.1/24, broadcast 192.168.1.255",
  ],
  [
    { kind: "network-unusable", network: "A", reason: "no carrier" },
    "warning",
    "A is unusable, no carrier: all its paths are down until it is back",
  ],
  [
    { kind: "network-drained", network: "A" },
    "info",
    "A is drained: its traffic goes over other networks, where there are any, " +
    "until it is taken into use again (faild undrain)",
  ],
  [
    { kind: "network-undrained", network: "A" },
    "info",
    "A is drained no longer: its traffic returns as its paths prove good",
  ],
  [
    { kind: "network-gone", network: "A", address: "192.168.1.1" },
    "warning",
    "A is gone, no interface for it has 192.168.1.1: used again as soon as it is back",
  ],
  [
    { kind: "network-problem", problem: { name: "B", reason: "there is no interface eth7" } },
    "warning",
    "B cannot be used, there is no interface eth7: it is tried again",
  ],
  [
    { kind: "no-network" },
    "warning",
    "No network to work on: waiting for an interface that is up and has an IPv4 address and a " +
    "broadcast address",
  ],
  [
    {
      kind: "network-silent",
      network: "A",
      peers: 12,
      cause: { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 161 },
      moved: 10,
      stayed: 2,
      refused: 0,
      tookMs: 3,
    },
    "warning",
    "A is silent, all its 12 peers went down together: rather its fault than theirs; " +
    "of the first: 3 inquiries unanswered, last answer 161 ms ago; " +
    "10 routes moved to other networks, applied in 3 ms; 2 unmoved for want of another network",
  ],
  [
    {
      kind: "network-silent",
      network: "A",
      peers: 3,
      cause: { kind: "own-network", reason: "no carrier" },
      moved: 1,
      stayed: 0,
      refused: 2,
      tookMs: null,
    },
    "error",
    "A is silent, all its 3 peers went down together: our own interface is unusable, no carrier; " +
    "1 route moved to other networks, not confirmed by the kernel yet; " +
    "2 refused by the kernel and tried again",
  ],
  [
    {
      kind: "network-heard",
      network: "A",
      peers: 12,
      restored: 10,
      held: 2,
      refused: 0,
      downMs: 12_300,
      tookMs: 3,
    },
    "info",
    "A is heard again, all its 12 peers are up, was silent 12.3 s; 10 routes restored, " +
    "applied in 3 ms; 2 held elsewhere (faild status says why, faild failback calls them back)",
  ],
  [
    {
      kind: "network-heard",
      network: "A",
      peers: 3,
      restored: 0,
      held: 0,
      refused: 0,
      downMs: 12_300,
      tookMs: null,
    },
    "info",
    "A is heard again, all its 3 peers are up, was silent 12.3 s; no route changes",
  ],
  [
    {
      kind: "network-heard",
      network: "A",
      peers: 3,
      restored: 2,
      held: 0,
      refused: 1,
      downMs: 12_300,
      tookMs: 3,
    },
    "error",
    "A is heard again, all its 3 peers are up, was silent 12.3 s; 2 routes restored, " +
    "applied in 3 ms; 1 refused by the kernel and tried again",
  ],
  [
    {
      kind: "adopted",
      routes: [{
        address: "192.168.1.2",
        gateway: "192.168.2.2",
        interfaceName: "eth2",
        source: "192.168.1.1",
      }],
    },
    "info",
    "1 route of the previous run kept until more is known: 192.168.1.2 via 192.168.2.2 on eth2",
  ],
  [
    { kind: "adopted-removed", address: "192.168.1.2", afterMs: 30_000 },
    "info",
    "192.168.1.2 goes over its own network again: its route of the previous run is removed, " +
    "nobody was heard there for 30 s",
  ],
  [
    {
      kind: "repaired",
      what: ["rule 3245 was missing", "route to 192.168.1.2 was missing"],
      tookMs: 1.6,
    },
    "warning",
    "Routes or rule were changed by somebody else, put back in 1.6 ms: rule 3245 was missing, " +
    "route to 192.168.1.2 was missing",
  ],
  [
    { kind: "degraded", reason: "ip ended with status 1", retryMs: 1000 },
    "error",
    "Degraded, ip ended with status 1: routes may not be as wanted, next try in 1 s",
  ],
  [
    { kind: "recovered", afterMs: 2500 },
    "info",
    "Recovered: routes are as wanted again after 2.5 s",
  ],
  [
    { kind: "foreign-routes", table: 245, count: 1 },
    "warning",
    "Routing table 245 has 1 route not made by faild, left alone although traffic may follow: " +
    "remove them or configure another routing.table",
  ],
  [
    { kind: "late", latenessMs: 2100, count: 1 },
    "warning",
    "We were 2.1 s late ourselves (machine busy or stopped): all counts start afresh, routes stay",
  ],
  [
    { kind: "late", latenessMs: 80, count: 12 },
    "warning",
    "We were 80 ms late ourselves (machine busy or stopped), 12 times since the last such line: " +
    "all counts start afresh, routes stay",
  ],
  [
    { kind: "late-round", latenessMs: 30, count: 1 },
    "info",
    "We were 30 ms late ourselves (machine busy) when peers were to be judged: " +
    "they are judged a little later, nobody is accused",
  ],
  [
    { kind: "late-round", latenessMs: 30, count: 12 },
    "info",
    "We were 30 ms late ourselves (machine busy) when peers were to be judged, 12 times since the " +
    "last such line: they are judged a little later, nobody is accused",
  ],
  [
    { kind: "send-failed", network: "A", reason: "Network is unreachable" },
    "warning",
    "Cannot send on A: Network is unreachable; tried again at the next inquiry",
  ],
  [
    {
      kind: "dropped",
      reason: "version unknown",
      value: "7",
      network: "A",
      from: "192.168.1.9",
      count: 12,
    },
    "info",
    "12 packets from 192.168.1.9 on A dropped: version unknown (7)",
  ],
  [
    {
      kind: "dropped",
      reason: "too short",
      value: "",
      network: "A",
      from: "192.168.1.9",
      count: 1,
    },
    "info",
    "1 packet from 192.168.1.9 on A dropped: too short",
  ],
  [
    {
      kind: "unauthenticated",
      reason: "unknown-key",
      value: "7",
      network: "A",
      from: "192.168.1.9",
      count: 12,
    },
    "warning",
    "12 packets from 192.168.1.9 on A used without a valid signature: unknown-key (7); " +
    "authentication is permissive, to enforce it would drop them",
  ],
];
