/** `faild watchdog`: for a line of cron. Says nothing while the daemon is well, and starts it where it is not. */
import type { CommandCall } from "../config/command_line.ts";
import type { Configuration } from "../config/merge.ts";
import { DEFAULT_CONFIG_FILE, RUN_DIR_VARIABLE } from "../config/options.ts";
import { pingIn } from "../ping_fault.ts";
import { startNoteFile, startNoteText } from "../start_note.ts";
import { NO_STARTS, parseStartRecord, startRecordFile, startRecordText } from "../start_record.ts";
import { complain } from "./complain.ts";
import { loadConfiguration } from "./configuration.ts";
import { ask } from "./control_client.ts";
import { daemonArguments } from "./daemon_arguments.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { runDirOf } from "./run_dir.ts";
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
 * whatever is wrong with the configuration by now: it goes on with the one that it has.
 */
export async function watchdogCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const runDir = await runDirOf(call, host);
  if (typeof runDir !== "string") return runDir.exit;
  const quick = await glance(looksAt(runDir, host));
  if (quick !== null) return conclude(quick, "", host);
  const loaded = await loadConfiguration(call, host);
  if ("exit" in loaded) return loaded.exit;
  const { configuration } = loaded;
  const parts = partsOf(call, configuration, host);
  const locked = await lockWatchdogs(configuration.runDir, host);
  if ("exit" in locked) return locked.exit;
  // Who is there to look has waited long enough.
  if (call.flags.has("now")) host.discardFile(startRecordFile(configuration.runDir));
  const outcome = await mend(parts);
  locked.lock.release();
  const { log } = configuration;
  return conclude(outcome, log.file === null && !log.syslog ? NO_LOG : "", host);
}

const NO_LOG = "; its log goes nowhere: set log.file, or log.syslog";

/** What a glance needs. */
function looksAt(runDir: string, host: Host): Pick<WatchdogParts, "ping" | "readRecord"> {
  return {
    ping: () => ping(host, runDir),
    readRecord: () => {
      const read = host.readTextFile(startRecordFile(runDir), MAX_RECORD_BYTES);
      return read.kind === "text" ? parseStartRecord(read.text) : NO_STARTS;
    },
  };
}

function partsOf(
  call: CommandCall,
  { runDir, settings }: Configuration,
  host: Host,
): WatchdogParts {
  const { daemons } = host;
  return {
    ...looksAt(runDir, host),
    runDir,
    configFile: call.given.has("runDir") ? null : call.configFile ?? DEFAULT_CONFIG_FILE,
    lookAtLock: (waitMs) => daemons.lookAtLock(runDir, waitMs),
    portHolders: () => daemons.portHolders(settings.port),
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

async function ping(host: Host, runDir: string): Promise<Pinged> {
  const asked = await ask(host, runDir, { command: "ping" }, ANSWER_MS);
  switch (asked.kind) {
    case "answer": {
      const found = pingIn(asked.lines.at(-1));
      // It does not hang, and is of another version.
      if (found === null) return { kind: "refused", reason: "its answer cannot be read" };
      return { kind: "answer", ping: found };
    }
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
      // Who sits before a terminal has not read what cron was told.
      if (!outcome.isTold || host.isTerminal()) {
        complain(host, `Cannot look after faild: ${outcome.text}`);
      }
      return EXIT.general;
    case "forbidden":
      complain(host, outcome.text);
      return EXIT.permission;
  }
}
