/** What came of asking who is there: the words in which the probe tells it. Every number in it is final or of now. */
import type { Address, Ms, NetworkName } from "./types.ts";

/** Round-trip times of one path, in ms. */
export interface RoundTrips {
  readonly minMs: Ms;
  readonly meanMs: Ms;
  readonly maxMs: Ms;
}

/** Why a node counts as missing on a path. */
export type Absence =
  | { readonly kind: "no-answer" }
  /** It did not answer us, though the daemon of this host, which asks from its own port, holds the path for up. */
  | { readonly kind: "held-up" }
  /** It did answer, though the daemon holds the path for down: the answers come by another network. */
  | { readonly kind: "held-down" }
  /** The peer says that its interface is down, drained, or has no carrier. */
  | { readonly kind: "peer-network" }
  /** We could not ask there. */
  | { readonly kind: "own-network"; readonly reason: string };

/** One address of a node, on one network. */
export interface ProbedPath {
  readonly network: NetworkName;
  readonly address: Address;
  /** Inquiries that this address could have answered, and that are not open any more. */
  readonly asked: number;
  readonly answered: number;
  /** Null: there was no answer. */
  readonly roundTrips: RoundTrips | null;
  /** Null: the node answered here, and nothing is known against it. */
  readonly absence: Absence | null;
}

/** One node. */
export interface ProbedNode {
  readonly name: string;
  /** Null: it never answered. */
  readonly says: NodeWords | null;
  /** In the order of the networks. Empty: it was asked for by a name that nobody has. */
  readonly paths: readonly ProbedPath[];
}

/** What a node says of itself. */
export interface NodeWords {
  readonly requestor: boolean;
  readonly intervalMs: Ms;
  readonly failAfter: number;
}

/** One network of ours. */
export interface ProbedNetwork {
  readonly name: NetworkName;
  readonly interfaceName: string;
  readonly address: Address;
  readonly prefixLength: number;
  /** Why nothing could be asked there; null: it could. */
  readonly problem: string | null;
  /** Inquiries that were sent to all. */
  readonly asked: number;
  /** Nodes that answered. */
  readonly nodes: number;
}

/** Answers that were not used, of one kind and from one address. */
export interface ProbeDrop {
  readonly reason: string;
  readonly value: string;
  readonly network: NetworkName;
  readonly from: Address;
  readonly count: number;
}

/** All of it. */
export interface ProbeReport {
  readonly networks: readonly ProbedNetwork[];
  readonly nodes: readonly ProbedNode[];
  /** Names of nodes that answered and were not asked for, in order. */
  readonly others: readonly string[];
  readonly drops: readonly ProbeDrop[];
  /** Whether all nodes answered on all their networks, some were missing, or nobody answered at all. */
  readonly verdict: "complete" | "missing" | "nobody";
}

/** What the nodes of a report say together; `others` answered too, and were not asked for. */
export function verdictOf(
  nodes: readonly ProbedNode[],
  others: readonly string[],
): ProbeReport["verdict"] {
  const paths = nodes.flatMap((node) => node.paths);
  if (others.length === 0 && !paths.some(({ answered }) => answered > 0)) return "nobody";
  const isComplete = paths.every((path) => path.absence === null) &&
    nodes.every((node) => node.paths.length > 0);
  return isComplete ? "complete" : "missing";
}

/**
 * The report in the light of what the daemon of this host knows. It asks from its own port: its inquiries go, and their
 * answers come, by the network that is asked on, and firewalls know that port.
 *
 * @param held what it holds of addresses of peers
 */
export function inLightOf(
  held: ReadonlyMap<Address, "up" | "down">,
  report: ProbeReport,
): ProbeReport {
  const nodes = report.nodes.map((node) => {
    const paths = node.paths.map((path): ProbedPath => {
      const health = held.get(path.address);
      if (path.absence === null && health === "down") {
        return { ...path, absence: { kind: "held-down" } };
      }
      const isUp = path.absence?.kind === "no-answer" && health === "up";
      return isUp ? { ...path, absence: { kind: "held-up" } } : path;
    });
    return { ...node, paths };
  });
  return { ...report, nodes, verdict: verdictOf(nodes, report.others) };
}
