/** The whole state as lines of the log, for USR1: one for the node, one for each network and each path. */
import type { HostRoute, Network, PathView, Snapshot } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { escapeUnprintable, type LogRecord, type LogValue } from "./log_line.ts";
import { percentText } from "./notice_words.ts";
import { deadText, flapsText, holdText, shortCauseText } from "./path_words.ts";

type PeerView = Snapshot["peers"][number];

/** The lines for a state. */
export function snapshotRecords(snapshot: Snapshot): LogRecord[] {
  const { node, networks, peers, degraded, counters } = snapshot;
  const figures = Object.entries(counters).map(([name, count]) => `${name} ${round(count)}`);
  const health = degraded === null
    ? "all routes are as wanted"
    : `degraded, not all routes are as wanted: ${degraded}`;
  return [
    record(`state of ${node}: ${health}; ${figures.join(", ")}`, { node, degraded, counters }),
    ...networks.map(networkRecord),
    ...peers.flatMap((peer) => peer.paths.map((path) => pathRecord(peer, path))),
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

function pathRecord({ node, stopping }: PeerView, path: PathView): LogRecord {
  const { network, address, health, misses, good, route, hold } = path;
  const pause = stopping ? ", it said that it stops" : "";
  const held = hold === null ? "" : `; ${holdText(hold, network)}`;
  return record(
    `state of ${node} on ${network} (${address}): ${health}${troubleText(path)}${pause}, ` +
      `${measuredText(path)}, ${good} good and ${misses} missed in a row; ` +
      `goes ${routeText(network, route)}${held}`,
    {
      node,
      ...path,
      cause: path.cause?.kind ?? null,
      stopping,
      route: route === null ? null : { ...route },
    },
  );
}

/** What was measured of a path; what was not is left out. */
function measuredText({ lastGoodAgoMs, roundTripMs, loss, flaps, hold }: PathView): string {
  const said = [
    lastGoodAgoMs === null ? "never heard" : `last good ${durationText(lastGoodAgoMs)} ago`,
  ];
  if (roundTripMs !== null) said.push(`round trip ${durationText(roundTripMs)}`);
  if (loss !== null) said.push(`loses ${percentText(loss)} of the last inquiries`);
  // A hold for flapping says it too.
  if (flaps > 0 && hold?.kind !== "flapping") {
    said.push(`went down ${flapsText(flaps)} lately`);
  }
  return said.join(", ");
}

/** Why a path is down, and which way. */
function troubleText(path: PathView): string {
  const said = [
    path.cause === null ? "" : shortCauseText(path.cause),
    path.dead === null ? "" : deadText(path.dead),
  ];
  const known = said.filter((text) => text !== "");
  return known.length === 0 ? "" : ` (${known.join("; ")})`;
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
