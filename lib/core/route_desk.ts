/**
 * Turns health into wanted routes: chooses for every address, gathers the wish, and pairs each change of health
 * with what was done about it.
 *
 * Routes of a predecessor are adopted: a peer whose traffic it moved starts as down on that path, so the route
 * stays until its own network has proved good. One that no peer claims in time is removed.
 */
import type { Lan } from "./lan.ts";
import type { Node, Path } from "./nodes.ts";
import { type Candidate, type Choice, chooseRoute } from "./route_choice.ts";
import { RouteKeeper, type RouteNotice } from "./route_keeper.ts";
import { isSameRoute } from "./route_plan.ts";
import type {
  ActualRoutes,
  Address,
  HostRoute,
  Ms,
  RouteAction,
  Settings,
  WantedRoutes,
} from "./types.ts";
import type { Change, World } from "./world.ts";

/** The shortest time that routes of a predecessor wait for their peer, in ms. */
const ADOPTION_MS = 30_000;

/** How long an adopted route waits to be claimed, in ms: long enough for its peer to be heard and judged twice. */
export function adoptionMs(settings: Settings): Ms {
  const { intervalMs, failAfter, restoreAfter } = settings;
  return Math.max(ADOPTION_MS, 2 * intervalMs * (failAfter + restoreAfter));
}

/** Decides on routes. */
export class RouteDesk {
  readonly keeper: RouteKeeper;
  readonly #world: World;
  readonly #adopted: Map<Address, HostRoute>;
  #adoptedUntil: Ms;
  readonly #startedAt: Ms;
  #routes: ReadonlyMap<Address, HostRoute> = new Map();
  #keep: ReadonlySet<Address>;

