/**
 * From a datagram to what it means: the rest of the ladder that wire.ts begins, then the parts that it concerns.
 *
 *   network there and usable -> not from us -> format -> not of our boot, nor of a past one -> source in the subnet
 *   -> source claimed -> no state of a stranger -> an answer that was asked for -> room for the node
 *   -> who is it -> what does it complain of -> inquiry or answer: in time, for the first time
 */
import { contains } from "./address.ts";
import type { Drop } from "./drops.ts";
import type { Lan } from "./lan.ts";
import { type Acquaintance, type Node, NODE_LIMIT, type Path } from "./nodes.ts";
import { Pace } from "./pace.ts";
import { recordFault } from "./path_health.ts";
import { claimsOf, complaint } from "./peer_view.ts";
import type { Requestor } from "./requestor.ts";
import type { Responder } from "./responder.ts";
import { answerWaitFloorMs } from "./timing.ts";
import type { Address, DownCause, Event, HostRoute, Ms } from "./types.ts";
import type { Packet } from "./packet.ts";
import { decode, decodeLike } from "./wire.ts";
import type { World } from "./world.ts";

type Datagram = Extract<Event, { readonly kind: "datagram" }>;

/** A named reason not to use a packet, with the value that is at fault. */
interface Refusal {
  readonly drop: Drop;
  readonly value: string;
}

/** Who sent a packet. */
type Met = Pick<Acquaintance, "node" | "path">;

/** An introduction, and what it was an introduction to. */
interface Known {
  readonly bytes: Uint8Array;
  readonly packet: Packet;
  readonly lan: Lan;
  readonly met: Met;
  readonly lansVersion: number;
  readonly nodesVersion: number;
}

/** A packet this far behind the newest one of its boot was not overtaken: the sender was set back. */
const STRAGGLERS = 1000;

/** Nodes are remembered at least so long after they were last heard, in ms. */
const FORGET_MS = 3_600_000;

/** A silence up to this many intervals of whoever inquires does not make a node a thing of the past. */
const ALIVE_INTERVALS = 2;

/** Takes datagrams in. */
export class Reception {
  readonly #world: World;
  readonly #requestor: Requestor;
  readonly #responder: Responder;
  /** By source address. */
  readonly #known = new Map<Address, Known>();
  readonly #restarts = new Pace();
  readonly #adopt: (address: Address) => HostRoute | null;

  /** `adopt` hands out the route that a predecessor left for an address, once. */
  constructor(
    world: World,
    requestor: Requestor,
    responder: Responder,
    adopt: (address: Address) => HostRoute | null,
  ) {
    this.#world = world;
    this.#requestor = requestor;
    this.#responder = responder;
    this.#adopt = adopt;
  }

