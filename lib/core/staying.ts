/** Whose traffic goes over a network. */
import type { PeerView } from "./overview.ts";
import type { NetworkName } from "./types.ts";

/**
 * The names of the nodes of which traffic for some address goes over a network: those that would lose it if that were
 * unplugged. After a drain these are the ones to which no other path works.
 */
export function stayingOn(network: NetworkName, peers: readonly PeerView[]): readonly string[] {
  return peers.filter(({ paths }) => paths.some(({ over }) => over === network))
    .map(({ node }) => node);
}
