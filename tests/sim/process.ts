/**
 * One daemon process: a machine, what waits to be handled, and how late it is.
 *
 * It does one thing at a time and takes time for it. Woken by its deadline or by something that waits, it is late by
 * what the host's tempo says; frozen, it does nothing while datagrams pile up in a buffer that has an end. Of several
 * things to do it takes any: a runtime promises no order between timers and sockets.
 */
import type {
  ActualRoutes,
  Effect,
  Event,
  Ms,
  NetworkName,
  Random,
  Sealer,
  Settings,
  Snapshot,
} from "../../lib/core/types.ts";
import type { Prng } from "./prng.ts";
import type { Timeline } from "./timeline.ts";

/** What a process runs: the machine, or in tests of the simulator a broken one. */
export interface MachineLike {
  handle(event: Event, now: Ms): Effect[];
  nextDeadline(): Ms;
  snapshot(now: Ms): Snapshot;
  farewell(now: Ms): Effect[];
}

export type MachineMaker = (
  settings: Settings,
  random: Random,
  left: ActualRoutes,
  now: Ms,
  sealer: Sealer | null,
) => MachineLike;

/** How fast a host's process is. */
export interface Tempo {
  /** A wake is late by up to so many ms. */
  readonly lateMs: Ms;
  /** Every wake is late by all of it. */
  readonly isSteady: boolean;
  /** What handling one event takes, in ms. */
  readonly costMs: Ms;
}

/** One call of the machine, as observers see it. */
export interface Step {
  readonly at: Ms;
  readonly event: Event;
  readonly effects: readonly Effect[];
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** What the machine then said when to come back. */
  readonly deadline: Ms;
}

/** What a process handled, and when by its own clock. */
interface Handled {
  readonly event: Event;
  readonly ownNow: Ms;
}

/** A moment of a process to which it can be set back. */
export interface Mark {
  /** All that it had handled. */
  readonly handled: readonly Handled[];
  /** What its clock showed. */
  readonly ownNow: Ms;
}

type Datagram = Extract<Event, { readonly kind: "datagram" }>;

/** So many small datagrams fit into the receive buffer of a network's socket. */
export const BUFFERED_DATAGRAMS = 260;

/** More than two clocks differ by rounding. */
const ROUNDING_MS = 1e-6;

/** With so few peers every step is looked at. */
const FEW_PEERS = 3;

/** Runs one machine. */
export class Process {
  machine: MachineLike;
  /** Datagrams that found the buffer full. */
  overflowed = 0;
  /** How long it has stood still so far, in ms. */
  frozenMs: Ms = 0;
  /** How often it was frozen. */
  freezes = 0;
  readonly #timeline: Timeline;
  readonly #random: Prng;
  readonly #tempo: () => Tempo;
  readonly #done: (step: Step) => void;
  /** All that was handled; null: nobody wants to know. */
  #history: Handled[] | null;
  readonly #events: Event[] = [];
  readonly #datagrams: Datagram[] = [];
  readonly #buffered = new Map<NetworkName, number>();
  /** The state after the last step. */
  snapshot: Snapshot;
  /** By how much its clock is behind that of the world. */
  #clockBehindMs: Ms = 0;
  #busyUntil: Ms = 0;
  #frozenUntil: Ms = -Infinity;
  /** When the timer rings; late already. */
  #rings: { readonly deadline: Ms; readonly at: Ms };
  /** When it wakes for what waits. */
  #wakesAt: Ms = Infinity;
  #activation = 0;
  #isDead = false;

  constructor(
    machine: MachineLike,
    parts: {
      readonly timeline: Timeline;
      readonly random: Prng;
      readonly tempo: () => Tempo;
      readonly done: (step: Step) => void;
      /** It may be set back. */
      readonly keepsHistory?: boolean;
    },
  ) {
    this.machine = machine;
    this.#timeline = parts.timeline;
    this.#random = parts.random;
    this.#tempo = parts.tempo;
    this.#done = parts.done;
    this.#history = parts.keepsHistory === true ? [] : null;
    this.snapshot = machine.snapshot(parts.timeline.now);
    this.#rings = { deadline: -Infinity, at: parts.timeline.now };
    this.#arm();
  }

  /** Hands in an event that waits in memory until it is handled. */
  push(event: Event): void {
    this.#events.push(event);
    this.#wake();
  }

  /** Hands in a datagram; lost when the network's buffer is full. */
  receive(datagram: Datagram): void {
    const buffered = this.#buffered.get(datagram.network) ?? 0;
    if (buffered >= BUFFERED_DATAGRAMS) {
      this.overflowed += 1;
      return;
    }
    this.#buffered.set(datagram.network, buffered + 1);
    this.#datagrams.push(datagram);
    this.#wake();
  }

