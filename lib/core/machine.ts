/**
 * The whole behaviour of one node: events in, effects out, time as an argument.
 *
 *   handle(event, now) -> effects in the order in which they are to be performed
 *   nextDeadline()     -> when to come back with a tick if nothing happens before
 *   snapshot(now)      -> the state, for people and tests
 *
 * One call does, in this order: judge our own punctuality, take in the event, do what is due, choose routes,
 * and tell the peers. A packet is thus taken in before anybody is judged.
 */
import { Allowance } from "./allowance.ts";
import { Awareness, drainMs } from "./awareness.ts";
import { DirectInquiries } from "./direct_inquiries.ts";
import { Greeting } from "./greeting.ts";
import { LanDigest } from "./lan_digest.ts";
import { NetworkTable } from "./network_table.ts";
import { forgiveMisses } from "./path_health.ts";
import { Pace } from "./pace.ts";
import { Reception } from "./reception.ts";
import { Requestor } from "./requestor.ts";
import { Responder } from "./responder.ts";
import { type Overview, overviewOf, peersFrom, type PeerView } from "./overview.ts";
import { changedSettings } from "./reconfigure.ts";
import { RouteDesk } from "./route_desk.ts";
import { snapshotOf } from "./snapshot.ts";
import { StatementPace } from "./statement_pace.ts";
import type {
  ActualRoutes,
  Address,
  Effect,
  Event,
  Ms,
  NetworkName,
  Random,
  Sealer,
  Settings,
  Snapshot,
} from "./types.ts";
import { stopJudging } from "./unjudged.ts";
import { Vouching } from "./vouching.ts";
import { World } from "./world.ts";

/** Interfaces and addresses are read anew at least so often, in ms. */
const LOOK_MS = 5000;
/** The shortest time between two such readings that events ask for, in ms. */
const LOOK_SPACING_MS = 20;
/** The same for failed sends and refused routes, which often mean a change that was not announced, in ms. */
const FAULT_LOOK_SPACING_MS = 1000;

/** One node. */
export class Machine {
  readonly #world: World;
  readonly #requestor: Requestor;
  readonly #responder: Responder;
  readonly #direct: DirectInquiries;
  readonly #greeting: Greeting;
  readonly #reception: Reception;
  readonly #networks: NetworkTable;
  readonly #desk: RouteDesk;
  readonly #digest = new LanDigest();
  readonly #awareness: Awareness;
  #lookAt: Ms;
  #lookedAt: Ms = -Infinity;
  readonly #lateness = new Pace();
  readonly #statements = new StatementPace();
  /** When what was not told yet is told to the peers. */
  #stateAt: Ms = Infinity;
  /** After a late wake nobody is judged before this. */
  #drainUntil: Ms | null = null;
  /** Whether somebody was to be judged already when that drain began: then it is the only one. */
  #isDrainedOnce = false;
  #planned: Ms | null = null;

