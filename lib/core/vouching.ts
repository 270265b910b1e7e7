/**
 * Whether a signed packet is new, or a copy that somebody recorded: judged without any clock that nodes share.
 *
 * A signature says who wrote a packet, not when. Two things do:
 *
 *   nonce    An ACK that echoes the nonce of an open inquiry of ours was written after we sent that inquiry. So its boot
 *            is running now, and whatever this boot writes from then on has a higher counter. Thereby it is vouched for.
 *   counter  The counter of a boot rises with each packet, on whichever network it goes. Of a vouched boot an INQ or
 *            STATE is fresh if its counter is above the floor, and was not accepted from this source address before.
 *
 * The floor is what the boot's counter had reached 2 to 6 seconds ago (LAG_MS), by any of its packets on any network: it
 * begins with the ACK that vouched. So what was recorded, even on a network where we did not hear it, is worthless some
 * seconds later. Of each source address the newest 8 counters are kept and the others are refused, rather than all that
 * are not the highest: a network has two sockets, for broadcast and for the rest, and reads of the two overtake each
 * other.
 *
 *   state of a boot   INQ, STATE                           ACK to an open nonce
 *   unknown           unproven                             -> vouched: "new"
 *   vouched           fresh or replayed                    stays: "known"; the counter rises
 *   just vouched      unproven, if written before that     as any vouched
 *   vouched, silent   unproven                             -> vouched anew: "new"
 *   superseded        unproven (it is unknown again)       "new"; it supersedes in turn
 *
 * `unproven` and `replayed` packets are a reason to ask the sender (a challenge: an inquiry for it alone), since only
 * its answer can prove anything; how often is bounded, see Challenges.
 *
 * What can happen, and what comes of it:
 *
 * - A peer restarts. Its new boot is unknown: challenged, vouched within a round trip. Answering never depends on
 *   vouching, so this cannot get stuck.
 * - Packets of its old boot are played back. When a new boot is vouched for at an address of the old one, the old one is
 *   superseded: unknown, and never again vouched for, since nobody answers in its name. Before that, and where there is
 *   no new boot, its counters are no higher than what we accepted, but for packets that never reached us. Those are
 *   taken until the boot was silent for SILENT_MS or three of its intervals; then it must prove itself anew.
 * - A machine is set back to an earlier state (a snapshot): the same boot, its counter lower. Its packets look replayed,
 *   so it is challenged. An ACK to a nonce that we sent after we saw a higher counter proves that the counter fell:
 *   "set-back", and all that was known of the boot begins anew from there. What the boot wrote before it was set back
 *   can then be played back until its counter is past that: a new boot id, by a restart of faild, is the cure.
 * - Both ends restart at once. Each finds the other unproven, answers it, and challenges it. The challenge is an inquiry
 *   of an unproven boot too, and may provoke one; pacing ends that, and the two answers vouch.
 * - An ACK is overtaken by an INQ that was written after it. Its counter is then below the highest one, but the higher
 *   one was seen after the nonce was sent, which proves nothing: nothing is lowered.
 * - Two nodes with a key have one address. Each vouching supersedes the other one's boot; they are challenged all the
 *   time and still answer each other. The dispute is told elsewhere.
 * - The mode is permissive. What is signed can be stripped of its signature and played back, so nothing is gained here:
 *   nobody need be asked. Packets without a valid signature must never come here, or they could raise a counter.
 * - Keys change. What is known is known of boots, not of keys, so nothing has to be proven anew; who has only the old key
 *   cannot sign any more.
 * - There are more than BOOT_LIMIT boots. The one vouched for first is forgotten with all its counters, and unproven. More
 *   source addresses than one boot can have: the floor rises to its highest counter, before one is forgotten.
 */
import type { Packet } from "./packet.ts";
import type { Address, Ms } from "./types.ts";

/** Boots that are remembered. */
export const BOOT_LIMIT = 4096;
/** Source addresses that are remembered of each. */
export const SOURCE_LIMIT = 16;
/** Counters that are remembered of each source address: the newest. */
export const COUNTERS_KEPT = 8;
/** An INQ or STATE that is older than this, by its counter, is refused; at the latest after three times this. */
export const LAG_MS: Ms = 2000;
/** A boot that was silent for longer must prove itself again, or after three intervals, its or ours, if that is longer. */
export const SILENT_MS: Ms = 10_000;
const SILENT_INTERVALS = 3;

/** Who wrote a signed packet, and where it stands in all that this boot writes. Its source is also whence it came. */
export type Origin = Pick<Packet, "source" | "boot" | "counter" | "intervalMs">;

/** What an INQ or STATE is worth. */
export type Freshness = "fresh" | "unproven" | "replayed";

