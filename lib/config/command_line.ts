/**
 * Reads the command line by the rules of getopt: "-t0.05", "-t 0.05", "-rt 1", "--interval=0.05", "--interval 0.05",
 * and nothing is a flag after "--". A flag that takes a value takes the next word whatever it looks like, so "-t -1"
 * is a wrong interval and not an unknown flag.
 *
 * `parseArgs` of @std/cli follows other rules: it takes the -1 of "-t -1" for a flag, "-rt1" for the flag r with the
 * value "t1", a missing value for an empty one, and the word "true" after a switch for its value. So every spelling is
 * first brought into the one that it reads without a guess, "--interval=0.05".
 */

import { parseArgs } from "@std/cli/parse-args";
import {
  COMMANDS,
  EXTRA_FLAGS,
  type Flag,
  type Given,
  type Option,
  type OptionId,
  optionOf,
  OPTIONS,
  RUN_DIR_VARIABLE,
  type Sourced,
  type Value,
} from "./options.ts";
import { nearest, type Problem, shownText } from "./problem.ts";
import { type Checked, checkText } from "./values.ts";

/** What the command line asks for. */
export type CommandLine =
  | {
    readonly kind: "run" | "check" | "cleanup";
    readonly given: Given;
    /** The argument of -c; null: the default file, if it exists. */
    readonly configFile: string | null;
  }
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "usage"; readonly problem: Problem };

/** What the caller knows of the environment; a variable that is unset or empty says nothing. */
export interface Environment {
  readonly runDirFromEnvironment: string | undefined;
}

/** A flag with its option; null: it is one of those without. */
interface Target {
  readonly flag: Flag;
  readonly option: Option | null;
}

/** One flag as it was written, e.g. "-t", and as `parseArgs` shall read it, e.g. "--interval=0.05". */
interface Use {
  readonly target: Target;
  readonly spelling: string;
  readonly word: string;
}

/** What `parseArgs` makes of such words: the values of each flag in their order, true for each use of a switch. */
type Read = Readonly<Record<string, (string | true)[]>>;

const TARGETS: readonly Target[] = [
  ...OPTIONS.flatMap((option) => option.flag === null ? [] : [{ flag: option.flag, option }]),
  ...EXTRA_FLAGS.map((flag) => ({ flag, option: null })),
];

/** How `parseArgs` is to read them: no value is turned into a number, and none is lost to a later one. */
const FORM = {
  boolean: TARGETS.flatMap(({ flag }) => flag.argument === null ? [flag.long] : []),
  string: TARGETS.flatMap(({ flag }) => flag.argument === null ? [] : [flag.long]),
  collect: TARGETS.map(({ flag }) => flag.long),
};

/** Reads a command line. Everything that can be wrong with it is the answer "usage", with one problem: the first. */
export function parseCommandLine(argv: readonly string[], environment: Environment): CommandLine {
  const words: string[] = [];
  const uses: Use[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      continue;
    }
    const read = word.startsWith("--") ? readLong(word, argv[i + 1]) : readShort(word, argv[i + 1]);
    if ("rule" in read) return { kind: "usage", problem: read };
    uses.push(...read.uses);
    // As with any command, what stands to the right of --help no longer matters.
    if (word === "--help" || word === "--version") break;
    if (read.tookNext) i++;
  }
  return conclude(words, uses, environment);
}

interface Expanded {
  readonly uses: readonly Use[];
  /** Whether the value was the next word. */
  readonly tookNext: boolean;
}

function readLong(word: string, next: string | undefined): Expanded | Problem {
  const equals = word.indexOf("=");
  const spelling = equals < 0 ? word : word.slice(0, equals);
  const attached = equals < 0 ? null : word.slice(equals + 1);
  const target = TARGETS.find(({ flag }) => `--${flag.long}` === spelling);
  if (target === undefined) return unknownFlag(spelling);
  if (target.flag.argument !== null) return withValue(target, spelling, attached, next);
  if (attached !== null) {
    return wrongUse(spelling, "takes no value", shownText(attached || "empty"));
  }
  return { uses: [{ target, spelling, word }], tookNext: false };
}

