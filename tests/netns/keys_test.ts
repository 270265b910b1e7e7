/** Signed packets: keys that change while daemons run, nodes without a key, and how they get one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Daemon, type DaemonOptions, runCommand } from "./daemon.ts";
import { RouteWatch, startGroup, waitForPair, waitForPeers } from "./group.ts";
import { type HostName, Lab } from "./lab.ts";
import { event } from "./log_events.ts";
import { lost, tcpFault, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

const PAIR = ["h1", "h2"];
/** Where it is asserted that nothing happens, a busy machine shall not make it happen. */
const CALM = { failAfter: 6 };
const OLD = `1 ${"0a1b2c3d".repeat(8)}`;
const NEW = `2 ${"f0e1d2c3".repeat(8)}`;

function keyFileOf(lab: Lab, host: HostName): string {
  return `${lab.directory}/keys-${host}`;
}

/** Writes a host's keys, the first to sign with. */
async function writeKeys(lab: Lab, host: HostName, keys: readonly string[]): Promise<void> {
  const text = keys.map((key) => `${key}\n`).join("");
  await Deno.writeTextFile(keyFileOf(lab, host), text, { mode: 0o600 });
}

/** How a daemon with keys is started. */
function withKeys(lab: Lab, host: HostName, mode: "permissive" | "enforce"): DaemonOptions {
  const extra = `auth: {mode: ${mode}, key-file: ${keyFileOf(lab, host)}}\n`;
  return { ...CALM, extra };
}

/** Starts both hosts, enforcing, with one key; returns when each hears the other. */
async function startKeyed(lab: Lab): Promise<[Daemon, Daemon]> {
  const start = async (host: HostName): Promise<Daemon> => {
    await writeKeys(lab, host, [OLD]);
    return await Daemon.start(lab, host, withKeys(lab, host, "enforce"));
  };
  const daemons: [Daemon, Daemon] = [await start("h1"), await start("h2")];
  await Promise.all(daemons.map((daemon) => waitForPeers(lab, daemon, PAIR)));
  return daemons;
}

Deno.test("keys are changed on a running pair, without a gap, and wrong keys change nothing", async () => {
  await using lab = await Lab.create();
  const daemons = await startKeyed(lab);
  const traffic = await Traffic.start(lab);
  const watches = await Promise.all(PAIR.map((host) => RouteWatch.start(lab, host)));
  const steps = [[OLD, NEW], [NEW, OLD], [NEW]];
  const change = await traffic.measure(async () => {
    for (const keys of steps) {
      const ids = keys.map((key) => Number(key.split(" ")[0]));
      for (const daemon of daemons) {
        const place = daemon.log.count;
        await writeKeys(lab, daemon.host, keys);
        daemon.signal("SIGHUP");
        const accepted = { keyId: ids[0] ?? 0, accepted: ids, changed: ["keys"] };
        await daemon.log.wait(event("reloaded", accepted), { from: place });
        // Some inquiries of each, while one of them has changed and the other has not.
        await delay(150);
      }
    }
    const [h1] = daemons;
    const again = await runCommand(lab, "h1", "reload");
    assertMatch(again.stdout, /nothing changed; packets are signed with key 2, accepted with 2\n$/);
    await writeKeys(lab, "h1", ["3 tooshort"]);
    h1.signal("SIGHUP");
    await h1.log.wait(event("reload-refused"));
    await delay(600);
  });
  assertEquals([lost(change), tcpFault(change)], [0, null]);
  for (const watch of watches) assertEquals(await watch.changes(), []);
  for (const daemon of daemons) {
    assertEquals(daemon.log.matching(event("path-down")), []);
    assertEquals(badSignatures(daemon), []);
  }
  await lab.cut("A");
  await waitForPair(lab, "B");
});

/** The names by which packets were dropped for their signature. */
function badSignatures(daemon: Daemon): string[] {
  return ["unsigned", "unknown-key", "bad-signature"].filter((reason) =>
    daemon.log.matching(event("dropped", { reason })).length > 0
  );
}

