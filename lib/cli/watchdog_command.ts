/** `faild watchdog`: for a line of cron. Says nothing while the daemon is well, and starts it where it is not. */
import type { CommandCall } from "../config/command_line.ts";
import { DEFAULT_CONFIG_FILE, RUN_DIR_VARIABLE } from "../config/options.ts";
import { listed } from "../notice_words.ts";
import { startNoteFile, startNoteText } from "../start_note.ts";
import { NO_STARTS, parseStartRecord, startRecordFile, startRecordText } from "../start_record.ts";
import { complain } from "./complain.ts";
import { type Read, readConfiguration } from "./configuration.ts";
import { daemonArguments } from "./daemon_arguments.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { keysOf } from "./keys.ts";
import { runDirOf } from "./run_dir.ts";
import { askStatus } from "./status_data.ts";
import {
  ANSWER_MS,
  glance,
  mend,
  type Outcome,
  type Pinged,
  type WatchdogParts,
} from "./watchdog.ts";
import { lockWatchdogs } from "./watchdog_lock.ts";

const MAX_RECORD_BYTES = 4096;
/** Of the record and of the note. */
const RECORD_MODE = 0o644;

/**
 * Looks after the daemon that would run with these flags and this configuration. One that is well is left in peace
 * whatever is wrong with the configuration by now, as it goes on with the one that it has; but people are told, as it
 * could not be started anew.
 */
export async function watchdogCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const runDir = await runDirOf(call, host);
  if (typeof runDir !== "string") return runDir.exit;
  const read = await readConfiguration(call, host);
  const parts = partsOf(call, runDir, read, host);
  const quick = await glance(parts);
  if (quick !== null) return conclude(quick, "", host);
  const locked = await lockWatchdogs(runDir, host);
  if ("exit" in locked) return locked.exit;
  // Who is there to look has waited long enough.
  if (call.flags.has("now")) host.discardFile(startRecordFile(runDir));
  const outcome = await mend(parts);
  locked.lock.release();
  return conclude(outcome, hasLog(read) ? "" : NO_LOG, host);
}

const NO_LOG = "; its log goes nowhere: set log.file, or log.syslog";

function hasLog(read: Read): boolean {
  if ("problems" in read) return false;
  const { file, syslog } = read.configuration.log;
  return file !== null || syslog;
}

function partsOf(call: CommandCall, runDir: string, read: Read, host: Host): WatchdogParts {
  const { daemons } = host;
  const port = "configuration" in read ? read.configuration.settings.port : null;
  return {
    runDir,
    configFile: call.given.has("runDir") ? null : call.configFile ?? DEFAULT_CONFIG_FILE,
    unusable: unusableText(read, host),
    ping: () => ping(host, runDir),
    readRecord: () => {
      const read = host.readTextFile(startRecordFile(runDir), MAX_RECORD_BYTES);
      return read.kind === "text" ? parseStartRecord(read.text) : NO_STARTS;
    },
    lookAtLock: (waitMs) => daemons.lookAtLock(runDir, waitMs),
    // Which port it has nobody knows then; and nothing is started, nor killed.
    portHolders: () => port === null ? Promise.resolve([]) : daemons.portHolders(port),
    programOf: daemons.programOf,
    wordsOf: daemons.wordsOf,
    runDirVariableOf: (pid) => daemons.variableOf(pid, RUN_DIR_VARIABLE),
    ownProgram: daemons.ownProgram,
    kill: daemons.kill,
    start: () => daemons.start(host.executable, daemonArguments(call)),
    writeRecord: (record) =>
      host.replaceFile(startRecordFile(runDir), startRecordText(record), RECORD_MODE) === null,
    writeNote: (note) =>
      void host.replaceFile(startNoteFile(runDir), startNoteText(note), RECORD_MODE),
    now: host.now,
    wallNow: host.wallNow,
    delay: host.udp.delay,
  };
}

/** All that is wrong with what a daemon would be started with; null: nothing is. */
function unusableText(read: Read, host: Host): string | null {
  if ("problems" in read) return listed(read.problems, String);
  const keys = keysOf(read.configuration, host);
  return keys !== null && "problems" in keys ? listed(keys.problems, String) : null;
}

async function ping(host: Host, runDir: string): Promise<Pinged> {
  const asked = await askStatus(host, runDir, "overview", ANSWER_MS);
  if ("status" in asked) return { kind: "answer", ping: asked.status };
  switch (asked.kind) {
    // It does not hang.
    case "foreign":
      return { kind: "refused", reason: asked.reason };
    case "refused":
      return { kind: "refused", reason: asked.errors.join("; ") };
    case "not-running":
      return { kind: "absent" };
    case "forbidden":
      return { kind: "forbidden", reason: asked.reason };
    case "silent":
    case "failed":
      return { kind: "silent" };
  }
}

/** @param hint what is to be said beside that a daemon was started */
function conclude(outcome: Outcome, hint: string, host: Host): ExitCode {
  switch (outcome.kind) {
    case "well":
      return EXIT.ok;
    case "started":
      host.out(`faild watchdog: ${outcome.text}${hint}\n`);
      return EXIT.ok;
    case "recovered":
      host.out(`faild watchdog: ${outcome.text}\n`);
      return EXIT.ok;
    case "failed":
    case "unusable":
      // Who sits before a terminal has not read what cron was told.
      if (!outcome.isTold || host.isTerminal()) {
        complain(host, `Cannot look after faild: ${outcome.text}`);
      }
      return outcome.kind === "failed" ? EXIT.general : EXIT.config;
    case "forbidden":
      complain(host, outcome.text);
      return EXIT.permission;
  }
}
