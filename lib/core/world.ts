/**
 * What one node knows, and the outbox of one turn: shared by the parts that the machine is made of.
 */
import { Drops } from "./drops.ts";
import type { Lan } from "./lan.ts";
import { type Node, Nodes, type Path } from "./nodes.ts";
import { isDeadAlone, recordGood, type Transition } from "./path_health.ts";
import { isSameView, type View, viewOf } from "./peer_view.ts";
import type {
  Address,
  Effect,
  Ms,
  NetworkName,
  Notice,
  PathName,
  Random,
  Settings,
} from "./types.ts";
import type { Packet, PacketKind } from "./packet.ts";
import { encode, encodeLike } from "./wire.ts";

/** A change of health of this turn, still to be told together with what is done about it. */
export interface Change {
  readonly path: Path;
  readonly transition: Transition;
}

/** The node's knowledge, and what this turn has produced so far. */
export class World {
  readonly lans = new Map<NetworkName, Lan>();
  /** Changes whenever a network comes, goes, or changes its place. */
  lansVersion = 0;
  readonly nodes = new Nodes();
  readonly drops = new Drops();
  readonly settings: Settings;
  readonly random: Random;
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
  /** The last packet that was encoded in full: most have the same view, and only their header is written. */
  #last: { readonly view: View; readonly bytes: Uint8Array } | null = null;

  constructor(settings: Settings, random: Random) {
    this.settings = settings;
    this.random = random;
    this.boot = random.bits64();
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
    this.changes.push({ path, transition });
    this.dirty.add(path.node);
  }

  /**
   * Good packets in a row that bring a path up: -s where its traffic was moved to a path that serves it, else 1.
   * Coming back to traffic that never left, or that nothing carries, protects nobody by waiting.
   */
  neededGood(path: Path): number {
    if (path.route === null) return 1;
    const carrier = this.nodes.paths.get(path.route.gateway);
    return carrier?.state.health === "down" ? 1 : this.settings.restoreAfter;
  }

  /**
   * Decides whether a silent path is one on which we do not hear the peer, who is then told at once. One who is silent
   * everywhere is not told: he may be stopped, and when he goes on he would move his traffic off LANs that work.
   */
  judgeHearing({ node, state }: Path): void {
    if (state.health !== "down" || state.heard === false) return;
    if (state.misses < this.settings.failAfter) return;
    const others = [...node.paths.values()].filter((each) => each.state !== state);
    if (others.length > 0 && !others.some((each) => isDeadAlone(state, each.state))) return;
    state.heard = false;
    this.urgent = true;
  }

  /** Takes note of a good packet: it may bring the path up, and be what another path's traffic waited for. */
  noteGood(path: Path, now: Ms): void {
    const { node, state } = path;
    const isAwaited = (each: Path) => each.state.health === "down" && each.route === null;
    if ([...node.paths.values()].some(isAwaited)) this.dirty.add(node);
    this.note(path, recordGood(state, now, this.neededGood(path)));
  }

  /** How people call a path. */
  nameOf(path: Path): PathName {
    return { node: path.node.name, network: path.network, address: path.address };
  }

  /**
   * The bytes of a packet of ours. `about` are the paths whose reception it reports; `sequence` and `nonce` are
   * those of the inquiry, 0 in a statement.
   */
  packet(kind: PacketKind, about: Iterable<Path>, sequence: number, nonce: bigint): Uint8Array {
    this.sent += 1;
    const { requestor, intervalMs, failAfter, nodeName } = this.settings;
    const view = viewOf(this.lans.values(), about);
    const packet: Packet = {
      kind,
      requestor,
      boot: this.boot,
      counter: this.sent,
      sequence,
      nonce,
      intervalMs,
      failAfter,
      name: nodeName,
      ...view,
    };
    const last = this.#last;
    if (last !== null && isSameView(last.view, view)) return encodeLike(packet, last.bytes);
    const bytes = encode(packet);
    this.#last = { view, bytes };
    return bytes;
  }

  /** Puts a packet into the outbox. */
  send(lan: Lan, to: Address, port: number, bytes: Uint8Array): void {
    this.effects.push({ kind: "send", network: lan.network.name, to, port, bytes });
  }

  /** Puts a packet for everybody on a network into the outbox: broadcast, and to configured peers there. */
  sendToAll(lan: Lan, bytes: Uint8Array): void {
    const { port } = this.settings;
    this.send(lan, lan.network.broadcast, port, bytes);
    for (const path of this.nodes.paths.values()) {
      if (path.configured && path.network === lan.network.name) {
        this.send(lan, path.address, port, bytes);
      }
    }
  }
}
