/** How the daemon before this one ended, where that was not as it should be. */
import type { LogRecord } from "../log_line.ts";
import { uncleanEndRecord } from "../life_text.ts";
import { parseStartNote, startNoteFile } from "../start_note.ts";
import type { Host } from "./host.ts";

/** More than a note takes. */
const MAX_BYTES = 4096;

/**
 * What the log is told of it; null: there was none since the machine runs, or it was stopped and said so itself. The
 * note of the watchdog is taken away: it is about this start alone.
 *
 * @param leftPid the pid that was left in the lock file; null: there was none
 */
export function previousRun(
  runDir: string,
  leftPid: number | null,
  host: Pick<Host, "readTextFile" | "discardFile">,
): LogRecord | null {
  const file = startNoteFile(runDir);
  const read = host.readTextFile(file, MAX_BYTES);
  if (read.kind === "missing") return uncleanEndRecord(leftPid, null);
  host.discardFile(file);
  return uncleanEndRecord(leftPid, read.kind === "text" ? parseStartNote(read.text) : null);
}
