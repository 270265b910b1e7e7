/**
 * What a service manager is told of the daemon: that it is up, that it is alive, what it does. The messages are those
 * of systemd's notification protocol, sd_notify(3).
 */
import type { Ms } from "./core/types.ts";
import { counted } from "./notice_words.ts";

/** Where nobody watches, the status is still renewed so often, in ms. */
const STATUS_MS = 30_000;
/** A change is told after so long, together with those that follow it, in ms. */
const CHANGE_MS = 1000;

/** What the status says. */
export interface ServiceStatus {
  readonly networks: number;
  readonly usableNetworks: number;
  readonly peers: number;
  readonly pathsDown: number;
  /** Why routes may not be as wanted; null: they are. */
  readonly degraded: string | null;
}

/** What the notices need. */
export interface ServiceParts {
  /** Sends one message; never throws. */
  send(message: string): void;
  now(): Ms;
  /** A timer of its own, which calls `beat()`. */
  wakeAt(atMs: Ms | null): void;
  /** Why the daemon is not well enough to be left alone; null: it is. */
  fault(): string | null;
  status(): ServiceStatus;
  /** The system's monotonic clock in µs, not earlier than now; null: it cannot be read. */
  monotonicUs(): Promise<number | null>;
}

/**
 * How long the service manager waits for a sign of life, in ms; null: it does not.
 *
 * @param text what the environment says in WATCHDOG_USEC, if it does
 */
export function watchdogLimitMs(text: string | undefined): Ms | null {
  if (text === undefined || !/^[1-9][0-9]{0,17}$/.test(text)) return null;
  return Number(text) / 1000;
}

/** One line for people. */
export function statusText(status: ServiceStatus): string {
  const { networks, usableNetworks, peers, pathsDown, degraded } = status;
  return [
    `${usableNetworks} of ${counted(networks, "network")} usable`,
    counted(peers, "peer"),
    pathsDown === 0 ? "all paths up" : `${counted(pathsDown, "path")} down`,
    ...(degraded === null ? [] : [`degraded: ${degraded}`]),
  ].join(", ");
}

/** Tells the service manager of one daemon. */
export class ServiceNotice {
  readonly #parts: ServiceParts;
  readonly #limitMs: Ms | null;
  #status = "";
  /** When the next sign of life is due. */
  #beatAt: Ms = 0;
  /** Between READY and STOPPING. */
  #isUp = false;
  #isReloading = false;

  /** @param limitMs as `watchdogLimitMs` gives it */
  constructor(parts: ServiceParts, limitMs: Ms | null) {
    this.#parts = parts;
    this.#limitMs = limitMs;
  }

  /** The daemon is up. */
  ready(): void {
    this.#isUp = true;
    this.#send("READY=1", this.#statusLine());
    this.#plan();
  }

  /** A signal of life, and the status, if they are due; to be called when the timer rings. */
  beat(): void {
    if (!this.#isUp) return;
    const isAlive = this.#limitMs !== null && this.#parts.fault() === null;
    const line = this.#isReloading ? null : this.#statusLine();
    this.#send(...(isAlive ? ["WATCHDOG=1"] : []), line);
    this.#plan();
  }

  /** Something changed that the status may tell of. */
  changed(): void {
    if (!this.#isUp) return;
    const soon = this.#parts.now() + CHANGE_MS;
    if (soon >= this.#beatAt) return;
    this.#beatAt = soon;
    this.#parts.wakeAt(soon);
  }

  /** The configuration is about to be read anew; `ready()` tells that this is over. */
  async reloading(): Promise<void> {
    if (!this.#isUp) return;
    this.#isReloading = true;
    const atUs = await this.#parts.monotonicUs();
    if (!this.#isUp) return;
    this.#send("RELOADING=1", atUs === null ? null : `MONOTONIC_USEC=${atUs}`);
  }

  /** Reading it is over, whatever came of it. */
  reloaded(): void {
    this.#isReloading = false;
    if (this.#isUp) this.ready();
  }

  /** The daemon is about to end. */
  stopping(): void {
    this.#isUp = false;
    this.#parts.wakeAt(null);
    this.#send("STOPPING=1", "STATUS=stopping");
  }

  #plan(): void {
    // Half the limit, as sd_watchdog_enabled(3) advises.
    const everyMs = this.#limitMs === null ? STATUS_MS : Math.min(STATUS_MS, this.#limitMs / 2);
    this.#beatAt = this.#parts.now() + everyMs;
    this.#parts.wakeAt(this.#beatAt);
  }

  /** Null: nothing new. */
  #statusLine(): string | null {
    const text = statusText(this.#parts.status());
    if (text === this.#status) return null;
    this.#status = text;
    return `STATUS=${text}`;
  }

  #send(...lines: readonly (string | null)[]): void {
    const said = lines.filter((line) => line !== null);
    if (said.length > 0) this.#parts.send(said.join("\n"));
  }
}
