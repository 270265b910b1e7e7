/**
 * Who is who: nodes, their paths, and which address belongs to whom.
 *
 * A name is a label: cloned machines share it. A node is known by its addresses, and while it runs by the boot
 * id in its packets, so that
 *   - a restarted daemon (new boot id, the same addresses) is the same node, with its health as it was;
 *   - an address that another node now sends from belongs to the sender, whoever had it before;
 *   - an address that a node only claims stays with the node that was heard from it, while that one is alive.
 */
import { compareAddresses, parseV4 } from "./address.ts";
import { FlapScore } from "./flap_score.ts";
import { LossWindow } from "./loss_window.ts";
import { adoptedPathHealth, newPathHealth, type PathHealth } from "./path_health.ts";
import type { Omission } from "./omission.ts";
import type { RoundTrip } from "./round_trip.ts";
import type { Address, HostRoute, Ms, NetworkName, Settings, StaticPeer } from "./types.ts";

/** One peer on one network. */
export interface Path {
  readonly address: Address;
  /** The address as a number; null unless it is of IPv4. */
  readonly number: number | null;
  network: NetworkName;
  node: Node;
  state: PathHealth;
  roundTrip: RoundTrip;
  /** When it was last asked only to measure that. */
  measuredAt: Ms;
  /** Whether it is probed because the configuration names it. */
  configured: boolean;
  /** Whether the open inquiry on its network still lacks this path's answer. */
  pending: boolean;
  /** The last inquiry it was asked, and the last it answered; 0: none. */
  asked: number;
  answered: number;
  /** The last inquiries that it did not answer in time and may still answer late. */
  missed: number[];
  /** When the next inquiry from the peer is overdue; null: it owes us none, or none came yet. */
  expectBy: Ms | null;
  /** The last inquiry from the peer that was counted. */
  lastInquiry: { readonly sequence: number; readonly counter: number; readonly at: Ms } | null;
  /** The nonce of the inquiry that was answered last, so that copies of it are not. */
  lastAnswered: bigint | null;
  /** When any packet of the peer last came by this path. */
  lastPacketAt: Ms | null;
  /** Its newest word: it does not hear us here. */
  peerDeaf: boolean;
  /** Its newest word: people took its network here out of use. */
  peerDrained: boolean;
  /** Its inquiries here list whom it hears, and not us; null: the last one lists us. */
  omission: Omission | null;
  /** Which one way is dead, since when that looks so, and whether people know; null: it does not look so. */
  oneWay: { readonly dead: "to-peer" | "from-peer"; readonly since: Ms; isTold: boolean } | null;
  readonly loss: LossWindow;
  readonly flaps: FlapScore;
  /** Its traffic does not return before this; -Infinity: nothing holds it by time. */
  heldUntil: Ms;
  /** The boot id that lost it to its present node while it was alive; null: none did. */
  takenFrom: bigint | null;
  /** Where its traffic was moved; null: it goes over its own network. */
  route: HostRoute | null;
}

/** One peer. */
export interface Node {
  name: string;
  /** Rises from node to node in the order of first acquaintance; no two have the same. */
  readonly number: number;
  /** Null for a configured peer that was never heard. */
  boot: bigint | null;
  requestor: boolean;
  intervalMs: Ms;
  /** After how many misses it gives a path up: so many of its inquiries may be missing. */
  failAfter: number;
  /** It said, in the packet with this counter, that it stops; its silence is no fault until then. */
  stopping: { readonly until: Ms; readonly graceMs: Ms; readonly counter: number } | null;
  /** When the time was over for which it was excused. */
  forgivenAt: Ms;
  /** What people were told of its interval and count; null: nothing. */
  toldTiming: string | null;
  /** Whether people were told that it has one network only. */
  toldOneNetwork: boolean;
  /** The highest packet counter seen of this boot: an older packet's view is out of date. */
  counter: number;
  /** Ordered by address, so that every walk is in the same order. */
  readonly paths: Map<Address, Path>;
}

/** By what the loss and the falls of a path are judged. */
type PathRules = Pick<Settings, "loss" | "holdDown">;

