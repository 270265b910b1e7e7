/**
 * What a host's kernel knows: our rule, our routes, and which of them it drops by itself.
 *
 *   address removed   -> routes with that source go, and all routes over the interface, which has none left
 *   interface down    -> all routes over it go, without a word
 *   carrier lost      -> all routes stay
 */
import { contains, subnetOf } from "../../lib/core/address.ts";
import { isSameRoute, type Step } from "../../lib/core/route_plan.ts";
import type { ActualRoutes, Address, HostRoute } from "../../lib/core/types.ts";
import type { Port } from "./lan.ts";

/** One thing that changed in a kernel, as a word of a transcript: "+ rule", "- 192.168.1.2". */
export type KernelChange = string;

/** The routing of one host. */
export class SimKernel {
  readonly #ports: readonly Port[];
  #rules = 0;
  readonly #routes = new Map<Address, HostRoute>();

  constructor(ports: readonly Port[]) {
    this.#ports = ports;
  }

  /** What is there of ours. */
  read(): ActualRoutes {
    return { rules: this.#rules, routes: new Map(this.#routes), foreign: 0 };
  }

  /** Takes one step; the reason if it is refused, in the words of the kernel. */
  take(step: Step): { readonly refused: string } | { readonly changed: KernelChange | null } {
    switch (step.kind) {
      case "rule-add":
        if (this.#rules > 0) return { refused: "File exists" };
        this.#rules += 1;
        return { changed: "+ rule" };
      case "rule-delete":
        return this.deleteRule() ? { changed: "- rule" } : { refused: "No such file or directory" };
      case "route-add":
        if (this.#routes.has(step.route.address)) return { refused: "File exists" };
        return this.#put(step.route);
      case "route-replace":
        return this.#put(step.route);
      case "route-delete":
        return this.deleteRoute(step.address)
          ? { changed: `- ${step.address}` }
          : { refused: "No such process" };
      case "neighbour-flush":
        return { changed: null };
      case "stray-delete":
        throw new Error("nothing in a simulated kernel has another shape than ours");
    }
  }

  /** Somebody deletes our rule; false: there was none. */
  deleteRule(): boolean {
    if (this.#rules === 0) return false;
    this.#rules -= 1;
    return true;
  }

  /** Somebody deletes one of our routes; false: there was none. */
  deleteRoute(address: Address): boolean {
    return this.#routes.delete(address);
  }

  /** Somebody sends the traffic of an address elsewhere. */
  alterRoute(route: HostRoute): void {
    this.#routes.set(route.address, route);
  }

  /** Goes back to a saved state, as far as the interfaces allow it. */
  restore({ rules, routes }: ActualRoutes): void {
    this.#rules = rules;
    this.#routes.clear();
    for (const [address, route] of routes) this.#routes.set(address, route);
    this.portChanged();
  }

  /** Drops the routes that the kernel itself drops when a port changes; returns their addresses. */
  portChanged(): Address[] {
    const dropped: Address[] = [];
    for (const route of this.#routes.values()) {
      if (this.#objection(route) === null) continue;
      this.#routes.delete(route.address);
      dropped.push(route.address);
    }
    return dropped;
  }

  /**
   * Where a packet for `address` leaves this host and to whom it is handed on that LAN; null: it has no route. The
   * main table, which is asked after ours, has the routes of the interfaces' own subnets only.
   */
  lookup(address: Address): { readonly port: Port; readonly hop: Address } | null {
    const route = this.#rules > 0 ? this.#routes.get(address) : undefined;
    if (route !== undefined) {
      const port = this.#ports.find((each) => each.interfaceName === route.interfaceName);
      return port === undefined ? null : { port, hop: route.gateway };
    }
    const port = this.#ports.find((each) => isConnected(each, address));
    return port === undefined ? null : { port, hop: address };
  }

  #put(route: HostRoute): { readonly refused: string } | { readonly changed: KernelChange | null } {
    const objection = this.#objection(route);
    if (objection !== null) return { refused: objection };
    const before = this.#routes.get(route.address);
    if (before !== undefined && isSameRoute(before, route)) return { changed: null };
    this.#routes.set(route.address, route);
    return { changed: `+ ${routeText(route)}` };
  }

  #objection({ interfaceName, gateway, source }: HostRoute): string | null {
    const port = this.#ports.find((each) => each.interfaceName === interfaceName);
    if (port === undefined || !port.present) return `Cannot find device "${interfaceName}"`;
    if (!port.up) return "Error: Device for nexthop is not up.";
    if (!isConnected(port, gateway)) return "Error: Nexthop has invalid gateway.";
    const isOurs = this.#ports.some((each) => each.present && each.address === source);
    return source === undefined || isOurs ? null : "Error: Invalid prefsrc address.";
  }
}

/** A route as a transcript shows it. */
export function routeText({ address, gateway, interfaceName, source }: HostRoute): string {
  const from = source === undefined ? "" : ` src ${source}`;
  return `${address} via ${gateway} dev ${interfaceName}${from}`;
}

function isConnected(port: Port, address: Address): boolean {
  return port.present && port.up && port.address !== null &&
    contains(subnetOf(port.address, port.prefixLength), address);
}
