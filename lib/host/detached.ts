/** Starts this program again as a daemon, which outlives the one who started it. */
import { failureReason } from "./failure.ts";

/** Characters kept of what it says on standard error: the last ones. */
const MOST_SAID = 2000;

/** A daemon that was started. */
export interface Started {
  readonly pid: number;
  /** Resolves if it ends: how, and what it said last. */
  readonly ended: Promise<string>;
}

/**
 * Starts a program in a session of its own, so that the end of a terminal, or of cron's run, is not its end. Of what it
 * says on standard error only the reason of an early end is of interest; from the end of this process on it goes
 * nowhere, which the log outlives.
 */
export function startDetached(
  program: string,
  args: readonly string[],
): Started | { readonly reason: string } {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      // It is nobody's service: whoever started us has not been told of it.
      env: { NOTIFY_SOCKET: "", WATCHDOG_USEC: "", JOURNAL_STREAM: "" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    return { reason: `Cannot run ${program}: ${failureReason(error)}` };
  }
  return { pid: child.pid, ended: end(child) };
}

async function end(child: Deno.ChildProcess): Promise<string> {
  let said = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said = (said + text).slice(-MOST_SAID);
    }
  })().catch(() => {});
  const { code, signal } = await child.status;
  await reading;
  const how = signal === null ? `with exit status ${code}` : `by ${signal}`;
  const words = said.trim().split("\n").at(-1) ?? "";
  return words === "" ? how : `${how}: ${words}`;
}

/** Kills a process; null, or why that is not possible. */
export function killProcess(pid: number): string | null {
  try {
    Deno.kill(pid, "SIGKILL");
    return null;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? null : failureReason(error);
  }
}
