/** What real daemons leave to be looked at: events, a report, and metrics by HTTP and in a file. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { readExposition } from "../shells/exposition.ts";
import { attempt } from "./command.ts";
import { Daemon, FAILD, runDirectoryOf } from "./daemon.ts";
import { waitForPeers } from "./group.ts";
import { Lab } from "./lab.ts";
import { pathDown } from "./log_events.ts";

const PORT = 9345;

/** Asks as a scraper on the host itself does; the head and the body of the answer. */
async function scrape(lab: Lab, accept: string): Promise<readonly string[]> {
  const lines = ["GET /metrics HTTP/1.1", `Host: localhost:${PORT}`, `Accept: ${accept}`, "", ""];
  const script = `exec 3<>/dev/tcp/127.0.0.1/${PORT}; printf '${
    lines.join("\\r\\n")
  }' >&3; cat <&3`;
  const { code, stdout, stderr } = await attempt(lab.onHost("h1", ["bash", "-c", script]));
  assertEquals([code, stderr], [0, ""]);
  return stdout.split("\r\n\r\n");
}

async function faild(lab: Lab, events: string, ...args: string[]): Promise<string> {
  const config = `${lab.directory}/records.yaml`;
  await Deno.writeTextFile(config, `events: {file: ${events}}\n`);
  const place = ["--run-dir", runDirectoryOf(lab, "h1"), "-c", config];
  const { code, stdout, stderr } = await attempt(lab.onHost("h1", [FAILD, ...args, ...place]));
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

Deno.test("a failover is in the metrics, the events and the report, also after kill -9", async () => {
  await using lab = await Lab.create();
  const [events, file] = [`${lab.directory}/kept.jsonl`, `${lab.directory}/faild.prom`];
  const extra =
    `events: {file: ${events}}\nmetrics: {file: ${file}, listen: "127.0.0.1:${PORT}"}\n`;
  const [h1] = await Promise.all([
    Daemon.start(lab, "h1", { extra }),
    Daemon.start(lab, "h2"),
  ]);
  await waitForPeers(lab, h1, ["h1", "h2"]);
  await lab.cut("A");
  await h1.log.wait(pathDown("h2", "A"));
  const [head = "", page = ""] = await scrape(lab, "application/openmetrics-text");
  assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
  const states = readExposition(page, "openmetrics").get("faild_path_state")?.samples
    .map(({ labels, value }) => `${labels.get("node")} ${labels.get("network")} ${value}`);
  assertEquals(states, ["h2 A 0", "h2 B 1"]);
  assert(readExposition(Deno.readTextFileSync(file), "prometheus").has("faild_build_info"));
  await h1.kill();
  // The monitor that it left ends when it has something to tell.
  await lab.unplug("h1", "A");
  const told = (await faild(lab, events, "events", "--json")).trimEnd().split("\n")
    .map((line) => JSON.parse(line).event);
  assertEquals([told[0], told.at(-1)], ["start", "path-down"]);
  const report = await faild(lab, events, "report", "-o", "-");
  assertMatch(report, /<title>faild on h1,/);
  assertMatch(report, /<dt>Failovers<\/dt>\n<dd><strong>1<\/strong>/);
});
