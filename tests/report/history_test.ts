import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { PathName } from "../../lib/core/types.ts";
import { type History, historyOf, type PathHistory } from "../../lib/report/history.ts";
import { timeText } from "../../lib/report/axis.ts";
import { reportPage } from "../../lib/report/page.ts";
import { BEGIN, Diary, down, HOUR, MINUTE, ON_A, ON_B, sampledPath, up } from "./records.ts";

/** What happened until `untilMs` after the beginning. */
function pastOf(diary: Diary, untilMs: number, sinceMs: number | null = null): History {
  const since = sinceMs === null ? null : BEGIN + sinceMs;
  return historyOf(diary.records, since, BEGIN + untilMs);
}

function pathOf(history: History, { network, address }: PathName): PathHistory {
  const found = history.paths.find((path) => path.network === network && path.address === address);
  if (found === undefined) throw new Error(`No path ${network} ${address}`);
  return found;
}

/** The states of a path with their beginnings and ends, in minutes since the beginning. */
function spansIn(history: History, path: PathName): string[] {
  return pathOf(history, path).spans.map(({ state, fromMs, toMs }) =>
    `${state} ${(fromMs - BEGIN) / MINUTE}-${(toMs - BEGIN) / MINUTE}`
  );
}

Deno.test("a path goes down and up by its events, between the samples that first told of it", () => {
  const diary = new Diary().start(0)
    .sample([sampledPath(ON_A)], MINUTE)
    .notice(down(), 2 * MINUTE)
    .sample([sampledPath(ON_A, { state: "down" })], 2.5 * MINUTE)
    .notice(up(MINUTE), 3 * MINUTE);
  const history = pastOf(diary, 4 * MINUTE);
  assertEquals(spansIn(history, ON_A), ["unknown 0-1", "up 1-2", "down 2-3", "up 3-4"]);
  const { availability, downMs, longestDownMs, falls } = pathOf(history, ON_A);
  assertEquals({ downMs, longestDownMs, falls }, {
    downMs: MINUTE,
    longestDownMs: MINUTE,
    falls: 1,
  });
  assertAlmostEquals(availability ?? 0, 2 / 3);
});

Deno.test("a page says how much of the time that was asked for is recorded", () => {
  const diary = new Diary().start(0).notice(down(), MINUTE);
  const text = (history: History) => /<p><strong>(.*)<\/strong>/.exec(reportPage(history))?.[1];
  for (const sinceMs of [null, 0, MINUTE]) {
    const whole = pastOf(diary, HOUR, sinceMs);
    assertEquals([whole.recordedMs, text(whole)], [whole.toMs - whole.fromMs, undefined]);
  }
  const week = pastOf(diary, HOUR, -167 * HOUR);
  assertEquals([week.recordedMs, week.toMs - week.fromMs], [HOUR, 168 * HOUR]);
  assertEquals(text(week), `The records begin at ${timeText(BEGIN)}: they are of 1 h, not 7 d.`);
  const nothing = pastOf(new Diary(), HOUR, 0);
  assertEquals(text(nothing), "Nothing is recorded of this time.");
});

Deno.test("a failure tells its cause, what was done, and how long it lasted", () => {
  const diary = new Diary().start(0).notice(down(), MINUTE).notice(up(MINUTE), 2 * MINUTE);
  assertEquals(pastOf(diary, 4 * MINUTE).failures, [{
    wallMs: BEGIN + MINUTE,
    what: "node2 on A (192.168.1.2)",
    cause: "3 inquiries unanswered, last answer 161 ms ago",
    done: "192.168.1.2 now goes via 192.168.2.2 on B, applied in 3 ms",
    isMoved: true,
    lastedMs: MINUTE,
    isPresent: false,
  }]);
});

Deno.test("a failure lasted as long as was measured, whatever became of the clock meanwhile", () => {
  const diary = new Diary().start(0).notice(down(), MINUTE).notice(up(MINUTE), 48 * HOUR)
    .notice(down(), 49 * HOUR);
  const lasted = pastOf(diary, 50 * HOUR).failures.map(({ lastedMs, isPresent }) => [
    lastedMs,
    isPresent,
  ]);
  assertEquals(lasted, [[MINUTE, false], [HOUR, true]]);
});

Deno.test("a failure during which the daemon died is one, where its successor took over the routes", () => {
  const route = {
    address: ON_A.address,
    gateway: "192.168.2.2",
    interfaceName: "eth1",
    source: "192.168.1.1",
  };
  for (const isAdopted of [true, false]) {
    const diary = new Diary().start(0).notice(down(), MINUTE).start(3 * MINUTE);
    if (isAdopted) diary.notice({ kind: "adopted", routes: [route] }, 3 * MINUTE + 20);
    diary.notice(up(2 * MINUTE), 5 * MINUTE);
    const lasted = pastOf(diary, 6 * MINUTE).failures.map(({ lastedMs }) => lastedMs);
    assertEquals(lasted, [isAdopted ? 4 * MINUTE : 2 * MINUTE]);
  }
});

