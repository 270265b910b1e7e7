/** What a shell can complete, whichever it is. */
import type { Command } from "../config/command.ts";
import { COMMANDS } from "../config/command_table.ts";
import { type Target, targetsOf } from "../config/flag_words.ts";
import { EXTRA_FLAGS, type Flag } from "../config/options.ts";

/** A flag, and what its value is. */
export interface CompletedFlag extends Flag {
  /** Its first sentence, without the full stop. */
  readonly help: string;
  readonly value: "none" | "file" | "folder" | "text";
}

/** Names that only a running daemon knows: what `faild completions` prints of them is offered. */
export type AskedNames = "networks" | "nodes";

/** A command, or with an empty name what comes before one. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  /** All words that its argument can be, as far as they are known. */
  readonly words: readonly string[];
  /** What else it can be. */
  readonly asked: readonly AskedNames[];
  /** Whether there may be several arguments. */
  readonly many: boolean;
}

/** What the argument of a command is called in the table, where it is a name. */
const ASKED: Readonly<Record<string, readonly AskedNames[]>> = {
  NETWORK: ["networks"],
  "NETWORK|NODE": ["networks", "nodes"],
};

const FILES = ["FILE", "PATH"];

/** All commands, that without a name first. */
export function completedCommands(): readonly CompletedCommand[] {
  const commands: readonly Command[] = COMMANDS;
  const names = commands.map(({ name }) => name);
  return [
    {
      name: "",
      summary: "",
      flags: targetsOf(null).map(completed),
      words: names,
      asked: [],
      many: false,
    },
    ...commands.map((command) => ({
      name: command.name,
      summary: short(command.summary),
      flags: targetsOf(command).filter(({ kind }) => kind !== "version").map(completed),
      words: command.name === "help" ? names : command.argument?.words ?? [],
      asked: ASKED[command.argument?.name ?? ""] ?? [],
      many: command.argument?.many ?? false,
    })),
  ];
}

function completed(target: Target): CompletedFlag {
  const { flag } = target;
  const { argument } = flag;
  const value = argument === null ? "none" : FILES.includes(argument) ? "file" : "text";
  return { ...flag, help: short(helpOf(target)), value: argument === "DIR" ? "folder" : value };
}

function helpOf(target: Target): string {
  if (target.kind === "option") return target.option.help;
  if (target.kind === "own") return target.flag.help;
  return EXTRA_FLAGS.find(({ id }) => id === target.kind)?.help ?? "";
}

/** The first sentence, without what would have a meaning in a shell. */
function short(text: string): string {
  return (text.split(/[.:;] |\.$/)[0] ?? "").replaceAll(/['"`\\[\]]/g, "");
}

/** What a shell runs for names; without a daemon there are none, and nothing is said. */
export function askingLine(program: string, asked: AskedNames): string {
  return `${program} completions ${asked} 2>/dev/null`;
}

/** The spellings of a flag, e.g. ["-t", "--interval"]. */
export function spellings({ short, long }: Flag): string[] {
  return [...(short === null ? [] : [`-${short}`]), `--${long}`];
}
