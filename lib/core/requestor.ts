/**
 * The requestor: inquires on every network at the interval and judges each path by the answers.
 *
 *   due:    judge who did not answer the open inquiry, then open the next one
 *   answer: right inquiry, first time, in time -> good; late, repeated or foreign -> counted, nothing else
 */
import type { Lan } from "./lan.ts";
import type { Path } from "./nodes.ts";
import { recordHeard, recordMiss } from "./path_health.ts";
import { answerWaitMs, withSample } from "./round_trip.ts";
import { JITTER_MIN } from "./timing.ts";
import type { Ms } from "./types.ts";
import type { Packet } from "./packet.ts";
import type { World } from "./world.ts";

/** What an answer was worth. */
export type AnswerVerdict = "good" | "late-answer" | "duplicate-answer" | "foreign-answer";

/** Inquires and judges the answers. */
export class Requestor {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
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

  /** Counts an answer that came on `lan` by `path`; `isGood` is false where the packet itself complains. */
  answer(packet: Packet, path: Path, lan: Lan, now: Ms, isGood: boolean): AnswerVerdict {
    const inquiry = lan.match(packet.sequence, packet.nonce);
    if (inquiry === null) return "foreign-answer";
    if (path.answered === inquiry.sequence) return "duplicate-answer";
    const isOpen = inquiry === lan.latest;
    if (isOpen) path.answered = inquiry.sequence;
    this.#sample(path, now - inquiry.sentAt);
    if (!isOpen || (path.asked === inquiry.sequence && !path.pending)) return "late-answer";
    if (path.pending) {
      path.pending = false;
      lan.answered();
    }
    if (isGood) this.#world.noteGood(path, now);
    else recordHeard(path.state);
    return "good";
  }

  /** Drops the open inquiry of a network unjudged. */
  abandon(lan: Lan): void {
    for (const path of this.#pathsOn(lan)) path.pending = false;
    lan.unanswered = 0;
    lan.judgeAt = Infinity;
  }

  #inquireOn(lan: Lan, nextAt: Ms, now: Ms): void {
    const world = this.#world;
    const { intervalMs } = world.settings;
    const inquiry = lan.open(world.random.bits64(), now);
    let waitMs = answerWaitMs(null, intervalMs);
    for (const path of this.#pathsOn(lan)) {
      path.pending = true;
      path.asked = inquiry.sequence;
      lan.unanswered += 1;
      waitMs = Math.max(waitMs, answerWaitMs(path.roundTrip, intervalMs));
    }
    lan.judgeAt = lan.unanswered > 0 ? now + waitMs : Infinity;
    lan.sendAt = nextAt;
    const all = world.nodes.paths.values();
    world.sendToAll(lan, world.packet("inq", all, inquiry.sequence, inquiry.nonce));
  }

  /** Learns from the way of an answer. What took far longer tells of a node that slept, not of the LAN. */
  #sample(path: Path, tookMs: Ms): void {
    const { intervalMs } = this.#world.settings;
    if (tookMs > 2 * intervalMs) return;
    path.roundTrip = withSample(path.roundTrip, Math.min(tookMs, intervalMs));
  }

  #miss(path: Path, sentAt: Ms, now: Ms): void {
    const world = this.#world;
    const miss = { what: "answers", sentAt } as const;
    world.note(path, recordMiss(path.state, now, world.settings.failAfter, miss));
    if (path.state.health === "down") world.dirty.add(path.node);
    world.judgeHearing(path);
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
