import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Notice } from "../../lib/core/types.ts";
import { jsonLine } from "../../lib/log_line.ts";
import { noticeText } from "../../lib/notice_text.ts";
import { percentText } from "../../lib/notice_words.ts";
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

Deno.test("every kind of notice, of cause, of action, of hold and of way has a line in the table", () => {
  const kinds = new Set<string>(GOLDEN_LINES.map(([notice]) => notice.kind));
  const causes = new Set<string>();
  const actions = new Set<string>();
  const holds = new Set<string>();
  const ways = new Set<string>();
  for (const [notice] of GOLDEN_LINES) {
    if (notice.kind === "path-down") causes.add(notice.cause.kind);
    if (notice.kind === "path-up") holds.add(notice.hold?.kind ?? "none");
    if (notice.kind === "rerouted") ways.add(notice.why);
    if (notice.kind === "one-way") ways.add(notice.dead);
    if ("actions" in notice) { for (const { kind } of notice.actions) actions.add(kind); }
  }
  assertEquals([...kinds].sort(), Object.keys(anyNotice).sort());
  assertEquals([...causes].sort(), [
    "adopted",
    "missed",
    "own-network",
    "peer-deaf",
    "peer-drained",
    "peer-network",
    "peer-unanswered",
  ]);
  assertEquals([...actions].sort(), ["moved", "refused", "restored", "stays"]);
  assertEquals([...holds].sort(), ["after", "flapping", "lossy", "manual", "none"]);
  assertEquals([...ways].sort(), [
    "better-path",
    "failback",
    "from-peer",
    "hold-ended",
    "own-address",
    "to-peer",
    "unjudged",
  ]);
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
    hold: null,
    actions: [{ kind: "restored", address: "192.168.1.2", network: "A" }],
    tookMs: 2,
  });
});

/** The fields of the first golden line of a kind. */
function fieldsOf(kind: Notice["kind"]) {
  return noticeText(GOLDEN_LINES.find(([notice]) => notice.kind === kind)![0]).fields;
}

Deno.test("what is held says by what, for how long and after how many flaps", () => {
  const held = GOLDEN_LINES.map(([notice]) => notice).find((notice) =>
    notice.kind === "path-up" && notice.hold !== null
  );
  assertEquals(noticeText(held!).fields["hold"], { kind: "flapping", flaps: 4, holdMs: 9000 });
});

Deno.test("the loss of both paths is in the fields as parts of one", () => {
  assertEquals(fieldsOf("path-lossy"), {
    node: "node2",
    network: "A",
    address: "192.168.1.2",
    loss: 0.34,
    by: "us",
    other: { network: "B", loss: 0 },
    actions: [{ kind: "moved", address: "192.168.1.2", gateway: "192.168.2.2", network: "B" }],
    tookMs: 3,
  });
  assertEquals(fieldsOf("path-clean")["loss"], 0.02);
});

Deno.test("a fault of a whole network has its counts as fields", () => {
  assertEquals(fieldsOf("network-silent"), {
    network: "A",
    peers: 12,
    cause: { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 161 },
    moved: 10,
    stayed: 2,
    refused: 0,
    tookMs: 3,
  });
  assertEquals(fieldsOf("network-heard"), {
    network: "A",
    peers: 12,
    restored: 10,
    held: 2,
    refused: 0,
    downMs: 12_300,
    tookMs: 3,
  });
});

Deno.test("the fields of other notices have the names that the notices have", () => {
  const kinds = [
    "one-way",
    "late-round",
    "node-stopping",
    "node-not-back",
    "same-name",
    "timing-differs",
    "one-network",
    "unauthenticated",
  ] as const;
  for (const kind of kinds) {
    const [notice] = GOLDEN_LINES.find(([each]) => each.kind === kind)!;
    const { kind: _, ...rest } = notice;
    const { path, ...others } = { path: {}, ...rest };
    assertEquals(fieldsOf(kind), { ...path, ...others });
  }
});

Deno.test("a loss of nearly nothing or nearly all does not read as exactly that", () => {
  const said = [0, 0.004, 0.005, 0.34, 0.994, 0.996, 1].map(percentText);
  assertEquals(said, ["0 %", "under 1 %", "1 %", "34 %", "99 %", "over 99 %", "100 %"]);
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
