import { assert, assertEquals } from "@std/assert";
import { EXTRA_FLAGS, optionOf, OPTIONS } from "../../lib/config/options.ts";
import {
  checkText,
  checkValue,
  parseFailback,
  parseListen,
  ruleOf,
} from "../../lib/config/values.ts";

Deno.test("the classic flags keep their letters, units and defaults", () => {
  const classic = OPTIONS.filter(({ flag }) => flag !== null && flag.short !== null)
    .map(({ flag, key, default: value }) => [flag?.short, flag?.long, key, value]);
  assertEquals(classic, [
    ["r", "requestor", "requestor", false],
    ["t", "interval", "interval", 1],
    ["f", "fail-after", "fail-after", 3],
    ["s", "restore-after", "restore-after", 10],
    ["p", "port", "port", 32453],
    ["l", "log-file", "log.file", null],
  ]);
});

Deno.test("no flag, key or name of an option occurs twice", () => {
  const flags = [...OPTIONS.flatMap(({ flag }) => flag === null ? [] : [flag]), ...EXTRA_FLAGS];
  const words = [
    ...flags.map(({ long }) => `--${long}`),
    ...flags.flatMap(({ short }) => short === null ? [] : [`-${short}`]),
    ...OPTIONS.map(({ key }) => `key ${key}`),
    ...OPTIONS.map(({ id }) => `id ${id}`),
  ];
  assertEquals(words.length, new Set(words).size);
});

Deno.test("every default obeys the rule of its own option", () => {
  for (const option of OPTIONS) {
    if (option.default === null) continue;
    assertEquals(checkValue(option, option.default), { ok: true, value: option.default });
  }
});

Deno.test("the bounds of every number are allowed, and the next value beyond is not", () => {
  let tried = 0;
  for (const option of OPTIONS) {
    if (option.kind !== "number") continue;
    const step = option.whole ? 1 : 0.0001;
    for (const [least, most] of option.ranges) {
      for (const value of [least, most]) {
        assert(checkValue(option, value).ok, `${option.key} ${value}`);
        assert(checkText(option, String(value)).ok, `${option.key} ${value}`);
      }
      for (const value of [least - step, most + step]) {
        assert(!checkValue(option, value).ok, `${option.key} ${value}`);
        assert(!checkText(option, String(value)).ok, `${option.key} ${value}`);
      }
      tried++;
    }
  }
  assertEquals(tried, 18);
});

Deno.test("tables and protocols of the kernel are refused", () => {
  for (const table of [0, 253, 254, 255]) assert(!checkValue(optionOf("table"), table).ok);
  for (const protocol of [0, 1, 2, 3, 4]) assert(!checkValue(optionOf("protocol"), protocol).ok);
});

Deno.test("a value of the wrong type is refused with the rule of its option", () => {
  const wrong: readonly (readonly [Parameters<typeof optionOf>[0], unknown, string])[] = [
    ["requestor", "yes", '"yes"'],
    ["requestor", 1, "1"],
    ["interval", "1", '"1"'],
    ["interval", Number.NaN, "NaN"],
    ["interval", Number.POSITIVE_INFINITY, "Infinity"],
    ["interval", [1], "a list"],
    ["failAfter", 2.5, "2.5"],
    ["failAfter", null, "empty"],
    ["logLevel", "loud", '"loud"'],
    ["logLevel", "Info", '"Info"'],
    ["logFormat", true, "true"],
    ["logFile", "faild.log", '"faild.log"'],
    ["logFile", "/tmp/a\0b", '"/tmp/a\\u0000b"'],
    ["logFile", "", '""'],
    ["runDir", { a: 1 }, "a mapping"],
    ["node", "two words", '"two words"'],
    ["node", 7, "7"],
    ["confirmInterval", "the interval", '"the interval"'],
    ["lossWindow", 19, "19"],
    ["lossWindow", 20.5, "20.5"],
    ["failback", "after", '"after"'],
    ["failback", "after 0.5", '"after 0.5"'],
    ["failback", "after 86401", '"after 86401"'],
    ["failback", "after 10 s", '"after 10 s"'],
    ["failback", "after  10", '"after  10"'],
    ["failback", 600, "600"],
    ["failback", "Auto", '"Auto"'],
    ["authMode", false, "false"],
    ["authKeyFile", "keys", '"keys"'],
    ["logSyslog", "yes", '"yes"'],
    ["controlGroup", "-adm", '"-adm"'],
    ["controlGroup", "two words", '"two words"'],
    ["controlGroup", "a".repeat(33), `"${"a".repeat(33)}"`],
    ["controlGroup", 4, "4"],
    ["eventsFile", "events.jsonl", '"events.jsonl"'],
    ["metricsFile", true, "true"],
    ["metricsListen", 9345, "9345"],
  ];
  for (const [id, value, shown] of wrong) {
    const option = optionOf(id);
    assertEquals(checkValue(option, value), { ok: false, rule: ruleOf(option), shown });
  }
});