Deno.test("a failure without an end lasts still", () => {
  const [failure] = pastOf(new Diary().start(0).notice(down(), MINUTE), 4 * MINUTE).failures;
  assertEquals([failure?.lastedMs, failure?.isPresent], [3 * MINUTE, true]);
});

Deno.test("a whole network that falls silent takes all its paths down, and is one failure", () => {
  const cause = { kind: "missed", what: "answers", count: 3, lastGoodAgoMs: 40 } as const;
  const counts = { peers: 2, refused: 0, tookMs: 4 };
  const silent = { kind: "network-silent", network: "A", cause, moved: 2, stayed: 0 } as const;
  const heard = {
    kind: "network-heard",
    network: "A",
    restored: 2,
    held: 0,
    downMs: MINUTE,
  } as const;
  const other = { ...ON_A, node: "node3", address: "192.168.1.3" };
  const diary = new Diary().start(0)
    .sample([sampledPath(ON_A), sampledPath(other), sampledPath(ON_B)], 0)
    .notice({ ...silent, ...counts }, MINUTE)
    .notice({ ...heard, ...counts }, 2 * MINUTE);
  const history = pastOf(diary, 2 * MINUTE);
  assertEquals(spansIn(history, ON_A), ["up 0-1", "down 1-2"]);
  assertEquals(spansIn(history, other), ["up 0-1", "down 1-2"]);
  assertEquals(spansIn(history, ON_B), ["up 0-2"]);
  const { what, done, lastedMs, isMoved } = history.failures[0] ?? {};
  assertEquals(history.failures.length, 1);
  assertEquals(what, "A, all 2 peers");
  assertEquals(done, "2 routes moved, applied in 4 ms");
  assertEquals([lastedMs, isMoved], [MINUTE, true]);
});

Deno.test("held and lossy paths work, but are shown as such", () => {
  const hold = { kind: "after", holdMs: MINUTE } as const;
  const failback = { kind: "restored", address: ON_A.address, network: "A" } as const;
  const loss = { by: "us", other: null, actions: [], tookMs: null } as const;
  const diary = new Diary().start(0)
    .notice(down(), MINUTE)
    .notice({ ...up(MINUTE, ON_A, []), hold } as ReturnType<typeof up>, 2 * MINUTE)
    .notice(
      { kind: "rerouted", path: ON_A, why: "failback", actions: [failback], tookMs: 2 },
      3 * MINUTE,
    )
    .notice({ kind: "path-lossy", path: ON_A, loss: 0.3, ...loss }, 4 * MINUTE)
    .notice(
      { kind: "path-clean", path: ON_A, loss: 0.01, hold: null, actions: [], tookMs: null },
      5 * MINUTE,
    );
  const history = pastOf(diary, 6 * MINUTE);
  assertEquals(spansIn(history, ON_A), [
    "unknown 0-1",
    "down 1-2",
    "held 2-3",
    "up 3-4",
    "lossy 4-5",
    "up 5-6",
  ]);
  assertEquals(history.failures.map(({ cause }) => cause), [
    "3 inquiries unanswered, last answer 161 ms ago",
    "30 % of the last inquiries lost",
  ]);
});

Deno.test("of a node that nobody judges any more nothing is known, though its traffic goes direct again", () => {
  const restored = { kind: "restored", address: ON_A.address, network: "A" } as const;
  const diary = new Diary().start(0)
    .sample([sampledPath(ON_B)], 0)
    .notice(down(), MINUTE)
    .notice({ kind: "node-unjudged", node: "node2" }, 2 * MINUTE)
    .notice(
      { kind: "rerouted", path: ON_A, why: "unjudged", actions: [restored], tookMs: 2 },
      2 * MINUTE,
    );
  const history = pastOf(diary, 3 * MINUTE);
  assertEquals(spansIn(history, ON_A), ["unknown 0-1", "down 1-2", "unknown 2-3"]);
  assertEquals(spansIn(history, ON_B), ["up 0-2", "unknown 2-3"]);
});

Deno.test("nothing is known while the daemon is stopped, or tells nothing although it takes samples", () => {
  const diary = new Diary().start(0);
  for (const minute of [1, 2, 3, 10, 11]) diary.sample([sampledPath(ON_A)], minute * MINUTE);
  diary.stop(12 * MINUTE).start(20 * MINUTE).sample([sampledPath(ON_A)], 21 * MINUTE);
  const history = pastOf(diary, 30 * MINUTE);
  assertEquals(
    spansIn(history, ON_A),
    [
      "unknown 0-1",
      "up 1-3",
      "unknown 3-10",
      "up 10-12",
      "unknown 12-21",
      // Killed, for all that is known: there should be samples.
      "up 21-21",
      "unknown 21-30",
    ].filter((span) => span !== "up 21-21"),
  );
  assertEquals(pathOf(history, ON_A).availability, 1);
});

