/**
 * Reads the flags of one word by the rules of getopt: "-t0.05", "-t 0.05", "-rt 1", "--interval=0.05",
 * "--interval 0.05". A flag that takes a value takes the next word whatever it looks like, so "-t -1" is a wrong
 * interval and not an unknown flag.
 */

import type { Command, CommandFlag } from "./command.ts";
import { COMMANDS } from "./command_table.ts";
import { EXTRA_FLAGS, type Flag, type Option, OPTIONS } from "./options.ts";
import { nearest, type Problem, shownText } from "./problem.ts";

/** A flag and whose it is: an option's of the daemon, a command's own, or that of the program itself. */
export type Target =
  | { readonly kind: "option"; readonly flag: Flag; readonly option: Option }
  | { readonly kind: "own"; readonly flag: CommandFlag }
  | { readonly kind: "config" | "help" | "version"; readonly flag: Flag };

/** One flag as it was written, e.g. "-t", and as `parseArgs` shall read it, e.g. "--interval=0.05". */
export interface Use {
  readonly target: Target;
  readonly spelling: string;
  readonly word: string;
}

/** The flags of a word. */
export interface Expanded {
  readonly uses: readonly Use[];
  /** Whether the value was the next word. */
  readonly tookNext: boolean;
}

const OPTION_TARGETS: readonly Target[] = OPTIONS.flatMap((option) =>
  option.flag === null ? [] : [{ kind: "option", flag: option.flag, option }]
);

const EXTRA_TARGETS: readonly Target[] = EXTRA_FLAGS.map((flag) => ({ kind: flag.id, flag }));

/** The flags that stand for themselves: whoever gives one is told something, and nothing is done. */
const ALWAYS = EXTRA_TARGETS.filter(({ kind }) => kind !== "config");

/** The flags that may be given with a command; null: with none, which runs the daemon. */
export function targetsOf(command: Command | null): readonly Target[] {
  if (command === null || command.takes === "all") {
    return [...ownTargets(command), ...OPTION_TARGETS, ...EXTRA_TARGETS];
  }
  if (command.takes === "nothing") return [...ownTargets(command), ...ALWAYS];
  const place = OPTION_TARGETS.filter((each) =>
    each.kind === "option" && each.option.id === "runDir"
  );
  return [...ownTargets(command), ...place, ...EXTRA_TARGETS];
}

function ownTargets(command: Command | null): readonly Target[] {
  return (command?.flags ?? []).map((flag) => ({ kind: "own", flag }));
}

/**
 * Reads a word that begins with a dash.
 *
 * @param next the word after it
 * @param command the command before it; null: there was none yet
 */
export function readFlagWord(
  word: string,
  next: string | undefined,
  command: Command | null,
): Expanded | Problem {
  const reader = new WordReader(next, command);
  return word.startsWith("--") ? reader.long(word) : reader.short(word);
}

class WordReader {
  readonly #next: string | undefined;
  readonly #command: Command | null;
  readonly #targets: readonly Target[];

  constructor(next: string | undefined, command: Command | null) {
    this.#next = next;
    this.#command = command;
    this.#targets = targetsOf(command);
  }

  long(word: string): Expanded | Problem {
    const equals = word.indexOf("=");
    const spelling = equals < 0 ? word : word.slice(0, equals);
    const attached = equals < 0 ? null : word.slice(equals + 1);
    const target = this.#targets.find(({ flag }) => `--${flag.long}` === spelling);
    if (target === undefined) return this.#unknown(spelling);
    if (target.flag.argument !== null) return this.#withValue(target, spelling, attached);
    if (attached !== null) {
      return wrongFlag(spelling, "takes no value", shownText(attached || "empty"));
    }
    return { uses: [{ target, spelling, word }], tookNext: false };
  }

  /** A word of short flags: some that take no value, and perhaps a last one with its value attached. */
  short(word: string): Expanded | Problem {
    const uses: Use[] = [];
    const letters = [...word.slice(1)];
    for (const [index, letter] of letters.entries()) {
      const spelling = `-${letter}`;
      const target = this.#targets.find(({ flag }) => flag.short === letter);
      const before = uses.at(-1);
      if (letter === "=" && before !== undefined) {
        const value = letters.slice(index + 1).join("");
        return wrongFlag(before.spelling, "takes no value", shownText(value || "empty"));
      }
      if (target === undefined) return this.#unknown(spelling);
      if (target.flag.argument === null) {
        uses.push({ target, spelling, word: `--${target.flag.long}` });
        continue;
      }
      const attached = letters.slice(index + 1).join("");
      const read = this.#withValue(target, spelling, attached === "" ? null : attached);
      return "rule" in read ? read : { ...read, uses: [...uses, ...read.uses] };
    }
    return { uses, tookNext: false };
  }

  #withValue(target: Target, spelling: string, attached: string | null): Expanded | Problem {
    const text = attached ?? this.#next;
    if (text === undefined) {
      return wrongFlag(spelling, `needs a value (${target.flag.argument})`, "missing");
    }
    const word = `--${target.flag.long}=${text}`;
    return { uses: [{ target, spelling, word }], tookNext: attached === null };
  }

  #unknown(spelling: string): Problem {
    return wrongFlag(shownText(spelling), `must be a known flag (${this.#hint(spelling)})`, null);
  }

  #hint(spelling: string): string {
    if (this.#command === null) {
      const owners = COMMANDS.filter((each: Command) =>
        each.flags.some(({ short, long }) => spelling === `--${long}` || spelling === `-${short}`)
      );
      const names = owners.map(({ name }) => name).join(", ");
      if (names !== "") return `it stands after its command: ${names}`;
    }
    const known = this.#targets.map(({ flag }) => flag.long);
    const near = nearest(spelling.replace(/^-+/, ""), known);
    // One wrong letter is near to nothing.
    if (near !== null && spelling.length > 2) return `nearest is --${near}`;
    return this.#command === null ? "see faild --help" : `see faild ${this.#command.name} --help`;
  }
}

/** What is wrong with a flag as it was written, whatever its value. */
export function wrongFlag(spelling: string, rule: string, value: string | null): Problem {
  return { verb: "use", subject: `flag ${spelling}`, rule, value, where: null };
}
