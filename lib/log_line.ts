/**
 * What a line of the log is, and how it is written as text and as JSON.
 *
 * The wall clock appears here and nowhere else: it is for people, no decision rests on it.
 */

import type { LogLevel } from "./config/options.ts";

/** What a field of a JSON line may hold. */
export type LogValue =
  | string
  | number
  | boolean
  | null
  | readonly LogValue[]
  | { readonly [key: string]: LogValue };

/** Fields of a JSON line beside `time`, `level`, `event` and `text`, whose names they must not take. */
export type LogFields = Readonly<Record<string, LogValue>>;

/** One line of the log before it is written. */
export interface LogRecord {
  readonly level: LogLevel;
  /** A stable name for programs, e.g. "path-down". */
  readonly event: string;
  /** One sentence for people. */
  readonly text: string;
  readonly fields: LogFields;
}

/**
 * Whatever can break a line, move a terminal's cursor, or show text in another order than it is written: control and
 * format characters, line and paragraph separators, and halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const COLOURS: Readonly<Record<LogLevel, string>> = {
  debug: "\x1b[2m",
  info: "\x1b[32m",
  warning: "\x1b[33m",
  error: "\x1b[31m",
};
const COLOUR_OFF = "\x1b[0m";

/** `text` with everything that is not printable written as `\uXXXX`; names and reasons come from other machines. */
export function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, escapeOne);
}

function escapeOne(character: string): string {
  let escaped = "";
  for (let i = 0; i < character.length; i++) {
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}

/**
 * A line for people, with its newline: `2026-11-22T10:33:42.123+01:00 warning node2 is down on A …`.
 *
 * @param wallMs milliseconds since 1970
 * @param coloured whether the level is coloured for a terminal
 */
export function textLine(record: LogRecord, wallMs: number, coloured: boolean): string {
  const level = coloured ? `${COLOURS[record.level]}${record.level}${COLOUR_OFF}` : record.level;
  return `${localTime(wallMs)} ${level} ${escapeUnprintable(record.text)}\n`;
}

/**
 * A line for programs, with its newline: one JSON object whose keys are `time`, `level`, `event`, the record's fields
 * in their order, and `text`.
 *
 * @param wallMs milliseconds since 1970
 */
export function jsonLine(record: LogRecord, wallMs: number): string {
  const { level, event, fields, text } = record;
  const json = JSON.stringify({ time: localTime(wallMs), level, event, ...fields, text });
  // JSON escapes C0 by itself; the others can stand in strings only, where this escape is JSON too.
  return `${escapeUnprintable(json)}\n`;
}

/** Local time with its offset from UTC, as RFC 3339 has it, to the millisecond. */
export function localTime(wallMs: number): string {
  const date = new Date(wallMs);
  const offset = -date.getTimezoneOffset();
  const size = Math.abs(offset);
  const day = `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  const zone = `${offset < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
  return `${day}T${time}.${pad(date.getMilliseconds(), 3)}${zone}`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
