/** Moments as people write them after --since. */

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

const AGO = /^(\d{1,6})(s|m|h|d|w)$/;
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const FULL =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?$/;

/** What is accepted, for the complaint about anything else. */
export const SINCE_RULE =
  "must be a time ago (90s, 30m, 2h, 3d, 1w), a day (2026-11-22) or a time (2026-11-22T10:30:00+01:00)";

/**
 * Reads a moment: a time ago ("30m", "2h", "3d"), the beginning of a local day ("2026-11-22"), or a time of RFC 3339,
 * whose seconds and zone may be left out: it is local then.
 *
 * @param nowMs milliseconds since 1970
 * @returns milliseconds since 1970; null: it cannot be read
 */
export function parseSince(text: string, nowMs: number): number | null {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  }
  if (DAY.test(text)) return timeOf(text, "00:00:00", "");
  const [, day, hours, minutes, seconds, fraction, zone] = FULL.exec(text) ?? [];
  if (day === undefined) return null;
  const time = `${hours}:${minutes}:${seconds ?? "00"}${(fraction ?? "").slice(0, 4)}`;
  return timeOf(day, time, (zone ?? "").toUpperCase());
}

/** Without a zone local time, as Date has it; a day that no month has is none. */
function timeOf(day: string, time: string, zone: string): number | null {
  const asUtc = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(asUtc.getTime()) || !asUtc.toISOString().startsWith(day)) return null;
  const wallMs = Date.parse(`${day}T${time}${zone}`);
  return Number.isFinite(wallMs) ? wallMs : null;
}
