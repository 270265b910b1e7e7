/**
 * What to tell the kernel: wanted minus actual, as steps in an order in which no moment is worse than before.
 *
 *   1 rule-add            a missing rule first: without it nothing below has an effect
 *   2 route-add, -replace the traffic moves
 *   3 neighbour-flush     at once after it, or packets wait in the dead interface's queue
 *   4 the deletions       last: an address keeps its old route until it has the new one
 *
 * Only what carries our mark is replaced or deleted. A route that is not there yet is added, not replaced: the
 * kernel then refuses if somebody else's stands in its place.
 */
import { contains, familyOf, type Subnet, subnetOf } from "./address.ts";
import type {
  ActualRoutes,
  Address,
  HostRoute,
  Routing,
  StaleRule,
  StrayRoute,
  WantedRoutes,
} from "./types.ts";

/** One change to the kernel. */
export type Step =
  | { readonly kind: "rule-add" }
  /** `stale` is the rule of a predecessor; absent: one of the rules that are as we make them. */
  | { readonly kind: "rule-delete"; readonly stale?: StaleRule }
  /** Refused by the kernel where a route for the address exists. */
  | { readonly kind: "route-add"; readonly route: HostRoute }
  | { readonly kind: "route-replace"; readonly route: HostRoute }
  | { readonly kind: "route-delete"; readonly address: Address }
  | { readonly kind: "stray-delete"; readonly stray: StrayRoute }
  /** Advisory: nothing is wrong if it cannot be done. */
  | { readonly kind: "neighbour-flush"; readonly interfaceName: string; readonly subnet: Subnet };

/**
 * The steps from `actual` to `wanted`. None, when everything is as wanted: applied to what its steps lead to, it
 * gives no step but the neighbour flushes, which leave no trace to tell that they were done.
 */
export function plan(wanted: WantedRoutes, actual: ActualRoutes, routing: Routing): Step[] {
  const steps: Step[] = [];
  if (actual.rules === 0) steps.push({ kind: "rule-add" });
  const inPlace = straysInPlace(actual, routing);
  const overwritten = new Set<StrayRoute>();
  for (const route of wanted.routes.values()) {
    const there = actual.routes.get(route.address);
    if (there !== undefined && isSameRoute(route, there)) continue;
    const stray = there === undefined ? inPlace.get(route.address) : undefined;
    if (stray !== undefined) overwritten.add(stray);
    const isReplaced = there !== undefined || stray !== undefined;
    steps.push({ kind: isReplaced ? "route-replace" : "route-add", route });
  }
  steps.push(...neighbourFlushes(wanted));
  for (let surplus = actual.rules; surplus > 1; surplus--) steps.push({ kind: "rule-delete" });
  for (const stale of actual.staleRules ?? []) steps.push({ kind: "rule-delete", stale });
  for (const address of actual.routes.keys()) {
    if (wanted.routes.has(address) || wanted.keep.has(address)) continue;
    steps.push({ kind: "route-delete", address });
  }
  for (const stray of actual.strays ?? []) {
    const isKept = stray.table === routing.table && wanted.keep.has(stray.destination);
    if (!isKept && !overwritten.has(stray)) steps.push({ kind: "stray-delete", stray });
  }
  return steps;
}

/**
 * The steps that remove everything of ours. The rules go first: with them all traffic is back in the main
 * table at one moment, and no half-removed set of routes is ever in force.
 */
export function sweepPlan(actual: ActualRoutes): Step[] {
  const steps: Step[] = [];
  for (let left = actual.rules; left > 0; left--) steps.push({ kind: "rule-delete" });
  for (const stale of actual.staleRules ?? []) steps.push({ kind: "rule-delete", stale });
  for (const address of actual.routes.keys()) steps.push({ kind: "route-delete", address });
  for (const stray of actual.strays ?? []) steps.push({ kind: "stray-delete", stray });
  return steps;
}

/** Whether two routes are the same in all that we set. */
export function isSameRoute(a: HostRoute, b: HostRoute): boolean {
  return a.address === b.address && a.gateway === b.gateway &&
    a.interfaceName === b.interfaceName && a.source === b.source;
}

/**
 * Routes of ours of another shape that stand where one of ours belongs, by address: of the same table, metric and
 * service type the kernel has room for one only, so such a route is replaced, not added to. The first counts.
 */
function straysInPlace(actual: ActualRoutes, routing: Routing): Map<Address, StrayRoute> {
  const found = new Map<Address, StrayRoute>();
  for (const stray of actual.strays ?? []) {
    const isInPlace = stray.table === routing.table && stray.metric === undefined &&
      stray.tos === undefined;
    if (isInPlace && !found.has(stray.destination)) found.set(stray.destination, stray);
  }
  return found;
}

/**
 * One flush for each interface, for the smallest subnet that holds all its addresses: a flush reads all
 * neighbours of the interface, about 1 ms per thousand, so one for each of a thousand peers would take a second.
 */
function neighbourFlushes(wanted: WantedRoutes): Step[] {
  const subnets = new Map<string, Subnet>();
  for (const { address, interfaceName } of wanted.forgetNeighbours) {
    const subnet = subnets.get(interfaceName);
    const holds = subnet === undefined ? hostSubnet(address) : widened(subnet, address);
    subnets.set(interfaceName, holds);
  }
  return [...subnets].map(([interfaceName, subnet]) => {
    return { kind: "neighbour-flush", interfaceName, subnet };
  });
}

function hostSubnet(address: Address): Subnet {
  return { network: address, prefixLength: familyOf(address) === 4 ? 32 : 128 };
}

/** The smallest subnet that holds both; that of the first alone, if they are of different families. */
function widened(subnet: Subnet, address: Address): Subnet {
  if (familyOf(subnet.network) !== familyOf(address)) return subnet;
  let wide = subnet;
  while (!contains(wide, address)) wide = subnetOf(wide.network, wide.prefixLength - 1);
  return wide;
}
