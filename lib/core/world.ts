/**
 * What one node knows, and the outbox of one turn: shared by the parts that the machine is made of.
 */
import { answerRoom } from "./answer_room.ts";
import { deadWay, isHeardLately, latelyMs } from "./direction.ts";
import { Drops } from "./drops.ts";
import type { Lan } from "./lan.ts";
import { type Node, Nodes, type Path } from "./nodes.ts";
import {
  forgiveMisses,
  isDeadAlone,
  type Miss,
  recordGood,
  recordMiss,
  type Transition,
} from "./path_health.ts";
import { heardList } from "./heard.ts";
import { isSameView, type View, viewOf } from "./peer_view.ts";
import type {
  Address,
  Effect,
  Ms,
  NetworkName,
  Notice,
  PathName,
  Random,
  Sealer,
  Settings,
} from "./types.ts";
import type { Packet, PacketKind, WireInterface } from "./packet.ts";
import { encode, encodeLike, sign } from "./wire.ts";

/** What a packet of ours is to be. */
export interface Draft {
  readonly kind: PacketKind;
  /** The network it goes over. */
  readonly over: Lan;
  /** The paths whose reception it reports. */
  readonly about: Iterable<Path>;
  /** Of the inquiry; absent in a statement. */
  readonly inquiry?: Pick<Packet, "sequence" | "nonce">;
  readonly direct?: boolean;
  readonly spreadMs?: Ms;
  readonly goodbyeMs?: Ms;
  /** Which of our interfaces it may list, where it has to be short; absent: all. */
  readonly lists?: (each: WireInterface) => boolean;
}

/** The last packet of a kind over a network that was encoded in full. */
interface Encoded {
  readonly view: View;
  readonly spreadMs: Ms;
  readonly keyId: number | undefined;
  readonly bytes: Uint8Array;
}

/** A change of health of this turn, still to be told together with what is done about it. */
export interface Change {
  readonly path: Path;
  readonly transition: Transition;
}

/** Packets that are remembered in full: a few for each network. */
const ENCODED_LIMIT = 64;

/** The node's knowledge, and what this turn has produced so far. */
export class World {
  readonly lans = new Map<NetworkName, Lan>();
  /** Changes whenever a network comes, goes, or changes its place. */
  lansVersion = 0;
  readonly nodes: Nodes;
  readonly drops = new Drops();
  settings: Settings;
  readonly random: Random;
  /** Signs what we send and verifies what comes; null: signatures are not used. */
  readonly sealer: Sealer | null;
  /** Drawn at start: by it a restart is told from a long silence. */
  readonly boot: bigint;
  /** Packets sent so far. */
  sent = 0;
  /** Effects of this turn. */
  effects: Effect[] = [];
  /** Changes of health of this turn. */
  changes: Change[] = [];
  /** Nodes whose routes must be chosen anew this turn. */
  dirty = new Set<Node>();
  /** When we last woke from a sleep: that we were not heard before is no news. */
  wokeAt: Ms = -Infinity;
  /** Whether peers must hear at once how we hear them: they may be sending into a dead network. */
  urgent = false;
  /** Most packets have the view of the one before: then only their header is written. By network and kind. */
  readonly #encoded = new Map<string, Encoded>();

  constructor(settings: Settings, random: Random, sealer: Sealer | null) {
    this.settings = settings;
    this.random = random;
    this.sealer = sealer;
    this.nodes = new Nodes(settings);
    this.boot = random.bits64();
  }

  /** Other settings from now on. What was measured stays, but for loss in a window of another size. */
  adapt(settings: Settings): void {
    this.settings = settings;
    this.nodes.adapt(settings);
    // They carry our name, interval and count.
    this.#encoded.clear();
  }

  /** The network of a path; every path has one, be it present or not. */
  lanOf(path: Path): Lan {
    const lan = this.lans.get(path.network);
    if (lan === undefined) throw new Error(`path ${path.address} is on no network`);
    return lan;
  }

  /** Puts a notice into the outbox. */
  tell(notice: Notice | null): void {
    if (notice !== null) this.effects.push({ kind: "notice", notice });
  }

  /** Takes note of a change of health, and that routes follow from it. */
  note(path: Path, transition: Transition | null): void {
    if (transition === null) return;
    if (transition.to === "up") path.oneWay = null;
    this.changes.push({ path, transition });
    this.dirty.add(path.node);
  }

  /**
   * Good packets in a row that bring a path up: -s where its traffic was moved to a path that serves it, else 1.
   * Coming back to traffic that never left, or that nothing carries, protects nobody by waiting. But for one more: a
   * peer that was away comes back on all networks, one after the other, and what carried may be the next.
   */
  neededGood(path: Path): number {
    if (path.route === null) return 1;
    return Math.min(this.isStranded(path) ? 2 : Infinity, this.settings.restoreAfter);
  }

  /** Whether traffic was moved off a path to one that is dead by now. */
  isStranded({ route }: Path): boolean {
    return route !== null && this.nodes.paths.get(route.gateway)?.state.health === "down";
  }

