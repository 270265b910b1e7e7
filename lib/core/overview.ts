/**
 * The state of a node for its people while it runs, in parts that are each made in a moment: first all but the peers,
 * then the peers, a few at a time, so that even a thousand of them hold nothing up.
 */
import { isHeardLately, latelyMs } from "./direction.ts";
import type { Lan } from "./lan.ts";
import type { Node, Path } from "./nodes.ts";
import type { RouteDesk } from "./route_desk.ts";
import type { RouteKeeper } from "./route_keeper.ts";
import { countersOf, viewOfPath } from "./snapshot.ts";
import type { Address, DownCause, Ms, NetworkName, PathView } from "./types.ts";
import { isUnjudged } from "./unjudged.ts";
import type { World } from "./world.ts";

/** One network as people see it. */
export interface NetworkView {
  readonly name: NetworkName;
  readonly interfaceName: string;
  readonly address: Address;
  readonly prefixLength: number;
  /** Whether it is used: our address is there, its interface works, and nobody drained it. */
  readonly usable: boolean;
  /** Why it is not; null: it is. */
  readonly reason: string | null;
  readonly drained: boolean;
  /** Whether it could be used, whatever people want. */
  readonly works: boolean;
  readonly paths: PathCounts;
  /** Packets since the network is known. */
  readonly sent: number;
  readonly received: number;
  readonly dropped: number;
  readonly sendFailures: number;
}

/** How many paths there are of each kind; held and lossy ones are up. */
export interface PathCounts {
  readonly up: number;
  readonly down: number;
  readonly unknown: number;
  /** Their traffic is kept elsewhere. */
  readonly held: number;
  /** They lose too much. */
  readonly lossy: number;
  /** Of those that are down: whose peer says that people took its network there out of use. */
  readonly drainedByPeer: number;
}

/** All but the peers. */
export interface Overview {
  readonly node: string;
  readonly requestor: boolean;
  readonly intervalMs: Ms;
  readonly failAfter: number;
  readonly restoreAfter: number;
  readonly networks: readonly NetworkView[];
  readonly peers: {
    readonly known: number;
    /** Those with no path up, but not those that stop, nor those that are unasked. */
    readonly unreachable: number;
    readonly stopping: number;
    /** Those that were heard, and that nobody inquires any more, neither they nor we: what befalls them is not found. */
    readonly unasked: number;
  };
  /** Why the kernel is not as wanted; null: it is. */
  readonly degraded: string | null;
  /** Routes of a previous run whose peer was not heard yet. */
  readonly adoptedRoutes: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** Why traffic of a path goes over another network. */
export type RouteReason =
  /** The path is down. */
  | "down"
  /** Nothing is known of the path yet: a previous run moved its traffic. */
  | "unknown"
  /** The path is up, and something keeps its traffic away. */
  | "held"
  | "lossy"
  /** Nothing does any more: the route is just being removed. */
  | "returning";

/** One path as people see it. */
export interface PathStatus extends PathView {
  /** Whether packets of the peer reach us; null: that is not known. */
  readonly heard: boolean | null;
  /** Whether ours reach it, as far as it says; null: that is not known. */
  readonly heardByPeer: boolean | null;
  /** The last change of its health, with the cause of the last fall; null: nothing was known before. */
  readonly changed: {
    readonly to: "up" | "down";
    readonly cause: DownCause | null;
    readonly agoMs: Ms;
  } | null;
  /** Whether it loses too much. */
  readonly lossy: boolean;
  /** It is down, and the peer says now that people took its network there out of use: that is planned. */
  readonly drainedByPeer: boolean;
  /** The network that its traffic is to go over; null: over a gateway that is no path of the peer any more. */
  readonly over: NetworkName | null;
  /** Why there is a route for it; null: there is none. */
  readonly routeReason: RouteReason | null;
  /** Whether the kernel has that route; null: there is none. */
  readonly routeInForce: boolean | null;
}

/** One peer as people see it. */
export interface PeerView {
  /** Rises from peer to peer. */
  readonly number: number;
  readonly node: string;
  readonly requestor: boolean;
  readonly intervalMs: Ms;
  /** It said that it stops, and its time to come back is not over. */
  readonly stopping: boolean;
  readonly paths: readonly PathStatus[];
}

/** The state at `now` but for the peers; `counters` are added to those of the packets. */
export function overviewOf(
  world: World,
  desk: RouteDesk,
  counters: Readonly<Record<string, number>>,
  now: Ms,
): Overview {
  const { nodeName, requestor, intervalMs, failAfter, restoreAfter } = world.settings;
  const counts = new Map<NetworkName, Counts>();
  for (const name of world.lans.keys()) counts.set(name, new Counts());
  let known = 0;
  let unreachable = 0;
  let stopping = 0;
  let unasked = 0;
  for (const node of world.nodes.all()) {
    known += 1;
    const isStopping = node.stopping !== null && now < node.stopping.until;
    if (isStopping) stopping += 1;
    let isUp = false;
    let isHeard = false;
    for (const path of node.paths.values()) {
      counts.get(path.network)?.count(path);
      if (path.state.health === "up") isUp = true;
      if (path.lastPacketAt !== null) isHeard = true;
    }
    const isUnasked = isHeard && isUnjudged(node, world.settings);
    if (isUnasked) unasked += 1;
    if (!isUp && !isStopping && !isUnasked) unreachable += 1;
  }
  return {
    node: nodeName,
    requestor,
    intervalMs,
    failAfter,
    restoreAfter,
    networks: [...world.lans.values()].sort((a, b) => a.preference - b.preference)
      .map((lan) => networkView(lan, counts.get(lan.network.name) ?? new Counts())),
    peers: { known, unreachable, stopping, unasked },
    degraded: desk.keeper.degraded,
    adoptedRoutes: desk.adopted,
    counters: countersOf(world, counters),
  };
}

/** The first `count` peers whose number is `from` or higher. */
export function peersFrom(
  world: World,
  keeper: RouteKeeper,
  from: number,
  count: number,
  now: Ms,
): readonly PeerView[] {
  const views: PeerView[] = [];
  for (const node of world.nodes.all()) {
    if (node.number < from) continue;
    if (views.length >= count) break;
    views.push(peerView(node, world, keeper, now));
  }
  return views;
}

class Counts {
  up = 0;
  down = 0;
  unknown = 0;
  held = 0;
  lossy = 0;
  drainedByPeer = 0;

