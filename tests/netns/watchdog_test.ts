/** The watchdog against real daemons that die, stop, hang and flap, while traffic flows. */

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { attempt } from "./command.ts";
import { Daemon, FAILD, rewriteConfiguration } from "./daemon.ts";
import { waitForPair, waitForPeers } from "./group.ts";
import { Lab } from "./lab.ts";
import { commandLine, namespacePids, signal } from "./processes.ts";
import { lost, Traffic } from "./traffic.ts";
import { delay, waitFor } from "./wait.ts";
import { type Run, Watchdog } from "./watched.ts";

/** Asserts that a run started a daemon, and says so in one line; returns its pid. */
function startedPid({ code, stdout, stderr }: Run, why: RegExp): number {
  assertEquals([code, stderr], [0, ""]);
  const [, text = "", pid] =
    /^faild watchdog: (.*); started as pid (\d+), up after \S+ m?s\n$/.exec(stdout) ?? [];
  assertMatch(text, why, stdout);
  return Number(pid);
}

function assertSilent({ code, stdout, stderr }: Run): void {
  assertEquals([code, stdout, stderr], [0, "", ""]);
}

/** Two hosts of which the first is watched, with a dead LAN: all traffic goes over the other one. */
async function failedOver(lab: Lab): Promise<Watchdog> {
  const watchdog = await Watchdog.create(lab, "h1");
  startedPid(await watchdog.run(), /^faild did not run$/);
  const h2 = await Daemon.start(lab, "h2");
  await waitForPeers(lab, h2);
  await lab.cut("A");
  await waitForPair(lab, "B");
  return watchdog;
}

/** How many daemons run on a host. */
async function daemons(lab: Lab): Promise<number> {
  const pids = await namespacePids(lab.namespace("h1"));
  return pids.filter((pid) => commandLine(pid)?.startsWith(`${FAILD} `)).length;
}

Deno.test("what was started is in a session of its own, and the next runs are quick and silent", async () => {
  await using lab = await Lab.create();
  const watchdog = await Watchdog.create(lab, "h1");
  const pid = startedPid(await watchdog.run(), /^faild did not run$/);
  assertEquals(watchdog.pid(), pid);
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  assertEquals([fields[2], fields[3]], [`${pid}`, `${pid}`], "its group and its session");
  const runs: Run[] = [];
  for (let i = 0; i < 5; i++) runs.push(await watchdog.run());
  for (const run of runs) assertSilent(run);
  const quickest = Math.min(...runs.map(({ tookMs }) => tookMs));
  // How quick this machine is now, shows a run that does nothing.
  const nothing: number[] = [];
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    await lab.run("h1", [FAILD, "--version"]);
    nothing.push(performance.now() - began);
  }
  const least = Math.min(...nothing);
  assert(
    quickest < 5 * least,
    `the quickest of five took ${quickest} ms, doing nothing ${least} ms`,
  );
  assertEquals(watchdog.pid(), pid);
});

for (
  const [fate, why, told, strike] of [
    [
      "killed",
      /^faild did not run$/,
      "did not end by itself: it was killed, it crashed, or the machine went down",
      (each: Watchdog) => each.signal("SIGKILL"),
    ],
    [
      "stopped",
      /^faild does not answer; pid \d+ killed$/,
      "was killed by the watchdog: faild does not answer",
      (each: Watchdog) => each.signal("SIGSTOP"),
    ],
  ] as const
) {
  Deno.test(`a daemon that is ${fate} while failed over is replaced, and no datagram is lost`, async () => {
    await using lab = await Lab.create();
    const watchdog = await failedOver(lab);
    const before = watchdog.pid();
    const routes = await lab.routes("h1");
    const traffic = await Traffic.start(lab);
    const meanwhile = await traffic.measure(async () => {
      strike(watchdog);
      const pid = startedPid(await watchdog.run(), why);
      assertNotEquals(pid, before);
      assertEquals(await lab.routes("h1"), routes);
      await waitFor("the routes to be adopted", () => watchdog.hasLogged("adopted") ? true : null);
      await waitForPair(lab, "B");
      await delay(300);
    });
    assertEquals(lost(meanwhile), 0);
    assertEquals(await daemons(lab), 1);
    assertSilent(await watchdog.run());
    assertEquals(watchdog.lastUncleanEnd(), `The run before this one, pid ${before}, ${told}`);
  });
}

Deno.test("one that takes questions and never answers is killed and replaced", async () => {
  await using lab = await Lab.create();
  const watchdog = await Watchdog.create(lab, "h1");
  startedPid(await watchdog.run(), /^faild did not run$/);
  await killed(watchdog);
  // In the place of a real one: its name, its lock, its socket, and a loop that goes on for ever.
  const name = `${lab.directory}/${FAILD.split("/").at(-1)}`;
  Deno.symlinkSync(Deno.execPath(), name);
  const code = `
    const directory = ${JSON.stringify(watchdog.runDirectory)};
    const lock = Deno.openSync(directory + "/lock", { read: true, write: true });
    lock.lockSync(true);
    lock.truncateSync(0);
    lock.writeSync(new TextEncoder().encode(Deno.pid + "\\n"));
    try { Deno.removeSync(directory + "/control.sock"); } catch { /* it was removed */ }
    Deno.listen({ transport: "unix", path: directory + "/control.sock" });
    console.log("ready");
    for (;;);
  `;
  const [program = "", ...args] = lab.onHost("h1", [name, "eval", "--no-check", code]);
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const pid = startedPid(
    await watchdog.run(),
    new RegExp(`^faild does not answer; pid ${child.pid} killed$`),
  );
  assertEquals((await child.status).signal, "SIGKILL");
  await reader.cancel();
  assertEquals(watchdog.pid(), pid);
  assertSilent(await watchdog.run());
});

