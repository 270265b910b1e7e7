/** Reads the tree that the tests are part of. */

import type { SourceFile } from "./source_file.ts";

const TOP = new URL("../../", import.meta.url);
/** Not committed: made, fetched, or the version control's own. */
const APART: ReadonlySet<string> = new Set([".git", ".toolchain", "dist"]);

/** The names at the top of the tree, but for what is not committed. */
export function topNames(): string[] {
  return [...Deno.readDirSync(TOP)].map(({ name }) => name).filter((name) => !APART.has(name))
    .sort();
}

/** The text of a file of the tree. */
export function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, TOP));
}

function* walk(folder: string): Generator<SourceFile> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, TOP))) {
    if (folder === "" && APART.has(name)) continue;
    if (isDirectory) yield* walk(`${folder}${name}/`);
    else yield { path: `${folder}${name}`, text: textOf(`${folder}${name}`) };
  }
}

/** Every file of the tree, but for what is not committed. */
export function allFiles(): SourceFile[] {
  return [...walk("")].sort((a, b) => a.path < b.path ? -1 : 1);
}
