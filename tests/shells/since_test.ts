import { assertEquals } from "@std/assert";
import { parseSince } from "../../lib/since.ts";

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);

Deno.test("a time ago is counted back from now", () => {
  const hour = 3_600_000;
  assertEquals(parseSince("90s", NOW), NOW - 90_000);
  assertEquals(parseSince("30m", NOW), NOW - hour / 2);
  assertEquals(parseSince("2h", NOW), NOW - 2 * hour);
  assertEquals(parseSince("3d", NOW), NOW - 72 * hour);
  assertEquals(parseSince("1w", NOW), NOW - 168 * hour);
});

Deno.test("a day begins at local midnight", () => {
  assertEquals(parseSince("2026-11-22", NOW), new Date(2026, 10, 22).getTime());
});

Deno.test("a full time is taken with its zone, and as local without one", () => {
  assertEquals(parseSince("2026-11-22T10:30:00Z", NOW), Date.UTC(2026, 10, 22, 10, 30));
  assertEquals(parseSince("2026-11-22t10:30:00z", NOW), Date.UTC(2026, 10, 22, 10, 30));
  assertEquals(parseSince("2026-11-22T10:30:00+01:00", NOW), Date.UTC(2026, 10, 22, 9, 30));
  assertEquals(
    parseSince("2026-11-22T10:30:00.123456Z", NOW),
    Date.UTC(2026, 10, 22, 10, 30) + 123,
  );
  assertEquals(parseSince("2026-11-22 10:30", NOW), new Date(2026, 10, 22, 10, 30).getTime());
});

Deno.test("what is no time is refused", () => {
  const wrong = [
    ...["", "2", "h", "-2h", "2.5h", "2 h", "2y", "yesterday", "1e3s", "2026", "2026-13-01"],
    ...["2026-02-30", "2026-11-22T", "2026-11-22T25:00", "2026-11-22T10:61:00Z", "22.11.2026"],
    ...["2026-11-22T10:30:00+25:00x", "2026-02-30T10:00:00Z"],
  ];
  assertEquals(wrong.filter((text) => parseSince(text, NOW) !== null), []);
});
