/** Which way of a path is dead, as one end of it can know. */
import type { Node, Path } from "./nodes.ts";
import type { DeadWay, Ms, Settings } from "./types.ts";

/**
 * Which way of a path is dead at `now`; null: neither, as far as is known.
 *
 *                                        | it hears us here | it does not hear us here
 *   -------------------------------------+------------------+-------------------------
 *   a packet of its came here lately     | null             | to-peer
 *   none did                             | from-peer        | both
 *
 * Lately is within the last `withinMs`: two intervals, so that one lost packet does not count. What the peer says counts
 * by its newest packet, by whatever network that came: so ask only about a peer that is heard on some network.
 */
export function deadWay(
  path: Pick<Path, "lastPacketAt" | "peerDeaf">,
  now: Ms,
  withinMs: Ms,
): DeadWay | null {
  const isHeard = isHeardLately(path, now, withinMs);
  if (path.peerDeaf) return isHeard ? "to-peer" : "both";
  return isHeard ? null : "from-peer";
}

/** What is lately between us and a node, in ms: two intervals of the slower one. */
export function latelyMs(own: Pick<Settings, "intervalMs">, node: Pick<Node, "intervalMs">): Ms {
  return 2 * Math.max(own.intervalMs, node.intervalMs);
}

/** Whether a packet of the peer came on a path within the last `withinMs`. */
export function isHeardLately(
  { lastPacketAt }: Pick<Path, "lastPacketAt">,
  now: Ms,
  withinMs: Ms,
): boolean {
  return lastPacketAt !== null && now - lastPacketAt <= withinMs;
}
