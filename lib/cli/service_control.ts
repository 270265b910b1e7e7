/** Starts and stops the daemon through whoever keeps it running. */
import type { Configuration } from "../config/merge.ts";
import type { Ms } from "../core/types.ts";
import { startRecordFile } from "../start_record.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { failureOf } from "./ran.ts";
import {
  daemonWords,
  type ServiceKind,
  type ServicePlace,
  watchdogWords,
} from "./service_files.ts";
import { lockWatchdogs } from "./watchdog_lock.ts";

/** The name of its unit. */
export const UNIT = "faild.service";
/** It is there where systemd is the first process. */
const SYSTEMD_RUNS = "/run/systemd/system";

/** How long a daemon may take to end, in ms: it takes its routes away, even where ip does not answer. */
const END_MS: Ms = 30_000;
/** Whoever starts, stops or checks a daemon has done so by then, in ms: a watchdog may wait for another one first. */
const LONG_MS: Ms = 120_000;

/** Whether systemd keeps the services of this machine, now and not only perhaps. */
export function systemdRuns(host: Host): boolean {
  return host.placer.isFolder(SYSTEMD_RUNS);
}

/** Whether a cron runs here; where that cannot be told, as well. */
export async function cronRuns(host: Host): Promise<boolean> {
  const ran = await host.runProgram("pidof", ["cron", "crond"]);
  return ran.kind !== "ended" || ran.code === 0;
}

/**
 * Has this program, as its file is now, check what the daemon would run with. Null: it could run; else the exit code,
 * and why it could not was said.
 */
export async function checkProgram(
  place: ServicePlace,
  configuration: Configuration,
  host: Host,
): Promise<ExitCode | null> {
  const words = ["check", ...daemonWords(place, configuration)];
  const ran = await host.runProgram(host.executable, words, LONG_MS);
  if (ran.kind === "ended" && ran.code === 0) return null;
  host.error(`${failureOf(ran, host.executable)}\n`);
  complain(host, "Cannot install: faild check refuses the configuration; nothing was changed");
  return ran.kind === "ended" && ran.code === EXIT.config ? EXIT.config : EXIT.general;
}

/** Asks systemctl for something; false: it did not do it, which was said. */
async function systemctl(args: readonly string[], host: Host): Promise<boolean> {
  const ran = await host.runProgram("systemctl", args, LONG_MS);
  if (ran.kind === "ended" && ran.code === 0) return true;
  complain(host, `Cannot run systemctl ${args.join(" ")}: ${failureOf(ran, "systemctl")}`);
  return false;
}

/**
 * Has the daemon started, and from now on kept running.
 *
 * @param isRenewed a daemon that runs already is another than the one just installed
 * @returns whether it runs; why it does not was said
 */
export async function startService(
  place: ServicePlace,
  configuration: Configuration,
  isRenewed: boolean,
  host: Host,
): Promise<boolean> {
  if (place.kind === "systemd") {
    return await systemctl(["daemon-reload"], host) &&
      await systemctl(["enable", UNIT], host) &&
      await systemctl([isRenewed ? "restart" : "start", UNIT], host);
  }
  if (!await makeReady(configuration.runDir, isRenewed, host)) return false;
  const [program = "", ...args] = watchdogWords(place, configuration);
  const ran = await host.runProgram(program, args, LONG_MS);
  if (ran.kind === "ended" && ran.code === 0) return true;
  // It is the watchdog's own complaint, which begins as this one does.
  const reason = failureOf(ran, program).replace(/^faild: (?:Cannot look after faild: )?/, "");
  complain(host, `Cannot start ${program}: ${reason}`);
  return false;
}

/** Ends what the next run of the watchdog is not to find, while no other one is at work. */
async function makeReady(runDir: string, isRenewed: boolean, host: Host): Promise<boolean> {
  const locked = await lockWatchdogs(runDir, host);
  if ("exit" in locked) return false;
  // One that hangs, and so is late, is the watchdog's business.
  const isReady = !isRenewed || await stopDaemon(runDir, host) !== "refused";
  // Who installs has looked at what was wrong: the rest after repeated starts is over.
  if (isReady) host.discardFile(startRecordFile(runDir));
  locked.lock.release();
  return isReady;
}

/**
 * Has the daemon no longer kept running, and stopped; false: it still runs, and why was said.
 *
 * @param hasUnit whether the file of the unit is still there
 */
export async function stopService(
  kind: ServiceKind,
  hasUnit: boolean,
  runDirs: readonly string[],
  host: Host,
): Promise<boolean> {
  if (kind === "systemd" && systemdRuns(host)) {
    // Without its file systemd cannot disable it, but may still know it, and would start the daemon again. Where it does
    // not, there is nothing to stop.
    if (!hasUnit) await host.runProgram("systemctl", ["stop", UNIT], LONG_MS);
    else if (!await systemctl(["disable", "--now", UNIT], host)) return false;
  }
  for (const runDir of runDirs) {
    const stopped = await stopDaemon(runDir, host);
    if (stopped === "refused") return false;
    if (stopped === "late") {
      complain(host, `Cannot stop the daemon: it has not ended within ${END_MS / 1000} s`);
      return false;
    }
  }
  return true;
}

/** Lets systemd know that the unit is gone. */
export async function forgetUnit(host: Host): Promise<void> {
  if (systemdRuns(host)) await systemctl(["daemon-reload"], host);
}

/**
 * Stops whichever daemon has the lock of the run directory, and waits for its end. Late: it was asked, and still lives.
 * Refused: it could not be asked, and why was said.
 */
async function stopDaemon(runDir: string, host: Host): Promise<"stopped" | "late" | "refused"> {
  const held = await host.daemons.lookAtLock(runDir);
  if (held.kind === "free") return "stopped";
  const problem = held.kind === "failed"
    ? held.reason
    : held.pid === null
    ? `somebody holds ${runDir}/lock, and does not say who`
    : host.terminate(held.pid);
  if (problem !== null) {
    complain(host, `Cannot stop the daemon: ${problem}`);
    return "refused";
  }
  const after = await host.daemons.lookAtLock(runDir, END_MS);
  return after.kind === "free" ? "stopped" : "late";
}
