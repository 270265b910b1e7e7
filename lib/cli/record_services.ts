/** What a daemon leaves to be looked at: its events and samples in files, its metrics in a file and by HTTP. */
import type { Configuration, MetricsSettings } from "../config/merge.ts";
import type { LinePlace } from "../core/line_loss.ts";
import type { Ms } from "../core/types.ts";
import type { Daemon } from "../daemon.ts";
import type { Log as WholeLog } from "../host/logger.ts";
import { errorRecord } from "../life_text.ts";
import type { LogRecord } from "../log_line.ts";
import { MetricsFile, MetricsMaker } from "../metrics_service.ts";
import { type LineFile, missingLine, type RecordFiles, RecordKeeper } from "../record_keeper.ts";
import { samplesPath } from "../samples.ts";
import type { Host } from "./host.ts";

/** A node exporter, which runs as somebody else, is to read it. */
const METRICS_MODE = 0o644;

type Parts = Pick<Configuration, "events" | "metrics">;
type Log = (record: LogRecord) => void;

/** The metrics as they are handed out by one configuration. */
interface Metrics {
  readonly settings: MetricsSettings;
  /** Whether they are served where they should be. */
  readonly isServed: boolean;
  turn(now: Ms): void;
  close(): Promise<void>;
}

/** All of them, for the life of a daemon. What cannot be done harms nothing else. */
export class RecordServices {
  readonly #host: Host;
  #configuration: Parts;
  readonly #keeper: RecordKeeper;
  /** The log that is told to settle. */
  #log: Pick<WholeLog, "settle"> | null = null;
  #maker: MetricsMaker | null = null;
  #metrics: Metrics | null = null;
  /** One change of them at a time: the next may want the same port. */
  #changing: Promise<void> = Promise.resolve();

  /** Nothing is written before there is something to keep. */
  constructor(configuration: Parts, host: Host) {
    this.#host = host;
    this.#configuration = configuration;
    this.#keeper = new RecordKeeper({
      files: this.#filesOf(configuration),
      wallNow: host.wallNow,
      settleLog: () => this.#log?.settle(),
    });
  }

  /** From now on this log is told to settle with each sample. */
  tend(log: Pick<WholeLog, "settle">): void {
    this.#log = log;
  }

  /** Takes a line of the log. */
  keep(record: LogRecord): void {
    this.#keeper.keep(record);
  }

  /** Where the records go, and which of them did not get there. */
  places(): readonly LinePlace[] {
    const { file } = this.#configuration.events;
    const { events, samples } = this.#keeper.losses;
    return [
      { kind: "events", file, ...events },
      { kind: "samples", file: samplesPath(file), ...samples },
    ];
  }

  /** From now on samples of this daemon are taken, and its metrics handed out. */
  attach(daemon: Pick<Daemon, "overview" | "peers" | "afterTurns">, log: Log): void {
    const host = this.#host;
    const { version } = host.build;
    const source = {
      overview: () => ({ version, ...daemon.overview() }),
      peers: (from: number, count: number) => daemon.peers(from, count),
    };
    const maker = new MetricsMaker(source, () => host.udp.delay(0));
    this.#maker = maker;
    this.#metrics = openMetrics(this.#configuration.metrics, maker, host, log);
    daemon.afterTurns((now) => {
      this.#keeper.turn(source, now);
      this.#metrics?.turn(now);
    });
  }

  /** Goes by another configuration; what is the same in both goes on undisturbed, unless it failed. */
  adapt(configuration: Parts, log: Log): Promise<void> {
    const { events } = this.#configuration;
    this.#configuration = configuration;
    if (configuration.events.file !== events.file) {
      this.#keeper.move(this.#filesOf(configuration));
    }
    this.#changing = this.#changing.then(() => this.#changeMetrics(log));
    return this.#changing;
  }

  /** Ends what hands out the metrics; events are still kept. */
  async close(): Promise<void> {
    this.#maker = null;
    await this.#changing;
    await this.#metrics?.close();
    this.#metrics = null;
  }

  async #changeMetrics(log: Log): Promise<void> {
    const before = this.#metrics;
    // By now it may be another one than that of the call.
    const wanted = this.#configuration.metrics;
    const isSame = JSON.stringify(before?.settings) === JSON.stringify(wanted);
    if (this.#maker === null || (isSame && before?.isServed === true)) return;
    this.#metrics = null;
    await before?.close();
    if (this.#maker === null) return;
    this.#metrics = openMetrics(wanted, this.#maker, this.#host, log);
  }

  /** The files of the records; the samples lie beside the events, and are kept for as long. */
  #filesOf({ events: { file } }: Parts): RecordFiles {
    return { events: this.#fileAt(file), samples: this.#fileAt(samplesPath(file)) };
  }

  #fileAt(path: string): LineFile {
    const host = this.#host;
    return host.boundedFile(path, (count, reason) => missingLine(count, reason, host.wallNow()));
  }
}

function openMetrics(
  settings: MetricsSettings,
  maker: MetricsMaker,
  host: Host,
  log: Log,
): Metrics {
  const { file, listen } = settings;
  const written = file === null ? null : new MetricsFile(file, {
    page: () => maker.page("prometheus"),
    write: (text) => host.replaceFile(file, text, METRICS_MODE),
    remove: () => host.discardFile(file),
    log,
  });
  const served = listen === null ? null : host.serveMetrics(listen, (format) => maker.page(format));
  const isServed = served === null || !("failed" in served);
  if (listen !== null && served !== null && "failed" in served) {
    const place = `${listen.hostname} port ${listen.port}`;
    log(errorRecord("metrics-failed", `Cannot serve metrics on ${place}: ${served.failed}`));
  }
  return {
    settings,
    isServed,
    turn: (now) => written?.turn(now),
    close: async () => {
      written?.close();
      if (served !== null && "close" in served) await served.close();
    },
  };
}
