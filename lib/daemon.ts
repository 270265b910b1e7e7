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
  Settings,
  Snapshot,
  WantedRoutes,
} from "./core/types.ts";
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
    const failed = await this.#parts.syncSockets(networks, this.#settings.port);
    // An interface that is down has no broadcast address to bind to: that it is down says it all.
    const usable = new Set(networks.filter((each) => each.usable).map(({ name }) => name));
    const unopened = failed.filter(({ name }) => usable.has(name));
    this.take({
      kind: "networks",
      networks: withoutMute(networks, unopened),
      problems: [...problems, ...unopened.map(({ name, reason }) => ({ name, reason }))],
    });
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
