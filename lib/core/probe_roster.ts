/** Whom the probe knows, on which addresses, and how they answered. */
import { contains, type Subnet, subnetOf } from "./address.ts";
import type { Packet } from "./packet.ts";
import type { Absence, NodeWords, ProbedNode, ProbedPath } from "./probe_report.ts";
import type { Address, Ms, Network, NetworkName } from "./types.ts";

/** A network on which is asked. */
export interface ProbeLan {
  readonly network: Network;
  readonly subnet: Subnet;
  /** Why nothing can be asked there; null: nothing prevents it. */
  problem: string | null;
  /** Answers to the last inquiry there. */
  answers: number;
  /** Inquiries sent there. */
  asked: number;
  /** Those of them whose answers were waited for long enough, and that count for all. */
  judged: number;
}

/** A node, be it that it answered or that it was named beforehand. */
export interface Known {
  name: string;
  /** Null: it never answered. */
  says: NodeWords | null;
  /** Whether it is to be told of. */
  isWanted: boolean;
}

/** An address of a node. */
export interface KnownPath {
  readonly network: NetworkName;
  readonly address: Address;
  node: Known;
  /** What the node said last of its interface; true until it said anything. */
  usable: boolean;
  /** Inquiries that it answered. */
  answered: number;
  /** Those of them that count for none that did not answer. */
  askedApart: number;
  minMs: Ms;
  sumMs: Ms;
  maxMs: Ms;
}

/** Addresses that are remembered: more than any LANs have that anybody looks at. */
const MOST_PATHS = 16_384;

/** The network as it is before anything was asked there. */
export function probeLanOf(network: Network): ProbeLan {
  const { address, prefixLength, usable, reason } = network;
  const problem = usable ? null : reason ?? "not usable";
  return {
    network,
    subnet: subnetOf(address, prefixLength),
    problem,
    answers: 0,
    asked: 0,
    judged: 0,
  };
}

/** The nodes and their addresses. */
export class ProbeRoster {
  readonly paths = new Map<Address, KnownPath>();
  readonly #lans: readonly ProbeLan[];
  readonly #wanted: ReadonlySet<string>;
  readonly #byBoot = new Map<bigint, Known>();

  /** `wanted` has the names and addresses of those that are of interest; empty: all are. */
  constructor(lans: readonly ProbeLan[], wanted: readonly string[]) {
    this.#lans = lans;
    this.#wanted = new Set(wanted);
  }

  /** Takes note of a node that is known beforehand, or to others. What is known of it by then is left as it is. */
  expect(name: string, addresses: readonly Address[]): void {
    const [found] = addresses.flatMap((address) => this.paths.get(address)?.node ?? []);
    const node = found ?? this.#known(name);
    // Some are called by an address for want of a name.
    if (node.says === null && !addresses.includes(name)) node.name = name;
    node.isWanted ||= this.#wanted.has(name);
    for (const address of addresses) {
      if (!this.paths.has(address)) this.#claim(node, address);
    }
  }

  /**
   * Takes in what an answer says of its sender; returns the path that it came by, null where that is none of ours, or
   * where too many are known.
   */
  meet(packet: Packet): KnownPath | null {
    const { source, boot, name, requestor, intervalMs, failAfter } = packet;
    const node = this.#byBoot.get(boot) ?? this.paths.get(source)?.node ?? this.#known(name);
    this.#byBoot.set(boot, node);
    node.name = name;
    node.says = { requestor, intervalMs, failAfter };
    node.isWanted ||= this.#wanted.has(name);
    for (const { address, usable } of packet.interfaces) {
      const path = this.#claim(node, address);
      if (path !== null) path.usable = usable;
    }
    const path = this.paths.get(source) ?? null;
    // Whoever answers from an address has it.
    if (path !== null) path.node = node;
    return path;
  }

  /** An inquiry that an address answered counts for it, and for none that did not. */
  countApart(address: Address): void {
    const path = this.paths.get(address);
    if (path !== undefined) path.askedApart += 1;
  }

  /**
   * All nodes of interest, with those that are wanted and nobody is.
   *
   * @param askedOf how many inquiries a path could have answered
   */
  nodes(askedOf: (path: KnownPath) => number): ProbedNode[] {
    const order = new Map(this.#lans.map(({ network }, i) => [network.name, i]));
    const place = ({ network }: ProbedPath) => order.get(network) ?? 0;
    const paths = new Map<Known, ProbedPath[]>();
    for (const path of this.paths.values()) {
      if (!path.node.isWanted) continue;
      const list = paths.get(path.node) ?? [];
      list.push(this.#pathReport(path, askedOf(path)));
      paths.set(path.node, list);
    }
    const found = [...paths].map(([{ name, says }, list]): ProbedNode => {
      return { name, says, paths: list.sort((a, b) => place(a) - place(b)) };
    });
    const names = new Set(
      found.flatMap(({ name, paths }) => [name, ...paths.map((p) => p.address)]),
    );
    const absent = [...this.#wanted].filter((each) => !names.has(each));
    return [...found, ...absent.map((name) => ({ name, says: null, paths: [] }))];
  }

  /** The names of those who answered and are of no interest. */
  others(): string[] {
    const known = new Set([...this.paths.values()].map(({ node }) => node));
    return [...known].filter(({ says, isWanted }) => says !== null && !isWanted)
      .map(({ name }) => name);
  }

  #known(name: string): Known {
    return { name, says: null, isWanted: this.#wanted.size === 0 || this.#wanted.has(name) };
  }

  /** The path of a node to an address that it is said to have; null: that is on no network on which is asked. */
  #claim(node: Known, address: Address): KnownPath | null {
    const lan = this.#lans.find(({ subnet }) => contains(subnet, address));
    if (lan === undefined || isReserved(lan, address)) return null;
    const known = this.paths.get(address);
    if (known === undefined && this.paths.size >= MOST_PATHS) return null;
    // Of two that only list it the later is believed.
    if (known !== undefined && known.answered > 0 && known.node !== node) return null;
    const path = known ?? newPath(lan.network.name, address, node);
    path.node = node;
    node.isWanted ||= this.#wanted.has(address);
    this.paths.set(address, path);
    return path;
  }

  #pathReport(path: KnownPath, asked: number): ProbedPath {
    const { network, address, answered, minMs, sumMs, maxMs } = path;
    const roundTrips = answered === 0 ? null : { minMs, meanMs: sumMs / answered, maxMs };
    const absence = answered === 0 ? this.#absence(path) : null;
    return { network, address, asked, answered, roundTrips, absence };
  }

  #absence({ network, usable }: KnownPath): Absence {
    const problem = this.#lans.find((each) => each.network.name === network)?.problem ?? null;
    if (problem !== null) return { kind: "own-network", reason: problem };
    return { kind: usable ? "no-answer" : "peer-network" };
  }
}

/** Addresses that no peer can have: ours, the subnet's own and its broadcast address. */
function isReserved({ network, subnet }: ProbeLan, address: Address): boolean {
  return address === network.address || address === network.broadcast || address === subnet.network;
}

function newPath(network: NetworkName, address: Address, node: Known): KnownPath {
  return {
    network,
    address,
    node,
    usable: true,
    answered: 0,
    askedApart: 0,
    minMs: Infinity,
    sumMs: 0,
    maxMs: 0,
  };
}
