/** The whole state as lines of the log, for USR1: one for the node, one for each network and each path. */
import type { HostRoute, Network, PathView, Snapshot } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { escapeUnprintable, type LogRecord, type LogValue } from "./log_line.ts";

/** The lines for a state. */
export function snapshotRecords(snapshot: Snapshot): LogRecord[] {
  const { node, networks, peers, degraded, counters } = snapshot;
  const counted = Object.entries(counters).map(([name, count]) => `${name} ${round(count)}`);
  const health = degraded === null
    ? "all routes are as wanted"
    : `degraded, not all routes are as wanted: ${degraded}`;
  return [
    record(`state of ${node}: ${health}; ${counted.join(", ")}`, { node, degraded, counters }),
    ...networks.map(networkRecord),
    ...peers.flatMap((peer) => peer.paths.map((path) => pathRecord(peer.node, path))),
  ];
}

function networkRecord(network: Network): LogRecord {
  const { name, interfaceName, address, prefixLength, usable, reason } = network;
  const state = usable ? "usable" : `unusable, ${reason ?? "down"}`;
  return record(`state of ${name}: ${interfaceName}, ${address}/${prefixLength}, ${state}`, {
    network: name,
    interfaceName,
    address,
    prefixLength,
    usable,
  });
}

function pathRecord(node: string, path: PathView): LogRecord {
  const { network, address, health, misses, good, roundTripMs, lastGoodAgoMs, route } = path;
  const last = lastGoodAgoMs === null
    ? "never heard"
    : `last good ${durationText(lastGoodAgoMs)} ago`;
  const trip = roundTripMs === null ? "" : `, round trip ${durationText(roundTripMs)}`;
  return record(
    `state of ${node} on ${network} (${address}): ${health}${causeText(path)}, ${last}${trip}, ` +
      `${good} good and ${misses} missed in a row; goes ${routeText(network, route)}`,
    { node, ...path, cause: path.cause?.kind ?? null, route: route === null ? null : { ...route } },
  );
}

/** Why a path is down, in a few words; the log has the whole story. */
function causeText({ cause }: PathView): string {
  switch (cause?.kind) {
    case undefined:
      return "";
    case "missed":
      return ` (${cause.what} missed)`;
    case "own-network":
      return ` (our own interface: ${cause.reason})`;
    case "peer-deaf":
      return " (it does not hear us)";
    case "peer-network":
      return " (its own interface is unusable)";
    case "adopted":
      return " (as the previous run left it)";
  }
}

function routeText(network: string, route: HostRoute | null): string {
  return route === null ? `over ${network}` : `via ${route.gateway} dev ${route.interfaceName}`;
}

function round(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}

function record(text: string, fields: Readonly<Record<string, LogValue>>): LogRecord {
  return { level: "info", event: "state", text: escapeUnprintable(text), fields };
}
