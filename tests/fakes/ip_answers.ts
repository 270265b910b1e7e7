/** How `ip -N -j` shows what the fake kernel has. Fields that are undefined are left out of the JSON. */

import { broadcastOf, parseCidr } from "../../lib/core/address.ts";
import type { RuleLine } from "./ip_lines.ts";
import { BOOT_PROTOCOL, type FakeRoute, MAIN_TABLE } from "./route_table.ts";

/** An interface of the fake kernel. */
export interface FakeLink {
  readonly index: number;
  readonly name: string;
  /** What it is, e.g. "BROADCAST"; whether it is up and has its carrier is told by the fields below. */
  readonly flags: readonly string[];
  isUp: boolean;
  hasCarrier: boolean;
  /** In CIDR form; the first of each subnet is the primary one. */
  addresses: string[];
}

/** The rules that every host has, around the given ones. */
export function shownRules(rules: readonly RuleLine[]): unknown[] {
  const shown = rules.map(({ priority, inverted, udp, port, table, protocol }) => ({
    priority,
    not: inverted ? null : undefined,
    src: "all",
    ipproto: udp ? "ipproto-17" : undefined,
    dport: port ?? undefined,
    table: `${table}`,
    protocol: `${protocol}`,
  }));
  return [
    { priority: 0, src: "all", table: "255" },
    ...shown,
    { priority: 32766, src: "all", table: "254" },
    { priority: 32767, src: "all", table: "253" },
  ];
}

/** A route in the answer to "route show table N". */
export function shownInTable(route: FakeRoute, link: FakeLink): unknown {
  const protocol = route.protocol === BOOT_PROTOCOL ? undefined : `${route.protocol}`;
  return shownRoute(route, link, { protocol });
}

/** A route in the answer to "route show table all proto N", which does not repeat the protocol. */
export function shownEverywhere(route: FakeRoute, link: FakeLink): unknown {
  const table = route.table === MAIN_TABLE ? undefined : `${route.table}`;
  return shownRoute(route, link, { table });
}

function shownRoute(
  { destination, tos, gateway, interfaceName, source, metric }: FakeRoute,
  { isUp, hasCarrier }: FakeLink,
  named: Readonly<Record<string, string | undefined>>,
): unknown {
  return {
    dst: destination,
    tos: tos ?? undefined,
    gateway: gateway ?? undefined,
    dev: interfaceName,
    ...named,
    scope: gateway === null ? "253" : undefined,
    prefsrc: source ?? undefined,
    metric: metric ?? undefined,
    flags: isUp && !hasCarrier ? ["linkdown"] : [],
  };
}

/** An interface in the answer to "addr show". */
export function shownLink({ index, name, flags, isUp, hasCarrier, addresses }: FakeLink): unknown {
  const state = [
    ...(isUp && !hasCarrier ? ["NO-CARRIER"] : []),
    ...flags,
    ...(isUp ? ["UP"] : []),
    ...(isUp && hasCarrier ? ["LOWER_UP"] : []),
  ];
  const isSecondary = (cidr: string) => addresses.find((each) => isSameSubnet(each, cidr)) !== cidr;
  const shown = (cidr: string) => shownAddress(name, flags, cidr, isSecondary(cidr));
  return {
    ifindex: index,
    ifname: name,
    flags: state,
    mtu: 1500,
    operstate: isUp && hasCarrier ? "UP" : "DOWN",
    addr_info: [
      ...addresses.filter((cidr) => !isSecondary(cidr)).map(shown),
      ...addresses.filter(isSecondary).map(shown),
    ],
  };
}

function shownAddress(
  name: string,
  flags: readonly string[],
  cidr: string,
  isSecondary: boolean,
): unknown {
  const [local = "", length = ""] = cidr.split("/");
  return {
    family: "inet",
    local,
    prefixlen: Number(length),
    broadcast: flags.includes("BROADCAST") ? broadcastOf(local, Number(length)) : undefined,
    scope: flags.includes("LOOPBACK") ? "254" : "0",
    secondary: isSecondary ? true : undefined,
    label: name,
  };
}

function isSameSubnet(a: string, b: string): boolean {
  const [left, right] = [parseCidr(a), parseCidr(b)];
  return left?.network === right?.network && left?.prefixLength === right?.prefixLength;
}
