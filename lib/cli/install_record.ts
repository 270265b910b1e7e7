/** What was installed, so that it can be recognized, renewed and removed. */
import type { ServiceKind } from "./service_files.ts";

/** The file that remembers it. */
export const RECORD_FILE = "/var/lib/faild/installed.json";

/** A file that was placed. */
export interface PlacedFile {
  readonly path: string;
  /** SHA-256 of what was placed, in hexadecimal. */
  readonly digest: string;
}

/** What was installed. */
export interface InstallRecord {
  readonly kind: ServiceKind;
  readonly prefix: string;
  readonly files: readonly PlacedFile[];
  /** Folders that were made for them, those above others first. */
  readonly folders: readonly string[];
  readonly runDir: string;
  /** The log that the daemon was told to write where its configuration names none; null: it names one. */
  readonly log: string | null;
  /** The events, where they lie at the place that our own configuration names; null: they do not. */
  readonly events: string | null;
}

/** The record as the text of its file. */
export function recordText(record: InstallRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Reads the text of a record; null where it is none: then nothing is removed because of it. */
export function parseRecord(text: string): InstallRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  // An earlier version did not know of events.
  const { kind, prefix, files, folders, runDir, log, events = null } = value as Partial<
    InstallRecord
  >;
  const isRight = (kind === "systemd" || kind === "cron") && isPath(prefix) && isPath(runDir) &&
    (log === null || isPath(log)) && (events === null || isPath(events)) &&
    Array.isArray(folders) && folders.every(isPath) &&
    Array.isArray(files) && files.every(isPlacedFile);
  return isRight ? { kind, prefix, files, folders, runDir, log, events } : null;
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("/") && !value.split("/").includes("..");
}

function isPlacedFile(value: unknown): value is PlacedFile {
  if (typeof value !== "object" || value === null) return false;
  const { path, digest } = value as Partial<PlacedFile>;
  return isPath(path) && typeof digest === "string";
}