/** Kills the daemon, and waits until it is gone. */
async function killed(watchdog: Watchdog): Promise<void> {
  await ended(watchdog, "SIGKILL");
}

async function ended(watchdog: Watchdog, by: Deno.Signal): Promise<void> {
  const pid = watchdog.pid();
  signal(pid, by);
  await waitFor("its end", () => commandLine(pid) === null ? true : null);
}

Deno.test("one that keeps dying is started five times, then left alone, which is said once", async () => {
  await using lab = await Lab.create();
  const watchdog = await Watchdog.create(lab, "h1");
  // The first start is that of nobody who died, and does not count.
  for (let i = 0; i < 6; i++) {
    startedPid(await watchdog.run(), /^faild did not run$/);
    await killed(watchdog);
  }
  const told = await watchdog.run();
  assertEquals([told.code, told.stdout], [1, ""]);
  assertMatch(told.stderr, /started 5 times within 10 min; it is left alone for \S+ min \(/);
  const silent = await watchdog.run();
  assertEquals([silent.code, silent.stdout, silent.stderr], [1, "", ""]);
  assertEquals(await daemons(lab), 0);
  // Five minutes later, by its own record.
  const file = `${watchdog.runDirectory}/watchdog/starts.json`;
  const record = JSON.parse(Deno.readTextFileSync(file));
  record.startedAt = record.startedAt.map((each: number) => each - 5 * 60_000);
  Deno.writeTextFileSync(file, JSON.stringify(record));
  startedPid(await watchdog.run(), /^faild did not run$/);
  assertMatch(watchdog.lastUncleanEnd(), /crashed, .*the watchdog left it alone .* after 5 starts/);
});

Deno.test("one that is stopped each minute, and says so, is started each time", async () => {
  await using lab = await Lab.create();
  const watchdog = await Watchdog.create(lab, "h1");
  for (let i = 0; i < 8; i++) {
    startedPid(await watchdog.run(), /^faild did not run$/);
    await ended(watchdog, "SIGTERM");
  }
  assertEquals(watchdog.hasLogged("unclean-end"), false);
});

Deno.test("of several watchdogs at once one starts the daemon, and all end well", async () => {
  await using lab = await Lab.create();
  const watchdog = await Watchdog.create(lab, "h1");
  for (const fate of ["never ran", "killed"]) {
    if (fate === "killed") await killed(watchdog);
    const runs = await Promise.all([1, 2, 3, 4].map(() => watchdog.run()));
    assertEquals(runs.map(({ code, stderr }) => [code, stderr]), Array(4).fill([0, ""]), fate);
    const speakers = runs.filter(({ stdout }) => stdout !== "");
    assertEquals(speakers.length, 1, fate);
    assertEquals(startedPid(speakers[0]!, /^faild did not run$/), watchdog.pid());
    assertEquals(await daemons(lab), 1, fate);
  }
});

Deno.test("a daemon whose run directory was removed is replaced, and no datagram is lost", async () => {
  await using lab = await Lab.create();
  const watchdog = await failedOver(lab);
  const traffic = await Traffic.start(lab);
  const meanwhile = await traffic.measure(async () => {
    Deno.removeSync(watchdog.runDirectory, { recursive: true });
    startedPid(await watchdog.run(), /^faild has lost its run directory; pid \d+ killed$/);
    await waitForPair(lab, "B");
    await delay(300);
  });
  assertEquals(lost(meanwhile), 0);
  assertEquals(await daemons(lab), 1);
  assertSilent(await watchdog.run());
});

/** Asserts that a fault with which a daemon is left alone is told of by one run, and not by the next. */
async function toldOnce(watchdog: Watchdog, text: RegExp): Promise<void> {
  const told = await waitFor("the fault to last", async () => {
    const run = await watchdog.run();
    return run.code === 0 ? null : run;
  }, { timeoutMs: 30_000, everyMs: 500 });
  assertEquals([told.code, told.stdout], [1, ""]);
  assertMatch(told.stderr, text);
  const silent = await watchdog.run();
  assertEquals([silent.code, silent.stdout, silent.stderr], [1, "", ""]);
}

/** Asserts that the end of a fault is told of once. */
async function wellAgain(watchdog: Watchdog): Promise<void> {
  const again = await waitFor("its end", async () => {
    const run = await watchdog.run();
    return run.code === 0 ? run : null;
  }, { timeoutMs: 30_000, everyMs: 500 });
  assertEquals(again.stdout, "faild watchdog: faild is well again\n");
  assertSilent(await watchdog.run());
}

Deno.test("one that has no network at all is left alone, told of once, and when it has one", async () => {
  await using lab = await Lab.create({ addresses: false });
  const yaml = `log: {file: ${lab.directory}/h1.log}\n`;
  const watchdog = await Watchdog.create(lab, "h1", { yaml });
  const pid = startedPid(await watchdog.run(), /^faild did not run$/);
  await toldOnce(watchdog, /faild is not well: there is no network to work on; .* left alone\n$/);
  await lab.addAddress("h1", "A");
  await wellAgain(watchdog);
  assertEquals([watchdog.pid(), await daemons(lab)], [pid, 1]);
});

Deno.test("keys or a configuration that cannot be used by now are told of once, and none is started with them", async () => {
  await using lab = await Lab.create();
  const keys = `${lab.directory}/keys`;
  Deno.writeTextFileSync(keys, `1 ${"0a1b2c3d".repeat(8)}\n`, { mode: 0o600 });
  const extra = `auth: {mode: enforce, key-file: ${keys}}\n`;
  const watchdog = await Watchdog.create(lab, "h1", { extra });
  const pid = startedPid(await watchdog.run(), /^faild did not run$/);
  const refused = async (text: RegExp) => {
    const { code, stdout, stderr } = await watchdog.run();
    assertEquals([code, stdout], [6, ""]);
    assertMatch(stderr, text);
  };
  Deno.chmodSync(keys, 0o644);
  await refused(/faild could not be started anew: .*, its mode is 0644; .* left alone\n$/);
  await refused(/^$/);
  assertEquals([watchdog.pid(), await daemons(lab)], [pid, 1]);
  await killed(watchdog);
  await refused(/faild did not run; another one cannot be started: .*, its mode is 0644\n$/);
  assertEquals(await daemons(lab), 0);
  Deno.chmodSync(keys, 0o600);
  const next = startedPid(await watchdog.run(), /^faild did not run$/);
  await wellAgain(watchdog);
  rewriteConfiguration(lab, "h1", "interval: soon\n");
  await refused(/faild could not be started anew: Cannot use interval: .* left alone\n$/);
  await refused(/^$/);
  assertEquals([watchdog.pid(), await daemons(lab)], [next, 1]);
});

Deno.test("one that has not its port on each LAN is left alone, told of once, and when it has it", async () => {
  await using lab = await Lab.create();
  const code = `
    Deno.listenDatagram({ transport: "udp", hostname: "${lab.address("h1", "A")}", port: 32453 });
    console.log("ready");
    setInterval(() => {}, 1000);
  `;
  const argv = [Deno.execPath(), "eval", "--no-check", "--unstable-net", code];
  const [program = "", ...args] = lab.onHost("h1", argv);
  const other = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = other.stdout.getReader();
  try {
    await reader.read();
    const watchdog = await Watchdog.create(lab, "h1");
    const pid = startedPid(await watchdog.run(), /^faild did not run$/);
    await toldOnce(
      watchdog,
      /faild is not well: not all of its sockets are open; .* left alone\n$/,
    );
    other.kill("SIGKILL");
    await wellAgain(watchdog);
    assertEquals([watchdog.pid(), await daemons(lab)], [pid, 1]);
  } finally {
    try {
      other.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await reader.cancel();
    await other.status;
  }
});

Deno.test("on a full disk a killed daemon is started all the same", async () => {
  await using lab = await Lab.create();
  const watchdog = await Watchdog.create(lab, "h1");
  Deno.mkdirSync(watchdog.runDirectory);
  const mounted = await attempt([
    "mount",
    "-t",
    "tmpfs",
    "-o",
    "size=64k,mode=0755",
    "tmpfs",
    watchdog.runDirectory,
  ]);
  assertEquals(mounted.code, 0, mounted.stderr);
  try {
    startedPid(await watchdog.run(), /^faild did not run$/);
    await killed(watchdog);
    fill(`${watchdog.runDirectory}/filler`);
    const pid = startedPid(await watchdog.run(), /^faild did not run$/);
    assertSilent(await watchdog.run());
    signal(pid, "SIGSTOP");
    startedPid(await watchdog.run(), /^faild does not answer; pid \d+ killed$/);
  } finally {
    await watchdog.stop();
    await attempt(["umount", watchdog.runDirectory]);
  }
});

/** Writes until nothing more can be written. */
function fill(path: string): void {
  const block = new Uint8Array(4096);
  const file = Deno.openSync(path, { write: true, create: true });
  try {
    for (;;) file.writeSync(block);
  } catch {
    // It is full.
  } finally {
    file.close();
  }
}

Deno.test("a daemon that cannot start is told of with its own words", async () => {
  await using lab = await Lab.create();
  const wrapper = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"];
  const watchdog = await Watchdog.create(lab, "h1", { wrapper });
  const { code, stdout, stderr } = await watchdog.run();
  assertEquals([code, stdout], [1, ""]);
  assertMatch(
    stderr,
    /but it ended with exit status 4: Cannot change routes: .*CAP_NET_ADMIN/,
  );
  assertEquals(await daemons(lab), 0);
});
