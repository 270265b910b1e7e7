/**
 * Reads the command line: flags of the daemon, and perhaps a command with its argument and its own flags. Nothing is a
 * flag after "--".
 *
 * `parseArgs` of @std/cli follows other rules than getopt: it takes the -1 of "-t -1" for a flag, "-rt1" for the flag
 * r with the value "t1", a missing value for an empty one, and the word "true" after a switch for its value. So every
 * spelling is first brought into the one that it reads without a guess, "--interval=0.05".
 */

import { parseArgs } from "@std/cli/parse-args";
import { argumentText, type Command } from "./command.ts";
import { type CommandName, commandOf, COMMANDS } from "./command_table.ts";
import { readFlagWord, type Target, targetsOf, type Use, wrongFlag } from "./flag_words.ts";
import {
  type Given,
  type OptionId,
  optionOf,
  RUN_DIR_VARIABLE,
  type Sourced,
  type Value,
} from "./options.ts";
import { nearest, type Problem, shownText } from "./problem.ts";
import { type Checked, checkText, listed } from "./values.ts";

/** What leads to a configuration. */
export interface Configured {
  readonly given: Given;
  /** The argument of -c; null: the default file, if it exists. */
  readonly configFile: string | null;
}

/** A command, and all that was said to it. */
export interface CommandCall extends Configured {
  readonly name: Exclude<CommandName, "help">;
  readonly args: readonly string[];
  /** The command's own flags by their long names, without dashes; true: a flag that takes no value. */
  readonly flags: ReadonlyMap<string, string | true>;
}

/** What the command line asks for. */
export type CommandLine =
  | { readonly kind: "run" } & Configured
  | { readonly kind: "command" } & CommandCall
  /** Null: help on the program as a whole. */
  | { readonly kind: "help"; readonly command: CommandName | null }
  | { readonly kind: "version" }
  | Misuse;

/** A wrong command line. */
interface Misuse {
  readonly kind: "usage";
  /** All wrong values of flags and environment; else the first word that is wrong otherwise. Never none. */
  readonly problems: readonly Problem[];
  /** The command that was to be run, as far as that is known. */
  readonly command: CommandName | null;
}

/** What the caller knows of the environment; a variable that is unset or empty says nothing. */
export interface Environment {
  readonly runDirFromEnvironment: string | undefined;
}

/** What `parseArgs` makes of such words: the values of each flag in their order, true for each use of a switch. */
type Read = Readonly<Record<string, (string | true)[]>>;

type KnownCommand = ReturnType<typeof commandOf>;

/** The words of a command line, told apart. */
interface Words {
  readonly command: Exclude<KnownCommand, undefined> | null;
  /** What stands where a command should, and is none; null: there is no such word. */
  readonly stranger: string | null;
  readonly args: readonly string[];
  readonly uses: readonly Use[];
}

/** Reads a command line. Whatever is wrong with it is the answer "usage". */
export function parseCommandLine(argv: readonly string[], environment: Environment): CommandLine {
  const words = tellApart(argv);
  return "kind" in words ? words : conclude(words, environment);
}

function misuse(command: Command | null, ...problems: readonly Problem[]): Misuse {
  return { kind: "usage", problems, command: commandOf(command?.name ?? "")?.name ?? null };
}

function tellApart(argv: readonly string[]): Words | Misuse {
  const args: string[] = [];
  const uses: Use[] = [];
  let command: Words["command"] = null;
  let stranger: string | null = null;
  let onlyWords = false;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--" && !onlyWords) onlyWords = true;
    else if (onlyWords || !word.startsWith("-") || word === "-") {
      const found: KnownCommand = command === null ? commandOf(word) : undefined;
      if (found !== undefined && stranger === null) command = found;
      else if (command === null) stranger ??= word;
      else args.push(word);
    } else {
      const read = readFlagWord(word, argv[i + 1], command);
      // Of an unknown command every flag is unknown.
      if ("rule" in read) {
        return misuse(command, stranger === null ? read : unknownCommand(stranger));
      }
      uses.push(...read.uses);
      // As with any command, what stands to the right of --help no longer matters.
      if (word === "--help" || word === "--version") break;
      if (read.tookNext) i++;
    }
  }
  return { command, stranger, args, uses };
}

function unknownCommand(word: string): Problem {
  const near = nearest(word, COMMANDS.map(({ name }) => name));
  const hint = near === null ? "see faild --help" : `nearest is ${near}`;
  return {
    verb: "use",
    subject: "command",
    rule: `must be a known command (${hint})`,
    value: shownText(word || "empty"),
    where: null,
  };
}

/** Checks all that was given, once it is known that every flag exists and has its value. */
function conclude({ command, stranger, args, uses }: Words, environment: Environment): CommandLine {
  const asked = uses.find(({ target: { kind } }) => kind === "help" || kind === "version");
  if (asked?.target.kind === "version") return { kind: "version" };
  if (asked !== undefined) return { kind: "help", command: command?.name ?? null };
  const { given, configFile, flags, problems } = collect(uses, command);
  if (command?.takes !== "nothing") {
    const problem = addEnvironment(given, environment);
    if (problem !== null) problems.push(problem);
  }
  if (problems.length > 0) return misuse(command, ...problems);
  // Where a value is wrong, a word too many is often a part of it.
  if (stranger !== null) return misuse(command, unknownCommand(stranger));
  if (command === null) return { kind: "run", given, configFile };
  const problem = argumentProblem(command, args);
  if (problem !== null) return misuse(command, problem);
  const { name } = command;
  if (name !== "help") return { kind: "command", name, args, flags, given, configFile };
  const topic = args[0] === undefined ? null : commandOf(args[0])?.name;
  return topic === undefined
    ? misuse(command, unknownCommand(args[0] ?? ""))
    : { kind: "help", command: topic };
}

