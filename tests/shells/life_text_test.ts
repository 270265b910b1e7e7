import { assertEquals } from "@std/assert";
import type { Settings } from "../../lib/core/types.ts";
import {
  doubtRecord,
  errorRecord,
  flagOverriddenRecord,
  notPutBackRecord,
  putBackRecord,
  reloadedRecord,
  reloadRefusedRecord,
  startText,
  stopText,
  uncleanEndRecord,
} from "../../lib/life_text.ts";
import { settingsOf } from "../core/builders.ts";

const SETTINGS: Settings = settingsOf({ intervalMs: 50, restoreAfter: 10, nodeName: "node1" });

const START = { version: "0.1.0", pid: 123, settings: SETTINGS, configFile: null, keyId: null };

Deno.test("the first line tells mode, settings, and where they are from", () => {
  const start = { ...START, settings: SETTINGS, configFile: "/etc/faild.yaml" };
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
  const record = startText({ ...START, settings });
  assertEquals(
    record.text,
    "faild 0.1.0 started as responder: node node1, interval 50 ms, down after 3 misses, " +
      "restored after 10 good packets, port 32453, 2 networks (A, B), no configuration file, pid 123",
  );
  assertEquals([record.event, record.fields.networks], ["start", ["A", "B"]]);
});

Deno.test("the first line tells what is out of the ordinary: confirmation and signatures", () => {
  const settings: Settings = { ...SETTINGS, confirmIntervalMs: 10, auth: "permissive" };
  const { text, fields } = startText({ ...START, settings, keyId: 7 });
  assertEquals(
    text,
    "faild 0.1.0 started as requestor and responder: node node1, interval 50 ms, " +
      "confirmed every 10 ms, down after 3 misses, restored after 10 good packets, port 32453, " +
      "networks chosen by itself, packets signed with key 7 (permissive), " +
      "no configuration file, pid 123",
  );
  assertEquals([fields.confirmIntervalMs, fields.auth, fields.keyId], [10, "permissive", 7]);
});

Deno.test("a reload tells what changed, and the keys by their ids, the one that signs first", () => {
  const { level, event, text, fields } = reloadedRecord({
    file: "/c",
    changed: ["interval", "peers"],
    keyIds: [3, 2],
  });
  assertEquals([level, event], ["info", "reloaded"]);
  assertEquals(
    text,
    "Reloaded /c: interval, peers changed; packets are signed with key 3, accepted with 3, 2",
  );
  assertEquals(fields, { file: "/c", changed: ["interval", "peers"], keyId: 3, accepted: [3, 2] });
  const plain = reloadedRecord({ file: null, changed: [], keyIds: null });
  assertEquals(plain.text, "Reloaded, no configuration file: nothing changed");
});

Deno.test("a reload that is refused is told with every reason, and nothing breaks the line", () => {
  const { level, event, text, fields } = reloadRefusedRecord(["Cannot use a\n", "b"]);
  assertEquals([level, event], ["error", "reload-refused"]);
  assertEquals(text, "Nothing is changed by the reload: Cannot use a\\u000a, b");
  assertEquals(fields, { reasons: ["Cannot use a\n", "b"] });
});

Deno.test("a run that did not end by itself is told of with its pid, and with who killed it if that is known", () => {
  const told = (...args: Parameters<typeof uncleanEndRecord>) => uncleanEndRecord(...args)?.text;
  assertEquals(told(null, null), undefined);
  const plain = "The run before this one, pid 7, did not end by itself: " +
    "it was killed, it crashed, or the machine went down";
  assertEquals(told(7, null), plain);
  const killed = { pid: 7, fault: "faild does not\nanswer" };
  const text = "The run before this one, pid 7, was killed by the watchdog: " +
    "faild does not\\u000aanswer";
  assertEquals(uncleanEndRecord(7, { killed, startsBeforeRest: 0 }), {
    level: "warning",
    event: "unclean-end",
    text,
    fields: { pid: 7, fault: "faild does not\nanswer", startsBeforeRest: 0 },
  });
  assertEquals(told(null, { killed, startsBeforeRest: 0 }), text, "the lock was lost");
  const other = { killed: { ...killed, pid: 6 }, startsBeforeRest: 0 };
  assertEquals(told(7, other), plain, "another one was killed, and 7 died since");
  const rest = "left it alone before this start, after 5 starts within 10 min";
  assertEquals(told(7, { killed: null, startsBeforeRest: 5 }), `${plain}; the watchdog ${rest}`);
  assertEquals(told(null, { killed: null, startsBeforeRest: 5 }), `The watchdog ${rest}`);
});

Deno.test("what is doubtful in a configuration is a warning", () => {
  assertEquals(doubtRecord("allow is empty: no other node is listened to"), {
    level: "warning",
    event: "configuration-doubtful",
    text: "Configuration: allow is empty: no other node is listened to",
    fields: {},
  });
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

Deno.test("a start tells how many routes of the previous run it put back, and why not the others", () => {
  const back = { count: 2, of: 2, reason: null, agoMs: 812, graceMs: 30_000 };
  const all = putBackRecord(back);
  assertEquals([all.level, all.event, all.text], [
    "info",
    "routes-put-back",
    "2 routes of the previous run put back: it was stopped 812 ms ago, within stop-grace (30 s)",
  ]);
  assertEquals(all.fields, back);
  const some = putBackRecord({ ...back, count: 1, reason: "refused\n" });
  assertEquals([some.level, some.text], [
    "warning",
    "1 of 2 routes of the previous run put back: it was stopped 812 ms ago, within stop-grace " +
    "(30 s); refused\\u000a",
  ]);
});

Deno.test("a start tells why it puts no route of the previous run back", () => {
  const late = notPutBackRecord(1, 45_000, 30_000);
  assertEquals([late.level, late.event, late.text], [
    "info",
    "routes-not-put-back",
    "1 route of the previous run not put back: " +
    "it was stopped 45 s ago, longer than stop-grace (30 s)",
  ]);
  assertEquals(late.fields, { count: 1, agoMs: 45_000, graceMs: 30_000 });
  assertEquals(
    notPutBackRecord(2, null, 30_000).text,
    "2 routes of the previous run not put back: the machine was started since",
  );
});
