import { assert, assertEquals } from "@std/assert";
import { jsonLine, type LogRecord, textLine } from "../../lib/log_line.ts";
import { noticeText } from "../../lib/notice_text.ts";
import { schemaFaults } from "../fakes/json_schema.ts";
import { down, up } from "../report/records.ts";
import { FakeHost } from "./fake_host.ts";

const FILE = "/run/faild/events.jsonl";
const NOW = new FakeHost().wallMs;
const HOUR = 3_600_000;

const DOWN: LogRecord = {
  level: "warning",
  event: "path-down",
  text: "node2 is down on A",
  fields: { node: "node2" },
};
const STOP: LogRecord = { level: "info", event: "stop", text: "faild stopped", fields: {} };

/** A machine whose daemon kept two events, five hours and one hour ago. */
function withPast(): FakeHost {
  const host = new FakeHost();
  host.records.linesOf(FILE).push(jsonLine(DOWN, NOW - 5 * HOUR), jsonLine(STOP, NOW - HOUR));
  return host;
}

Deno.test("events are printed as the log has them, without a daemon", async () => {
  const host = withPast();
  assertEquals(await host.faild("events"), {
    exit: 0,
    out: textLine(DOWN, NOW - 5 * HOUR, false) + textLine(STOP, NOW - HOUR, false),
    error: "",
  });
  assertEquals(host.diary, []);
});

Deno.test("events are coloured on a terminal only, and not where NO_COLOR is set", async () => {
  const host = withPast();
  host.isOnTerminal = true;
  assert((await host.faild("events")).out.includes("\x1b[33mwarning\x1b[0m"));
  const plain = withPast();
  plain.isOnTerminal = true;
  plain.variables.set("NO_COLOR", "1");
  assert(!(await plain.faild("events")).out.includes("\x1b"));
});

Deno.test("with --json each event is one object on one line, with all its fields", async () => {
  const { out } = await withPast().faild("events", "--json");
  assertEquals(out, jsonLine(DOWN, NOW - 5 * HOUR) + jsonLine(STOP, NOW - HOUR));
  assertEquals(JSON.parse(out.split("\n")[0] ?? "").node, "node2");
});

Deno.test("each line of --json is as its schema says", async () => {
  const place = new URL("../../docs/schema/events.json", import.meta.url);
  const schema = JSON.parse(Deno.readTextFileSync(place));
  const host = withPast();
  for (const notice of [down(), up(5000), { kind: "recovered", afterMs: 7 } as const]) {
    host.records.linesOf(FILE).push(jsonLine(noticeText(notice), NOW));
  }
  const lines = (await host.faild("events", "--json")).out.trimEnd().split("\n");
  assertEquals(lines.length, 5);
  assertEquals(lines.flatMap((line) => schemaFaults(JSON.parse(line), schema)), []);
});

Deno.test("with --since only what happened from then on is printed", async () => {
  for (const since of ["2h", new Date(NOW - 2 * HOUR).toISOString()]) {
    const { out } = await withPast().faild("events", "--since", since);
    assertEquals(out, textLine(STOP, NOW - HOUR, false));
  }
});

Deno.test("a time that cannot be read is a wrong flag", async () => {
  assertEquals(await withPast().faild("events", "--since", "yesterday"), {
    exit: 2,
    out: "",
    error: "faild: Cannot use --since: must be a time ago (90s, 30m, 2h, 3d, 1w), a day " +
      '(2026-11-22) or a time (2026-11-22T10:30:00+01:00), is "yesterday"\n',
  });
});

Deno.test("broken lines are left out and counted", async () => {
  const host = withPast();
  host.records.linesOf(FILE).splice(1, 0, '{"time":"2026-\n', "rubbish\n");
  const { exit, out, error } = await host.faild("events");
  assertEquals([exit, out.split("\n").length], [0, 3]);
  assertEquals(error, `faild: 2 lines of ${FILE} are broken and left out\n`);
});

Deno.test("where nothing was kept nothing is printed", async () => {
  assertEquals(await new FakeHost().faild("events"), { exit: 0, out: "", error: "" });
});

Deno.test("a file that must not be read is told of by the exit code", async () => {
  for (const [isForbidden, code] of [[true, 4], [false, 1]] as const) {
    const host = new FakeHost();
    const text = `Cannot read ${FILE}: for a reason`;
    host.records.readFailures.set(FILE, { text, isForbidden });
    assertEquals(await host.faild("events"), { exit: code, out: "", error: `faild: ${text}\n` });
  }
});

Deno.test("the file of the run directory is read, or that of the configuration", async () => {
  const host = new FakeHost();
  host.records.linesOf("/run/other/events.jsonl").push(jsonLine(STOP, NOW));
  assert((await host.faild("events", "--run-dir", "/run/other")).out.includes("stopped"));
  const configured = new FakeHost();
  const text = "events:\n  file: /var/log/faild.events\n";
  configured.files.set("/etc/faild.yaml", { kind: "text", text });
  configured.records.linesOf("/var/log/faild.events").push(jsonLine(STOP, NOW));
  assert((await configured.faild("events")).out.includes("stopped"));
});

Deno.test("with --follow what comes is printed too, until a signal", async () => {
  const host = withPast();
  const delays: number[] = [];
  host.udp.delay = (delayMs) => {
    delays.push(delayMs);
    if (delays.length === 2) host.records.linesOf(FILE).push(jsonLine(DOWN, NOW), "rubbish\n");
    if (delays.length === 4) host.signals?.stop("SIGINT");
    return Promise.resolve();
  };
  const { exit, out, error } = await host.faild("events", "--follow", "--since", "2h");
  assertEquals(exit, 0);
  assertEquals(out, textLine(STOP, NOW - HOUR, false) + textLine(DOWN, NOW, false));
  assertEquals(error, `faild: 1 line of ${FILE} is broken and left out\n`);
  assertEquals(delays, [250, 250, 250, 250]);
});

Deno.test("following ends when the terminal is closed, or nobody reads any more", async () => {
  const closed = withPast();
  closed.udp.delay = () => Promise.resolve(closed.signals?.reload());
  assertEquals((await closed.faild("events", "--follow")).exit, 0);
  const unread = withPast();
  unread.readsLeft = 1;
  unread.udp.delay = () => {
    unread.records.linesOf(FILE).push(jsonLine(DOWN, NOW));
    return Promise.resolve();
  };
  assertEquals((await unread.faild("events", "--follow")).exit, 0);
});

Deno.test("trouble while following is told once, and does not end it", async () => {
  const host = withPast();
  let polls = 0;
  host.udp.delay = () => {
    polls += 1;
    if (polls === 1) {
      host.records.readFailures.set(FILE, { text: "Cannot read it", isForbidden: false });
    }
    if (polls === 5) host.signals?.stop("SIGINT");
    return Promise.resolve();
  };
  const { exit, error } = await host.faild("events", "--follow");
  assertEquals([exit, error, polls], [0, "faild: Cannot read it\n", 5]);
});
