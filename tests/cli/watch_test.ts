import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { schemaFaults } from "../fakes/json_schema.ts";
import { downPath, pathStatus, peerView, statusOf } from "../shells/overviews.ts";
import { WatchHost } from "./watch_host.ts";

const ABSENT = "faild is not running: nobody listens at /run/faild/control.sock";

function first({ terminal }: WatchHost): string {
  return terminal.screen.lines()[0] ?? "";
}

/** Quits, and asserts that all was given back. */
async function quit(watched: WatchHost, key = "q"): Promise<void> {
  await watched.type(key);
  assertEquals(await watched.ended(), { exit: 0, out: "", error: "" });
  assertEquals([watched.terminal.isOpen, watched.terminal.openings], [false, 1]);
  assertEquals(watched.terminal.screen.faults, []);
}

Deno.test("on a terminal the state is shown live, and asked for as often as the daemon asks its peers", async () => {
  const watched = new WatchHost();
  await watched.watch();
  assertMatch(first(watched), /^node1: faild 0\.1\.0/);
  assertMatch(watched.terminal.screen.text(), /^node2 +A +up +0\.2 ms +▁ /m);
  watched.peers = [peerView(2, [downPath()])];
  await watched.advance(1000);
  assertMatch(watched.terminal.screen.text(), /^node2 +A +down +- +▁× /m);
  await watched.advance(2000);
  assertEquals(watched.asked, [0, 1000, 2000, 3000]);
  await quit(watched);
});

Deno.test("the daemon is asked neither more often than twice a second nor less than every two", async () => {
  for (const [intervalMs, between] of [[10, 500], [700, 700], [60_000, 2000]] as const) {
    const watched = new WatchHost();
    watched.status = statusOf({ intervalMs });
    await watched.watch();
    await watched.advance(4000);
    assertEquals(watched.asked.slice(0, 3), [0, between, 2 * between]);
    await quit(watched);
  }
});

Deno.test("a daemon that needs long to answer is asked more seldom", async () => {
  const watched = new WatchHost();
  watched.tookMs = 300;
  await watched.watch();
  await watched.advance(8000);
  assertEquals(watched.asked, [0, 1300, 4300, 7300]);
  await quit(watched);
});

Deno.test("nothing is written while nothing changes", async () => {
  const watched = new WatchHost();
  await watched.watch();
  await watched.advance(30_000);
  const { length } = watched.terminal.writes;
  await watched.advance(10_000);
  assertEquals(watched.terminal.writes.length, length);
  assertEquals(watched.asked.length, 41);
  await quit(watched);
});

Deno.test("Escape quits, but not what only begins like it", async () => {
  const watched = new WatchHost();
  watched.peers = Array.from({ length: 40 }, (_, i) => peerView(i, [pathStatus()]));
  await watched.watch();
  await watched.type("\x1b");
  await watched.advance(50);
  await watched.type("[B");
  await watched.advance(500);
  assertMatch(watched.terminal.screen.lines().at(-1) ?? "", / 2-\d+ of 40 paths$/);
  await watched.type("\x1b[");
  await watched.advance(500);
  assert(watched.terminal.isOpen);
  await watched.type("\x1b");
  await watched.advance(100);
  assertEquals((await watched.ended())?.exit, 0);
  assertEquals(watched.terminal.isOpen, false);
});

Deno.test("signals end it as a key does, and so does a terminal that is gone", async () => {
  const ends: readonly ((watched: WatchHost) => unknown)[] = [
    ({ host }) => host.signals?.stop("SIGINT"),
    ({ host }) => host.signals?.stop("SIGTERM"),
    ({ host }) => host.signals?.reload(),
    ({ terminal }) => terminal.handlers?.ended(),
    (watched) => {
      watched.terminal.isThere = false;
      watched.terminal.handlers?.disturbed();
    },
  ];
  for (const end of ends) {
    const watched = new WatchHost();
    await watched.watch();
    end(watched);
    assertEquals((await watched.ended())?.exit, 0);
    assertEquals(watched.terminal.isOpen, false);
  }
});

Deno.test("a daemon that goes away is told of, with how old the picture is, and asked on until it is back", async () => {
  const watched = new WatchHost();
  await watched.watch();
  await watched.advance(3000);
  watched.stopDaemon();
  await watched.advance(10_000);
  assertEquals(first(watched), `This is 10 s old: ${ABSENT}`.slice(0, 79) + "…");
  assertMatch(watched.terminal.screen.text(), /^node2 +A +up /m);
  watched.startDaemon();
  await watched.advance(1000);
  assertMatch(first(watched), /^node1: faild/);
  assertMatch(watched.terminal.screen.text(), /^node2 +A +up +0\.2 ms +▁ /m);
  await quit(watched);
});

Deno.test("a daemon that hangs or will not is told of too, and keys work meanwhile", async () => {
  const watched = new WatchHost();
  await watched.watch();
  watched.daemon = "hangs";
  await watched.advance(3000);
  assertMatch(first(watched), /^This is 3 s old: faild does not answer$/);
  await watched.type("n");
  assertStringIncludes(watched.terminal.screen.text(), "[n name]");
  await watched.advance(4000);
  assertMatch(first(watched), /^This is 7 s old: faild does not answer at /);
  watched.daemon = "refuses";
  await watched.advance(7000);
  assertMatch(first(watched), / s old: Cannot serve so many$/);
  await watched.type(" ");
  assertMatch(first(watched), / s old: Cannot serve so many$/);
  await quit(watched, "Q");
});

