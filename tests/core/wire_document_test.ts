/** docs/WIRE.md against the code and the tests that it names. Reads files: needs --allow-read=docs,tests. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { DROP_REASONS } from "../../lib/core/wire.ts";
import { RULES } from "./wire_rules.ts";

/** Rules in whose row no test is named. W56 binds nobody: it says what is not proven. */
const WITHOUT_TEST: readonly string[] = ["W56"];

const ROOT = new URL("../../", import.meta.url);
const TEXT = await Deno.readTextFile(new URL("docs/WIRE.md", ROOT));

function chapter(title: string): string {
  const [, rest = ""] = TEXT.split(`\n## ${title}\n`);
  assertNotEquals(rest, "", `there is no chapter "${title}"`);
  return rest.split("\n## ")[0] ?? "";
}

/** The rules in the order in which the document states them. */
function stated(): string[] {
  const [rules = ""] = TEXT.split("\n## Rules and their tests\n");
  const found = rules.matchAll(/^(?:\| (W\d+) \||- \*\*(W\d+)\*\* )/gm);
  return Array.from(found, ([, row, item]) => row ?? item ?? "");
}

const byNumber = (a: string, b: string): number => Number(a.slice(1)) - Number(b.slice(1));

Deno.test("The drops in docs/WIRE.md are those of the code, in the same order", () => {
  const rows = chapter("What is dropped by its format").matchAll(/^\| (W\d+) \| `([a-z-]+)` \|/gm);
  const documented = Array.from(rows, ([, rule, drop]) => [rule, drop]);
  assertEquals(documented, RULES.map(({ rule, drop }) => [rule, drop]));
  assertEquals(documented.map(([, drop]) => drop), [...DROP_REASONS]);
});

Deno.test("The rules in docs/WIRE.md are numbered without gap or repetition", () => {
  const numbers = stated().sort(byNumber);
  assertNotEquals(numbers.length, 0);
  assertEquals(numbers, numbers.map((_, i) => `W${i + 1}`));
});

Deno.test("What docs/WIRE.md refers to as a rule is one", () => {
  const rules = new Set(stated());
  const named = Array.from(TEXT.matchAll(/\bW\d+\b/g), ([rule]) => rule);
  assertEquals(named.filter((rule) => !rules.has(rule)), []);
});

// ---------------------------------------------------------------------------------------------- rules and tests

interface Row {
  readonly rule: string;
  readonly obeyed: string;
  readonly broken: string;
}

function rows(): Row[] {
  const lines = chapter("Rules and their tests").split("\n").filter((line) => /^\| W/.test(line));
  return lines.map((line) => {
    const [, rule = "", obeyed = "", broken = "", ...rest] = line.split("|").map((cell) =>
      cell.trim()
    );
    assertEquals(rest, [""], `a row must have three cells: ${line}`);
    return { rule, obeyed, broken: broken === "the same" ? obeyed : broken };
  });
}

/** Whether a text in quotes, as it stands in a source, is the title: of a template any value fits. */
function isTitle(source: string, title: string): boolean {
  if (!source.startsWith("`")) return source.slice(1, -1).replaceAll(/\\(.)/g, "$1") === title;
  const parts = source.slice(1, -1).split(/\$\{[^}]*\}/);
  // A template of hardly more than values would fit every title.
  if (parts.join("").length < 20) return false;
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+");
  return new RegExp(`^${pattern}$`).test(title);
}

/** What is wrong with a cell that names a test; null: nothing. */
function fault(cell: string): string | null {
  const [, file, title] = /^`([\w/.]+)`(?: (.+))?$/.exec(cell) ?? [];
  if (file === undefined) return `no test is named: ${cell}`;
  let text: string;
  try {
    text = Deno.readTextFileSync(new URL(`tests/${file}`, ROOT));
  } catch {
    return `there is no file tests/${file}`;
  }
  // A scenario is one test, named like its file.
  if (title === undefined) return file.endsWith(".txt") ? null : `no title is named: ${cell}`;
  const quoted = text.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return quoted.some((each) => isTitle(each, title))
    ? null
    : `tests/${file} has no test "${title}"`;
}

Deno.test("Every rule in docs/WIRE.md has one row in the table of tests, in the order of numbers", () => {
  assertEquals(rows().map(({ rule }) => rule), stated().sort(byNumber));
});

Deno.test("The tests named in docs/WIRE.md are there", () => {
  const cells = rows().flatMap(({ obeyed, broken }) => [obeyed, broken]).filter((cell) =>
    cell !== "–"
  );
  assertNotEquals(cells.length, 0);
  assertEquals(cells.map(fault).filter((each) => each !== null), []);
});

Deno.test("No rules but those listed here have no test", () => {
  const empty = rows().filter(({ obeyed, broken }) => obeyed === "–" || broken === "–");
  assertEquals(empty.map(({ rule }) => rule), [...WITHOUT_TEST]);
});

Deno.test("A test that is not there would be found to be missing", () => {
  const known =
    "`core/wire_test.ts` Rule W1 lets pass what keeps it and drops the rest as too-short";
  assertEquals(fault(known), null);
  assertEquals(fault("`scenarios/one_way_cut.txt`"), null);
  for (
    const cell of [
      "–",
      "core/wire_test.ts Rule W1",
      "`core/no_such_test.ts` Rule W1",
      "`core/wire_test.ts`",
      "`core/wire_test.ts` Rule W1",
      "`scenarios/no_such.txt`",
    ]
  ) assertNotEquals(fault(cell), null, cell);
});