  /**
   * Whether a peer is judged by its inquiries: it sends them at least as often as we do, so that an answer to ours would
   * say no more. Not where broadcast does not reach it.
   */
  isJudgedByInquiries({ node, configured }: Path): boolean {
    const { requestor, intervalMs } = this.settings;
    if (!node.requestor) return false;
    return !requestor || (!configured && node.intervalMs <= intervalMs);
  }

  /** After how many misses a path goes down: the count of whoever inquires. */
  failAfterOf(path: Path): number {
    return this.isJudgedByInquiries(path) ? path.node.failAfter : this.settings.failAfter;
  }

  /** How far apart the packets are by which a path is judged, in ms: at most the interval of whoever inquires. */
  spacingOf(path: Path): Ms {
    return this.isJudgedByInquiries(path) ? path.node.intervalMs : this.settings.intervalMs;
  }

  /** Whether packets of the peer reach us on a path, as an inquiry says it. */
  hears(path: Path): boolean {
    const { heard, misses } = path.state;
    return heard === true && misses < this.failAfterOf(path);
  }

  /**
   * Decides whether a silent path is one on which we do not hear the peer, who is then told at once. One who is silent
   * everywhere is not told: he may be stopped, and when he goes on he would move his traffic off LANs that work.
   */
  judgeHearing(path: Path, now: Ms): void {
    const { node, state } = path;
    if (state.health !== "down" || state.heard === false) return;
    if (state.misses < this.failAfterOf(path)) return;
    const others = [...node.paths.values()].filter((each) => each.state !== state);
    if (others.length > 0 && !others.some((each) => isDeadAlone(state, each.state))) return;
    const isUnanswered = this.#isHeardMeanwhile(path, now);
    if (isUnanswered && (state.unanswered || this.isJudgedByInquiries(path))) return;
    if (isUnanswered) state.unanswered = true;
    else state.heard = false;
    this.urgent = true;
  }

