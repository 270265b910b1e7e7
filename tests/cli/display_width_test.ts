import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cutTo, displayWidth } from "../../lib/cli/display_width.ts";
import { toned } from "../../lib/cli/table.ts";

Deno.test("a text takes a cell for each character, two for wide ones, none for marks and colours", () => {
  const cases = [
    ["", 0],
    ["node2 up", 8],
    ["Zürich", 6],
    ["東京", 4],
    ["서울", 4],
    ["e\u0301", 1],
    ["▁▂█·×…↑", 7],
    ["😀", 2],
    [toned({ text: "down", tone: "bad" }, true), 4],
  ] as const;
  for (const [text, width] of cases) assertEquals(displayWidth(text), width, text);
});

Deno.test("what has no room is cut, and says so in its last cell", () => {
  assertEquals(cutTo("abcdef", 6, "…"), "abcdef");
  assertEquals(cutTo("abcdef", 5, "…"), "abcd…");
  assertEquals(cutTo("abcdef", 5, ">"), "abcd>");
  assertEquals(cutTo("abcdef", 1, "…"), "…");
  assertEquals(cutTo("abcdef", 0, "…"), "");
  assertEquals(cutTo("東京都", 4, "…"), "東…");
});

Deno.test("a colour that is cut is switched off behind the cut", () => {
  const down = toned({ text: "down and out", tone: "bad" }, true);
  assertEquals(cutTo(`a ${down} z`, 8, "…"), "a \x1b[31mdown …\x1b[0m");
  assertEquals(cutTo(`${down} and more`, 15, "…"), `${down} a…`);
  assertEquals(cutTo(down, 12, "…"), down);
});

Deno.test("whatever a text is made of, cut it has room, and no more of it than necessary is lost", () => {
  const part = fc.constantFrom("a", "7", "ü", "東", "\u0301", "\x1b[31mx\x1b[0m", "😀");
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      (parts, room) => {
        const text = parts.join("");
        const cut = cutTo(text, room, "…");
        assert(displayWidth(cut) <= room);
        if (displayWidth(text) <= room) assertEquals(cut, text);
        else assert(displayWidth(cut) >= room - 1);
      },
    ),
    { seed: 11, numRuns: 500 },
  );
});
