/**
 * Meeting nodes: who is new, who restarted, who gave an address up, and what about them people should know.
 */
import type { Drops } from "./drops.ts";
import type { Acquaintance, Node, Path } from "./nodes.ts";
import { Pace } from "./pace.ts";
import { recordFault } from "./path_health.ts";
import type { Requestor } from "./requestor.ts";
import type { Responder } from "./responder.ts";
import type { Ms } from "./types.ts";
import { isUnjudged, stopJudging } from "./unjudged.ts";
import type { World } from "./world.ts";

/** Nodes are remembered at least so long after they were last heard, in ms. */
const FORGET_MS = 3_600_000;

/** A silence up to this many intervals of whoever inquires does not make a node a thing of the past. */
const ALIVE_INTERVALS = 2;

/** Takes care of who comes and goes. */
export class Greeting {
  readonly #world: World;
  readonly #requestor: Requestor;
  readonly #responder: Responder;
  readonly #restarts = new Pace();
  readonly #peculiar = new Pace();

  constructor(world: World, requestor: Requestor, responder: Responder) {
    this.#world = world;
    this.#requestor = requestor;
    this.#responder = responder;
  }

  /** Tells people of new and restarted nodes, and begins to expect of their paths what they owe. */
  greet(met: Acquaintance, now: Ms): void {
    const world = this.#world;
    const { node, path } = met;
    if (met.restarted) {
      node.stopping = null;
      for (const each of node.paths.values()) {
        each.lastInquiry = null;
        each.peerDeaf = false;
        each.omission = null;
        each.loss.tell(0, false);
      }
      world.dirty.add(node);
      if (this.#restarts.due(path.address, now) !== null) {
        world.tell({ kind: "node-restarted", node: node.name, address: path.address });
      }
    }
    if (met.conflict !== null) this.#tellConflict(world.drops, met.conflict, path, now);
    for (const each of met.losers) this.#leave(each, node, now);
    for (const each of node.paths.values()) this.place(each, now);
    stopJudging(node, world, now);
    if (met.isNew) this.#tellSameName(node, path, now);
    this.#tellTiming(node, now);
    // While an address of its own is disputed, a node has fewer paths than networks.
    if (met.conflict === null) this.#tellOneNetwork(node, path, now);
  }

  /** Tells people of a node whose first path has come up. */
  tellFound(path: Path): void {
    const { requestor } = path.node;
    this.#world.tell({ kind: "node-found", path: this.#world.nameOf(path), requestor });
  }

  /** A node says that it stops: from now on its silence is no fault. */
  stopping(node: Node, graceMs: Ms, counter: number, now: Ms): void {
    if (node.stopping === null) {
      this.#world.tell({ kind: "node-stopping", node: node.name, graceMs });
    }
    node.stopping = { until: now + graceMs, graceMs, counter };
    this.#requestor.forgive(node);
  }

  /**
   * Forgets nodes that have been silent for long, but none of which traffic is moved: their routes stay as they are
   * until something better is known.
   */
  forgetSilent(now: Ms): void {
    const world = this.#world;
    const { intervalMs, failAfter } = world.settings;
    const limitMs = Math.max(FORGET_MS, 100 * failAfter * intervalMs);
    for (const node of [...world.nodes.all()]) {
      const paths = [...node.paths.values()];
      if (node.stopping !== null && now < node.stopping.until) continue;
      // Where neither of us asks the other any more, nobody can know better.
      const isJudged = !isUnjudged(node, world.settings);
      if (paths.some((path) => path.configured || (isJudged && path.route !== null))) continue;
      const heardAt = paths.map(({ state }) =>
        Math.max(state.lastGoodAt ?? -Infinity, state.since)
      );
      const silentMs = now - Math.max(node.forgivenAt, ...heardAt);
      if (silentMs < limitMs) continue;
      for (const path of paths) world.nodes.removePath(path);
      world.dirty.add(node);
      world.tell({ kind: "node-forgotten", node: node.name, silentMs });
    }
  }

  /**
   * Whether a boot id is of the past. Not while its successor is silent: that was perhaps no restart, but a visitor
   * with the same address, and its owner must not be shut out for good.
   */
  isRetired(boot: bigint, now: Ms): boolean {
    const successor = this.#world.nodes.successorOf(boot);
    return successor !== undefined &&
      [...successor.paths.values()].some((path) => this.isAlive(path, now));
  }

