/** `faild completions`: what a shell needs to complete command lines. */
import type { CommandCall } from "../config/command_line.ts";
import { bashCompletion } from "./bash_completion.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { fishCompletion } from "./fish_completion.ts";
import type { Host } from "./host.ts";
import { zshCompletion } from "./zsh_completion.ts";

const SHELLS: Readonly<Record<string, () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Prints the script for a shell. */
export function completionsCommand({ args }: CommandCall, host: Host): Promise<ExitCode> {
  const script = SHELLS[args[0] ?? ""];
  if (script === undefined) throw new Error(`No completions for ${args[0]}`);
  host.out(script());
  return Promise.resolve(EXIT.ok);
}
