/**
 * Turns health and loss into wanted routes: chooses for every address, gathers the wish, and pairs each change of a
 * path with what was done about it.
 *
 * Routes of a predecessor are adopted: a peer whose traffic it moved starts as down on that path, so the route
 * stays until its own network has proved good. One that no peer claims in time is removed.
 */
import { endOf, holdByTime, holdOf } from "./hold.ts";
import type { Node, Path } from "./nodes.ts";
import { carrierOf, type Case, takeActions } from "./route_case.ts";
import { type Choice, chooseRoute } from "./route_choice.ts";
import { RouteKeeper, type RouteNotice } from "./route_keeper.ts";
import { isSameRoute } from "./route_plan.ts";
import { hostRoute, isSameMap, isSameSet, usability } from "./route_wish.ts";
import type {
  ActualRoutes,
  Address,
  HostRoute,
  Ms,
  RouteAction,
  Settings,
  WantedRoutes,
} from "./types.ts";
import { isUnjudged } from "./unjudged.ts";
import type { Change, World } from "./world.ts";

/** The shortest time that routes of a predecessor wait for their peer, in ms. */
const ADOPTION_MS = 30_000;

/** Loss that leads to nothing, and its end, are told no more often than this for a path, in ms. */
export const LOSS_TOLD_MS = 10_000;

/** How long an adopted route waits to be claimed, in ms: long enough for its peer to be heard and judged twice. */
export function adoptionMs(settings: Settings): Ms {
  const { intervalMs, failAfter, restoreAfter } = settings;
  return Math.max(ADOPTION_MS, 2 * intervalMs * (failAfter + restoreAfter));
}

/** What one turn collects for the route keeper. */
interface Batch {
  readonly notices: RouteNotice[];
  readonly forget: { address: Address; interfaceName: string }[];
  isMoved: boolean;
}

/** Decides on routes. */
export class RouteDesk {
  readonly keeper: RouteKeeper;
  readonly #world: World;
  readonly #adopted: Map<Address, HostRoute>;
  #adoptedUntil: Ms;
  readonly #startedAt: Ms;
  /** The addresses whose traffic was moved, and perhaps some that were since forgotten. */
  readonly #moved = new Set<Address>();
  #routes: ReadonlyMap<Address, HostRoute> = new Map();
  #keep: ReadonlySet<Address>;
  /** The surroundings of that; null: not gathered yet. */
  #gatheredIn: string | null = null;
  /** When the first hold ends by itself, or what waits is to be told. */
  #holdEnds: Ms = Infinity;
  /** Whether people asked in this turn for all that is held. */
  #isFailback = false;
  /** The paths whose traffic people want back: held by loss alone, and by nothing when they are clean. */
  readonly #calledBack = new WeakSet<Path>();
  /** The paths that lost too much when they were last looked at. */
  readonly #lossy = new WeakSet<Path>();
  /** The paths whose loss people know of. */
  readonly #lossTold = new WeakSet<Path>();
  /** When people were last told of the loss of a path, or of its end. */
  readonly #lossToldAt = new WeakMap<Path, Ms>();
  /** The paths of whose loss something is still to be told. */
  readonly #lossWaits = new Set<Path>();

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
    if (this.#adopted.delete(address)) this.#moved.add(address);
    return route;
  }

  /** Ends all holds but those of paths that lose too much; settle() does what follows. */
  failback(now: Ms): void {
    const { nodes, dirty } = this.#world;
    this.#isFailback = true;
    for (const path of nodes.paths.values()) {
      if (path.route === null || path.state.health !== "up") continue;
      this.#calledBack.add(path);
      if (now >= path.heldUntil) continue;
      path.heldUntil = -Infinity;
      dirty.add(path.node);
    }
  }

