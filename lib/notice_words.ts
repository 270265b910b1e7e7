/** What the sentences of the log are made of. Whatever comes from outside has a bounded length in them. */
import type { LogLevel } from "./config/options.ts";
import { listedUpTo } from "./core/counted.ts";
import type { Notice } from "./core/types.ts";
import type { LogValue } from "./log_line.ts";

export { counted } from "./core/counted.ts";

/** Longer words from outside are cut. */
const MAX_WORD = 200;
/** Longer lists are cut; the sentence tells how many more there are. */
const MAX_ITEMS = 8;

/** A line of the log without its event, and before unprintable characters are escaped. */
export interface NoticeLine {
  readonly level: LogLevel;
  readonly text: string;
  readonly fields: Readonly<Record<string, LogValue>>;
}

/** The notice of a kind. */
export type NoticeOf<Kind extends Notice["kind"]> = Extract<Notice, { readonly kind: Kind }>;

/** A name, address or reason from outside, cut to a bounded length. */
export function word(text: string): string {
  return text.length <= MAX_WORD ? text : `${text.slice(0, MAX_WORD)}…`;
}

/**
 * A part as whole percents: "34 %". What is nearly nothing or nearly all does not read as if it were exactly that.
 *
 * @param part 0 to 1
 */
export function percentText(part: number): string {
  const percent = Math.round(part * 100);
  if (percent === 0 && part > 0) return "under 1 %";
  if (percent === 100 && part < 1) return "over 99 %";
  return `${percent} %`;
}

/** The items with commas between them; of a long list the beginning, and how many more. */
export function listed<Item>(items: readonly Item[], say: (item: Item) => string): string {
  return listedUpTo(MAX_ITEMS, items, say);
}

/** A field with long words and lists cut, and numbers to three decimals: more digits of a millisecond are noise. */
export function bounded(value: LogValue): LogValue {
  if (typeof value === "string") return word(value);
  if (typeof value === "number") return Math.round(value * 1000) / 1000;
  if (value === null || typeof value === "boolean") return value;
  if (isList(value)) return value.slice(0, MAX_ITEMS).map(bounded);
  return boundedFields(value);
}

/** The same for all fields of a line. */
export function boundedFields(
  fields: Readonly<Record<string, LogValue>>,
): Readonly<Record<string, LogValue>> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, bounded(value)]));
}

/** Array.isArray does not narrow lists that are read-only. */
function isList(value: readonly LogValue[] | object): value is readonly LogValue[] {
  return Array.isArray(value);
}
