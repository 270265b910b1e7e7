/**
 * What `ip -N -j` answers, read into our own words.
 *
 * Strict about what is ours and about what we use, indifferent to the rest: others' rules and routes may have any
 * shape and any field. What cannot be understood is an error value; nothing is guessed.
 */
import { parseAddress } from "./address.ts";
import { isDestination, type Mark } from "./ip_text.ts";
import { isSameRoute } from "./route_plan.ts";
import type { ActualRoutes, Address, HostRoute, StaleRule, StrayRoute } from "./types.ts";

/** An address of an interface. */
export interface LinkAddress {
  readonly address: Address;
  readonly prefixLength: number;
  /** The broadcast address that was assigned to it, if any. */
  readonly broadcast?: Address;
  /** Whether an earlier address of the same subnet is preferred as a source. */
  readonly secondary: boolean;
  /** Scope by number: 0 is global, 253 the link, 254 the host. */
  readonly scope: number;
}

/** An interface as the kernel has it. */
export interface Link {
  /** The kernel's number for it: another one means another interface, even of the same name. */
  readonly index: number;
  readonly name: string;
  /** E.g. "UP" (administratively), "LOWER_UP" (carrier), "BROADCAST", "LOOPBACK". */
  readonly flags: readonly string[];
  readonly addresses: readonly LinkAddress[];
}

/** A value, or why there is none. */
export type Parsed<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "error"; readonly reason: string };

/** Rules, routes or interfaces that one answer may have. */
const MOST_ENTRIES = 200_000;

type Entry = Readonly<Record<string, unknown>>;

/** Thrown within this file only: an answer that is not understood. */
class Misfit extends Error {}

/**
 * Reads the answers to `showActual` or `showActualEverywhere`.
 * @param shown one line of JSON for each of their lines
 */
export function parseActual(shown: readonly string[], mark: Mark): Parsed<ActualRoutes> {
  return guarded(() => {
    const [rules, table, everywhere] = shown;
    if (rules === undefined || table === undefined) throw new Misfit("an answer is missing");
    const strays: StrayRoute[] = [];
    const routes = new Map<Address, HostRoute>();
    const foreign = readTable(entriesOf(table), mark, routes, strays);
    if (everywhere !== undefined) readElsewhere(entriesOf(everywhere), mark, strays);
    return { ...readRules(entriesOf(rules), mark), routes, foreign, strays };
  });
}

/** Reads the answer to `addr show`. */
export function parseLinks(shown: string): Parsed<Link[]> {
  return guarded(() => entriesOf(shown).map(linkOf));
}

function guarded<T>(read: () => T): Parsed<T> {
  try {
    return { kind: "value", value: read() };
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    return { kind: "error", reason: `Cannot read the answer of ip: ${error.message}` };
  }
}

/** The objects of one line of JSON. */
function entriesOf(line: string): Entry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new Misfit(`must be JSON, is ${excerpt(line)}`);
  }
  if (!Array.isArray(parsed)) throw new Misfit(`must be an array, is ${excerpt(line)}`);
  if (parsed.length > MOST_ENTRIES) {
    throw new Misfit(`must have at most ${MOST_ENTRIES} entries, has ${parsed.length}`);
  }
  return parsed.filter((each: unknown) => !isEmpty(each)).map((each: unknown) => {
    if (isObject(each)) return each;
    throw new Misfit(`must have objects only, has ${excerpt(JSON.stringify(each))}`);
  });
}

/** `ip` stands an empty object in for each entry that its filter left out. */
function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// ----------------------------------------------------------------------------------------------- rules

/** What our rules, present and past, may have; one with anything else was not made by us. */
const RULE_FIELDS = new Set([
  "priority",
  "not",
  "src",
  "ipproto",
  "dport",
  "table",
  "protocol",
]);

function readRules(entries: Entry[], mark: Mark): { rules: number; staleRules: StaleRule[] } {
  let rules = 0;
  const staleRules: StaleRule[] = [];
  for (const entry of entries) {
    if (numberIn(entry, "protocol", 0) !== mark.routing.protocol) continue;
    const rule = ruleOf(entry);
    if (rule === null) continue;
    if (isOurRule(rule, mark)) rules += 1;
    else staleRules.push(rule);
  }
  return { rules, staleRules };
}

/** A rule of our protocol number; null when it has selectors or actions that no rule of ours ever had. */
function ruleOf(entry: Entry): StaleRule | null {
  const isUdp = entry.ipproto !== undefined;
  const isOurShape = Object.keys(entry).every((field) => RULE_FIELDS.has(field)) &&
    entry.src === "all" && entry.table !== undefined &&
    (!isUdp || /^(ipproto-17|17|udp)$/.test(String(entry.ipproto)));
  if (!isOurShape) return null;
  const rule = {
    priority: numberIn(entry, "priority", 0),
    table: numberIn(entry, "table"),
    inverted: entry.not !== undefined,
    udp: isUdp,
  };
  return entry.dport === undefined ? rule : { ...rule, port: numberIn(entry, "dport") };
}

function isOurRule(rule: StaleRule, { routing, port }: Mark): boolean {
  return rule.priority === routing.rulePriority && rule.table === routing.table &&
    rule.inverted && rule.udp && rule.port === port;
}

// ---------------------------------------------------------------------------------------------- routes

