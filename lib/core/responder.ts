/**
 * The responder: answers every inquiry by the way it came and, where it is not a requestor itself, judges each
 * path by the inquiries, of which the peer owes it one an interval.
 */
import { answerWaitFloorMs } from "./timing.ts";
import { type Lan, nextSequence } from "./lan.ts";
import type { Node, Path } from "./nodes.ts";
import { recordHeard, recordMiss } from "./path_health.ts";
import type { Address, Ms } from "./types.ts";
import type { Packet } from "./packet.ts";
import type { World } from "./world.ts";

/** What an inquiry was worth to a node that judges by inquiries. */
export type InquiryVerdict = "good" | "duplicate-inquiry";

/** Answers, and judges by the inquiries. */
export class Responder {
  /** No inquiry is overdue before this; a lower bound, made exact by every judge(). */
  earliest: Ms = Infinity;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Puts the answer to an inquiry into the outbox. */
  answer(packet: Packet, node: Node, lan: Lan, from: Address, port: number): void {
    const world = this.#world;
    world.send(
      lan,
      from,
      port,
      world.packet("ack", node.paths.values(), packet.sequence, packet.nonce),
    );
  }

  /** Counts an inquiry that came by `path`; `isGood` is false where the packet itself complains. */
  hear(packet: Packet, path: Path, now: Ms, isGood: boolean): InquiryVerdict {
    const last = path.lastInquiry;
    // Order and identity go by the counter: the sequence starts anew when the peer's network does.
    if (last !== null && packet.counter <= last.counter) return "duplicate-inquiry";
    if (last !== null && packet.sequence !== nextSequence(last.sequence)) path.state.good = 0;
    path.lastInquiry = { sequence: packet.sequence, counter: packet.counter };
    if (path.node.requestor) this.expectInquiry(path, now);
    if (isGood) this.#world.noteGood(path, now);
    else recordHeard(path.state);
    return "good";
  }

  /** From `now` on the peer owes an inquiry on this path. */
  expectInquiry(path: Path, now: Ms): void {
    const { intervalMs } = path.node;
    path.expectBy = now + intervalMs + answerWaitFloorMs(intervalMs);
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

  #miss(path: Path, now: Ms): void {
    const world = this.#world;
    const { intervalMs } = path.node;
    const sentAt = now - intervalMs - answerWaitFloorMs(intervalMs);
    const miss = { what: "inquiries", sentAt } as const;
    world.note(path, recordMiss(path.state, now, world.settings.failAfter, miss));
    path.expectBy = now + intervalMs;
    if (path.state.health === "down") world.dirty.add(path.node);
    world.judgeHearing(path);
  }
}
