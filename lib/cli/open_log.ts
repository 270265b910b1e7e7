/** Opens the log of a configuration. */
import type { Configuration } from "../config/merge.ts";
import type { OpenedLog } from "../host/logger.ts";
import type { Host } from "./host.ts";

/** Opens it, or says why not. */
export function openLogOf({ log, runDir }: Configuration, host: Host): OpenedLog {
  const isJournal = (host.environment("JOURNAL_STREAM") ?? "") !== "";
  return host.openLog(log, host.now, { runDir, isJournal });
}