Deno.test("who has no key is not listened to, and the drop is named", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const [h1, h2] = await startKeyed(lab);
  const h3 = await Daemon.start(lab, "h3", CALM);
  await Promise.all(
    [h1, h2].map(({ log }) => log.wait(event("dropped", { reason: "unsigned" }))),
  );
  await writeKeys(lab, "h3", [`1 ${"77".repeat(32)}`]);
  await h3.stop();
  const wrong = await Daemon.start(lab, "h3", withKeys(lab, "h3", "enforce"));
  await h1.log.wait(event("dropped", { reason: "bad-signature" }));
  await wrong.log.wait(event("dropped", { reason: "bad-signature" }));
  await lab.cutBetween("h1", "h2", "A");
  await waitForPair(lab, "B");
  for (const { log } of [h1, h2]) {
    assertEquals(log.matching(event("node-found", { node: "h3" })), []);
  }
  assertEquals(wrong.log.matching(event("node-found")), []);
  assertEquals(await lab.routes("h3"), []);
});

Deno.test("signing is introduced on running nodes, one after the other, and no route changes", async () => {
  await using lab = await Lab.create();
  const daemons = await startGroup(lab, CALM);
  const watches = await Promise.all(PAIR.map((host) => RouteWatch.start(lab, host)));
  for (const host of PAIR) await writeKeys(lab, host, [OLD]);
  const logs = daemons.map(({ log }) => log);
  for (const mode of ["permissive", "enforce"] as const) {
    for (const [index, host] of PAIR.entries()) {
      const other = daemons[1 - index];
      const place = other?.log.count ?? 0;
      await daemons[index]?.stop();
      const successor = await Daemon.start(lab, host, withKeys(lab, host, mode));
      daemons[index] = successor;
      logs.push(successor.log);
      await waitForPeers(lab, successor);
      await other?.log.wait(event("node-restarted", { node: host }), { from: place });
      // The first one to have keys gets packets without a signature.
      const isFirst = mode === "permissive" && host === "h1";
      if (isFirst) await successor.log.wait(event("unauthenticated", { reason: "unsigned" }));
    }
  }
  for (const watch of watches) {
    const changes = await watch.changes();
    // By a blackhole that leads nowhere a daemon finds out at its start whether it may change routes.
    assertEquals(changes.filter((line) => !line.includes("blackhole")), []);
  }
  for (const log of logs) assertEquals(log.matching(event("path-down")), []);
  await lab.cut("A");
  await waitForPair(lab, "B");
});

Deno.test("a key file that others may read, or that is wrong, ends the start with 6 and says why", async () => {
  await using lab = await Lab.create();
  const before = await lab.routing("h1");
  const start = async (mode: number, text: string): Promise<string> => {
    await Deno.writeTextFile(keyFileOf(lab, "h1"), text);
    await Deno.chmod(keyFileOf(lab, "h1"), mode);
    const daemon = await Daemon.start(lab, "h1", withKeys(lab, "h1", "enforce"));
    assertEquals(await daemon.end(), 6);
    return daemon.log.since(0).join("\n");
  };
  for (const mode of [0o644, 0o640, 0o604]) {
    const rule = String.raw`keys-h1: must be open to its owner only \(chmod 600\), its mode is `;
    assertMatch(await start(mode, `${OLD}\n`), new RegExp(`${rule}0${mode.toString(8)}`));
  }
  const secret = "0123456789abcdef";
  const said = await start(0o600, `1 ${secret}\n`);
  assertMatch(said, /secret of key 1: must be 32 to 128 hexadecimal digits/);
  assert(!said.includes(secret), "no part of a key is told");
  assertEquals(await lab.routing("h1"), before);
});

Deno.test("without keys, who is not on the list of the allowed is not listened to", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const allow = `allow: [h2, ${lab.address("h2", "A")}, ${lab.address("h2", "B")}]\n`;
  const h1 = await Daemon.start(lab, "h1", { ...CALM, extra: allow });
  const others = await Promise.all(["h2", "h3"].map((host) => Daemon.start(lab, host, CALM)));
  await waitForPeers(lab, h1, PAIR);
  for (const daemon of others) await waitForPeers(lab, daemon, ["h2", "h3"]);
  const dropped = await h1.log.wait(event("dropped", { reason: "not-allowed" }));
  assertEquals(JSON.parse(dropped.text).value, "h3");
  assertEquals(h1.log.matching(event("node-found", { node: "h3" })), []);
  await lab.cutHost("h1", "A");
  await waitForPair(lab, "B");
});
