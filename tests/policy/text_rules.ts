/** The rules that hold for the text of every committed file, whatever it is written in. */

import { type Finding, layerOf, lineAt, lineCount, type SourceFile } from "./source_file.ts";

const LONGEST_FILE = 400;

interface TextRule {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
  /** Files that it does not hold for. */
  readonly except?: RegExp;
}

/** The patterns are put together from parts, so that they do not find themselves. */
function anyOf(...words: readonly (readonly string[])[]): string {
  return words.map((parts) => parts.join("")).join("|");
}

/** A path that begins with one of these folders, and is not the tail of a longer one. */
function machinePath(...folders: readonly (readonly string[])[]): RegExp {
  return new RegExp(`(?<![\\w.})*-])/(?:${anyOf(...folders)})/\\w`, "g");
}

const RULES: readonly TextRule[] = [
  {
    rule: "unfinished",
    pattern: new RegExp(`\\b(?:${anyOf(["TO", "DO"], ["FIX", "ME"], ["XX", "X"])})\\b`, "g"),
    message: "what is to be done is done, or is an issue",
  },
  {
    rule: "suppression",
    pattern: new RegExp(
      anyOf(["deno-lint", "-ignore"], ["@ts", "-ignore"], ["@ts", "-nocheck"], [
        "@ts",
        "-expect-error",
      ]),
      "g",
    ),
    message: "a rule is kept, or changed for everybody, but not switched off in one place",
  },
  {
    rule: "registry",
    pattern: new RegExp(
      anyOf(["npm", "js\\.(?:org|com)"], ["\\bjsr", "\\.io"], ["deb", "\\.debian\\.org"], [
        "deno",
        "\\.land\\/x",
      ]),
      "g",
    ),
    message:
      "packages are named, not the hosts they come from: those are a matter of the machine's settings",
  },
  {
    rule: "machine path",
    pattern: machinePath(["ho", "me"], ["ro", "ot"], ["wo", "rk"]),
    message: "a path of one machine means nothing on another",
  },
  {
    rule: "machine path",
    pattern: machinePath(["t", "mp"]),
    message: "where temporary files go is a matter of the machine's settings",
    // There it may be a value like any other, of something that is never opened.
    except: /^tests\//,
  },
  {
    rule: "tracker",
    pattern: new RegExp(`\\b${anyOf(["iss", "ue"])} #?\\d`, "gi"),
    message: "text speaks of the product: say what is meant, not where it was asked for",
    except: /^LICENSE$/,
  },
];

const DRAWERS = /(?:^|\/)(?:utils?|helpers?|common|misc|shared|lib)\.ts$/;

function fileFindings({ path, text }: SourceFile): Finding[] {
  const found: Finding[] = [];
  const lines = lineCount(text);
  if (path.endsWith(".ts") && lines > LONGEST_FILE) {
    const message = `a file must have at most ${LONGEST_FILE} lines, has ${lines}`;
    found.push({ path, line: LONGEST_FILE + 1, rule: "size", message });
  }
  if (DRAWERS.test(path)) {
    const message = "a file is named after the one thing in it";
    found.push({ path, line: 1, rule: "drawer", message });
  }
  if (path.endsWith(".ts") && layerOf(path) === undefined) {
    const message = "the design has no place for a file here";
    found.push({ path, line: 1, rule: "place", message });
  }
  return found;
}

/** Every breach of a text rule in a file. */
export function textFindings(file: SourceFile): Finding[] {
  const { path, text } = file;
  const found = fileFindings(file);
  for (const { rule, pattern, message, except } of RULES) {
    if (except?.test(path)) continue;
    for (const { index, 0: match } of text.matchAll(pattern)) {
      found.push({ path, line: lineAt(text, index), rule, message: `${match}: ${message}` });
    }
  }
  return found;
}