  /**
   * Stands still from now on for so long, as after SIGSTOP; a second freeze lengthens the first. With `isPause` its
   * clock stands still as well, as in a virtual machine that is paused: then it cannot know that it was away.
   */
  freeze(forMs: Ms, isPause: boolean): void {
    const { now } = this.#timeline;
    const from = Math.max(now, this.#frozenUntil);
    this.#frozenUntil = Math.max(this.#frozenUntil, now + forMs);
    const addedMs = Math.max(0, this.#frozenUntil - from);
    this.frozenMs += addedMs;
    this.freezes += 1;
    if (isPause) {
      this.#clockBehindMs += addedMs;
      this.#rings = { ...this.#rings, at: this.#rings.at + addedMs };
    }
    this.#arm();
  }

  /** Ends at once. */
  die(): void {
    this.#isDead = true;
  }

  /** Asks the machine for its last words. */
  farewell(): Effect[] {
    return this.machine.farewell(this.#ownNow());
  }

  /** This moment, to be set back to later; null: something waits to be handled, or nobody keeps its history. */
  mark(): Mark | null {
    if (this.#history === null || this.#events.length > 0) return null;
    return { handled: [...this.#history], ownNow: this.#ownNow() };
  }

  /**
   * Goes back to a moment, as a virtual machine does that is set back to a saved state: with its memory and its clock.
   * `machine` is one as this process began with; it is led to that moment again.
   */
  setBack(machine: MachineLike, { handled, ownNow }: Mark): void {
    this.#history = [...handled];
    for (const each of handled) machine.handle(each.event, each.ownNow);
    this.machine = machine;
    this.#events.length = this.#datagrams.length = 0;
    this.#buffered.clear();
    const { now } = this.#timeline;
    this.#clockBehindMs = now - ownNow;
    this.#frozenUntil = this.#busyUntil = now;
    this.#wakesAt = Infinity;
    this.snapshot = machine.snapshot(ownNow);
    const deadline = machine.nextDeadline() + this.#clockBehindMs;
    this.#rings = { deadline, at: Math.max(deadline, now) };
    this.#arm();
  }

  /** Until when it stands still, or did so last. */
  get frozenUntil(): Ms {
    return this.#frozenUntil;
  }

  /** When the machine wants to be woken, by the clock of the world. */
  #deadline(ownNow: Ms): Ms {
    const own = this.machine.nextDeadline();
    const deadline = own + this.#clockBehindMs;
    // What is after now by one clock is not at once by the other, however that is rounded.
    return own > ownNow ? Math.max(deadline, this.#timeline.now + ROUNDING_MS) : deadline;
  }

  #ownNow(): Ms {
    return this.#timeline.now - this.#clockBehindMs;
  }

  #wake(): void {
    if (this.#wakesAt !== Infinity) return;
    this.#wakesAt = this.#timeline.now + this.#lateness();
    this.#arm();
  }

  #lateness(): Ms {
    const { lateMs, isSteady } = this.#tempo();
    return isSteady ? lateMs : lateMs * this.#random.fraction();
  }

  /** Plans the next activation; those planned before are void. */
  #arm(): void {
    this.#activation += 1;
    const activation = this.#activation;
    const earliest = Math.max(this.#busyUntil, this.#frozenUntil);
    const at = Math.max(earliest, Math.min(this.#rings.at, this.#wakesAt));
    if (at === Infinity) return;
    this.#timeline.at(at, () => {
      if (activation === this.#activation && !this.#isDead) this.#activate();
    });
  }

  #activate(): void {
    const { now } = this.#timeline;
    const event = this.#choose(now);
    if (event !== null) this.#handle(event, now);
    if (this.#isDead) return;
    const isIdle = this.#events.length === 0 && this.#datagrams.length === 0;
    if (isIdle) this.#wakesAt = Infinity;
    this.#arm();
  }

  /** Any of: the tick that is due, the oldest event, the oldest datagram. */
  #choose(now: Ms): Event | null {
    const choices: (() => Event)[] = [];
    if (this.#rings.at <= now) choices.push(() => ({ kind: "tick" }));
    if (this.#wakesAt <= now) {
      if (this.#events.length > 0) choices.push(() => this.#events.shift() as Event);
      if (this.#datagrams.length > 0) choices.push(() => this.#nextDatagram());
    }
    return choices.length === 0 ? null : this.#random.pick(choices)();
  }

  /**
   * A snapshot costs more than a step where there are many peers. There it is left out after a datagram that led to
   * nothing but answers: a change of health or routes always leads to a request or a notice in the same step.
   */
  #isWorthLooking(event: Event, effects: readonly Effect[]): boolean {
    return this.snapshot.peers.length <= FEW_PEERS || event.kind !== "datagram" ||
      effects.some(({ kind }) => kind !== "send");
  }

  #nextDatagram(): Datagram {
    const datagram = this.#datagrams.shift() as Datagram;
    const { network } = datagram;
    this.#buffered.set(network, (this.#buffered.get(network) ?? 1) - 1);
    return datagram;
  }

  #handle(event: Event, now: Ms): void {
    const before = this.snapshot;
    const ownNow = this.#ownNow();
    this.#history?.push({ event, ownNow });
    const effects = this.machine.handle(event, ownNow);
    const deadline = this.#deadline(ownNow);
    if (this.#isWorthLooking(event, effects)) this.snapshot = this.machine.snapshot(ownNow);
    this.#busyUntil = now + this.#tempo().costMs;
    if (deadline !== this.#rings.deadline || event.kind === "tick") {
      this.#rings = { deadline, at: Math.max(deadline, now) + this.#lateness() };
    }
    this.#done({ at: now, event, effects, before, after: this.snapshot, deadline });
  }
}
