/** What a live view shows: a pure function of the state, of what was seen before, and of what its user has chosen. */
import type { PeerView } from "../control_protocol.ts";
import type { Ms } from "../core/types.ts";
import { durationText } from "../duration_text.ts";
import { escapeUnprintable } from "../log_line.ts";
import { counted } from "../notice_words.ts";
import { cutTo, displayWidth } from "./display_width.ts";
import type { StatusData } from "./status_data.ts";
import { headLines, networkLines, routeLines } from "./status_text.ts";
import { type Cell, toned } from "./table.ts";
import type { WatchHistory } from "./watch_history.ts";
import type { WatchState } from "./watch_keys.ts";
import { ordered, type Sort, SORTS } from "./watch_order.ts";
import type { ScreenSize } from "./watch_screen.ts";
import { columnsFor, headingLine, rowLine, type WatchRow, type WatchStyle } from "./watch_table.ts";

/** What is to be shown. */
export interface WatchScene {
  readonly data: StatusData;
  readonly history: WatchHistory;
  /** Why `data` is old; null: it is not. */
  readonly trouble: { readonly reason: string; readonly ageMs: Ms } | null;
  /** Whether keys can be typed. */
  readonly hasKeys: boolean;
}

/** A picture of it. */
export interface WatchPicture {
  /** At most as many as the screen has rows, none wider than it. */
  readonly lines: readonly string[];
  /** The number of the first path shown, from 0: never more than leaves the screen full. */
  readonly first: number;
  readonly page: number;
  readonly total: number;
}

/** Below so many rows only what is needed most is shown. */
const FEW_ROWS = 10;
/** What the other tables leave to the paths at least, if there are so many. */
const LEAST_PATHS = 5;

/** Draws the state. */
export function pictureOf(
  scene: WatchScene,
  state: WatchState,
  size: ScreenSize,
  coloured: boolean,
): WatchPicture {
  const { data, history, trouble } = scene;
  // What is old is drawn in one faint colour.
  const style: WatchStyle = { coloured: coloured && trouble === null, ascii: state.ascii };
  const rows = rowsOf(ordered(data.peers, state.sort));
  const above = [
    ...troubleLines(trouble, coloured),
    ...headsFor(data, size.rows, style.coloured),
    ...networksFor(data, size.rows, rows.length, style.coloured),
  ].slice(0, Math.max(1, size.rows - 3));
  const page = Math.max(0, size.rows - above.length - 2);
  const first = Math.max(0, Math.min(state.first, rows.length - page));
  const columns = columnsFor(data.peers, size.columns);
  const paths = rows.slice(first, first + page).map((row, i) =>
    rowLine(i === 0 ? { ...row, isFirst: true } : row, columns, history, style)
  );
  const table = rows.length === 0
    ? ["No peer was heard yet"]
    : [headingLine(columns, style), ...paths];
  const below = routesFor(data, page - paths.length, style.coloured);
  const body = [...above, ...table, ...below];
  const extent = { first, page, total: rows.length };
  return {
    lines: framed(body, footLine(scene, state, extent, size, coloured), scene, size, {
      coloured,
      ascii: state.ascii,
    }),
    ...extent,
  };
}

/** Cut to the screen, the foot in its last row; where there is one row only, it is for the head. */
function framed(
  body: readonly string[],
  foot: string,
  { trouble }: WatchScene,
  { columns, rows }: ScreenSize,
  { coloured, ascii }: WatchStyle,
): string[] {
  const more = ascii ? ">" : "…";
  const room = Math.max(1, rows - 1);
  const lines = Array.from({ length: room }, (_, i) => {
    const line = cutTo(body[i] ?? "", columns, more);
    return trouble === null || i === 0 ? line : toned({ text: line, tone: "faint" }, coloured);
  });
  return rows > 1 ? [...lines, foot] : lines;
}

function rowsOf(peers: readonly PeerView[]): WatchRow[] {
  return peers.flatMap((peer) => peer.paths.map((path, i) => ({ peer, path, isFirst: i === 0 })));
}

function troubleLines(trouble: WatchScene["trouble"], coloured: boolean): string[] {
  if (trouble === null) return [];
  const text = `This is ${durationText(trouble.ageMs)} old: ${trouble.reason}`;
  return [toned({ text: escapeUnprintable(text), tone: "bad" }, coloured)];
}

function headsFor({ status }: StatusData, rows: number, coloured: boolean): string[] {
  const [first = "", second = "", ...judgement] = headLines(status, coloured);
  if (rows >= FEW_ROWS) return [first, second, ...judgement];
  const isWell = status.degraded === null && status.sockets;
  return isWell ? [first] : [first, ...judgement];
}

/** The networks between blank lines, unless the paths need the room. */
function networksFor(
  { status }: StatusData,
  rows: number,
  paths: number,
  coloured: boolean,
): string[] {
  const lines = ["", ...networkLines(status.networks, coloured), ""];
  const others = headLines(status, false).length + 3;
  return rows - others - lines.length >= Math.min(paths, LEAST_PATHS) ? lines : [];
}

/** The routes, as far as there is room below the paths. */
function routesFor({ status, peers }: StatusData, room: number, coloured: boolean): string[] {
  const lines = room < 3 ? [] : routeLines(peers, status, coloured);
  return lines.length === 0 ? [] : ["", ...lines].slice(0, room);
}

/** The keys on the left, in as many words as there is room for, and on the right which paths are shown. */
function footLine(
  { hasKeys }: WatchScene,
  { sort, paused, ascii }: WatchState,
  { first, page, total }: Omit<WatchPicture, "lines">,
  { columns }: ScreenSize,
  coloured: boolean,
): string {
  const all = counted(total, "path");
  const where = page === 0 || page >= total ? all : `${first + 1}-${first + page} of ${all}`;
  const right = paused ? `PAUSED  ${where}` : where;
  const scroll = page >= total ? [] : [ascii ? "arrows scroll" : "↑↓ scroll"];
  const sorts = (name: (sort: Sort) => string) =>
    `sort ${SORTS.map((each) => each === sort ? `[${name(each)}]` : name(each)).join(" ")}`;
  const long = sorts((each) => `${each.charAt(0)} ${each}`);
  const short = sorts((each) => each.charAt(0));
  const pause = paused ? "space go on" : "space pause";
  const lefts = hasKeys
    ? [
      ["q quit", long, ...scroll, pause, "g other curves"],
      ["q quit", long, ...scroll, pause],
      ["q quit", long, pause],
      ["q quit", short, pause],
      ["q quit", short],
      ["q quit"],
    ]
    : [["Ctrl-C quit"]];
  for (const words of lefts) {
    const left = words.join("  ");
    const fill = columns - displayWidth(left) - displayWidth(right);
    if (fill >= 2) return `${left}${" ".repeat(fill)}${tonedRight(right, paused, coloured)}`;
  }
  return cutTo(hasKeys ? "q quit" : "Ctrl-C quit", columns, ascii ? ">" : "…");
}

function tonedRight(text: string, paused: boolean, coloured: boolean): string {
  const cell: Cell = paused ? { text, tone: "warning" } : text;
  return toned(cell, coloured);
}