/** What a packet says of its sender. */
export interface Introduction {
  readonly boot: bigint;
  readonly name: string;
  readonly requestor: boolean;
  readonly intervalMs: Ms;
  readonly failAfter: number;
  readonly address: Address;
  /** All addresses it claims on networks of ours, the sender's own included. */
  readonly claims: ReadonlyMap<Address, NetworkName>;
}

/** What only the machine can tell about an address or path. */
export interface Judge {
  /** Whether the path was heard so lately that its node cannot be a thing of the past. */
  isAlive(path: Path): boolean;
  /** The route that a predecessor left for this address, if any: taken from its keeping. */
  adopt(address: Address): HostRoute | null;
}

/** What came of an introduction. */
export interface Acquaintance {
  readonly node: Node;
  readonly path: Path;
  readonly restarted: boolean;
  /** It was not known before. */
  readonly isNew: boolean;
  /** A claimed address that a living other node sends from. */
  readonly conflict: { readonly address: Address; readonly other: Node } | null;
  /** Nodes that lost a path to this one. */
  readonly losers: readonly Node[];
}

/** More nodes than this are not remembered; the packets of further ones are dropped. */
export const NODE_LIMIT = 4096;

/** The last boot ids of restarted nodes that are remembered, so that a straggler of theirs is known as one. */
const RETIRED_LIMIT = 256;

/** All nodes and paths known. */
export class Nodes {
  readonly paths = new Map<Address, Path>();
  /** Changes whenever a node or path comes, goes, or changes hands. */
  version = 0;
  readonly #byBoot = new Map<bigint, Node>();
  readonly #all = new Set<Node>();
  readonly #retired = new Map<bigint, Node>();
  #rules: PathRules;
  #met = 0;

  constructor(rules: PathRules) {
    this.#rules = rules;
  }

  /** Judges the loss and the falls of all paths by other rules from now on. */
  adapt(rules: PathRules): void {
    this.#rules = rules;
    for (const { loss, flaps } of this.paths.values()) {
      loss.adapt(rules.loss);
      flaps.adapt(rules.holdDown);
    }
  }

  /** All nodes, in order of first acquaintance. */
  all(): Iterable<Node> {
    return this.#all;
  }

  /** The node that sent with this boot id until it restarted. */
  successorOf(boot: bigint): Node | undefined {
    return this.#retired.get(boot);
  }

  /** The node that sends with this boot id. */
  byBoot(boot: bigint): Node | undefined {
    return this.#byBoot.get(boot);
  }