Deno.test("when traffic returns is said by a word, or by a word and seconds", () => {
  assertEquals(parseFailback("auto"), { kind: "auto" });
  assertEquals(parseFailback("manual"), { kind: "manual" });
  for (
    const [text, quietMs] of [["1", 1000], ["600", 600000], ["2.5", 2500], ["86400", 86400000]]
  ) {
    assertEquals(parseFailback(`after ${text}`), { kind: "after", quietMs });
    assertEquals(checkValue(optionOf("failback"), `after ${text}`).ok, true);
  }
});

Deno.test("metrics are served on an address of this machine only", () => {
  assertEquals(parseListen("127.0.0.1:9345"), { hostname: "127.0.0.1", port: 9345 });
  assertEquals(parseListen("127.255.0.9:65535"), { hostname: "127.255.0.9", port: 65535 });
  assertEquals(parseListen("[::1]:1"), { hostname: "::1", port: 1 });
  for (
    const text of ["0.0.0.0:9345", "192.168.1.1:9345", "127.0.0.256:1", "127.0.0.1", "127.0.0.1:"]
  ) assertEquals(parseListen(text), null, text);
  for (const port of ["0", "65536", "01", "-1", "1e3", " 1"]) {
    assertEquals(parseListen(`127.0.0.1:${port}`), null, port);
  }
  for (const text of ["::1:9345", "[::]:9345", "localhost:9345", ":9345", "9345", ""]) {
    assertEquals(parseListen(text), null, text);
  }
});

Deno.test("a group has the name of one", () => {
  for (const name of ["adm", "_faild", "Domain.Users", "a", "x$"]) {
    assert(checkValue(optionOf("controlGroup"), name).ok, name);
  }
});

Deno.test("a single value among ranges is no range of its own in words", () => {
  assertEquals(ruleOf(optionOf("lossWindow")), "must be a whole number, 0 or 20 to 1000");
});

Deno.test("a path longer than the kernel takes is refused", () => {
  const option = optionOf("logFile");
  assert(checkValue(option, `/${"a".repeat(4094)}`).ok);
  assert(!checkValue(option, `/${"a".repeat(4095)}`).ok);
});

Deno.test("the text of a number is decimal and nothing else", () => {
  const option = optionOf("interval");
  for (const [text, value] of [["1", 1], ["+1", 1], ["0.05", 0.05], [".5", 0.5], ["2.", 2]]) {
    assertEquals(checkText(option, String(text)), { ok: true, value: Number(value) });
  }
  for (const text of ["", " ", "1 ", "1s", "0,5", "1e2", "0x10", "1_0", "--1", ".", "Infinity"]) {
    assert(!checkText(option, text).ok, JSON.stringify(text));
  }
});

Deno.test("every option says what it is for, in a sentence", () => {
  for (const { help } of [...OPTIONS, ...EXTRA_FLAGS]) assert(/^[A-Z].*\.$/.test(help), help);
});
