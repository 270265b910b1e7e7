/** A disk for tests of the setup. What a file holds is its own digest, and a folder has null. */
import type { Placer } from "../../lib/cli/host.ts";
import type { Content, Failure, Found, Made } from "../../lib/host/placer.ts";

export class FakeDisk implements Placer {
  /** What is where; null: a folder. */
  readonly held = new Map<string, string | null>([["/", null]]);
  readonly modes = new Map<string, number>();
  /** Nothing at or below these paths can be written. */
  readonly denied: string[] = [];

  /** Makes a folder with all above it. */
  folder(path: string): this {
    const parts = path.split("/").slice(1);
    parts.forEach((_, index) => this.held.set(`/${parts.slice(0, index + 1).join("/")}`, null));
    return this;
  }

  /** Puts a file there, with all folders above it. */
  put(path: string, text: string): this {
    this.folder(above(path));
    this.held.set(path, text);
    return this;
  }

  text(path: string): string | undefined {
    return this.held.get(path) ?? undefined;
  }

  /** All files, in order of name. */
  files(): string[] {
    return [...this.held].flatMap(([path, text]) => text === null ? [] : [path]).sort();
  }

  lookAt = (path: string): Promise<Found> => {
    const text = this.held.get(path);
    if (text === undefined) return Promise.resolve({ kind: "missing" });
    return Promise.resolve(
      text === null
        ? { kind: "failed", reason: "is no regular file" }
        : { kind: "file", digest: digest(text) },
    );
  };
  contentDigest = (content: Content) => Promise.resolve(digest(textOf(content)));
  createFile = (path: string, text: string, mode: number): Made =>
    this.held.has(path) ? { kind: "exists" } : this.placeFile(path, { text }, mode);
  placeFile = (path: string, content: Content, mode: number): Made => {
    const problem = this.#problem(path);
    if (problem !== null) return problem;
    this.held.set(path, textOf(content));
    this.modes.set(path, mode);
    return { kind: "made" };
  };
  makeFolder = (path: string): Made => {
    if (this.isFolder(path)) return { kind: "exists" };
    const problem = this.#problem(path);
    if (problem !== null) return problem;
    this.held.set(path, null);
    return { kind: "made" };
  };
  isFolder = (path: string) => this.held.get(path) === null;
  namesIn = (path: string) =>
    [...this.held.keys()].filter((each) => each !== "/" && above(each) === path)
      .map((each) => each.slice(each.lastIndexOf("/") + 1));
  removeFile = (path: string): boolean | Failure => {
    if (!this.held.has(path)) return false;
    if (this.namesIn(path).length > 0) return failed("Directory not empty", false);
    const problem = this.#problem(path);
    if (problem !== null) return problem;
    return this.held.delete(path);
  };

  #problem(path: string): Failure | null {
    if (this.denied.some((each) => path.startsWith(each))) return failed("Permission denied", true);
    return this.isFolder(above(path)) ? null : failed("No such file or directory", false);
  }
}

function failed(reason: string, isDenied: boolean): Failure {
  return { kind: "failed", reason, isDenied };
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function textOf(content: Content): string {
  return "text" in content ? content.text : `copy of ${content.copyOf}`;
}

/** Any text without line breaks is as good as a digest, and says more where a test fails. */
function digest(text: string): string {
  return JSON.stringify(text);
}
