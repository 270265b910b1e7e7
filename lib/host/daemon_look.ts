/**
 * What can be found out about a daemon that does not answer, without asking it. The program may not read /proc, and
 * `ps` may not be there; the lock of the run directory tells whether it lives, and `ss` of iproute2 who has its port.
 */
import { failureReason } from "./failure.ts";
import { pidIn } from "./lock.ts";
import { runProgram } from "./program.ts";

/** How long a lock that is free may take to be had, in ms. */
const WAIT_MS = 1000;

/** Who has the lock of a run directory. */
export type LockLook =
  /**
   * Nobody; or there is no such directory. The pid of the last holder, where that died without giving it back; missing:
   * there is none.
   */
  | { readonly kind: "free"; readonly leftPid?: number }
  /** Somebody, whose pid the file names, or does not. */
  | { readonly kind: "held"; readonly pid: number | null }
  | { readonly kind: "failed"; readonly reason: string };

/** A process that has a UDP port. */
export interface PortHolder {
  readonly pid: number;
  /** The kernel's name of it: that of its file, cut to 15 characters. */
  readonly program: string;
}

/**
 * Looks whether somebody has the lock, and leaves it as it is. A free one is taken for a moment; the file is not
 * changed.
 *
 * @param waitMs it becomes free within so long: it is free
 */
export async function lookAtLock(runDir: string, waitMs = WAIT_MS): Promise<LockLook> {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(`${runDir}/lock`, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "free" };
    return { kind: "failed", reason: failureReason(error) };
  }
  const { promise, resolve } = Promise.withResolvers<LockLook>();
  let gaveUp = false;
  const timer = setTimeout(() => {
    gaveUp = true;
    // Not by the open file: whoever waits for the lock has it to himself.
    resolve({ kind: "held", pid: pidIn(`${runDir}/lock`) });
  }, waitMs);
  // A thread waits for it, which nothing can call off: where it is granted late, closing gives it back.
  file.lock(false).then(
    () => {
      const leftPid = gaveUp ? null : pidIn(`${runDir}/lock`);
      file.close();
      if (!gaveUp) resolve(leftPid === null ? { kind: "free" } : { kind: "free", leftPid });
    },
    (error: unknown) => {
      file.close();
      resolve({ kind: "failed", reason: failureReason(error) });
    },
  ).finally(() => clearTimeout(timer));
  return await promise;
}

/** Who has a UDP port on any address of this machine; nobody where `ss` cannot be asked. */
export async function portHolders(port: number): Promise<readonly PortHolder[]> {
  const ran = await runProgram("ss", ["-Hlnup", "sport", "=", `:${port}`]);
  return ran.kind === "ended" ? parsePortHolders(ran.output) : [];
}

/** The processes in what `ss -p` prints, each once: `users:(("faild",pid=4711,fd=12),("faild",pid=4711,fd=13))`. */
export function parsePortHolders(text: string): readonly PortHolder[] {
  const holders = new Map<number, PortHolder>();
  for (const [, program = "", digits = ""] of text.matchAll(/\("([^"]*)",pid=(\d+),/g)) {
    const pid = Number(digits);
    holders.set(pid, { pid, program });
  }
  return [...holders.values()];
}

/** The kernel's name of a process, as in `PortHolder`; null: it is gone, or that cannot be told. */
export async function programOf(pid: number): Promise<string | null> {
  const ran = await runProgram("cat", [`/proc/${pid}/comm`]);
  return ran.kind === "ended" && ran.code === 0 ? ran.output.replace(/\n$/, "") : null;
}

/** The words that a process was started with; none: it is gone, or that cannot be told. */
export async function wordsOf(pid: number): Promise<readonly string[]> {
  return await textsIn(`/proc/${pid}/cmdline`);
}

/** What the environment of a process said when it was started; undefined: nothing, or that cannot be told. */
export async function variableOf(pid: number, name: string): Promise<string | undefined> {
  const start = `${name}=`;
  const found = (await textsIn(`/proc/${pid}/environ`)).find((each) => each.startsWith(start));
  return found?.slice(start.length);
}

async function textsIn(path: string): Promise<readonly string[]> {
  const ran = await runProgram("cat", [path]);
  return ran.kind === "ended" && ran.code === 0 ? ran.output.replace(/\0$/, "").split("\0") : [];
}

/** The kernel's name of this program. */
export function ownProgram(): string {
  return new TextDecoder().decode(
    new TextEncoder().encode(Deno.execPath().split("/").at(-1) ?? "").subarray(0, 15),
  );
}
