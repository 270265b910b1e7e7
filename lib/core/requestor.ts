/**
 * The requestor: inquires on every network at the interval and judges each path by the answers.
 *
 *   due:    judge who did not answer the open inquiry, then open the next one
 *   answer: right inquiry, first time, in time -> good; late, repeated or foreign -> counted, nothing else
 *
 * Other requestors do not answer, where their own inquiries come as often: those say as much (responder.ts).
 */
import type { DirectInquiries, DirectInquiry } from "./direct_inquiries.ts";
import type { Inquiry, Lan } from "./lan.ts";
import type { Node, Path } from "./nodes.ts";
import { answerWaitMs, withSample } from "./round_trip.ts";
import { answerDelayMs, spreadMs } from "./spread.ts";
import { JITTER_MIN } from "./timing.ts";
import type { Ms } from "./types.ts";
import type { World } from "./world.ts";

/** So many missed inquiries may still be answered late, unless a later one is answered first. */
const LATE_LIMIT = 4;

/** What an answer was worth. */
export type AnswerVerdict = "good" | "late-answer" | "duplicate-answer";

/** With every so many inquiries one peer is asked directly: a hardly noticeable part of all packets. */
export const MEASURE_EVERY = 32;

/** Inquires and judges the answers. */
export class Requestor {
  readonly #world: World;
  readonly #direct: DirectInquiries;

  constructor(world: World, direct: DirectInquiries) {
    this.#world = world;
    this.#direct = direct;
  }

