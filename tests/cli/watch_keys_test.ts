import { assertEquals } from "@std/assert";
import { keysIn, pressed, type WatchState } from "../../lib/cli/watch_keys.ts";

const STATE: WatchState = { sort: "state", first: 10, paused: false, ascii: false };
const EXTENT = { page: 5, total: 40 };

Deno.test("keys are known by what terminals of several kinds send for them", () => {
  const cases = [
    ["\x1b[A\x1bOAk", ["up", "up", "up"]],
    ["\x1b[B\x1bOBj", ["down", "down", "down"]],
    ["\x1b[5~\x1b[6~", ["page-up", "page-down"]],
    ["\x1b[H\x1bOH\x1b[1~\x1b[7~", ["home", "home", "home", "home"]],
    ["\x1b[F\x1bOF\x1b[4~\x1b[8~", ["end", "end", "end", "end"]],
    ["q", ["quit"]],
    ["\x03", ["quit"]],
    ["\x0c", ["redraw"]],
    ["東", ["東"]],
  ] as const;
  for (const [typed, keys] of cases) assertEquals(keysIn("", typed), { keys: [...keys], rest: "" });
});

Deno.test("a key that comes in pieces is put together", () => {
  let rest = "";
  const keys: string[] = [];
  for (const character of "s\x1b[6~\x1bOAn") {
    const typed = keysIn(rest, character);
    keys.push(...typed.keys);
    rest = typed.rest;
  }
  assertEquals([keys, rest], [["s", "page-down", "up", "n"], ""]);
});

Deno.test("the Escape key is what begins a key that does not go on", () => {
  assertEquals(keysIn("", "\x1b"), { keys: [], rest: "\x1b" });
  assertEquals(keysIn("\x1b", "\x1b"), { keys: ["\x1b"], rest: "\x1b" });
});

Deno.test("keys that have no name, and floods of what are none, do nothing", () => {
  for (const typed of ["\x1b[Z", "\x1b[200~", "\x1b[1;5A", "x", "\0", "\t"]) {
    const { keys, rest } = keysIn("", typed);
    assertEquals(rest, "");
    assertEquals(keys.reduce((state, key) => pressed(state, key, EXTENT), STATE), STATE);
  }
  assertEquals(keysIn("", `\x1b[${"9".repeat(5000)}`).rest, "");
});

Deno.test("scrolling ends where there is nothing more to see", () => {
  const after = (key: string, first: number) => pressed({ ...STATE, first }, key, EXTENT).first;
  assertEquals(["up", "down", "page-up", "page-down", "home", "end"].map((key) => after(key, 10)), [
    9,
    11,
    5,
    15,
    0,
    35,
  ]);
  assertEquals([after("up", 0), after("page-up", 3), after("down", 35), after("page-down", 33)], [
    0,
    0,
    35,
    35,
  ]);
  assertEquals(pressed(STATE, "end", { page: 5, total: 3 }).first, 0);
});

Deno.test("a key for each order; what is first then is shown", () => {
  for (const [key, sort] of [["n", "name"], ["s", "state"], ["r", "rtt"], ["L", "loss"]] as const) {
    assertEquals(pressed(STATE, key, EXTENT), { ...STATE, sort, first: 0 });
  }
});

Deno.test("space holds the view and lets it go on, g changes the curves", () => {
  const held = pressed(STATE, " ", EXTENT);
  assertEquals(held, { ...STATE, paused: true });
  assertEquals(pressed(held, " ", EXTENT), STATE);
  assertEquals(pressed(STATE, "g", EXTENT), { ...STATE, ascii: true });
});
