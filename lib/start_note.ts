/**
 * What the watchdog hands on to a daemon that it starts: why it had to, as far as that is out of the ordinary. It is a
 * file that the daemon reads at its start and takes away, so that its log and its events tell what cron was told.
 */
import { watchdogFolder } from "./start_record.ts";

/** Why a daemon is started. */
export interface StartNote {
  /** The process that was killed, and what was wrong with it, in a clause; null: none was. */
  readonly killed: { readonly pid: number; readonly fault: string } | null;
  /** It was left alone before, after so many starts; 0: it was not. */
  readonly startsBeforeRest: number;
}

/** The file of the note. */
export function startNoteFile(runDir: string): string {
  return `${watchdogFolder(runDir)}/note.json`;
}

/** As it stands in the file. */
export function startNoteText(note: StartNote): string {
  return `${JSON.stringify(note)}\n`;
}

/** Reads such a text; null: it is none. */
export function parseStartNote(text: string): StartNote | null {
  try {
    const { killed, startsBeforeRest }: Record<string, unknown> = JSON.parse(text);
    if (!isCount(startsBeforeRest)) return null;
    if (killed === null) return { killed, startsBeforeRest };
    const { pid, fault } = killed as Record<string, unknown>;
    return isCount(pid) && typeof fault === "string"
      ? { killed: { pid, fault }, startsBeforeRest }
      : null;
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
