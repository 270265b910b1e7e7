/** The manual page faild(8), made from the tables of options and of commands. */
import { argumentText, type Command } from "../config/command.ts";
import { COMMANDS } from "../config/command_table.ts";
import { bothFlagsText, flagText, limitsText } from "../config/option_text.ts";
import {
  DEFAULT_CONFIG_FILE,
  EXTRA_FLAGS,
  optionOf,
  OPTIONS,
  RUN_DIR_VARIABLE,
} from "../config/options.ts";
import { EXIT_MEANING } from "./exit_code.ts";
import { EXAMPLES, INTRODUCTION, SIGNALS } from "./help_words.ts";
import { heading, paragraph, plainText, prose, quoted } from "./troff.ts";
import { section, subsection, term } from "./troff.ts";

const PURPOSE = "IP failover for hosts on redundant LANs";

const SOURCES =
  "A value in the configuration file overrides the flag of the same meaning. faild.yaml(5) " +
  "explains every key.";

/** The source of the page, for man(1). */
export function manPage(version: string): string {
  const commands: readonly Command[] = COMMANDS;
  return [
    ...heading("FAILD", 8, version),
    ...section("NAME", [`faild \\- ${plainText(PURPOSE)}`]),
    ...section("SYNOPSIS", synopsis()),
    ...section("DESCRIPTION", [...prose(INTRODUCTION), ...paragraph(SOURCES)]),
    ...section("OPTIONS", optionTerms()),
    ...section("COMMANDS", commands.flatMap(commandPart)),
    ...section("SIGNALS", SIGNALS.flatMap(([name, help]) => term(name, help))),
    ...section("EXIT STATUS", EXIT_MEANING.flatMap(([code, text]) => term(`${code}`, text))),
    ...section("FILES", [
      ...term(DEFAULT_CONFIG_FILE, "The configuration file, if there is no -c."),
      ...term(
        `${optionOf("runDir").default}/`,
        "The run directory: the lock, the control socket and the events.",
      ),
    ]),
    ...section(
      "ENVIRONMENT",
      term(RUN_DIR_VARIABLE, "Sets the run directory where --run-dir does not."),
    ),
    ...section("EXAMPLES", examples(EXAMPLES)),
    ...section("SEE ALSO", prose("faild.yaml(5), ip(8), ip-rule(8)")),
    "",
  ].join("\n");
}

function synopsis(): string[] {
  const flags = [
    ...OPTIONS.flatMap(({ flag }) => flag === null ? [] : [flag]),
    ...EXTRA_FLAGS.filter(({ argument }) => argument !== null),
  ];
  const each = flags.map((flag) => `[${flagText(flag)}]`).join(" ");
  const lines = [
    `.B faild`,
    plainText(each),
    ".br",
    ".B faild",
    plainText("COMMAND [ARGUMENT...]"),
  ];
  return [...lines, plainText("[FLAG...]"), ".br", ".B faild help", "COMMAND"];
}

function optionTerms(): string[] {
  const options = OPTIONS.flatMap((option) =>
    option.flag === null
      ? []
      : term(bothFlagsText(option.flag).trim(), `${option.help} ${limitsText(option)}`.trim())
  );
  return [
    ...options,
    ...EXTRA_FLAGS.flatMap((flag) => term(bothFlagsText(flag).trim(), flag.help)),
  ];
}

const SHARED: Readonly<Record<Command["takes"], string | null>> = {
  all: "It takes all flags of the daemon too, those under OPTIONS.",
  place: "It takes --run-dir and -c too.",
  nothing: null,
};

function commandPart(command: Command): string[] {
  const { name, summary, details, argument, flags, takes, exits, examples: cases } = command;
  const shared = SHARED[takes];
  const words = [
    ...(argument === null ? [] : [argumentText(argument)]),
    ...flags.map((flag) => `[${flagText(flag)}]`),
  ];
  const outcomes = exits.map(([code, meaning]) => `${code}: ${meaning}`).join("; ");
  return [
    ...subsection(`faild ${[name, ...words].join(" ")}`, prose(summary)),
    ...(details === null ? [] : paragraph(details)),
    ...flags.flatMap((flag) =>
      term(
        bothFlagsText(flag).trim(),
        `${flag.help} ${flag.value === undefined ? "" : limitsText(flag.value)}`.trim(),
      )
    ),
    ...(shared === null ? [] : paragraph(shared)),
    ...paragraph(`Exit status ${outcomes}.`),
    ...(cases.length === 0 ? [] : examples(cases)),
  ];
}

function examples(cases: readonly (readonly [string, string])[]): string[] {
  return cases.flatMap(([line, meaning]) => [
    ".TP",
    `.B ${quoted(line)}`,
    ...prose(`${meaning[0]?.toUpperCase()}${meaning.slice(1)}.`),
  ]);
}