/** What is known of a boot that proved itself. */
interface Boot {
  readonly boot: bigint;
  /** The counter with which it proved itself, and when: what it wrote before that may still be on its way. */
  readonly begun: { readonly counter: number; readonly at: Ms };
  /** Counters up to this are not fresh, from whichever address. */
  floor: number;
  /** The highest counter at `nextAt`: the floor LAG_MS later. */
  next: number;
  nextAt: Ms;
  /** The highest counter, and when it was seen. */
  highest: number;
  highestAt: Ms;
  /** When the newest inquiry was sent that it answered. */
  askedAt: Ms;
  heardAt: Ms;
  silentMs: Ms;
  /** The newest counters that were accepted from each source address, ascending. */
  readonly sources: Map<Address, number[]>;
}

/** Knows which boots are running, and which of their packets were seen. */
export class Vouching {
  readonly #challenges: Challenges;
  #ownIntervalMs: Ms;
  readonly #boots = new Map<bigint, Boot>();
  /** Which boot sends from an address: the last that was vouched for there. */
  readonly #owners = new Map<Address, bigint>();

  /** `intervalMs` is how often we inquire, or would. */
  constructor(intervalMs: Ms) {
    this.#challenges = new Challenges(intervalMs);
    this.#ownIntervalMs = intervalMs;
  }

  /** Goes by another interval of ours from now on. */
  adapt(intervalMs: Ms): void {
    this.#challenges.adapt(intervalMs);
    this.#ownIntervalMs = intervalMs;
  }

