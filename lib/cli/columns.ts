/** Text laid out for a terminal. */

import { wrapped } from "../config/wrapped.ts";

/** Lines stay below this many characters, which every terminal has. */
export const MAX_COLUMNS = 79;

/** A heading column and text beside it, wrapped under itself; `column` is where the text begins. */
export function described(heading: string, text: string, column: number): string[] {
  const head = `  ${heading}`;
  const lines = wrapped(text, MAX_COLUMNS - column);
  const pad = " ".repeat(column);
  // A heading that reaches into the text's column stands on a line of its own.
  const [first = "", ...rest] = head.length + 2 > column ? ["", ...lines] : lines;
  return [`${head.padEnd(column)}${first}`.trimEnd(), ...rest.map((line) => pad + line)];
}

/** Rows of cells in columns as wide as their widest cell, two spaces apart and after an indent of two. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)),
  );
  return rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd()
  );
}
