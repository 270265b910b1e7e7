/**
 * The state of a node as a plain value: for the log, for people, for tests.
 */
import type { Path } from "./nodes.ts";
import type { Ms, PathView, Snapshot } from "./types.ts";
import type { World } from "./world.ts";

/** The state at `now`; `counters` are added to those of the dropped packets. */
export function snapshotOf(
  world: World,
  degraded: string | null,
  counters: Readonly<Record<string, number>>,
  now: Ms,
): Snapshot {
  const drops = [...world.drops.counts].map(([reason, count]) =>
    [`drops_${reason.replaceAll("-", "_")}`, count] as const
  );
  return {
    node: world.settings.nodeName,
    networks: [...world.lans.values()].map((lan) =>
      lan.present ? lan.network : { ...lan.network, usable: false, reason: "our address is gone" }
    ),
    peers: [...world.nodes.all()].map((node) => ({
      node: node.name,
      requestor: node.requestor,
      paths: [...node.paths.values()].map((path) => viewOfPath(path, now)),
    })),
    degraded,
    counters: { packets_sent: world.sent, ...counters, ...Object.fromEntries(drops) },
  };
}

function viewOfPath(path: Path, now: Ms): PathView {
  const { health, cause, misses, good, lastGoodAt } = path.state;
  return {
    network: path.network,
    address: path.address,
    health,
    cause,
    misses,
    good,
    roundTripMs: path.roundTrip?.meanMs ?? null,
    lastGoodAgoMs: lastGoodAt === null ? null : now - lastGoodAt,
    route: path.route,
  };
}
