/** Other programs, run to their end, and other processes. */
import type { Ms } from "../core/types.ts";
import { failureReason } from "./failure.ts";

/** Where distributions put programs. Nothing is looked up in PATH: we run with the right to change routes. */
const FOLDERS: readonly string[] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];
/** What only looks at something has done so by then, in ms. */
const LIMIT_MS: Ms = 5000;

/** What came of running a program. */
export type Ran =
  | {
    readonly kind: "ended";
    readonly code: number;
    /** What it said on its standard output, and on its standard error. */
    readonly output: string;
    readonly errors: string;
  }
  /** It is in none of the places where it was looked for. */
  | { readonly kind: "missing" }
  /** It could not be run, or not to its end. */
  | { readonly kind: "failed"; readonly reason: string };

/** Full paths at which a program may be, the usual first. */
export function programPaths(name: string): readonly string[] {
  return FOLDERS.map((folder) => `${folder}/${name}`);
}

/**
 * Runs a program to its end.
 *
 * @param program its full path, or the name of one of the system
 * @param limitMs one that has not ended by then, in ms, is killed, and has failed
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  limitMs: Ms = LIMIT_MS,
): Promise<Ran> {
  for (const path of program.startsWith("/") ? [program] : programPaths(program)) {
    try {
      const child = new Deno.Command(path, {
        args: [...args],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const ended = await within(limitMs, child.output());
      if (ended === null) {
        giveUp(child);
        const reason = `Cannot wait for ${path}: it has not ended within ${limitMs / 1000} s`;
        return { kind: "failed", reason };
      }
      const decoder = new TextDecoder();
      const [output, errors] = [decoder.decode(ended.stdout), decoder.decode(ended.stderr)];
      return { kind: "ended", code: ended.code, output, errors };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      // Deno names the program too.
      const reason = failureReason(error).replace(/^Failed to spawn '.*?': /, "");
      return { kind: "failed", reason: `Cannot run ${path}: ${reason}` };
    }
  }
  return { kind: "missing" };
}

/** What comes of it within `limitMs`; null: nothing. */
async function within<Result>(limitMs: Ms, result: Promise<Result>): Promise<Result | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), limitMs);
  try {
    return await Promise.race([result, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nobody waits for it any more, nor for its children: the kernel may hold the one, the others our pipes. */
function giveUp(child: Deno.ChildProcess): void {
  child.unref();
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** Asks a process to stop (SIGTERM); null, or why it could not be asked. */
export function terminate(pid: number): string | null {
  try {
    Deno.kill(pid, "SIGTERM");
    return null;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? null : failureReason(error);
  }
}
