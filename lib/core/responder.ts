/**
 * The responder: answers inquiries by the way they came, and judges by inquiries those peers that owe us one an
 * interval.
 *
 *   an inquiry is | for us alone | of a requestor, to a requestor whose own come as often | any other, or in passing
 *   --------------+--------------+--------------------------------------------------------+---------------------------
 *   answered      | at once      | only if it says that it does not hear us               | at its time, see spread.ts
 *
 * So among requestors one inquiry of each an interval says all: its list of who is heard is the answer to them.
 */
import { AnswerLimit } from "./answer_limit.ts";
import { answerWaitFloorMs, inquiryAllowanceMs } from "./timing.ts";
import type { DirectInquiries } from "./direct_inquiries.ts";
import { type Lan, nextSequence } from "./lan.ts";
import type { Path } from "./nodes.ts";
import { contains, subnetOf } from "./address.ts";
import { recordHeard } from "./path_health.ts";
import { isHearingUs } from "./peer_view.ts";
import { answerDelayMs } from "./spread.ts";
import type { Address, Ms } from "./types.ts";
import type { Packet, WireInterface } from "./packet.ts";
import type { World } from "./world.ts";

/** What an inquiry was worth to a node that judges by inquiries. */
export type InquiryVerdict = "good" | "duplicate-inquiry";

/** Why an inquiry was not answered, though it had to be; null: it was, or did not have to be. */
export type Unanswered = "too-many-inquiries" | "answer-too-long" | null;

/** An inquiry, whence and how it came. */
export interface Asked {
  readonly packet: Packet;
  /** Who asks; null: a stranger, of whom nothing is believed. */
  readonly path: Path | null;
  readonly lan: Lan;
  readonly from: Address;
  readonly port: number;
  /** Its length: the answer must not be longer. */
  readonly bytes: number;
}

/** An answer that waits for its time. */
interface Waiting extends Asked {
  readonly at: Ms;
}

/** Answers that wait at one time: the most nodes that are known. */
const WAITING_LIMIT = 4096;

/** Answers, and judges by the inquiries. */
export class Responder {
  /** No inquiry is overdue before this; a lower bound, made exact by every judge(). */
  earliest: Ms = Infinity;
  /** No answer is due before this. */
  answerAt: Ms = Infinity;
  readonly #world: World;
  readonly #direct: DirectInquiries;
  readonly #limit = new AnswerLimit();
  /** A limit of its own: a flood of recordings must not use up what their author is owed. */
  readonly #strangers = new AnswerLimit();
  #waiting: Waiting[] = [];

  constructor(world: World, direct: DirectInquiries) {
    this.#world = world;
    this.#direct = direct;
  }

  /** Answers an inquiry, now or at its time, if it wants an answer of ours. */
  answer(asked: Asked, now: Ms): Unanswered {
    const { packet, path, lan, from } = asked;
    if (!this.#isOwed(packet, lan)) return null;
    if (path !== null) {
      // A copy, by broadcast and for us alone.
      if (path.lastAnswered === packet.nonce) return null;
      path.lastAnswered = packet.nonce;
    }
    const limit = path === null ? this.#strangers : this.#limit;
    if (!limit.take(from, now)) return "too-many-inquiries";
    if (packet.spreadMs === 0 || packet.direct || lan.number === null) return this.#send(asked);
    if (this.#waiting.length >= WAITING_LIMIT) return "too-many-inquiries";
    const at = now + answerDelayMs(packet.spreadMs, lan.number);
    this.#waiting.push({ ...asked, at });
    this.answerAt = Math.min(this.answerAt, at);
    return null;
  }

  /** Sends the answers whose time has come. */
  sendWaiting(now: Ms): void {
    if (this.answerAt > now) return;
    const due = this.#waiting.filter((each) => each.at <= now);
    this.#waiting = this.#waiting.filter((each) => each.at > now);
    this.answerAt = this.#waiting.reduce((least, { at }) => Math.min(least, at), Infinity);
    for (const each of due) if (each.lan.usable) this.#send(each);
  }

  /** Whether the asker counts on an answer to this inquiry. */
  #isOwed(packet: Packet, lan: Lan): boolean {
    const { requestor, intervalMs } = this.#world.settings;
    if (packet.direct || packet.passing) return true;
    if (!requestor || intervalMs > packet.intervalMs) return true;
    return !isHearingUs(packet, lan);
  }

  #send({ packet, path, lan, from, port, bytes }: Asked): Unanswered {
    const world = this.#world;
    const draft = {
      kind: "ack",
      over: lan,
      about: path === null ? [] : [...path.node.paths.values()],
      inquiry: packet,
    } as const;
    let answer = world.packet(draft);
    if (answer.length > bytes) answer = world.packet({ ...draft, lists: isKnownTo(packet, lan) });
    if (answer.length > bytes) return "answer-too-long";
    world.send(lan, from, port, answer);
    return null;
  }

