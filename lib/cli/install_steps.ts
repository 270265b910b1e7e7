/** What an installation finds where its files are to be, and how it places them. */
import type { Content } from "../host/placer.ts";
import type { Host } from "./host.ts";
import type { PlannedFile } from "./install_plan.ts";
import type { PlacedFile } from "./install_record.ts";

/** A file that is to be placed, and what is there now. */
export interface Step extends PlannedFile {
  readonly digest: string;
  /**
   * Nothing is there; the same is; what we placed once is, unchanged; or something else is.
   */
  readonly found: "nothing" | "same" | "ours" | "other";
}

/** Why something could not be done, and whether it is the rights that are missing. */
export interface Trouble {
  readonly text: string;
  readonly isDenied: boolean;
}

/** Looks at where each file is to be. */
export async function stepsFor(
  files: readonly PlannedFile[],
  root: string,
  placed: readonly PlacedFile[],
  host: Host,
): Promise<readonly Step[] | Trouble> {
  const steps: Step[] = [];
  for (const file of files) {
    const digest = await host.placer.contentDigest(file.content);
    const found = await host.placer.lookAt(root + file.path);
    if (found.kind === "failed") {
      return { text: `Cannot place ${root}${file.path}: ${found.reason}`, isDenied: false };
    }
    const isOurs = found.kind === "file" &&
      placed.some((each) => each.path === file.path && each.digest === found.digest);
    steps.push({
      ...file,
      digest,
      found: found.kind === "missing"
        ? "nothing"
        : found.digest === digest
        ? "same"
        : isOurs
        ? "ours"
        : "other",
    });
  }
  return steps;
}

const WORDS = { nothing: "new", same: "unchanged", ours: "renewed" } as const;

/** A file as it is shown before it is placed; `isForced`: also where something else is in its place. */
export function stepText(
  { path, content, found, isShown }: Step,
  root: string,
  isForced: boolean,
): string {
  const size = "text" in content ? `${content.text.length} bytes` : `a copy of ${content.copyOf}`;
  const word = found !== "other" ? WORDS[found] : isForced ? "replaced" : "differs from this";
  const head = `${root}${path}: ${word}, ${size}\n`;
  return isShown && found !== "same" ? `${head}${indented(content)}\n` : head;
}

function indented(content: Content): string {
  if (!("text" in content)) return "";
  const lines = content.text.trimEnd().split("\n");
  return lines.map((line) => `    ${line}`.trimEnd() + "\n").join("");
}

/** The folders that are missing above these paths, those above others first. */
export function missingFolders(paths: readonly string[], root: string, host: Host): string[] {
  const missing = new Set<string>();
  for (const path of paths) {
    const parts = path.split("/").slice(1, -1);
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = `/${parts.slice(0, depth).join("/")}`;
      if (!host.placer.isFolder(root + folder)) missing.add(folder);
    }
  }
  return [...missing];
}

/** Makes folders, in their order; null, or what went wrong. */
export function makeFolders(folders: readonly string[], root: string, host: Host): Trouble | null {
  for (const folder of folders) {
    const made = host.placer.makeFolder(root + folder);
    if (made.kind === "failed") {
      const { reason, isDenied } = made;
      return { text: `Cannot make folder ${root}${folder}: ${reason}`, isDenied };
    }
  }
  return null;
}

/** Places a file; null, or what went wrong. */
export function place(
  file: Pick<PlannedFile, "path" | "content" | "mode">,
  root: string,
  host: Host,
): Trouble | null {
  const made = host.placer.placeFile(root + file.path, file.content, file.mode);
  if (made.kind !== "failed") return null;
  return { text: `Cannot place ${root}${file.path}: ${made.reason}`, isDenied: made.isDenied };
}
