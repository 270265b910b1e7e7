/** Trouble that is no reason to move anything, and the one that is: a LAN that loses a part of everything. */

import { assert, assertEquals } from "@std/assert";
import { BusyCores } from "./busy_cores.ts";
import { runCommand } from "./daemon.ts";
import { RouteWatch, startGroup, waitForPair } from "./group.ts";
import { Lab } from "./lab.ts";
import { event, pathUp } from "./log_events.ts";
import { lost, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

Deno.test("a daemon stopped for 2 s and cores that are busy move no route, and a cut still does", async () => {
  await using lab = await Lab.create();
  const daemons = await startGroup(lab, { interval: 0.1, failAfter: 6 });
  const watches = await Promise.all(lab.cabling.hosts.map((host) => RouteWatch.start(lab, host)));
  const [h1, h2] = daemons;
  for (const [stopped, other] of [[h1, h2], [h2, h1]]) {
    const place = other?.log.count ?? 0;
    stopped?.signal("SIGSTOP");
    await delay(2_000);
    stopped?.signal("SIGCONT");
    await stopped?.log.wait(event("late"));
    // Of several in a minute the log tells the first.
    const { stdout } = await runCommand(lab, `${stopped?.host}`, "status", "--json");
    assert(JSON.parse(stdout).counters.worst_lateness_ms > 1_500, stdout);
    // The other one found it silent everywhere, and finds it again.
    const node = `${stopped?.host}`;
    for (const lan of lab.cabling.lans) await other?.log.wait(pathUp(node, lan), { from: place });
  }
  const load = BusyCores.start(lab, "h1");
  await delay(3_000);
  await load.stop();
  for (const watch of watches) assertEquals(await watch.changes(), []);
  await lab.cut("A");
  await waitForPair(lab, "B");
});

Deno.test("a LAN that loses a fifth is left in peace, told with both figures, and taken again when it is mended", async () => {
  await using lab = await Lab.create();
  const extra = "loss: {window: 40, leave-above: 10, return-below: 4}\n";
  const daemons = await startGroup(lab, { interval: 0.1, failAfter: 5, extra });
  const traffic = await Traffic.start(lab);
  const watches = await Promise.all(lab.cabling.hosts.map((host) => RouteWatch.start(lab, host)));
  await lab.lose("A", 20);
  await waitForPair(lab, "B", 15_000);
  await Promise.all(daemons.map(async ({ log }) => {
    const line = await log.wait(event("path-lossy", { network: "A", other: { network: "B" } }));
    const { loss, other } = JSON.parse(line.text);
    assert(loss > 0.1 && loss < 0.5 && other.loss <= loss / 2, line.text);
  }));
  const moved = await traffic.measure(() => delay(500));
  assertEquals(lost(moved), 0, "what was moved is not lost any more");
  await lab.lose("A", 0);
  const back = await traffic.measure(() => waitForPair(lab, "A", 15_000));
  assertEquals(lost(back), 0);
  await Promise.all(daemons.map(({ log }) => log.wait(event("path-clean", { network: "A" }))));
  for (const watch of watches) {
    const changes = await watch.changes();
    assert(changes.length <= 4, changes.join("\n"));
  }
});
