/** What a daemon leaves to be looked at: its events and samples in files, its metrics in a file and by HTTP. */
import type { Configuration, MetricsSettings } from "../config/merge.ts";
import type { Ms } from "../core/types.ts";
import type { Daemon } from "../daemon.ts";
import { errorRecord } from "../life_text.ts";
import type { LogRecord } from "../log_line.ts";
import { MetricsFile, MetricsMaker } from "../metrics_service.ts";
import { type LineFile, missingLine, RecordKeeper } from "../record_keeper.ts";
import { SAMPLES_NAME } from "../samples.ts";
import type { Host } from "./host.ts";

/** A node exporter, which runs as somebody else, is to read it. */
const METRICS_MODE = 0o644;

type Parts = Pick<Configuration, "events" | "metrics" | "runDir">;
type Log = (record: LogRecord) => void;

/** The metrics as they are handed out by one configuration. */
interface Metrics {
  turn(now: Ms): void;
  close(): Promise<void>;
}

/** All of them, for the life of a daemon. What cannot be done harms nothing else. */
export class RecordServices {
  readonly #host: Host;
  #configuration: Parts;
  readonly #keeper: RecordKeeper;
  #maker: MetricsMaker | null = null;
  #metrics: Metrics | null = null;

  /** Nothing is written before there is something to keep. */
  constructor(configuration: Parts, host: Host) {
    this.#host = host;
    this.#configuration = configuration;
    this.#keeper = new RecordKeeper({
      events: this.#fileAt(configuration.events.file),
      samples: this.#fileAt(`${configuration.runDir}/${SAMPLES_NAME}`),
      wallNow: host.wallNow,
    });
  }

  /** Takes a line of the log. */
  keep(record: LogRecord): void {
    this.#keeper.keep(record);
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

  /** Goes by another configuration; what is the same in both goes on undisturbed. */
  async adapt(configuration: Parts, log: Log): Promise<void> {
    const { events, metrics } = this.#configuration;
    this.#configuration = configuration;
    if (configuration.events.file !== events.file) {
      this.#keeper.moveEvents(this.#fileAt(configuration.events.file));
    }
    const isSame = JSON.stringify(metrics) === JSON.stringify(configuration.metrics);
    if (isSame || this.#maker === null) return;
    const before = this.#metrics;
    this.#metrics = null;
    // The port may be wanted again.
    await before?.close();
    if (this.#maker === null) return;
    this.#metrics = openMetrics(configuration.metrics, this.#maker, this.#host, log);
  }

  /** Ends what hands out the metrics; events are still kept. */
  async close(): Promise<void> {
    await this.#metrics?.close();
    this.#metrics = null;
    this.#maker = null;
  }

  #fileAt(path: string): LineFile {
    const host = this.#host;
    return host.boundedFile(path, (count, reason) => missingLine(count, reason, host.wallNow()));
  }
}

function openMetrics(
  { file, listen }: MetricsSettings,
  maker: MetricsMaker,
  host: Host,
  log: Log,
): Metrics {
  const written = file === null ? null : new MetricsFile(file, {
    page: () => maker.page("prometheus"),
    write: (text) => host.replaceFile(file, text, METRICS_MODE),
    remove: () => host.discardFile(file),
    log,
  });
  const served = listen === null ? null : host.serveMetrics(listen, (format) => maker.page(format));
  if (listen !== null && served !== null && "failed" in served) {
    const place = `${listen.hostname} port ${listen.port}`;
    log(errorRecord("metrics-failed", `Cannot serve metrics on ${place}: ${served.failed}`));
  }
  return {
    turn: (now) => written?.turn(now),
    close: async () => {
      written?.close();
      if (served !== null && "close" in served) await served.close();
    },
  };
}