Deno.test("without samples the last event holds until the daemon stops", () => {
  const diary = new Diary().start(0).notice(down(), MINUTE).notice(up(MINUTE), 2 * MINUTE);
  assertEquals(spansIn(pastOf(diary, 2 * HOUR), ON_A).at(-1), "up 2-120");
});

Deno.test("a node is lost while all its paths are down at once", () => {
  const diary = new Diary().start(0)
    .sample([sampledPath(ON_A), sampledPath(ON_B)], 0)
    .notice(down(), MINUTE)
    .notice(down(ON_B, []), 1.5 * MINUTE)
    .notice(up(MINUTE), 2 * MINUTE)
    .notice(up(MINUTE, ON_B), 2.4 * MINUTE);
  const history = pastOf(diary, 2.4 * MINUTE);
  assertEquals(history.outages, [
    { node: "node2", fromMs: BEGIN + 1.5 * MINUTE, toMs: BEGIN + 2 * MINUTE },
  ]);
});

Deno.test("a path whose node gave it up or was forgotten is unknown, and no fault of its network", () => {
  const diary = new Diary().start(0)
    .sample([sampledPath(ON_A), sampledPath(ON_B)], 0)
    .notice({ kind: "address-gone", path: ON_A }, MINUTE)
    .notice({ kind: "node-forgotten", node: "node2", silentMs: HOUR }, 2 * MINUTE);
  const history = pastOf(diary, 2 * MINUTE + 1);
  assertEquals(spansIn(history, ON_A).slice(0, 2), ["up 0-1", `unknown 1-${2 + 1 / MINUTE}`]);
  assertEquals(history.outages, []);
});

Deno.test("a period begins in the state that what was before it left", () => {
  const diary = new Diary().start(0).notice(down(), MINUTE).notice(up(HOUR), HOUR);
  const history = pastOf(diary, 2 * HOUR, 30 * MINUTE);
  assertEquals(spansIn(history, ON_A), ["down 30-60", "up 60-120"]);
  assertEquals(history.failures, []);
  assertEquals(history.node, "node1");
  assertEquals(history.versions, ["0.1.0"]);
});

Deno.test("each version that ran in the period is named once, in order", () => {
  const diary = new Diary().start(0).start(1, "0.1.1").start(2, "0.1.0").start(3, "0.2.0");
  assertEquals(pastOf(diary, MINUTE).versions, ["0.1.0", "0.1.1", "0.2.0"]);
});

Deno.test("events that are neither failures nor their ends are told as they are", () => {
  const diary = new Diary().start(0).notice(down(), 1).notice(up(1), 2)
    .notice({ kind: "recovered", afterMs: 7 }, 3);
  assertEquals(pastOf(diary, MINUTE).others.map(({ event }) => event), ["start", "recovered"]);
});

Deno.test("where nothing is known nothing is claimed", () => {
  const history = historyOf({ events: [], samples: [], broken: 0 }, null, BEGIN);
  assertEquals([history.fromMs, history.toMs], [BEGIN, BEGIN]);
  assertEquals([history.node, history.paths, history.failures], [null, [], []]);
});

Deno.test("what an older or a foreign program wrote is told by its text", () => {
  const fields = { node: "node2", network: "A", address: "192.168.1.2", cause: { kind: "magic" } };
  const record = { level: "warning", event: "path-down", text: "down by magic", fields } as const;
  const [failure] = pastOf(new Diary().record(record, 0), MINUTE).failures;
  assertEquals([failure?.cause, failure?.done], ["down by magic", "no route changes"]);
});

Deno.test("what a clock that was not set yet wrote does not stretch the time that is told of", () => {
  const unset = -BEGIN;
  const diary = new Diary().start(unset).sample([sampledPath(ON_A)], unset + MINUTE)
    .sample([sampledPath(ON_A)], 0).notice(down(), MINUTE);
  assertEquals(pastOf(diary, 2 * MINUTE).fromMs, BEGIN);
  assertEquals(pastOf(diary, 2 * MINUTE, unset).fromMs, 0, "unless it is asked for");
  assertEquals(pastOf(diary, 2 * MINUTE).failures.length, 1);
});

Deno.test("more measures than a call takes arguments are no trouble", () => {
  const diary = new Diary().start(0).sample([sampledPath(ON_A)], 0);
  const [sample] = diary.samples;
  if (sample === undefined) throw new Error("there is one");
  const samples = Array.from({ length: 150_000 }, (_, i) => ({ ...sample, wallMs: BEGIN + i }));
  const history = historyOf({ ...diary.records, samples }, null, BEGIN + HOUR);
  assertEquals(pathOf(history, ON_A).measures.length, 150_000);
  reportPage(history);
});
