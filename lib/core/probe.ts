/**
 * Who is there: some rounds of inquiries in passing (docs/WIRE.md, W99), and what was answered to them.
 *
 * Like the machine this is pure: it is told the time and what arrived, and says what to send. A node is known by its
 * boot, and by its addresses; what it lists as its own on our networks is where it has to answer.
 */
import { contains, parseV4 } from "./address.ts";
import { answerRoom } from "./answer_room.ts";
import { verifySignature } from "./authenticity.ts";
import { compareNames } from "./inventory.ts";
import { nextSequence } from "./lan.ts";
import { MAX_INTERFACES, type Packet, type WireInterface } from "./packet.ts";
import { type ProbedNetwork, type ProbeDrop, type ProbeReport, verdictOf } from "./probe_report.ts";
import { type KnownPath, type ProbeLan, probeLanOf, ProbeRoster } from "./probe_roster.ts";
import { answerDelayMs, spreadMs } from "./spread.ts";
import type { Address, Ms, Network, NetworkName, Random, Sealer, StaticPeer } from "./types.ts";
import { decode, encode, sign } from "./wire.ts";

/** What is to be asked. */
export interface ProbePlan {
  /** All networks of this host, which each inquiry lists. */
  readonly networks: readonly Network[];
  /** Those of them on which is asked. */
  readonly asked: ReadonlySet<NetworkName>;
  /** How this host is called. */
  readonly nodeName: string;
  /** Where nodes listen. */
  readonly port: number;
  readonly rounds: number;
  /** From one round to the next: 10 ms to an hour. */
  readonly intervalMs: Ms;
  /** How long an answer is waited for before it counts as lost; it counts still if it comes later. */
  readonly waitMs: Ms;
  /** Nodes that are known beforehand; they are asked by unicast as well. */
  readonly peers: readonly StaticPeer[];
  /** Names and addresses of the nodes that are of interest; empty: all are. */
  readonly wanted: readonly string[];
  /** Signs inquiries; null: they are not signed. */
  readonly sealer: Sealer | null;
  /** Whether answers must be signed; only with a sealer. */
  readonly isEnforced: boolean;
}

/** A datagram to be sent. */
export interface ProbeSend {
  readonly network: NetworkName;
  readonly to: Address;
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** Something to be shown at once. */
export interface ProbeNews {
  readonly network: NetworkName;
  readonly node: string;
  readonly address: Address;
  /** From 1. */
  readonly round: number;
  /** Null: it did not answer this round. */
  readonly roundTripMs: Ms | null;
  /** It is the first answer of this address. */
  readonly isFirst: boolean;
}

/** An inquiry to all on one network. */
interface Asked {
  readonly round: number;
  readonly lan: ProbeLan;
  readonly sentAt: Ms;
  readonly spreadMs: Ms;
  readonly answeredBy: Set<Address>;
  /** Its answers were waited for long enough. */
  isJudged: boolean;
  /** Too many answered it at once: who is missing then may have answered as well. */
  isCrowded: boolean;
}

/** Kinds of answers that could not be used, and their senders, that are told apart. */
const MOST_DROPS = 64;
/** Inquiries that are remembered, for answers that come late. */
const MOST_ASKED = 256;

/** Asks in rounds. */
export class Probe {
  readonly #plan: ProbePlan;
  readonly #random: Random;
  readonly #boot: bigint;
  readonly #lans: readonly ProbeLan[];
  readonly #interfaces: readonly WireInterface[];
  readonly #roster: ProbeRoster;
  /** By nonce, the oldest first. */
  readonly #asked = new Map<bigint, Asked>();
  readonly #drops = new Map<string, ProbeDrop>();
  #counter = 0;
  #round = 0;
  #roundAt: Ms;

  /** The first round is due at once. */
  constructor(plan: ProbePlan, random: Random, now: Ms) {
    this.#plan = plan;
    this.#random = random;
    this.#boot = random.bits64();
    this.#roundAt = now;
    this.#lans = plan.networks.filter(({ name }) => plan.asked.has(name)).map(probeLanOf);
    // Those on which is asked must be among them.
    const listed = new Set([...this.#lans.map(({ network }) => network), ...plan.networks]);
    this.#interfaces = [...listed].slice(0, MAX_INTERFACES).map((network) => {
      const { address, prefixLength, usable } = network;
      return { address, prefixLength, usable, drained: false, hearsNobody: false };
    });
    this.#roster = new ProbeRoster(this.#lans, plan.wanted);
    for (const { node, addresses } of plan.peers) this.#roster.expect(node, addresses);
  }