  count({ state, loss, route, peerDrained }: Path): void {
    this[state.health] += 1;
    if (state.health === "down" && peerDrained) this.drainedByPeer += 1;
    if (state.health !== "up") return;
    if (loss.isLossy) this.lossy += 1;
    else if (route !== null) this.held += 1;
  }
}

function networkView(lan: Lan, paths: Counts): NetworkView {
  const { up, down, unknown, held, lossy, drainedByPeer } = paths;
  const { network, counts, usable, isDrained, isWorking, trouble } = lan;
  const { name, interfaceName, address, prefixLength } = network;
  return {
    name,
    interfaceName,
    address,
    prefixLength,
    usable,
    reason: trouble,
    drained: isDrained,
    works: isWorking,
    paths: { up, down, unknown, held, lossy, drainedByPeer },
    ...counts,
  };
}

function peerView(node: Node, world: World, keeper: RouteKeeper, now: Ms): PeerView {
  return {
    number: node.number,
    node: node.name,
    requestor: node.requestor,
    intervalMs: node.intervalMs,
    stopping: node.stopping !== null && now < node.stopping.until,
    paths: [...node.paths.values()].map((path) => pathStatus(path, world, keeper, now)),
  };
}

function pathStatus(path: Path, world: World, keeper: RouteKeeper, now: Ms): PathStatus {
  const view = viewOfPath(path, world, now);
  const { state, route } = path;
  const { health, lastCause, since } = state;
  const isDown = health === "down";
  return {
    ...view,
    // What was measured while it worked says nothing of a path that does not.
    roundTripMs: isDown ? null : rounded(view.roundTripMs),
    lastGoodAgoMs: rounded(view.lastGoodAgoMs),
    loss: isDown ? null : rounded(view.loss),
    ...hearingOn(path, view, world, now),
    changed: health === "unknown"
      ? null
      : { to: health, cause: lastCause, agoMs: Math.round(now - since) },
    lossy: path.loss.isLossy,
    drainedByPeer: isDown && path.peerDrained,
    over: route === null ? path.network : world.nodes.paths.get(route.gateway)?.network ?? null,
    routeReason: route === null ? null : reasonOf(view, path),
    routeInForce: route === null ? null : keeper.shows(route),
  };
}

/** Who hears whom, as far as that is known; lately means what it does in direction.ts. */
function hearingOn(
  path: Path,
  { health, dead }: PathView,
  { settings }: World,
  now: Ms,
): Pick<PathStatus, "heard" | "heardByPeer"> {
  if (health === "up") return { heard: true, heardByPeer: !path.peerDeaf };
  if (dead !== null) return { heard: dead === "to-peer", heardByPeer: dead === "from-peer" };
  const isHeard = isHeardLately(path, now, latelyMs(settings, path.node));
  if (health === "unknown") return { heard: isHeard || null, heardByPeer: null };
  return { heard: isHeard, heardByPeer: isHeard || null };
}

function reasonOf({ health, hold }: PathView, { loss }: Path): RouteReason {
  if (health !== "up") return health;
  if (loss.isLossy) return "lossy";
  return hold === null ? "returning" : "held";
}

/** To three decimals: more digits of a millisecond are noise. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
