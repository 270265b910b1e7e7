import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { aligned, described, MAX_COLUMNS } from "../../lib/cli/columns.ts";
import { wrapped } from "../../lib/config/wrapped.ts";

Deno.test("text is broken at its spaces", () => {
  assertEquals(wrapped("one two three", 7), ["one two", "three"]);
  assertEquals(wrapped("unbreakable word", 4), ["unbreakable", "word"]);
  assertEquals(wrapped("", 4), [""]);
});

Deno.test("a heading too long for its column stands alone above its text", () => {
  assertEquals(described("-x", "text", 8), ["  -x    text"]);
  assertEquals(described("--long", "text", 8), ["  --long", "        text"]);
});

Deno.test("columns are as wide as their widest cell", () => {
  assertEquals(aligned([["a", "bb", "c"], ["aaa", "b"]]), ["  a    bb  c", "  aaa  b"]);
  assertEquals(aligned([]), []);
});

Deno.test("no word is lost and no line too long, whatever the text", () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(fc.property(words, fc.integer({ min: 12, max: 60 }), (each, column) => {
    const lines = described("-x", each.join(" "), column);
    assertEquals(lines.join(" ").trim().split(/\s+/), ["-x", ...each]);
    for (const line of lines) assert(line.length <= MAX_COLUMNS, line);
  }));
});
