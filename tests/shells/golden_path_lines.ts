import type { DownCause, PathName, RouteAction } from "../../lib/core/types.ts";
import type { GoldenLine } from "./golden_lines.ts";

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

/** The lines about paths. */
export const GOLDEN_PATH_LINES: readonly GoldenLine[] = [
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
    "node2 is down on A (192.168.1.2): it says that it does not hear us, last good packet 40 ms ago; no route changes",
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
    "node2 is down on A (192.168.1.2): it says that it does not hear us, nor we it; no route changes",
  ],
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: { kind: "peer-unanswered", lastGoodAgoMs: 40 },
      actions: [],
      tookMs: null,
    },
    "warning",
    "node2 is down on A (192.168.1.2): it says that we do not answer it, last good packet 40 ms ago; no route changes",
  ],
  [
    { kind: "path-down", path: ON_A, cause: { kind: "peer-network" }, actions: [], tookMs: null },
    "warning",
    "node2 is down on A (192.168.1.2): it says that its own interface is unusable; no route changes",
  ],
  [
    { kind: "path-down", path: ON_A, cause: { kind: "peer-drained" }, actions: [], tookMs: null },
    "info",
    "node2 has drained A (192.168.1.2) there for maintenance; no route changes",
  ],
  [
    {
      kind: "path-down",
      path: ON_A,
      cause: { kind: "peer-drained" },
      actions: [{ kind: "stays", address: "192.168.1.2", why: "no other network is known" }],
      tookMs: null,
    },
    "warning",
    "node2 has drained A (192.168.1.2) there for maintenance; " +
    "192.168.1.2 stays as it is: no other network is known",
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
      hold: null,
      actions: [RESTORED],
      tookMs: 2,
    },
    "info",
    "node2 is up on A (192.168.1.2): 3 good packets, round trip 0.4 ms, was down 12.3 s; " +
    "192.168.1.2 goes over A again, applied in 2 ms",
  ],
  [
    {
      kind: "path-up",
      path: ON_A,
      good: 1,
      downMs: 250_000,
      roundTripMs: null,
      hold: null,
      actions: [REFUSED],
      tookMs: null,
    },
    "error",
    "node2 is up on A (192.168.1.2): 1 good packet, was down 4 min 10 s; 192.168.1.2 could not be " +
    "changed (RTNETLINK answers: Operation not permitted), next try in 500 ms",
  ],
  [
    {
      kind: "path-up",
      path: ON_A,
      good: 3,
      downMs: 12_300,
      roundTripMs: 0.41,
      hold: { kind: "flapping", flaps: 4, holdMs: 9000 },
      actions: [],
      tookMs: null,
    },
    "info",
    "node2 is up on A (192.168.1.2): 3 good packets, round trip 0.4 ms, was down 12.3 s; " +
    "no route changes; its traffic returns to A when up there for 9 s, or at faild failback: it went down there 4 times lately",
  ],
  [
    {
      kind: "path-up",
      path: ON_A,
      good: 3,
      downMs: 12_300,
      roundTripMs: 0.41,
      hold: { kind: "after", holdMs: 300_000 },
      actions: [],
      tookMs: null,
    },
    "info",
    "node2 is up on A (192.168.1.2): 3 good packets, round trip 0.4 ms, was down 12.3 s; " +
    "no route changes; its traffic returns to A when up there for 5 min, or at faild failback: failback is configured so",
  ],
  [
    {
      kind: "path-up",
      path: ON_A,
      good: 3,
      downMs: 12_300,
      roundTripMs: 0.41,
      hold: { kind: "manual" },
      actions: [],
      tookMs: null,
    },
    "info",
    "node2 is up on A (192.168.1.2): 3 good packets, round trip 0.4 ms, was down 12.3 s; " +
    "no route changes; its traffic returns to A at faild failback: failback is manual",
  ],
  [
    {
      kind: "path-up",
      path: ON_A,
      good: 3,
      downMs: 12_300,
      roundTripMs: 0.41,
      hold: { kind: "lossy", loss: 0.12 },
      actions: [MOVED],
      tookMs: 4,
    },
    "info",
    "node2 is up on A (192.168.1.2): 3 good packets, round trip 0.4 ms, was down 12.3 s; " +
    "192.168.1.2 now goes via 192.168.2.2 on B, applied in 4 ms; its traffic returns to A when less is lost there: 12 % of the last inquiries now",
  ],
  [
    {
      kind: "path-lossy",
      path: ON_A,
      loss: 0.34,
      by: "us",
      other: { network: "B", loss: 0 },
      actions: [MOVED],
      tookMs: 3,
    },
    "warning",
    "node2 on A (192.168.1.2) loses 34 % of the last inquiries, B 0 %; " +
    "192.168.1.2 now goes via 192.168.2.2 on B, applied in 3 ms, until A loses less",
  ],
  [
    {
      kind: "path-lossy",
      path: ON_A,
      loss: 0.34,
      by: "peer",
      other: { network: "B", loss: 0.004 },
      actions: [REFUSED],
      tookMs: null,
    },
    "error",
    "node2 on A (192.168.1.2) loses 34 % of the last inquiries by its own count, B under 1 %; " +
    "192.168.1.2 could not be changed (RTNETLINK answers: Operation not permitted), next try in 500 ms",
  ],
  [
    {
      kind: "path-lossy",
      path: ON_A,
      loss: 0.34,
      by: "us",
      other: null,
      actions: [],
      tookMs: null,
    },
    "warning",
    "node2 on A (192.168.1.2) loses 34 % of the last inquiries, no other network is better; " +
    "no route changes",
  ],
  [
    { kind: "path-clean", path: ON_A, loss: 0.02, hold: null, actions: [RESTORED], tookMs: 2 },
    "info",
    "node2 on A (192.168.1.2) is good again, it loses 2 % of the last inquiries; " +
    "192.168.1.2 goes over A again, applied in 2 ms",
  ],
  [
    {
      kind: "path-clean",
      path: ON_A,
      loss: 0.02,
      hold: { kind: "manual" },
      actions: [],
      tookMs: null,
    },
    "info",
    "node2 on A (192.168.1.2) is good again, it loses 2 % of the last inquiries; " +
    "no route changes; its traffic returns to A at faild failback: failback is manual",
  ],
  [
    { kind: "one-way", path: ON_A, dead: "to-peer" },
    "warning",
    "node2 on A (192.168.1.2) is dead one way only: what we send to it does not arrive " +
    "(its own word), what it sends does; look for a bad cable, switch port or packet filter that way, or for keys that differ",
  ],
  [
    { kind: "one-way", path: ON_A, dead: "from-peer" },
    "warning",
    "node2 on A (192.168.1.2) is dead one way only: what it sends does not arrive, " +
    "what we send to it does (it misses nothing); " +
    "look for a bad cable, switch port or packet filter that way",
  ],
  [
    { kind: "rerouted", path: ON_A, why: "better-path", actions: [MOVED], tookMs: 4 },
    "info",
    "There is a better way now for node2 on A (192.168.1.2); " +
    "192.168.1.2 now goes via 192.168.2.2 on B, applied in 4 ms",
  ],
  [
    { kind: "rerouted", path: ON_A, why: "own-address", actions: [MOVED], tookMs: 4 },
    "info",
    "Our own address on A came, went or changed; " +
    "192.168.1.2 now goes via 192.168.2.2 on B, applied in 4 ms",
  ],
  [
    { kind: "rerouted", path: ON_A, why: "hold-ended", actions: [RESTORED], tookMs: 2 },
    "info",
    "The traffic of node2 on A (192.168.1.2) is held elsewhere no longer; " +
    "192.168.1.2 goes over A again, applied in 2 ms",
  ],
  [
    { kind: "rerouted", path: ON_A, why: "unjudged", actions: [RESTORED], tookMs: 2 },
    "info",
    "Nobody judges the paths to node2 on A (192.168.1.2) any more; " +
    "192.168.1.2 goes over A again, applied in 2 ms",
  ],
  [
    { kind: "rerouted", path: ON_A, why: "failback", actions: [RESTORED], tookMs: 2 },
    "info",
    "The traffic of node2 on A (192.168.1.2) was called back (faild failback); " +
    "192.168.1.2 goes over A again, applied in 2 ms",
  ],
  [
    { kind: "address-gone", path: ON_A },
    "warning",
    "node2 no longer has 192.168.1.2 on A: used again as soon as it is back",
  ],
];