  /** `left` is what the kernel has of ours at the start. */
  constructor(world: World, left: ActualRoutes, now: Ms) {
    this.#world = world;
    this.#adopted = new Map(left.routes);
    this.#keep = new Set(left.routes.keys());
    this.#startedAt = now;
    this.#adoptedUntil = left.routes.size === 0 ? Infinity : now + adoptionMs(world.settings);
    this.keeper = new RouteKeeper(world.settings.routing, this.#wish(), now);
    if (left.routes.size > 0) {
      world.tell({ kind: "adopted", routes: [...left.routes.values()] });
    }
  }

  /** Hands an adopted route over to the path of its address. */
  adopt(address: Address): HostRoute | null {
    const route = this.#adopted.get(address) ?? null;
    this.#adopted.delete(address);
    return route;
  }

  /** Chooses for all nodes that changed, and asks for what follows. */
  settle(now: Ms): void {
    const world = this.#world;
    this.#expireAdopted(now);
    const changes = world.changes;
    if (world.dirty.size === 0 && changes.length === 0) return;
    const notices: RouteNotice[] = [];
    const forget: { address: Address; interfaceName: string }[] = [];
    for (const node of world.dirty) this.#settleNode(node, changes, notices, forget);
    const before = { routes: this.#routes, keep: this.#keep };
    const isSame = !this.#gather(before);
    if (isSame) { for (const notice of notices) world.tell(notice); }
    else world.effects.push(...this.keeper.want(this.#wish(forget), notices, now));
  }

  /** Does what is due: adoption that ran out, reconciling, retries. */
  run(now: Ms): void {
    this.#world.effects.push(...this.keeper.run(now));
  }

  /** When something is due again. */
  nextDeadline(): Ms {
    return Math.min(this.#adoptedUntil, this.keeper.nextDeadline());
  }

  #settleNode(
    node: Node,
    changes: readonly Change[],
    notices: RouteNotice[],
    forget: { address: Address; interfaceName: string }[],
  ): void {
    const actions = new Map<Path, RouteAction>();
    const before = new Map([...node.paths.values()].map((path) => [path, path.route]));
    for (const path of node.paths.values()) {
      const action = this.#act(path, this.#choose(path));
      if (action === null) continue;
      actions.set(path, action);
      const lan = this.#world.lanOf(path);
      if (action.kind === "moved" && !lan.usable) {
        forget.push({ address: path.address, interfaceName: lan.network.interfaceName });
      }
    }
    const own = changes.filter((change) => change.path.node === node);
    for (const change of own) {
      const action = actions.get(change.path);
      actions.delete(change.path);
      this.#announce(change, action === undefined ? [] : [action], notices);
    }
    for (const [path, action] of actions) {
      if (action.kind === "stays") continue;
      const name = this.#world.nameOf(path);
      // The same way from another source of ours is no better way.
      const isSameWay = before.get(path)?.gateway === path.route?.gateway;
      const why = isSameWay ? "own-address" : "better-path";
      notices.push({ kind: "rerouted", path: name, why, actions: [action], tookMs: null });
    }
  }

  #announce(change: Change, actions: readonly RouteAction[], notices: RouteNotice[]): void {
    const { path, transition } = change;
    const name = this.#world.nameOf(path);
    if (transition.to === "down") {
      const { cause } = transition;
      notices.push({ kind: "path-down", path: name, cause, actions, tookMs: null });
    } else if (transition.from === "down") {
      const { good, downMs } = transition;
      const roundTripMs = path.roundTrip?.meanMs ?? null;
      notices.push({
        kind: "path-up",
        path: name,
        good,
        downMs,
        roundTripMs,
        actions,
        tookMs: null,
      });
    }
  }

  #choose(path: Path): Choice<Candidate & { readonly path: Path }> {
    const candidates = [...path.node.paths.values()].map((each) => this.#candidate(each));
    const self = candidates.find((each) => each.path === path);
    if (self === undefined) throw new Error(`path ${path.address} is not one of its node`);
    return chooseRoute(self, candidates);
  }

  #candidate(path: Path): Candidate & { readonly path: Path } {
    const lan = this.#world.lanOf(path);
    return {
      path,
      state: path.state,
      moved: path.route !== null,
      usable: lan.usable,
      preference: lan.preference,
    };
  }

  /** Puts a choice into force for one path; returns what changed by it. */
  #act(path: Path, choice: Choice<{ readonly path: Path }>): RouteAction | null {
    const { address, network } = path;
    if (choice.kind === "keep") {
      const why = `no other network reaches ${path.node.name}`;
      return { kind: "stays", address, why };
    }
    if (choice.kind === "direct") {
      if (path.route === null) return null;
      path.route = null;
      return { kind: "restored", address, network };
    }
    const carrier = choice.path.path;
    const route = hostRoute(path, this.#world.lanOf(path), carrier, this.#world.lanOf(carrier));
    const before = path.route;
    path.route = route;
    if (before !== null && isSameRoute(before, route)) return null;
    return { kind: "moved", address, gateway: route.gateway, network: carrier.network };
  }

  /** Gathers what is wanted of all nodes; returns whether that is new. */
  #gather(before: Omit<WantedRoutes, "forgetNeighbours">): boolean {
    const routes = new Map<Address, HostRoute>();
    const keep = new Set<Address>(this.#adopted.keys());
    for (const path of this.#world.nodes.paths.values()) {
      if (path.route === null) continue;
      if (this.#isUsable(path.route)) routes.set(path.address, path.route);
      else keep.add(path.address);
    }
    this.#routes = routes;
    this.#keep = keep;
    return !isSameSet(keep, before.keep) || routes.size !== before.routes.size ||
      [...routes].some(([address, route]) => {
        const old = before.routes.get(address);
        return old === undefined || !isSameRoute(old, route);
      });
  }

  /** Whether a route's interface can send and its source is ours; another is left as the kernel has it. */
  #isUsable({ interfaceName, source }: HostRoute): boolean {
    const lans = [...this.#world.lans.values()].filter((lan) => lan.present);
    return lans.some((lan) => lan.usable && lan.network.interfaceName === interfaceName) &&
      (source === undefined || lans.some((lan) => lan.network.address === source));
  }

  #wish(forgetNeighbours: WantedRoutes["forgetNeighbours"] = []): WantedRoutes {
    return { routes: this.#routes, keep: this.#keep, forgetNeighbours };
  }

  #expireAdopted(now: Ms): void {
    if (now < this.#adoptedUntil) return;
    this.#adoptedUntil = Infinity;
    const afterMs = now - this.#startedAt;
    for (const address of this.#adopted.keys()) {
      this.#world.tell({ kind: "adopted-removed", address, afterMs });
    }
    if (this.#adopted.size === 0) return;
    this.#adopted.clear();
    this.#gather(this.#wish());
    this.#world.effects.push(...this.keeper.want(this.#wish(), [], now));
  }
}

/** The host route that carries `path`'s address over the network of `carrier`. */
function hostRoute(path: Path, own: Lan, carrier: Path, over: Lan): HostRoute {
  const route = {
    address: path.address,
    gateway: carrier.address,
    interfaceName: over.network.interfaceName,
  };
  return own.present ? { ...route, source: own.network.address } : route;
}

function isSameSet(a: ReadonlySet<Address>, b: ReadonlySet<Address>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
