/**
 * Finds the line of a key in a YAML file, for the problems that are reported about it: the parser gives only values.
 *
 * It reads block mappings and lists as they are commonly written, takes a value in braces or brackets as a whole, and
 * gives up on what it does not know. Then it compares what it found with what the parser found, and when the two
 * differ in a single key it answers no line at all: rather none than a wrong one.
 */

import { isMapping } from "./problem.ts";

/** Keys and list indices from the root of the file. */
export type Path = readonly (string | number)[];

/** The line of a path, counted from 1, or of the nearest entry around it; null where it is not known. */
export type LineFinder = (path: Path) => number | null;

/** What the scan found: by path, as `keyOf` writes it. */
interface Scan {
  readonly lines: Map<string, number>;
  /** Values that were not looked into, and whether they end on the line on which they begin. */
  readonly opaque: Map<string, boolean>;
}

interface Frame {
  readonly kind: "map" | "list";
  readonly column: number;
  readonly path: Path;
  /** The index of the next entry of a list. */
  next: number;
}

/** A place in the text: line from 0, column from 0. */
interface Place {
  readonly line: number;
  readonly column: number;
}

const keyOf = (path: Path): string => JSON.stringify(path);

/** Makes the finder for one file from its text and the value the parser made of it. */
export function lineFinder(text: string, value: unknown): LineFinder {
  const scan = new Scanner(text).scan();
  if (scan === null || !agrees(scan, value)) return () => null;
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const key = keyOf(path.slice(0, length));
      const line = scan.lines.get(key);
      if (line === undefined) continue;
      const inside = length < path.length && scan.opaque.get(key) === false;
      return inside ? null : line;
    }
    return null;
  };
}

/**
 * The first line, counted from 1, on which a key or an entry is indented by a tab, which YAML forbids and parsers take for
 * all kinds of things; null: there is none, as far as the file is one that is understood here.
 */
export function tabbedLine(text: string): number | null {
  const scanner = new Scanner(text);
  scanner.scan();
  return scanner.tabbed === null ? null : scanner.tabbed + 1;
}

/** Whether the scan found exactly the keys and entries that the parser found. */
function agrees({ lines, opaque }: Scan, root: unknown): boolean {
  let found = 0;
  const visit = (value: unknown, path: Path): boolean => {
    if (opaque.has(keyOf(path))) return true;
    const keys = Array.isArray(value) ? value.keys() : isMapping(value) ? Object.keys(value) : [];
    for (const key of keys) {
      const below = [...path, key];
      if (!lines.has(keyOf(below))) return false;
      found++;
      if (!visit((value as Record<string | number, unknown>)[key], below)) return false;
    }
    return true;
  };
  return visit(root, []) && found === lines.size;
}

/** The file needs four levels: peers, one of them, its addresses, one of them. Deeper ones are not worth a line. */
const MAX_DEPTH = 8;

class Scanner {
  /** The line, from 0, that is indented by a tab and ended the scan; null: none did. */
  tabbed: number | null = null;
  readonly #rows: readonly string[];
  readonly #frames: Frame[] = [];
  readonly #scan: Scan = { lines: new Map(), opaque: new Map() };
  /** The path whose value may stand on the lines to come; null: none may. */
  #pending: Path | null = [];
  /** Whether something was met that this scanner does not know. */
  #lost = false;

  constructor(text: string) {
    this.#rows = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
  }

  /** Reads the whole file; null where it had to give up. */
  scan(): Scan | null {
    let line = 0;
    while (line < this.#rows.length && !this.#lost) line = this.#readRow(line);
    return this.#lost ? null : this.#scan;
  }

  #row(line: number): string {
    return this.#rows[line] ?? "";
  }

  /** Ends the scan; the answer stands for "behind the end of everything". */
  #giveUp(): Place {
    this.#lost = true;
    return { line: this.#rows.length, column: Infinity };
  }

