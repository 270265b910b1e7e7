/**
 * Inquiries to one peer alone. Four things need them:
 *
 *   confirm    after a first miss the remaining f - 1 inquiries need not wait for their turn: they are sent at the
 *              confirm-interval, so that -f keeps its meaning and the idle network carries no packet more
 *   challenge  a stranger with a valid signature may be a recording: only who lives can answer a new nonce
 *   hasten     the second good packet, where nothing carries the traffic and it must not wait for an interval
 *   measure    how long the way is, where a peer's own inquiries make answers needless otherwise; and whether there is
 *              another way, before it is needed: a path is left only for one that was heard after its silence began
 *
 * Those that confirm are judged, each after its own wait, unless a good packet overtook it. The others may fail.
 */
import type { Lan } from "./lan.ts";
import type { Path } from "./nodes.ts";
import { recordHeard } from "./path_health.ts";
import { answerWaitMs } from "./round_trip.ts";
import type { Address, Ms, NetworkName } from "./types.ts";
import type { World } from "./world.ts";

/** One that is open. */
export interface DirectInquiry {
  readonly network: NetworkName;
  readonly to: Address;
  readonly sentAt: Ms;
  readonly judgeAt: Ms;
  readonly purpose: "confirm" | "challenge" | "measure";
  /** Whom it asks; null: a stranger. */
  readonly path: Path | null;
}

/** A confirmation under way. */
interface Confirmation {
  left: number;
  sendAt: Ms;
}

/** Peers that are confirmed at one time. Where more fall silent at once, the LAN is at fault, and patience cheaper. */
const CONFIRMED_LIMIT = 100;
/**
 * Inquiries that confirm and measure: so many at once, and so many a second for long. Peers that are overloaded miss
 * some; were each miss to draw more inquiries without a bound, that would not end.
 */
const BURST = 200;
const PER_SECOND = 400;
/** Challenges that are open at one time. */
const CHALLENGE_LIMIT = 256;
/** What is not to be judged stays open for so long, in ms. */
const OPEN_MS: Ms = 5000;
/** Closed ones that are remembered. */
const CLOSED_LIMIT = 512;

/** Sends them, and judges those that confirm. */
export class DirectInquiries {
  /** Nothing is to be sent or judged before this. */
  earliest: Ms = Infinity;
  readonly #world: World;
  readonly #confirmations = new Map<Path, Confirmation>();
  /** By nonce, in the order in which they were sent. */
  readonly #open = new Map<bigint, DirectInquiry>();
  /** Nonces of the last ones that are closed: a late answer to one is no forgery. */
  readonly #closed = new Set<bigint>();
  #challenges = 0;
  #tokens = BURST;
  #filledAt: Ms = -Infinity;

  constructor(world: World) {
    this.#world = world;
  }

