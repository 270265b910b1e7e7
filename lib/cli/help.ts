/** The text of --help, made from the table of options. */

import {
  COMMANDS,
  DEFAULT_CONFIG_FILE,
  EXTRA_FLAGS,
  type Flag,
  LISTS,
  type Option,
  optionOf,
  OPTIONS,
  RUN_DIR_VARIABLE,
} from "../config/options.ts";
import { rangeText, ruleOf } from "../config/values.ts";
import { described, MAX_COLUMNS, wrapped } from "./columns.ts";
import { EXIT_MEANING } from "./exit_code.ts";

/** Where the explanations begin. */
const COLUMN = 29;

const INTRODUCTION =
  "Keeps the traffic between hosts flowing when one of the LANs that connect them fails. Each " +
  "host runs faild. A requestor sends inquiries by UDP broadcast on every LAN, and every faild " +
  "answers them. When a host no longer answers on one LAN, the traffic for its address there is " +
  "routed over another, and it returns when the LAN works again. faild stays in the foreground.";

const PRECEDENCE =
  `Read from the file of -c, else from ${DEFAULT_CONFIG_FILE} if it exists. A value in the file ` +
  "overrides the flag of the same meaning. config.example.yaml documents every key. These have " +
  "no flag:";

const SIGNALS: readonly (readonly [string, string])[] = [
  ["TERM, INT", "Remove all routes and the rule of this daemon, and stop."],
  ["HUP", "Open the log file anew, and read the key file anew."],
  ["USR1", "Write the whole state to the log."],
  ["USR2", "Move all traffic that is held elsewhere back now."],
];

const EXAMPLES: readonly (readonly [string, string])[] = [
  ["faild -r", "ask and answer on all LANs, log to standard error"],
  ["faild -r -t 0.05 -s 100", "find a cut within 0.2 s, restore after 5 s"],
  ["faild -r -l /var/log/faild.log", "log to a file"],
  ["faild check -c ./faild.yaml", "try a configuration before it is used"],
  ["faild cleanup", "take back the routes of a daemon that was killed"],
];

/** The whole text, with a newline at its end; no line is longer than 79 characters. */
export function helpText(): string {
  const sections = [
    usageLines(),
    wrapped(INTRODUCTION, MAX_COLUMNS),
    ["Commands:", ...COMMANDS.flatMap(({ name, help }) => described(name, help, COLUMN))],
    ["Flags:", ...flagLines()],
    ["Configuration file (YAML):", ...configurationLines()],
    ["Files and environment:", ...fileLines()],
    ["Signals:", ...SIGNALS.flatMap(([name, help]) => described(name, help, COLUMN))],
    [
      "Exit codes:",
      ...EXIT_MEANING.flatMap(([code, meaning]) => described(String(code), meaning, 6)),
    ],
    ["Examples:", ...EXAMPLES.flatMap(([line, meaning]) => described(line, meaning, 36))],
  ];
  return sections.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function usageLines(): string[] {
  const flags = [
    ...OPTIONS.flatMap(({ flag }) => flag === null ? [] : [flag]),
    ...EXTRA_FLAGS.filter(({ argument }) => argument !== null),
  ];
  // A space within one flag must not be broken at.
  const each = flags.map((flag) => `[${spelling(flag).replace(" ", "\0")}]`).join(" ");
  const head = "Usage: faild ";
  const lines = wrapped(each, MAX_COLUMNS - head.length).map((line) => line.replaceAll("\0", " "));
  const names = COMMANDS.map(({ name }) => name).join("|");
  return [
    ...lines.map((line, index) => (index === 0 ? head : " ".repeat(head.length)) + line),
    `       faild ${names} [the same flags]`,
    `       faild --help | --version`,
  ];
}

/** The shorter spelling of a flag. */
function spelling(flag: Flag): string {
  const name = flag.short === null ? `--${flag.long}` : `-${flag.short}`;
  return flag.argument === null ? name : `${name} ${flag.argument}`;
}

function flagLines(): string[] {
  const lines = OPTIONS.flatMap((option) =>
    option.flag === null
      ? []
      : described(bothSpellings(option.flag), `${option.help}${limits(option)}`, COLUMN)
  );
  const extra = EXTRA_FLAGS.flatMap((flag) => described(bothSpellings(flag), flag.help, COLUMN));
  return [...lines, ...extra];
}

function bothSpellings({ short, long, argument }: Flag): string {
  const name = short === null ? `    --${long}` : `-${short}, --${long}`;
  return argument === null ? name : `${name} ${argument}`;
}

/** Range and default of an option, as a sentence of its own. */
function limits(option: Option): string {
  switch (option.kind) {
    case "number":
      return option.default === null
        ? ` ${rangeText(option)}. Default: ${option.derived}.`
        : ` ${rangeText(option)}, default ${option.default}.`;
    case "choice":
      return ` ${option.choices.join(", ")}; default ${option.default}.`;
    case "path":
      return option.default === null ? "" : ` Default ${option.default}.`;
    case "failback":
      return ` ${ruleOf(option).replace("must be ", "")}; default ${option.default}.`;
    default:
      return "";
  }
}

function configurationLines(): string[] {
  const options = OPTIONS.filter(({ flag }) => flag === null);
  return [
    ...wrapped(PRECEDENCE, MAX_COLUMNS - 2).map((line) => `  ${line}`),
    ...LISTS.flatMap(({ key, help }) => described(key, help, COLUMN)),
    ...options.flatMap((option) =>
      described(option.key, `${option.help}${limits(option)}`, COLUMN)
    ),
  ];
}

function fileLines(): string[] {
  const runDir = optionOf("runDir").default;
  return [
    ...described(DEFAULT_CONFIG_FILE, "The configuration file, if there is no -c.", COLUMN),
    ...described(`${runDir}/`, "The lock that keeps a second daemon from starting.", COLUMN),
    ...described(RUN_DIR_VARIABLE, "Sets the run directory where --run-dir does not.", COLUMN),
  ];
}
