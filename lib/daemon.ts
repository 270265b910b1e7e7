/**
 * The loop: waits for a datagram, a deadline, a signal or a result; reads the clock once; lets the machine decide;
 * performs what it decided. Nothing is decided here.
 */
import { selectNetworks } from "./core/inventory.ts";
import type { Machine } from "./core/machine.ts";
import type {
  Address,
  Effect,
  Event,
  Ms,
  Network,
  NetworkName,
  NetworkProblem,
  Settings,
  Snapshot,
  WantedRoutes,
} from "./core/types.ts";
import { errorRecord } from "./life_text.ts";
import type { LinksResult } from "./links.ts";
import type { LogRecord } from "./log_line.ts";
import { noticeText } from "./notice_text.ts";

/** What the daemon performs with. */
export interface DaemonParts {
  now(): Ms;
  /** Rings `tick()` once at the given moment, or in the next turn if that is past. */
  wakeAt(atMs: Ms): void;
  /** Opens and closes sockets so that these networks have theirs; returns what could not be opened. */
  syncSockets(
    networks: readonly Network[],
    port: number,
  ): Promise<readonly NetworkProblem[]>;
  send(network: NetworkName, to: Address, port: number, bytes: Uint8Array): void;
  requestRoutes(generation: number, wanted: WantedRoutes): void;
  readLinks(): Promise<LinksResult>;
  /** Interfaces came or went, by the kernel's numbers for them. */
  interfacesChanged(): void;
  log(record: LogRecord): void;
}

/** One running node. */
export class Daemon {
  readonly #machine: Machine;
  readonly #settings: Settings;
  readonly #parts: DaemonParts;
  #stopped = false;
  #looking = false;
  #lookAgain = false;
  #linksProblem: string | null = null;
  #interfaces = "";

  constructor(machine: Machine, settings: Settings, parts: DaemonParts) {
    this.#machine = machine;
    this.#settings = settings;
    this.#parts = parts;
  }

  /** A deadline came; also what starts everything. */
  tick(): void {
    this.take({ kind: "tick" });
  }

  /** Takes in what happened, just now. */
  take(event: Event): void {
    if (this.#stopped) return;
    const effects = this.#machine.handle(event, this.#parts.now());
    for (const effect of effects) this.#perform(effect);
    this.#parts.wakeAt(this.#machine.nextDeadline());
  }

  /** Ends the loop: whatever still arrives is ignored. */
  stop(): void {
    this.#stopped = true;
  }

  /** The state for people. */
  snapshot(): Snapshot {
    return this.#machine.snapshot(this.#parts.now());
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
        return this.#parts.log(noticeText(effect.notice));
    }
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
    const { networks, problems } = selectNetworks(result.links, this.#settings.networks);
    const unopened = await this.#parts.syncSockets(networks, this.#settings.port);
    this.take({ kind: "networks", networks, problems: [...problems, ...unopened] });
  }
}
