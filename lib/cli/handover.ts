/**
 * How the moved routes of a daemon that is stopped in order come to the next one: see moved_routes.ts for the file
 * between them. What is put back is for the daemon like the routes of a predecessor that was killed.
 */
import type { Configuration } from "../config/merge.ts";
import { selectNetworks } from "../core/inventory.ts";
import { isSameRoute } from "../core/route_plan.ts";
import type { ActualRoutes, HostRoute, Ms, Settings } from "../core/types.ts";
import { errorRecord, notPutBackRecord, putBackRecord } from "../life_text.ts";
import { readLinks } from "../links.ts";
import type { LogRecord } from "../log_line.ts";
import type { RouteSwitcher, SweepResult } from "../route_switcher.ts";
import type { Host, Ip } from "./host.ts";
import { keepMoved, type Moment, takeMoved } from "./moved_routes.ts";

/** What both ends of a handover work with. */
interface Parts {
  readonly configuration: Configuration;
  readonly host: Host;
  readonly ip: Ip;
  readonly log: { write(record: LogRecord): void };
}

/** What a start found. */
interface TakenOver {
  /** What the kernel has of ours by now. */
  readonly left: ActualRoutes;
  /** When the routes that were put back were taken out; null: none were. */
  readonly since: Moment | null;
}

/** Puts the routes back that the last stop took out a moment ago, where the kernel has none by now. */
export async function takeOver(
  left: ActualRoutes,
  switcher: RouteSwitcher,
  { configuration: { runDir, settings }, host, ip, log }: Parts,
): Promise<TakenOver> {
  const nothing = { left, since: null };
  const taken = await takeMoved(runDir, settings.stopGraceMs, host);
  if (taken.kind === "none") return nothing;
  if (taken.kind === "unusable") {
    log.write(errorRecord("moved-unusable", `${taken.problem}; no route is put back`));
    return nothing;
  }
  const { graceMs, agoMs } = taken;
  if (taken.kind === "late") {
    log.write(notPutBackRecord(taken.count, agoMs, graceMs));
    return nothing;
  }
  const gone = taken.routes.filter(({ address }) => !left.routes.has(address));
  if (gone.length === 0) return nothing;
  const tell = (count: number, reason: string | null) =>
    log.write(putBackRecord({ count, of: gone.length, reason, agoMs: taken.agoMs, graceMs }));
  const ours = await onNetworks(gone, settings, ip);
  if (typeof ours === "string") {
    tell(0, ours);
    return nothing;
  }
  const back = await switcher.putBack(ours, left);
  if (back.kind === "failed") {
    tell(0, back.reason);
    return nothing;
  }
  const { actual, refused } = back;
  const count = ours.filter((route) => {
    const there = actual.routes.get(route.address);
    return there !== undefined && isSameRoute(route, there);
  }).length;
  const isSome = ours.length < gone.length;
  const reason = refused.map((each) => `${each.step}: ${each.reason}`)[0] ??
    (isSome ? "where they led is no network any more" : null);
  tell(count, reason);
  return { left: actual, since: taken.moment };
}

/** Those that lead over an interface of a network of ours, as it is configured now; or why nobody knows. */
async function onNetworks(
  routes: readonly HostRoute[],
  settings: Settings,
  ip: Ip,
): Promise<readonly HostRoute[] | string> {
  const read = await readLinks(ip);
  if ("failed" in read) return `Cannot read interfaces: ${read.failed}`;
  const { networks } = selectNetworks(read.links, settings.networks);
  const interfaces = new Set(networks.map(({ interfaceName }) => interfaceName));
  return routes.filter(({ interfaceName }) => interfaces.has(interfaceName));
}

/** Keeps for the next start what the stop took out of the kernel; `term` as for `keepMoved`. */
export async function handOver(
  swept: SweepResult,
  term: { readonly graceMs: Ms; readonly since: Moment | null },
  { configuration: { runDir }, host, log }: Pick<Parts, "configuration" | "host" | "log">,
): Promise<void> {
  const routes = swept.kind === "failed" ? [] : swept.found.routes.values();
  const problem = await keepMoved(runDir, routes, term, host);
  if (problem === null) return;
  log.write(errorRecord("keep-failed", `${problem}; the next start puts no route back`));
}
