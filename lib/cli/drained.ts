/** Which networks are drained, kept across a restart in a file of the run directory: their names, a line each. */
import type { NetworkName } from "../core/types.ts";
import type { Host } from "./host.ts";

const NAME = "drained";
/** Far more than the names of all networks take. */
const MAX_BYTES = 64 * 1024;
/** Readable by all: it is no secret. */
const MODE = 0o644;

/** The networks that were drained when the last daemon ended, or why that is not known. */
export function readDrained(
  runDir: string,
  host: Pick<Host, "readTextFile">,
): { readonly names: readonly NetworkName[]; readonly problem: string | null } {
  const path = `${runDir}/${NAME}`;
  const read = host.readTextFile(path, MAX_BYTES);
  if (read.kind === "missing") return { names: [], problem: null };
  if (read.kind === "failed") return { names: [], problem: `Cannot read ${path}: ${read.reason}` };
  return { names: read.text.split("\n").filter((name) => name !== ""), problem: null };
}

/** Keeps them; returns why that failed, or null. */
export function keepDrained(
  runDir: string,
  names: readonly NetworkName[],
  host: Pick<Host, "replaceFile">,
): string | null {
  const path = `${runDir}/${NAME}`;
  const reason = host.replaceFile(path, names.map((name) => `${name}\n`).join(""), MODE);
  return reason === null ? null : `Cannot write ${path}: ${reason}`;
}