/** What a host route of ours may show. */
const ROUTE_FIELDS = new Set(["dst", "gateway", "dev", "protocol", "prefsrc", "flags"]);

/** Sorts the routes of our table into ours and our strays; returns the number of the others. */
function readTable(
  entries: Entry[],
  mark: Mark,
  routes: Map<Address, HostRoute>,
  strays: StrayRoute[],
): number {
  let foreign = 0;
  for (const entry of entries) {
    if (numberIn(entry, "protocol", 0) !== mark.routing.protocol) {
      foreign += 1;
      continue;
    }
    const destination = destinationOf(entry);
    const route = hostRouteOf(entry, destination);
    const first = route === null ? undefined : routes.get(route.address);
    // Of several for one address the first is in force. The very same one twice is no second route: a listing
    // that was interrupted by a change may repeat itself.
    if (route !== null && first === undefined) routes.set(route.address, route);
    else if (route === null || first === undefined || !isSameRoute(route, first)) {
      strays.push(strayOf(entry, destination, mark.routing.table));
    }
  }
  return foreign;
}

/** The answer holds routes of our protocol number only, and names the table of each. */
function readElsewhere(entries: Entry[], mark: Mark, strays: StrayRoute[]): void {
  const isIPv4 = (entry: Entry) => entry.pref === undefined;
  for (const entry of entries) {
    const table = numberIn(entry, "table", 254);
    if (table === mark.routing.table && isIPv4(entry)) continue;
    strays.push(strayOf(entry, destinationOf(entry), table));
  }
}

function destinationOf(entry: Entry): string {
  const destination = textIn(entry, "dst");
  if (!isDestination(destination)) {
    throw new Misfit(`dst must be an address or subnet, is ${excerpt(destination)}`);
  }
  return destination;
}

/** The route, if it has the shape of those we make; null when it is another kind of route. */
function hostRouteOf(entry: Entry, destination: string): HostRoute | null {
  const { gateway, dev, prefsrc } = entry;
  const isHostRoute = Object.keys(entry).every((field) => ROUTE_FIELDS.has(field)) &&
    parseAddress(destination) !== null && gateway !== undefined && dev !== undefined;
  if (!isHostRoute) return null;
  const route = {
    address: addressIn(entry, "dst"),
    gateway: addressIn(entry, "gateway"),
    interfaceName: textIn(entry, "dev"),
  };
  return prefsrc === undefined ? route : { ...route, source: addressIn(entry, "prefsrc") };
}

function strayOf(entry: Entry, destination: string, table: number): StrayRoute {
  const { tos, metric, gateway, dev } = entry;
  return {
    destination,
    table,
    ...(metric === undefined ? {} : { metric: numberIn(entry, "metric") }),
    ...(tos === undefined ? {} : { tos: textIn(entry, "tos") }),
    ...(gateway === undefined ? {} : { gateway: addressIn(entry, "gateway") }),
    ...(dev === undefined ? {} : { interfaceName: textIn(entry, "dev") }),
  };
}

// ----------------------------------------------------------------------------------------------- links

function linkOf(entry: Entry): Link {
  const flags = arrayIn(entry, "flags").filter((flag) => typeof flag === "string");
  const infos = entry.addr_info === undefined ? [] : arrayIn(entry, "addr_info");
  const addresses: LinkAddress[] = [];
  for (const info of infos) {
    if (!isObject(info)) throw new Misfit("addr_info must have objects only");
    // A peer's address instead of a subnet, or another family than IP: no LAN.
    if (isEmpty(info) || info.address !== undefined || info.local === undefined) continue;
    addresses.push(linkAddressOf(info));
  }
  return {
    index: numberIn(entry, "ifindex"),
    name: textIn(entry, "ifname"),
    flags,
    addresses,
  };
}

function linkAddressOf(info: Entry): LinkAddress {
  return {
    address: addressIn(info, "local"),
    prefixLength: numberIn(info, "prefixlen"),
    ...(info.broadcast === undefined ? {} : { broadcast: addressIn(info, "broadcast") }),
    secondary: info.secondary === true,
    scope: numberIn(info, "scope"),
  };
}

// ---------------------------------------------------------------------------------------------- fields

/** A number, which `ip -N` writes bare or as text. */
function numberIn(entry: Entry, field: string, whenAbsent?: number): number {
  const value = entry[field] ?? whenAbsent;
  const number = typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw unlike(entry, field, "a number");
}

function textIn(entry: Entry, field: string): string {
  const value = entry[field];
  if (typeof value === "string" && value !== "") return value;
  throw unlike(entry, field, "text");
}

function arrayIn(entry: Entry, field: string): readonly unknown[] {
  const value = entry[field];
  if (Array.isArray(value)) return value;
  throw unlike(entry, field, "an array");
}

function addressIn(entry: Entry, field: string): Address {
  const value = entry[field];
  const address = typeof value === "string" ? parseAddress(value) : null;
  if (address !== null) return address;
  throw unlike(entry, field, "an address");
}

function unlike(entry: Entry, field: string, what: string): Misfit {
  const value = entry[field];
  const is = value === undefined ? "absent" : excerpt(JSON.stringify(value));
  return new Misfit(`${field} must be ${what}, is ${is}`);
}

function excerpt(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
