/**
 * The state of a node as a plain value: for the log, for people, for tests.
 */
import { deadWay, latelyMs } from "./direction.ts";
import { holdOf } from "./hold.ts";
import type { Path } from "./nodes.ts";
import type { DeadWay, Ms, PathView, Snapshot } from "./types.ts";
import type { World } from "./world.ts";

/** The state at `now`; `counters` are added to those of the dropped packets. */
export function snapshotOf(
  world: World,
  degraded: string | null,
  counters: Readonly<Record<string, number>>,
  now: Ms,
): Snapshot {
  return {
    node: world.settings.nodeName,
    networks: [...world.lans.values()].map(({ network, trouble }) =>
      trouble === null ? network : { ...network, usable: false, reason: trouble }
    ),
    peers: [...world.nodes.all()].map((node) => ({
      node: node.name,
      requestor: node.requestor,
      stopping: node.stopping !== null && now < node.stopping.until,
      paths: [...node.paths.values()].map((path) => viewOfPath(path, world, now)),
    })),
    degraded,
    counters: countersOf(world, counters),
  };
}

/** The counters of a node by name; `others` are added to those of the packets. */
export function countersOf(
  world: World,
  others: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const drops = [...world.drops.counts].map(([reason, count]) =>
    [`drops_${reason.replaceAll("-", "_")}`, count] as const
  );
  return { packets_sent: world.sent, ...others, ...Object.fromEntries(drops) };
}

/** One path as it is at `now`. */
export function viewOfPath(path: Path, world: World, now: Ms): PathView {
  const { health, cause, misses, good, lastGoodAt } = path.state;
  const { settings } = world;
  return {
    network: path.network,
    address: path.address,
    health,
    cause,
    misses,
    good,
    roundTripMs: path.roundTrip?.meanMs ?? null,
    lastGoodAgoMs: lastGoodAt === null ? null : now - lastGoodAt,
    dead: deadWayOf(path, world, now),
    loss: path.loss.part === null ? null : path.loss.figure,
    hold: holdOf(path, now, settings.restoreAfter * world.spacingOf(path), settings),
    flaps: path.flaps.count(now),
    route: path.route,
  };
}

/**
 * Which way of a path that is down is dead; null where nothing is known: the peer is heard nowhere, or all that is
 * missing is good packets in a row.
 */
function deadWayOf(path: Path, world: World, now: Ms): DeadWay | null {
  const { state, node } = path;
  if (state.health !== "down") return null;
  if (!world.lanOf(path).usable) return "both";
  const dead = deadWay(path, now, latelyMs(world.settings, node));
  if (dead === null || dead === "to-peer") return dead;
  for (const other of node.paths.values()) {
    if (other === path || other.state.health !== "up") continue;
    const kind = state.cause?.kind;
    return kind === "peer-network" || kind === "peer-drained" ? "both" : dead;
  }
  return null;
}