  /** Counts an inquiry that came by `path`; `isGood` is false where the packet itself complains. */
  hear(packet: Packet, path: Path, now: Ms, isGood: boolean): InquiryVerdict {
    const last = path.lastInquiry;
    // Order and identity go by the counter: the sequence starts anew when the peer's network does.
    if (last !== null && packet.counter <= last.counter) return "duplicate-inquiry";
    if (last !== null && packet.sequence === last.sequence) {
      // One more try of what came already: it proves that we hear, and no more.
      path.lastInquiry = { ...last, counter: packet.counter };
      recordHeard(path.state);
      return "good";
    }
    const expected = last === null ? packet.sequence : nextSequence(last.sequence);
    if (packet.sequence !== expected) path.state.good = 0;
    // What was sent while we slept was not lost on its way.
    const isGap = last !== null && last.at >= this.#world.wokeAt;
    this.#noteLoss(path, isGap ? packet.sequence - expected : 0);
    path.lastInquiry = { sequence: packet.sequence, counter: packet.counter, at: now };
    if (path.node.requestor) this.expectInquiry(path, now);
    this.#direct.count(path, now, isGood);
    return "good";
  }

  /** From `now` on the peer owes an inquiry on this path. */
  expectInquiry(path: Path, now: Ms): void {
    const { intervalMs } = path.node;
    path.expectBy = now + intervalMs + this.#allowanceMs(path);
    this.earliest = Math.min(this.earliest, path.expectBy);
  }

  /** Counts the inquiries that are overdue. */
  judge(now: Ms): void {
    if (this.earliest > now) return;
    this.earliest = Infinity;
    for (const path of this.#world.nodes.paths.values()) {
      if (path.expectBy === null) continue;
      if (path.expectBy <= now) this.#miss(path, now);
      this.earliest = Math.min(this.earliest, path.expectBy);
    }
  }

  /** Starts all waits anew: we were away, and what did not come in that time proves nothing. */
  forgive(now: Ms): void {
    for (const path of this.#world.nodes.paths.values()) {
      if (path.expectBy !== null) this.expectInquiry(path, now);
    }
  }

  /**
   * How much later than an interval an inquiry may be. A requestor that can confirm a miss need not be as patient as a
   * mere responder. On a path that is down there is nothing to be fast for: one that is late must not undo those before.
   */
  #allowanceMs({ node, state }: Path): Ms {
    const { requestor, confirmIntervalMs } = this.#world.settings;
    const { intervalMs, failAfter } = node;
    if (state.health === "down") return answerWaitFloorMs(intervalMs);
    return inquiryAllowanceMs(intervalMs, failAfter, requestor ? confirmIntervalMs : intervalMs);
  }

  /**
   * One inquiry came, and `skipped` before it did not. Only this tells what was lost: what is overdue may just be late,
   * and silence is the business of -f.
   */
  #noteLoss(path: Path, skipped: number): void {
    const world = this.#world;
    const lost = Math.min(Math.max(0, skipped), world.settings.loss.window);
    for (let i = 0; i < lost; i++) world.noteLoss(path, true);
    world.noteLoss(path, false);
  }

  #miss(path: Path, now: Ms): void {
    const world = this.#world;
    const { state, node } = path;
    const { intervalMs } = node;
    path.expectBy = now + intervalMs;
    if (world.isExcused(node, now)) return;
    const sentAt = now - intervalMs - this.#allowanceMs(path);
    const miss = { what: "inquiries", sentAt } as const;
    world.noteMiss(path, miss, now);
    if (state.health === "down") world.dirty.add(node);
    world.judgeHearing(path, now);
    world.judgeDirection(path, now);
    this.#complain(path, now);
    this.#direct.confirm(path, now);
  }

  /**
   * A node that sends no inquiries says on the dead network itself, once an interval, that it hears nothing: if that
   * arrives, the other end knows that only its own way is dead.
   */
  #complain({ state, network, node }: Path, now: Ms): void {
    const world = this.#world;
    const lan = world.lans.get(network);
    // In this turn all networks are told anyway.
    if (world.urgent) return;
    if (world.settings.requestor || state.heard !== false || !lan?.usable) return;
    if (now - lan.statedAt >= node.intervalMs / 2) world.state(lan, now);
  }
}

/**
 * Which interfaces of ours mean something to an asker: the one that we answer by, and those on networks that it is on
 * itself. It ignores the others.
 */
function isKnownTo(packet: Packet, { network }: Lan): (each: WireInterface) => boolean {
  const subnets = packet.interfaces.map(({ address, prefixLength }) =>
    subnetOf(address, prefixLength)
  );
  return ({ address }) =>
    address === network.address || subnets.some((subnet) => contains(subnet, address));
}
