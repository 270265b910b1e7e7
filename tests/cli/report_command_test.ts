import { assert, assertEquals } from "@std/assert";
import { jsonLine } from "../../lib/log_line.ts";
import { noticeText } from "../../lib/notice_text.ts";
import { sampleLine } from "../../lib/samples.ts";
import { down, ON_A, sampledPath } from "../report/records.ts";
import { FakeHost } from "./fake_host.ts";

const NOW = new FakeHost().wallMs;
const HOUR = 3_600_000;

/** A machine whose daemon kept an event and a sample. */
function withPast(): FakeHost {
  const host = new FakeHost();
  host.records.linesOf("/run/faild/events.jsonl").push(
    jsonLine(noticeText(down()), NOW - 2 * HOUR),
    "torn",
  );
  host.records.linesOf("/run/faild/events.samples.jsonl").push(
    sampleLine([sampledPath(ON_A)], NOW - 3 * HOUR),
  );
  return host;
}

Deno.test("a report is written in one step, and said to be", async () => {
  const host = withPast();
  assertEquals(await host.faild("report", "-o", "/srv/report.html"), {
    exit: 0,
    out: "/srv/report.html: 3 h, 1 path, 1 failure\n",
    error: "",
  });
  const page = host.records.written.get("/srv/report.html") ?? "";
  assert(page.startsWith("<!DOCTYPE html>") && page.includes("node2 on A (192.168.1.2)"));
  assert(page.includes("1 line of the files could not be read."));
});

Deno.test("a report begins when it is told to", async () => {
  const host = withPast();
  const { out } = await host.faild("report", "--since", "1h", "-o", "/srv/report.html");
  assertEquals(out, "/srv/report.html: 1 h, 1 path, 0 failures\n");
  const week = await withPast().faild("report", "--since", "7d", "-o", "/srv/report.html");
  assertEquals(week.out, "/srv/report.html: 3 h recorded of 7 d, 1 path, 1 failure\n");
});

Deno.test("a report can go to standard output, and nothing else goes there then", async () => {
  const { exit, out } = await withPast().faild("report", "-o", "-");
  assertEquals(exit, 0);
  assert(out.startsWith("<!DOCTYPE html>") && out.trimEnd().endsWith("</html>"));
});

Deno.test("a report needs a file to go to, and a time that can be read", async () => {
  const without = await withPast().faild("report");
  assertEquals([without.exit, without.out], [2, ""]);
  assert(without.error.includes("-o"));
  assertEquals((await withPast().faild("report", "-o", "-", "--since", "soon")).exit, 2);
});

Deno.test("a file that cannot be written or read is told of by the exit code", async () => {
  const cases = [["Permission denied", 4], ["No space left on device", 1]] as const;
  for (const [reason, code] of cases) {
    const host = withPast();
    host.records.writeFailure = reason;
    const error = `faild: Cannot write /srv/r.html: ${reason}\n`;
    assertEquals(await host.faild("report", "-o", "/srv/r.html"), { exit: code, out: "", error });
  }
  const host = withPast();
  const trouble = { text: "Cannot read it", isForbidden: true };
  host.records.readFailures.set("/run/faild/events.samples.jsonl", trouble);
  assertEquals((await host.faild("report", "-o", "/srv/r.html")).exit, 4);
});
