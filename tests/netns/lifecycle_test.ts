/** Starts, ends and deaths of the real binary, and what it leaves behind. */

import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { attempt } from "./command.ts";
import { Daemon, FAILD, runDirectoryOf } from "./daemon.ts";
import { startGroup, waitForPair, waitForPeers } from "./group.ts";
import { type HostName, Lab } from "./lab.ts";
import { event } from "./log_events.ts";
import { family, namespacePids } from "./processes.ts";
import { lost, Traffic } from "./traffic.ts";
import { delay, waitFor } from "./wait.ts";

/** Runs `faild cleanup` on a host. */
async function cleanup(lab: Lab, host: HostName) {
  const runDirectory = ["--run-dir", runDirectoryOf(lab, host)];
  return await attempt(lab.onHost(host, [FAILD, "cleanup", ...runDirectory]));
}

/** Resolves when no process is left on a host. */
async function waitForNothing(lab: Lab, host: HostName): Promise<void> {
  await waitFor(`${host} to run nothing`, async () => {
    return (await namespacePids(lab.namespace(host))).length === 0 ? true : null;
  });
}

Deno.test("a daemon killed while failed over leaves its routes, and its successor adopts them", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab);
  const traffic = await Traffic.start(lab);
  await lab.cut("A");
  await waitForPair(lab, "B");
  await traffic.measure(() => delay(100));
  const meanwhile = await traffic.measure(async () => {
    await h1?.kill();
    await delay(300);
    const successor = await Daemon.start(lab, "h1");
    await successor.log.wait(event("adopted", { routes: [{ address: lab.address("h2", "A") }] }));
    await waitForPeers(lab, successor, ["h1", "h2"], ["B"]);
    await delay(300);
  });
  assertEquals(lost(meanwhile), 0);
  const switchback = await traffic.measure(async () => {
    await lab.mend("A");
    await waitForPair(lab, "A");
    await delay(200);
  });
  assertEquals(lost(switchback), 0);
  assertEquals(await lab.routes("h1"), []);
});

Deno.test("a daemon killed while all is well disturbs nothing, and its successor works as it did", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab);
  const traffic = await Traffic.start(lab);
  const meanwhile = await traffic.measure(async () => {
    await h1?.kill();
    await h2?.log.wait(event("path-down", { node: "h1", network: "B" }));
    await waitForPeers(lab, await Daemon.start(lab, "h1"));
    await h2?.log.wait(event("path-up", { node: "h1", network: "B" }));
  });
  assertEquals(lost(meanwhile), 0);
  await lab.cut("A");
  await waitForPair(lab, "B");
});

for (const name of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`after ${name} routes and rules are byte for byte what they were before the start`, async () => {
    await using lab = await Lab.create();
    const before = await lab.routing("h1");
    const [h1, h2] = await startGroup(lab);
    assertNotEquals(await lab.routing("h1"), before, "a running daemon has a rule at least");
    h1?.signal(name);
    assertEquals(await h1?.end(), 0);
    assertEquals(await lab.routing("h1"), before);
    // The same while failed over.
    const again = await Daemon.start(lab, "h1");
    await waitForPeers(lab, again);
    await h2?.log.wait(event("node-restarted", { node: "h1" }));
    await lab.cut("A");
    await waitForPair(lab, "B");
    again.signal(name);
    assertEquals(await again.end(), 0);
    assertEquals(await lab.routing("h1"), before);
    assert(event("stop", { signal: name }).test(again.log.all.at(-1)?.text ?? ""));
  });
}

Deno.test("cleanup after a kill removes everything of ours, and leaves nothing running", async () => {
  await using lab = await Lab.create();
  const before = await lab.routing("h1");
  const [h1] = await startGroup(lab);
  const refused = await cleanup(lab, "h1");
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, new RegExp(`\\b${h1?.pid}\\b`));
  await lab.cut("A");
  await waitForPair(lab, "B");
  await h1?.kill();
  assertNotEquals(await lab.routing("h1"), before);
  const done = await cleanup(lab, "h1");
  assertEquals(done.code, 0, done.stderr);
  assertEquals(await lab.routing("h1"), before);
  await waitForNothing(lab, "h1");
});

