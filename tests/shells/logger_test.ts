import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { monotonicNow } from "../../lib/host/clock.ts";
import type { LogSettings } from "../../lib/config/merge.ts";
import { LOG_LEVELS, type LogLevel } from "../../lib/config/options.ts";
import { type Log, type LogPlace, openLog } from "../../lib/host/logger.ts";
import type { LogRecord } from "../../lib/log_line.ts";

/** No journal, and no syslog: nothing is made there. */
const PLACE: LogPlace = { runDir: "/nonexistent-folder", isJournal: false };

function record(level: LogLevel, text: string): LogRecord {
  return { level, event: "test", text, fields: { level2: level } };
}

/** What a log with these options has in its file after `body`. */
function logged(options: Partial<LogSettings>, body: (log: Log) => void): string {
  const file = Deno.makeTempFileSync();
  try {
    const opened = openLog(
      { file, level: "info", format: "text", syslog: false, ...options },
      monotonicNow,
      PLACE,
    );
    if (opened.kind === "failed") throw new Error(opened.reason);
    body(opened.log);
    opened.log.close();
    return Deno.readTextFileSync(file);
  } finally {
    Deno.removeSync(file);
  }
}

Deno.test("records of less weight than asked for are dropped", () => {
  for (const [index, level] of LOG_LEVELS.entries()) {
    const text = logged({ level }, (log) => {
      for (const each of LOG_LEVELS) log.write(record(each, "x"));
    });
    const levels = text.trimEnd().split("\n").map((line) => line.split(" ")[1]);
    assertEquals(levels, LOG_LEVELS.slice(index));
  }
});

Deno.test("braces, percent signs and control characters come out as words, not as commands", () => {
  const text = logged({}, (log) => log.write(record("info", "{level2} {{x}} %s \x1b[2J\nfake")));
  assertMatch(text, /^\S+ info \{level2\} \{\{x\}\} %s \\u001b\[2J\\u000afake\n$/);
});

Deno.test("JSON lines carry the event and the fields, and are never coloured", () => {
  const text = logged({ format: "json" }, (log) => log.write(record("warning", "it is {so}")));
  const { time, ...rest } = JSON.parse(text) as Record<string, unknown>;
  assertMatch(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/);
  assertEquals(rest, { level: "warning", event: "test", level2: "warning", text: "it is {so}" });
});

Deno.test("a log file in a folder that is missing is a failure that names it", () => {
  const file = "/nonexistent-folder/faild.log";
  assertEquals(
    openLog({ file, level: "info", format: "text", syslog: false }, monotonicNow, PLACE),
    {
      kind: "failed",
      reason: `Cannot log to ${file}: No such file or directory`,
    },
  );
});

/** What a program that logs to standard error leaves there. */
async function stderrOf(options: LogSettings, body: string, place = PLACE): Promise<string> {
  const logger = import.meta.resolve("../../lib/host/logger.ts");
  const code = `import { openLog } from ${JSON.stringify(logger)};
    const { log } = openLog(${JSON.stringify(options)}, () => performance.now(), ${
    JSON.stringify(place)
  });
    ${body}`;
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--ext=ts", "--no-check", code],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "" },
  }).output();
  return new TextDecoder().decode(stderr);
}

Deno.test("the last line is there although the process ends at once, and nothing is coloured", async () => {
  const text = await stderrOf(
    { file: null, level: "info", format: "text", syslog: false },
    `log.write({ level: "error", event: "x", text: "last words", fields: {} }); Deno.exit(1);`,
  );
  assertMatch(text, /^\S+ error last words\n$/);
});

Deno.test("what is written to a closed log is nowhere", async () => {
  const file = Deno.makeTempFileSync();
  const text = await stderrOf(
    { file, level: "info", format: "text", syslog: false },
    `const record = { level: "error", event: "x", text: "words", fields: {} };
     log.write(record);
     log.close();
     log.write(record);`,
  );
  assertEquals(text, "");
  assertEquals(Deno.readTextFileSync(file).split("\n").length, 2);
  Deno.removeSync(file);
});

Deno.test("troubles with the log file are told in the format of the log", async () => {
  const text = await stderrOf(
    { file: "/dev/full", level: "info", format: "json", syslog: false },
    `log.write({ level: "info", event: "x", text: "lost in the file", fields: {} });`,
  );
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ event, text }) => [event, text]), [
    [
      "log-unwritable",
      "Cannot write log /dev/full: No space left on device; its lines go to standard error",
    ],
    ["x", "lost in the file"],
  ]);
});

Deno.test("on a terminal the level is coloured, unless NO_COLOR asks for none", async () => {
  const logger = import.meta.resolve("../../lib/host/logger.ts");
  const code = `import { openLog } from ${JSON.stringify(logger)};
    const { log } = openLog({ file: null, level: "info", format: "text", syslog: false }, () => 0, ${
    JSON.stringify(PLACE)
  });
    log.write({ level: "warning", event: "x", text: "words", fields: {} });`;
  const script = Deno.makeTempFileSync({ suffix: ".ts" });
  const config = new URL("../../deno.json", import.meta.url).pathname;
  Deno.writeTextFileSync(script, code);
  const run = async (noColor: string) => {
    const { stdout } = await new Deno.Command("script", {
      args: ["-qec", `${Deno.execPath()} run --no-check -c ${config} ${script}`, "/dev/null"],
      env: { NO_COLOR: noColor },
      stdin: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  };
  try {
    assertStringIncludes(await run(""), " \x1b[33mwarning\x1b[0m words");
    assertStringIncludes(await run("1"), " warning words");
  } finally {
    Deno.removeSync(script);
  }
});

Deno.test("the journal is told the level of each line, also of those that the log file did not take", async () => {
  const body = `for (const level of ["debug", "info", "warning", "error"]) {
    log.write({ level, event: "x", text: "a warning", fields: {} });
  }`;
  const place = { ...PLACE, isJournal: true };
  const levels = (text: string) => text.trimEnd().split("\n").map((line) => line.slice(0, 4));
  const options = { file: null, level: "debug", syslog: false } as const;
  const text = await stderrOf({ ...options, format: "text" }, body, place);
  assertEquals(levels(text).map((each) => each.slice(0, 3)), ["<7>", "<6>", "<4>", "<3>"]);
  const json = await stderrOf({ ...options, format: "json" }, body, place);
  assertEquals(levels(json), ["<7>{", "<6>{", "<4>{", "<3>{"]);
  const full = await stderrOf({ ...options, file: "/dev/full", format: "text" }, body, place);
  assertEquals(levels(full).map((each) => each.slice(0, 3)), ["<3>", "<7>", "<6>", "<4>", "<3>"]);
});
