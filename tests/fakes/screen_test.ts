import { assertEquals } from "@std/assert";
import { FakeScreen } from "./screen.ts";

/** What a screen of 4 by 2 shows and blames after this, taken whole and in pieces of one character. */
function shown(text: string, isOther = true) {
  const screens = [new FakeScreen(4, 2), new FakeScreen(4, 2)] as const;
  for (const screen of screens) screen.write(isOther ? "\x1b[?1049h" : "");
  screens[0].write(text);
  for (const character of text) screens[1].write(character);
  const [whole, pieces] = screens.map((screen) => [screen.lines(), screen.faults]);
  assertEquals(whole, pieces);
  return whole;
}

Deno.test("the screen shows what is written where it is written", () => {
  assertEquals(shown("ab\x1b[2;3Hc\x1b[1;2H\x1b[K"), [["a", "  c"], []]);
  assertEquals(shown("\x1b[31mab\x1b[0m\x1b[9;1Hx"), [["ab", "x"], []]);
  assertEquals(shown("東e\u0301x\x1b[2;1H東京"), [["東e\u0301x", "東京"], []]);
  assertEquals(shown("abcdef\r\ng\r\nh", false), [["g", "h"], []]);
});

Deno.test("what runs over, and what no terminal is told here, is blamed", () => {
  for (
    const text of [
      "abcde",
      "abc東",
      "abcd\x1b[K",
      "\x1b[2J",
      "\x1b[?2004h",
      "\x1b[48m",
      "\x07",
      "a\tb",
      "\x1b]0;title\x07".padEnd(20, "x"),
    ]
  ) {
    const screen = new FakeScreen(4, 2);
    screen.write(`\x1b[?1049h${text}`);
    assertEquals(screen.faults.length > 0, true, JSON.stringify(text));
  }
});

Deno.test("the main screen is as it was when the other one is left", () => {
  const screen = new FakeScreen(4, 2);
  screen.write("ab\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2;1Hxy");
  assertEquals([screen.lines(), screen.isCursorShown, screen.isWrapping], [
    ["", "xy"],
    false,
    false,
  ]);
  screen.write("\x1b[?7h\x1b[?25h\x1b[?1049lc");
  assertEquals([screen.lines(), screen.isCursorShown, screen.isWrapping], [
    ["abc", ""],
    true,
    true,
  ]);
  assertEquals(screen.faults, []);
});