/** A word of short flags: some that take no value, and perhaps a last one with its value attached. */
function readShort(word: string, next: string | undefined): Expanded | Problem {
  const uses: Use[] = [];
  const letters = [...word.slice(1)];
  for (const [index, letter] of letters.entries()) {
    const spelling = `-${letter}`;
    const target = TARGETS.find(({ flag }) => flag.short === letter);
    if (target === undefined) return unknownFlag(spelling);
    if (target.flag.argument === null) {
      uses.push({ target, spelling, word: `--${target.flag.long}` });
      continue;
    }
    const attached = letters.slice(index + 1).join("");
    const read = withValue(target, spelling, attached === "" ? null : attached, next);
    return "rule" in read ? read : { ...read, uses: [...uses, ...read.uses] };
  }
  return { uses, tookNext: false };
}

function withValue(
  target: Target,
  spelling: string,
  attached: string | null,
  next: string | undefined,
): Expanded | Problem {
  const text = attached ?? next;
  if (text === undefined) {
    return wrongUse(spelling, `needs a value (${target.flag.argument})`, "missing");
  }
  const word = `--${target.flag.long}=${text}`;
  return { uses: [{ target, spelling, word }], tookNext: attached === null };
}

function wrongUse(spelling: string, rule: string, value: string | null): Problem {
  return { verb: "use", subject: `flag ${spelling}`, rule, value, where: null };
}

function unknownFlag(spelling: string): Problem {
  const long = nearest(spelling.replace(/^-+/, ""), FORM.collect);
  // One wrong letter is near to nothing.
  const hint = long === null || spelling.length <= 2 ? "see faild --help" : `nearest is --${long}`;
  return wrongUse(shownText(spelling), `must be a known flag (${hint})`, null);
}

/** Checks all that was given, once it is known that every flag exists and has its value. */
function conclude(
  words: readonly string[],
  uses: readonly Use[],
  environment: Environment,
): CommandLine {
  const read: Read = parseArgs(uses.map(({ word }) => word), FORM);
  for (const kind of ["help", "version"] as const) if (read[kind]?.length) return { kind };
  const given = new Map<OptionId, Sourced<Value>>();
  let file: Sourced<Value> | null = null;
  for (const { target: { flag, option }, spelling } of uses) {
    const origin = `flag ${spelling}`;
    const checked = checkFlag(option, read[flag.long]?.shift() ?? true);
    if (!checked.ok) return usage(flag.long, checked.rule, checked.shown, origin);
    const { value } = checked;
    const first: Sourced<Value> = (option === null ? file : given.get(option.id)) ??
      { value, origin };
    if (value !== first.value) {
      return usage(
        flag.long,
        "must be given once",
        shownText(`${first.value} and ${value}`),
        origin,
      );
    }
    if (option === null) file = first;
    else given.set(option.id, first);
  }
  return commandOf(words, withEnvironment(given, environment), file && `${file.value}`);
}

function checkFlag(option: Option | null, text: string | true): Checked<Value> {
  if (text === true) return { ok: true, value: true };
  if (option !== null) return checkText(option, text);
  if (text !== "" && !text.includes("\0")) return { ok: true, value: text };
  return { ok: false, rule: "must be the path of a file", shown: shownText(text || "empty") };
}

function usage(subject: string, rule: string, value: string, where: string): CommandLine {
  return { kind: "usage", problem: { verb: "use", subject, rule, value, where } };
}

/** Adds what the environment says and no flag did. */
function withEnvironment(given: Given, { runDirFromEnvironment }: Environment): Given | Problem {
  if (runDirFromEnvironment === undefined || runDirFromEnvironment === "" || given.has("runDir")) {
    return given;
  }
  const option = optionOf("runDir");
  const where = `environment ${RUN_DIR_VARIABLE}`;
  const checked = checkText(option, runDirFromEnvironment);
  if (!checked.ok) {
    return { verb: "use", subject: option.key, rule: checked.rule, value: checked.shown, where };
  }
  return new Map(given).set("runDir", { value: checked.value, origin: where });
}

function commandOf(
  words: readonly string[],
  given: Given | Problem,
  configFile: string | null,
): CommandLine {
  if ("rule" in given) return { kind: "usage", problem: given };
  const names = COMMANDS.map(({ name }) => name);
  const [word, extra] = words;
  if (word === undefined) return { kind: "run", given, configFile };
  const command = names.find((name) => name === word);
  if (command !== undefined && extra === undefined) return { kind: command, given, configFile };
  return {
    kind: "usage",
    problem: {
      verb: "use",
      subject: "argument",
      rule: command === undefined ? `must be ${names.join(" or ")}` : `must stand alone`,
      value: shownText((command === undefined ? word : `${word} ${extra}`) || "empty"),
      where: null,
    },
  };
}
