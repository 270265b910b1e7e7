import { assert, assertEquals } from "@std/assert";
import { PEERS_PER_LINE, type PeerView } from "../../lib/control_protocol.ts";
import type { LogRecord } from "../../lib/log_line.ts";
import { METRICS_FILE_MS, MetricsFile, MetricsMaker } from "../../lib/metrics_service.ts";
import { readExposition } from "./exposition.ts";
import { pathStatus, peerView, statusOf } from "./overviews.ts";

/** A daemon with so many peers. */
function sourceOf(size: number) {
  const peers: readonly PeerView[] = Array.from(
    { length: size },
    (_, i) => peerView(i, [pathStatus({ address: `10.0.${i >> 8}.${i & 255}` })]),
  );
  return {
    overview: () => statusOf(),
    peers: (from: number, count: number) => peers.slice(from, from + count),
  };
}

Deno.test("a page has all peers, and is made in turns", async () => {
  let pauses = 0;
  const maker = new MetricsMaker(sourceOf(2 * PEERS_PER_LINE + 1), () => {
    pauses += 1;
    return Promise.resolve();
  });
  const page = await maker.page("openmetrics");
  const families = readExposition(page, "openmetrics");
  assertEquals(families.get("faild_path_state")?.samples.length, 2 * PEERS_PER_LINE + 1);
  assertEquals(pauses, 4);
});

Deno.test("without peers each page is a new one, too", async () => {
  const maker = new MetricsMaker(sourceOf(0), () => Promise.resolve());
  const first = maker.page("prometheus");
  await first;
  assert(maker.page("prometheus") !== first);
});

Deno.test("those who ask while a page is being made get that one, later ones a new one", async () => {
  const maker = new MetricsMaker(sourceOf(1), () => Promise.resolve());
  const first = maker.page("prometheus");
  assert(maker.page("prometheus") === first);
  assert(maker.page("openmetrics") !== first);
  await first;
  assert(maker.page("prometheus") !== first);
});

/** A file of metrics; `reason` is why it cannot be written. */
function fileOf() {
  const state = {
    reason: null as string | null,
    texts: [] as string[],
    removed: 0,
    log: [] as LogRecord[],
    page: Promise.resolve("page"),
  };
  const file = new MetricsFile("/run/metrics.prom", {
    page: () => state.page,
    write: (text) => {
      if (state.reason === null) state.texts.push(text);
      return state.reason;
    },
    remove: () => void (state.removed += 1),
    log: (record) => void state.log.push(record),
  });
  return { file, state };
}

/** Until what was begun is done: no more than a few turns of promises. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

Deno.test("the file is written at the first turn, and then every 15 seconds", async () => {
  const { file, state } = fileOf();
  const written: number[] = [];
  for (let now = 0; now <= 40_000; now += 1000) {
    file.turn(now);
    await settled();
    if (state.texts.length > written.length) written.push(now);
  }
  assertEquals(written, [0, METRICS_FILE_MS, 2 * METRICS_FILE_MS]);
});

Deno.test("a page that takes long is not begun a second time", async () => {
  const { file, state } = fileOf();
  const { promise, resolve } = Promise.withResolvers<string>();
  state.page = promise;
  file.turn(0);
  file.turn(METRICS_FILE_MS);
  resolve("late");
  await settled();
  assertEquals(state.texts, ["late"]);
});

Deno.test("a file that cannot be written is told of once, and again when it fails anew", async () => {
  const { file, state } = fileOf();
  const turn = async (now: number, reason: string | null) => {
    state.reason = reason;
    file.turn(now * METRICS_FILE_MS);
    await settled();
  };
  await turn(0, "No space left on device");
  await turn(1, "No space left on device");
  await turn(2, null);
  await turn(3, "No space left on device");
  assertEquals(
    state.log.map(({ event, text }) => ({ event, text })),
    [1, 2].map(() => ({
      event: "metrics-unwritable",
      text: "Cannot write metrics /run/metrics.prom: No space left on device; " +
        "tried again every 15 s",
    })),
  );
  assertEquals(state.texts.length, 1);
});

Deno.test("a fault in the page is told of, and the next page is written", async () => {
  const { file, state } = fileOf();
  state.page = Promise.reject(new Error("a fault"));
  file.turn(0);
  await settled();
  assertEquals(state.log.map(({ event }) => event), ["metrics-unwritable"]);
  state.page = Promise.resolve("page");
  file.turn(METRICS_FILE_MS);
  await settled();
  assertEquals(state.texts, ["page"]);
});

Deno.test("at the end the file is removed, and not made again by a page that was under way", async () => {
  const { file, state } = fileOf();
  file.turn(0);
  file.close();
  await settled();
  file.turn(METRICS_FILE_MS);
  await settled();
  assertEquals([state.removed, state.texts], [1, []]);
});
