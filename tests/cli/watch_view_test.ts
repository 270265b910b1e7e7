import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { displayWidth } from "../../lib/cli/display_width.ts";
import { toned } from "../../lib/cli/table.ts";
import type { StatusData } from "../../lib/cli/status_data.ts";
import { WatchHistory } from "../../lib/cli/watch_history.ts";
import type { WatchState } from "../../lib/cli/watch_keys.ts";
import { SORTS } from "../../lib/cli/watch_order.ts";
import { WatchScreen } from "../../lib/cli/watch_screen.ts";
import { pictureOf, type WatchScene } from "../../lib/cli/watch_view.ts";
import type { PeerView } from "../../lib/control_protocol.ts";
import { FakeScreen } from "../fakes/screen.ts";
import { downPath, networkView, pathStatus, peerView, statusOf } from "../shells/overviews.ts";

const STATE: WatchState = { sort: "state", first: 0, paused: false, ascii: false };
const B = networkView({ name: "B", interfaceName: "eth1", address: "192.168.2.1" });

function dataOf(peers: readonly PeerView[]): StatusData {
  const known = { known: peers.length, unreachable: 0, stopping: 0, unasked: 0 };
  return { status: statusOf({ networks: [networkView(), B], peers: known }), peers };
}

function sceneOf(data: StatusData, facts: Partial<WatchScene> = {}): WatchScene {
  const history = new WatchHistory();
  history.record(data.peers);
  return { data, history, trouble: null, hasKeys: true, ...facts };
}

function picture(
  scene: WatchScene,
  columns: number,
  rows: number,
  state: Partial<WatchState> = {},
  coloured = false,
) {
  return pictureOf(scene, { ...STATE, ...state }, { columns, rows }, coloured);
}

const onB = { network: "B", address: "192.168.2.2" };

/** Two peers after some looks: one was well all the time, one got slower, lost something, and went down on A. */
function office(): WatchScene {
  const history = new WatchHistory();
  const well = peerView(1, [pathStatus(), pathStatus({ ...onB, roundTripMs: 2, loss: 0.04 })]);
  const at = (roundTripMs: number, misses: number, loss: number) => [
    well,
    peerView(2, [pathStatus({ roundTripMs, misses, loss }), pathStatus(onB)], "pump-4"),
  ];
  history.record(at(0.2, 0, 0));
  history.record(at(2, 0, 0));
  history.record(at(20, 0, 0.02));
  history.record(at(20, 1, 0.1));
  const data = dataOf([
    well,
    peerView(2, [downPath({ routeInForce: false }), pathStatus(onB)], "pump-4"),
  ]);
  history.record(data.peers);
  return sceneOf(data, { history });
}

Deno.test("at 80 by 24 it shows head, networks, the worst peer first with its curves, routes and keys", () => {
  assertEquals(picture(office(), 80, 24).lines, [
    "node1: faild 0.1.0, requestor and responder, interval 1 s, up 1 min 2 s, pid 47…",
    "2 peers; last event 7 s ago, 3 since the start",
    "routes are as wanted",
    "",
    "NETWORK  INTERFACE  ADDRESS         STATE   PATHS  SENT  RECEIVED",
    "A        eth0       192.168.1.1/24  usable  1 up   10    9",
    "B        eth1       192.168.2.1/24  usable  1 up   10    9",
    "",
    "PEER    LAN   STATE        RTT  CURVE      LOSS  CURVE     REMARK",
    "pump-4  A     down           -     ▁▃▅××      -     ··▁▃   nothing arrives eith…",
    "        B     up        0.2 ms     ▁▁▁▁▁    0 %     ·····",
    "node1   A     up        0.2 ms     ▁▁▁▁▁    0 %     ·····",
    "        B     up          2 ms     ▃▃▃▃▃    4 %     ▂▂▂▂▂",
    "",
    "ROUTE FOR    OF           OVER  GATEWAY      WHY",
    "192.168.1.2  pump-4 on A  B     192.168.2.2  the path is down: nothing arrives …",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "q quit  sort n name [s state] r rtt l loss  space pause  g other curves  4 paths",
  ]);
});