/** Moments of a start, in their order; each resolves when the daemon has come so far. */
const MOMENTS: Readonly<Record<string, (lab: Lab, daemon: Daemon) => Promise<unknown>>> = {
  "right after its spawn": () => Promise.resolve(),
  "when it starts ip": (_, { pid }) => {
    return waitFor("ip", () => family(pid).length > 1 ? true : null, { everyMs: 1 });
  },
  "when it has the lock": (lab, { host, pid }) => {
    const path = `${runDirectoryOf(lab, host)}/lock`;
    return waitFor("the lock", () => textOf(path) === `${pid}\n` ? true : null, { everyMs: 1 });
  },
  "at its first log line": (_, { log }) => log.wait(/./),
  "when its rule is there": (lab, { host }) => {
    const rule = async () => (await lab.ip(host, "rule", "show")).includes("lookup 245");
    return waitFor("the rule", async () => await rule() ? true : null, { everyMs: 1 });
  },
  "at its first network": (_, { log }) => log.wait(event("network-ready")),
};

/** Those at which it listens already, so that a signal must mean a clean stop. */
const LISTENING = [
  "when it has the lock",
  "at its first log line",
  "when its rule is there",
  "at its first network",
];

Deno.test("a TERM within the first moments leaves nothing behind", async () => {
  await using lab = await Lab.create();
  const before = await lab.routing("h1");
  for (const [moment, reached] of Object.entries(MOMENTS)) {
    for (const round of [1, 2]) {
      const daemon = await Daemon.start(lab, "h1");
      await reached(lab, daemon);
      daemon.signal("SIGTERM");
      const end = await daemon.end();
      // Before it listens for signals it has nothing to clean up, and simply dies.
      const expected = LISTENING.includes(moment) ? [0] : [0, "SIGTERM"];
      assert(expected.includes(end), `TERM ${moment}, round ${round}: ended with ${end}`);
      await waitForNothing(lab, "h1");
      assertEquals(await lab.routing("h1"), before, `TERM ${moment}, round ${round}`);
    }
  }
});

Deno.test("a second daemon on the same run directory ends with 1 and names the first one's pid", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab, {}, ["h1"]);
  await h1?.log.wait(event("network-ready"));
  const before = await lab.routing("h1");
  const second = await Daemon.start(lab, "h1");
  assertEquals(await second.end(), 1);
  assertMatch(second.log.since(0).join("\n"), new RegExp(`\\b${h1?.pid}\\b`));
  assertEquals(await lab.routing("h1"), before);
});

Deno.test("without CAP_NET_ADMIN it ends with 4 and says what to do", async () => {
  await using lab = await Lab.create();
  const before = await lab.routing("h1");
  const wrapper = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"];
  const daemon = await Daemon.start(lab, "h1", { wrapper });
  assertEquals(await daemon.end(), 4);
  assertMatch(daemon.log.since(0).join("\n"), /CAP_NET_ADMIN/);
  assertEquals(await lab.routing("h1"), before);
});

/** The text of a file, empty where there is none. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

Deno.test("the log file is reopened on HUP and when it was moved, and no line is ever lost", async () => {
  await using lab = await Lab.create();
  const path = `${lab.directory}/faild.log`;
  const h1 = await Daemon.start(lab, "h1", { args: ["-l", path], failAfter: 6 });
  const h2 = await Daemon.start(lab, "h2", { failAfter: 6 });
  await waitForPeers(lab, h2);
  Deno.renameSync(path, `${path}.1`);
  h1.signal("SIGHUP");
  await waitFor("the file to be there again", () => existsSync(path) ? true : null);
  let cuts = 0;
  const cutAndMend = async (): Promise<void> => {
    cuts++;
    await lab.cut("A");
    await waitForPair(lab, "B");
    await lab.mend("A");
    await waitForPair(lab, "A");
  };
  await cutAndMend();
  await waitFor("path-up in it", () => textOf(path).includes('"path-up"') ? true : null);
  assert(!textOf(`${path}.1`).includes('"path-down"'), "after HUP nothing goes to the old file");
  Deno.renameSync(path, `${path}.2`);
  // Unasked, it looks for a new file before a line, but not before each.
  while (!existsSync(path) && cuts < 20) await cutAndMend();
  assertEquals(await h1.stop(), 0);
  const last = textOf(path).trimEnd().split("\n").at(-1) ?? "";
  assert(event("stop", { signal: "SIGTERM" }).test(last), last);
  const all = [`${path}.1`, `${path}.2`, path].map(textOf).join("");
  assertEquals(all.match(/"event":"path-down"/g)?.length, cuts);
  assertEquals(all.match(/"event":"path-up"/g)?.length, cuts);
  assertEquals(h1.log.since(0), []);
});

function existsSync(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
