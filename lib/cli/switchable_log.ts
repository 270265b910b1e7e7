/** A log that can go on elsewhere, for those who hold on to it. */
import type { LinePlace } from "../core/line_loss.ts";
import type { Log } from "../host/logger.ts";
import type { LogRecord } from "../log_line.ts";

/** Writes to the log that it was given last. */
export class SwitchableLog implements Log {
  #log: Log;
  /** Lines that the logs of before did not get. */
  #lostBefore = 0;
  readonly #watchers: ((record: LogRecord) => void)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  write(record: LogRecord): void {
    this.#log.write(record);
    for (const told of this.#watchers) told(record);
  }

  /** Tells somebody else of every line from now on, whatever its level. */
  watch(told: (record: LogRecord) => void): void {
    this.#watchers.push(told);
  }

  place(): LinePlace {
    const place = this.#log.place();
    return { ...place, lost: place.lost + this.#lostBefore };
  }

  settle(): void {
    this.#log.settle();
  }

  reopen(): void {
    this.#log.reopen();
  }

  close(): Promise<void> | void {
    return this.#log.close();
  }

  /** Goes on with another log, and closes the one before it. */
  switchTo(log: Log): void {
    const before = this.#log;
    this.#lostBefore = this.place().lost;
    this.#log = log;
    // Its last lines leave in turns of their own.
    before.close();
  }
}
