/** The state of a daemon as text for people: a pure function of the state, for one look and for a live view. */
import type { NetworkView, PathStatus, PeerView, Status } from "../control_protocol.ts";
import { troubleText } from "../core/line_loss.ts";
import { durationText } from "../duration_text.ts";
import { escapeUnprintable } from "../log_line.ts";
import { counted, percentText, word } from "../notice_words.ts";
import { deadText, holdText, shortCauseText } from "../path_words.ts";
import type { StatusData } from "./status_data.ts";
import { type Cell, tableLines, type Tone, toned } from "./table.ts";

/** How it is to look. */
export interface StatusStyle {
  readonly coloured: boolean;
}

/** Short and printable. */
const PLAIN = /^[ -~]{0,100}$/;

/** The whole state, with a newline at its end. */
export function statusText(data: StatusData, { coloured }: StatusStyle): string {
  const peers = [...data.peers].sort((a, b) => compare(a.node, b.node));
  const sections = [
    headLines(data.status, coloured),
    networkLines(data.status.networks, coloured),
    pathLines(peers, coloured),
    routeLines(peers, data.status, coloured),
  ];
  return sections.filter((lines) => lines.length > 0).map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

/** What is to be said of the daemon as a whole. */
export function headLines(status: Status, coloured: boolean): string[] {
  const { node, version, pid, uptimeMs, requestor, intervalMs, peers, events, degraded } = status;
  const role = requestor ? "requestor and responder" : "responder";
  const unreachable = peers.unreachable === 0
    ? ""
    : toned({ text: `, ${peers.unreachable} of them unreachable`, tone: "bad" }, coloured);
  const stopping = peers.stopping === 0 ? "" : `, ${peers.stopping} stopping`;
  const last = status.lastEventAgoMs === null
    ? "no event since the start"
    : `last event ${durationText(status.lastEventAgoMs)} ago, ${events} since the start`;
  const routes: Cell = degraded === null
    ? { text: "routes are as wanted", tone: "good" }
    : { text: `degraded, routes may not be as wanted: ${shown(degraded)}`, tone: "bad" };
  const sockets: Cell[] = status.sockets
    ? []
    : [{ text: "not all sockets are open: the log says which", tone: "warning" }];
  const lines: Cell[] = status.lines.filter(({ trouble }) => trouble !== null)
    .map((place) => ({ text: shown(`the ${troubleText(place)}`), tone: "warning" }));
  return [
    `${toned({ text: shown(node), tone: "heading" }, coloured)}: faild ${
      shown(version)
    }, ${role}, ` +
    `interval ${durationText(intervalMs)}, up ${durationText(uptimeMs)}, pid ${pid}`,
    `${counted(peers.known, "peer")}${unreachable}${stopping}; ${last}`,
    ...[routes, ...sockets, ...lines].map((cell) => toned(cell, coloured)),
  ];
}

/** A table of the networks. */
export function networkLines(networks: readonly NetworkView[], coloured: boolean): string[] {
  if (networks.length === 0) {
    return [toned({ text: "No network to work on", tone: "warning" }, coloured)];
  }
  const head = headings("NETWORK", "INTERFACE", "ADDRESS", "STATE", "PATHS", "SENT", "RECEIVED");
  return tableLines([head, ...networks.map(networkRow)], coloured);
}

function networkRow(network: NetworkView): Cell[] {
  const { name, interfaceName, address, prefixLength, usable, reason, drained, works, paths } =
    network;
  const state: Cell = usable
    ? { text: "usable", tone: "good" }
    : { text: shown(reason ?? "down"), tone: drained && works ? "warning" : "bad" };
  const counts = [
    `${paths.up} up`,
    ...(paths.down > paths.drainedByPeer ? [`${paths.down - paths.drainedByPeer} down`] : []),
    ...(paths.drainedByPeer > 0 ? [`${paths.drainedByPeer} drained`] : []),
    ...(paths.unknown > 0 ? [`${paths.unknown} unknown`] : []),
    ...(paths.held > 0 ? [`${paths.held} held`] : []),
    ...(paths.lossy > 0 ? [`${paths.lossy} lossy`] : []),
  ].join(", ");
  const failures = network.sendFailures === 0 ? "" : ` (${network.sendFailures} failed)`;
  const dropped = network.dropped === 0 ? "" : ` (${network.dropped} dropped)`;
  return [
    shown(name),
    shown(interfaceName),
    `${address}/${prefixLength}`,
    state,
    counts,
    `${network.sent}${failures}`,
    `${network.received}${dropped}`,
  ];
}

function pathLines(peers: readonly PeerView[], coloured: boolean): string[] {
  if (peers.length === 0) return ["No peer was heard yet"];
  const head = headings(
    "PEER",
    "NETWORK",
    "ADDRESS",
    "STATE",
    "HEARD",
    "RTT",
    "LOSS",
    "SINCE",
    "REMARK",
  );
  return tableLines([head, ...peers.flatMap(peerRows)], coloured);
}

function peerRows(peer: PeerView): Cell[][] {
  return peer.paths.map((path, i) => [
    i === 0 ? shown(peer.node) : "",
    shown(path.network),
    path.address,
    stateCell(path),
    heardText(path),
    path.roundTripMs === null ? "-" : durationText(path.roundTripMs),
    path.loss === null ? "-" : percentText(path.loss),
    path.changed === null ? "-" : durationText(path.changed.agoMs),
    remark(peer, path, i === 0),
  ]);
}

function stateCell(path: PathStatus): Cell {
  const [text, tone] = stateOf(path);
  return { text, tone };
}

/** A path in one word, and how good that is. */
export function stateOf(path: PathStatus): readonly [string, Tone] {
  const { health, lossy, drainedByPeer, routeReason } = path;
  if (health === "down") return drainedByPeer ? ["drained", "warning"] : ["down", "bad"];
  if (health === "unknown") return ["unknown", "faint"];
  if (lossy) return ["lossy", "warning"];
  return routeReason === null ? ["up", "good"] : ["held", "warning"];
}

/** Who hears whom. */
export function heardText({ heard, heardByPeer }: PathStatus): string {
  if (heard === null || heardByPeer === null) {
    return heard === null ? "-" : heard ? "by us" : "not by us";
  }
  if (heard) return heardByPeer ? "both ways" : "by us only";
  return heardByPeer ? "by it only" : "neither";
}

/** Why a path is down, in a few words: which way of it is dead, where that says more than what was noticed at first. */
function downText({ cause, dead, drainedByPeer }: PathStatus): string {
  if (cause?.kind === "own-network") return shortCauseText(cause);
  // Its word counts as it is now: it may have been drained after the path went down, or be so no longer.
  if (drainedByPeer) return shortCauseText({ kind: "peer-drained" });
  if (dead !== null && cause?.kind !== "peer-network") return deadText(dead);
  if (cause?.kind === "peer-drained") return "it was drained there";
  return cause === null ? "" : shortCauseText(cause);
}

/** What there is to say of a path in words; what holds for the peer is said on its first path. */
export function remark({ stopping }: PeerView, path: PathStatus, isFirst: boolean): string {
  const said = [
    ...(isFirst && stopping ? ["it said that it stops"] : []),
    ...(path.health === "down" ? [downText(path)] : []),
    ...(path.hold === null ? [] : [holdText(path.hold, path.network)]),
    ...(path.health === "up" && path.changed?.cause
      ? [`was down: ${shortCauseText(path.changed.cause)}`]
      : []),
    ...(path.flaps > 0 && path.hold?.kind !== "flapping"
      ? [`went down ${counted(path.flaps, "time")} lately`]
      : []),
  ];
  return shown(said.join("; "));
}

/** A table of the routes in force with their reasons; nothing where there are none. */
export function routeLines(
  peers: readonly PeerView[],
  { adoptedRoutes }: Status,
  coloured: boolean,
): string[] {
  const rows = peers.flatMap((peer) =>
    peer.paths.filter(({ route }) => route !== null).map((path) => routeRow(peer, path))
  );
  const waiting = adoptedRoutes === 0
    ? []
    : [`${counted(adoptedRoutes, "route")} of the previous run kept until more is known`];
  if (rows.length === 0) return waiting;
  const head = headings("ROUTE FOR", "OF", "OVER", "GATEWAY", "WHY");
  return [...tableLines([head, ...rows], coloured), ...waiting];
}

function routeRow({ node }: PeerView, path: PathStatus): Cell[] {
  const { address, network, route, routeInForce } = path;
  const why = routeWhy(path);
  return [
    address,
    `${shown(node)} on ${shown(network)}`,
    carrierOf(path),
    route?.gateway ?? "-",
    routeInForce === false ? { text: `${why}; not in force yet`, tone: "bad" } : why,
  ];
}

/** The network that the traffic of a path goes over, or else the interface. */
export function carrierOf({ over, route }: PathStatus): string {
  return shown(over ?? route?.interfaceName ?? "-");
}

function routeWhy(path: PathStatus): string {
  switch (path.routeReason) {
    case "down":
      return `the path is down: ${shown(downText(path))}`;
    case "lossy":
      return "the path loses too much";
    case "held":
      return "the path is up, its traffic is held here";
    case "unknown":
      return "a previous run moved it";
    default:
      return "it is just returning";
  }
}

function headings(...names: readonly string[]): Cell[] {
  return names.map((text) => ({ text, tone: "heading" }));
}

/** What comes from other machines: of bounded length, and harmless to a terminal. */
export function shown(text: string): string {
  // Nearly always there is nothing to escape, and to find that out is much faster than to do it.
  return PLAIN.test(text) ? text : escapeUnprintable(word(text));
}

/** The order of names. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
