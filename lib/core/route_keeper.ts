/**
 * Sees to it that the kernel has the routes that are wanted, and that every change is told with its outcome.
 *
 *   want()          -> a request with a new generation, at once
 *   report()        -> the truth; notices that waited for it are told; a shortfall is retried with backoff
 *   kernelChanged() -> a request for the same again, soon, but not faster than somebody else can undo it
 *   run()           -> the same every few seconds: the announcement of a deletion is not to be trusted
 */
import { isSameRoute, plan } from "./route_plan.ts";
import type {
  ActualRoutes,
  Address,
  Effect,
  HostRoute,
  Ms,
  Notice,
  RouteAction,
  RouteReport,
  Routing,
  WantedRoutes,
} from "./types.ts";

/** The kernel is compared with what is wanted at least so often, in ms. */
export const RECONCILE_MS = 5000;
/** The shortest time between two looks that events ask for, in ms; doubled while each finds damage. */
const REPAIR_SPACING_MS = 100;
const REPAIR_SPACING_MAX_MS = 5000;
/** The first and the longest pause before a refused step is tried again, in ms. */
const RETRY_MS = 100;
const RETRY_MAX_MS = RECONCILE_MS;
/** A transition is told after so long even if the kernel did not answer, in ms. */
const TELL_MS = 1000;

/** A notice about routes, before its outcome is known. */
export type RouteNotice = Extract<
  Notice,
  { readonly tookMs: Ms | null; readonly actions: unknown }
>;

interface Waiting {
  readonly generation: number;
  readonly decidedAt: Ms;
  readonly notice: RouteNotice;
}

/** Keeps the kernel and the wish together. */
export class RouteKeeper {
  /** Why not everything is as wanted; null while it is. */
  degraded: string | null = null;
  /** Times that damage done by others was repaired. */
  repairs = 0;
  readonly #routing: Routing;
  #wanted: WantedRoutes;
  #generation = 0;
  /** The newest generation asked for, while unanswered. */
  #inFlight: number | null = null;
  /** Whether the request under way only compares: what it had to change was somebody else's doing. */
  #comparing = false;
  /** Routes that were left to themselves and are wanted again: the kernel may have dropped them meanwhile. */
  readonly #revived = new Set<Address>();
  /** What was last reported. */
  #actual: ActualRoutes | null = null;
  #waiting: Waiting[] = [];
  #requestAt: Ms;
  #repairSpacing = REPAIR_SPACING_MS;
  #lastRequestAt: Ms = -Infinity;
  #retryMs = RETRY_MS;
  #degradedSince: Ms = 0;
  #foreignTold = 0;

  /** Starts with a request at `now`: the rule has to be there before anything else. */
  constructor(routing: Routing, wanted: WantedRoutes, now: Ms) {
    this.#routing = routing;
    this.#wanted = wanted;
    this.#requestAt = now;
  }

  /** Asks for a new state; the notices are told when its outcome is known. */
  want(wanted: WantedRoutes, notices: readonly RouteNotice[], now: Ms): Effect[] {
    const { keep } = this.#wanted;
    for (const address of wanted.routes.keys()) if (keep.has(address)) this.#revived.add(address);
    this.#wanted = this.#inFlight === null ? wanted : mergeForgotten(this.#wanted, wanted);
    this.#comparing = false;
    const effect = this.#request(now);
    for (const notice of notices) {
      this.#waiting.push({ generation: this.#generation, decidedAt: now, notice });
    }
    return [effect];
  }

