import { assert, assertEquals } from "@std/assert";
import { PEERS_PER_LINE, type PeerView } from "../../lib/control_protocol.ts";
import { parseEvent } from "../../lib/events.ts";
import { peerSlices, type PeerSource } from "../../lib/peer_slices.ts";
import { type LineFile, missingLine, RecordKeeper } from "../../lib/record_keeper.ts";
import { parseSample } from "../../lib/samples.ts";
import { pathStatus, peerView } from "./overviews.ts";

const WALL = Date.UTC(2026, 10, 22, 12);

/** Peers with gaps in their numbers; it notes how often it was asked. */
class Crowd implements PeerSource {
  asked = 0;
  readonly #peers: readonly PeerView[];

  constructor(size: number) {
    this.#peers = Array.from({ length: size }, (_, i) => peerView(3 * i + 1, [pathStatus()]));
  }

  peers(from: number, count: number): readonly PeerView[] {
    this.asked += 1;
    return this.#peers.filter(({ number }) => number >= from).slice(0, count);
  }
}

function fileInto(lines: string[], lost = 0, settle = () => {}): LineFile {
  return {
    append: (line) => void lines.push(line),
    settle,
    loss: () => ({ lost, trouble: lost === 0 ? null : "No space left on device" }),
  };
}

function keeperOf() {
  const events: string[] = [];
  const samples: string[] = [];
  const settled: string[] = [];
  const keeper = new RecordKeeper({
    files: {
      events: fileInto(events, 0, () => settled.push("events")),
      samples: fileInto(samples),
    },
    wallNow: () => WALL,
    settleLog: () => settled.push("log"),
  });
  return { keeper, events, samples, settled };
}

Deno.test("events are kept with their time, other lines of the log are not", () => {
  const { keeper, events } = keeperOf();
  const record = { level: "info", text: "faild stopped", fields: { signal: "SIGTERM" } } as const;
  keeper.keep({ ...record, event: "stop" });
  keeper.keep({ ...record, event: "state" });
  assertEquals(events.map((line) => parseEvent(line.trimEnd())), [
    { ...record, event: "stop", wallMs: WALL },
  ]);
});

Deno.test("events and samples go on in other files when that is wanted", () => {
  const { keeper, events, samples } = keeperOf();
  const moved: string[] = [];
  keeper.move({ events: fileInto(moved), samples: fileInto(moved) });
  keeper.keep({ level: "info", event: "stop", text: "faild stopped", fields: {} });
  for (const now of [0, 10_000]) keeper.turn(new Crowd(1), now);
  assertEquals([events.length, samples.length, moved.length], [0, 0, 2]);
});

Deno.test("lines that were lost are counted from the start on, whichever files they belonged to", () => {
  const { keeper } = keeperOf();
  assertEquals(keeper.losses.events, { lost: 0, trouble: null });
  const full = "No space left on device";
  keeper.move({ events: fileInto([], 3), samples: fileInto([], 5) });
  assertEquals(keeper.losses, {
    events: { lost: 3, trouble: full },
    samples: { lost: 5, trouble: full },
  });
  keeper.move({ events: fileInto([], 2), samples: fileInto([]) });
  assertEquals(keeper.losses, {
    events: { lost: 5, trouble: full },
    samples: { lost: 5, trouble: null },
  });
});

Deno.test("a sample is taken ten seconds after the first turn, and then each minute", () => {
  const { keeper, samples } = keeperOf();
  const crowd = new Crowd(2);
  const taken: number[] = [];
  for (let now = 500; now <= 200_000; now += 500) {
    const before = samples.length;
    keeper.turn(crowd, now);
    if (samples.length > before) taken.push(now);
  }
  assertEquals(taken, [10_500, 70_500, 130_500, 190_500]);
  assertEquals(parseSample(samples[0] ?? "")?.paths.length, 2);
});

Deno.test("the log and the events settle once a minute, wherever the events are by then", () => {
  const { keeper, settled } = keeperOf();
  const crowd = new Crowd(1);
  const turn = (...times: number[]) => {
    for (const now of times) keeper.turn(crowd, now);
    return settled.splice(0);
  };
  assertEquals(turn(0, 9_999), []);
  assertEquals(turn(10_000, 10_001, 69_999), ["log", "events"]);
  keeper.move({ events: fileInto([], 0, () => settled.push("moved")), samples: fileInto([]) });
  assertEquals(turn(70_000, 129_999), ["log", "moved"]);
});

Deno.test("after a pause one sample is taken, not all that were missed", () => {
  const { keeper, samples } = keeperOf();
  const crowd = new Crowd(1);
  for (const now of [0, 3_600_000, 3_600_001, 3_650_000]) keeper.turn(crowd, now);
  assertEquals(samples.length, 1);
});

Deno.test("of a crowd no more peers are looked at than a sample takes", () => {
  const { keeper, samples } = keeperOf();
  const crowd = new Crowd(1000);
  keeper.turn(crowd, 0);
  keeper.turn(crowd, 10_000);
  assertEquals(parseSample(samples[0] ?? "")?.paths.length, 64);
  assertEquals(crowd.asked, Math.ceil(65 / PEERS_PER_LINE));
});

Deno.test("slices have all peers once, whatever their numbers", () => {
  const crowd = new Crowd(2 * PEERS_PER_LINE + 1);
  const numbers = [...peerSlices(crowd)].map((slice) => slice.map(({ number }) => number));
  assertEquals(numbers.map(({ length }) => length), [PEERS_PER_LINE, PEERS_PER_LINE, 1]);
  assertEquals(numbers.flat(), Array.from({ length: 2 * PEERS_PER_LINE + 1 }, (_, i) => 3 * i + 1));
});

Deno.test("the line about missing lines is an event itself", () => {
  const event = parseEvent(missingLine(3, "No space left on device", WALL).trimEnd());
  assertEquals(event?.text, "3 lines are missing here: No space left on device");
  assert(event?.level === "error");
});
