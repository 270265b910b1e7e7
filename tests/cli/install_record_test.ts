import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type InstallRecord, parseRecord, recordText } from "../../lib/cli/install_record.ts";

const RECORD: InstallRecord = {
  kind: "cron",
  prefix: "/usr/local",
  files: [{ path: "/etc/cron.d/faild", digest: "00ff" }],
  folders: ["/var/lib/faild"],
  runDir: "/run/faild",
  log: null,
  events: null,
};

Deno.test("a record is read as it was written", () => {
  for (
    const record of [
      RECORD,
      { ...RECORD, kind: "systemd", log: "/var/log/faild.log" } as const,
      { ...RECORD, events: "/var/log/faild-events.jsonl" },
    ]
  ) {
    assertEquals(parseRecord(recordText(record)), record);
  }
  const { events: _, ...older } = RECORD;
  assertEquals(parseRecord(JSON.stringify(older)), RECORD, "the record of an earlier version");
});

Deno.test("what is no record, or names places that no installation has, is refused as a whole", () => {
  const wrong: readonly unknown[] = [
    null,
    [],
    {},
    { ...RECORD, kind: "init" },
    { ...RECORD, prefix: "usr" },
    { ...RECORD, runDir: "/run/../etc" },
    { ...RECORD, log: 1 },
    { ...RECORD, events: "events" },
    { ...RECORD, folders: ["etc"] },
    { ...RECORD, files: [{ path: "/a/../../b", digest: "" }] },
    { ...RECORD, files: [{ path: "/a" }] },
    { ...RECORD, files: {} },
  ];
  for (const each of wrong) assertEquals(parseRecord(JSON.stringify(each)), null);
  assertEquals(parseRecord("{"), null);
});

Deno.test("no text makes reading a record throw", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    parseRecord(text);
  }));
});
