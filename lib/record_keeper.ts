/**
 * Keeps what `faild events` and `faild report` read: the events of the log, and a sample of the paths each minute. With
 * each sample it has the lines tried again that tell of missing ones: events and lines of the log may be weeks apart,
 * and until then a disk that has room again would pass for full.
 *
 * It has no timer of its own: the loop turns at least every few seconds, and tells it so.
 */
import type { LineLoss } from "./core/line_loss.ts";
import type { Ms } from "./core/types.ts";
import { isEvent } from "./events.ts";
import { jsonLine, type LogRecord } from "./log_line.ts";
import { peerSlices, type PeerSource } from "./peer_slices.ts";
import { SAMPLE_MS, sampled, sampleLine } from "./samples.ts";

/** The first sample is taken when peers had time to be found. */
const FIRST_MS: Ms = 10_000;

/** A file to append lines to. */
export interface LineFile {
  /** Appends a whole line, newline included. Never throws. */
  append(line: string): void;
  /** What could not be written there. */
  loss(): LineLoss;
  /** Tries again to tell there of the lines that are missing, if any are. That it fails is no line lost. */
  settle(): void;
}

/** Where the records go. */
export interface RecordFiles {
  readonly events: LineFile;
  readonly samples: LineFile;
}

/** What the keeper needs of the host. */
export interface KeeperParts {
  /** Where the records go at first. */
  readonly files: RecordFiles;
  /** Milliseconds since 1970. */
  wallNow(): number;
  /** Tells the log to settle, which has no turns of its own. */
  settleLog(): void;
}

/** The keeper of one daemon. */
export class RecordKeeper {
  readonly #parts: KeeperParts;
  #files: RecordFiles;
  /** Lines that the files of before did not get. */
  #lostBefore = { events: 0, samples: 0 };
  /** Null: before the first turn. */
  #sampleAt: Ms | null = null;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#files = parts.files;
  }

  /** Keeps a line of the log if it is an event. */
  keep(record: LogRecord): void {
    if (isEvent(record)) this.#files.events.append(jsonLine(record, this.#parts.wallNow()));
  }

  /** Keeps all in other files from now on. */
  move(files: RecordFiles): void {
    const { events, samples } = this.losses;
    this.#lostBefore = { events: events.lost, samples: samples.lost };
    this.#files = files;
  }

  /** What could not be written since the start. */
  get losses(): Readonly<Record<keyof RecordFiles, LineLoss>> {
    const [events, samples] = [this.#files.events.loss(), this.#files.samples.loss()];
    const before = this.#lostBefore;
    return {
      events: { ...events, lost: events.lost + before.events },
      samples: { ...samples, lost: samples.lost + before.samples },
    };
  }

  /** Takes a sample if one is due, and has settled what is owed; `now` is on the monotonic clock. */
  turn(source: PeerSource, now: Ms): void {
    this.#sampleAt ??= now + FIRST_MS;
    if (now < this.#sampleAt) return;
    this.#sampleAt = now + SAMPLE_MS;
    this.#parts.settleLog();
    this.#files.events.settle();
    // The samples need no more than the next of them.
    this.#files.samples.append(sampleLine(sampled(peersOf(source)), this.#parts.wallNow()));
  }
}

/** Peer by peer, so that no more are looked at than a sample takes. */
function* peersOf(source: PeerSource) {
  for (const slice of peerSlices(source)) yield* slice;
}

/** The line that a bounded file begins with again after lines are missing in it. */
export function missingLine(count: number, reason: string, wallMs: number): string {
  const lines = count === 1 ? "line is" : "lines are";
  const text = `${count} ${lines} missing here: ${reason}`;
  const record = {
    level: "error",
    event: "events-missing",
    text,
    fields: { count, reason },
  } as const;
  return jsonLine(record, wallMs);
}
