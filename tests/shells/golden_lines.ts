import type { DownCause, Notice, PathName, RouteAction } from "../../lib/core/types.ts";
import type { LogLevel } from "../../lib/config/options.ts";

const ON_A: PathName = { node: "node2", network: "A", address: "192.168.1.2" };
const ON_B: PathName = { node: "node2", network: "B", address: "192.168.2.2" };
const MOVED: RouteAction = {
  kind: "moved",
  address: "192.168.1.2",
  gateway: "192.168.2.2",
  network: "B",
};
const RESTORED: RouteAction = { kind: "restored", address: "192.168.1.2", network: "A" };
const STAYS: RouteAction = {
  kind: "stays",
  address: "192.168.2.2",
  why: "no network reaches node2",
};
const REFUSED: RouteAction = {
  kind: "refused",
  address: "192.168.1.2",
  reason: "RTNETLINK answers: Operation not permitted",
  retryMs: 500,
};

function missed(
  what: "answers" | "inquiries",
  count: number,
  lastGoodAgoMs: number | null,
): DownCause {
  return { kind: "missed", what, count, lastGoodAgoMs };
}

/** What is told, how heavy it is, and how it reads. */
export const GOLDEN_LINES: readonly (readonly [Notice, LogLevel, string])[] = [
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: missed("answers", 3, 161.2),
      actions: [MOVED],
      tookMs: 3.01234,
    },
    "warning",
    "node2 is down on A (192.168.1.2): 3 inquiries unanswered, last answer 161 ms ago; " +
    "192.168.1.2 now goes via 192.168.2.2 on B, applied in 3 ms",
  ],
  [
    {
      kind: "path-down",
      path: ON_B,
      cause: missed("answers", 1, null),
      actions: [STAYS],
      tookMs: null,
    },
    "warning",
    "node2 is down on B (192.168.2.2): 1 inquiry unanswered, it never answered; " +
    "192.168.2.2 stays as it is: no network reaches node2",
  ],
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: missed("inquiries", 3, 3100),
      actions: [MOVED],
      tookMs: null,
    },
    "warning",
    "node2 is down on A (192.168.1.2): 3 inquiries missing, last one 3.1 s ago; " +
    "192.168.1.2 now goes via 192.168.2.2 on B, not confirmed by the kernel yet",
  ],
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: missed("inquiries", 3, null),
      actions: [REFUSED],
      tookMs: 2,
    },
    "error",
    "node2 is down on A (192.168.1.2): 3 inquiries missing, none ever came; 192.168.1.2 could " +
    "not be changed (RTNETLINK answers: Operation not permitted), next try in 500 ms",
  ],
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: { kind: "own-network", reason: "no carrier" },
      actions: [],
      tookMs: null,
    },
    "warning",
    "node2 is down on A (192.168.1.2): our own interface is unusable, no carrier; no route changes",
  ],
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: { kind: "peer-deaf", lastGoodAgoMs: 40 },
      actions: [],
      tookMs: null,
    },
    "warning",
    "node2 is down on A (192.168.1.2): it does not hear us, we heard it 40 ms ago; no route changes",
  ],
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: { kind: "peer-deaf", lastGoodAgoMs: null },
      actions: [],
      tookMs: null,
    },
    "warning",
    "node2 is down on A (192.168.1.2): it does not hear us, nor we it; no route changes",
  ],
  [
    { kind: "path-down", path: ON_A, cause: { kind: "peer-network" }, actions: [], tookMs: null },
    "warning",
    "node2 is down on A (192.168.1.2): it says that its own interface is unusable; no route changes",
  ],
  [
    { kind: "path-down", path: ON_A, cause: { kind: "adopted" }, actions: [], tookMs: null },
    "warning",
    "node2 is down on A (192.168.1.2): a route of the previous run says so; no route changes",
  ],
  [
    {
      kind: "path-up",
      path: ON_A,
      good: 3,
      downMs: 12_300,
      roundTripMs: 0.41,
      actions: [RESTORED],
      tookMs: 2,
    },
    "info",
    "node2 is up on A (192.168.1.2): 3 good answers, round trip 0.4 ms, was down 12.3 s; " +
    "192.168.1.2 goes over A again, applied in 2 ms",
  ],
  [
    {
      kind: "path-up",
      path: ON_A,
      good: 1,
      downMs: 250_000,
      roundTripMs: null,
      actions: [REFUSED],
      tookMs: null,
    },
    "error",
    "node2 is up on A (192.168.1.2): 1 good packet, was down 4 min 10 s; 192.168.1.2 could not be " +
    "changed (RTNETLINK answers: Operation not permitted), next try in 500 ms",
  ],
  [
    { kind: "rerouted", path: ON_A, why: "better-path", actions: [MOVED], tookMs: 4 },
    "info",
    "node2 is still down on A (192.168.1.2), and there is a better way now; " +
    "192.168.1.2 now goes via 192.168.2.2 on B, applied in 4 ms",
  ],
  [
    { kind: "rerouted", path: ON_A, why: "own-address", actions: [MOVED], tookMs: 4 },
    "info",
    "Our own address on A came, went or changed; " +
    "192.168.1.2 now goes via 192.168.2.2 on B, applied in 4 ms",
  ],
  [
    { kind: "node-found", path: ON_A, requestor: true },
    "info",
    "node2 found on A (192.168.1.2): requestor and responder",
  ],
  [
    { kind: "node-found", path: ON_A, requestor: false },
    "info",
    "node2 found on A (192.168.1.2): responder only",
  ],
  [
    { kind: "node-restarted", node: "node2", address: "192.168.1.2" },
    "info",
    "node2 (192.168.1.2) has restarted: it is still the same node",
  ],
  [
    { kind: "address-gone", path: ON_A },
    "warning",
    "node2 no longer has 192.168.1.2 on A: used again as soon as it is back",
  ],
  [
    { kind: "address-conflict", address: "192.168.1.2", nodes: ["node2", "node3"] },
    "error",
    "192.168.1.2 is claimed by two nodes, node2 and node3: give one of them another address",
  ],
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
    { kind: "network-gone", network: "A", address: "192.168.1.1" },
    "warning",
    "A is gone, no interface has 192.168.1.1: used again as soon as it is back",
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
    { kind: "node-forgotten", node: "node2", silentMs: 3_600_000 },
    "info",
    "node2 was silent for 1 h and is forgotten until it is heard",
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
];
