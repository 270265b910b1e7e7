/** `faild watchdog`: for a line of cron. Says nothing while the daemon is well, and starts it where it is not. */
import type { CommandCall } from "../config/command_line.ts";
import type { Configuration } from "../config/merge.ts";
import { pingIn } from "../ping_fault.ts";
import { startNoteFile, startNoteText } from "../start_note.ts";
import { NO_STARTS, parseStartRecord, startRecordFile, startRecordText } from "../start_record.ts";
import { complain } from "./complain.ts";
import { loadConfiguration } from "./configuration.ts";
import { ask } from "./control_client.ts";
import { daemonArguments } from "./daemon_arguments.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
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

/** Looks after the daemon that would run with these flags and this configuration. */
export async function watchdogCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const loaded = await loadConfiguration(call, host);
  if ("exit" in loaded) return loaded.exit;
  const { configuration } = loaded;
  const parts = partsOf(configuration, daemonArguments(call), host);
  const quick = await glance(parts);
  if (quick !== null) return conclude(quick, configuration, host);
  const locked = await lockWatchdogs(configuration.runDir, host);
  if ("exit" in locked) return locked.exit;
  // Who is there to look has waited long enough.
  if (call.flags.has("now")) host.discardFile(startRecordFile(configuration.runDir));
  const outcome = await mend(parts);
  locked.lock.release();
  return conclude(outcome, configuration, host);
}

function partsOf(
  configuration: Configuration,
  args: readonly string[],
  host: Host,
): WatchdogParts {
  const { runDir, settings } = configuration;
  const { daemons } = host;
  const recordFile = startRecordFile(runDir);
  return {
    runDir,
    ping: () => ping(host, runDir),
    lookAtLock: (waitMs) => daemons.lookAtLock(runDir, waitMs),
    portHolders: () => daemons.portHolders(settings.port),
    programOf: daemons.programOf,
    wordsOf: daemons.wordsOf,
    ownProgram: daemons.ownProgram,
    kill: daemons.kill,
    start: () => daemons.start(host.executable, args),
    readRecord: () => {
      const read = host.readTextFile(recordFile, MAX_RECORD_BYTES);
      return read.kind === "text" ? parseStartRecord(read.text) : NO_STARTS;
    },
    writeRecord: (record) =>
      void host.replaceFile(recordFile, startRecordText(record), RECORD_MODE),
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
      return found === null ? { kind: "silent" } : { kind: "answer", ping: found };
    }
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

function conclude(outcome: Outcome, { log }: Configuration, host: Host): ExitCode {
  switch (outcome.kind) {
    case "well":
      return EXIT.ok;
    case "started": {
      const hint = log.file === null && !log.syslog
        ? "; its log goes nowhere: set log.file, or log.syslog"
        : "";
      host.out(`faild watchdog: ${outcome.text}${hint}\n`);
      return EXIT.ok;
    }
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