  /** When `tick` is to be called next; null: all is over. */
  nextAt(): Ms | null {
    let next = this.#round < this.#plan.rounds ? this.#roundAt : Infinity;
    for (const asked of this.#asked.values()) {
      if (!asked.isJudged) next = Math.min(next, this.#judgedAt(asked));
    }
    return next === Infinity ? null : next;
  }

  /** Judges the rounds whose time is over, and asks anew when that is due. */
  tick(now: Ms): { readonly sends: readonly ProbeSend[]; readonly news: readonly ProbeNews[] } {
    const news: ProbeNews[] = [];
    for (const asked of this.#asked.values()) {
      if (asked.isJudged || this.#judgedAt(asked) > now) continue;
      news.push(...this.#judge(asked));
    }
    return { sends: this.#ask(now), news };
  }

  /** Takes what arrived on a network; returns what it was an answer to, null if it is none or has been there before. */
  take(network: NetworkName, from: Address, bytes: Uint8Array, now: Ms): ProbeNews | null {
    const { sealer, isEnforced } = this.#plan;
    const decoded = decode(bytes);
    if (decoded.drop !== undefined) return this.#drop(decoded.drop, decoded.value, network, from);
    const { packet } = decoded;
    const asked = packet.kind === "ack" ? this.#asked.get(packet.nonce) : undefined;
    // Whatever else comes to this port is for somebody else.
    if (asked === undefined || asked.lan.network.name !== network) return null;
    if (sealer !== null && isEnforced) {
      const verdict = verifySignature(bytes, sealer);
      if (verdict.kind === "invalid") {
        return this.#drop(verdict.drop, verdict.value, network, from);
      }
    }
    if (!contains(asked.lan.subnet, from)) return this.#drop("foreign-source", from, network, from);
    if (packet.source !== from) {
      return this.#drop("source-not-claimed", packet.source, network, from);
    }
    return this.#count(packet, asked, now);
  }

  /** A node is known to somebody else: it counts as known, and is asked as all are. */
  expect(node: string, addresses: readonly Address[]): void {
    this.#roster.expect(node, addresses);
  }

  /** A datagram could not be sent; on its network nothing more is expected until one can. */
  sendFailed(network: NetworkName, reason: string): void {
    const lan = this.#lans.find((each) => each.network.name === network);
    if (lan !== undefined) lan.problem = reason;
  }

  /** What is known now; an inquiry whose answer may still come does not count as unanswered. */
  report(now: Ms): ProbeReport {
    const nodes = this.#roster.nodes((path) => this.#askedOf(path, now));
    nodes.sort((a, b) => compareNames(a.name, b.name));
    const others = this.#roster.others().sort(compareNames);
    const networks = this.#lans.map(({ network, problem, asked }): ProbedNetwork => {
      const { name, interfaceName, address, prefixLength } = network;
      const answering = nodes.filter(({ paths }) =>
        paths.some((path) => path.network === name && path.absence === null)
      );
      return {
        name,
        interfaceName,
        address,
        prefixLength,
        problem,
        asked,
        nodes: answering.length,
      };
    });
    const drops = [...this.#drops.values()];
    return { networks, nodes, others, drops, verdict: verdictOf(nodes, others) };
  }

  // ------------------------------------------------------------------------------------------- asking

  #ask(now: Ms): ProbeSend[] {
    const { rounds, intervalMs } = this.#plan;
    if (this.#round >= rounds || now < this.#roundAt) return [];
    this.#forget();
    this.#round += 1;
    // After a pause of the machine the rounds are not made up for.
    this.#roundAt = Math.max(this.#roundAt + intervalMs, now + intervalMs / 2);
    return this.#lans.filter(({ network }) => network.usable).flatMap((lan) => {
      const spread = spreadMs(lan.answers, intervalMs);
      const nonce = this.#random.bits64();
      this.#asked.set(nonce, {
        round: this.#round,
        lan,
        sentAt: now,
        spreadMs: spread,
        answeredBy: new Set(),
        isJudged: false,
        isCrowded: false,
      });
      lan.answers = 0;
      lan.asked += 1;
      lan.problem = null;
      const { broadcast, name } = lan.network;
      const unicast = [...this.#roster.paths.values()].filter(({ network, address }) =>
        network === name && this.#isListed(address)
      );
      return [broadcast, ...unicast.map(({ address }) => address)].map((to) => {
        const direct = to !== broadcast;
        const bytes = this.#inquiry(lan, nonce, direct, spread);
        return { network: name, to, port: this.#plan.port, bytes };
      });
    });
  }

