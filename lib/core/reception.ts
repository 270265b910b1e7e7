/**
 * From a datagram to what it means: the rest of the ladder that wire.ts begins, then the parts that it concerns.
 *
 *   network there and usable -> not from us -> signed -> format -> not of our boot, nor of a past one -> allowed
 *   -> source in the subnet, and the claimed one -> no state of a stranger -> an answer that was asked for
 *   -> no replay -> room for the node -> who is it -> what does it complain of -> in time, for the first time
 */
import { contains } from "./address.ts";
import type { Allowance } from "./allowance.ts";
import { verifySignature } from "./authenticity.ts";
import type { DirectInquiries, DirectInquiry } from "./direct_inquiries.ts";
import type { Drop } from "./drops.ts";
import { GivenUp } from "./given_up.ts";
import type { Greeting } from "./greeting.ts";
import { type Introduction, Introductions, type Met } from "./introductions.ts";
import type { Inquiry, Lan } from "./lan.ts";
import type { Node, Path } from "./nodes.ts";
import { leftOut, longer } from "./omission.ts";
import { Pace } from "./pace.ts";
import { isHearsay, recordFault, recordHeard } from "./path_health.ts";
import { claimsOf, complaint, isHearingUs, noteDrained, peerDeaf, toldLoss } from "./peer_view.ts";
import type { Requestor } from "./requestor.ts";
import type { Responder, Unanswered } from "./responder.ts";
import { answerWaitFloorMs } from "./timing.ts";
import type { Address, DownCause, Event, HostRoute, Ms } from "./types.ts";
import type { Packet } from "./packet.ts";
import { isUnjudged } from "./unjudged.ts";
import type { Vouching } from "./vouching.ts";
import { decode, decodeLike } from "./wire.ts";
import type { World } from "./world.ts";

type Datagram = Extract<Event, { readonly kind: "datagram" }>;

/** A named reason not to use a packet, with the value that is at fault. */
interface Refusal {
  readonly drop: Drop;
  readonly value: string;
}

/** The inquiry of ours that an answer answers. */
type Answered =
  | { readonly kind: "broadcast"; readonly inquiry: Inquiry }
  | { readonly kind: "direct"; readonly inquiry: DirectInquiry };

/** A packet on its way down the ladder. */
interface Arrival {
  readonly packet: Packet;
  readonly lan: Lan;
  readonly datagram: Datagram;
  /** It has a valid signature. */
  readonly isSigned: boolean;
  /** What an answer answers; null: nothing of ours, or it is none. */
  readonly answered: Answered | null;
}

/** The parts that a packet can concern. */
export interface ReceptionParts {
  readonly requestor: Requestor;
  readonly responder: Responder;
  readonly direct: DirectInquiries;
  readonly greeting: Greeting;
  readonly vouching: Vouching;
  /** Who is listened to; null: everybody. */
  allowance: Allowance | null;
  /** Hands out the route that a predecessor left for an address, once. */
  adopt(address: Address): HostRoute | null;
}

/** A packet this far behind the newest one of its boot was not overtaken: the sender was set back. */
const STRAGGLERS = 1000;

/** Takes datagrams in. */
export class Reception {
  readonly #world: World;
  readonly #parts: ReceptionParts;
  readonly #introductions: Introductions;
  readonly #unauthenticated = new Pace();
  readonly #givenUp: GivenUp;

  constructor(world: World, parts: ReceptionParts) {
    this.#world = world;
    this.#parts = parts;
    this.#introductions = new Introductions(world);
    this.#givenUp = new GivenUp(world);
  }

  /** Goes by changed settings: whoever is known is met anew with its next packet. */
  adapt(allowance: Allowance | null): void {
    this.#parts.allowance = allowance;
    this.#parts.vouching.adapt(this.#world.settings.intervalMs);
    this.#introductions.forget();
  }

  /** Takes one datagram in, stamped `now` at its receipt. */
  take(datagram: Datagram, now: Ms): void {
    const refusal = this.#use(datagram, now);
    if (refusal !== null) this.#drop(refusal, datagram, now);
  }

