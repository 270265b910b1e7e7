/** One watchdog at a time. */
import type { Ms } from "../core/types.ts";
import type { RunLock } from "../host/lock.ts";
import { watchdogFolder } from "../start_record.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";

/** Another one takes no longer, in ms. */
const OTHER_MS: Ms = 30_000;

/**
 * Keeps all watchdogs of a run directory from doing anything, once the one that is at work is done. In a folder of its
 * own, so that it has nothing in common with the lock of the daemon. Where it cannot be had, that was said.
 */
export async function lockWatchdogs(
  runDir: string,
  host: Host,
): Promise<{ readonly lock: RunLock } | { readonly exit: ExitCode }> {
  const locked = await host.lockRunDir(watchdogFolder(runDir), OTHER_MS);
  if (locked.kind === "locked") return { lock: locked.lock };
  if (locked.kind === "failed") {
    complain(host, locked.reason);
    return { exit: locked.isDenied ? EXIT.permission : EXIT.general };
  }
  const who = locked.pid === null ? "" : ` with pid ${locked.pid}`;
  const reason = `another watchdog${who} has been at work for more than ${OTHER_MS / 1000} s`;
  complain(host, `Cannot go on: ${reason}`);
  return { exit: EXIT.general };
}
