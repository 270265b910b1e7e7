/** Durations as people read them. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * A duration in at most two units, rounded to what matters at its size: "0.4 ms", "161 ms", "12.3 s", "4 min 10 s",
 * "3 h 5 min", "2 d 1 h".
 *
 * @param durationMs finite milliseconds; what is below zero reads as "0 ms"
 */
export function durationText(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms > 0 && ms < 0.1) return "under 0.1 ms";
  // Rounded before the unit is chosen, so that nothing reads as "1000 ms" or "60 s".
  const milliseconds = ms < 9.95 ? round(ms, 10) : Math.round(ms);
  if (milliseconds < SECOND_MS) return `${milliseconds} ms`;
  const seconds = round(ms / SECOND_MS, 10);
  if (seconds < 60) return `${seconds} s`;
  const wholeSeconds = Math.round(ms / SECOND_MS) * SECOND_MS;
  if (wholeSeconds < HOUR_MS) return twoUnits(wholeSeconds, MINUTE_MS, "min", SECOND_MS, "s");
  const wholeMinutes = Math.round(ms / MINUTE_MS) * MINUTE_MS;
  if (wholeMinutes < DAY_MS) return twoUnits(wholeMinutes, HOUR_MS, "h", MINUTE_MS, "min");
  return twoUnits(Math.round(ms / HOUR_MS) * HOUR_MS, DAY_MS, "d", HOUR_MS, "h");
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}

/** `ms` is a multiple of the small unit already. */
function twoUnits(
  ms: number,
  largeMs: number,
  large: string,
  smallMs: number,
  small: string,
): string {
  const rest = (ms % largeMs) / smallMs;
  const head = `${Math.floor(ms / largeMs)} ${large}`;
  return rest === 0 ? head : `${head} ${rest} ${small}`;
}