  #drop({ drop, value }: Refusal, { network, from }: Datagram, now: Ms): void {
    const lan = this.#world.lans.get(network);
    if (lan !== undefined && drop !== "own") lan.counts.dropped += 1;
    this.#world.tell(this.#world.drops.count(drop, value, network, from, now));
  }

  #use(datagram: Datagram, now: Ms): Refusal | null {
    const world = this.#world;
    const { from, bytes } = datagram;
    const lan = world.lans.get(datagram.network);
    if (lan === undefined || !lan.present) return { drop: "network-gone", value: datagram.network };
    if (!lan.usable) return { drop: "network-unusable", value: datagram.network };
    // Our own broadcasts come back to us: the commonest packet of all, not worth decoding.
    if (from === lan.network.address) return { drop: "own", value: from };
    lan.counts.received += 1;
    const signature = this.#verify(datagram, now);
    if (typeof signature === "object") return signature;
    const known = this.#introductions.find(datagram);
    const decoded = known === undefined
      ? decode(bytes)
      : decodeLike(bytes, known.bytes, known.packet);
    if (decoded.drop !== undefined) return decoded;
    const { packet } = decoded;
    const answered = packet.kind === "ack" ? this.#answeredBy(packet, lan, from) : null;
    const arrival = { packet, lan, datagram, isSigned: signature === "signed", answered };
    return this.#judge(arrival, known, now);
  }

  /** Whether a datagram is signed, as far as that matters, or why it is refused. */
  #verify({ bytes, network, from }: Datagram, now: Ms): "signed" | "unsigned" | Refusal {
    const { sealer, settings } = this.#world;
    if (sealer === null || settings.auth === "off") return "unsigned";
    const verdict = verifySignature(bytes, sealer);
    if (verdict.kind === "valid") return "signed";
    const { drop, value } = verdict;
    if (settings.auth === "enforce") return { drop, value };
    const count = this.#unauthenticated.due(drop, now);
    if (count !== null) {
      this.#world.tell({ kind: "unauthenticated", reason: drop, value, network, from, count });
    }
    return "unsigned";
  }

  #answeredBy({ sequence, nonce }: Packet, lan: Lan, from: Address): Answered | null {
    const inquiry = lan.match(sequence, nonce);
    if (inquiry !== null) return { kind: "broadcast", inquiry };
    const direct = this.#parts.direct.match(lan.network.name, from, nonce);
    return direct === null ? null : { kind: "direct", inquiry: direct };
  }

  #judge(arrival: Arrival, known: Introduction | undefined, now: Ms): Refusal | null {
    const { packet, lan } = arrival;
    if (packet.passing) return this.#takePassing(arrival, now);
    const recognised = this.#introductions.recognise(packet, lan, known);
    const claims = recognised === null ? this.#claimsOf(packet) : null;
    const refusal = (claims === null ? null : this.#refuse(arrival, claims, now)) ??
      this.#refuseAnswer(arrival) ?? this.#refuseReplay(arrival, now);
    if (refusal !== null) return refusal;
    const met = recognised ?? this.#introduce(arrival, claims as ReadonlyMap<Address, string>, now);
    if ("drop" in met) return met;
    const { node, path } = met;
    path.lastPacketAt = now;
    // Whatever it is that came.
    if (path.state.heard === false) path.state.heard = true;
    // Where replays are refused, an answer has shown that before.
    const isGuarded = this.#world.settings.auth === "enforce";
    if (!isGuarded && packet.counter < node.counter - STRAGGLERS) this.#rewind(node);
    this.#noteListing(arrival, path, now);
    if (packet.counter > node.counter) this.#readView(arrival, node, now);
    const isGood = complaint(packet, path, lan, now) === null;
    return this.#dispatch(arrival, met, now, isGood);
  }

  /** Who asks in passing is no node, whoever else sends from its address: it is answered, and that is all. */
  #takePassing(arrival: Arrival, now: Ms): Refusal | null {
    const refusal = this.#refuse(arrival, this.#claimsOf(arrival.packet), now);
    if (refusal === null) this.#answer(arrival, null, now);
    return refusal;
  }

  /** The addresses on networks of ours that a packet claims for its sender, as far as those are allowed. */
  #claimsOf(packet: Packet): Map<Address, string> {
    const claims = claimsOf(packet, this.#world.lans);
    const { allowance } = this.#parts;
    if (allowance === null) return claims;
    for (const address of claims.keys()) {
      if (!allowance.admits(packet.name, address)) claims.delete(address);
    }
    return claims;
  }

  #introduce(
    { packet, lan, datagram }: Arrival,
    claims: ReadonlyMap<Address, string>,
    now: Ms,
  ): Met | Refusal {
    const { greeting, adopt } = this.#parts;
    const met = this.#world.nodes.meet({ ...packet, address: datagram.from, claims }, now, {
      isAlive: (path) => greeting.isAlive(path, now),
      adopt,
    });
    if (met === null) return { drop: "too-many-nodes", value: packet.name };
    greeting.greet(met, now);
    this.#introductions.remember(packet, lan, datagram, met);
    return met;
  }

  #refuse(
    { packet, lan, datagram: { from } }: Arrival,
    claims: ReadonlyMap<Address, string>,
    now: Ms,
  ): Refusal | null {
    const world = this.#world;
    const { greeting, allowance } = this.#parts;
    const { name } = packet;
    if (packet.boot === world.boot) return { drop: "own", value: from };
    if (greeting.isRetired(packet.boot, now)) return { drop: "retired-boot", value: name };
    if (allowance !== null && !allowance.admits(name, from)) {
      return { drop: "not-allowed", value: name };
    }
    if (!contains(lan.subnet, from)) return { drop: "foreign-source", value: from };
    if (packet.source !== from || claims.get(from) !== lan.network.name) {
      return { drop: "source-not-claimed", value: from };
    }
    const isKnown = world.nodes.byBoot(packet.boot) !== undefined || world.nodes.paths.has(from);
    return packet.kind === "state" && !isKnown ? { drop: "stranger-state", value: name } : null;
  }

  #refuseAnswer({ packet, answered }: Arrival): Refusal | null {
    if (packet.kind !== "ack" || answered !== null) return null;
    const value = String(packet.sequence);
    if (this.#parts.direct.isClosed(packet.nonce)) return { drop: "late-answer", value };
    return this.#world.settings.requestor
      ? { drop: "foreign-answer", value }
      : { drop: "unasked-answer", value: packet.name };
  }

  /**
   * Keeps recordings out. A signature proves who wrote a packet, not when: that it is new follows from an answer to an
   * inquiry just sent, and for all that comes after it from the counter. Whoever could not prove it yet is answered,
   * and asked.
   */
  #refuseReplay(arrival: Arrival, now: Ms): Refusal | null {
    // Where unsigned packets are used, a recording would only have to lose its signature.
    if (!arrival.isSigned || this.#world.settings.auth !== "enforce") return null;
    const { packet, lan, answered } = arrival;
    const { vouching } = this.#parts;
    if (answered !== null && (answered.kind === "direct" || answered.inquiry === lan.latest)) {
      const proof = vouching.vouch(packet, answered.inquiry.sentAt, now);
      const node = proof === "set-back" ? this.#world.nodes.byBoot(packet.boot) : undefined;
      if (node !== undefined) this.#rewind(node);
      return null;
    }
    const freshness = vouching.accept(packet, now);
    if (freshness === "fresh") return null;
    if (freshness === "unproven" && packet.kind === "inq") this.#answer(arrival, null, now);
    const { from } = arrival.datagram;
    if (vouching.challengeDue(from, freshness, now)) {
      this.#parts.direct.challenge(lan, from, now);
    }
    return freshness === "unproven"
      ? { drop: "unproven-boot", value: packet.name }
      : { drop: "replayed", value: String(packet.counter) };
  }

  /** A machine that was set back to an earlier state goes on counting from there, under the same boot id. */
  #rewind(node: Node): void {
    node.counter = 0;
    for (const path of node.paths.values()) path.lastInquiry = null;
  }

  /** Acts on what the newest packet of a node says of its networks. */
  #readView({ packet, answered }: Arrival, node: Node, now: Ms): void {
    const world = this.#world;
    node.counter = packet.counter;
    this.#readGoodbye(packet, node, now);
    const deaf = leftOut(node, world);
    for (const path of [...node.paths.values()]) {
      if (!path.configured && this.#givenUp.isSo(path, packet, answered, now)) {
        world.tell({ kind: "address-gone", path: world.nameOf(path) });
        world.nodes.removePath(path);
        world.dirty.add(node);
        continue;
      }
      const lan = world.lanOf(path);
      const loss = toldLoss(packet, lan);
      // That all is lost is a complaint of its own, not a figure.
      world.noteToldLoss(path, loss === 1 ? 0 : loss);
      const cause = complaint(packet, path, lan, now) ??
        (deaf.has(path) ? peerDeaf(path, now) : null);
      path.peerDeaf = cause?.kind === "peer-deaf";
      noteDrained(packet, path);
      if (cause === null || isUnjudged(node, world.settings)) continue;
      this.#fault(path, cause, now);
      world.judgeDirection(path, now);
    }
  }

  /** Takes note of whether an inquiry says that its sender hears us where it came in. */
  #noteListing({ packet, lan }: Arrival, path: Path, now: Ms): void {
    if (packet.kind !== "inq") return;
    const isListed = isHearingUs(packet, lan) || !this.#world.isJudgedByInquiries(path);
    path.omission = isListed ? null : longer(path.omission, now);
  }

  #readGoodbye(packet: Packet, node: Node, now: Ms): void {
    if (packet.goodbyeMs !== null) {
      this.#parts.greeting.stopping(node, packet.goodbyeMs, packet.counter, now);
    } else if (node.stopping !== null && packet.counter > node.stopping.counter) {
      node.stopping = null;
    }
  }

  #fault(path: Path, cause: DownCause, now: Ms): void {
    const world = this.#world;
    let evidenceAt = now;
    if (isHearsay(cause)) {
      // Who is deaf has waited in vain for an interval and more before it says so, and may hear us again by now.
      const waitedMs = Math.max(world.settings.intervalMs, path.node.intervalMs);
      const waitedSince = now - waitedMs - answerWaitFloorMs(waitedMs);
      if (waitedSince < world.wokeAt) return;
      if (path.state.health === "down") evidenceAt = waitedSince;
    }
    world.note(path, recordFault(path.state, now, cause, evidenceAt));
  }

  #dispatch(arrival: Arrival, { path }: Met, now: Ms, isGood: boolean): Refusal | null {
    const { packet, answered } = arrival;
    const wasUnknown = path.state.health === "unknown";
    let verdict: Drop | "good" = "good";
    if (packet.kind === "inq") {
      if (this.#world.isJudgedByInquiries(path)) {
        verdict = this.#hear(packet, path, now, isGood);
      }
      // Only now: the answer says what is known with this inquiry taken in.
      this.#answer(arrival, path, now);
    } else if (answered !== null) {
      verdict = this.#takeAnswer(arrival, answered, path, now, isGood);
    }
    if (wasUnknown && path.state.health === "up") this.#parts.greeting.tellFound(path);
    return verdict === "good" ? null : { drop: verdict, value: String(packet.sequence) };
  }

  /** Takes an inquiry for what it says of the path, where the peer is judged by them. */
  #hear(packet: Packet, path: Path, now: Ms, isGood: boolean): Drop | "good" {
    const world = this.#world;
    const isListed = path.omission === null;
    const verdict = this.#parts.responder.hear(packet, path, now, isGood && isListed);
    if (!isListed) world.judgeDirection(path, now);
    return verdict;
  }

  #takeAnswer(
    { packet, lan }: Arrival,
    answered: Answered,
    path: Path,
    now: Ms,
    isGood: boolean,
  ): Drop | "good" {
    const { requestor, direct } = this.#parts;
    if (answered.kind === "broadcast") {
      return requestor.answer(answered.inquiry, path, lan, now, isGood);
    }
    direct.close(packet.nonce);
    const { settings } = this.#world;
    // Of a peer that nothing is asked of regularly, nothing would take it down again.
    if (!settings.requestor && !path.node.requestor) recordHeard(path.state);
    else requestor.answerDirect(answered.inquiry, path, now, isGood);
    return "good";
  }

  #answer({ packet, lan, datagram }: Arrival, path: Path | null, now: Ms): void {
    const { from, port, bytes } = datagram;
    const asked = { packet, path, lan, from, port, bytes: bytes.length };
    const drop: Unanswered = this.#parts.responder.answer(asked, now);
    if (drop !== null) this.#drop({ drop, value: packet.name }, datagram, now);
  }
}