Deno.test("where there is more room there are more columns, and longer curves", () => {
  const heads = (columns: number) =>
    picture(office(), columns, 40).lines.find((line) => line.startsWith("PEER"))?.split(/ {2,}/);
  assertEquals(heads(20), ["PEER", "LAN"]);
  assertEquals(heads(40), ["PEER", "LAN", "STATE", "RTT", "LOSS"]);
  assertEquals(heads(110), [
    ...["PEER", "LAN", "STATE", "RTT", "CURVE", "LOSS", "CURVE", "OVER", "SINCE"],
    "REMARK",
  ]);
  assertEquals(heads(200), [
    ...["PEER", "LAN", "STATE", "RTT", "CURVE", "LOSS", "CURVE", "OVER", "SINCE"],
    ...["HEARD", "ADDRESS", "REMARK"],
  ]);
  const wide = picture(office(), 200, 40).lines.find((line) => line.startsWith("pump-4")) ?? "";
  assertMatch(
    wide,
    / {20,}▁▃▅×× +- {20,}··▁▃ +B +1 min 10 s +neither +192\.168\.1\.2 +nothing arrives either way/,
  );
});

Deno.test("on a small terminal only what is needed most is left, the paths and keys with it", () => {
  assertEquals(picture(office(), 42, 6).lines, [
    "node1: faild 0.1.0, requestor and respond…",
    "PEER    LAN   STATE        RTT   LOSS",
    "pump-4  A     down           -      -",
    "        B     up        0.2 ms    0 %",
    "node1   A     up        0.2 ms    0 %",
    "q quit  sort n [s] r l      1-3 of 4 paths",
  ]);
  assertEquals(picture(office(), 42, 7).lines.at(-1), "q quit  sort n [s] r l             4 paths");
  assertEquals(picture(office(), 20, 2).lines, ["node1: faild 0.1.0,…", "q quit       4 paths"]);
  assertEquals(picture(office(), 1, 1).lines, ["…"]);
});

Deno.test("where routes are not as wanted even a small terminal says so", () => {
  const { data } = office();
  const degraded = { ...data, status: { ...data.status, degraded: "no permission" } };
  assertEquals(
    picture(sceneOf(degraded), 60, 6).lines[1],
    "degraded, routes may not be as wanted: no permission",
  );
});

/** Thirty peers on two networks; the higher the number the slower, and each tenth loses something on B. */
function crowd(): WatchScene {
  return sceneOf(dataOf(Array.from({ length: 30 }, (_, i) =>
    peerView(i, [
      pathStatus({ address: `10.1.0.${i}`, roundTripMs: i }),
      pathStatus({ ...onB, address: `10.2.0.${i}`, loss: i % 10 === 9 ? i / 100 : 0 }),
    ], `host-${String(i).padStart(2, "0")}`))));
}

/** A line without its colours. */
function plain(line: string): string {
  return line.split("\x1b").map((part, i) => i === 0 ? part : part.replace(/^\[\d*m/, "")).join("");
}

/** The first column of the rows of paths. */
function names(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => line.startsWith("PEER")) + 1;
  return lines.slice(from, -1).map((line) => line.slice(0, 7).trimEnd());
}

Deno.test("each order begins with what its name says, and a peer's paths stay together", () => {
  const first = (sort: typeof SORTS[number]) =>
    names(picture(crowd(), 80, 24, { sort }).lines).slice(0, 6);
  assertEquals(first("name"), ["host-00", "", "host-01", "", "host-02", ""]);
  assertEquals(first("state"), ["host-00", "", "host-01", "", "host-02", ""]);
  assertEquals(first("rtt"), ["host-29", "", "host-28", "", "host-27", ""]);
  assertEquals(first("loss"), ["host-29", "", "host-19", "", "host-09", ""]);
});

Deno.test("the worst state is first: down, lossy, held, unknown, up", () => {
  const data = dataOf([
    peerView(1, [pathStatus()], "up"),
    peerView(2, [pathStatus({ health: "unknown" })], "unknown"),
    peerView(3, [pathStatus({ routeReason: "held" })], "held"),
    peerView(4, [pathStatus({ lossy: true })], "lossy"),
    peerView(5, [pathStatus(), downPath()], "down"),
  ]);
  const shown = names(picture(sceneOf(data), 80, 40, { sort: "state" }).lines);
  assertEquals(shown.slice(0, 6), ["down", "", "lossy", "held", "unknown", "up"]);
  for (const sort of ["rtt", "loss"] as const) {
    assertEquals(names(picture(sceneOf(data), 80, 40, { sort }).lines)[0], "down");
  }
});

Deno.test("scrolled, the first row still names its peer, and the foot tells which paths are seen", () => {
  const { lines, first, page, total } = picture(crowd(), 80, 24, { sort: "name", first: 5 });
  assertEquals([first, page, total], [5, 14, 60]);
  assertEquals(names(lines).slice(0, 3), ["host-02", "host-03", ""]);
  assertMatch(lines.at(-1) ?? "", /^q quit .* space pause +6-19 of 60 paths$/);
  assertEquals(picture(crowd(), 80, 24, { first: 1000 }).first, 46);
  assertMatch(
    picture(crowd(), 120, 24, { first: 1000 }).lines.at(-1) ?? "",
    /↑↓ scroll.* 47-60 of/,
  );
});

