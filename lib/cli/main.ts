/** From argv to an exit code: which command, and what is printed where. */
import { type CommandLine, parseCommandLine } from "../config/command_line.ts";
import { commandOf } from "../config/command_table.ts";
import { RUN_DIR_VARIABLE } from "../config/options.ts";
import { problemText } from "../config/problem.ts";
import { HANDLERS } from "./commands.ts";
import { complain } from "./complain.ts";
import { loadConfiguration, readConfiguration } from "./configuration.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { commandHelpText, helpText } from "./help.ts";
import type { Host } from "./host.ts";
import { run } from "./run.ts";
import { versionText } from "./version.ts";

/** Does what the command line asks for; returns the exit code. A fault of ours is one line too. */
export async function main(host: Host): Promise<ExitCode> {
  const line = parseCommandLine(host.args, {
    runDirFromEnvironment: host.environment(RUN_DIR_VARIABLE),
  });
  try {
    return await perform(line, host);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    complain(host, `Cannot go on: a fault of the program, please report it: ${reason}`);
    // To monitoring systems it is no warning.
    return line.kind === "command" && line.name === "health" ? EXIT.stopped : EXIT.general;
  }
}

async function perform(line: CommandLine, host: Host): Promise<ExitCode> {
  switch (line.kind) {
    case "help":
      host.out(line.command === null ? helpText() : commandHelpText(line.command));
      return EXIT.ok;
    case "version":
      host.out(versionText(host.build));
      return EXIT.ok;
    case "usage":
      for (const problem of line.problems) complain(host, problemText(problem));
      return (line.command === null ? undefined : commandOf(line.command)?.misuse) ?? EXIT.usage;
    case "command":
      return await HANDLERS[line.name](line, host);
    case "run": {
      const loaded = await loadConfiguration(line, host);
      if ("exit" in loaded) return loaded.exit;
      return await run(loaded.configuration, host, () => readConfiguration(line, host));
    }
  }
}
