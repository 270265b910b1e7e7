/**
 * One daemon per run directory, for as long as it lives.
 *
 * The lock is the kernel's (flock) on RUNDIR/lock. It ends with the process however that ends, so there is nothing
 * stale to clean up, and child processes do not inherit it. The pid in the file is for people and for the message that
 * a second daemon prints; nobody decides by it.
 *
 * The file is never deleted: between somebody's opening it and his locking it, a deletion would let two daemons lock
 * two files of one name, each sure to be alone.
 */
import { failureReason } from "./failure.ts";

/** How long a free lock may take, in ms; a predecessor that is just ending gets this time too. */
const WAIT_MS = 1000;
/** A file that keeps being replaced while we lock it is not worth more tries. */
const MAX_ATTEMPTS = 3;
/** More than any pid needs. */
const PID_BYTES = 32;

/** A lock that is ours. */
export interface RunLock {
  /** Gives it back; the file stays, empty. */
  release(): void;
}

export type LockResult =
  | { readonly kind: "locked"; readonly lock: RunLock }
  /**
   * Another process has it; its pid where the file says one. A thread keeps waiting for the lock in vain, so the
   * process has to be ended by Deno.exit.
   */
  | { readonly kind: "held"; readonly pid: number | null }
  | { readonly kind: "failed"; readonly reason: string };

/** Takes the lock of a run directory, which is made where it is missing; waits for it up to `waitMs`. */
export async function lockRunDir(runDir: string, waitMs = WAIT_MS): Promise<LockResult> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const result = await tryLock(runDir, waitMs);
    if (result !== "replaced") return result;
  }
  return { kind: "failed", reason: `Cannot lock ${runDir}/lock: it keeps being replaced` };
}

async function tryLock(runDir: string, waitMs: number): Promise<LockResult | "replaced"> {
  const path = `${runDir}/lock`;
  let file: Deno.FsFile;
  try {
    file = openLockFile(runDir, path);
  } catch (error) {
    return { kind: "failed", reason: openProblem(runDir, error) };
  }
  const outcome = await waitForLock(file, waitMs);
  if (outcome === "held") return { kind: "held", pid: readPid(path) };
  if (outcome !== "locked") {
    file.close();
    return { kind: "failed", reason: `Cannot lock ${path}: ${outcome.reason}` };
  }
  if (!isSameFile(file, path)) {
    file.close();
    return "replaced";
  }
  writePid(file);
  return { kind: "locked", lock: { release: () => release(file) } };
}

/**
 * Waits in a thread of the runtime, which nothing can call off: whoever gives up has the file closed when the lock is
 * granted after all.
 */
function waitForLock(
  file: Deno.FsFile,
  waitMs: number,
): Promise<"locked" | "held" | { readonly reason: string }> {
  return new Promise((resolve) => {
    let gaveUp = false;
    const timer = setTimeout(() => {
      gaveUp = true;
      resolve("held");
    }, waitMs);
    file.lock(true).then(
      () => gaveUp ? file.close() : resolve("locked"),
      (error: unknown) => resolve({ reason: failureReason(error) }),
    ).finally(() => clearTimeout(timer));
  });
}

function openLockFile(runDir: string, path: string): Deno.FsFile {
  Deno.mkdirSync(runDir, { recursive: true, mode: 0o755 });
  // Readable by all, so that anybody may learn who runs; not truncated, since it may be another's.
  return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o644 });
}

function openProblem(runDir: string, error: unknown): string {
  const reason = failureReason(error);
  const remedy = error instanceof Deno.errors.PermissionDenied
    ? " (run as root, or name another one with --run-dir)"
    : "";
  return `Cannot use run directory ${runDir}: ${reason}${remedy}`;
}

/** Whether the path still leads to the file that was locked. */
function isSameFile(file: Deno.FsFile, path: string): boolean {
  const ours = file.statSync();
  try {
    const named = Deno.statSync(path);
    return named.dev === ours.dev && named.ino === ours.ino;
  } catch {
    return false;
  }
}

function writePid(file: Deno.FsFile): void {
  try {
    file.truncateSync(0);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  } catch {
    // On a full disk the pid is missing from a message; the lock holds all the same.
  }
}

function release(file: Deno.FsFile): void {
  try {
    file.truncateSync(0);
  } catch {
    // An old pid in a file that nobody locks misleads nobody.
  }
  file.close();
}

function readPid(path: string): number | null {
  try {
    const text = readHead(path);
    const pid = /^(\d{1,10})\n$/.exec(text)?.[1];
    return pid === undefined ? null : Number(pid);
  } catch {
    return null;
  }
}

function readHead(path: string): string {
  const file = Deno.openSync(path, { read: true });
  try {
    const bytes = new Uint8Array(PID_BYTES);
    const length = file.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    file.close();
  }
}
