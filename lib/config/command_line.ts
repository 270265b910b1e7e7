/**
 * Reads the command line by the rules of getopt: "-t0.05", "-t 0.05", "-rt 1", "--interval=0.05", "--interval 0.05",
 * and nothing is a flag after "--". A flag that takes a value takes the next word whatever it looks like, so "-t -1"
 * is a wrong interval and not an unknown flag.
 *
 * It is written here because `parseArgs` of @std/cli follows other rules and throws away what would be needed to
 * correct it afterwards: it takes the -1 of "-t -1" for a flag, "-rt1" for the flag r with the value "t1", a missing
 * value for an empty one, and an empty one for a missing one.
 */

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
import { checkText } from "./values.ts";

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

type Target =
  | { readonly kind: "option"; readonly flag: Flag; readonly option: Option }
  | {
    readonly kind: "extra";
    readonly flag: Flag;
    readonly id: (typeof EXTRA_FLAGS)[number]["id"];
  };

/** One flag as it was written, e.g. { spelling: "-t", text: "0.05" }; the text is null where it takes none. */
interface Use {
  readonly target: Target;
  readonly spelling: string;
  readonly text: string | null;
}

const TARGETS: readonly Target[] = [
  ...OPTIONS.flatMap((option): Target[] =>
    option.flag === null ? [] : [{ kind: "option", flag: option.flag, option }]
  ),
  ...EXTRA_FLAGS.map((flag): Target => ({ kind: "extra", flag, id: flag.id })),
];

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
    for (const { target } of read.uses) {
      if (target.kind === "extra" && target.id !== "config") return { kind: target.id };
    }
    if (read.tookNext) i++;
  }
  return conclude(words, uses, environment);
}

interface Read {
  readonly uses: readonly Use[];
  /** Whether the value was the next word. */
  readonly tookNext: boolean;
}

function readLong(word: string, next: string | undefined): Read | Problem {
  const equals = word.indexOf("=");
  const spelling = equals < 0 ? word : word.slice(0, equals);
  const attached = equals < 0 ? null : word.slice(equals + 1);
  const target = TARGETS.find(({ flag }) => `--${flag.long}` === spelling);
  if (target === undefined) return unknownFlag(spelling);
  if (target.flag.argument !== null) return withValue(target, spelling, attached, next);
  if (attached !== null) {
    return wrongUse(spelling, "takes no value", attached === "" ? "empty" : shownText(attached));
  }
  return { uses: [{ target, spelling, text: null }], tookNext: false };
}

/** A word of short flags: some that take no value, and perhaps a last one with its value attached. */
function readShort(word: string, next: string | undefined): Read | Problem {
  const uses: Use[] = [];
  const letters = [...word.slice(1)];
  for (const [index, letter] of letters.entries()) {
    const spelling = `-${letter}`;
    const target = TARGETS.find(({ flag }) => flag.short === letter);
    if (target === undefined) return unknownFlag(spelling);
    if (target.flag.argument === null) {
      uses.push({ target, spelling, text: null });
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
): Read | Problem {
  const text = attached ?? next;
  if (text === undefined) {
    return wrongUse(spelling, `needs a value (${target.flag.argument})`, "missing");
  }
  return { uses: [{ target, spelling, text }], tookNext: attached === null };
}

function wrongUse(spelling: string, rule: string, value: string | null): Problem {
  return { verb: "use", subject: `flag ${spelling}`, rule, value, where: null };
}

function unknownFlag(spelling: string): Problem {
  const long = nearest(spelling.replace(/^-+/, ""), TARGETS.map(({ flag }) => flag.long));
  // One wrong letter is near to nothing.
  const hint = long === null || spelling.length <= 2 ? "see faild --help" : `nearest is --${long}`;
  return {
    verb: "use",
    subject: `flag ${shownText(spelling)}`,
    rule: `must be a known flag (${hint})`,
    value: null,
    where: null,
  };
}

/** Checks all that was given, once it is known that every flag exists and has its value. */
function conclude(
  words: readonly string[],
  uses: readonly Use[],
  environment: Environment,
): CommandLine {
  const given = new Map<OptionId, Sourced<Value>>();
  let configFile: string | null = null;
  for (const { target, spelling, text } of uses) {
    if (target.kind === "extra") {
      if (text === null || text === "" || text.includes("\0")) {
        return usage("config", "must be the path of a file", text ?? "", spelling);
      }
      if (configFile !== null && configFile !== text) {
        return usage("config", "must be given once", `${configFile} and ${text}`, spelling);
      }
      configFile = text;
      continue;
    }
    const { id } = target.option;
    const { long } = target.flag;
    const checked = text === null
      ? { ok: true, value: true } as const
      : checkText(target.option, text);
    if (!checked.ok) return usage(long, checked.rule, checked.shown, spelling);
    const before = given.get(id);
    if (before !== undefined && before.value !== checked.value) {
      return usage(long, "must be given once", `${before.value} and ${checked.value}`, spelling);
    }
    if (before === undefined) {
      given.set(id, { value: checked.value, origin: `flag ${spelling}` });
    }
  }
  return commandOf(words, withEnvironment(given, environment), configFile);
}

function usage(subject: string, rule: string, value: string, spelling: string): CommandLine {
  const shown = value === "" ? "empty" : shownText(value);
  const where = `flag ${spelling}`;
  return { kind: "usage", problem: { verb: "use", subject, rule, value: shown, where } };
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