  /** What is remembered now. */
  get size(): { readonly boots: number; readonly addresses: number } {
    return { boots: this.#boots.size, addresses: this.#owners.size };
  }

  /** Whether a boot proved that it is running, and was not silent for long since. */
  isVouched(boot: bigint, now: Ms): boolean {
    return this.#vouched(boot, now) !== undefined;
  }

  /**
   * Takes note of a signed ACK that answers an open inquiry of ours, sent at `askedAt`.
   *
   * @returns what that proved: a boot that was not vouched for before, one whose counter fell, or nothing new
   */
  vouch(origin: Origin, askedAt: Ms, now: Ms): "known" | "new" | "set-back" {
    const { source, boot, counter, intervalMs } = origin;
    const before = this.#boots.get(boot);
    if (before !== undefined && counter <= before.highest && before.highestAt >= askedAt) {
      return "known";
    }
    const owner = this.#owners.get(source);
    if (owner !== undefined && owner !== boot) {
      // An answer of the boot before, played back while its inquiry is open, is no newer proof than the owner's.
      if ((this.#boots.get(owner)?.askedAt ?? -Infinity) > askedAt) return "known";
      this.#forget(owner);
    }
    const known = this.#vouched(boot, now);
    if (known !== undefined && counter > known.highest) {
      this.#countersOf(known, source);
      this.#owners.set(source, boot);
      known.askedAt = Math.max(known.askedAt, askedAt);
      raise(known, counter, intervalMs, now);
      return "known";
    }
    this.#begin(origin, askedAt, now);
    return known === undefined ? "new" : "set-back";
  }

  /** Judges a signed INQ or STATE, and takes note of it: one that is fresh is so only once. */
  accept({ source, boot, counter, intervalMs }: Origin, now: Ms): Freshness {
    const known = this.#vouched(boot, now);
    if (known === undefined) return "unproven";
    if (!isNew(known, source, counter, now)) {
      // Overtaken by the proof, by another socket: no reason to tell of recordings.
      const { begun } = known;
      return counter < begun.counter && now - begun.at < LAG_MS ? "unproven" : "replayed";
    }
    const counters = this.#countersOf(known, source);
    counters.splice(counters.findLastIndex((each) => each < counter) + 1, 0, counter);
    if (counters.length > COUNTERS_KEPT) counters.shift();
    raise(known, counter, intervalMs, now);
    return "fresh";
  }

  /**
   * Whether the sender of a packet that was found unproven or replayed is to be asked now; if so, that is counted.
   */
  challengeDue(from: Address, verdict: Exclude<Freshness, "fresh">, now: Ms): boolean {
    return this.#challenges.due(from, verdict, now);
  }

  #vouched(boot: bigint, now: Ms): Boot | undefined {
    const known = this.#boots.get(boot);
    if (known === undefined) return undefined;
    const silentMs = Math.max(known.silentMs, silenceOf(this.#ownIntervalMs));
    return now - known.heardAt > silentMs ? undefined : known;
  }

  #begin({ source, boot, counter, intervalMs }: Origin, askedAt: Ms, now: Ms): void {
    this.#forget(boot);
    if (this.#boots.size >= BOOT_LIMIT) this.#forget(this.#boots.keys().next().value as bigint);
    const known: Boot = {
      boot,
      begun: { counter, at: now },
      floor: counter,
      next: counter,
      nextAt: now,
      highest: counter,
      highestAt: now,
      askedAt,
      heardAt: now,
      silentMs: silenceOf(intervalMs),
      sources: new Map(),
    };
    this.#boots.set(boot, known);
    this.#countersOf(known, source);
  }

  /** The counters accepted from an address; a new one may cost the boot its oldest address. */
  #countersOf(known: Boot, from: Address): number[] {
    const counters = known.sources.get(from);
    if (counters !== undefined) return counters;
    if (known.sources.size >= SOURCE_LIMIT) {
      known.floor = known.highest;
      this.#leave(known, known.sources.keys().next().value as Address);
    }
    const none: number[] = [];
    known.sources.set(from, none);
    if (!this.#owners.has(from)) this.#owners.set(from, known.boot);
    return none;
  }

  #forget(boot: bigint): void {
    const known = this.#boots.get(boot);
    if (known === undefined) return;
    this.#boots.delete(boot);
    for (const from of [...known.sources.keys()]) this.#leave(known, from);
  }

  #leave(known: Boot, from: Address): void {
    known.sources.delete(from);
    if (this.#owners.get(from) === known.boot) this.#owners.delete(from);
  }
}

function silenceOf(intervalMs: Ms): Ms {
  return Math.max(SILENT_MS, SILENT_INTERVALS * intervalMs);
}

/** Takes note of a counter of a boot, be it a new highest one or not. */
function raise(known: Boot, counter: number, intervalMs: Ms, now: Ms): void {
  known.floor = floorOf(known, now);
  if (counter > known.highest) {
    known.highest = counter;
    known.highestAt = now;
  }
  if (now - known.nextAt >= LAG_MS) {
    known.next = known.highest;
    known.nextAt = now;
  }
  known.heardAt = now;
  known.silentMs = silenceOf(intervalMs);
}

/** The counter that the boot had reached at least LAG_MS ago. */
function floorOf(known: Boot, now: Ms): number {
  if (now - known.highestAt >= LAG_MS) return known.highest;
  return now - known.nextAt >= LAG_MS ? Math.max(known.floor, known.next) : known.floor;
}

function isNew(known: Boot, from: Address, counter: number, now: Ms): boolean {
  if (counter <= floorOf(known, now)) return false;
  const counters = known.sources.get(from);
  if (counters === undefined || counters.length === 0) return true;
  if (counters.length >= COUNTERS_KEPT && counter < (counters[0] as number)) return false;
  return !counters.includes(counter);
}

/** Challenges that are sent at once, and then so many a second: never more than 200 in any second. */
const CHALLENGE_BURST = 100;
const CHALLENGES_PER_SECOND = 100;
/** Of these, what those who were challenged lately share: the rest is for newcomers. */
const SHARED_PER_SECOND = CHALLENGES_PER_SECOND / 2;
/** One address is challenged no more often than this. */
const CHALLENGE_SPACING_MS: Ms = 20;
/** Who was not challenged for so long, or up to twice that, is a newcomer again. */
const CHALLENGED_MS: Ms = 10_000;

/**
 * How often those are asked whose packets prove nothing.
 *
 * A flood of recorded packets must not make us flood their authors, nor keep us from asking the one among them who did
 * restart. So the more addresses there are to ask, the longer each of them has to wait, and who was not asked lately
 * finds room. Only who is asked is remembered, so memory is bounded by the rate.
 */
class Challenges {
  #intervalMs: Ms;
  #young = new Map<Address, Ms>();
  #old = new Map<Address, Ms>();
  #since: Ms = -Infinity;
  #tokens = CHALLENGE_BURST;
  #filledAt: Ms = -Infinity;

  /** `intervalMs` is how often we inquire, or would. */
  constructor(intervalMs: Ms) {
    this.#intervalMs = intervalMs;
  }

  /** Goes by another interval from now on. */
  adapt(intervalMs: Ms): void {
    this.#intervalMs = intervalMs;
  }

  /**
   * Whether the sender of such a packet is to be asked now; if so, that is counted. Of an unproven one the answer is
   * waited for, so it is asked four times an interval. One whose packets look replayed has most likely answered all that
   * it should, and was perhaps set back: it is asked once an interval. Intervals of more than 10 s are taken for less.
   */
  due(from: Address, verdict: Exclude<Freshness, "fresh">, now: Ms): boolean {
    this.#age(now);
    const intervals = verdict === "unproven" ? 1 / 4 : 1;
    const paceMs = Math.min(CHALLENGED_MS, intervals * this.#intervalMs);
    const crowdedMs = (this.#young.size + this.#old.size) * (1000 / SHARED_PER_SECOND);
    const spacingMs = Math.max(CHALLENGE_SPACING_MS, paceMs, crowdedMs);
    const lastAt = this.#young.get(from) ?? this.#old.get(from);
    if (lastAt !== undefined && now - lastAt < spacingMs) return false;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    this.#old.delete(from);
    this.#young.set(from, now);
    return true;
  }

  #age(now: Ms): void {
    const earned = (now - this.#filledAt) * (CHALLENGES_PER_SECOND / 1000);
    this.#tokens = Math.min(CHALLENGE_BURST, this.#tokens + earned);
    this.#filledAt = now;
    if (now - this.#since < CHALLENGED_MS) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#since = now;
  }
}
