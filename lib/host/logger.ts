/** The log: levels and records by LogTape, the lines by lib/log_line.ts, their way to disk by log_file.ts. */
import { configureSync, getLogger, type LogRecord as TapeRecord } from "@logtape/logtape";
import type { LogSettings } from "../config/merge.ts";
import type { LogLevel } from "../config/options.ts";
import type { LinePlace } from "../core/line_loss.ts";
import type { Ms } from "../core/types.ts";
import { jsonLine, type LogFields, type LogRecord, textLine } from "../log_line.ts";
import { journalLines, syslogMessage } from "../syslog_line.ts";
import { type LineTarget, openLogFile, streamTarget, type TargetWords } from "./log_file.ts";
import { openSyslog, type Syslog } from "./syslog.ts";

const CATEGORY = "faild";

export interface Log {
  /** The line is with the kernel when this returns; never throws, never waits for a disk that is full. */
  write(record: LogRecord): void;
  /** Where the lines go, and which of them did not get there; what a syslog misses is not known. */
  place(): LinePlace;
  /** Tries again to tell there of the lines that it did not get, if there are any. */
  settle(): void;
  /** On HUP. */
  reopen(): void;
  /** Nothing is written after it. The promise resolves when the syslog has the last lines, or does not take them. */
  close(): Promise<void> | void;
}

/** What a log needs to know of the process beside what was configured. */
export interface LogPlace {
  /** A folder of ours. */
  readonly runDir: string;
  /** Whether standard error is read by the journal, which takes the level from the front of a line. */
  readonly isJournal: boolean;
}

export type OpenedLog =
  | { readonly kind: "open"; readonly log: Log }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Opens the log of this process. It has one: what is written to an earlier one goes to the latest from then on.
 *
 * @param now the monotonic clock
 */
export function openLog(options: LogSettings, now: () => Ms, place: LogPlace): OpenedLog {
  const isTerminal = Deno.stderr.isTerminal();
  const isJournal = place.isJournal && !isTerminal;
  const coloured = options.file === null && options.format === "text" && !Deno.noColor &&
    isTerminal;
  const format = (record: LogRecord, wallMs: number) =>
    options.format === "json" ? jsonLine(record, wallMs) : textLine(record, wallMs, coloured);
  const words = wordsIn((record) => format(record, Date.now()));

  let target: LineTarget = isJournal ? journalTarget(words) : streamTarget(Deno.stderr, words);
  if (options.file !== null) {
    const opened = openLogFile(options.file, target, words, now);
    if (opened.kind === "failed") {
      return { kind: "failed", reason: `Cannot log to ${options.file}: ${opened.reason}` };
    }
    target = opened.target;
  }
  const write = (record: LogRecord, wallMs: number) => target.write(format(record, wallMs));
  const syslog = options.syslog
    ? openSyslog(place.runDir, (reason) => write(syslogTrouble(reason), Date.now()))
    : null;
  return { kind: "open", log: connect(target, syslog, options, write) };
}

/** Standard error as the journal reads it. */
function journalTarget(words: TargetWords): LineTarget {
  const stream = streamTarget(Deno.stderr, {
    missing: (count, reason) => journalLines(words.missing(count, reason)),
    unwritable: words.unwritable,
  });
  return { ...stream, write: (line) => stream.write(journalLines(line)) };
}

function syslogTrouble(reason: string): LogRecord {
  return {
    level: "error",
    event: "syslog-unreachable",
    text: `Cannot send to syslog: ${reason}; its lines are dropped until it takes them again`,
    fields: { reason },
  };
}

function connect(
  target: LineTarget,
  syslog: Syslog | null,
  { level: lowestLevel, file }: LogSettings,
  write: (record: LogRecord, wallMs: number) => void,
): Log {
  const sender = { hostname: syslog === null ? "" : Deno.hostname(), pid: Deno.pid };
  let closed = false;
  configureSync({
    reset: true,
    sinks: {
      lines: (taped) => {
        if (closed) return;
        const record = fromTape(taped);
        write(record, taped.timestamp);
        syslog?.write(syslogMessage(record, taped.timestamp, sender));
      },
    },
    loggers: [
      { category: CATEGORY, sinks: ["lines"], lowestLevel },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: null },
    ],
  });
  const logger = getLogger(CATEGORY);
  return {
    write: (record) => logger.emit(toTape(record)),
    place: () => ({ kind: "log", file, ...target.loss() }),
    settle: () => {
      if (!closed) target.settle();
    },
    reopen: () => target.reopen(),
    close: () => {
      closed = true;
      const left = syslog?.close();
      return left === undefined ? target.close() : left.then(() => target.close());
    },
  };
}

/** As a finished record: LogTape would read braces in a sentence as placeholders. */
function toTape(record: LogRecord): Omit<TapeRecord, "category"> {
  const { level, event, text, fields } = record;
  return {
    level,
    timestamp: Date.now(),
    message: [text],
    rawMessage: text,
    properties: { event, fields },
  };
}

function fromTape(record: TapeRecord): LogRecord {
  return {
    level: record.level as LogLevel,
    event: record.properties.event as string,
    text: record.message[0] as string,
    fields: record.properties.fields as LogFields,
  };
}

function wordsIn(format: (record: LogRecord) => string): TargetWords {
  return {
    missing: (count, reason) =>
      format({
        level: "error",
        event: "log-lines-missing",
        text: `${count} ${count === 1 ? "line is" : "lines are"} missing here: ${reason}`,
        fields: { count, reason },
      }),
    unwritable: (path, reason, instead) =>
      format({
        level: "error",
        event: "log-unwritable",
        text: `Cannot write log ${path}: ${reason}; ${instead}`,
        fields: { path, reason },
      }),
  };
}
