import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isEvent, parseEvent } from "../../lib/events.ts";
import { jsonLine } from "../../lib/log_line.ts";
import { noticeText } from "../../lib/notice_text.ts";
import { anyNotice } from "./any_notice.ts";

Deno.test("changes of paths, networks, nodes, routes and of the daemon itself are events", () => {
  const events = [
    ...["path-down", "path-up", "path-lossy", "path-clean", "one-way", "rerouted"],
    ...["network-silent", "network-heard", "network-drained", "node-found", "node-forgotten"],
    ...["adopted", "adopted-removed", "repaired", "degraded", "recovered", "late"],
    ...["start", "stop", "unclean-end", "reloaded", "keys-refused", "drained", "undrained"],
  ];
  assertEquals(events.filter((event) => !isEvent({ event })), []);
});

Deno.test("what is only counted, repeated or asked for is no event", () => {
  const others = [
    "dropped",
    "unauthenticated",
    "send-failed",
    "late-round",
    "state",
    "flag-overridden",
  ];
  assertEquals(others.filter((event) => isEvent({ event })), []);
});

Deno.test("every notice reads back as it was written, however nasty its words are", () => {
  fc.assert(
    fc.property(fc.oneof(...Object.values(anyNotice)), fc.nat(2 ** 41), (notice, wallMs) => {
      const record = noticeText(notice);
      const fields = JSON.parse(JSON.stringify(record.fields));
      const { fields: read, ...rest } = parseEvent(jsonLine(record, wallMs)) ?? {};
      assertEquals(rest, { level: record.level, event: record.event, text: record.text, wallMs });
      assertEquals(JSON.stringify(read), JSON.stringify(fields));
    }),
    { numRuns: 300 },
  );
});

Deno.test("torn and foreign lines are no events", () => {
  const line = jsonLine({ level: "info", event: "stop", text: "stopped", fields: {} }, 0);
  const broken = [
    line.slice(0, -10),
    "",
    "null",
    "[]",
    "7",
    '{"time":"yesterday","level":"info","event":"stop","text":"stopped"}',
    '{"time":"1970-01-01T00:00:00Z","level":"loud","event":"stop","text":"stopped"}',
    '{"time":"1970-01-01T00:00:00Z","level":"info","event":1,"text":"stopped"}',
    '{"time":"1970-01-01T00:00:00Z","level":"info","event":"stop"}',
  ];
  assertEquals(broken.filter((each) => parseEvent(each) !== null), []);
});
