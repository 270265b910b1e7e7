/** Other programs, run to their end, and other processes. */
import { failureReason } from "./failure.ts";

/** Where distributions put programs. Nothing is looked up in PATH: we run with the right to change routes. */
const FOLDERS: readonly string[] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

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
  | { readonly kind: "failed"; readonly reason: string };

/** Full paths at which a program may be, the usual first. */
export function programPaths(name: string): readonly string[] {
  return FOLDERS.map((folder) => `${folder}/${name}`);
}

/**
 * Runs a program to its end.
 *
 * @param program its full path, or the name of one of the system
 */
export async function runProgram(program: string, args: readonly string[]): Promise<Ran> {
  for (const path of program.startsWith("/") ? [program] : programPaths(program)) {
    try {
      const command = new Deno.Command(path, { args: [...args], stdin: "null" });
      const { code, stdout, stderr } = await command.output();
      const decoder = new TextDecoder();
      const [output, errors] = [decoder.decode(stdout), decoder.decode(stderr)];
      return { kind: "ended", code, output, errors };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      // Deno names the program too.
      const reason = failureReason(error).replace(/^Failed to spawn '.*?': /, "");
      return { kind: "failed", reason: `Cannot run ${path}: ${reason}` };
    }
  }
  return { kind: "missing" };
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
