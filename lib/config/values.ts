/** Checks one value against its entry in the table of options, be it from a flag or from a YAML file. */

import { isNodeName, MAX_NAME_BYTES } from "../core/node_name.ts";
import type { Option, Value } from "./options.ts";
import { shownText, shownValue } from "./problem.ts";

/** A value that may be used, or the rule that it breaks and how the value is shown. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rule: string; readonly shown: string };

/** The longest path that the kernel takes (PATH_MAX), without its closing zero. */
const PATH_BYTES = 4095;

/** The rule for a name of a node or a network. */
export const NAME_RULE =
  `must be 1 to ${MAX_NAME_BYTES} bytes of letters, digits, "-", "." or "_", the first a letter or digit`;

/** The ranges of a number in words, e.g. "1 to 252 or 256 to 4294967295". */
export function rangeText(option: Extract<Option, { kind: "number" }>): string {
  const ranges = option.ranges.map(([least, most]) => `${least} to ${most}`).join(" or ");
  return option.unit === null ? ranges : `${ranges} ${option.unit}`;
}

/** What a value of this option must be, e.g. "must be 0.01 to 3600 s". */
export function ruleOf(option: Option): string {
  switch (option.kind) {
    case "switch":
      return "must be true or false";
    case "number":
      return `must be ${option.whole ? "a whole number, " : ""}${rangeText(option)}`;
    case "choice":
      return `must be ${listed(option.choices)}`;
    case "path":
      return `must be a full path, beginning with "/"`;
    case "name":
      return NAME_RULE;
  }
}

/** "debug, info, warning or error". */
function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

/** Checks a value that a YAML parser made. */
export function checkValue(option: Option, value: unknown): Checked<Value> {
  const checked = fitting(option, value);
  return checked === null
    ? { ok: false, rule: ruleOf(option), shown: shownValue(value) }
    : { ok: true, value: checked };
}

/** Checks the text of a flag or an environment variable. Numbers are decimal, without exponent. */
export function checkText(option: Option, text: string): Checked<Value> {
  const isNumber = option.kind === "number";
  const value = !isNumber ? text : /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : null;
  const checked = fitting(option, value);
  if (checked !== null) return { ok: true, value: checked };
  return { ok: false, rule: ruleOf(option), shown: text === "" ? "empty" : shownText(text) };
}

/** The value as this option holds it; null when it breaks the rule. */
function fitting(option: Option, value: unknown): Value | null {
  switch (option.kind) {
    case "switch":
      return typeof value === "boolean" ? value : null;
    case "number": {
      if (typeof value !== "number" || (option.whole && !Number.isInteger(value))) return null;
      return option.ranges.some(([least, most]) => value >= least && value <= most) ? value : null;
    }
    case "choice":
      return typeof value === "string" && option.choices.includes(value) ? value : null;
    case "path":
      return typeof value === "string" && isFullPath(value) ? value : null;
    case "name":
      return typeof value === "string" && isNodeName(value) ? value : null;
  }
}

function isFullPath(path: string): boolean {
  // The kernel's paths end at a zero byte: what follows it would silently be cut off.
  return path.startsWith("/") && !path.includes("\0") &&
    new TextEncoder().encode(path).length <= PATH_BYTES;
}
