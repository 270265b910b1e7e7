import { type Controlled, PEERS_PER_LINE, type PeerView } from "./control_protocol.ts";

/** Where peers are had from, a few at a time. */
export type PeerSource = Pick<Controlled, "peers">;

/** All peers, in slices that are each looked at in a moment; one is made only when it is asked for. */
export function* peerSlices(source: PeerSource): Generator<readonly PeerView[]> {
  for (let from = 0;;) {
    const peers = source.peers(from, PEERS_PER_LINE);
    const last = peers.at(-1);
    if (last === undefined) return;
    yield peers;
    from = last.number + 1;
  }
}
