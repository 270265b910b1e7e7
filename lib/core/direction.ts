/** Which way of a path is dead, as one end of it can know. */
import type { Path } from "./nodes.ts";
import type { DeadWay, Ms } from "./types.ts";

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
  const isHeard = path.lastPacketAt !== null && now - path.lastPacketAt <= withinMs;
  if (path.peerDeaf) return isHeard ? "to-peer" : "both";
  return isHeard ? null : "from-peer";
}
