/** The table of paths in a live view: columns of fixed widths, the less important ones only where there is room. */
import type { PathStatus, PeerView } from "../control_protocol.ts";
import { durationText } from "../duration_text.ts";
import { percentText } from "../notice_words.ts";
import { cutTo, displayWidth } from "./display_width.ts";
import { carrierOf, heardText, remark, shown, stateOf } from "./status_text.ts";
import { type Cell, type Tone, toned } from "./table.ts";
import { LOOKS, type Mark, type WatchHistory } from "./watch_history.ts";

/** How a view is drawn. */
export interface WatchStyle {
  readonly coloured: boolean;
  /** Nothing but ASCII in curves. */
  readonly ascii: boolean;
}

/** A path, and whether its peer is named on its row. */
export interface WatchRow {
  readonly peer: PeerView;
  readonly path: PathStatus;
  readonly isFirst: boolean;
}

/** Longer names are cut. */
const LONGEST_PEER = 24;
const LONGEST_NETWORK = 12;
/** As wide as remarks and curves are where there is just enough room, and where there is plenty. */
const REMARK = { least: 19, most: 32 } as const;
const CURVE = { least: 8, most: LOOKS } as const;
const GAP = 2;

type Name =
  | "PEER"
  | "LAN"
  | "STATE"
  | "RTT"
  | "RTT CURVE"
  | "LOSS"
  | "LOSS CURVE"
  | "SINCE"
  | "OVER"
  | "HEARD"
  | "ADDRESS"
  | "REMARK";

/** From left to right. */
const ORDER: readonly Name[] = [
  "PEER",
  "LAN",
  "STATE",
  "RTT",
  "RTT CURVE",
  "LOSS",
  "LOSS CURVE",
  "OVER",
  "SINCE",
  "HEARD",
  "ADDRESS",
  "REMARK",
];

/** These are numbers. */
const ON_THE_RIGHT: ReadonlySet<Name> = new Set(["RTT", "LOSS"]);

/** Which columns there are, and how wide each is. */
export type WatchColumns = ReadonlyMap<Name, number>;

/**
 * The columns that so many characters have room for, the most important ones first. Their widths depend on nothing that
 * changes with every look: a table whose columns move cannot be read.
 */
export function columnsFor(peers: readonly PeerView[], room: number): WatchColumns {
  const network = Math.min(LONGEST_NETWORK, widest(networksOf(peers), 4));
  const widths = new Map<Name, number>();
  let left = room + GAP;
  const add = (name: Name, width: number) => {
    if (GAP + width > left) return false;
    widths.set(name, width);
    left -= GAP + width;
    return true;
  };
  const widen = (name: Name, width: number) => {
    const now = widths.get(name);
    if (now === undefined) return;
    const more = Math.max(0, Math.min(width - now, left));
    widths.set(name, now + more);
    left -= more;
  };
  const peer = Math.min(LONGEST_PEER, room, widest(peers.map(({ node }) => node), 4));
  // None of these makes sense without the ones before it.
  const hasRoom = add("PEER", peer) && add("LAN", network) && add("STATE", 7) && add("RTT", 7) &&
    add("LOSS", 5);
  if (!hasRoom) return widths;
  add("RTT CURVE", CURVE.least);
  add("REMARK", REMARK.least);
  add("LOSS CURVE", CURVE.least);
  add("SINCE", 11);
  add("OVER", network);
  widen("REMARK", REMARK.most);
  add("HEARD", 10);
  add("ADDRESS", 15);
  widen(
    "RTT CURVE",
    widths.has("LOSS CURVE") ? Math.min(CURVE.most, CURVE.least + (left >> 1)) : CURVE.most,
  );
  widen("LOSS CURVE", widths.get("RTT CURVE") ?? 0);
  widen("REMARK", room);
  return widths;
}

/** The line above the rows. */
export function headingLine(columns: WatchColumns, { coloured }: WatchStyle): string {
  return lineOf(columns, (name) => [{ text: headingOf(name), tone: "heading" }], coloured, "");
}

/** A curve stands next to its figure. */
function headingOf(name: Name): string {
  return name === "RTT CURVE" || name === "LOSS CURVE" ? "CURVE" : name;
}

