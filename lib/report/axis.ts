/** The time axis that all pictures of a report share, and times as a report writes them. */
import { localTime } from "../log_line.ts";
import type { Period } from "./history.ts";

/** A mark on the axis. */
export interface Tick {
  /** Where, from 0 to 1. */
  readonly part: number;
  readonly label: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Distances of marks that people count in. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * DAY_MS),
];

/** With more marks their labels would touch on paper. */
const MOST_TICKS = 7;
/** A label nearer to an end than this would reach beyond it. */
const MARGIN = 0.03;

/** The marks for a period: at full minutes, hours or days of local time. */
export function ticksOf(period: Period): Tick[] {
  const { fromMs, toMs } = period;
  const lengthMs = toMs - fromMs;
  if (lengthMs <= 0) return [];
  const stepMs = STEPS_MS.find((step) => lengthMs / step <= MOST_TICKS) ?? lengthMs / MOST_TICKS;
  const ticks: Tick[] = [];
  for (let atMs = midnightOf(fromMs); atMs < toMs; atMs += stepMs) {
    const part = partOf(atMs, period);
    if (part < MARGIN || part > 1 - MARGIN) continue;
    ticks.push({ part, label: tickLabel(atMs, stepMs) });
  }
  return ticks;
}

/** Where a moment is in a period: 0 is its beginning, 1 its end. */
export function partOf(atMs: number, { fromMs, toMs }: Period): number {
  return toMs > fromMs ? (atMs - fromMs) / (toMs - fromMs) : 0;
}

/** "2026-11-22 10:33:42", local. */
export function timeText(wallMs: number): string {
  return localTime(wallMs).slice(0, 19).replace("T", " ");
}

function midnightOf(wallMs: number): number {
  const date = new Date(wallMs);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** The time of day; the day where there is a mark for each, and at midnight. */
function tickLabel(atMs: number, stepMs: number): string {
  const time = localTime(atMs);
  const clock = time.slice(11, 16);
  return stepMs >= DAY_MS || clock === "00:00" ? time.slice(5, 10) : clock;
}
