import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  escapeUnprintable,
  jsonLine,
  localTime,
  type LogRecord,
  textLine,
} from "../../lib/log_line.ts";

const RECORD: LogRecord = {
  level: "warning",
  event: "path-down",
  text: "node2 is down",
  fields: { node: "node2", tookMs: 3, cause: { kind: "missed", count: 3 } },
};
const WALL_MS = Date.UTC(2026, 10, 22, 9, 33, 42, 123);
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

Deno.test("a text line has time, level and sentence, and ends with a newline", () => {
  const line = textLine(RECORD, WALL_MS, false);
  assertMatch(
    line,
    /^2026-11-2\dT\d\d:\d\d:42\.123[+-]\d\d:\d\d warning node2 is down\n$/,
  );
});

Deno.test("the level is coloured on request and nothing else is", () => {
  const plain = textLine(RECORD, WALL_MS, false);
  const coloured = textLine(RECORD, WALL_MS, true);
  assertEquals(coloured, plain.replace("warning", "\x1b[33mwarning\x1b[0m"));
});

Deno.test("a JSON line has its keys in a stable order", () => {
  const line = jsonLine(RECORD, WALL_MS);
  assert(line.endsWith("}\n"));
  const parsed = JSON.parse(line) as Record<string, unknown>;
  assertEquals(Object.keys(parsed), [
    "time",
    "level",
    "event",
    "node",
    "tookMs",
    "cause",
    "text",
  ]);
  assertEquals(parsed.time, localTime(WALL_MS));
  assertEquals(parsed.cause, { kind: "missed", count: 3 });
});

Deno.test("the local time with its offset names the same moment", () => {
  const from = Date.UTC(1970, 0, 1);
  const to = Date.UTC(2100, 0, 1);
  fc.assert(fc.property(fc.integer({ min: from, max: to }), (wallMs) => {
    assertEquals(Date.parse(localTime(wallMs)), wallMs);
  }));
});

Deno.test("the offset follows the zone, also west of Greenwich and where it is not whole hours", () => {
  const zones = [
    ["Europe/Berlin", "2026-11-22T10:33:42.123+01:00"],
    ["America/St_Johns", "2026-11-22T06:03:42.123-03:30"],
    ["UTC", "2026-11-22T09:33:42.123+00:00"],
  ] as const;
  const source = import.meta.resolve("../../lib/log_line.ts");
  const code = `import { localTime } from ${
    JSON.stringify(source)
  }; console.log(localTime(${WALL_MS}))`;
  for (const [zone, expected] of zones) {
    const { stdout } = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-config", code],
      env: { TZ: zone, NO_COLOR: "1" },
    }).outputSync();
    assertEquals(new TextDecoder().decode(stdout).trim(), expected);
  }
});

Deno.test("what is not printable is escaped and all else is left alone", () => {
  assertEquals(escapeUnprintable("Größe “1” → 網路 \\n"), "Größe “1” → 網路 \\n");
  assertEquals(escapeUnprintable("a\nb\x1b[31m\x85\u202e"), "a\\u000ab\\u001b[31m\\u0085\\u202e");
  assertEquals(escapeUnprintable("\ud800 \u{e0001}"), "\\ud800 \\udb40\\udc01");
});

Deno.test("whatever the words, a line is one line without unprintable characters", () => {
  const words = fc.string({ unit: "binary" });
  fc.assert(fc.property(words, words, (text, value) => {
    const record: LogRecord = { ...RECORD, text, fields: { value } };
    for (const line of [textLine(record, WALL_MS, false), jsonLine(record, WALL_MS)]) {
      assertEquals(line.indexOf("\n"), line.length - 1);
      assert(!UNPRINTABLE.test(line.slice(0, -1)), line);
    }
  }));
});

Deno.test("a JSON line gives back the words that went in", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, value) => {
    const parsed = JSON.parse(jsonLine({ ...RECORD, text, fields: { value } }, WALL_MS));
    assertEquals([parsed.text, parsed.value], [text, value]);
  }));
});
