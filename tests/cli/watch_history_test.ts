import { assert, assertEquals } from "@std/assert";
import { LOOKS, WatchHistory } from "../../lib/cli/watch_history.ts";
import type { PathStatus } from "../../lib/control_protocol.ts";
import { downPath, pathStatus, peerView } from "../shells/overviews.ts";

const PATH = pathStatus();

/** What is remembered of one path after these looks; null: a look that has shown nothing. */
function after(...looks: readonly (Partial<PathStatus> | null)[]) {
  const history = new WatchHistory();
  for (const look of looks) {
    if (look === null) history.skip();
    else history.record([peerView(1, [pathStatus(look)])]);
  }
  return history.marks("node1", PATH, looks.length);
}

Deno.test("a step of a round trip's height is about a factor of three", () => {
  const times = [0.01, 0.3, 0.31, 1, 2.9, 9, 30, 99, 300, 301, 1e9];
  const heights = after(...times.map((roundTripMs) => ({ roundTripMs })));
  assertEquals(heights.map(({ roundTrip }) => roundTrip), [1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 8]);
});

Deno.test("no loss has no height, and each other one has", () => {
  const losses = [0, 1 / 60, 0.05, 0.06, 0.25, 0.5, 0.7, 0.9, 1];
  const heights = after(...losses.map((loss) => ({ loss })));
  assertEquals(heights.map(({ loss }) => loss), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("what is not known, not measured and not answered are told apart", () => {
  const marks = after(
    { health: "unknown", roundTripMs: null, loss: null },
    null,
    { roundTripMs: null, loss: 0 },
    { misses: 1, loss: 0 },
    downPath({ loss: 0 }),
  );
  assertEquals(marks, [
    { roundTrip: null, loss: null },
    { roundTrip: null, loss: null },
    { roundTrip: "untimed", loss: 0 },
    { roundTrip: "unanswered", loss: 0 },
    // While a path is down its loss is not counted.
    { roundTrip: "unanswered", loss: null },
  ]);
});

Deno.test("only the last looks are remembered, and asked for", () => {
  const history = new WatchHistory();
  for (let i = 0; i < LOOKS + 7; i++) {
    history.record([peerView(1, [pathStatus({ roundTripMs: i < 60 ? 1000 : 0.1 })])]);
  }
  const marks = history.marks("node1", PATH, 200).map(({ roundTrip }) => roundTrip);
  assertEquals(marks, [...Array<number>(53).fill(8), ...Array<number>(7).fill(1)]);
  assertEquals(history.marks("node1", PATH, 8).map(({ roundTrip }) => roundTrip), [
    8,
    ...Array<number>(7).fill(1),
  ]);
  assertEquals(history.marks("node1", PATH, 0), []);
});

Deno.test("a path that was away has a gap, and one that stays away is forgotten", () => {
  const history = new WatchHistory();
  const look = (isThere: boolean) => history.record(isThere ? [peerView(1, [PATH])] : []);
  for (const isThere of [true, true, false, false, true, false]) look(isThere);
  assertEquals(
    history.marks("node1", PATH, 6).map(({ roundTrip }) => roundTrip),
    [1, 1, null, null, 1, null],
  );
  // Where the gap is now something was remembered before.
  for (let i = 0; i < LOOKS; i++) look(true);
  for (const isThere of [false, false, false, true]) look(isThere);
  assertEquals(
    history.marks("node1", PATH, 6).map(({ roundTrip }) => roundTrip),
    [1, 1, null, null, null, 1],
  );
  for (let i = 0; i < LOOKS; i++) look(false);
  assertEquals(history.size, 0);
  look(true);
  assertEquals(history.marks("node1", PATH, LOOKS).filter(({ roundTrip }) => roundTrip).length, 1);
});

Deno.test("peers that come and go by the thousand are not kept", () => {
  const history = new WatchHistory();
  for (let i = 0; i < 500; i++) {
    history.record(
      Array.from({ length: 20 }, (_, each) => peerView(each, [PATH], `n${i}-${each}`)),
    );
  }
  assert(history.size <= 1000 + 2 * 20, `${history.size} paths are remembered`);
});

Deno.test("two nodes of one name have a history each", () => {
  const history = new WatchHistory();
  const other = pathStatus({ address: "192.168.1.9", roundTripMs: 1000 });
  history.record([peerView(1, [PATH], "same"), peerView(2, [other], "same")]);
  assertEquals(history.marks("same", PATH, 1)[0]?.roundTrip, 1);
  assertEquals(history.marks("same", other, 1)[0]?.roundTrip, 8);
});
