/** The routes of the fake kernel, in all its tables, in the order in which Linux lists them. */

import { compareAddresses } from "../../lib/core/address.ts";
import type { RouteLine } from "./ip_lines.ts";

export const MAIN_TABLE = 254;
/** What a route carries that was made without naming a protocol. */
export const BOOT_PROTOCOL = 3;

const FILE_EXISTS = "RTNETLINK answers: File exists";
const NO_PROCESS = "RTNETLINK answers: No such process";
const NO_TABLE = "Error: FIB table does not exist.";

/** A route as it is in a table. */
export interface FakeRoute extends RouteLine {
  readonly interfaceName: string;
  readonly protocol: number;
}

/** What a table does with a route that is given to it. */
export type PutVerb = "add" | "replace" | "append";

/** All tables. Whether a gateway or a device is fit for a route is none of their business. */
export class RouteTables {
  #routes: FakeRoute[] = [];
  /** Tables that ever had a route. */
  readonly #known = new Set([MAIN_TABLE]);

  /** All routes, those given included, in Linux's order. */
  listed(more: readonly FakeRoute[]): FakeRoute[] {
    return [...this.#routes, ...more].sort(compareRoutes);
  }

  /** Adds or replaces; why it is refused, or null. */
  put(verb: PutVerb, line: RouteLine & { readonly interfaceName: string }): string | null {
    const route: FakeRoute = { ...line, protocol: line.protocol ?? BOOT_PROTOCOL };
    this.#known.add(route.table);
    const same = this.#routes.filter((each) => isSamePlace(each, route));
    const twin = same.findIndex((each) => isTwin(each, route));
    // A replacement takes the first one's place, unless the same route stands behind it.
    const mayPut = same.length === 0 ||
      (verb !== "add" && (twin < 0 || (verb === "replace" && twin === 0)));
    if (!mayPut) return FILE_EXISTS;
    const first = same[0];
    if (verb === "replace" && first !== undefined) {
      this.#routes = this.#routes.map((each) => each === first ? route : each);
    } else {
      this.#routes.push(route);
    }
    return null;
  }

  /** Deletes the first route that has all that the line names; why it is refused, or null. */
  delete(line: RouteLine): string | null {
    if (!this.#known.has(line.table)) return NO_TABLE;
    const found = this.listed([]).find((each) =>
      each.table === line.table && each.destination === line.destination &&
      each.tos === line.tos && agrees(line.metric, each.metric) &&
      agrees(line.protocol, each.protocol) && agrees(line.gateway, each.gateway) &&
      agrees(line.interfaceName, each.interfaceName) && agrees(line.source, each.source)
    );
    if (found === undefined) return NO_PROCESS;
    this.#routes = this.#routes.filter((each) => each !== found);
    return null;
  }

  /** Drops the routes over an interface. */
  dropInterface(name: string): void {
    this.#routes = this.#routes.filter((each) => each.interfaceName !== name);
  }
}

/** Whether Linux has room for one of both only, unless it is told to append. */
function isSamePlace(a: FakeRoute, b: FakeRoute): boolean {
  return a.table === b.table && a.destination === b.destination && a.tos === b.tos &&
    a.metric === b.metric;
}

function isTwin(a: FakeRoute, b: FakeRoute): boolean {
  return isSamePlace(a, b) && a.gateway === b.gateway && a.interfaceName === b.interfaceName &&
    a.source === b.source && a.protocol === b.protocol;
}

function agrees<T>(asked: T | null, has: T | null): boolean {
  return asked === null || asked === has;
}

/** By table, address, length (the longer first), service type and metric. */
function compareRoutes(a: FakeRoute, b: FakeRoute): number {
  const [left, right] = [keyOf(a.destination), keyOf(b.destination)];
  return a.table - b.table || compareAddresses(left.address, right.address) ||
    right.length - left.length || Number(b.tos ?? 0) - Number(a.tos ?? 0) ||
    (a.metric ?? 0) - (b.metric ?? 0);
}

function keyOf(destination: string): { readonly address: string; readonly length: number } {
  if (destination === "default") return { address: "0.0.0.0", length: 0 };
  const [address = "", length = "32"] = destination.split("/");
  return { address, length: Number(length) };
}
