/** Starts and stops the daemon through whoever keeps it running. */
import type { Configuration } from "../config/merge.ts";
import { startRecordFile } from "../start_record.ts";
import { complain } from "./complain.ts";
import type { Host } from "./host.ts";
import { failureOf } from "./ran.ts";
import { type ServiceKind, type ServicePlace, watchdogWords } from "./service_files.ts";

const UNIT = "faild.service";
/** It is there where systemd is the first process. */
const SYSTEMD_RUNS = "/run/systemd/system";

/** How long a daemon may take to end, in ms: it takes its routes away, even where ip does not answer. */
const END_MS = 30_000;

/** Whether systemd keeps the services of this machine, now and not only perhaps. */
export function systemdRuns(host: Host): boolean {
  return host.placer.isFolder(SYSTEMD_RUNS);
}

/** Asks systemctl for something; false: it did not do it, which was said. */
async function systemctl(args: readonly string[], host: Host): Promise<boolean> {
  const ran = await host.runProgram("systemctl", args);
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
  if (isRenewed && !await stopDaemon(configuration.runDir, host)) return false;
  // Who installs has looked at what was wrong: the rest after repeated starts is over.
  host.discardFile(startRecordFile(configuration.runDir));
  const [program = "", ...args] = watchdogWords(place, configuration);
  const ran = await host.runProgram(program, args);
  if (ran.kind === "ended" && ran.code === 0) return true;
  complain(host, `Cannot start ${program}: ${failureOf(ran, program)}`);
  return false;
}

/** Has the daemon no longer kept running, and stopped; false: it still runs, and why was said. */
export async function stopService(
  kind: ServiceKind,
  runDirs: readonly string[],
  host: Host,
): Promise<boolean> {
  if (kind === "systemd" && systemdRuns(host)) {
    if (!await systemctl(["disable", "--now", UNIT], host)) return false;
  }
  for (const runDir of runDirs) if (!await stopDaemon(runDir, host)) return false;
  return true;
}

/** Lets systemd know that the unit is gone. */
export async function forgetUnit(host: Host): Promise<void> {
  if (systemdRuns(host)) await systemctl(["daemon-reload"], host);
}

/** Stops whichever daemon has the lock of the run directory, and waits for its end. */
async function stopDaemon(runDir: string, host: Host): Promise<boolean> {
  const held = await host.daemons.lookAtLock(runDir);
  if (held.kind === "free") return true;
  const problem = held.kind === "failed"
    ? held.reason
    : held.pid === null
    ? `somebody holds ${runDir}/lock, and does not say who`
    : host.terminate(held.pid);
  if (problem !== null) {
    complain(host, `Cannot stop the daemon: ${problem}`);
    return false;
  }
  const after = await host.daemons.lookAtLock(runDir, END_MS);
  if (after.kind === "free") return true;
  complain(host, `Cannot stop the daemon: it has not ended within ${END_MS / 1000} s`);
  return false;
}
