/** `faild status --watch` in real terminals: what is seen, typed and left behind. */

import { assertEquals } from "@std/assert";
import { Daemon, FAILD, runDirectoryOf } from "./daemon.ts";
import { Lab } from "./lab.ts";
import { event, pathDown } from "./log_events.ts";
import { type Size, Terminal } from "./terminal.ts";

const HEAD = /^h1: faild [0-9.]+, requestor/m;

/** A terminal in which somebody watches h1. */
function watch(
  lab: Lab,
  size: Size,
  variables?: Record<string, string>,
  input = "",
): Promise<Terminal> {
  const argv = [FAILD, "status", "--watch", "--run-dir", runDirectoryOf(lab, "h1"), input];
  return Terminal.start(lab, "h1", size, argv, variables);
}

/** A laboratory in which h1 knows h2 on both LANs. */
async function observed(): Promise<{ lab: Lab; daemon: Daemon }> {
  const lab = await Lab.create();
  try {
    const daemon = await Daemon.start(lab, "h1");
    await Daemon.start(lab, "h2", { requestor: false });
    for (const network of lab.cabling.lans) {
      await daemon.log.wait(event("node-found", { node: "h2", network }));
    }
    return { lab, daemon };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** Asserts that the program has ended well and left the terminal as it was. */
async function assertGivenBack(terminal: Terminal): Promise<void> {
  assertEquals(await terminal.ended(), { exit: 0, isRestored: true });
  const { isOther, isCursorShown, isWrapping, isColoured, faults } = terminal.screen;
  assertEquals(
    { isOther, isCursorShown, isWrapping, isColoured, faults, text: terminal.screen.text().trim() },
    {
      isOther: false,
      isCursorShown: true,
      isWrapping: true,
      isColoured: false,
      faults: [],
      text: "",
    },
  );
}

Deno.test("a live view fills a terminal of any size, and gives it back however it is ended", async () => {
  const { lab } = await observed();
  await using _ = lab;
  const [usual, narrow, wide, tiny, mute, closed, deaf] = await Promise.all([
    watch(lab, { columns: 80, rows: 24 }),
    watch(lab, { columns: 40, rows: 10 }),
    watch(lab, { columns: 200, rows: 60 }),
    watch(lab, { columns: 1, rows: 1 }),
    watch(lab, { columns: 120, rows: 30 }, { TERM: "vt220", NO_COLOR: "1" }),
    watch(lab, { columns: 60, rows: 20 }),
    watch(lab, { columns: 60, rows: 20 }, {}, "</dev/null"),
  ]);
  await usual.untilShown(/^h2 +A +up +[0-9.<]+ ms +▁*[▁-█]+ +.*\n +B +up /m);
  await usual.until("the keys", (_, screen) => screen.lines().at(-1)?.endsWith("2 paths") === true);
  await narrow.untilShown(/^PEER +LAN +STATE +RTT +LOSS\nh2 +A +up /m);
  await wide.untilShown(/ HEARD +ADDRESS +REMARK\nh2 .* both ways +192\.168\.1\.2$/m);
  await tiny.until("a head of one character", (text) => text === "…");
  await mute.untilShown(/^h2 +A +up +[0-9.<]+ ms +[1-8]+ /m);
  await closed.untilShown(HEAD);
  await deaf.untilShown(/^Ctrl-C quit +2 paths$/m);
  for (const { screen } of [usual, narrow, wide, tiny, mute, deaf]) {
    assertEquals([screen.isOther, screen.isCursorShown, screen.faults], [true, false, []]);
  }
  await closed.hangUp();
  await usual.type("q");
  await narrow.type("\x03");
  await deaf.signal("SIGINT");
  await wide.type("\x1b");
  await tiny.signal("SIGTERM");
  await mute.signal("SIGHUP");
  for (const terminal of [usual, narrow, wide, tiny, mute, deaf]) await assertGivenBack(terminal);
});

Deno.test("it follows the size of its terminal and the keys, and a fault is seen at once", async () => {
  const { lab, daemon } = await observed();
  await using _ = lab;
  const terminal = await watch(lab, { columns: 80, rows: 24 });
  await terminal.untilShown(/ \[s state\] .* 2 paths$/m);
  await terminal.type("n");
  await terminal.untilShown(/ \[n name\] .* 2 paths$/m);
  await terminal.resize({ columns: 130, rows: 40 });
  await terminal.untilShown(/^PEER .* HEARD +REMARK$/m);
  await terminal.until(
    "the foot in the last row",
    (_, screen) => /^q quit .* 2 paths$/.test(screen.lines()[39] ?? ""),
  );
  await lab.cutHost("h2", "A");
  await daemon.log.wait(pathDown("h2", "A"));
  await terminal.untilShown(/^h2 +A +down +- +.*× +.* B +.* neither +\w/m);
  await terminal.untilShown(/^ROUTE FOR .*\n192\.168\.1\.2 .* B +192\.168\.2\.2 /m);
  const before = terminal.screen.faults.length;
  await terminal.resize({ columns: 40, rows: 6 });
  await terminal.until(
    "only what fits",
    (text) =>
      /^h1: .*\nPEER +LAN +STATE +RTT +LOSS\nh2 +A +down .*\n +B +up .*\n\nq quit .* 2 paths$/.test(
        text,
      ),
  );
  // What was on its way to the larger terminal did not fit.
  terminal.screen.faults.splice(before);
  await terminal.type(" ");
  await terminal.untilShown(/PAUSED/);
  await terminal.type(" q");
  await assertGivenBack(terminal);
});

Deno.test("a daemon that stops while somebody watches is asked on, until it is back or nobody watches", async () => {
  const { lab, daemon } = await observed();
  await using _ = lab;
  const terminal = await watch(lab, { columns: 80, rows: 24 });
  await terminal.untilShown(HEAD);
  await daemon.stop();
  await terminal.untilShown(/^This is [0-9.]+ m?s old: faild is not running: /m);
  await terminal.untilShown(/^h2 +A +up /m);
  await Daemon.start(lab, "h1");
  await terminal.until(
    "it back",
    (text) => HEAD.test(text) && !text.includes(" old: ") && /^h2 +A +up /m.test(text),
  );
  await terminal.type("q");
  await assertGivenBack(terminal);
});

Deno.test("stopped by Ctrl-Z it gives the terminal back, and takes it again when it goes on", async () => {
  const { lab } = await observed();
  await using _ = lab;
  const terminal = await watch(lab, { columns: 80, rows: 24 });
  await terminal.untilShown(HEAD);
  // Nobody would continue it here, as no shell knows of it: it goes on by itself.
  await terminal.type("\x1a");
  await terminal.until("the view again", (text, { takings }) => takings === 2 && HEAD.test(text));
  await terminal.signal("SIGSTOP");
  await terminal.untilStopped();
  await terminal.signal("SIGCONT");
  await terminal.until("the view again", (text, { takings }) => takings === 3 && HEAD.test(text));
  await terminal.type("q");
  await assertGivenBack(terminal);
});

Deno.test("where a shell knows of it Ctrl-Z stops it, and fg makes it go on", async () => {
  const { lab } = await observed();
  await using _ = lab;
  const command = `${FAILD} status --watch --run-dir ${runDirectoryOf(lab, "h1")}`;
  const size = { columns: 90, rows: 20 };
  const terminal = await Terminal.start(lab, "h1", size, ["bash", "--norc", "-i"], { PS1: "%" });
  await terminal.untilShown(/^%$/m);
  await terminal.type(`${command}\r`);
  await terminal.untilShown(HEAD);
  await terminal.type("\x1a");
  await terminal.until("the shell", (text, screen) => !screen.isOther && /Stopped/.test(text));
  assertEquals(terminal.screen.isCursorShown, true);
  await terminal.type("fg\r");
  await terminal.until("the view again", (text, { isOther }) => isOther && HEAD.test(text));
  await terminal.type("q");
  await terminal.until("the shell", (text, screen) => !screen.isOther && /%$/.test(text.trimEnd()));
  await terminal.type("exit\r");
  assertEquals(await terminal.ended(), { exit: 0, isRestored: true });
});
