import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Notice } from "../../lib/core/types.ts";
import { jsonLine } from "../../lib/log_line.ts";
import { noticeText } from "../../lib/notice_text.ts";
import { anyNotice } from "./any_notice.ts";
import { GOLDEN_LINES } from "./golden_lines.ts";

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Every sentence has a bounded number of bounded words. */
const LONGEST_TEXT = 10_000;
const LONGEST_JSON = 40_000;

Deno.test("each notice reads as it should", () => {
  for (const [notice, level, text] of GOLDEN_LINES) {
    const record = noticeText(notice);
    assertEquals([record.level, record.text], [level, text]);
    assertEquals(record.event, notice.kind);
  }
});

Deno.test("every kind of notice and of cause and of action has a line in the table", () => {
  const kinds = new Set<string>(GOLDEN_LINES.map(([notice]) => notice.kind));
  const causes = new Set<string>();
  const actions = new Set<string>();
  for (const [notice] of GOLDEN_LINES) {
    if (notice.kind === "path-down") causes.add(notice.cause.kind);
    if ("actions" in notice) { for (const { kind } of notice.actions) actions.add(kind); }
  }
  assertEquals([...kinds].sort(), Object.keys(anyNotice).sort());
  assertEquals([...causes].sort(), [
    "adopted",
    "missed",
    "own-network",
    "peer-deaf",
    "peer-network",
  ]);
  assertEquals([...actions].sort(), ["moved", "refused", "restored", "stays"]);
});

Deno.test("the fields of a failover are stable", () => {
  const [notice] = GOLDEN_LINES[0]!;
  assertEquals(noticeText(notice).fields, {
    node: "node2",
    network: "A",
    address: "192.168.1.2",
    cause: { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 161.2 },
    actions: [{ kind: "moved", address: "192.168.1.2", gateway: "192.168.2.2", network: "B" }],
    tookMs: 3.012,
  });
});

Deno.test("a switchback has its round trip and the time it was down as fields", () => {
  const found = GOLDEN_LINES.find(([notice]) => notice.kind === "path-up");
  assertEquals(noticeText(found![0]).fields, {
    node: "node2",
    network: "A",
    address: "192.168.1.2",
    good: 3,
    downMs: 12_300,
    roundTripMs: 0.41,
    actions: [{ kind: "restored", address: "192.168.1.2", network: "A" }],
    tookMs: 2,
  });
});

Deno.test("of a thousand adopted routes some are named and all are counted", () => {
  const routes = Array.from({ length: 1000 }, (_, i) => ({
    address: `10.0.${i >> 8}.${i & 255}`,
    gateway: "192.168.2.2",
    interfaceName: "eth2",
  }));
  const { text, fields } = noticeText({ kind: "adopted", routes });
  assert(text.startsWith("1000 routes of the previous run"), text);
  assert(text.endsWith("and 992 more"), text);
  assertEquals(fields.count, 1000);
  assertEquals((fields.routes as readonly unknown[]).length, 8);
});

Deno.test("whatever other machines say, a notice is one bounded line of printable characters", () => {
  const notices: fc.Arbitrary<Notice> = fc.oneof(...Object.values(anyNotice));
  fc.assert(
    fc.property(notices, (notice) => {
      const record = noticeText(notice);
      assert(!UNPRINTABLE.test(record.text), record.text);
      assert(record.text.length < LONGEST_TEXT);
      const json = jsonLine(record, 0);
      assertEquals(json.indexOf("\n"), json.length - 1);
      assert(json.length < LONGEST_JSON);
    }),
    { numRuns: 500 },
  );
});

Deno.test("no field takes the name of a key that every line has", () => {
  fc.assert(fc.property(fc.oneof(...Object.values(anyNotice)), (notice) => {
    const keys = Object.keys(noticeText(notice).fields);
    assertEquals(keys.filter((key) => ["time", "level", "event", "text"].includes(key)), []);
  }));
});