  /** Whether a path was heard so lately that its node cannot be a thing of the past. */
  isAlive(path: Path, now: Ms): boolean {
    const { lastGoodAt } = path.state;
    return path.state.health === "up" && lastGoodAt !== null &&
      now - lastGoodAt <= ALIVE_INTERVALS * this.#world.spacingOf(path);
  }

  /**
   * Forgets a node that lost an address to `heir` and is silent on all the others: it has most likely restarted with
   * other addresses, and a route for one that it gave up would stay for ever. If it lives, it says so.
   */
  #leave(loser: Node, heir: Node, now: Ms): void {
    const world = this.#world;
    world.dirty.add(loser).add(heir);
    const paths = [...loser.paths.values()];
    if (paths.some((path) => path.configured || this.isAlive(path, now))) return;
    for (const path of paths) {
      world.tell({ kind: "address-gone", path: world.nameOf(path) });
      world.nodes.removePath(path);
    }
  }

  /** A path on a network that we cannot use is down from the start; on another one it owes what its node owes. */
  place(path: Path, now: Ms): void {
    const world = this.#world;
    const lan = world.lanOf(path);
    const reason = lan.trouble;
    if (reason !== null) {
      const cause = { kind: "own-network", reason } as const;
      const { state } = path;
      if (state.health !== "down" || state.cause?.kind === "adopted") {
        world.note(path, recordFault(state, now, cause));
      }
    } else if (!world.isJudgedByInquiries(path)) {
      path.expectBy = null;
    } else if (path.expectBy === null) {
      this.#requestor.excuse(path, lan);
      this.#responder.expectInquiry(path, now);
    }
  }

  #tellConflict(
    drops: Drops,
    conflict: NonNullable<Acquaintance["conflict"]>,
    path: Path,
    now: Ms,
  ): void {
    const { address, other } = conflict;
    const news = drops.count("address-conflict", address, path.network, path.address, now);
    if (news === null) return;
    this.#world.tell({ kind: "address-conflict", address, nodes: [path.node.name, other.name] });
  }

  /** Two nodes of one name work, for a name is a label; but nobody can tell them apart in a log. */
  #tellSameName(node: Node, { address }: Path, now: Ms): void {
    const { name } = node;
    const isOwn = name === this.#world.settings.nodeName;
    const other = [...this.#world.nodes.all()].find((each) => each !== node && each.name === name);
    const theirs = other?.paths.keys().next().value ?? null;
    if (!isOwn && theirs === null) return;
    if (this.#peculiar.due(`name ${name}`, now) === null) return;
    this.#world.tell({ kind: "same-name", name, address, other: isOwn ? null : theirs });
  }

  /** Told once for each pair of figures: a mixture works, but is seldom meant. */
  #tellTiming(node: Node, now: Ms): void {
    const { settings } = this.#world;
    const { intervalMs, failAfter } = node;
    const isSame = intervalMs === settings.intervalMs && failAfter === settings.failAfter;
    if (!node.requestor || isSame || node.toldTiming === `${intervalMs} ${failAfter}`) return;
    node.toldTiming = `${intervalMs} ${failAfter}`;
    if (this.#peculiar.due(`timing ${node.name}`, now) === null) return;
    this.#world.tell({
      kind: "timing-differs",
      node: node.name,
      intervalMs,
      failAfter,
      ownIntervalMs: settings.intervalMs,
      ownFailAfter: settings.failAfter,
    });
  }

  /** Without a second network in common there is no way round the first. */
  #tellOneNetwork(node: Node, path: Path, now: Ms): void {
    const networks = [...this.#world.lans.values()].filter((lan) => lan.present).length;
    const isOne = networks > 1 && node.paths.size === 1;
    if (!isOne) node.toldOneNetwork = false;
    if (!isOne || node.toldOneNetwork) return;
    node.toldOneNetwork = true;
    if (this.#peculiar.due(`network ${path.address}`, now) === null) return;
    this.#world.tell({ kind: "one-network", path: this.#world.nameOf(path) });
  }
}
