/** Reads the lines that we write to `ip`: those that we know, and no others. */

import { parseAddress, parseCidr, type Subnet } from "../../lib/core/address.ts";

/** The selectors and the target of a rule, as a line gives them. */
export interface RuleLine {
  readonly priority: number;
  readonly inverted: boolean;
  readonly udp: boolean;
  readonly port: number | null;
  readonly table: number;
  readonly protocol: number;
}

/** A route, as a line gives it; null: not given. */
export interface RouteLine {
  /** As the kernel prints it: an address, a subnet or "default". */
  readonly destination: string;
  readonly gateway: string | null;
  readonly interfaceName: string | null;
  readonly source: string | null;
  readonly tos: string | null;
  readonly metric: number | null;
  readonly table: number;
  readonly protocol: number | null;
}

/** What a line asks for. */
export type Line =
  | { readonly kind: "rule"; readonly verb: "add" | "del"; readonly rule: RuleLine }
  | {
    readonly kind: "route";
    readonly verb: "add" | "replace" | "append" | "del";
    readonly route: RouteLine;
  }
  | { readonly kind: "neigh-flush"; readonly subnet: Subnet; readonly interfaceName: string }
  | { readonly kind: "show-rules" }
  | { readonly kind: "show-links" }
  | { readonly kind: "show-table"; readonly table: number }
  | { readonly kind: "show-protocol"; readonly protocol: number };

const RULE =
  /^rule (add|del) pref (\d+)( not)?( ipproto 17)?(?: dport (\d+))? lookup (\d+) protocol (\d+)$/;
const ROUTE =
  /^route (add|replace|append|del) (\S+)(?: via (\S+))?(?: dev (\S+))?(?: src (\S+))?(?: tos (\S+))?(?: metric (\d+))? table (\d+)(?: proto (\d+))?$/;
const FLUSH = /^neigh flush to (\S+) dev (\S+)$/;
const SHOW_TABLE = /^route show table (\d+)$/;
const SHOW_PROTOCOL = /^route show table all proto (\d+)$/;

/** Throws when the line is none that we write: `ip` would end at it, or do what nobody thought of. */
export function parseLine(line: string): Line {
  if (line === "rule show") return { kind: "show-rules" };
  if (line === "addr show") return { kind: "show-links" };
  const table = SHOW_TABLE.exec(line)?.[1];
  if (table !== undefined) return { kind: "show-table", table: Number(table) };
  const protocol = SHOW_PROTOCOL.exec(line)?.[1];
  if (protocol !== undefined) return { kind: "show-protocol", protocol: Number(protocol) };
  const parsed = ruleLine(line) ?? routeLine(line) ?? flushLine(line);
  if (parsed === null) throw unknown(line);
  return parsed;
}

function ruleLine(line: string): Line | null {
  const match = RULE.exec(line);
  if (match === null) return null;
  const [, verb, priority, not, udp, port, table, protocol] = match;
  const rule = {
    priority: Number(priority),
    inverted: not !== undefined,
    udp: udp !== undefined,
    port: optionalNumber(port),
    table: Number(table),
    protocol: Number(protocol),
  };
  return { kind: "rule", verb: verb as "add" | "del", rule };
}

function routeLine(line: string): Line | null {
  const match = ROUTE.exec(line);
  if (match === null) return null;
  const [, verb, destination = "", gateway, dev, source, tos, metric, table, protocol] = match;
  for (const address of [gateway, source]) {
    if (address !== undefined && parseAddress(address) !== address) throw unknown(line);
  }
  const route = {
    destination: printedDestination(destination, line),
    gateway: gateway ?? null,
    interfaceName: dev ?? null,
    source: source ?? null,
    tos: tos ?? null,
    metric: optionalNumber(metric),
    table: Number(table),
    protocol: optionalNumber(protocol),
  };
  return { kind: "route", verb: verb as "add" | "replace" | "append" | "del", route };
}

function flushLine(line: string): Line | null {
  const match = FLUSH.exec(line);
  if (match === null) return null;
  const [, to = "", interfaceName = ""] = match;
  const subnet = parseCidr(to);
  if (subnet === null) throw unknown(line);
  return { kind: "neigh-flush", subnet, interfaceName };
}

/** "192.168.1.2/32" is printed "192.168.1.2". */
function printedDestination(text: string, line: string): string {
  if (text === "default" || parseAddress(text) === text) return text;
  const subnet = parseCidr(text);
  if (subnet === null || `${subnet.network}/${subnet.prefixLength}` !== text) throw unknown(line);
  const isHost = subnet.prefixLength === (text.includes(":") ? 128 : 32);
  return isHost ? subnet.network : text;
}

function optionalNumber(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

function unknown(line: string): Error {
  return new Error(`The fake kernel does not know this line: ${JSON.stringify(line)}`);
}
