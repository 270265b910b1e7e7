/** Tables for a terminal, whose cells may have a colour. */
import { displayWidth } from "./display_width.ts";

/** What a cell looks like where there are colours. */
export type Tone = "good" | "bad" | "warning" | "faint" | "heading";

/** A cell: plain text, or text with a tone. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

const CODES: Readonly<Record<Tone, string>> = {
  good: "\x1b[32m",
  bad: "\x1b[31m",
  warning: "\x1b[33m",
  faint: "\x1b[2m",
  heading: "\x1b[1m",
};
const OFF = "\x1b[0m";

/** A text with its tone, where there are colours. */
export function toned(cell: Cell, coloured: boolean): string {
  if (typeof cell === "string") return cell;
  return coloured && cell.text !== "" ? `${CODES[cell.tone]}${cell.text}${OFF}` : cell.text;
}

/** Rows in columns as wide as their widest cell, two spaces apart; the last cell of a row is not filled up. */
export function tableLines(rows: readonly (readonly Cell[])[], coloured: boolean): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, widthOf(cell)));
  }
  return rows.map((row) =>
    row.map((cell, i) => {
      const fill = i === row.length - 1 ? 0 : (widths[i] ?? 0) - widthOf(cell);
      return toned(cell, coloured) + " ".repeat(fill);
    }).join("  ").trimEnd()
  );
}

function widthOf(cell: Cell): number {
  return displayWidth(typeof cell === "string" ? cell : cell.text);
}
