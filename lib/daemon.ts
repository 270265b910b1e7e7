/**
 * The loop: waits for a datagram, a deadline, a signal or a result; reads the clock once; lets the machine decide;
 * performs what it decided. Nothing is decided here.
 */
import type { Ping, Status } from "./control_protocol.ts";
import { selectNetworks } from "./core/inventory.ts";
import type { LinePlace } from "./core/line_loss.ts";
import type { Machine } from "./core/machine.ts";
import type { PeerView } from "./core/overview.ts";
import { stayingOn } from "./core/staying.ts";
import type {
  Address,
  Effect,
  Event,
  Ms,
  Network,
  NetworkName,
  Settings,
  Snapshot,
  WantedRoutes,
} from "./core/types.ts";
import { isEvent } from "./events.ts";
import { errorRecord } from "./life_text.ts";
import type { LinksResult } from "./links.ts";
import type { LogRecord } from "./log_line.ts";
import { noticeText } from "./notice_text.ts";
import type { SocketProblem } from "./udp_hub.ts";

/** What the daemon performs with. */
export interface DaemonParts {
  now(): Ms;
  /** Rings `tick()` once at the given moment, or in the next turn if that is past. */
  wakeAt(atMs: Ms): void;
  /** Opens and closes sockets so that these networks have theirs; returns what could not be opened. */
  syncSockets(
    networks: readonly Network[],
    port: number,
  ): Promise<readonly SocketProblem[]>;
  send(network: NetworkName, to: Address, port: number, bytes: Uint8Array): void;
  requestRoutes(generation: number, wanted: WantedRoutes): void;
  readLinks(): Promise<LinksResult>;
  /** Interfaces came or went, by the kernel's numbers for them. */
  interfacesChanged(): void;
  /** Keeps for the next daemon which networks are drained; returns why that failed, or null. */
  keepDrained(networks: readonly NetworkName[]): string | null;
  log(record: LogRecord): void;
  /** Where lines are written to, and which of them were lost. */
  linePlaces(): readonly LinePlace[];
  /** Runs of hooks that failed since the start. */
  hookFailures(): number;
}

/** Who waits for turns of the loop is told of one this long after the other, in ms. */
const TURN_TOLD_MS = 1000;

/** What came of a drain. */
export interface Drained {
  /** Whether it was not as wanted before. */
  readonly changed: boolean;
  /** Why the next daemon will not know of it; null: it will. */
  readonly problem: string | null;
}

/** One running node. */
export class Daemon {
  readonly #machine: Machine;
  #settings: Settings;
  readonly #parts: DaemonParts;
  #stopped = false;
  #looking = false;
  #lookAgain = false;
  #linksProblem: string | null = null;
  #interfaces = "";
  readonly #startedAt: Ms;
  #turnedAt: Ms;
  #areSocketsOpen = true;
  #events = 0;
  #lastEventAt: Ms | null = null;
  #turned: ((now: Ms) => void) | null = null;
  #tellTurnAt: Ms = -Infinity;
  /** Which networks the next daemon takes for drained. */
  #kept: string;

  constructor(machine: Machine, settings: Settings, parts: DaemonParts) {
    this.#machine = machine;
    this.#settings = settings;
    this.#parts = parts;
    this.#startedAt = this.#turnedAt = parts.now();
    this.#kept = machine.drained.join("\n");
  }

  /** A deadline came; also what starts everything. */
  tick(): void {
    this.take({ kind: "tick" });
  }

