/** The way to the service manager that started this process. */
import { runProgram } from "./program.ts";
import { type UnixDatagrams, unixDatagrams } from "./unix_datagrams.ts";

/** The clock of /proc/uptime ticks so often, in µs. */
const TICK_US = 10_000;

/** A socket to tell things to, or why there is none. */
export type ServiceSocket =
  | { readonly kind: "open"; readonly datagrams: UnixDatagrams }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Opens the way to the socket that NOTIFY_SOCKET names.
 *
 * @param runDir a folder of ours, in which a name is needed for a moment
 * @param failed told once of each trouble
 */
export function openServiceSocket(
  target: string,
  runDir: string,
  failed: (reason: string) => void,
): ServiceSocket {
  if (!target.startsWith("/")) {
    const reason = `Cannot use NOTIFY_SOCKET: must be a full path, is ${target}`;
    return { kind: "failed", reason };
  }
  const ownPath = `${runDir}/notify.sock`;
  return { kind: "open", datagrams: unixDatagrams({ target, ownPath, failed }) };
}

/**
 * The monotonic clock of the system in µs, rounded up. The runtime's own begins with the process, so that this one is
 * read from /proc/uptime: that also counts the time of sleep, and is never behind. Null: it cannot be read.
 */
export async function monotonicUs(): Promise<number | null> {
  // The program itself may not read it.
  const ran = await runProgram("cat", ["/proc/uptime"]);
  return ran.kind === "ended" && ran.code === 0 ? parseUptime(ran.output) : null;
}

/** The first figure of /proc/uptime, `seconds.hundredths`, in µs and rounded up; null: it has none. */
export function parseUptime(text: string): number | null {
  const [, seconds, hundredths] = /^(\d{1,12})\.(\d\d) /.exec(text) ?? [];
  if (seconds === undefined) return null;
  return Number(seconds) * 1_000_000 + (Number(hundredths) + 1) * TICK_US;
}
