import { assertEquals } from "@std/assert";
import { Pace, TELL_EVERY_MS } from "../../lib/core/pace.ts";

Deno.test("the first is told at once, those of the next minute are counted and told with the one after it", () => {
  const pace = new Pace();
  assertEquals(pace.due("a", 0), 1);
  assertEquals([1, 10, TELL_EVERY_MS - 1].map((now) => pace.due("a", now)), [null, null, null]);
  assertEquals(pace.due("a", TELL_EVERY_MS), 4);
  assertEquals(pace.due("a", 2 * TELL_EVERY_MS), 1);
});

Deno.test("one key does not hold another one back", () => {
  const pace = new Pace();
  assertEquals([pace.due("a", 0), pace.due("b", 0), pace.due("a", 1)], [1, 1, null]);
});

Deno.test("a flood of keys is forgotten, not remembered without bound", () => {
  const pace = new Pace();
  for (let i = 0; i < 4097; i++) pace.due(String(i), 0);
  assertEquals([pace.due("4096", 1), pace.due("0", 1)], [null, 1]);
});
