import { assert, assertEquals, assertMatch } from "@std/assert";
import { jsonLine, type LogRecord, textLine } from "../../lib/log_line.ts";
import { journalLines, syslogMessage } from "../../lib/syslog_line.ts";

const WALL_MS = Date.UTC(2026, 10, 22, 9, 33, 42, 123);
const SENDER = { hostname: "host1", pid: 4711 };

function record(level: LogRecord["level"], text = "node2 is down on A", event = "path-down") {
  return { level, event, text, fields: {} } satisfies LogRecord;
}

/** The parts of a message by RFC 5424, section 6. */
const MESSAGE =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) - (.*)$/;

Deno.test("a syslog message has the header of RFC 5424, with the event as its id", () => {
  const [, priority, time, ...rest] = MESSAGE.exec(
    syslogMessage(record("warning"), WALL_MS, SENDER),
  )!;
  assertEquals(priority, "28");
  assertEquals(Date.parse(time!), WALL_MS);
  assertEquals(rest, ["host1", "faild", "4711", "path-down", "node2 is down on A"]);
});

Deno.test("each level has its severity, in the facility of daemons", () => {
  for (const [level, priority] of [["error", 27], ["warning", 28], ["info", 30], ["debug", 31]]) {
    const message = syslogMessage(record(level as LogRecord["level"]), WALL_MS, SENDER);
    assert(message.startsWith(`<${priority}>1 `), message);
  }
});

Deno.test("what a header may not hold is left out of it, and what is unprintable is escaped", () => {
  const sender = { hostname: "büro 1\n", pid: 1 };
  const message = syslogMessage(record("info", "a\nb", `x${"y".repeat(40)}`), WALL_MS, sender);
  const [, , , host, , , event, text] = MESSAGE.exec(message)!;
  assertEquals([host, event, text], ["bro1", `x${"y".repeat(31)}`, "a\\u000ab"]);
  assertEquals(MESSAGE.exec(syslogMessage(record("info"), 0, { hostname: "ü", pid: 1 }))![3], "-");
});

Deno.test("a message that is too long is cut, and never within a character", () => {
  for (const padding of ["", "a", "aa"]) {
    const message = syslogMessage(record("info", padding + "…".repeat(2000)), WALL_MS, SENDER);
    const { length } = new TextEncoder().encode(message);
    assert(length <= 2048 && length > 2044, `${length}`);
    assertMatch(message, /…$/);
  }
});

Deno.test("each line for the journal begins with its level, as text and as JSON", () => {
  const warning = record("warning", "it says info");
  const error = record("error", "it says debug");
  const text = journalLines(textLine(warning, WALL_MS, false) + textLine(error, WALL_MS, false));
  assertEquals(text.split("\n").map((line) => line.slice(0, 7)), ["<4>2026", "<3>2026", ""]);
  const json = journalLines(jsonLine(warning, WALL_MS) + jsonLine(error, WALL_MS));
  assertEquals(json.split("\n").map((line) => line.slice(0, 5)), ['<4>{"', '<3>{"', ""]);
  assertEquals(json.replace(/^<\d>/gm, ""), jsonLine(warning, WALL_MS) + jsonLine(error, WALL_MS));
});

Deno.test("no text takes long to mark for the journal, whatever its lines are", () => {
  const began = performance.now();
  for (const line of ["a\n", '{"time":"x\n', "\n"]) {
    const lines = line.repeat(100_000);
    assertEquals(journalLines(lines), lines);
  }
  assert(performance.now() - began < 5000);
});
