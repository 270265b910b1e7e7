/** Other programs, run to their end, and other processes. */
import { failureReason } from "./failure.ts";

/** What came of running a program. */
export type Ran =
  | { readonly kind: "ended"; readonly code: number; readonly output: string }
  /** It is in none of the places where it was looked for. */
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Runs a program to its end.
 *
 * @param programs full paths at which it may be, the usual first
 * @returns its exit code and all that it said on either stream
 */
export async function runProgram(
  programs: readonly string[],
  args: readonly string[],
): Promise<Ran> {
  for (const program of programs) {
    try {
      const command = new Deno.Command(program, { args: [...args], stdin: "null" });
      const { code, stdout, stderr } = await command.output();
      const decoder = new TextDecoder();
      return { kind: "ended", code, output: decoder.decode(stdout) + decoder.decode(stderr) };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      // Deno names the program too.
      const reason = failureReason(error).replace(/^Failed to spawn '.*?': /, "");
      return { kind: "failed", reason: `Cannot run ${program}: ${reason}` };
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
