/** The text of --version. */

/** What the program was built as, and with. */
export interface Build {
  readonly version: string;
  readonly deno: string;
  readonly v8: string;
  /** The machine it was built for, e.g. "x86_64-unknown-linux-gnu". */
  readonly target: string;
}

/** The version on the first line, for scripts; below it what it was built with. A newline ends it. */
export function versionText({ version, deno, v8, target }: Build): string {
  return `faild ${version}\ndeno ${deno}\nv8 ${v8}\ntarget ${target}\n`;
}