  /** Judges the inquiries whose time is up; `lans` that are due are left with nothing unanswered. */
  judge(now: Ms): void {
    for (const lan of this.#world.lans.values()) {
      if (lan.judgeAt > now) continue;
      const sentAt = lan.latest?.sentAt ?? now;
      for (const path of this.#pathsOn(lan)) if (path.pending) this.#miss(path, sentAt, now);
      this.abandon(lan);
    }
  }

  /**
   * Sends the inquiries that are due, and with them those of the other networks that may go already: jitter only
   * ever shortens the interval, and one wake for all networks is one wake less for each.
   */
  inquire(now: Ms): void {
    const { lans, settings, random } = this.#world;
    if (![...lans.values()].some((lan) => isReady(lan) && lan.sendAt <= now)) return;
    const { intervalMs } = settings;
    const nextAt = now + intervalMs * (JITTER_MIN + (1 - JITTER_MIN) * random.fraction());
    for (const lan of lans.values()) {
      const soonest = lan.latest === null ? -Infinity : lan.latest.sentAt + JITTER_MIN * intervalMs;
      if (isReady(lan) && (lan.sendAt <= now || soonest <= now)) this.#inquireOn(lan, nextAt, now);
    }
  }

  /**
   * Counts the answer to an inquiry of ours on `lan`, that came by `path`; `isGood` is false where the packet itself
   * complains.
   */
  answer(inquiry: Inquiry, path: Path, lan: Lan, now: Ms, isGood: boolean): AnswerVerdict {
    if (path.answered === inquiry.sequence) return "duplicate-answer";
    const isOpen = inquiry === lan.latest;
    if (isOpen) path.answered = inquiry.sequence;
    const delayMs = path.number === null ? 0 : answerDelayMs(inquiry.spreadMs, path.number);
    this.#sample(path, now - inquiry.sentAt - delayMs);
    const late = path.missed.indexOf(inquiry.sequence);
    if (late >= 0) {
      // Late, but not lost: that is no fault of the network.
      path.missed.splice(late, 1);
      this.#world.noteLoss(path, false);
    }
    if (!isOpen || (path.asked === inquiry.sequence && !path.pending)) return "late-answer";
    if (path.pending) {
      this.excuse(path, lan);
      this.#noteLost(path, 0);
      this.#world.noteLoss(path, false);
    }
    this.#direct.count(path, now, isGood);
    return "good";
  }

  /** Counts the answer to an inquiry for one peer alone. */
  answerDirect(inquiry: DirectInquiry, path: Path, now: Ms, isGood: boolean): void {
    this.#sample(path, now - inquiry.sentAt);
    this.#direct.count(path, now, isGood);
  }

  /** None of a node's paths owes the answer to the open inquiry any more. */
  forgive(node: Node): void {
    for (const path of node.paths.values()) {
      const lan = this.#world.lans.get(path.network);
      if (lan !== undefined) this.excuse(path, lan);
    }
  }

  /** A path no longer owes the answer to the open inquiry. */
  excuse(path: Path, lan: Lan): void {
    if (!path.pending) return;
    path.pending = false;
    lan.answered();
  }

  /** Drops the open inquiry of a network unjudged. */
  abandon(lan: Lan): void {
    for (const path of this.#pathsOn(lan)) path.pending = false;
    lan.unanswered = 0;
    lan.judgeAt = Infinity;
  }

  #inquireOn(lan: Lan, nextAt: Ms, now: Ms): void {
    const world = this.#world;
    const { intervalMs, answerWait } = world.settings;
    const asked = [...this.#pathsOn(lan)].filter((path) => !world.isJudgedByInquiries(path));
    const spread = spreadMs(asked.length, intervalMs);
    const inquiry = lan.open(world.random.bits64(), spread, now);
    let waitMs = answerWaitMs(null, answerWait);
    for (const path of asked) {
      path.pending = true;
      path.asked = inquiry.sequence;
      waitMs = Math.max(waitMs, answerWaitMs(path.roundTrip, answerWait));
    }
    lan.unanswered = asked.length;
    // Judged before the next inquiry, however long the answers take.
    const judgedAfterMs = Math.min(spread + waitMs, Math.max(JITTER_MIN * intervalMs, waitMs));
    lan.judgeAt = lan.unanswered > 0 ? now + judgedAfterMs : Infinity;
    lan.sendAt = nextAt;
    const about = world.nodes.paths.values();
    world.sendToAll({ kind: "inq", over: lan, about, inquiry, spreadMs: spread });
    if (inquiry.sequence % MEASURE_EVERY === 0) this.#measure(lan, now);
  }

  /** Asks the one peer whose way was measured longest ago of those that do not answer otherwise. */
  #measure(lan: Lan, now: Ms): void {
    let stalest: Path | null = null;
    for (const path of this.#pathsOn(lan)) {
      if (path.state.health !== "up" || !this.#world.isJudgedByInquiries(path)) continue;
      if (stalest === null || path.measuredAt < stalest.measuredAt) stalest = path;
    }
    if (stalest !== null) this.#direct.measure(stalest, now);
  }

  /** Learns from the way of an answer. What took far longer tells of a node that slept, not of the LAN. */
  #sample(path: Path, tookMs: Ms): void {
    const { intervalMs } = this.#world.settings;
    if (tookMs > 2 * intervalMs) return;
    path.roundTrip = withSample(path.roundTrip, Math.min(Math.max(tookMs, 0), intervalMs));
  }

  #miss(path: Path, sentAt: Ms, now: Ms): void {
    const world = this.#world;
    const { state, node } = path;
    if (world.isExcused(node, now)) return;
    path.missed.push(path.asked);
    this.#noteLost(path, LATE_LIMIT);
    const miss = { what: "answers", sentAt } as const;
    world.noteMiss(path, miss, now);
    if (state.health === "down") world.dirty.add(node);
    world.judgeHearing(path, now);
    world.judgeDirection(path, now);
    this.#direct.confirm(path, now);
  }

  /** Counts what was missed as lost, but for the last `most`, whose answers may be late. */
  #noteLost(path: Path, most: number): void {
    while (path.missed.length > most) {
      path.missed.shift();
      this.#world.noteLoss(path, true);
    }
  }

  *#pathsOn(lan: Lan): Iterable<Path> {
    for (const path of this.#world.nodes.paths.values()) {
      if (path.network === lan.network.name) yield path;
    }
  }
}

/** Whether a network can take an inquiry: it works, and nobody is left to judge by the one before. */
function isReady(lan: Lan): boolean {
  return lan.usable && lan.unanswered === 0;
}
