/**
 * One network as the machine works it: whom it asked last, when it asks next, when the silent are judged.
 *
 * One inquiry at a time is open. It is judged before the next one goes out, so an answer counts for exactly one
 * inquiry or for none; the few before it are remembered only to tell a late answer from a foreign one.
 */
import { parseV4, type Subnet, subnetOf } from "./address.ts";
import type { HeardList } from "./heard.ts";
import type { Ms, Network } from "./types.ts";

/** An inquiry that was sent. */
export interface Inquiry {
  readonly sequence: number;
  readonly nonce: bigint;
  readonly sentAt: Ms;
  /** Over how long its answers are spread. */
  readonly spreadMs: Ms;
}

/** What went over a network since we know it. */
export interface LanCounts {
  sent: number;
  /** Datagrams of others, whatever they are worth. */
  received: number;
  /** Those of them that were not used. */
  dropped: number;
  sendFailures: number;
}

/** Inquiries that are remembered, to know an answer that comes seconds late for what it is. */
const REMEMBERED = 64;

/** The reason why a network is not used that people took out of use. */
const DRAINED = "drained";

/** The largest sequence number. */
const MAX_SEQUENCE = 0xffffffff;

/** The number after `sequence`: 1 after 0 (none) and after the largest. */
export function nextSequence(sequence: number): number {
  return sequence === MAX_SEQUENCE ? 1 : sequence + 1;
}

/** The state of one network. */
export class Lan {
  network: Network;
  readonly subnet: Subnet;
  /** Our own address as a number; null unless it is of IPv4. */
  readonly number: number | null;
  /** Position in the order of preference. */
  preference: number;
  /** False once the interface or our address on it is gone; its paths are remembered. */
  present = true;
  /** People took it out of use, whatever its interface can do. */
  isDrained = false;
  readonly counts: LanCounts;
  /** When the next inquiry is due; Infinity: none is. */
  sendAt: Ms;
  /** When the unanswered are counted as missed; Infinity: nobody is asked. */
  judgeAt: Ms = Infinity;
  /** Answers that the open inquiry still lacks. */
  unanswered = 0;
  /** Whom our last inquiry here listed as heard. */
  heardList: HeardList | undefined;
  /** When we last said here, unasked, whom we do not hear. */
  statedAt: Ms = -Infinity;
  #sent: Inquiry[] = [];

  /**
   * `sendAt` is when its first inquiry is due: Infinity for a mere responder. `counts` are gone on with, where the
   * network was there before in another place.
   */
  constructor(
    network: Network,
    preference: number,
    sendAt: Ms,
    counts: LanCounts = { sent: 0, received: 0, dropped: 0, sendFailures: 0 },
  ) {
    this.network = network;
    this.counts = counts;
    this.subnet = subnetOf(network.address, network.prefixLength);
    this.number = parseV4(network.address);
    this.preference = preference;
    this.sendAt = sendAt;
  }

  /** Whether it is used: our address is there, the interface up, the carrier on, and people do not mind. */
  get usable(): boolean {
    return this.isWorking && !this.isDrained;
  }

  /** Whether packets could be sent: the same, whatever people want. */
  get isWorking(): boolean {
    return this.present && this.network.usable;
  }

  /** Why it is not used; null: it is. */
  get trouble(): string | null {
    const fault = this.#fault;
    if (!this.isDrained) return fault;
    return fault === null ? DRAINED : `${DRAINED}, and ${fault}`;
  }

  /** Why it could not be used, whatever people want; null: it could. */
  get #fault(): string | null {
    if (!this.present) return "no interface for it has our address";
    return this.network.usable ? null : this.network.reason ?? "down";
  }

  /** The inquiry that is, or was last, open. */
  get latest(): Inquiry | null {
    return this.#sent[0] ?? null;
  }

  /** Opens the next inquiry, whose answers are to be spread over `spreadMs`. */
  open(nonce: bigint, spreadMs: Ms, now: Ms): Inquiry {
    const sequence = nextSequence(this.latest?.sequence ?? 0);
    const inquiry = { sequence, nonce, sentAt: now, spreadMs };
    this.#sent.unshift(inquiry);
    this.#sent.length = Math.min(this.#sent.length, REMEMBERED);
    return inquiry;
  }

  /** The remembered inquiry that an answer answers; null: it is foreign, or far too late. */
  match(sequence: number, nonce: bigint): Inquiry | null {
    return this.#sent.find((each) => each.sequence === sequence && each.nonce === nonce) ?? null;
  }

  /** One answer less is missing; with the last one nothing is left to judge. */
  answered(): void {
    this.unanswered -= 1;
    if (this.unanswered === 0) this.judgeAt = Infinity;
  }
}