  /** Begins to confirm a first miss, if that is wanted; `now` is also when the first is sent. */
  confirm(path: Path, now: Ms): void {
    const { confirmIntervalMs, intervalMs, requestor } = this.#world.settings;
    if (!requestor || confirmIntervalMs >= intervalMs || path.state.health === "down") return;
    const left = this.#world.failAfterOf(path) - path.state.misses;
    if (left <= 0 || this.#confirmations.has(path)) return;
    if (this.#confirmations.size >= CONFIRMED_LIMIT) return;
    this.#confirmations.set(path, { left, sendAt: now });
    this.earliest = Math.min(this.earliest, now);
    for (const other of path.node.paths.values()) {
      const isAsked = now - other.measuredAt < intervalMs;
      if (other !== path && other.state.health === "up" && !isAsked) this.measure(other, now);
    }
  }

  /**
   * Counts a packet by which a path is judged; `isGood` is false where the packet itself complains. The second good one
   * of a path whose traffic nothing carries (`World.neededGood`) is asked for at once.
   */
  count(path: Path, now: Ms, isGood: boolean): void {
    if (!isGood) return recordHeard(path.state);
    this.#world.noteGood(path, now);
    const { health, good } = path.state;
    if (health === "down" && good === 1 && this.#world.isStranded(path)) this.measure(path, now);
  }

  /** Asks a peer on a path, with nothing but a measured way to gain. */
  measure(path: Path, now: Ms): void {
    const lan = this.#world.lans.get(path.network);
    if (!lan?.usable || !this.#mayAsk(now)) return;
    path.measuredAt = now;
    this.#send(lan, path.address, "measure", path, now);
  }

  /** Whether one more that confirms or measures may be sent; if so, it is counted. */
  #mayAsk(now: Ms): boolean {
    const earned = (now - this.#filledAt) * (PER_SECOND / 1000);
    this.#tokens = Math.min(BURST, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Asks whoever sends from an address on a network to prove that it is there now. */
  challenge(lan: Lan, to: Address, now: Ms): void {
    if (this.#challenges >= CHALLENGE_LIMIT) return;
    this.#challenges += 1;
    this.#send(lan, to, "challenge", this.#world.nodes.paths.get(to) ?? null, now);
  }

  /** The open inquiry that an answer from `from` answers; null: there is none. */
  match(network: NetworkName, from: Address, nonce: bigint): DirectInquiry | null {
    const found = this.#open.get(nonce);
    return found !== undefined && found.network === network && found.to === from ? found : null;
  }

  /** Whether a nonce is that of an inquiry that was answered or judged lately. */
  isClosed(nonce: bigint): boolean {
    return this.#closed.has(nonce);
  }

  /** Takes an inquiry off the list: it was answered, or judged. */
  close(nonce: bigint): void {
    const found = this.#open.get(nonce);
    if (found === undefined) return;
    if (found.purpose === "challenge") this.#challenges -= 1;
    this.#open.delete(nonce);
    this.#closed.add(nonce);
    if (this.#closed.size > CLOSED_LIMIT) {
      this.#closed.delete(this.#closed.values().next().value as bigint);
    }
  }

  /** Judges those whose time is up, then sends what is due. */
  run(now: Ms): void {
    if (now < this.earliest) return;
    for (const [nonce, each] of [...this.#open]) {
      if (each.judgeAt > now) continue;
      this.close(nonce);
      if (each.purpose === "confirm" && each.path !== null) {
        this.#miss(each.path, each.sentAt, now);
      }
    }
    for (const [path, each] of [...this.#confirmations]) this.#continue(path, each, now);
    this.#schedule();
  }

  /** Drops all confirmations unjudged: we were away, or the network is gone. */
  abandon(network?: NetworkName): void {
    for (const path of [...this.#confirmations.keys()]) {
      if (network === undefined || path.network === network) this.#confirmations.delete(path);
    }
    for (const [nonce, each] of [...this.#open]) {
      if (network === undefined || each.network === network) this.close(nonce);
    }
    this.#schedule();
  }

  #continue(path: Path, confirmation: Confirmation, now: Ms): void {
    const world = this.#world;
    const lan = world.lans.get(path.network);
    const isOver = path.state.misses === 0 || path.state.health === "down" || !lan?.usable ||
      world.nodes.paths.get(path.address) !== path;
    if (isOver || confirmation.left === 0) return void this.#confirmations.delete(path);
    if (confirmation.sendAt > now) return;
    confirmation.sendAt = now + world.settings.confirmIntervalMs;
    if (!this.#mayAsk(now)) return;
    confirmation.left -= 1;
    this.#send(lan, path.address, "confirm", path, now);
  }

  #send(
    lan: Lan,
    to: Address,
    purpose: DirectInquiry["purpose"],
    path: Path | null,
    now: Ms,
  ): void {
    const world = this.#world;
    const { answerWait, port } = world.settings;
    const nonce = world.random.bits64();
    // No inquiry of its own to who judges by inquiries: one more try of the last.
    const inquiry = { sequence: lan.latest?.sequence ?? 1, nonce };
    // Whoever is asked to prove itself may be known, and must not think that all is well where it is unheard.
    const about = path?.node.paths.values() ?? [];
    const bytes = world.packet({ kind: "inq", over: lan, about, inquiry, direct: true });
    world.send(lan, to, port, bytes);
    const waitMs = purpose === "confirm"
      ? answerWaitMs(path?.roundTrip ?? null, answerWait)
      : OPEN_MS;
    const judgeAt = now + waitMs;
    const { name: network } = lan.network;
    this.#open.set(nonce, { network, to, sentAt: now, judgeAt, purpose, path });
    this.earliest = Math.min(this.earliest, judgeAt);
  }

  #miss(path: Path, sentAt: Ms, now: Ms): void {
    const world = this.#world;
    const { state, node } = path;
    if (world.nodes.paths.get(path.address) !== path || world.isExcused(node, now)) return;
    // A good packet came since: it says more.
    if (state.misses === 0 || (state.lastGoodAt ?? -Infinity) >= sentAt) return;
    const miss = { what: "answers", sentAt } as const;
    world.noteMiss(path, miss, now);
    if (state.health === "down") world.dirty.add(node);
    world.judgeHearing(path, now);
  }

  #schedule(): void {
    let next = Infinity;
    for (const each of this.#open.values()) next = Math.min(next, each.judgeAt);
    for (const each of this.#confirmations.values()) next = Math.min(next, each.sendAt);
    this.earliest = next;
  }
}
