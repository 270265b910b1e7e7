/** Hands out the metrics of a daemon: makes pages without holding up the loop, and keeps a file of them fresh. */
import type { Ms } from "./core/types.ts";
import { errorRecord } from "./life_text.ts";
import type { LogRecord } from "./log_line.ts";
import { type MetricsFormat, MetricsPage, type NodeStatus } from "./metrics_text.ts";
import { peerSlices, type PeerSource } from "./peer_slices.ts";

/** How often the file is written anew. */
export const METRICS_FILE_MS: Ms = 15_000;

/** The daemon, as far as its metrics go. */
export interface MetricsSource extends PeerSource {
  overview(): NodeStatus;
}

/**
 * Makes a page; after each few peers it waits for `pause`, so that packets and timers come in between.
 *
 * Who asks for a page that is being made gets that one: however many ask, the work is done once.
 */
export class MetricsMaker {
  readonly #source: MetricsSource;
  readonly #pause: () => Promise<void>;
  readonly #making = new Map<MetricsFormat, Promise<string>>();

  constructor(source: MetricsSource, pause: () => Promise<void>) {
    this.#source = source;
    this.#pause = pause;
  }

  /** The page as it is now. */
  page(format: MetricsFormat): Promise<string> {
    const running = this.#making.get(format);
    if (running !== undefined) return running;
    const making = this.#make(format).finally(() => this.#making.delete(format));
    this.#making.set(format, making);
    return making;
  }

  async #make(format: MetricsFormat): Promise<string> {
    const page = new MetricsPage(this.#source.overview(), format);
    for (const peers of peerSlices(this.#source)) {
      page.add(peers);
      await this.#pause();
    }
    const text = page.text();
    // Whoever takes a long one has work to do with it, too.
    await this.#pause();
    return text;
  }
}

/** What a file of metrics needs. */
export interface MetricsFileParts {
  page(): Promise<string>;
  /** Puts the text into the file in one step; why it could not, or null. */
  write(text: string): string | null;
  /** Takes the file away: what it says is true no longer. */
  remove(): void;
  log(record: LogRecord): void;
}

/** Writes the metrics to a file; like the keeper of records it lives by the turns of the loop. */
export class MetricsFile {
  readonly #path: string;
  readonly #parts: MetricsFileParts;
  #writeAt: Ms = -Infinity;
  #isBusy = false;
  #isClosed = false;
  #trouble: string | null = null;

  constructor(path: string, parts: MetricsFileParts) {
    this.#path = path;
    this.#parts = parts;
  }

  /** Writes the file if that is due; `now` is on the monotonic clock. */
  turn(now: Ms): void {
    if (now < this.#writeAt || this.#isBusy || this.#isClosed) return;
    this.#writeAt = now + METRICS_FILE_MS;
    this.#write();
  }

  /** Ends it: a node that stopped has no metrics. */
  close(): void {
    this.#isClosed = true;
    this.#parts.remove();
  }

  async #write(): Promise<void> {
    this.#isBusy = true;
    const reason = await this.#parts.page().then(
      (text) => this.#isClosed ? null : this.#parts.write(text),
      // A fault in what is shown must not end a daemon whose routes are right.
      (error: unknown) => error instanceof Error ? error.message : String(error),
    );
    this.#isBusy = false;
    // Once per trouble, not every time.
    if (reason !== null && reason !== this.#trouble) {
      const retry = `tried again every ${METRICS_FILE_MS / 1000} s`;
      const said = `Cannot write metrics ${this.#path}: ${reason}; ${retry}`;
      this.#parts.log(errorRecord("metrics-unwritable", said));
    }
    this.#trouble = reason;
  }
}
