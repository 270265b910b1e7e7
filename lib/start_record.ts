/**
 * When the watchdog may start the daemon again: one that keeps dying is given a rest, and people the time to look. A
 * start counts that was needed because the daemon died, or hung, or that was in vain: not one after it was stopped.
 */
import type { Ms } from "./core/types.ts";

/** So many starts... */
const MOST_STARTS = 5;
/** ...within so long... */
const PERIOD_MS: Ms = 10 * 60_000;
/** ...and there is none for so long after the last of them. */
const REST_MS: Ms = 5 * 60_000;
/** Of a fault so much is remembered, in characters: a longer record would not be read again. */
const FAULT_CHARACTERS = 500;

/** What one run of the watchdog leaves to the next. */
export interface StartRecord {
  /** When it started the daemon, in ms since 1970, the earliest first; only what still counts. */
  readonly startedAt: readonly number[];
  /** Whether people were told of the rest that has begun since. */
  readonly isRestTold: boolean;
  /** The fault of a daemon left alone with it, as people were told of it; null: there is none. */
  readonly toldFault: string | null;
}

/** Where the watchdogs of a run directory have what is theirs. */
export function watchdogFolder(runDir: string): string {
  return `${runDir}/watchdog`;
}

/** The file of their record. */
export function startRecordFile(runDir: string): string {
  return `${watchdogFolder(runDir)}/starts.json`;
}

/** The beginning. */
export const NO_STARTS: StartRecord = { startedAt: [], isRestTold: false, toldFault: null };

/** How long the daemon must be left alone, in ms; 0: it may be started. */
export function restMs(record: StartRecord, wallMs: number): Ms {
  const startedAt = counting(record.startedAt, wallMs);
  const last = startedAt.at(-1);
  if (last === undefined || startedAt.length < MOST_STARTS) return 0;
  return Math.max(0, last + REST_MS - wallMs);
}

/** The record after a start. */
export function withStart(record: StartRecord, wallMs: number): StartRecord {
  const startedAt = [...counting(record.startedAt, wallMs), wallMs];
  return { ...record, startedAt, isRestTold: false };
}

/** The record without its last start, which turned out not to count; a rest before it is over. */
export function withoutStart(record: StartRecord): StartRecord {
  return { ...record, startedAt: record.startedAt.slice(0, -1), isRestTold: false };
}

/** The record after people were told of a fault; the same one: they had been told before. */
export function withFault(record: StartRecord, fault: string): StartRecord {
  const toldFault = fault.slice(0, FAULT_CHARACTERS);
  return record.toldFault === toldFault ? record : { ...record, toldFault };
}

/** How many starts there were lately. */
export function recentStarts(record: StartRecord, wallMs: number): number {
  return counting(record.startedAt, wallMs).length;
}

/** As it stands in a file. */
export function startRecordText(record: StartRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Reads such a text. Whatever else is there is nothing to go by, and counts as the beginning. */
export function parseStartRecord(text: string): StartRecord {
  try {
    const { startedAt, isRestTold, toldFault }: Record<string, unknown> = JSON.parse(text);
    if (!Array.isArray(startedAt) || typeof isRestTold !== "boolean") return NO_STARTS;
    const times = startedAt.slice(-MOST_STARTS);
    if (!times.every((each) => Number.isFinite(each))) return NO_STARTS;
    const told = typeof toldFault === "string" ? toldFault : null;
    return { startedAt: times, isRestTold, toldFault: told };
  } catch {
    return NO_STARTS;
  }
}

/** A start in the future was one before the clock was set back: nobody knows how long ago. */
function counting(startedAt: readonly number[], wallMs: number): readonly number[] {
  return startedAt
    .filter((each) => each <= wallMs && wallMs - each < PERIOD_MS)
    .slice(-MOST_STARTS);
}