  /**
   * `left` is what the kernel has of ours at the start: adopted, not assumed to be wrong. `sealer` signs and verifies;
   * null: nothing is signed. `drained` are the networks that people took out of use before.
   */
  constructor(
    settings: Settings,
    random: Random,
    left: ActualRoutes,
    now: Ms,
    sealer: Sealer | null = null,
    drained: Iterable<NetworkName> = [],
  ) {
    const world = new World(settings, random, sealer);
    this.#world = world;
    this.#direct = new DirectInquiries(world);
    this.#requestor = new Requestor(world, this.#direct);
    this.#responder = new Responder(world, this.#direct);
    this.#greeting = new Greeting(world, this.#requestor, this.#responder);
    this.#desk = new RouteDesk(world, left, now);
    const adopt = (address: Address) => this.#desk.adopt(address);
    this.#reception = new Reception(world, {
      requestor: this.#requestor,
      responder: this.#responder,
      direct: this.#direct,
      greeting: this.#greeting,
      vouching: new Vouching(settings.intervalMs),
      allowance: allowanceOf(settings),
      adopt,
    });
    this.#networks = new NetworkTable(
      world,
      this.#requestor,
      this.#responder,
      this.#direct,
      adopt,
      drained,
    );
    this.#awareness = new Awareness(settings.intervalMs, sleepMs(settings));
    this.#lookAt = now;
  }

  /** Takes in what happened at `now`; returns what is to be done, in order. */
  handle(event: Event, now: Ms): Effect[] {
    const world = this.#world;
    this.#wake(now);
    this.#take(event, now);
    this.#runDue(now);
    this.#desk.settle(now);
    this.#desk.run(now);
    if (world.urgent || now >= this.#stateAt) this.#state(now);
    const effects = this.#digest.take(world.effects, world, now);
    world.effects = [];
    if (world.changes.length > 0) world.changes = [];
    if (world.dirty.size > 0) world.dirty = new Set();
    world.urgent = false;
    this.#planned = this.#next();
    return effects;
  }

  /** When the next tick is due. */
  nextDeadline(): Ms {
    return this.#planned ?? -Infinity;
  }

  /**
   * What is to be done when the end comes: peers are asked for patience, and people told of changes whose outcome the
   * kernel has not confirmed yet.
   */
  farewell(now: Ms): Effect[] {
    const world = this.#world;
    this.#sayGoodbye();
    for (const notice of this.#desk.keeper.waiting()) world.tell(notice);
    const effects = this.#digest.take(world.effects, world, now);
    world.effects = [];
    return [...effects, ...this.#digest.flush()];
  }

  /** The state at `now`; nothing in it is live. */
  snapshot(now: Ms): Snapshot {
    return snapshotOf(this.#world, this.degraded, this.#counters(), now);
  }

  /** All of the state at `now` but the peers, whose number has no small bound. */
  overview(now: Ms): Overview {
    return overviewOf(this.#world, this.#desk, this.#counters(), now);
  }

  /** The first `count` peers whose number is `from` or higher, at `now`. */
  peers(from: number, count: number, now: Ms): readonly PeerView[] {
    return peersFrom(this.#world, this.#desk.keeper, from, count, now);
  }

  /** Why the kernel's routes are not as wanted; null: they are. */
  get degraded(): string | null {
    return this.#desk.keeper.degraded;
  }

  /** Whether the kernel's word on the routes that are wanted now is still to come. */
  get isPending(): boolean {
    return this.#desk.keeper.isPending;
  }

  /** The networks that people took out of use, be they there or not. */
  get drained(): readonly NetworkName[] {
    return this.#networks.drained;
  }

  /** The networks that are there, and those that were and are remembered. */
  get networkNames(): readonly NetworkName[] {
    return [...this.#world.lans.keys()];
  }

  #counters(): Readonly<Record<string, number>> {
    const { lateWakes, sleeps, worstMs } = this.#awareness;
    const { repairs } = this.#desk.keeper;
    return { late_wakes: lateWakes, sleeps, worst_lateness_ms: worstMs, repairs };
  }

  /** Compares this wake with its plan; a late one postpones judgement, a long gap forgives all misses. */
  #wake(now: Ms): void {
    const planned = this.#planned;
    const wake = this.#awareness.observe(planned, now);
    if (wake === "in-time") return;
    const latenessMs = now - (planned ?? now);
    if (wake === "slept") this.#forgive(now, latenessMs);
    const isDue = this.#judgements() <= now;
    if (this.#drainUntil !== null && (this.#isDrainedOnce || !isDue)) return;
    this.#drainUntil = now + drainMs(this.#world.settings.intervalMs, latenessMs);
    this.#isDrainedOnce = isDue;
    if (wake === "late" && isDue) this.#tellLate("late-round", latenessMs, now);
  }

  #forgive(now: Ms, gapMs: Ms): void {
    const world = this.#world;
    this.#tellLate("late", gapMs, now);
    world.wokeAt = now;
    for (const lan of world.lans.values()) this.#requestor.abandon(lan);
    this.#direct.abandon();
    for (const path of world.nodes.paths.values()) forgiveMisses(path.state);
    this.#responder.forgive(now);
  }

  #tellLate(kind: "late" | "late-round", latenessMs: Ms, now: Ms): void {
    const count = this.#lateness.due(kind, now);
    if (count !== null) this.#world.tell({ kind, latenessMs, count });
  }

  #take(event: Event, now: Ms): void {
    switch (event.kind) {
      case "tick":
        return;
      case "datagram":
        return this.#reception.take(event, now);
      case "networks":
        return this.#networks.set(event.networks, event.problems, now);
      case "send-failed":
        this.#lookSoon(now, FAULT_LOOK_SPACING_MS);
        return this.#networks.sendFailed(event.network, event.reason, now);
      case "routes":
        if (event.report.refused.length > 0) this.#lookSoon(now, FAULT_LOOK_SPACING_MS);
        this.#world.effects.push(...this.#desk.keeper.report(event.report, now));
        return;
      case "routes-failed":
        this.#world.effects.push(...this.#desk.keeper.failed(event.generation, event.reason, now));
        return;
      case "kernel-changed":
        this.#desk.keeper.kernelChanged(now);
        return this.#lookSoon(now, LOOK_SPACING_MS);
      case "failback":
        return this.#desk.failback(now);
      case "drain":
        return this.#networks.drain(event.network, event.on, now);
      case "settings":
        return this.#adapt(event.settings, now);
    }
  }

  /** Goes by other settings from now on; each part keeps what it knows. */
  #adapt(settings: Settings, now: Ms): void {
    const world = this.#world;
    const before = world.settings;
    if (changedSettings(before, settings).length === 0) return;
    world.adapt(settings);
    this.#awareness.adapt(settings.intervalMs, sleepMs(settings));
    const allowance = allowanceOf(settings);
    this.#reception.adapt(allowance);
    if (allowance !== null) this.#networks.admitOnly(allowance);
    this.#networks.adapt(before, now);
    for (const path of world.nodes.paths.values()) this.#greeting.place(path, now);
    if (before.requestor && !settings.requestor) {
      for (const node of world.nodes.all()) stopJudging(node, world, now);
    }
    this.#desk.reviewHolds(now);
    this.#lookAt = now;
    // Our packets tell by what the peers are to judge us.
    world.urgent = true;
  }

  #lookSoon(now: Ms, spacingMs: Ms): void {
    this.#lookAt = Math.min(this.#lookAt, Math.max(now, this.#lookedAt + spacingMs));
  }

  #runDue(now: Ms): void {
    if (now >= this.#lookAt) {
      this.#lookedAt = now;
      this.#lookAt = now + LOOK_MS;
      this.#world.effects.push({ kind: "look" });
      this.#greeting.forgetSilent(now);
    }
    this.#responder.sendWaiting(now);
    if (this.#drainUntil !== null && now < this.#drainUntil) return;
    this.#drainUntil = null;
    this.#responder.judge(now);
    if (this.#world.settings.requestor) {
      this.#requestor.judge(now);
      this.#requestor.inquire(now);
    }
    this.#direct.run(now);
  }

  /**
   * Tells all peers how we hear them, on every network that works: at once, but what follows soon waits a moment. When a
   * LAN with many peers dies they fall one after the other, and each of them would hear of every other.
   */
  #state(now: Ms): void {
    this.#stateAt = Infinity;
    const { lans, settings: { intervalMs } } = this.#world;
    for (const lan of lans.values()) {
      if (!lan.usable) continue;
      const dueAt = this.#statements.dueAt(lan, intervalMs);
      if (dueAt > now) {
        this.#stateAt = Math.min(this.#stateAt, dueAt);
        continue;
      }
      this.#statements.take(lan, intervalMs, now);
      this.#world.state(lan, now);
    }
  }

  /** Says on every network that works that we stop. */
  #sayGoodbye(): void {
    const world = this.#world;
    const { stopGraceMs } = world.settings;
    if (stopGraceMs === 0) return;
    for (const over of world.lans.values()) {
      if (!over.usable) continue;
      const about = world.nodes.paths.values();
      world.sendToAll({ kind: "state", over, about, goodbyeMs: stopGraceMs });
    }
  }

  #next(): Ms {
    const judged = this.#judgements();
    // What is judged later than that is a wake of its own, which may be late in its turn.
    if (this.#drainUntil !== null && judged > this.#drainUntil) this.#drainUntil = null;
    const held = this.#drainUntil === null ? judged : Math.max(judged, this.#drainUntil);
    return Math.min(
      held,
      this.#lookAt,
      this.#responder.answerAt,
      this.#stateAt,
      this.#desk.nextDeadline(),
      this.#digest.nextDeadline(),
    );
  }

  #judgements(): Ms {
    let next = Math.min(this.#responder.earliest, this.#direct.earliest);
    if (!this.#world.settings.requestor) return next;
    for (const lan of this.#world.lans.values()) {
      next = Math.min(next, lan.judgeAt);
      if (lan.usable) {
        next = Math.min(next, lan.unanswered > 0 ? Math.max(lan.sendAt, lan.judgeAt) : lan.sendAt);
      }
    }
    return next;
  }
}

/** A gap longer than this is a sleep: in so long a time f inquiries in a row are missed. */
function sleepMs({ intervalMs, failAfter, answerWait }: Settings): Ms {
  return failAfter * intervalMs + answerWait.floorMs;
}

function allowanceOf({ allow }: Settings): Allowance | null {
  return allow === null ? null : new Allowance(allow);
}