  /** Judges all holds anew, by other settings; settle() does what follows. */
  reviewHolds(now: Ms): void {
    const { nodes, settings } = this.#world;
    for (const path of nodes.paths.values()) {
      if (path.heldUntil === -Infinity) continue;
      const { since } = path.state;
      path.heldUntil = endOf(holdByTime(path, since, this.#restoreMs(path), settings), since);
      // One that is over is ended by settle().
      path.heldUntil = Math.max(path.heldUntil, now);
      this.#holdEnds = Math.min(this.#holdEnds, path.heldUntil);
    }
  }

  /** How many routes of a predecessor wait for their peer. */
  get adopted(): number {
    return this.#adopted.size;
  }

  /** Chooses for all nodes that changed, and asks for what follows. */
  settle(now: Ms): void {
    const world = this.#world;
    this.#expireAdopted(now);
    this.#endHolds(now);
    const { changes, dirty } = world;
    if (dirty.size > 0 || changes.length > 0) {
      const byNode = new Map<Node, Change[]>();
      for (const change of changes) {
        this.#takeIn(change, now);
        const { node } = change.path;
        const own = byNode.get(node);
        if (own === undefined) byNode.set(node, [change]);
        else own.push(change);
      }
      const batch: Batch = { notices: [], forget: [], isMoved: false };
      for (const node of dirty) this.#settleNode(node, byNode.get(node) ?? [], batch, now);
      this.#ask(batch, now);
    }
    this.#isFailback = false;
  }

  /** Does what is due: reconciling, retries. */
  run(now: Ms): void {
    this.#world.effects.push(...this.keeper.run(now));
  }

  /** When something is due again. */
  nextDeadline(): Ms {
    return Math.min(this.#adoptedUntil, this.#holdEnds, this.keeper.nextDeadline());
  }

  #ask(batch: Batch, now: Ms): void {
    const { notices, forget } = batch;
    const isOld = !batch.isMoved && this.#surroundings() === this.#gatheredIn;
    if (!isOld && this.#gather()) {
      this.#world.effects.push(...this.keeper.want(this.#wish(forget), notices, now));
    } else {
      for (const notice of notices) this.#world.tell(notice);
    }
  }

  /** Counts a fall, if it was one of traffic; holds a path that came up and whose traffic is carried elsewhere. */
  #takeIn({ path, transition }: Change, now: Ms): void {
    path.heldUntil = -Infinity;
    if (transition.to === "up") return this.#hold(path, now);
    this.#calledBack.delete(path);
    const isFall = transition.from === "up" && path.route === null;
    const isMeant = path.node.stopping !== null || path.peerDrained ||
      this.#world.lanOf(path).isDrained;
    if (isFall && !isMeant) path.flaps.fell(now);
  }

  /** Holds the traffic of a path that is good again, where something carries it. */
  #hold(path: Path, now: Ms): void {
    if (path.route === null || this.#calledBack.has(path)) return;
    if (path.node.paths.get(path.route.gateway)?.state.health !== "up") return;
    const hold = holdByTime(path, now, this.#restoreMs(path), this.#world.settings);
    path.heldUntil = endOf(hold, now);
    if (path.heldUntil > now) this.#holdEnds = Math.min(this.#holdEnds, path.heldUntil);
  }

  #restoreMs(path: Path): Ms {
    return this.#world.settings.restoreAfter * this.#world.spacingOf(path);
  }

  /** Sees to it that what is not held any longer is chosen for anew. */
  #endHolds(now: Ms): void {
    if (now < this.#holdEnds) return;
    const { nodes, dirty } = this.#world;
    this.#holdEnds = Infinity;
    for (const { node } of this.#lossWaits) dirty.add(node);
    this.#lossWaits.clear();
    for (const path of nodes.paths.values()) {
      if (path.heldUntil === -Infinity) continue;
      if (now < path.heldUntil) this.#holdEnds = Math.min(this.#holdEnds, path.heldUntil);
      else {
        path.heldUntil = -Infinity;
        dirty.add(path.node);
      }
    }
  }

  #settleNode(node: Node, changes: readonly Change[], batch: Batch, now: Ms): void {
    const { leaveAbove } = this.#world.settings.loss;
    const cases: Case[] = [];
    for (const path of node.paths.values()) {
      if (path.loss.isLossy) this.#lossy.add(path);
      else if (this.#lossy.delete(path) && path.state.health === "up") this.#hold(path, now);
      cases.push(this.#caseOf(path, now));
    }
    for (const each of cases) {
      const choice = chooseRoute(each, cases, carrierOf(each, cases), leaveAbove);
      each.action = this.#act(each.path, choice);
      if (each.action === null || each.action.kind === "stays") continue;
      batch.isMoved = true;
      if (each.action.kind === "restored") continue;
      const lan = this.#world.lanOf(each.path);
      if (lan.isWorking) continue;
      batch.forget.push({
        address: each.path.address,
        interfaceName: lan.network.interfaceName,
      });
    }
    for (const change of changes) {
      // That a path is there at all is told elsewhere; what is done about it has a line of its own.
      if (change.transition.to === "up" && change.transition.from === "unknown") continue;
      const changed = cases.find((each) => each.path === change.path);
      this.#announce(change, changed === undefined ? [] : takeActions(changed), batch.notices, now);
    }
    for (const each of cases) {
      this.#announceLoss(each, cases, batch.notices, now);
      this.#announceRoute(each, batch.notices);
    }
  }

  #caseOf(path: Path, now: Ms): Case {
    const lan = this.#world.lanOf(path);
    return {
      path,
      state: path.state,
      moved: path.route !== null,
      usable: lan.usable,
      preference: lan.preference,
      loss: path.loss.figure,
      lossy: path.loss.isLossy,
      held: path.route !== null && now < path.heldUntil,
      before: path.route,
      action: null,
    };
  }

  /** Tells a change of health with what was done about it. */
  #announce(
    { path, transition }: Change,
    actions: readonly RouteAction[],
    notices: RouteNotice[],
    now: Ms,
  ): void {
    const name = this.#world.nameOf(path);
    if (transition.to === "down") {
      const { cause } = transition;
      notices.push({ kind: "path-down", path: name, cause, actions, tookMs: null });
    } else {
      const { good, downMs } = transition;
      const roundTripMs = path.roundTrip?.meanMs ?? null;
      const hold = holdOf(path, now, this.#restoreMs(path), this.#world.settings);
      if (hold?.kind === "lossy") this.#lossTold.add(path);
      const facts = { good, downMs, roundTripMs, hold };
      notices.push({ kind: "path-up", path: name, ...facts, actions, tookMs: null });
    }
  }

  /** Tells that a path loses too much, once it is up, and that it does so no longer. */
  #announceLoss(each: Case, cases: readonly Case[], notices: RouteNotice[], now: Ms): void {
    const { path, loss, lossy } = each;
    if (lossy === this.#lossTold.has(path) || (lossy && path.state.health !== "up")) return;
    // The word of a peer may change with each packet; what it leads to is told at once.
    const dueAt = (this.#lossToldAt.get(path) ?? -Infinity) + LOSS_TOLD_MS;
    if (each.action === null && now < dueAt) {
      this.#lossWaits.add(path);
      this.#holdEnds = Math.min(this.#holdEnds, dueAt);
      return;
    }
    this.#lossToldAt.set(path, now);
    const name = this.#world.nameOf(path);
    if (!lossy) {
      this.#lossTold.delete(path);
      const actions = takeActions(each);
      const hold = holdOf(path, now, this.#restoreMs(path), this.#world.settings);
      notices.push({ kind: "path-clean", path: name, loss, hold, actions, tookMs: null });
      return;
    }
    this.#lossTold.add(path);
    const by = (path.loss.part ?? 0) >= path.loss.told ? "us" : "peer";
    const carrier = carrierOf(each, cases);
    const other = carrier === null ? null : { network: carrier.path.network, loss: carrier.loss };
    const actions = takeActions(each);
    // Traffic that leaves a path for its loss leaves it as surely as in a fall.
    if (actions.some(({ kind }) => kind === "moved")) path.flaps.fell(now);
    notices.push({ kind: "path-lossy", path: name, loss, by, other, actions, tookMs: null });
  }

  /** Tells a change of a route that no change of its path explains. */
  #announceRoute(each: Case, notices: RouteNotice[]): void {
    const { path, action, before } = each;
    if (action === null || action.kind === "stays") return;
    let why: Extract<RouteNotice, { kind: "rerouted" }>["why"] = "better-path";
    if (isUnjudged(path.node, this.#world.settings)) why = "unjudged";
    else if (action.kind === "restored" && !each.lossy) {
      why = this.#isFailback ? "failback" : "hold-ended";
    } else if (before !== null && before.gateway === path.route?.gateway) {
      // The same way from another source of ours is no better way.
      why = "own-address";
    }
    const name = this.#world.nameOf(path);
    notices.push({ kind: "rerouted", path: name, why, actions: takeActions(each), tookMs: null });
  }

  /** Puts a choice into force for one path; returns what changed by it. */
  #act(path: Path, choice: Choice<{ readonly path: Path }>): RouteAction | null {
    const { address, network } = path;
    if (choice.kind === "keep") {
      const why = `no other network is known to reach ${path.node.name}`;
      return { kind: "stays", address, why };
    }
    if (choice.kind === "direct") {
      path.heldUntil = -Infinity;
      if (path.route === null) return null;
      this.#calledBack.delete(path);
      path.route = null;
      return { kind: "restored", address, network };
    }
    const carrier = choice.path.path;
    const route = hostRoute(path, this.#world.lanOf(path), carrier, this.#world.lanOf(carrier));
    const before = path.route;
    this.#moved.add(address);
    if (before !== null && isSameRoute(before, route)) return null;
    path.route = route;
    return { kind: "moved", address, gateway: route.gateway, network: carrier.network };
  }

  /** All that the wish follows from, but for where the traffic of each path goes. */
  #surroundings(): string {
    const { nodes, lans } = this.#world;
    let text = `${nodes.version} ${this.#adopted.size}`;
    for (const { usable, present, network } of lans.values()) {
      text += ` ${network.interfaceName} ${network.address} ${usable} ${present}`;
    }
    return text;
  }

  /** Gathers what is wanted of all nodes; returns whether that is new. */
  #gather(): boolean {
    this.#gatheredIn = this.#surroundings();
    const routes = new Map<Address, HostRoute>();
    const keep = new Set<Address>(this.#adopted.keys());
    const isUsable = usability(this.#world.lans.values());
    for (const address of this.#moved) {
      const route = this.#world.nodes.paths.get(address)?.route ?? null;
      if (route === null) this.#moved.delete(address);
      else if (isUsable(route)) routes.set(address, route);
      else keep.add(address);
    }
    const isNew = !isSameSet(keep, this.#keep) || !isSameMap(routes, this.#routes);
    this.#routes = routes;
    this.#keep = keep;
    return isNew;
  }

  #wish(forgetNeighbours: WantedRoutes["forgetNeighbours"] = []): WantedRoutes {
    return { routes: this.#routes, keep: this.#keep, forgetNeighbours };
  }

  #expireAdopted(now: Ms): void {
    if (now < this.#adoptedUntil) return;
    this.#adoptedUntil = Infinity;
    const { lans, settings } = this.#world;
    const drained = new Set<string>();
    for (const { isDrained, network } of lans.values()) {
      if (isDrained) drained.add(network.interfaceName);
    }
    const afterMs = now - this.#startedAt;
    for (const [address, { interfaceName }] of this.#adopted) {
      if (drained.has(interfaceName)) {
        // Its peer cannot be heard there as long as we take no part.
        this.#adoptedUntil = now + adoptionMs(settings);
        continue;
      }
      this.#adopted.delete(address);
      this.#world.tell({ kind: "adopted-removed", address, afterMs });
    }
    if (this.#gather()) this.#world.effects.push(...this.keeper.want(this.#wish(), [], now));
  }
}