  #forget(): void {
    for (const [nonce, { isJudged }] of this.#asked) {
      if (this.#asked.size < MOST_ASKED) return;
      if (isJudged) this.#asked.delete(nonce);
    }
  }

  /** Whether an address was named beforehand, so that broadcast may not reach it. */
  #isListed(address: Address): boolean {
    return this.#plan.peers.some(({ addresses }) => addresses.includes(address));
  }

  #inquiry({ network }: ProbeLan, nonce: bigint, direct: boolean, spread: Ms): Uint8Array {
    const { intervalMs, nodeName, sealer } = this.#plan;
    this.#counter += 1;
    const packet: Packet = {
      kind: "inq",
      requestor: false,
      direct,
      passing: true,
      boot: this.#boot,
      counter: this.#counter,
      sequence: nextSequence(this.#round - 1),
      nonce,
      intervalMs,
      failAfter: 1,
      name: nodeName,
      source: network.address,
      interfaces: this.#interfaces,
      unheard: [],
      heard: null,
      lossy: [],
      spreadMs: direct ? 0 : spread,
      goodbyeMs: null,
    };
    const room = answerRoom(MAX_INTERFACES, sealer !== null);
    const bytes = encode(packet, { room, keyId: sealer?.keyId });
    if (sealer !== null) sign(bytes, sealer);
    return bytes;
  }

  #judgedAt({ sentAt, spreadMs }: Asked): Ms {
    return sentAt + spreadMs + this.#plan.waitMs;
  }

  /** Counts an inquiry, and tells who did not answer it. */
  #judge(asked: Asked): ProbeNews[] {
    const { round, lan, answeredBy } = asked;
    const { name } = lan.network;
    asked.isJudged = true;
    // The next one asks for answers that are spread, so that no socket overflows.
    asked.isCrowded = asked.spreadMs === 0 && round < this.#plan.rounds &&
      spreadMs(answeredBy.size, this.#plan.intervalMs) > 0;
    if (asked.isCrowded) {
      for (const address of answeredBy) this.#roster.countApart(address);
      return [];
    }
    lan.judged += 1;
    return [...this.#roster.paths.values()].filter(({ network, address, node }) =>
      network === name && node.isWanted && !answeredBy.has(address)
    ).map(({ network, address, node }) => {
      return { network, address, node: node.name, round, roundTripMs: null, isFirst: false };
    });
  }

  // ------------------------------------------------------------------------------------------ answers

  #count(packet: Packet, asked: Asked, now: Ms): ProbeNews | null {
    const { round, lan, sentAt, spreadMs, answeredBy } = asked;
    const path = this.#roster.meet(packet);
    if (path === null || answeredBy.has(path.address)) return null;
    const { network, address, node } = path;
    const isFirst = path.answered === 0;
    answeredBy.add(address);
    path.answered += 1;
    if (asked.isCrowded) path.askedApart += 1;
    lan.answers += 1;
    // A node that did not wait for its time took none.
    const delayMs = answerDelayMs(spreadMs, parseV4(address) ?? 0);
    const tookMs = Math.max(0, now - sentAt - delayMs);
    path.minMs = Math.min(path.minMs, tookMs);
    path.maxMs = Math.max(path.maxMs, tookMs);
    path.sumMs += tookMs;
    if (!node.isWanted) return null;
    return { network, address, node: node.name, round, roundTripMs: tookMs, isFirst };
  }

  /** How many inquiries an address answered, or could have: not those to which its answer may still come. */
  #askedOf({ network, address, askedApart }: KnownPath, now: Ms): number {
    const lan = this.#lans.find((lan) => lan.network.name === network);
    let count = askedApart + (lan?.judged ?? 0);
    for (const each of this.#asked.values()) {
      if (each.isJudged || each.lan.network.name !== network) continue;
      if (each.answeredBy.has(address) || this.#judgedAt(each) <= now) count += 1;
    }
    return count;
  }

  #drop(reason: string, value: string, network: NetworkName, from: Address): null {
    const key = `${reason} ${network} ${from}`;
    const count = (this.#drops.get(key)?.count ?? 0) + 1;
    if (count === 1 && this.#drops.size >= MOST_DROPS) return null;
    this.#drops.set(key, { reason, value, network, from, count });
    return null;
  }
}
