/**
 * The lines that are written to `ip -force -N -j -batch -`.
 *
 * That process ends at a syntax error, reads "#" as a comment and quotes as grouping, so nothing is written that
 * was not checked here: a step whose address or interface name does not fit is refused by us, as a value.
 */
import { familyOf, formatCidr, parseAddress, parseCidr, type Subnet } from "./address.ts";
import type { Step } from "./route_plan.ts";
import type { Address, HostRoute, Routing, StaleRule, StrayRoute } from "./types.ts";

/** What marks our rule and our routes, and what the rule lets through. */
export interface Mark {
  readonly routing: Routing;
  /** The UDP port of the probes, which never follow our table. */
  readonly port: number;
}

/** A line for `ip`, or why there is none. */
export type Rendered =
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "invalid"; readonly step: string; readonly reason: string };

/** A line that `ip` did not carry out: its index among the changes, and the reason in the words of `ip`. */
export interface Refusal {
  readonly line: number;
  readonly reason: string;
}

/** What came of a batch: one line of JSON for each show; or that `ip` itself failed, so that nothing is known. */
export type ExchangeResult =
  | {
    readonly kind: "done";
    readonly shown: readonly string[];
    readonly refused: readonly Refusal[];
  }
  | { readonly kind: "failed"; readonly reason: string };

/** Shows all interfaces with their addresses. */
export const SHOW_LINKS = "addr show";

const LARGEST_U32 = 0xffffffff;

/** The lines that read what the kernel has of ours; `parseActual` reads the answers in this order. */
export function showActual({ routing }: Mark): string[] {
  return ["rule show", `route show table ${routing.table}`];
}

/**
 * The same, with a third line that finds routes of ours in other tables. It makes the kernel walk all its tables,
 * which takes long where they are large, so it is for the start and the end.
 */
export function showActualEverywhere(mark: Mark): string[] {
  return [...showActual(mark), `route show table all proto ${mark.routing.protocol}`];
}

/** The line that carries out a step. */
export function renderStep(step: Step, mark: Mark): Rendered {
  const reason = invalidMark(mark) ?? invalidStep(step);
  const line = lineOf(step, mark);
  return reason === null ? { kind: "line", line } : { kind: "invalid", step: line, reason };
}

/**
 * Whether an interface name can be written into a batch: what Linux permits (1 to 15 bytes, no blank, "/" or ":",
 * not "." or ".."), without what `ip` would read as quoting, comment or option, and without bytes beyond ASCII.
 */
