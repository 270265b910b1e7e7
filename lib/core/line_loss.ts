/** Lines that a daemon could not write to where they belong: the disk is full, or nobody reads them any more. */
import { counted } from "./counted.ts";

/** What could not be written. */
export interface LineLoss {
  /** Lines since the start. */
  readonly lost: number;
  /** Why the last line could not be written; null: it was, or the file tells that it is missing. */
  readonly trouble: string | null;
}

/** A place that lines are written to. */
export interface LinePlace extends LineLoss {
  readonly kind: "log" | "events" | "samples";
  /** Null: standard error. */
  readonly file: string | null;
}

/** What cannot be written, and why, as a sentence that may follow a "the"; only of a place that is in trouble. */
export function troubleText({ kind, file, lost, trouble }: LinePlace): string {
  const are = lost === 1 ? "is" : "are";
  return `last line of the ${kind} in ${file ?? "standard error"} could not be written: ` +
    `${trouble}; ${counted(lost, "line")} ${are} missing there since the start`;
}
