/** The texts of --help, made from the tables of options and of commands. */

import { argumentText, type Command } from "../config/command.ts";
import { type CommandName, commandOf, COMMANDS } from "../config/command_table.ts";
import { bothFlagsText, flagText, limitsText } from "../config/option_text.ts";
import {
  DEFAULT_CONFIG_FILE,
  EXTRA_FLAGS,
  type Flag,
  LISTS,
  optionOf,
  OPTIONS,
  RUN_DIR_VARIABLE,
} from "../config/options.ts";
import { wrapped } from "../config/wrapped.ts";
import { described, MAX_COLUMNS } from "./columns.ts";
import { EXIT, EXIT_MEANING } from "./exit_code.ts";
import { EXAMPLES, INTRODUCTION, PRECEDENCE, SIGNALS } from "./help_words.ts";

/** Where the explanations begin. */
const COLUMN = 29;

/** The same for commands, whose names are short. */
const COMMAND_COLUMN = 16;

/** The text on the program, with a newline at its end; no line is longer than 79 characters. */
export function helpText(): string {
  return joined([
    [
      ...usageLines("faild", daemonFlags()),
      "       faild COMMAND [ARGUMENT...] [FLAG...]",
      "       faild help COMMAND",
      "       faild --help | --version",
    ],
    wrapped(INTRODUCTION, MAX_COLUMNS),
    [
      "Commands:",
      ...COMMANDS.flatMap(({ name, summary }) => described(name, summary, COMMAND_COLUMN)),
    ],
    ["Flags:", ...daemonFlagLines(), ...extraFlagLines(() => true)],
    ["Configuration file (YAML):", ...configurationLines()],
    ["Files and environment:", ...fileLines()],
    ["Signals:", ...SIGNALS.flatMap(([name, help]) => described(name, help, COLUMN))],
    exitLines(EXIT_MEANING),
    exampleLines(EXAMPLES),
  ]);
}

/** The text on one command, of the same form. */
export function commandHelpText(name: CommandName): string {
  const command = commandOf(name);
  if (command === undefined) throw new Error(`No command ${name} in the table`);
  const { summary, details, exits, misuse, examples } = command;
  const usage: readonly (readonly [number, string])[] = EXIT_MEANING.filter(([code]) =>
    code === EXIT.usage && misuse === undefined
  );
  return joined([
    commandUsageLines(command),
    wrapped(summary, MAX_COLUMNS),
    ...(details === null ? [] : [wrapped(details, MAX_COLUMNS)]),
    ["Flags:", ...commandFlagLines(command)],
    exitLines([...exits, ...usage].toSorted(([a], [b]) => a - b)),
    ...(examples.length === 0 ? [] : [exampleLines(examples)]),
  ]);
}

function joined(sections: readonly (readonly string[])[]): string {
  return sections.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/** The flags of the daemon that are no request for a text. */
function daemonFlags(): Flag[] {
  return [
    ...OPTIONS.flatMap(({ flag }) => flag === null ? [] : [flag]),
    ...EXTRA_FLAGS.filter(({ argument }) => argument !== null),
  ];
}

function usageLines(program: string, flags: readonly Flag[], rest: readonly string[] = []) {
  const words = [...rest, ...flags.map((flag) => `[${flagText(flag)}]`)];
  // A space within one flag must not be broken at.
  const each = words.map((word) => word.replaceAll(" ", "\0")).join(" ");
  const head = `Usage: ${program} `;
  const lines = wrapped(each, MAX_COLUMNS - head.length).map((line) => line.replaceAll("\0", " "));
  return lines.map((line, index) =>
    ((index === 0 ? head : " ".repeat(head.length)) + line).trimEnd()
  );
}

function commandUsageLines({ name, argument, flags, takes }: Command): string[] {
  const config = EXTRA_FLAGS.filter(({ id }) => id === "config");
  const shared = takes === "place" ? [...flagOf("runDir"), ...config] : [];
  const rest = [
    ...(argument === null ? [] : [argumentText(argument)]),
    ...(takes === "all" ? ["[the flags of the daemon]"] : []),
  ];
  return usageLines(`faild ${name}`, [...flags, ...shared], rest);
}

function flagOf(id: "runDir"): Flag[] {
  const { flag } = optionOf(id);
  return flag === null ? [] : [flag];
}

function commandFlagLines({ flags, takes }: Command): string[] {
  const own = flags.flatMap((flag) =>
    described(
      bothFlagsText(flag),
      `${flag.help} ${flag.value === undefined ? "" : limitsText(flag.value)}`.trim(),
      COLUMN,
    )
  );
  const place = takes === "place" ? ["runDir"] : [];
  const shared = daemonFlagLines(takes === "all" ? null : place);
  return [
    ...own,
    ...shared,
    ...extraFlagLines((id) => id === "help" || (id === "config" && takes !== "nothing")),
  ];
}

function daemonFlagLines(only: readonly string[] | null = null): string[] {
  return OPTIONS.filter(({ id }) => only === null || only.includes(id)).flatMap((option) =>
    option.flag === null ? [] : described(
      bothFlagsText(option.flag),
      `${option.help} ${limitsText(option)}`.trim(),
      COLUMN,
    )
  );
}

function extraFlagLines(shown: (id: typeof EXTRA_FLAGS[number]["id"]) => boolean): string[] {
  return EXTRA_FLAGS.filter(({ id }) => shown(id)).flatMap((flag) =>
    described(bothFlagsText(flag), flag.help, COLUMN)
  );
}

function configurationLines(): string[] {
  const options = OPTIONS.filter(({ flag }) => flag === null);
  return [
    ...wrapped(PRECEDENCE, MAX_COLUMNS - 2).map((line) => `  ${line}`),
    ...LISTS.flatMap(({ key, help }) => described(key, help, COLUMN)),
    ...options.flatMap((option) =>
      described(option.key, `${option.help} ${limitsText(option)}`.trim(), COLUMN)
    ),
  ];
}

function fileLines(): string[] {
  const runDir = optionOf("runDir").default;
  return [
    ...described(DEFAULT_CONFIG_FILE, "The configuration file, if there is no -c.", COLUMN),
    ...described(
      `${runDir}/`,
      "The run directory: the lock, the control socket and the events.",
      COLUMN,
    ),
    ...described(RUN_DIR_VARIABLE, "Sets the run directory where --run-dir does not.", COLUMN),
  ];
}

function exitLines(meanings: readonly (readonly [number, string])[]): string[] {
  return [
    "Exit codes:",
    ...meanings.flatMap(([code, meaning]) => described(String(code), meaning, 6)),
  ];
}

function exampleLines(examples: readonly (readonly [string, string])[]): string[] {
  return ["Examples:", ...examples.flatMap(([line, meaning]) => described(line, meaning, 36))];
}
