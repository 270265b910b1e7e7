import { failureReason } from "./failure.ts";
import { programPaths } from "./program.ts";

/**
 * Starts `ip` from where it is found.
 *
 * @param command the program with its first arguments, where it is not to be looked for
 * @param start starts a process; throws what Deno throws when that cannot be done
 * @returns what `start` returned, or why there is no process
 */
export function startIp<Process extends object>(
  command: readonly string[] | undefined,
  start: (program: string, args: readonly string[]) => Process,
): Process | string {
  const commands = command === undefined ? programPaths("ip").map((path) => [path]) : [command];
  for (const [program = "", ...args] of commands) {
    try {
      return start(program, args);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      return `Cannot run ${program}: ${failureReason(error)}`;
    }
  }
  return `Cannot run ip: there is no ${
    commands.map(([program]) => program).join(", ")
  }; install iproute2`;
}