  /** Sees to it that one address of a configured peer has a path, so that it is probed. */
  configure(
    peer: StaticPeer,
    address: Address,
    place: { readonly network: NetworkName } & Pick<Node, "intervalMs" | "failAfter">,
    now: Ms,
    adopt: Judge["adopt"],
  ): void {
    const owner = [address, ...peer.addresses]
      .map((each) => this.paths.get(each)?.node)
      .find((each) => each !== undefined);
    const node = owner ?? newNode(peer.node, ++this.#met, place);
    this.#all.add(node);
    const path = this.paths.get(address) ??
      this.#addPath(node, address, place.network, now, adopt(address));
    path.configured = true;
  }

  /** Adds a path of `node`. With `adopted`, the traffic of this address is known to go elsewhere already. */
  #addPath(
    node: Node,
    address: Address,
    network: NetworkName,
    now: Ms,
    adopted: HostRoute | null,
  ): Path {
    this.version += 1;
    const path: Path = {
      address,
      number: parseV4(address),
      network,
      node,
      state: adopted === null ? newPathHealth(now) : adoptedPathHealth(now),
      roundTrip: null,
      measuredAt: -Infinity,
      configured: false,
      pending: false,
      asked: 0,
      answered: 0,
      missed: [],
      expectBy: null,
      lastInquiry: null,
      lastAnswered: null,
      lastPacketAt: null,
      peerDeaf: false,
      peerDrained: false,
      omission: null,
      oneWay: null,
      loss: new LossWindow(this.#rules.loss),
      flaps: new FlapScore(this.#rules.holdDown),
      heldUntil: -Infinity,
      takenFrom: null,
      route: adopted,
    };
    this.paths.set(address, path);
    attach(node, path);
    return path;
  }

  /** Forgets a path, and with the last of them its node. */
  removePath(path: Path): void {
    this.version += 1;
    this.paths.delete(path.address);
    path.node.paths.delete(path.address);
    this.#dropIfEmpty(path.node);
  }

  /**
   * Takes notice of who sent a packet: finds or makes its node and all its paths; null when there is no room.
   */
  meet(who: Introduction, now: Ms, judge: Judge): Acquaintance | null {
    const owner = this.paths.get(who.address)?.node;
    let node = this.#byBoot.get(who.boot);
    let restarted = false;
    let isNew = false;
    if (node === undefined && owner !== undefined && isSame(owner, who)) {
      node = owner;
      restarted = owner.boot !== null;
      this.#rename(owner, who.boot);
    }
    if (node === undefined) {
      if (this.#all.size >= NODE_LIMIT) return null;
      node = newNode(who.name, ++this.#met, who);
      isNew = true;
      this.#all.add(node);
      this.#rename(node, who.boot);
    }
    node.name = who.name;
    node.requestor = who.requestor;
    node.intervalMs = who.intervalMs;
    node.failAfter = who.failAfter;
    const claimed = this.#claim(node, who, now, judge);
    const path = this.paths.get(who.address) as Path;
    return { node, path, restarted, isNew, ...claimed };
  }

  /** Gives a node what it claims, but for what a living other node is heard from; returns such a conflict. */
  #claim(
    node: Node,
    who: Introduction,
    now: Ms,
    judge: Judge,
  ): Pick<Acquaintance, "conflict" | "losers"> {
    let conflict: Acquaintance["conflict"] = null;
    const losers: Node[] = [];
    for (const [address, network] of who.claims) {
      const path = this.paths.get(address);
      if (path === undefined) {
        this.#addPath(node, address, network, now, judge.adopt(address));
        continue;
      }
      if (path.node === node) continue;
      const other = path.node;
      const alive = judge.isAlive(path);
      // Taken for the first time it may be a restart with other addresses; taken back, both are alive.
      const isDispute = alive && (address !== who.address || path.takenFrom === who.boot);
      if (isDispute) conflict = { address, other };
      if (alive && address !== who.address) continue;
      path.takenFrom = alive ? other.boot : null;
      this.#give(path, node);
      losers.push(other);
    }
    return { conflict, losers };
  }

  #rename(node: Node, boot: bigint): void {
    this.version += 1;
    this.#retired.delete(boot);
    if (node.boot !== null) {
      this.#byBoot.delete(node.boot);
      this.#retired.set(node.boot, node);
      if (this.#retired.size > RETIRED_LIMIT) {
        this.#retired.delete(this.#retired.keys().next().value as bigint);
      }
    }
    node.boot = boot;
    node.counter = 0;
    this.#byBoot.set(boot, node);
  }

  #give(path: Path, node: Node): void {
    this.version += 1;
    const former = path.node;
    former.paths.delete(path.address);
    path.node = node;
    path.lastInquiry = null;
    path.lastAnswered = null;
    path.expectBy = null;
    path.peerDeaf = false;
    path.peerDrained = false;
    path.omission = null;
    path.loss.tell(0, false);
    attach(node, path);
    this.#dropIfEmpty(former);
  }

  #dropIfEmpty(node: Node): void {
    if (node.paths.size > 0) return;
    this.#all.delete(node);
    if (node.boot !== null) this.#byBoot.delete(node.boot);
  }
}

/** Whether a new boot id from an address of `owner` is its restart: it must claim all that `owner` had. */
function isSame(owner: Node, who: Introduction): boolean {
  for (const address of owner.paths.keys()) if (!who.claims.has(address)) return false;
  return true;
}

function newNode(
  name: string,
  number: number,
  timing: Pick<Node, "intervalMs" | "failAfter">,
): Node {
  const { intervalMs, failAfter } = timing;
  return {
    name,
    number,
    boot: null,
    requestor: false,
    intervalMs,
    failAfter,
    stopping: null,
    forgivenAt: -Infinity,
    toldTiming: null,
    toldOneNetwork: false,
    counter: 0,
    paths: new Map(),
  };
}

/** Keeps a node's paths in the order of their addresses. */
function attach(node: Node, path: Path): void {
  const sorted = [...node.paths.values(), path].sort((a, b) =>
    compareAddresses(a.address, b.address)
  );
  node.paths.clear();
  for (const each of sorted) node.paths.set(each.address, each);
}