  /** Takes in what happened, just now. */
  take(event: Event): void {
    if (this.#stopped) return;
    const now = this.#parts.now();
    this.#turnedAt = now;
    const effects = this.#machine.handle(event, now);
    for (const effect of effects) this.#perform(effect);
    this.#parts.wakeAt(this.#machine.nextDeadline());
    if (this.#turned === null || now < this.#tellTurnAt) return;
    this.#tellTurnAt = now + TURN_TOLD_MS;
    this.#turned(now);
  }

  /**
   * Calls back after turns of the loop, once a second at most: what is to be done now and then needs no timer of its
   * own.
   */
  afterTurns(turned: (now: Ms) => void): void {
    this.#turned = turned;
  }

  /** Ends the loop: says goodbye to the peers, and tells what waited for its outcome. What still arrives is ignored. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const effect of this.#machine.farewell(this.#parts.now())) this.#perform(effect);
  }

  /** The state for people. */
  snapshot(): Snapshot {
    return this.#machine.snapshot(this.#parts.now());
  }

  /** The same in parts: all but the peers. */
  overview(): Omit<Status, "version" | "pid"> {
    const now = this.#parts.now();
    const lastEventAgoMs = this.#lastEventAt === null ? null : Math.round(now - this.#lastEventAt);
    const overview = this.#machine.overview(now);
    return {
      ...overview,
      ...this.ping(),
      counters: { ...overview.counters, hook_failures: this.#parts.hookFailures() },
      events: this.#events,
      lastEventAgoMs,
      lines: this.#parts.linePlaces(),
    };
  }

  /** The first `count` peers whose number is `from` or higher. */
  peers(from: number, count: number): readonly PeerView[] {
    return this.#machine.peers(from, count, this.#parts.now());
  }

  /** Whether we do our work. */
  ping(): Omit<Ping, "version" | "pid"> {
    const now = this.#parts.now();
    return {
      uptimeMs: Math.round(now - this.#startedAt),
      loopAgoMs: Math.round(now - this.#turnedAt),
      sockets: this.#areSocketsOpen,
      routes: this.#machine.degraded,
    };
  }

  /** The networks that are there or configured. */
  get networkNames(): readonly NetworkName[] {
    const configured = this.#settings.networks.map(({ name }) => name);
    return [...new Set([...this.#machine.networkNames, ...configured])];
  }

  /** Takes a network out of use, or back into it. Null: there is no such network. */
  drain(network: NetworkName, on: boolean): Drained | null {
    const isKnown = this.networkNames.includes(network) ||
      (!on && this.#machine.drained.includes(network));
    if (!isKnown) return null;
    const was = this.#machine.drained.includes(network);
    this.take({ kind: "drain", network, on });
    return { changed: was !== on, problem: this.#keepDrained() };
  }

  /** The nodes of which traffic goes over a network. */
  stayingOn(network: NetworkName): readonly string[] {
    return stayingOn(network, this.peers(0, Infinity));
  }

  /** Whether the kernel's word on the routes that are wanted now is still to come. */
  get isPending(): boolean {
    return this.#machine.isPending;
  }

  /** Goes by other settings from now on; the machine keeps what did not change. */
  adapt(settings: Settings): void {
    this.#settings = settings;
    this.take({ kind: "settings", settings });
  }

  /** Keeps which networks are drained, if that changed; returns why it failed, or null. */
  #keepDrained(): string | null {
    const { drained } = this.#machine;
    const now = drained.join("\n");
    if (now === this.#kept) return null;
    const problem = this.#parts.keepDrained(drained);
    if (problem === null) this.#kept = now;
    return problem;
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "send":
        return this.#parts.send(effect.network, effect.to, effect.port, effect.bytes);
      case "route":
        return this.#parts.requestRoutes(effect.generation, effect.wanted);
      case "look":
        this.#look();
        return;
      case "notice":
        return this.#tell(noticeText(effect.notice));
    }
  }

  #tell(record: LogRecord): void {
    if (isEvent(record)) {
      this.#events += 1;
      this.#lastEventAt = this.#parts.now();
    }
    this.#parts.log(record);
  }

  /** Reads the interfaces; a wish that comes while one reading is under way is granted after it. */
  async #look(): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    do {
      this.#lookAgain = false;
      await this.#seen(await this.#parts.readLinks());
    } while (this.#lookAgain && !this.#stopped);
    this.#looking = false;
  }

  async #seen(result: LinksResult): Promise<void> {
    if (this.#stopped) return;
    if ("failed" in result) {
      if (this.#linksProblem !== result.failed) {
        this.#parts.log(
          errorRecord("links-unreadable", `Cannot read interfaces: ${result.failed}`),
        );
      }
      this.#linksProblem = result.failed;
      return;
    }
    this.#linksProblem = null;
    const interfaces = result.links.map((link) => `${link.index}:${link.name}`).join(" ");
    if (interfaces !== this.#interfaces && this.#interfaces !== "") this.#parts.interfacesChanged();
    this.#interfaces = interfaces;
    const settings = this.#settings;
    const { networks, problems } = selectNetworks(result.links, settings.networks);
    const failed = await this.#parts.syncSockets(networks, settings.port);
    // What was chosen by rules that do not count any more would look like a loss of networks.
    if (settings !== this.#settings) return void (this.#lookAgain = true);
    // An interface that is down has no broadcast address to bind to: that it is down says it all.
    const usable = new Set(networks.filter((each) => each.usable).map(({ name }) => name));
    const unopened = failed.filter(({ name }) => usable.has(name));
    this.#areSocketsOpen = unopened.length === 0;
    this.take({
      kind: "networks",
      networks: withoutMute(networks, unopened),
      problems: [...problems, ...unopened.map(({ name, reason }) => ({ name, reason }))],
    });
    // A network may have got another name.
    this.#keepDrained();
  }
}

/** A network on which we cannot send is not usable, whatever its interface: its peers are not to blame. */
function withoutMute(
  networks: readonly Network[],
  unopened: readonly SocketProblem[],
): readonly Network[] {
  const mute = new Map(
    unopened.filter(({ isOwn }) => isOwn).map((each) => [each.name, each.reason]),
  );
  return networks.map((network) => {
    const reason = mute.get(network.name);
    return reason === undefined ? network : { ...network, usable: false, reason };
  });
}
