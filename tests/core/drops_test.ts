import { assertEquals } from "@std/assert";
import { Drops } from "../../lib/core/drops.ts";

const MINUTE = 60_000;

function count(drops: Drops, reason: string, now: number) {
  return drops.count(reason, "9", "A", "10.1.0.2", now);
}

Deno.test("the first drop of a reason is told, with what was wrong and where", () => {
  assertEquals(count(new Drops(), "version", 5), {
    kind: "dropped",
    reason: "version",
    value: "9",
    network: "A",
    from: "10.1.0.2",
    count: 1,
  });
});

Deno.test("further drops within a minute are only counted; the next line says how many there were", () => {
  const drops = new Drops();
  const start = 5 * MINUTE;
  count(drops, "version", start);
  for (let i = 1; i <= 41; i++) assertEquals(count(drops, "version", start + i), null);
  assertEquals(count(drops, "version", start + MINUTE - 1), null);
  const told = count(drops, "version", start + MINUTE);
  assertEquals(told?.kind === "dropped" && told.count, 43);
  assertEquals(drops.counts.get("version"), 44);
});

Deno.test("each reason has its own minute and its own count", () => {
  const drops = new Drops();
  assertEquals(count(drops, "version", 0)?.kind, "dropped");
  assertEquals(count(drops, "length", 1)?.kind, "dropped");
  assertEquals(count(drops, "version", 2), null);
  assertEquals([...drops.counts], [["version", 2], ["length", 1]]);
});

Deno.test("what is ordinary on a broadcast medium is counted and never told", () => {
  const ordinary = [
    "own",
    "late-answer",
    "duplicate-answer",
    "duplicate-inquiry",
    "retired-boot",
    "stranger-state",
    "network-gone",
    "network-unusable",
  ];
  const drops = new Drops();
  for (const reason of ordinary) {
    assertEquals(count(drops, reason, 0), null, reason);
    assertEquals(drops.counts.get(reason), 1);
  }
});