  /** Whether packets of the peer come although others are missed: then those were lost on their way to the peer. */
  #isHeardMeanwhile(path: Path, now: Ms): boolean {
    const { state, node, lastPacketAt } = path;
    if (lastPacketAt === null || lastPacketAt < (state.missedSince ?? Infinity)) return false;
    return isHeardLately(path, now, latelyMs(this.settings, node));
  }

  /**
   * Says once that only one way of a path is dead, when that has looked so for longer than both ends need to find out.
   * For a moment it looks so in every fall, and in every return.
   */
  judgeDirection(path: Path, now: Ms): void {
    const { node } = path;
    const slowestMs = Math.max(this.settings.intervalMs, node.intervalMs);
    const dead = this.#oneWayOf(path, now);
    if (dead === null) path.oneWay = null;
    else if (path.oneWay?.dead !== dead) path.oneWay = { dead, since: now, isTold: false };
    const { oneWay } = path;
    const most = Math.max(this.settings.failAfter, node.failAfter);
    if (oneWay === null || oneWay.isTold) return;
    if (now - oneWay.since < (most + 2) * slowestMs) return;
    oneWay.isTold = true;
    this.tell({ kind: "one-way", path: this.nameOf(path), dead: oneWay.dead });
  }

  #oneWayOf(path: Path, now: Ms): "to-peer" | "from-peer" | null {
    const { state, node } = path;
    // One that never heard us does not complain; it may have another key.
    if (state.health === "unknown") return path.omission !== null ? "to-peer" : null;
    const kind = state.cause?.kind;
    if (state.health !== "down" || (kind !== "missed" && kind !== "peer-deaf")) return null;
    const dead = deadWay(path, now, latelyMs(this.settings, node));
    // Its own word and its packets say so; to miss something is no more than a sign.
    if (dead === "to-peer") return dead;
    const isElsewhere = [...node.paths.values()].some((each) =>
      each !== path && each.state.health === "up" && each.state.misses === 0
    );
    return isElsewhere && dead === "from-peer" ? dead : null;
  }

  /**
   * Whether the silence of a node is no fault, because it said that it stops. When its time is over, people are told,
   * and it is judged from then on.
   */
  isExcused(node: Node, now: Ms): boolean {
    const { stopping } = node;
    // In the turn in which its time ends, none of its paths is judged yet.
    if (stopping === null) return node.forgivenAt === now;
    if (now < stopping.until) return true;
    node.stopping = null;
    node.forgivenAt = now;
    for (const path of node.paths.values()) forgiveMisses(path.state);
    this.tell({ kind: "node-not-back", node: node.name, afterMs: stopping.graceMs });
    return true;
  }

  /** Takes note of whether an inquiry was lost; too many of them are a reason to leave the path. */
  noteLoss(path: Path, lost: boolean): void {
    const was = path.loss.isLossy;
    path.loss.record(lost);
    if (lost && path.state.health === "down") path.loss.forgiveRow();
    this.#reviewLoss(path, was);
  }

  /** Takes note of what the peer says it loses, 0 to 1. */
  noteToldLoss(path: Path, part: number): void {
    const { loss, node } = path;
    if (loss.told === part) return;
    const was = loss.isLossy;
    // Each of us judges by the inquiries of the other: each sees one way.
    const { requestor, intervalMs } = this.settings;
    const isMutual = requestor && node.intervalMs === intervalMs;
    loss.tell(part, isMutual && this.isJudgedByInquiries(path));
    this.#reviewLoss(path, was);
  }

  #reviewLoss({ loss, node }: Path, was: boolean): void {
    const is = loss.isLossy;
    // How much a lossy path loses may decide which of two is less bad.
    if (was || is) this.dirty.add(node);
    if (was !== is) this.urgent = true;
  }

  /** Takes note of a missed packet. While a peer has drained its network there, none is expected. */
  noteMiss(path: Path, miss: Miss, now: Ms): void {
    const failAfter = path.peerDrained ? Infinity : this.failAfterOf(path);
    this.note(path, recordMiss(path.state, now, failAfter, miss));
  }

  /** Takes note of a good packet: it may bring the path up, and be what another path's traffic waited for. */
  noteGood(path: Path, now: Ms): void {
    const { node, state } = path;
    this.note(path, recordGood(state, now, this.neededGood(path)));
    for (const each of node.paths.values()) {
      if (each.state.health !== "down" || each.route !== null) continue;
      this.dirty.add(node);
      // If its traffic moves now, the peer must hear of it now.
      this.judgeHearing(each, now);
    }
  }

  /** How people call a path. */
  nameOf(path: Path): PathName {
    return { node: path.node.name, network: path.network, address: path.address };
  }

  /** The bytes of a packet of ours. */
  packet(draft: Draft): Uint8Array {
    this.sent += 1;
    const { requestor, intervalMs, failAfter, nodeName } = this.settings;
    const { kind, over, inquiry, direct = false, spreadMs = 0, goodbyeMs = null, lists } = draft;
    const view = this.#view(draft);
    const packet: Packet = {
      kind,
      requestor,
      direct,
      passing: false,
      boot: this.boot,
      counter: this.sent,
      sequence: inquiry?.sequence ?? 0,
      nonce: inquiry?.nonce ?? 0n,
      intervalMs,
      failAfter,
      name: nodeName,
      ...view,
      spreadMs,
      goodbyeMs,
    };
    const bytes = goodbyeMs === null && lists === undefined
      ? this.#encode(packet, view, `${kind} ${over.network.name}`)
      : encode(packet, this.#form(packet));
    if (this.sealer !== null) sign(bytes, this.sealer);
    return bytes;
  }

  #view({ kind, over, about, lists }: Draft): View {
    const view = viewOf(this.lans.values(), over, about);
    if (lists !== undefined) return { ...view, interfaces: view.interfaces.filter(lists) };
    if (kind !== "inq") return view;
    const list = heardList(this.#heardOn(over), over.heardList);
    over.heardList = list;
    return { ...view, heard: list.runs };
  }

  *#heardOn({ network }: Lan): Iterable<Path> {
    for (const path of this.nodes.paths.values()) {
      if (path.network === network.name && this.hears(path)) yield path;
    }
  }

  #encode(packet: Packet, view: View, key: string): Uint8Array {
    const { spreadMs } = packet;
    const keyId = this.sealer?.keyId;
    const last = this.#encoded.get(key);
    if (
      last !== undefined && last.spreadMs === spreadMs && last.keyId === keyId &&
      isSameView(last.view, view)
    ) return encodeLike(packet, last.bytes);
    const bytes = encode(packet, this.#form(packet));
    if (this.#encoded.size > ENCODED_LIMIT) this.#encoded.clear();
    this.#encoded.set(key, { view, spreadMs, keyId, bytes });
    return bytes;
  }

  /** An inquiry is long enough for any answer to it, which must not be longer. */
  #form({ kind, interfaces }: Packet): { readonly room?: number; readonly keyId?: number } {
    const keyId = this.sealer?.keyId;
    return {
      ...(kind === "inq" ? { room: answerRoom(interfaces.length, keyId !== undefined) } : {}),
      ...(keyId === undefined ? {} : { keyId }),
    };
  }

  /** Puts a packet into the outbox. */
  send(lan: Lan, to: Address, port: number, bytes: Uint8Array): void {
    lan.counts.sent += 1;
    this.effects.push({ kind: "send", network: lan.network.name, to, port, bytes });
  }

  /** Puts a packet for everybody on a network into the outbox: broadcast, and to configured peers there. */
  sendToAll(wanted: Draft): void {
    const { port } = this.settings;
    const { over } = wanted;
    // Several packets are made of it: an iterator would be empty after the first.
    const draft = { ...wanted, about: [...wanted.about] };
    this.send(over, over.network.broadcast, port, this.packet(draft));
    for (const path of this.nodes.paths.values()) {
      if (!path.configured || path.network !== over.network.name) continue;
      // Whom broadcast does not reach, its own inquiries may not reach us either: it is to answer each of ours.
      const own = draft.kind === "inq" ? { ...draft, direct: true } : draft;
      this.send(over, path.address, port, this.packet(own));
    }
  }

  /** States to everybody on a network whom we do not hear. */
  state(over: Lan, now: Ms): void {
    over.statedAt = now;
    this.sendToAll({ kind: "state", over, about: this.nodes.paths.values() });
  }
}