  /** Reads what begins on a line; answers the line to go on with. */
  #readRow(line: number): number {
    const row = this.#row(line);
    const isFirst = this.#frames.length === 0;
    if (isBlank(row) || (isFirst && row.startsWith("---") && isBlank(row.slice(3)))) {
      return line + 1;
    }
    if (/^(---|\.\.\.|%)/.test(row)) return this.#giveUp().line;
    if (isTabbed(row)) this.tabbed = line;
    let column = firstOf(row, 0);
    while ((this.#frames.at(-1)?.column ?? -1) > column) this.#frames.pop();
    for (;;) {
      const dash = isEntry(row, column);
      const after = dash ? this.#readEntry(line, column) : this.#readKey(line, column);
      if (this.#lost || isBlank(row.slice(after))) return line + 1;
      column = firstOf(row, after);
      const behind = firstOf(row, column + anchorAt(row, column).length);
      if (behind > column) {
        if (isBlank(row.slice(behind))) return line + 1;
        return this.#readValue({ line, column: behind });
      }
      // A dash may be followed by a further entry or a key on its line, a key only by its value.
      if (!dash || (!isEntry(row, column) && keyAt(row, column) === null)) {
        return this.#readValue({ line, column });
      }
    }
  }

  /** Reads the dash of a list's entry; answers the column after it. */
  #readEntry(line: number, column: number): number {
    let frame = this.#frames.at(-1);
    // A list may stand at the very column of the key that holds it.
    const isNew = frame === undefined || frame.column < column || frame.kind === "map";
    if (isNew) frame = this.#open("list", column);
    if (frame === undefined) return this.#giveUp().column;
    this.#record([...frame.path, frame.next++], line);
    return column + 1;
  }

  /** Reads a key and its colon; answers the column after it. */
  #readKey(line: number, column: number): number {
    let frame = this.#frames.at(-1);
    if (frame?.kind === "list" && frame.column === column) {
      this.#frames.pop();
      frame = this.#frames.at(-1);
    }
    if (frame === undefined || frame.column < column) frame = this.#open("map", column);
    const key = keyAt(this.#row(line), column);
    if (key === null || frame?.kind !== "map") return this.#giveUp().column;
    this.#record([...frame.path, key.name], line);
    return key.end;
  }

  #open(kind: Frame["kind"], column: number): Frame | undefined {
    if (this.#pending === null || this.#frames.length === MAX_DEPTH) return undefined;
    const frame: Frame = { kind, column, path: this.#pending, next: 0 };
    this.#frames.push(frame);
    return frame;
  }

  #record(path: Path, line: number): void {
    this.#scan.lines.set(keyOf(path), line + 1);
    this.#pending = path;
  }

  /** Passes over a value that is no block mapping or list; answers the line to go on with. */
  #readValue(begin: Place): number {
    const row = this.#row(begin.line);
    const path = this.#pending ?? [];
    this.#pending = null;
    let end: Place = { line: begin.line, column: row.length };
    switch (row[begin.column]) {
      case "|":
      case ">":
        return this.#afterBlockText(begin.line);
      case "{":
      case "[":
        end = this.#afterBrackets(begin);
        this.#scan.opaque.set(keyOf(path), end.line === begin.line);
        break;
      case '"':
      case "'":
        end = this.#afterQuotes(begin);
        break;
      case "*":
        // What it stands for has its lines elsewhere.
        end = { line: begin.line, column: begin.column + nameAt(row, begin.column).length };
        this.#scan.opaque.set(keyOf(path), true);
        break;
      case "&":
      case "!":
      case "?":
        return this.#giveUp().line;
    }
    return isBlank(this.#row(end.line).slice(end.column)) ? end.line + 1 : this.#giveUp().line;
  }

  /** Text after "|" or ">" goes on while lines are empty or stand deeper than what holds them. */
  #afterBlockText(line: number): number {
    const column = this.#frames.at(-1)?.column ?? -1;
    let next = line + 1;
    while (next < this.#rows.length) {
      const row = this.#row(next);
      const first = firstOf(row, 0);
      if (first < row.length && first <= column) break;
      next++;
    }
    return next;
  }

  #afterBrackets(begin: Place): Place {
    let { line, column } = begin;
    let depth = 0;
    while (line < this.#rows.length) {
      const row = this.#row(line);
      const character = row[column];
      const before = row[column - 1] ?? " ";
      if (character === undefined || (character === "#" && /\s/.test(before))) {
        line++;
        column = 0;
      } else if (character === '"' || character === "'") {
        // Within a word a quote is a letter.
        if (!/[\s,:[\]{}]/.test(before)) return this.#giveUp();
        ({ line, column } = this.#afterQuotes({ line, column }));
      } else {
        if ("[{".includes(character)) depth++;
        if ("]}".includes(character)) depth--;
        column++;
        if (depth === 0) return { line, column };
      }
    }
    return this.#giveUp();
  }

  #afterQuotes(begin: Place): Place {
    const quote = this.#row(begin.line)[begin.column];
    let { line, column } = begin;
    column++;
    while (line < this.#rows.length) {
      const row = this.#row(line);
      const character = row[column];
      if (character === undefined) {
        line++;
        column = 0;
      } else if (character === quote && !(quote === "'" && row[column + 1] === "'")) {
        return { line, column: column + 1 };
      } else {
        const isPair = character === quote || (character === "\\" && quote === '"');
        column += isPair ? 2 : 1;
      }
    }
    return this.#giveUp();
  }
}

/** The column of the first character from a column on that is no space; the row's length where there is none. */
function firstOf(row: string, from: number): number {
  let column = from;
  while (row[column] === " ") column++;
  return column;
}

function isEntry(row: string, column: number): boolean {
  return row[column] === "-" && (row[column + 1] ?? " ") === " ";
}

/** A tab where a key or an entry is to be indented. */
function isTabbed(row: string): boolean {
  const [indent = ""] = /^[ \t]*/.exec(row) ?? [];
  if (!indent.includes("\t")) return false;
  return isEntry(row, indent.length) || keyAt(row, indent.length) !== null;
}

/** The anchor that begins at a column; "": none does. */
function anchorAt(row: string, column: number): string {
  return row[column] === "&" ? nameAt(row, column) : "";
}

/** An anchor or alias with its mark. */
function nameAt(row: string, column: number): string {
  return /^[^\s,[\]{}]+/.exec(row.slice(column))?.[0] ?? "";
}

/** Nothing but spaces, or a comment. */
function isBlank(row: string): boolean {
  const first = row.search(/\S/);
  return first < 0 || row[first] === "#";
}

/** The key that begins at a column, and the column after its colon; null when it is none, or an unusual one. */
function keyAt(row: string, column: number): { name: string; end: number } | null {
  const rest = row.slice(column);
  const quoted = /^(?:"([^"\\]*)"|'([^']*)') ?:(?= |$)/.exec(rest);
  if (quoted !== null) {
    return { name: quoted[1] ?? quoted[2] ?? "", end: column + quoted[0].length };
  }
  const colon = rest.search(/:( |$)/);
  if (colon < 0) return null;
  const name = rest.slice(0, colon).trimEnd();
  if (!/^[\p{L}\p{N}_<][\p{L}\p{N}_ .<-]*$/u.test(name)) return null;
  return { name, end: column + colon + 1 };
}
