/**
 * Plays every scenario and compares what was said with what it expects, to the letter. With UPDATE=1 the files are
 * written anew with what was said: for review, not for belief.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { openingOf, play, wordsOf } from "./script.ts";
import { Stage } from "./stage.ts";

const FOLDER = new URL(".", import.meta.url);
const isUpdating = Deno.env.get("UPDATE") === "1";
/** An opening comment shorter than this says too little. */
const SHORTEST_OPENING = 40;

const names = [...Deno.readDirSync(FOLDER)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith(".txt"))
  .sort();

for (const name of names) {
  Deno.test(`scenario ${name.replace(/\.txt$/, "").replaceAll("_", " ")}`, () => {
    const file = new URL(name, FOLDER);
    const expected = Deno.readTextFileSync(file);
    assert(openingOf(expected).length >= SHORTEST_OPENING, `${name} does not say what it guards`);
    const stage = new Stage();
    const actual = play(expected, (words) => stage.perform(words));
    if (isUpdating) Deno.writeTextFileSync(file, actual);
    else assertEquals(actual.split("\n"), expected.split("\n"));
  });
}

Deno.test("a scenario whose expectation is wrong is not what was said", () => {
  const text = "# Says nothing.\nnode a A=10.0.0.1\nroutes\n  a has everything\n";
  const stage = new Stage();
  assertEquals(
    play(text, (words) => stage.perform(words)),
    "# Says nothing.\nnode a A=10.0.0.1\nroutes\n     0.000 a has nothing\n",
  );
});

Deno.test("a command that does not exist is named with its line", () => {
  const stage = new Stage();
  const run = () => play("# No.\n\ndance a\n", (words) => stage.perform(words));
  assertThrows(run, Error, "line 3: there is no command dance");
});

Deno.test("quotes hold words together", () => {
  assertEquals(wordsOf('refuse a 2 "Network is unreachable"'), [
    "refuse",
    "a",
    "2",
    "Network is unreachable",
  ]);
});