  /** Takes one datagram in, stamped `now` at its receipt. */
  take(datagram: Datagram, now: Ms): void {
    const refusal = this.#use(datagram, now);
    if (refusal === null) return;
    const { network, from } = datagram;
    this.#world.tell(
      this.#world.drops.count(refusal.drop, refusal.value, network, from, now),
    );
  }

  #use(datagram: Datagram, now: Ms): Refusal | null {
    const world = this.#world;
    const lan = world.lans.get(datagram.network);
    if (lan === undefined || !lan.present) return { drop: "network-gone", value: datagram.network };
    if (!lan.usable) return { drop: "network-unusable", value: datagram.network };
    // Our own broadcasts come back to us: the commonest packet of all, not worth decoding.
    if (datagram.from === lan.network.address) return { drop: "own", value: datagram.from };
    const known = this.#known.get(datagram.from);
    const decoded = known === undefined
      ? decode(datagram.bytes)
      : decodeLike(datagram.bytes, known.bytes, known.packet);
    if (decoded.drop !== undefined) return decoded;
    const { packet } = decoded;
    const met = this.#recognise(packet, lan, known) ?? this.#introduce(packet, lan, datagram, now);
    if ("drop" in met) return met;
    if (packet.counter < met.node.counter - STRAGGLERS) this.#rewind(met.node);
    const isView = packet.counter > met.node.counter;
    if (isView) this.#readView(packet, met.node, now);
    const isGood = complaint(packet, met.path, lan, now) === null;
    return this.#dispatch(packet, met, lan, datagram, now, isGood);
  }

  /** The sender, if it introduced itself in the same words before and nothing has changed since. */
  #recognise(packet: Packet, lan: Lan, known: Known | undefined): Met | null {
    if (known === undefined || !isSameIntroduction(known.packet, packet)) return null;
    const { nodes, lansVersion } = this.#world;
    if (known.lan !== lan || known.lansVersion !== lansVersion) return null;
    if (known.nodesVersion !== nodes.version) return null;
    if (packet.kind === "ack" && this.#refuseAnswer(packet, lan) !== null) return null;
    return known.met;
  }

  #introduce(packet: Packet, lan: Lan, datagram: Datagram, now: Ms): Met | Refusal {
    const { from } = datagram;
    const world = this.#world;
    const claims = claimsOf(packet, world.lans);
    const refusal = this.#refuse(packet, lan, from, claims, now);
    if (refusal !== null) return refusal;
    const met = world.nodes.meet({ ...packet, address: from, claims }, now, {
      isAlive: (path) => this.#isAlive(path, now),
      adopt: this.#adopt,
    });
    if (met === null) return { drop: "too-many-nodes", value: packet.name };
    this.#greet(met, now);
    this.#remember(packet, lan, datagram, met);
    return met;
  }

  #remember(packet: Packet, lan: Lan, { from, bytes }: Datagram, met: Acquaintance): void {
    const world = this.#world;
    if (this.#known.size >= 2 * NODE_LIMIT) this.#known.clear();
    // While two nodes dispute an address, every packet must be looked at.
    if (met.conflict !== null) return void this.#known.delete(from);
    const { lansVersion } = world;
    const nodesVersion = world.nodes.version;
    // The buffer is the socket's: what is kept is a copy.
    this.#known.set(from, { bytes: bytes.slice(), packet, lan, met, lansVersion, nodesVersion });
  }

  #refuse(
    packet: Packet,
    lan: Lan,
    from: Address,
    claims: ReadonlyMap<Address, string>,
    now: Ms,
  ): Refusal | null {
    const world = this.#world;
    if (packet.boot === world.boot) return { drop: "own", value: from };
    if (this.#isRetired(packet.boot, now)) return { drop: "retired-boot", value: packet.name };
    if (!contains(lan.subnet, from)) return { drop: "foreign-source", value: from };
    if (claims.get(from) !== lan.network.name) return { drop: "source-not-claimed", value: from };
    const isKnown = world.nodes.byBoot(packet.boot) !== undefined || world.nodes.paths.has(from);
    if (packet.kind === "state" && !isKnown) return { drop: "stranger-state", value: packet.name };
    return packet.kind === "ack" ? this.#refuseAnswer(packet, lan) : null;
  }

  #refuseAnswer(packet: Packet, lan: Lan): Refusal | null {
    if (!this.#world.settings.requestor) return { drop: "unasked-answer", value: packet.name };
    return lan.match(packet.sequence, packet.nonce) === null
      ? { drop: "foreign-answer", value: String(packet.sequence) }
      : null;
  }

  /** A machine that was set back to an earlier state goes on counting from there, under the same boot id. */
  #rewind(node: Node): void {
    node.counter = 0;
    for (const path of node.paths.values()) path.lastInquiry = null;
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
      if (paths.some((path) => path.configured || path.route !== null)) continue;
      const heardAt = paths.map(({ state }) =>
        Math.max(state.lastGoodAt ?? -Infinity, state.since)
      );
      const silentMs = now - Math.max(...heardAt);
      if (silentMs < limitMs) continue;
      for (const path of paths) world.nodes.removePath(path);
      world.tell({ kind: "node-forgotten", node: node.name, silentMs });
    }
  }

  /** Tells people of new and restarted nodes, and starts to expect inquiries on new paths. */
  #greet(met: Acquaintance, now: Ms): void {
    const world = this.#world;
    const { node, path } = met;
    if (met.restarted) {
      for (const each of node.paths.values()) each.lastInquiry = null;
      if (this.#restarts.due(path.address, now) !== null) {
        world.tell({ kind: "node-restarted", node: node.name, address: path.address });
      }
    }
    if (met.conflict !== null) this.#tellConflict(met.conflict, path, now);
    for (const each of met.losers) this.#leave(each, node, now);
    for (const each of node.paths.values()) this.#place(each, now);
  }

  /**
   * Forgets a node that lost an address to `heir` and is silent on all the others: it has most likely restarted with
   * other addresses, and a route for one that it gave up would stay for ever. If it lives, it says so.
   */
  #leave(loser: Node, heir: Node, now: Ms): void {
    const world = this.#world;
    world.dirty.add(loser).add(heir);
    const paths = [...loser.paths.values()];
    if (paths.some((path) => path.configured || this.#isAlive(path, now))) return;
    for (const path of paths) {
      world.tell({ kind: "address-gone", path: world.nameOf(path) });
      world.nodes.removePath(path);
    }
  }

  /** A path on a network that we cannot use is down from the start; on another one it owes what its node owes. */
  #place(path: Path, now: Ms): void {
    const world = this.#world;
    const lan = world.lanOf(path);
    if (!lan.usable) {
      const cause = { kind: "own-network", reason: lan.network.reason ?? "down" } as const;
      if (path.state.health !== "down") world.note(path, recordFault(path.state, now, cause));
    } else if (!world.settings.requestor) {
      if (!path.node.requestor) path.expectBy = null;
      else if (path.expectBy === null) this.#responder.expectInquiry(path, now);
    }
  }

  #tellConflict(conflict: NonNullable<Acquaintance["conflict"]>, path: Path, now: Ms): void {
    const world = this.#world;
    const { address, other } = conflict;
    const news = world.drops.count("address-conflict", address, path.network, path.address, now);
    if (news === null) return;
    world.tell({ kind: "address-conflict", address, nodes: [path.node.name, other.name] });
  }

  /** Acts on what the newest packet of a node says of its networks. */
  #readView(packet: Packet, node: Node, now: Ms): void {
    const world = this.#world;
    node.counter = packet.counter;
    for (const path of [...node.paths.values()]) {
      if (!path.configured && !packet.interfaces.some((each) => each.address === path.address)) {
        world.tell({ kind: "address-gone", path: world.nameOf(path) });
        world.nodes.removePath(path);
        world.dirty.add(node);
        continue;
      }
      const cause = complaint(packet, path, world.lanOf(path), now);
      if (cause !== null) this.#fault(path, cause, now);
    }
  }

  #fault(path: Path, cause: DownCause, now: Ms): void {
    const world = this.#world;
    let evidenceAt = now;
    if (cause.kind === "peer-deaf") {
      // Who is deaf has waited in vain for an interval and more before it says so, and may hear us again by now.
      const waitedMs = Math.max(world.settings.intervalMs, path.node.intervalMs);
      const waitedSince = now - waitedMs - answerWaitFloorMs(waitedMs);
      if (waitedSince < world.wokeAt) return;
      if (path.state.health === "down") evidenceAt = waitedSince;
    }
    world.note(path, recordFault(path.state, now, cause, evidenceAt));
  }

  #dispatch(
    packet: Packet,
    met: Met,
    lan: Lan,
    datagram: Datagram,
    now: Ms,
    isGood: boolean,
  ): Refusal | null {
    const { path, node } = met;
    const wasUnknown = path.state.health === "unknown";
    let verdict: Drop | "good" = "good";
    if (packet.kind === "inq") {
      if (!this.#world.settings.requestor) {
        verdict = this.#responder.hear(packet, path, now, isGood);
      }
      // Only now: the answer says what is known with this inquiry taken in.
      this.#responder.answer(packet, node, lan, datagram.from, datagram.port);
    } else if (packet.kind === "ack") {
      verdict = this.#requestor.answer(packet, path, lan, now, isGood);
    }
    if (wasUnknown && path.state.health === "up") this.#tellFound(path);
    return verdict === "good" ? null : { drop: verdict, value: String(packet.sequence) };
  }

  #tellFound(path: Path): void {
    const world = this.#world;
    const { requestor } = path.node;
    world.tell({ kind: "node-found", path: world.nameOf(path), requestor });
  }

  /**
   * Whether a boot id is of the past. Not while its successor is silent: that was perhaps no restart, but a visitor
   * with the same address, and its owner must not be shut out for good.
   */
  #isRetired(boot: bigint, now: Ms): boolean {
    const successor = this.#world.nodes.successorOf(boot);
    return successor !== undefined &&
      [...successor.paths.values()].some((path) => this.#isAlive(path, now));
  }

  #isAlive(path: Path, now: Ms): boolean {
    const { lastGoodAt } = path.state;
    const { requestor, intervalMs } = this.#world.settings;
    const spacingMs = requestor ? intervalMs : path.node.intervalMs;
    return path.state.health === "up" && lastGoodAt !== null &&
      now - lastGoodAt <= ALIVE_INTERVALS * spacingMs;
  }
}

/** Whether two packets say the same of their sender: the same words, decoded once. */
function isSameIntroduction(a: Packet, b: Packet): boolean {
  return a.boot === b.boot && a.interfaces === b.interfaces && a.name === b.name &&
    a.requestor === b.requestor && a.intervalMs === b.intervalMs;
}
