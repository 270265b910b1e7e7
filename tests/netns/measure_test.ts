import { assertEquals } from "@std/assert";
import { figure, median, table } from "./measure.ts";

Deno.test("the median is the middle value, whatever the order", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([7]), 7);
  assertEquals(median([]), NaN);
});

Deno.test("figures group their thousands, and what is not known is a dash", () => {
  assertEquals(figure(1234.4), "1,234");
  assertEquals(figure(0.5, 2), "0.50");
  assertEquals(figure(null), "–");
  assertEquals(figure(NaN), "–");
});

Deno.test("a table is aligned under its headings and has no trailing spaces", () => {
  assertEquals(
    table(["fault", "lost"], [["cut", "128"], ["carrier lost", "5"]], "  "),
    [
      "  fault         lost",
      "  ────────────  ────",
      "  cut            128",
      "  carrier lost     5",
    ].join("\n"),
  );
});
