/**
 * The events: those lines of the log that tell of a change somebody may ask for later. They are kept in a file of
 * their own, a JSON line each, whatever the log's level and place; `faild events` and `faild report` read it.
 */
import type { LogLevel } from "./config/options.ts";
import { objectIn } from "./json_line.ts";
import type { LogFields, LogRecord } from "./log_line.ts";

/** An event as it was read back. */
export interface PastEvent extends LogRecord {
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

/** Whatever begins so is about the health or presence of a path, a network or a node, or about routes found. */
const FAMILIES = ["path-", "network-", "node-", "adopted", "drain", "undrain", "reload", "keys-"];

const SINGLE: ReadonlySet<string> = new Set([
  "address-conflict",
  "address-gone",
  "degraded",
  "failback",
  "late",
  "monitor-ended",
  "no-network",
  "one-way",
  "recovered",
  "repaired",
  "rerouted",
  "same-name",
  "start",
  "start-failed",
  "stop",
  "unclean-end",
]);

const LEVELS: Readonly<Record<LogLevel, true>> = {
  debug: true,
  info: true,
  warning: true,
  error: true,
};

/** Keys of a line that are not the event's fields. */
const OWN_KEYS: ReadonlySet<string> = new Set(["time", "level", "event", "text"]);

/** Whether a line of the log is an event: a change, not what is merely counted, repeated or asked for. */
export function isEvent({ event }: Pick<LogRecord, "event">): boolean {
  return SINGLE.has(event) || FAMILIES.some((begin) => event.startsWith(begin));
}

/** Reads a line that `jsonLine` wrote; null: it is torn, or none of ours. */
export function parseEvent(line: string): PastEvent | null {
  const found = objectIn(line);
  if (found === null) return null;
  const { time, level, event, text } = found;
  if (typeof event !== "string" || typeof text !== "string" || !isLevel(level)) return null;
  const wallMs = parseTime(time);
  if (wallMs === null) return null;
  const fields = Object.fromEntries(Object.entries(found).filter(([key]) => !OWN_KEYS.has(key)));
  return { wallMs, level, event, text, fields: fields as LogFields };
}

/** The time of a line, in milliseconds since 1970; null: it is none. */
export function parseTime(time: unknown): number | null {
  if (typeof time !== "string") return null;
  const wallMs = Date.parse(time);
  return Number.isFinite(wallMs) ? wallMs : null;
}

function isLevel(value: unknown): value is LogLevel {
  return typeof value === "string" && Object.hasOwn(LEVELS, value);
}