Deno.test("an old state says how old it is and why, and nothing in it is coloured as if it were new", () => {
  const trouble = { reason: "faild is not running: nobody\nlistens", ageMs: 12_000 };
  const { lines } = picture({ ...office(), trouble }, 80, 24, {}, true);
  assertEquals(
    lines[0],
    "\x1b[31mThis is 12 s old: faild is not running: nobody\\u000alistens\x1b[0m",
  );
  for (const line of lines.slice(1, -1)) {
    assertEquals(line, line === "" ? "" : toned({ text: plain(line), tone: "faint" }, true));
  }
  const small = picture({ ...office(), trouble }, 40, 4).lines;
  assertMatch(small[0] ?? "", /^This is 12 s old: faild is not running:…$/);
});

Deno.test("curves can be drawn in ASCII, and then nothing else is in the view either", () => {
  const { lines } = picture(office(), 200, 24, { ascii: true });
  const row = lines.find((line) => line.startsWith("pump-4")) ?? "";
  assertMatch(row, / 135xx +- +\.\.13 /);
  assert(lines.every((line) => /^[ -~]*$/.test(line)), lines.join("\n"));
  assert(picture(office(), 60, 24, { ascii: true }).lines.every((line) => /^[ -~]*$/.test(line)));
});

Deno.test("a view that is held says so, and one without keys how it is ended", () => {
  assertMatch(
    picture(office(), 80, 24, { paused: true }).lines.at(-1) ?? "",
    /space go on.* PAUSED {2}4 paths$/,
  );
  const foot = picture({ ...office(), hasKeys: false }, 80, 24).lines.at(-1);
  assertMatch(foot ?? "", /^Ctrl-C quit +4 paths$/);
});

Deno.test("without peers and networks there is something to read all the same", () => {
  const data = dataOf([]);
  const bare = { ...data, status: { ...data.status, networks: [] } };
  const { lines } = picture(sceneOf(bare), 80, 24);
  assert(lines.includes("No network to work on"));
  assert(lines.includes("No peer was heard yet"));
});

Deno.test("whatever it has to show and on however small a terminal, every line has room and nothing moves it", () => {
  const name = fc.constantFrom(
    "n",
    "a-name-of-63-letters".padEnd(63, "x"),
    "東京の装置".repeat(4),
    "e\u0301\u0301\u0301",
    "evil\n\x1b[2J\x1b[1;1H",
    "\u202eover",
    "x".repeat(5000),
  );
  const path = fc.record({
    network: fc.constantFrom("A", "B", "エー", "\x1b[31m"),
    address: fc.constantFrom("192.168.1.2", "\r\n"),
    health: fc.constantFrom("up" as const, "down" as const, "unknown" as const),
    roundTripMs: fc.constantFrom(null, 0.01, 1e9),
    loss: fc.constantFrom(null, 0, 0.001, 1),
    lossy: fc.boolean(),
  });
  const peer = fc.record({ node: name, paths: fc.array(path, { maxLength: 4 }) });
  const cases = fc.record({
    peers: fc.array(peer, { maxLength: 12 }),
    columns: fc.constantFrom(1, 2, 7, 20, 40, 80, 120, 300),
    rows: fc.constantFrom(1, 2, 3, 4, 5, 9, 10, 24, 60),
    reason: fc.option(name),
    sort: fc.constantFrom(...SORTS),
    first: fc.integer({ min: 0, max: 50 }),
    ascii: fc.boolean(),
    paused: fc.boolean(),
    coloured: fc.boolean(),
  });
  fc.assert(
    fc.property(cases, ({ peers, columns, rows, reason, coloured, ...chosen }) => {
      const data = dataOf(
        peers.map(({ node, paths }, i) =>
          peerView(i, paths.map((facts) => pathStatus(facts)), node)
        ),
      );
      const trouble = reason === null ? null : { reason, ageMs: 5000 };
      const { lines } = picture(sceneOf(data, { trouble }), columns, rows, chosen, coloured);
      assertEquals(lines.length, rows);
      for (const line of lines) assert(displayWidth(line) <= columns, line);
      const shown = new FakeScreen(columns, rows);
      shown.write("\x1b[?1049h");
      shown.write(new WatchScreen().update(lines, { columns, rows }));
      assertEquals(shown.faults, []);
      assertEquals(shown.isColoured, false);
    }),
    { seed: 3, numRuns: 400 },
  );
});
