/** From argv to an exit code: which command, and what is printed where. */
import { parseCommandLine } from "../config/command_line.ts";
import { RUN_DIR_VARIABLE } from "../config/options.ts";
import { problemText } from "../config/problem.ts";
import { check } from "./check_command.ts";
import { cleanup } from "./cleanup.ts";
import { complain } from "./complain.ts";
import { type Configured, loadConfiguration } from "./configuration.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { helpText } from "./help.ts";
import type { Host } from "./host.ts";
import { run } from "./run.ts";
import { versionText } from "./version.ts";

/** Does what the command line asks for; returns the exit code. */
export async function main(host: Host): Promise<ExitCode> {
  const command = parseCommandLine(host.args, {
    runDirFromEnvironment: host.environment(RUN_DIR_VARIABLE),
  });
  switch (command.kind) {
    case "help":
      host.out(helpText());
      return EXIT.ok;
    case "version":
      host.out(versionText(host.build));
      return EXIT.ok;
    case "usage":
      complain(host, problemText(command.problem));
      return EXIT.usage;
    default:
      return await configured(command, host);
  }
}

async function configured(command: Configured, host: Host): Promise<ExitCode> {
  const loaded = await loadConfiguration(command, host);
  if ("exit" in loaded) return loaded.exit;
  const { configuration } = loaded;
  switch (command.kind) {
    case "check":
      return await check(configuration, host);
    case "cleanup":
      return await cleanup(configuration, host);
    case "run":
      return await run(configuration, host);
  }
}
