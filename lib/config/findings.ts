/** Collects everything that is wrong with one configuration file. */

import { nearest, type Problem, shownText, unreadableFile } from "./problem.ts";
import type { LineFinder, Path } from "./yaml_lines.ts";

/** A file that is wrong in so many places is the wrong file. */
const MAX_PROBLEMS = 200;

/** The problems of one file, and where its keys stand. */
export class Findings {
  readonly #file: string;
  readonly #lineOf: LineFinder;
  readonly #found: { readonly line: number; readonly problem: Problem }[] = [];

  constructor(file: string, lineOf: LineFinder) {
    this.#file = file;
    this.#lineOf = lineOf;
  }

  /** Where a path stands, e.g. "/etc/faild.yaml:12". */
  where(path: Path): string {
    const line = this.#lineOf(path);
    return line === null ? this.#file : `${this.#file}:${line}`;
  }

  /** Notes that the value at a path breaks a rule; `value` as it is to be shown, null where the rule says it all. */
  add(path: Path, rule: string, value: string | null): void {
    if (this.#found.length > MAX_PROBLEMS) return;
    if (this.#found.length === MAX_PROBLEMS) {
      const problem = unreadableFile(this.#file, `has more than ${MAX_PROBLEMS} problems`);
      this.#found.push({ line: Infinity, problem });
      return;
    }
    const problem: Problem = {
      verb: "use",
      subject: pathText(path),
      rule,
      value,
      where: this.where(path),
    };
    this.#found.push({ line: this.#lineOf(path) ?? Number.MAX_SAFE_INTEGER, problem });
  }

  /** Notes every key of a mapping that is not known. */
  addUnknownKeys(
    path: Path,
    mapping: Readonly<Record<string, unknown>>,
    known: readonly string[],
  ): void {
    for (const key of Object.keys(mapping)) {
      if (known.includes(key)) continue;
      const near = nearest(key, known);
      const hint = near === null ? `one of ${known.join(", ")}` : `nearest is ${near}`;
      this.add([...path, key], `must be a known key (${hint})`, null);
    }
  }

  /** All problems in the order of the file's lines; those without a line at the end. */
  sorted(): readonly Problem[] {
    return this.#found.toSorted((a, b) => a.line === b.line ? 0 : a.line - b.line)
      .map(({ problem }) => problem);
  }
}

/** "networks[1].name"; the file as a whole is "the file". */
export function pathText(path: Path): string {
  if (path.length === 0) return "the file";
  return path.map((each, index) =>
    typeof each === "number"
      ? `[${each}]`
      : `${index === 0 ? "" : "."}${each === "" ? '""' : shownText(each)}`
  ).join("");
}

/** The value of a key of the file itself, never one that every object inherits. */
export function own(mapping: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}