/** The line of a path. */
export function rowLine(
  { peer, path, isFirst }: WatchRow,
  columns: WatchColumns,
  history: WatchHistory,
  { coloured, ascii }: WatchStyle,
): string {
  const marks = history.marks(
    peer.node,
    path,
    Math.max(columns.get("RTT CURVE") ?? 0, columns.get("LOSS CURVE") ?? 0),
  );
  const cells = (name: Name): readonly Cell[] => {
    switch (name) {
      case "RTT CURVE":
        return roundTripCurve(marks.slice(-(columns.get(name) ?? 0)), ascii);
      case "LOSS CURVE":
        return lossCurve(marks.slice(-(columns.get(name) ?? 0)), ascii);
      default:
        return [cellOf(name, peer, path, isFirst)];
    }
  };
  return lineOf(columns, cells, coloured, ascii ? ">" : "…");
}

function cellOf(
  name: Exclude<Name, "RTT CURVE" | "LOSS CURVE">,
  peer: PeerView,
  path: PathStatus,
  isFirst: boolean,
): Cell {
  switch (name) {
    case "PEER":
      return isFirst ? shown(peer.node) : "";
    case "LAN":
      return shown(path.network);
    case "STATE": {
      const [text, tone] = stateOf(path);
      return { text, tone };
    }
    case "RTT":
      return figure(path, path.roundTripMs, durationText);
    case "LOSS":
      return figure(path, path.loss, percentText);
    case "SINCE":
      return path.changed === null ? "-" : durationText(path.changed.agoMs);
    case "OVER":
      return overCell(path);
    case "HEARD":
      return heardText(path);
    case "ADDRESS":
      return shown(path.address);
    case "REMARK":
      return remark(peer, path, isFirst);
  }
}

/** Where the traffic goes, if it does not go straight. */
function overCell(path: PathStatus): Cell {
  if (path.route === null) return "";
  return { text: carrierOf(path), tone: path.routeInForce === false ? "bad" : "warning" };
}

/** A figure in few characters; those of a path that is down are from before, and would mislead who glances at them. */
function figure({ health }: PathStatus, value: number | null, say: (value: number) => string) {
  if (health === "down" || value === null) return "-";
  return say(value).replace("under ", "<").replace("over ", ">");
}

function roundTripCurve(marks: readonly Mark[], ascii: boolean): Cell[] {
  return curve(marks, ({ roundTrip }) => {
    if (roundTrip === null) return " ";
    if (typeof roundTrip === "number") return height(roundTrip, ascii);
    if (roundTrip === "untimed") return nothing(ascii);
    return { text: ascii ? "x" : "×", tone: "bad" };
  });
}

function lossCurve(marks: readonly Mark[], ascii: boolean): Cell[] {
  return curve(marks, ({ loss }) => {
    if (loss === null) return " ";
    if (loss === 0) return nothing(ascii);
    return { text: height(loss, ascii), tone: "warning" };
  });
}

function nothing(ascii: boolean): Cell {
  return { text: ascii ? "." : "·", tone: "faint" };
}

function height(level: number, ascii: boolean): string {
  return ascii ? `${level}` : "▁▂▃▄▅▆▇█".charAt(level - 1);
}

/** Neighbours of one tone make one cell. */
function curve(marks: readonly Mark[], draw: (mark: Mark) => Cell): Cell[] {
  const cells: { text: string; tone: Tone | null }[] = [];
  for (const mark of marks) {
    const drawn = draw(mark);
    const next = typeof drawn === "string" ? { text: drawn, tone: null } : { ...drawn };
    const last = cells.at(-1);
    if (last?.tone === next.tone) last.text += next.text;
    else cells.push(next);
  }
  return cells.map(({ text, tone }) => tone === null ? text : { text, tone });
}

function lineOf(
  columns: WatchColumns,
  cellsOf: (name: Name) => readonly Cell[],
  coloured: boolean,
  more: string,
): string {
  const parts: string[] = [];
  for (const name of ORDER) {
    const width = columns.get(name);
    if (width === undefined) continue;
    const text = cutTo(cellsOf(name).map((cell) => toned(cell, coloured)).join(""), width, more);
    const fill = " ".repeat(Math.max(0, width - displayWidth(text)));
    parts.push(ON_THE_RIGHT.has(name) ? fill + text : text + fill);
  }
  return parts.join(" ".repeat(GAP)).trimEnd();
}

function networksOf(peers: readonly PeerView[]): Set<string> {
  return new Set(peers.flatMap(({ paths }) => paths.map(({ network }) => network)));
}

function widest(texts: Iterable<string>, least: number): number {
  let width = least;
  for (const text of texts) width = Math.max(width, displayWidth(shown(text)));
  return width;
}
