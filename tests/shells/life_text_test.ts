import { assertEquals } from "@std/assert";
import type { Settings } from "../../lib/core/types.ts";
import { errorRecord, flagOverriddenRecord, startText, stopText } from "../../lib/life_text.ts";

const SETTINGS: Settings = {
  requestor: true,
  intervalMs: 50,
  failAfter: 3,
  restoreAfter: 10,
  port: 32453,
  nodeName: "node1",
  networks: [],
  peers: [],
  routing: { table: 245, rulePriority: 3245, protocol: 245 },
};

Deno.test("the first line tells mode, settings, and where they are from", () => {
  const start = { version: "0.1.0", pid: 123, settings: SETTINGS, configFile: "/etc/faild.yaml" };
  assertEquals(
    startText(start).text,
    "faild 0.1.0 started as requestor and responder: node node1, interval 50 ms, " +
      "down after 3 misses, restored after 10 good packets, port 32453, networks chosen by itself, " +
      "configuration /etc/faild.yaml, pid 123",
  );
});

Deno.test("the first line of a responder names the configured networks", () => {
  const settings: Settings = {
    ...SETTINGS,
    requestor: false,
    networks: [{ name: "A", interfaceName: "eth1" }, { name: "B", subnet: "192.168.2.0/24" }],
  };
  const record = startText({ version: "0.1.0", pid: 123, settings, configFile: null });
  assertEquals(
    record.text,
    "faild 0.1.0 started as responder: node node1, interval 50 ms, down after 3 misses, " +
      "restored after 10 good packets, port 32453, 2 networks (A, B), no configuration file, pid 123",
  );
  assertEquals([record.event, record.fields.networks], ["start", ["A", "B"]]);
});

Deno.test("an overridden flag is a warning, a trouble of the host an error, neither breaks a line", () => {
  const text = "Flag -t 1 has no effect\n";
  assertEquals(flagOverriddenRecord(text), {
    level: "warning",
    event: "flag-overridden",
    text: "Flag -t 1 has no effect\\u000a",
    fields: {},
  });
  assertEquals(errorRecord("receive-failed", "Cannot receive on A: \x1b[2J"), {
    level: "error",
    event: "receive-failed",
    text: "Cannot receive on A: \\u001b[2J",
    fields: {},
  });
});

Deno.test("the last line tells whether anything of ours is left", () => {
  const clean = stopText("SIGTERM", []);
  assertEquals(
    [clean.level, clean.text],
    ["info", "faild stopped by SIGTERM: its routes and rule are removed"],
  );
  const unclean = stopText("SIGINT", ["rule 3245", "route to 192.168.1.2"]);
  assertEquals(
    [unclean.level, unclean.text],
    [
      "error",
      "faild stopped by SIGINT, but could not remove rule 3245, route to 192.168.1.2: run faild cleanup",
    ],
  );
});
