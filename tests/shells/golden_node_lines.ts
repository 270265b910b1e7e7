import type { PathName } from "../../lib/core/types.ts";
import type { GoldenLine } from "./golden_lines.ts";

const ON_A: PathName = { node: "node2", network: "A", address: "192.168.1.2" };

/** The lines about nodes. */
export const GOLDEN_NODE_LINES: readonly GoldenLine[] = [
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
    { kind: "address-conflict", address: "192.168.1.2", nodes: ["node2", "node3"] },
    "error",
    "192.168.1.2 is claimed by two nodes, node2 and node3: give one of them another address",
  ],
  [
    { kind: "node-removed", node: "node2", why: "not-configured" },
    "info",
    "node2 is forgotten: it is no configured peer any more; if broadcast reaches it, it is found again",
  ],
  [
    { kind: "node-removed", node: "node2", why: "not-allowed" },
    "info",
    "node2 is forgotten: the list allow does not have it any more",
  ],
  [
    { kind: "node-unjudged", node: "node2" },
    "warning",
    "Neither node2 nor this host sends inquiries any more: nobody judges the paths between them, " +
    "and nothing is moved until one of the two is a requestor",
  ],
  [
    { kind: "node-forgotten", node: "node2", silentMs: 3_600_000 },
    "info",
    "node2 was silent for 1 h and is forgotten until it is heard",
  ],
  [
    { kind: "node-stopping", node: "node2", graceMs: 60_000 },
    "info",
    "node2 stops, as it says: for 1 min its silence is no fault and our routes to it stay as they are",
  ],
  [
    { kind: "node-not-back", node: "node2", afterMs: 60_000 },
    "warning",
    "node2 said that it stops and is not back after 1 min: from now on its silence is a fault",
  ],
  [
    { kind: "same-name", name: "node2", address: "192.168.1.2", other: "192.168.1.9" },
    "warning",
    "node2 is the name of two nodes, 192.168.1.2 and 192.168.1.9: they are told apart by their " +
    "addresses, but log lines mislead, configure another name (node) for one of them",
  ],
  [
    { kind: "same-name", name: "node1", address: "192.168.1.9", other: null },
    "warning",
    "node1 is our own name and that of 192.168.1.9: they are told apart by their addresses, " +
    "but log lines mislead, configure another name (node) for one of them",
  ],
  [
    {
      kind: "timing-differs",
      node: "node2",
      intervalMs: 2000,
      failAfter: 5,
      ownIntervalMs: 1000,
      ownFailAfter: 3,
    },
    "info",
    "node2 has interval 2 s and fail-after 5, we have 1 s and 3: harmless, " +
    "its inquiries are judged by its own values",
  ],
  [
    { kind: "one-network", path: ON_A },
    "warning",
    "node2 is on A (192.168.1.2) only and on no other network of ours: " +
    "nothing can take over its traffic if that fails",
  ],
];
