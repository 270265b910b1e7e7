/** States of a node for tests of what shows them. */
import type { NetworkView, PathStatus, PeerView, Status } from "../../lib/control_protocol.ts";
import type { DaemonTold } from "../../lib/core/diagnosis_peers.ts";

/** A path that is up and at rest. */
export function pathStatus(facts: Partial<PathStatus> = {}): PathStatus {
  return {
    network: "A",
    address: "192.168.1.2",
    health: "up",
    cause: null,
    misses: 0,
    good: 20,
    roundTripMs: 0.21,
    lastGoodAgoMs: 12,
    dead: null,
    loss: 0,
    hold: null,
    flaps: 0,
    route: null,
    heard: true,
    heardByPeer: true,
    changed: { to: "up", cause: null, agoMs: 5000 },
    lossy: false,
    drainedByPeer: false,
    over: "A",
    routeReason: null,
    routeInForce: null,
    ...facts,
  };
}

/** A path that is down, its traffic moved to B. */
export function downPath(facts: Partial<PathStatus> = {}): PathStatus {
  const cause = { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 161 } as const;
  return pathStatus({
    health: "down",
    cause,
    misses: 3,
    good: 0,
    dead: "both",
    heard: false,
    heardByPeer: false,
    loss: null,
    roundTripMs: null,
    flaps: 1,
    route: { address: "192.168.1.2", gateway: "192.168.2.2", interfaceName: "eth1" },
    over: "B",
    routeReason: "down",
    routeInForce: true,
    changed: { to: "down", cause, agoMs: 70_000 },
    ...facts,
  });
}

/** The peer "node2" with the number 2, or the like. */
export function peerView(number: number, paths: readonly PathStatus[], node?: string): PeerView {
  return {
    number,
    node: node ?? `node${number}`,
    requestor: true,
    intervalMs: 1000,
    stopping: false,
    paths,
  };
}

/** A network in use. */
export function networkView(facts: Partial<NetworkView> = {}): NetworkView {
  return {
    name: "A",
    interfaceName: "eth0",
    address: "192.168.1.1",
    prefixLength: 24,
    usable: true,
    reason: null,
    drained: false,
    works: true,
    paths: { up: 1, down: 0, unknown: 0, held: 0, lossy: 0, drainedByPeer: 0 },
    sent: 10,
    received: 9,
    dropped: 0,
    sendFailures: 0,
    ...facts,
  };
}

/** A node with one network. */
export function statusOf(facts: Partial<Status> = {}): Status {
  return {
    version: "0.1.0",
    pid: 4711,
    uptimeMs: 61_500,
    loopAgoMs: 20,
    sockets: true,
    routes: null,
    events: 3,
    lastEventAgoMs: 7000,
    node: "node1",
    requestor: true,
    intervalMs: 1000,
    failAfter: 3,
    restoreAfter: 10,
    networks: [networkView()],
    peers: { known: 1, unreachable: 0, stopping: 0, unasked: 0 },
    degraded: null,
    adoptedRoutes: 0,
    counters: {
      packets_sent: 10,
      late_wakes: 1,
      sleeps: 0,
      worst_lateness_ms: 12.5,
      repairs: 0,
      hook_failures: 0,
    },
    lines: [{ kind: "log", file: null, lost: 0, trouble: null }],
    ...facts,
  };
}

/** What such a node tells doctor a minute after its start; it knows nobody unless that is said. */
export function daemonTold(facts: Partial<DaemonTold> = {}): DaemonTold {
  return {
    version: "1.0.0",
    node: "node1",
    requestor: true,
    intervalMs: 1000,
    uptimeMs: 60_000,
    degraded: null,
    sockets: true,
    lines: [],
    counters: {},
    networks: [networkView()],
    peers: [],
    ...facts,
  };
}
