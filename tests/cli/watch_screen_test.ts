import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { WatchScreen } from "../../lib/cli/watch_screen.ts";
import { FakeScreen } from "../fakes/screen.ts";

/** A terminal on its other screen, as the program takes it over. */
function terminal(columns: number, rows: number): FakeScreen {
  const shown = new FakeScreen(columns, rows);
  shown.write("\x1b[?1049h");
  return shown;
}

Deno.test("a screen that shows the lines already is not written to", () => {
  const screen = new WatchScreen();
  const size = { columns: 20, rows: 4 };
  const lines = ["one", "two", "three"];
  assert(screen.update(lines, size) !== "");
  assertEquals(screen.update(lines, size), "");
  assertEquals(screen.update([...lines, ""], size), "");
});

Deno.test("only the lines that have changed are written, each to its end", () => {
  const screen = new WatchScreen();
  const size = { columns: 5, rows: 3 };
  screen.update(["one", "two", "three"], size);
  assertEquals(screen.update(["one", "2", "three"], size), "\x1b[2;1H2\x1b[K");
  // The cursor stays in the last column of a full line, and would erase it.
  assertEquals(screen.update(["one", "seven", "three"], size), "\x1b[2;1Hseven");
  assertEquals(screen.update(["one"], size), "\x1b[2;1H\x1b[K\x1b[3;1H\x1b[K");
});

Deno.test("after a change of size, or when others have drawn, all is written anew", () => {
  const screen = new WatchScreen();
  screen.update(["one"], { columns: 5, rows: 1 });
  assertEquals(
    screen.update(["one"], { columns: 6, rows: 2 }),
    "\x1b[1;1Hone\x1b[K\x1b[2;1H\x1b[K",
  );
  screen.forget();
  assertEquals(
    screen.update(["one"], { columns: 6, rows: 2 }),
    "\x1b[1;1Hone\x1b[K\x1b[2;1H\x1b[K",
  );
});

Deno.test("whatever is shown one after the other, the screen is as the lines are", () => {
  const line = fc.array(fc.constantFrom("a", "b", " ", "東", "\x1b[31mx\x1b[0m"), { maxLength: 4 })
    .map((parts) => parts.join(""));
  const picture = fc.record({
    lines: fc.array(line, { maxLength: 4 }),
    columns: fc.constantFrom(8, 9, 20),
    rows: fc.constantFrom(4, 5),
    isDisturbed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(picture, { maxLength: 8 }), (pictures) => {
      const screen = new WatchScreen();
      const shown = terminal(8, 4);
      for (const { lines, columns, rows, isDisturbed } of pictures) {
        shown.resize(columns, rows);
        if (isDisturbed) {
          shown.write("\x1b[1;1H#####");
          screen.forget();
        }
        shown.write(screen.update(lines, { columns, rows }));
        const wanted = Array.from({ length: rows }, (_, row) => plain(lines[row] ?? ""));
        assertEquals(shown.lines(), wanted);
        assertEquals(shown.faults, []);
        assertEquals(shown.isColoured, false);
      }
    }),
    { seed: 5, numRuns: 300 },
  );
});

function plain(line: string): string {
  return line.replaceAll("\x1b[31m", "").replaceAll("\x1b[0m", "").trimEnd();
}
