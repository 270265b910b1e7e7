import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { type Configuration, mergeConfiguration } from "../../lib/config/merge.ts";

function configured(text: string): Configuration {
  const merged = mergeConfiguration({
    given: new Map(),
    yaml: { file: "f.yaml", text, parse },
    hostname: "host1",
  });
  if (merged.kind === "problems") throw new Error("refused");
  return merged.configuration;
}

Deno.test("without a word about them nothing is served, hooked or sent to syslog", () => {
  const { control, events, metrics, hooks, log } = configured("");
  assertEquals({ control, events, metrics, hooks, syslog: log.syslog }, {
    control: { group: null },
    events: { file: "/run/faild/events.jsonl" },
    metrics: { file: null, listen: null },
    hooks: [],
    syslog: false,
  });
});

Deno.test("events are kept in the run directory, wherever that is, unless they have a file", () => {
  assertEquals(configured("run-dir: /run/b").events.file, "/run/b/events.jsonl");
  assertEquals(configured("run-dir: /run/b\nevents: {file: /e}").events.file, "/e");
});

Deno.test("what serves the metrics is an address and a port", () => {
  const { metrics, origins } = configured('metrics:\n  listen: "[::1]:9345"\n  file: /m');
  assertEquals(metrics, { file: "/m", listen: { hostname: "::1", port: 9345 } });
  assertEquals([origins.metricsListen, origins.metricsFile], ["f.yaml:2", "f.yaml:3"]);
});

Deno.test("hooks have an origin, and everything else of the daemon its place", () => {
  const { hooks, origins, control, log } = configured(
    "log: {syslog: true}\ncontrol: {group: adm}\nhooks:\n  - {on: [node], run: [/a]}",
  );
  assertEquals(hooks, [{ on: ["node"], run: ["/a"], timeoutMs: 10000 }]);
  assertEquals([origins.hooks, control.group, log.syslog], ["f.yaml:3", "adm", true]);
});