Deno.test("a view that is held does not change and asks nobody, and goes on with a look at once", async () => {
  const watched = new WatchHost();
  await watched.watch();
  await watched.advance(100);
  await watched.type(" ");
  const lines = watched.terminal.screen.lines();
  assertMatch(lines.at(-1) ?? "", /PAUSED/);
  watched.peers = [peerView(2, [downPath()])];
  await watched.advance(20_000);
  assertEquals(watched.terminal.screen.lines(), lines);
  assertEquals(watched.asked.length, 1);
  await watched.type(" ");
  await watched.advance(0);
  assertEquals(watched.asked.length, 2);
  // What happened meanwhile is a gap.
  assertMatch(watched.terminal.screen.text(), /^node2 +A +down +- +▁ × /m);
  await quit(watched);
});

Deno.test("a terminal of another size, or one that others have used, is drawn anew", async () => {
  const watched = new WatchHost();
  await watched.watch();
  watched.terminal.screen.resize(50, 8);
  watched.terminal.handlers?.disturbed();
  assertMatch(watched.terminal.screen.lines()[7] ?? "", /^q quit .* 1 path$/);
  const lines = watched.terminal.screen.lines();
  watched.terminal.screen.write("\x1b[3;1Hwall: the machine goes down");
  await watched.type("\x0c");
  assertEquals(watched.terminal.screen.lines(), lines);
  await quit(watched);
});

Deno.test("an answer of another version is told of, and the view goes on", async () => {
  const watched = new WatchHost();
  await watched.watch();
  const { peers } = watched;
  watched.peers = [{} as (typeof watched.peers)[number]];
  await watched.advance(1000);
  assertMatch(watched.terminal.screen.text(), /the daemon is another version \(0\.1\.0\)/);
  watched.peers = peers;
  await watched.advance(1000);
  assert(!watched.terminal.screen.text().includes("another version"));
  await quit(watched);
});

Deno.test("a fault while it draws ends the view, and the terminal is given back", async () => {
  const watched = new WatchHost();
  await watched.watch();
  watched.terminal.writes.push = () => {
    throw new TypeError("no picture");
  };
  await watched.advance(1000);
  const error = "faild: Cannot go on: a fault of the program, please report it: no picture\n";
  assertEquals(await watched.ended(), { exit: 1, out: "", error });
  assertEquals(watched.terminal.isOpen, false);
});

Deno.test("without a daemon at the beginning no terminal is taken over, and the code is that of status", async () => {
  const watched = new WatchHost();
  watched.stopDaemon();
  await watched.watch();
  assertEquals(await watched.ended(), { exit: 3, out: "", error: `faild: ${ABSENT}\n` });
  assertEquals(watched.terminal.openings, 0);
});

Deno.test("terminals without blocks get curves of digits", async () => {
  for (const term of ["linux", "vt220"]) {
    const watched = new WatchHost();
    watched.host.variables.set("TERM", term);
    await watched.watch();
    assertMatch(watched.terminal.screen.text(), /^node2 +A +up +0\.2 ms +1 .*\. *$/m);
    await quit(watched);
  }
});

Deno.test("where there is no terminal each look is printed with its time, and what is wrong in its place", async () => {
  for (const [isOnTerminal, term] of [[false, "xterm"], [true, "dumb"], [true, ""]] as const) {
    const watched = new WatchHost();
    watched.host.isOnTerminal = isOnTerminal;
    watched.host.variables.set("TERM", term);
    await watched.watch();
    await watched.advance(1000);
    watched.stopDaemon();
    await watched.advance(2000);
    watched.host.signals?.stop("SIGINT");
    const outcome = await watched.ended();
    assertEquals([outcome?.exit, outcome?.error, watched.terminal.openings], [0, "", 0]);
    const looks = outcome?.out.split(/^(?=\d{4}-\d\d-\d\dT[\d:.]+\S+\n)/m) ?? [];
    assertEquals(looks.length, 4);
    for (const look of looks.slice(0, 2)) assertMatch(look, /\nnode1: [^]*\nnode2 +A [^]*\n\n$/);
    for (const look of looks.slice(2)) assertEquals(look.split("\n").slice(1), [ABSENT, "", ""]);
    assert(!outcome?.out.includes("\x1b"));
  }
});

Deno.test("with --json each look is one line as its schema says, on a terminal too, and trouble is told once", async () => {
  const place = new URL("../../docs/schema/status.json", import.meta.url);
  const schema = JSON.parse(Deno.readTextFileSync(place));
  const watched = new WatchHost();
  await watched.watch("--json");
  await watched.advance(2000);
  watched.stopDaemon();
  await watched.advance(3000);
  watched.startDaemon();
  await watched.advance(1000);
  watched.host.signals?.stop("SIGINT");
  const outcome = await watched.ended();
  assertEquals([outcome?.exit, outcome?.error], [0, `faild: ${ABSENT}\n`]);
  const lines = outcome?.out.trimEnd().split("\n") ?? [];
  assertEquals(lines.length, 4);
  assertEquals(lines.flatMap((line) => schemaFaults(JSON.parse(line), schema)), []);
  assertEquals(watched.terminal.openings, 0);
});

Deno.test("printing ends when nobody reads any more", async () => {
  const watched = new WatchHost();
  watched.host.isOnTerminal = false;
  watched.host.readsLeft = 2;
  await watched.watch();
  await watched.advance(5000);
  assertEquals((await watched.ended())?.exit, 0);
  assertEquals(watched.asked.length, 3);
});
