/**
 * The one table of commands. Their names, arguments, flags, exit codes and help exist here only: the command line,
 * `--help`, the manual page and the completions of shells all read them from here.
 */

import { ASKING_COMMANDS } from "./asking_commands.ts";
import type { Command } from "./command.ts";
import { DAEMON_COMMANDS } from "./daemon_commands.ts";
import { SETUP_COMMANDS } from "./setup_commands.ts";
import { STEERING_COMMANDS } from "./steering_commands.ts";

/** All commands, in the order in which they are shown. */
export const COMMANDS = [
  ...DAEMON_COMMANDS,
  ...ASKING_COMMANDS,
  ...STEERING_COMMANDS,
  ...SETUP_COMMANDS,
] as const;

/** The name of a command. */
export type CommandName = typeof COMMANDS[number]["name"];

/** The command of this name; undefined: there is none. */
export function commandOf(name: string): (Command & { readonly name: CommandName }) | undefined {
  return COMMANDS.find((each) => each.name === name);
}