export function isInterfaceName(name: string): boolean {
  return /^[!-~]{1,15}$/.test(name) && !/["'\\#/:]/.test(name) && !/^(-.*|\.{1,2})$/.test(name);
}

/** Whether a reason in the words of `ip` says that we lack the right to change routes (CAP_NET_ADMIN). */
export function isPermissionProblem(reason: string): boolean {
  return /\b(Operation not permitted|Permission denied)\b/.test(reason);
}

/** Whether it is what `ip` takes and shows as a route's destination: an address, a subnet, or "default". */
export function isDestination(text: string): boolean {
  return text === "default" || parseAddress(text) !== null || parseCidr(text) !== null;
}

function lineOf(step: Step, mark: Mark): string {
  const { table, protocol } = mark.routing;
  switch (step.kind) {
    case "rule-add":
      return `rule add ${ruleText(ourRule(mark), protocol)}`;
    case "rule-delete":
      return `rule del ${ruleText(step.stale ?? ourRule(mark), protocol)}`;
    case "route-add":
      return `route add ${routeText(step.route)} table ${table} proto ${protocol}`;
    case "route-replace":
      return `route replace ${routeText(step.route)} table ${table} proto ${protocol}`;
    case "route-delete":
      return `route del ${hostCidr(step.address)} table ${table} proto ${protocol}`;
    case "stray-delete":
      return `route del ${strayText(step.stray)} proto ${protocol}`;
    case "neighbour-flush":
      return `neigh flush to ${formatCidr(step.subnet)} dev ${step.interfaceName}`;
  }
}

/** The rule as we make it, in the terms in which a stale one is described. */
function ourRule({ routing, port }: Mark): StaleRule {
  const { rulePriority, table } = routing;
  return { priority: rulePriority, table, inverted: true, udp: true, port };
}

function ruleText(rule: StaleRule, protocol: number): string {
  const words = ["pref", rule.priority];
  if (rule.inverted) words.push("not");
  // By its number: ip knows the name only where there is an /etc/protocols.
  if (rule.udp) words.push("ipproto", "17");
  if (rule.port !== undefined) words.push("dport", rule.port);
  words.push("lookup", rule.table, "protocol", protocol);
  return words.join(" ");
}

function routeText(route: HostRoute): string {
  const text = `${hostCidr(route.address)} via ${route.gateway} dev ${route.interfaceName}`;
  return route.source === undefined ? text : `${text} src ${route.source}`;
}

function strayText(stray: StrayRoute): string {
  const words: (string | number)[] = [stray.destination];
  if (stray.gateway !== undefined) words.push("via", stray.gateway);
  if (stray.interfaceName !== undefined) words.push("dev", stray.interfaceName);
  if (stray.tos !== undefined) words.push("tos", stray.tos);
  if (stray.metric !== undefined) words.push("metric", stray.metric);
  words.push("table", stray.table);
  return words.join(" ");
}

function hostCidr(address: Address): string {
  return `${address}/${familyOf(address) === 4 ? 32 : 128}`;
}

/** Why the mark cannot be written, or null. */
function invalidMark({ routing, port }: Mark): string | null {
  return outside("table", routing.table, 1, LARGEST_U32) ??
    outside("rule priority", routing.rulePriority, 1, LARGEST_U32) ??
    outside("protocol", routing.protocol, 1, 255) ?? outside("port", port, 1, 65535);
}

/** Why what a step names cannot be written, or null. */
function invalidStep(step: Step): string | null {
  switch (step.kind) {
    case "rule-add":
      return null;
    case "rule-delete":
      return step.stale === undefined ? null : invalidStale(step.stale);
    case "route-add":
    case "route-replace":
      return invalidRoute(step.route);
    case "route-delete":
      return invalidAddress(step.address);
    case "stray-delete":
      return invalidStray(step.stray);
    case "neighbour-flush":
      return invalidSubnet(step.subnet) ?? invalidInterface(step.interfaceName);
  }
}

function invalidStale(rule: StaleRule): string | null {
  return outside("rule priority", rule.priority, 0, LARGEST_U32) ??
    outside("table", rule.table, 1, LARGEST_U32) ??
    (rule.port === undefined ? null : outside("port", rule.port, 1, 65535));
}

function invalidRoute({ address, gateway, interfaceName, source }: HostRoute): string | null {
  return invalidAddress(address) ?? invalidAddress(gateway, address) ??
    invalidInterface(interfaceName) ??
    (source === undefined ? null : invalidAddress(source, address));
}

function invalidStray(stray: StrayRoute): string | null {
  const { destination, table, metric, tos, gateway, interfaceName } = stray;
  if (!isDestination(destination)) return unfit("destination", destination);
  if (tos !== undefined && !/^0x[0-9a-f]{1,2}$/.test(tos)) return unfit("tos", tos);
  return outside("table", table, 1, LARGEST_U32) ??
    (metric === undefined ? null : outside("metric", metric, 0, LARGEST_U32)) ??
    (gateway === undefined ? null : invalidAddress(gateway)) ??
    (interfaceName === undefined ? null : invalidInterface(interfaceName));
}

function invalidSubnet({ network, prefixLength }: Subnet): string | null {
  const most = familyOf(network) === 4 ? 32 : 128;
  return invalidAddress(network) ?? outside("prefix length", prefixLength, 0, most);
}

/** `like` is an address whose family it must be of. */
function invalidAddress(address: Address, like = address): string | null {
  if (parseAddress(address) !== address) return unfit("address", address);
  if (familyOf(address) === familyOf(like)) return null;
  return `Cannot use address: must be of the family of ${like}, is ${address}`;
}

function invalidInterface(name: string): string | null {
  return isInterfaceName(name) ? null : unfit("interface name", name);
}

function outside(what: string, value: number, least: number, most: number): string | null {
  if (Number.isInteger(value) && value >= least && value <= most) return null;
  return `Cannot use ${what}: must be ${least} to ${most}, is ${value}`;
}

function unfit(what: string, value: string): string {
  return `Cannot use ${what}: ip would not read it as one, is ${JSON.stringify(value)}`;
}
