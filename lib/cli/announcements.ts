/** What others are told of a running daemon, beside its log: the programs of hooks, and the service manager. */
import type { Configuration } from "../config/merge.ts";
import type { Ms } from "../core/types.ts";
import type { Daemon } from "../daemon.ts";
import { isEvent } from "../events.ts";
import { Hooks } from "../hooks.ts";
import type { UnixDatagrams } from "../host/unix_datagrams.ts";
import { errorRecord } from "../life_text.ts";
import type { LogRecord } from "../log_line.ts";
import { pingFault } from "../ping_fault.ts";
import { ServiceNotice, type ServiceStatus, watchdogLimitMs } from "../service_notice.ts";
import type { Host } from "./host.ts";

/** A service manager that takes nothing must not hold up the end, in ms. */
const GOODBYE_MS: Ms = 500;

/** The daemon, as far as it is told of. */
export type Announced = Pick<Daemon, "overview" | "ping">;

/** All of them, for the life of a daemon. What cannot be done harms nothing else. */
export class Announcements {
  readonly #host: Host;
  readonly #log: (record: LogRecord) => void;
  readonly #hooks: Hooks;
  /** Null: no service manager wants to know. */
  readonly #datagrams: UnixDatagrams | null;
  #notice: ServiceNotice | null = null;

  /** Nothing is told before there is something to tell. */
  constructor(configuration: Configuration, host: Host, log: (record: LogRecord) => void) {
    this.#host = host;
    this.#log = log;
    this.#hooks = new Hooks(configuration.hooks, {
      start: host.hooks.start,
      programProblem: host.hooks.programProblem,
      now: host.now,
      wallNow: host.wallNow,
      delay: host.udp.delay,
      log,
    });
    this.#datagrams = this.#open(configuration.runDir);
  }

  /** Takes a line of the log. */
  take(record: LogRecord): void {
    this.#hooks.take(record);
    if (isEvent(record)) this.#notice?.changed();
  }

  /** Runs of hooks that failed or were dropped since the start. */
  get hookFailures(): number {
    return this.#hooks.failures;
  }

  /** The daemon is up. */
  attach(daemon: Announced): void {
    const host = this.#host;
    const datagrams = this.#datagrams;
    if (datagrams === null) return;
    const alarm = host.alarm(() => notice.beat());
    const notice = new ServiceNotice({
      send: (message) => datagrams.send(message),
      now: host.now,
      wakeAt: (atMs) => alarm.wakeAt(atMs),
      fault: () => {
        const fault = pingFault(daemon.ping());
        return fault?.isHang ? fault.text : null;
      },
      status: () => statusOf(daemon),
      monotonicUs: host.monotonicUs,
    }, watchdogLimitMs(host.environment("WATCHDOG_USEC")));
    this.#notice = notice;
    notice.ready();
  }

  /** Tells of a reload while it lasts. */
  async during<Result>(reload: () => Promise<Result>): Promise<Result> {
    await this.#notice?.reloading();
    const result = await reload();
    this.#notice?.reloaded();
    return result;
  }

  /** Goes by another configuration. */
  adapt({ hooks }: Configuration): void {
    this.#hooks.replace(hooks);
  }

  /** The daemon is about to end; its last events are still taken. */
  stopping(): void {
    this.#notice?.stopping();
  }

  /** Resolves when all was told, or had its time. */
  async close(): Promise<void> {
    await Promise.all([this.#hooks.close(), this.#datagrams?.flushed(GOODBYE_MS)]);
    this.#datagrams?.close();
  }

  #open(runDir: string): UnixDatagrams | null {
    const target = this.#host.environment("NOTIFY_SOCKET") ?? "";
    if (target === "") return null;
    const tell = (problem: string) => this.#log(errorRecord("service-untold", problem));
    const opened = this.#host.openServiceSocket(target, runDir, (reason) => {
      tell(`Cannot tell the service manager at ${target}: ${reason}`);
    });
    if (opened.kind === "open") return opened.datagrams;
    tell(opened.reason);
    return null;
  }
}

function statusOf(daemon: Announced): ServiceStatus {
  const { networks, peers, degraded } = daemon.overview();
  return {
    networks: networks.length,
    usableNetworks: networks.filter(({ usable }) => usable).length,
    peers: peers.known,
    pathsDown: networks.reduce((sum, { paths }) => sum + paths.down - paths.drainedByPeer, 0),
    degraded,
  };
}
