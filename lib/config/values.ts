/** Checks one value against its entry in the table of options, be it from a flag or from a YAML file. */

import { parseAddress } from "../core/address.ts";
import { isNodeName, MAX_NAME_BYTES } from "../core/node_name.ts";
import type { Failback } from "../core/types.ts";
import type { Kind, Value } from "./options.ts";
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

/** A day. */
const LONGEST_FAILBACK_S = 86400;

const FAILBACK_RULE = `must be auto, manual, or after 1 to ${LONGEST_FAILBACK_S} (seconds)`;

/** What group tools accept. A number is no name: groups are looked up by name. */
const GROUP = /^[A-Za-z_][A-Za-z0-9_.-]{0,30}[A-Za-z0-9_.$-]?$/;

const GROUP_RULE =
  'must be the name of a group, 1 to 32 letters, digits, "-", "." or "_", the first a letter or "_"';

const LISTEN_RULE = "must be a loopback address and a port, such as 127.0.0.1:9345";

/** Where something is served: only this machine can reach it. */
export interface Listen {
  readonly hostname: string;
  readonly port: number;
}

/** The ranges of a number in words, e.g. "1 to 252 or 256 to 4294967295". */
export function rangeText(option: Extract<Kind, { kind: "number" }>): string {
  const ranges = option.ranges
    .map(([least, most]) => least === most ? `${least}` : `${least} to ${most}`).join(" or ");
  return option.unit === null ? ranges : `${ranges} ${option.unit}`;
}

/** What a value of this option must be, e.g. "must be 0.01 to 3600 s". */
export function ruleOf(option: Kind): string {
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
    case "group":
      return GROUP_RULE;
    case "listen":
      return LISTEN_RULE;
    case "failback":
      return FAILBACK_RULE;
  }
}

/** "debug, info, warning or error". */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

/** Checks a value that a YAML parser made. */
export function checkValue(option: Kind, value: unknown): Checked<Value> {
  const checked = fitting(option, value);
  return checked === null
    ? { ok: false, rule: ruleOf(option), shown: shownValue(value) }
    : { ok: true, value: checked };
}

/** Checks the text of a flag or an environment variable. Numbers are decimal, without exponent. */
export function checkText(option: Kind, text: string): Checked<Value> {
  const isNumber = option.kind === "number";
  const value = !isNumber ? text : /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : null;
  const checked = fitting(option, value);
  if (checked !== null) return { ok: true, value: checked };
  return { ok: false, rule: ruleOf(option), shown: text === "" ? "empty" : shownText(text) };
}

/** The value as this option holds it; null when it breaks the rule. */
function fitting(option: Kind, value: unknown): Value | null {
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
    case "group":
      return typeof value === "string" && GROUP.test(value) ? value : null;
    case "listen":
      return typeof value === "string" && parseListen(value) !== null ? value : null;
    case "failback":
      return typeof value === "string" && parseFailback(value) !== null ? value : null;
  }
}

/** Reads "auto", "manual", or "after" and a number of seconds; null when it is none of them. */
export function parseFailback(text: string): Failback | null {
  if (text === "auto" || text === "manual") return { kind: text };
  const [, seconds] = /^after (\d{1,5}(?:\.\d{1,6})?)$/.exec(text) ?? [];
  const quietMs = millisecondsOf(Number(seconds ?? 0));
  return quietMs >= 1000 && quietMs <= 1000 * LONGEST_FAILBACK_S
    ? { kind: "after", quietMs }
    : null;
}

/** Reads "127.0.0.1:9345" or "[::1]:9345"; null when it is no loopback address with a port from 1 to 65535. */
export function parseListen(text: string): Listen | null {
  const [, ipv4, digits = ""] =
    /^(?:(127\.\d{1,3}\.\d{1,3}\.\d{1,3})|\[::1\]):([1-9]\d{0,4})$/.exec(text) ??
      [];
  const port = Number(digits);
  if (digits === "" || port > 65535) return null;
  const hostname = ipv4 === undefined ? "::1" : parseAddress(ipv4);
  return hostname === null ? null : { hostname, port };
}

/** Seconds to milliseconds, to the microsecond: 0.07 s are 70 ms, and not 70.00000000000001. */
export function millisecondsOf(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}

/** Whether it can name a file the same to everybody. */
export function isFullPath(path: string): boolean {
  // The kernel's paths end at a zero byte: what follows it would silently be cut off.
  return path.startsWith("/") && !path.includes("\0") &&
    new TextEncoder().encode(path).length <= PATH_BYTES;
}
