/** Where the daemon is found that a command asks. */
import type { CommandCall } from "../config/command_line.ts";
import { DEFAULT_CONFIG_FILE, optionOf } from "../config/options.ts";
import { problemText, unreadableFile } from "../config/problem.ts";
import { readYaml } from "../config/yaml_file.ts";
import { complain } from "./complain.ts";
import { readConfigFile } from "./configuration.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";

const OPTION = optionOf("runDir");

/**
 * The run directory that a command line leads to, as it does for a daemon. But a daemon is to be found even while its
 * file has an error, or by somebody who may not read it: only a file that was named and is not there is a reason to
 * give up, which is told.
 */
export async function runDirOf(
  { given, configFile }: Pick<CommandCall, "given" | "configFile">,
  host: Host,
): Promise<string | { readonly exit: ExitCode }> {
  const value = given.get(OPTION.id)?.value ?? OPTION.default;
  const file = configFile ?? DEFAULT_CONFIG_FILE;
  const read = readConfigFile(file, host);
  if (read.kind === "missing" && configFile !== null) {
    complain(host, problemText(unreadableFile(file, "No such file")));
    return { exit: EXIT.config };
  }
  // To parse it takes longer than all the rest.
  if (read.kind !== "text" || !read.text.includes(OPTION.key)) return String(value);
  const content = readYaml({ file, text: read.text, parse: await host.loadYaml() });
  return String(content.given.get(OPTION.id)?.value ?? value);
}
