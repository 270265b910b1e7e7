import { assertEquals } from "@std/assert";
import { SwitchableLog } from "../../lib/cli/switchable_log.ts";
import type { Log } from "../../lib/host/logger.ts";

/** A log that could not write some of its lines. */
function logOf(file: string, lost: number, trouble: string | null, settle = () => {}): Log {
  return {
    write: () => {},
    place: () => ({ kind: "log", file, lost, trouble }),
    settle,
    reopen: () => {},
    close: () => {},
  };
}

Deno.test("lines that were lost are counted from the start on, whichever log they belonged to", () => {
  const log = new SwitchableLog(logOf("/a", 2, "No space left on device"));
  assertEquals(log.place(), {
    kind: "log",
    file: "/a",
    lost: 2,
    trouble: "No space left on device",
  });
  log.switchTo(logOf("/b", 3, null));
  assertEquals(log.place(), { kind: "log", file: "/b", lost: 5, trouble: null });
  log.switchTo(logOf("/c", 1, null));
  assertEquals(log.place().lost, 6);
});

Deno.test("the log that is written to is the one that settles", () => {
  const settled: string[] = [];
  const log = new SwitchableLog(logOf("/a", 1, null, () => settled.push("/a")));
  log.settle();
  log.switchTo(logOf("/b", 1, null, () => settled.push("/b")));
  log.settle();
  assertEquals(settled, ["/a", "/b"]);
});
