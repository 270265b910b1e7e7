/**
 * One daemon per run directory, for as long as it lives.
 *
 * The lock is the kernel's (flock) on RUNDIR/lock. It ends with the process however that ends, so there is nothing
 * stale to clean up, and child processes do not inherit it. The pid in the file is for people and for the message that
 * a second daemon prints. Whoever gives the lock back empties the file: a pid that is found in it is that of one who did
 * not come to his end by himself.
 *
 * The file is never deleted: between somebody's opening it and his locking it, a deletion would let two daemons lock
 * two files of one name, each sure to be alone.
 */
import { failureReason } from "./failure.ts";
import { modeText } from "./files.ts";

/** How long a free lock may take, in ms; a predecessor that is just ending gets this time too. */
const WAIT_MS = 1000;
/** A file that keeps being replaced while we lock it is not worth more tries. */
const MAX_ATTEMPTS = 3;
/** More than any pid needs. */
const PID_BYTES = 32;
/** The right of everybody to write. */
const ALL_WRITE = 0o002;

/** A lock that is ours. */
export interface RunLock {
  /** Gives it back; the file stays, empty. */
  release(): void;
}

export type LockResult =
  | {
    readonly kind: "locked";
    readonly lock: RunLock;
    /** The pid of the holder before us, who died without giving it back; missing: there is none. */
    readonly leftPid?: number;
  }
  /**
   * Another process has it; its pid where the file says one. A thread keeps waiting for the lock in vain, so the
   * process has to be ended by Deno.exit.
   */
  | { readonly kind: "held"; readonly pid: number | null }
  /** `isDenied`: it is the rights that are missing. */
  | { readonly kind: "failed"; readonly reason: string; readonly isDenied: boolean };

/** Takes the lock of a run directory, which is made where it is missing; waits for it up to `waitMs`. */
export async function lockRunDir(runDir: string, waitMs = WAIT_MS): Promise<LockResult> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const result = await tryLock(runDir, waitMs);
    if (result !== "replaced") return result;
  }
  return failed(`Cannot lock ${runDir}/lock: it keeps being replaced`);
}

async function tryLock(runDir: string, waitMs: number): Promise<LockResult | "replaced"> {
  const path = `${runDir}/lock`;
  let file: Deno.FsFile;
  try {
    Deno.mkdirSync(runDir, { recursive: true, mode: 0o755 });
    const problem = folderProblem(runDir);
    if (problem !== null) return failed(problem);
    file = openLockFile(path);
  } catch (error) {
    return openFailure(runDir, error);
  }
  const outcome = await waitForLock(file, waitMs);
  if (outcome === "held") return { kind: "held", pid: pidIn(path) };
  if (outcome !== "locked") {
    file.close();
    return failed(`Cannot lock ${path}: ${outcome.reason}`);
  }
  if (!isSameFile(file, path)) {
    file.close();
    return "replaced";
  }
  const leftPid = pidIn(path);
  writePid(file);
  const lock = { release: () => release(file) };
  return leftPid === null ? { kind: "locked", lock } : { kind: "locked", lock, leftPid };
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

/** Where everybody may put links under the names of our files, what those lead to would be overwritten. */
function folderProblem(runDir: string): string | null {
  const { mode } = Deno.statSync(runDir);
  if (mode !== null && (mode & ALL_WRITE) === 0) return null;
  const rule = `must not be writable by all (chmod o-w), its mode is ${modeText(mode)}`;
  return `Cannot use run directory ${runDir}: ${rule}`;
}

function openLockFile(path: string): Deno.FsFile {
  // Nobody else may open it: who can read a file can lock it, and keep a daemon from starting. Not truncated, since it
  // may be another's.
  return Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
}

function openFailure(runDir: string, error: unknown): LockResult {
  const isDenied = error instanceof Deno.errors.PermissionDenied;
  const remedy = isDenied ? " (run as root, or name another one with --run-dir)" : "";
  return failed(`Cannot use run directory ${runDir}: ${failureReason(error)}${remedy}`, isDenied);
}

function failed(reason: string, isDenied = false): LockResult {
  return { kind: "failed", reason, isDenied };
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
    // The next one takes us for dead without reason, which a disk that cannot be written has to answer for.
  }
  file.close();
}

/** The pid in a lock file; null: there is none in it. */
export function pidIn(path: string): number | null {
  try {
    using file = Deno.openSync(path, { read: true });
    const bytes = new Uint8Array(PID_BYTES);
    const text = new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
    // None is 0: a signal to that would go to our own group.
    const pid = /^([1-9]\d{0,9})\n$/.exec(text)?.[1];
    return pid === undefined ? null : Number(pid);
  } catch {
    return null;
  }
}
