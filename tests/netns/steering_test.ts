/** Steering a daemon while traffic flows: reload, drain and undrain, as an administrator does it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Daemon, rewriteConfiguration, runCommand, usualYaml } from "./daemon.ts";
import { RouteWatch, startGroup, waitForPair, waitForRoute } from "./group.ts";
import { type HostName, Lab } from "./lab.ts";
import { event, pathDown } from "./log_events.ts";
import { commandLine, family, signal } from "./processes.ts";
import { lost, tcpFault, Traffic } from "./traffic.ts";
import { delay, waitFor } from "./wait.ts";

async function networksOf(lab: Lab, host: HostName): Promise<unknown[]> {
  const { stdout } = await runCommand(lab, host, "status", "--json");
  return JSON.parse(stdout).networks.map((each: { name: string; usable: boolean }) => [
    each.name,
    each.usable,
  ]);
}

Deno.test("a reload that adds a peer and changes the interval loses no datagram and changes no route", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab, { failAfter: 6 }) as [Daemon, Daemon];
  const watches = [await RouteWatch.start(lab, "h1"), await RouteWatch.start(lab, "h2")];
  const traffic = await Traffic.start(lab);
  const peers = "peers: [{node: far, addresses: [192.168.1.200, 192.168.2.200]}]\n";
  const measured = await traffic.measure(async () => {
    for (const interval of ["0.2", "0.1", "1", "0.05"]) {
      rewriteConfiguration(lab, "h1", `${usualYaml(lab, "h1")}interval: ${interval}\n${peers}`);
      const { code, stdout, stderr } = await runCommand(lab, "h1", "reload");
      assertEquals(code, 0);
      // Nothing but what is special to tests is doubtful.
      const known = /^faild: Warning: (flag -t 0\.05 is overridden by interval|run-dir is )/;
      assertEquals(stderr.split("\n").filter((line) => line !== "" && !known.test(line)), []);
      assertMatch(stdout, /^Reloaded: .*interval.* changed\n$/);
      await delay(400);
    }
    await delay(1000);
  });
  assertEquals([lost(measured), tcpFault(measured)], [0, null]);
  for (const watch of watches) assertEquals(await watch.changes(), []);
  for (const daemon of [h1, h2]) {
    const falls = daemon.log.matching(event("path-down"))
      .filter(({ text }) => JSON.parse(text).node !== "far");
    assertEquals(falls, []);
  }
  assertEquals(h1.log.matching(event("reloaded")).length, 4);
});

Deno.test("a file with an error changes nothing, by reload and by HUP, and reload says all that is wrong", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab) as [Daemon, Daemon];
  rewriteConfiguration(
    lab,
    "h1",
    `${usualYaml(lab, "h1")}interval: never\nfail-after: 0\nport: 4000\n`,
  );
  const { code, stderr } = await runCommand(lab, "h1", "reload");
  assertEquals(code, 6);
  assertEquals(stderr.trimEnd().split("\n").length, 2);
  const place = h1.log.count;
  h1.signal("SIGHUP");
  await h1.log.wait(event("reload-refused"), { from: place });
  const status = JSON.parse((await runCommand(lab, "h1", "status", "--json")).stdout);
  assertEquals([status.intervalMs, status.failAfter], [50, 3]);
});

Deno.test("a drain moves the traffic of both ends before the cable is pulled, and no datagram is lost until it is back", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab) as [Daemon, Daemon];
  const traffic = await Traffic.start(lab);
  const drained = await traffic.measure(async () => {
    assertEquals((await runCommand(lab, "h1", "drain", "A")).code, 0);
    await waitForPair(lab, "B");
  });
  assertEquals([lost(drained), tcpFault(drained)], [0, null]);
  assertEquals(await networksOf(lab, "h1"), [["A", false], ["B", true]]);
  assertEquals((await runCommand(lab, "h1", "health")).code, 1);
  await h2.log.wait(event("path-down", { level: "info", cause: { kind: "peer-drained" } }));
  const planned = await runCommand(lab, "h2", "health");
  assertEquals(planned.code, 0, planned.stdout);
  assertMatch(planned.stdout, /^OK: .*, 1 drained by the peer, /);
  const pulled = await traffic.measure(async () => {
    await lab.unplug("h1", "A");
    await delay(300);
    await lab.plug("h1", "A");
    await delay(300);
  });
  assertEquals([lost(pulled), tcpFault(pulled)], [0, null]);
  await waitForRoute(lab, "h2", "h1", { of: "A", over: "B" });
  const returned = await traffic.measure(async () => {
    assertEquals((await runCommand(lab, "h1", "undrain", "A")).code, 0);
    await waitForPair(lab, "A");
    await delay(200);
  });
  assertEquals([lost(returned), tcpFault(returned)], [0, null]);
  assert(h1.log.matching(event("network-undrained")).length === 1);
  assertEquals((await runCommand(lab, "h1", "health")).code, 0);
});

Deno.test("a drained network stays drained when the daemon is killed and started anew", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab) as [Daemon, Daemon];
  await runCommand(lab, "h1", "drain", "A");
  await waitForPair(lab, "B");
  await h1.kill();
  assertEquals(
    (await runCommand(lab, "h1", "status")).code,
    3,
    "a socket without a daemon is none",
  );
  const next = await Daemon.start(lab, "h1");
  await next.log.wait(event("network-drained", { network: "A" }));
  await waitForPair(lab, "B");
  assertEquals(await networksOf(lab, "h1"), [["A", false], ["B", true]]);
});

Deno.test("a drain that cannot move the traffic says so and fails, and nothing is cut off by it", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab) as [Daemon, Daemon];
  const traffic = await Traffic.start(lab);
  const drained = await traffic.measure(async () => {
    assertEquals((await runCommand(lab, "h1", "drain", "A")).code, 0);
    await waitForPair(lab, "B");
    const { code, stdout, stderr } = await runCommand(lab, "h1", "drain", "B");
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /B is drained, but traffic of 1 node \(h2\) stays on it, .*: do not unplug it/,
    );
    await delay(500);
  });
  assertEquals([lost(drained), tcpFault(drained)], [0, null]);
  const health = await runCommand(lab, "h1", "health");
  assertMatch(health.stdout, /^WARNING: traffic of 1 peer stays on drained A, B: /);
  for (const lan of lab.cabling.lans) {
    assertEquals((await runCommand(lab, "h1", "undrain", lan)).code, 0);
  }
  await waitFor(
    "all paths to be up",
    async () => (await runCommand(lab, "h1", "health")).code === 0 ? true : null,
  );
  const place = h1.log.count;
  await lab.cut("B");
  await h1.log.wait(pathDown("h2", "B"), { from: place });
  const { code, stderr } = await runCommand(lab, "h1", "drain", "A");
  assertEquals(code, 1);
  assertMatch(stderr, /A is drained, but traffic of 1 node \(h2\) stays on it/);
  assertEquals((await runCommand(lab, "h1", "health")).code, 2, "nothing is left that is in use");
});

Deno.test("a drain is answered when the kernel has the routes; while it does not take them it is no leave to unplug", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab) as [Daemon, Daemon];
  assertEquals((await runCommand(lab, "h1", "drain", "A")).code, 0);
  assertEquals(await lab.gateway("h1", lab.address("h2", "A")), lab.address("h2", "B"));
  assertEquals((await runCommand(lab, "h1", "undrain", "A")).code, 0);
  await waitForPair(lab, "A");
  const batches = family(h1.pid).filter((pid) => commandLine(pid)?.includes("-batch"));
  assertEquals(batches.length, 1);
  for (const pid of batches) signal(pid, "SIGSTOP");
  const { code, stdout, stderr } = await runCommand(lab, "h1", "drain", "A");
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /A is drained, but the kernel has not all routes yet: .*: do not unplug it/);
  for (const pid of batches) signal(pid, "SIGCONT");
  await waitForPair(lab, "B", 15_000);
  const again = await runCommand(lab, "h1", "drain", "A");
  assertEquals([again.code, again.stderr], [0, ""]);
});
