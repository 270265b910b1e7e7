/** In which order a live view shows the peers. */
import type { PathStatus, PeerView } from "../control_protocol.ts";
import { compare } from "./status_text.ts";

/** What the peers are sorted by, in the order of the keys. */
export const SORTS = ["name", "state", "rtt", "loss"] as const;
export type Sort = (typeof SORTS)[number];

/** What a peer is judged by: a higher rank is further up. */
const RANKS: Readonly<Record<Sort, (path: PathStatus) => number>> = {
  name: () => 0,
  state: severity,
  rtt: ({ health, roundTripMs }) => health === "down" ? Infinity : roundTripMs ?? -1,
  loss: ({ health, loss }) => health === "down" ? Infinity : loss ?? -1,
};

/**
 * The peers, those with the worst path first; equal ones by name. The paths of a peer stay together: next to one that
 * is down stands where its traffic goes.
 */
export function ordered(peers: readonly PeerView[], sort: Sort): PeerView[] {
  const rank = RANKS[sort];
  return peers
    .map((peer) => ({ peer, rank: Math.max(-1, ...peer.paths.map(rank)) }))
    .sort((a, b) =>
      descending(a.rank, b.rank) || compare(a.peer.node, b.peer.node) ||
      a.peer.number - b.peer.number
    )
    .map(({ peer }) => peer);
}

function severity({ health, lossy, routeReason }: PathStatus): number {
  if (health === "down") return 4;
  if (health === "unknown") return 1;
  if (lossy) return 3;
  return routeReason === null ? 0 : 2;
}

/** Infinite ranks have no difference. */
function descending(a: number, b: number): number {
  return a === b ? 0 : a < b ? 1 : -1;
}