interface Collected extends Configured {
  readonly given: Map<OptionId, Sourced<Value>>;
  readonly flags: ReadonlyMap<string, string | true>;
  readonly problems: Problem[];
}

/** The values of all flags, each checked by its rule. */
function collect(uses: readonly Use[], command: Command | null): Collected {
  const targets = targetsOf(command).map(({ flag }) => flag);
  const given = new Map<OptionId, Sourced<Value>>();
  const others = new Map<string, Sourced<string | true>>();
  const problems: Problem[] = [];
  const read: Read = parseArgs(uses.map(({ word }) => word), formOf(uses));
  for (const { target, spelling } of uses) {
    const { flag } = target;
    // It stood before the command, and so was read as a flag of the daemon.
    if (!targets.includes(flag)) {
      problems.push(wrongFlag(spelling, `must not be given with ${command?.name}`, null));
      continue;
    }
    const origin = `flag ${spelling}`;
    const text = read[flag.long]?.shift() ?? true;
    const checked = checkFlag(target, text);
    if (!checked.ok) {
      problems.push(problemOf(flag.long, checked.rule, checked.shown, origin));
      continue;
    }
    const isOption = target.kind === "option";
    const before = isOption ? given.get(target.option.id) : others.get(flag.long);
    const value = isOption ? checked.value : text;
    if (before !== undefined && before.value !== value) {
      const both = shownText(`${before.value} and ${value}`);
      problems.push(problemOf(flag.long, "must be given once", both, origin));
    }
    if (before !== undefined) continue;
    if (isOption) given.set(target.option.id, { value: checked.value, origin });
    else others.set(flag.long, { value: text, origin });
  }
  const config = others.get("config")?.value;
  others.delete("config");
  return {
    given,
    configFile: typeof config === "string" ? config : null,
    flags: new Map([...others].map(([long, { value }]) => [long, value])),
    problems,
  };
}

/** How `parseArgs` is to read them: no value is turned into a number, and none is lost to a later one. */
function formOf(uses: readonly Use[]): { boolean: string[]; string: string[]; collect: string[] } {
  const flags = uses.map(({ target }) => target.flag);
  return {
    boolean: flags.filter(({ argument }) => argument === null).map(({ long }) => long),
    string: flags.filter(({ argument }) => argument !== null).map(({ long }) => long),
    collect: flags.map(({ long }) => long),
  };
}

function checkFlag(target: Target, text: string | true): Checked<Value> {
  if (text === true) return { ok: true, value: true };
  if (target.kind === "option") return checkText(target.option, text);
  if (target.kind === "own" && target.flag.value !== undefined) {
    return checkText(target.flag.value, text);
  }
  if (text !== "" && !text.includes("\0")) return { ok: true, value: text };
  const rule = target.kind === "config" ? "must be the path of a file" : "must not be empty";
  return { ok: false, rule, shown: shownText(text || "empty") };
}

function problemOf(subject: string, rule: string, value: string, where: string | null): Problem {
  return { verb: "use", subject, rule, value, where };
}

/** Adds what the environment says and no flag did; null, or what is wrong with it. */
function addEnvironment(
  given: Map<OptionId, Sourced<Value>>,
  { runDirFromEnvironment }: Environment,
): Problem | null {
  if (runDirFromEnvironment === undefined || runDirFromEnvironment === "" || given.has("runDir")) {
    return null;
  }
  const option = optionOf("runDir");
  const where = `environment ${RUN_DIR_VARIABLE}`;
  const checked = checkText(option, runDirFromEnvironment);
  if (!checked.ok) return problemOf(option.key, checked.rule, checked.shown, where);
  given.set("runDir", { value: checked.value, origin: where });
  return null;
}

/** What is wrong with what stands after the name of a command; null: nothing. */
function argumentProblem({ name, argument }: Command, args: readonly string[]): Problem | null {
  const [first, extra] = args;
  const shown = shownText([name, ...args].join(" "));
  if (argument === null) {
    return first === undefined ? null : problemOf("argument", "must stand alone", shown, null);
  }
  if (first === undefined) {
    if (!argument.needed) return null;
    return problemOf(name, `needs an argument (${argumentText(argument)})`, "missing", null);
  }
  if (extra !== undefined && !argument.many) {
    return problemOf("argument", `must be one (${argument.name})`, shown, null);
  }
  const wrong = args.find((each) =>
    argument.words === null ? each === "" || each.includes("\0") : !argument.words.includes(each)
  );
  if (wrong === undefined) return null;
  const rule = argument.words === null ? "must not be empty" : `must be ${listed(argument.words)}`;
  return problemOf(argument.name, rule, shownText(wrong || "empty"), null);
}
