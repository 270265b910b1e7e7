/** What a wish for routes is made of, and whether two wishes are the same. */
import type { Lan } from "./lan.ts";
import type { Path } from "./nodes.ts";
import { isSameRoute } from "./route_plan.ts";
import type { Address, HostRoute } from "./types.ts";

/** The host route that carries `path`'s address over the network of `carrier`. */
export function hostRoute(path: Path, own: Lan, carrier: Path, over: Lan): HostRoute {
  const route = {
    address: path.address,
    gateway: carrier.address,
    interfaceName: over.network.interfaceName,
  };
  return own.present ? { ...route, source: own.network.address } : route;
}

/** Whether two sets hold the same. */
export function isSameSet(a: ReadonlySet<Address>, b: ReadonlySet<Address>): boolean {
  if (a.size !== b.size) return false;
  for (const each of a) if (!b.has(each)) return false;
  return true;
}

/** Whether two sets of routes are the same. */
export function isSameMap(
  a: ReadonlyMap<Address, HostRoute>,
  b: ReadonlyMap<Address, HostRoute>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [address, route] of a) {
    const other = b.get(address);
    if (other === undefined || (other !== route && !isSameRoute(other, route))) return false;
  }
  return true;
}

/** Tells whether a route's interface can send and its source is ours; another is left as the kernel has it. */
export function usability(lans: Iterable<Lan>): (route: HostRoute) => boolean {
  const interfaces = new Set<string>();
  const sources = new Set<Address>();
  for (const lan of lans) {
    if (lan.usable) interfaces.add(lan.network.interfaceName);
    if (lan.present) sources.add(lan.network.address);
  }
  return ({ interfaceName, source }) =>
    interfaces.has(interfaceName) && (source === undefined || sources.has(source));
}
