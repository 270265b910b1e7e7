/** What a command is: the shape of an entry of the table of commands, which is in command_table.ts. */

import type { ExitCode } from "./exit_code.ts";
import type { Flag, Kind } from "./options.ts";

/** What stands after the name of a command. */
export interface Argument {
  /** What stands for it in the help text, e.g. "NETWORK". */
  readonly name: string;
  /** All that it can be; null: that is not known beforehand. */
  readonly words: readonly string[] | null;
  /** Whether it must be given. */
  readonly needed: boolean;
  /** Whether there may be several. */
  readonly many: boolean;
}

/** A flag that belongs to a command. */
export interface CommandFlag extends Flag {
  readonly help: string;
  /** What its value must be, e.g. a number; without it any text but none. */
  readonly value?: Kind;
}

/** A command of the program. */
export interface Command {
  readonly name: string;
  /** What it does, in one sentence, for the list of commands. */
  readonly summary: string;
  /** What else is to be known, for the help on this command; null: nothing. */
  readonly details: string | null;
  readonly argument: Argument | null;
  readonly flags: readonly CommandFlag[];
  /**
   * Which flags of the daemon it takes: all; those that lead to a running daemon, which are --run-dir and -c;
   * or none.
   */
  readonly takes: "all" | "place" | "nothing";
  /** What its exit codes mean; that of a wrong command line is not here where it is the usual one. */
  readonly exits: readonly (readonly [ExitCode, string])[];
  /** The exit code of a wrong command line where that is another one. */
  readonly misuse?: ExitCode;
  /** A command line, and what it is for. */
  readonly examples: readonly (readonly [string, string])[];
}

/** The argument as a usage line shows it, e.g. "[NETWORK...]". */
export function argumentText({ name, needed, many }: Argument): string {
  const text = many ? `${name}...` : name;
  return needed ? text : `[${text}]`;
}
