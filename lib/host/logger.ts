/** The log: levels and records by LogTape, the lines by lib/log_line.ts, their way to disk by log_file.ts. */
import { configureSync, getLogger, type LogRecord as TapeRecord } from "@logtape/logtape";
import type { LogSettings } from "../config/merge.ts";
import type { LogLevel } from "../config/options.ts";
import type { Ms } from "../core/types.ts";
import { jsonLine, type LogFields, type LogRecord, textLine } from "../log_line.ts";
import { type LineTarget, openLogFile, streamTarget, type TargetWords } from "./log_file.ts";

const CATEGORY = "faild";

export interface Log {
  /** The line is with the kernel when this returns; never throws, never waits for a disk that is full. */
  write(record: LogRecord): void;
  /** On HUP. */
  reopen(): void;
  /** Nothing is written after it. */
  close(): void;
}

export type OpenedLog =
  | { readonly kind: "open"; readonly log: Log }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Opens the log of this process. It has one: what is written to an earlier one goes to the latest from then on.
 *
 * @param now the monotonic clock
 */
export function openLog(options: LogSettings, now: () => Ms): OpenedLog {
  const coloured = options.file === null && options.format === "text" && !Deno.noColor &&
    Deno.stderr.isTerminal();
  const format = (record: LogRecord, wallMs: number) =>
    options.format === "json" ? jsonLine(record, wallMs) : textLine(record, wallMs, coloured);
  const words = wordsIn((record) => format(record, Date.now()));

  let target: LineTarget = streamTarget(Deno.stderr, words);
  if (options.file !== null) {
    const opened = openLogFile(options.file, target, words, now);
    if (opened.kind === "failed") {
      return { kind: "failed", reason: `Cannot log to ${options.file}: ${opened.reason}` };
    }
    target = opened.target;
  }
  return { kind: "open", log: connect(target, options.level, format) };
}

function connect(
  target: LineTarget,
  lowestLevel: LogLevel,
  format: (record: LogRecord, wallMs: number) => string,
): Log {
  let closed = false;
  configureSync({
    reset: true,
    sinks: {
      lines: (record) => {
        if (!closed) target.write(format(fromTape(record), record.timestamp));
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
    reopen: () => target.reopen(),
    close: () => {
      closed = true;
      target.close();
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
