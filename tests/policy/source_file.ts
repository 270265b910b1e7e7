/** The files that the policy speaks of, and the layer that each belongs to. */

/** A committed file: its path from the top of the tree, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A breach of the policy: where, which rule, and what is wrong. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** The parts of the program, by folder; see docs/DESIGN.md. */
export type Layer = "core" | "config" | "host" | "shells" | "cli" | "main" | "tests" | "build";

const FOLDERS: readonly (readonly [string, Layer])[] = [
  ["lib/core/", "core"],
  ["lib/config/", "config"],
  ["lib/host/", "host"],
  ["lib/cli/", "cli"],
  ["lib/report/", "shells"],
  ["tests/", "tests"],
  [".build/", "build"],
];

/** The layer of a file; undefined where the design has no place for it. */
export function layerOf(path: string): Layer | undefined {
  if (path === "main.ts") return "main";
  const folder = FOLDERS.find(([prefix]) => path.startsWith(prefix));
  if (folder !== undefined) return folder[1];
  return /^lib\/[^/]+$/.test(path) ? "shells" : undefined;
}

/** The line, counted from 1, on which an offset into a text lies. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** How many lines a text has; a last one that no newline ends counts too. */
export function lineCount(text: string): number {
  const ends = text.split("\n").length - 1;
  return text === "" || text.endsWith("\n") ? ends : ends + 1;
}

/** A finding as a person reads it. */
export function describe({ path, line, rule, message }: Finding): string {
  return `${path}:${line} ${rule}: ${message}`;
}
