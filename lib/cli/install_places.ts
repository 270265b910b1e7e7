/** Where an installation goes, and what is known of the one before it. */
import { complain } from "./complain.ts";
import type { Host } from "./host.ts";
import { type InstallRecord, parseRecord, RECORD_FILE } from "./install_record.ts";

const DEFAULT_PREFIX = "/usr/local";
const MAX_RECORD_BYTES = 256 * 1024;

/** What `install` and `uninstall` are told alike. */
export interface Places {
  readonly prefix: string;
  /** What all paths are put below; empty: this machine. */
  readonly root: string;
  /** Whether nothing is to be changed. */
  readonly isDry: boolean;
}

/** The places that the flags name. */
export function placesOf(flags: ReadonlyMap<string, string | true>): Places {
  const path = (flag: string, fallback: string) => {
    const value = flags.get(flag);
    return typeof value === "string" ? value.replace(/\/+$/, "") : fallback;
  };
  return {
    prefix: path("prefix", DEFAULT_PREFIX) || "/",
    root: path("root", ""),
    isDry: flags.has("dry-run"),
  };
}

/** What is installed; null: nothing. That a record cannot be used was said. */
export function readRecord({ root }: Places, host: Host): InstallRecord | null | "unreadable" {
  const file = root + RECORD_FILE;
  const read = host.readTextFile(file, MAX_RECORD_BYTES);
  if (read.kind === "missing") return null;
  const record = read.kind === "text" ? parseRecord(read.text) : null;
  if (record !== null) return record;
  const reason = read.kind === "text" ? "is no record of an installation" : read.reason;
  complain(host, `Cannot read ${file}: ${reason}`);
  return "unreadable";
}