  /** The kernel announced some change: look soon. */
  kernelChanged(now: Ms): void {
    // What was refused is not tried faster because something else changed, too.
    const pauseMs = this.degraded === null ? 0 : this.#retryMs / 2;
    const spacingMs = Math.max(this.#repairSpacing, pauseMs);
    this.#requestAt = Math.min(this.#requestAt, Math.max(now, this.#lastRequestAt + spacingMs));
  }

  /** Takes the outcome of a request. */
  report(report: RouteReport, now: Ms): Effect[] {
    const told = this.#tell(report.generation, now, report);
    if (report.generation < this.#generation) return told;
    this.#inFlight = null;
    this.#wanted = { ...this.#wanted, forgetNeighbours: [] };
    told.push(...this.#repaired(report), ...this.#foreign(report.actual));
    this.#actual = report.actual;
    const reason = this.#shortfall(report);
    if (reason !== null) return [...told, ...this.#degrade(reason, now)];
    this.#retryMs = RETRY_MS;
    if (this.degraded === null) return told;
    this.degraded = null;
    return [...told, tellOf({ kind: "recovered", afterMs: now - this.#degradedSince })];
  }

  /** The switcher itself failed: nothing is known of the kernel's state. */
  failed(generation: number, reason: string, now: Ms): Effect[] {
    if (generation < this.#generation) return [];
    this.#inFlight = null;
    return this.#degrade(reason, now);
  }

  /** Whether the outcome of the last request is still to come. */
  get isPending(): boolean {
    return this.#inFlight !== null;
  }

  /** What still waits for the kernel's word, as it was decided: for the end, when no more words come. */
  waiting(): Notice[] {
    return this.#waiting.splice(0).map((each) => each.notice);
  }

  /** Whether the kernel showed this route when it was last read. */
  shows(route: HostRoute): boolean {
    const there = this.#actual?.routes.get(route.address);
    return there !== undefined && isSameRoute(route, there);
  }

  /** Does what is due at `now`. */
  run(now: Ms): Effect[] {
    const told = this.#tellOverdue(now);
    if (this.#inFlight !== null || now < this.#requestAt) return told;
    this.#comparing = this.#generation > 0 && this.degraded === null;
    return [...told, this.#request(now)];
  }

  /** When run() has something to do again. */
  nextDeadline(): Ms {
    const tell = this.#waiting[0] === undefined ? Infinity : this.#waiting[0].decidedAt + TELL_MS;
    return Math.min(tell, this.#inFlight === null ? this.#requestAt : Infinity);
  }

  #request(now: Ms): Effect {
    this.#generation += 1;
    this.#inFlight = this.#generation;
    this.#lastRequestAt = now;
    this.#requestAt = now + RECONCILE_MS;
    return { kind: "route", generation: this.#generation, wanted: this.#wanted };
  }

  /** Why the kernel is not as wanted, or null. */
  #shortfall(report: RouteReport): string | null {
    const refused = report.refused[0];
    if (refused !== undefined) {
      const more = report.refused.length - 1;
      return `${refused.step}: ${refused.reason}${more > 0 ? `, and ${more} more` : ""}`;
    }
    const missing = plan(this.#wanted, report.actual, this.#routing);
    return missing.length === 0 ? null : "the kernel does not show the routes it accepted";
  }

  #degrade(reason: string, now: Ms): Effect[] {
    const retryMs = this.#retryMs;
    this.#requestAt = now + retryMs;
    this.#retryMs = Math.min(2 * retryMs, RETRY_MAX_MS);
    if (this.degraded === null) this.#degradedSince = now;
    if (this.degraded === reason) return [];
    this.degraded = reason;
    return [tellOf({ kind: "degraded", reason, retryMs })];
  }

  /** Tells of damage that was found and mended, and looks less often while that goes on. */
  #repaired(report: RouteReport): Effect[] {
    const what = this.#damage(report);
    this.#revived.clear();
    if (report.changes === 0 || what.length === 0) {
      this.#repairSpacing = Math.max(this.#repairSpacing / 2, REPAIR_SPACING_MS);
      return [];
    }
    this.#repairSpacing = Math.min(this.#repairSpacing * 2, REPAIR_SPACING_MAX_MS);
    this.repairs += 1;
    return [tellOf({ kind: "repaired", what, tookMs: report.tookMs })];
  }

  /** In words, what was found that was not our doing. */
  #damage(report: RouteReport): string[] {
    if (this.#comparing && report.found !== null) return differences(this.#wanted, report.found);
    const before = report.found ?? this.#actual;
    if (before === null) return [];
    return [...this.#revived].filter((address) => !before.routes.has(address)).map(deletedRoute);
  }

  #foreign(actual: ActualRoutes): Effect[] {
    const count = actual.foreign;
    const isNews = count > this.#foreignTold;
    this.#foreignTold = count;
    return isNews ? [tellOf({ kind: "foreign-routes", table: this.#routing.table, count })] : [];
  }

  /** Tells what waited for this generation or an older one. */
  #tell(generation: number, now: Ms, report: RouteReport): Effect[] {
    const told: Effect[] = [];
    const still: Waiting[] = [];
    for (const each of this.#waiting) {
      if (each.generation > generation) {
        still.push(each);
        continue;
      }
      const isLatest = each.generation === generation;
      const actions = each.notice.actions.filter((action) => isLatest || isDone(action, report))
        .map((action) => outcome(action, report, this.#retryMs));
      told.push(tellOf({ ...each.notice, actions, tookMs: now - each.decidedAt }));
    }
    this.#waiting = still;
    return told;
  }

  #tellOverdue(now: Ms): Effect[] {
    const told: Effect[] = [];
    while (this.#waiting[0] !== undefined && this.#waiting[0].decidedAt + TELL_MS <= now) {
      told.push(tellOf((this.#waiting.shift() as Waiting).notice));
    }
    return told;
  }
}

/** Whether the kernel shows what an action was to do. */
function isDone(action: RouteAction, { actual }: RouteReport): boolean {
  const gateway = actual.routes.get(action.address)?.gateway;
  if (action.kind === "moved") return gateway === action.gateway;
  return action.kind !== "restored" || gateway === undefined;
}

/** What an action came to: as decided, or refused if the read-back does not show it. */
function outcome(action: RouteAction, report: RouteReport, retryMs: Ms): RouteAction {
  if (isDone(action, report)) return action;
  const reason = report.refused.find((each) => each.step.includes(` ${action.address}/`))?.reason ??
    "not shown by the kernel";
  return { kind: "refused", address: action.address, reason, retryMs };
}

/** Entries that were not yet forgotten are carried over to the next request. */
function mergeForgotten(before: WantedRoutes, wanted: WantedRoutes): WantedRoutes {
  if (before.forgetNeighbours.length === 0) return wanted;
  return {
    ...wanted,
    forgetNeighbours: [...before.forgetNeighbours, ...wanted.forgetNeighbours],
  };
}

/** In words, what of ours was missing, altered or too much. */
function differences(wanted: WantedRoutes, found: ActualRoutes): string[] {
  const what: string[] = [];
  if (found.rules === 0) what.push("the rule was deleted");
  if (found.rules > 1) what.push("the rule was there more than once");
  for (const [address, route] of wanted.routes) {
    const there = found.routes.get(address);
    if (there === undefined) what.push(deletedRoute(address));
    else if (!isSameRoute(route, there)) what.push(`the route for ${address} was changed`);
  }
  for (const address of found.routes.keys()) {
    if (!wanted.routes.has(address) && !wanted.keep.has(address)) {
      what.push(`a route for ${address} was added`);
    }
  }
  return what;
}

function deletedRoute(address: Address): string {
  return `the route for ${address} was deleted`;
}

function tellOf(notice: Notice): Effect {
  return { kind: "notice", notice };
}
