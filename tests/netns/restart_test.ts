/** Daemons that are stopped on purpose and started again: peers are told, and keep their routes. */

import { assert, assertEquals } from "@std/assert";
import { Daemon, runCommand } from "./daemon.ts";
import { RouteWatch, startGroup, waitForPair, waitForPeers, waitForRoute } from "./group.ts";
import { Lab } from "./lab.ts";
import { event, msBetween, pathDown, pathUp } from "./log_events.ts";
import { gapMs, lost, tcpFault, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

const CALM = { failAfter: 6 };

Deno.test("a daemon restarted within the grace changes no route anywhere, be all well or a LAN dead", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab, CALM);
  const traffic = await Traffic.start(lab);
  const watches = await Promise.all(lab.cabling.hosts.map((host) => RouteWatch.start(lab, host)));
  const h2Log = h2?.log;
  let successor: Daemon | undefined;
  const restart = await traffic.measure(async () => {
    assertEquals(await h1?.stop(), 0);
    await h2Log?.wait(event("node-stopping", { node: "h1", graceMs: 30_000 }));
    // Longer than it takes to find a silent peer.
    await delay(600);
    successor = await Daemon.start(lab, "h1", CALM);
    await waitForPeers(lab, successor);
    await h2Log?.wait(event("node-restarted", { node: "h1" }));
  });
  assertEquals([lost(restart), tcpFault(restart)], [0, null]);
  for (const watch of watches) {
    const changes = await watch.changes();
    // By a blackhole that leads nowhere a daemon finds out at its start whether it may change routes.
    assertEquals(changes.filter((line) => !line.includes("blackhole")), []);
  }
  assertEquals(h2Log?.matching(event("path-down")), []);

  await lab.cut("A");
  await waitForPair(lab, "B");
  const kept = await RouteWatch.start(lab, "h2");
  const place = h2Log?.count ?? 0;
  assertEquals(await successor?.stop(), 0);
  await h2Log?.wait(event("node-stopping", { node: "h1" }), { from: place });
  await Daemon.start(lab, "h1", CALM);
  await waitForRoute(lab, "h1", "h2", { of: "A", over: "B" });
  await h2Log?.wait(event("node-restarted", { node: "h1" }), { from: place });
  assertEquals(await kept.changes(), []);
  assertEquals(h2Log?.matching(event("path-up"), place), []);
  await lab.mend("A");
  await waitForPair(lab, "A");
});

Deno.test("a daemon that is not back within its grace is judged again, and without a grace at once", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab, { extra: "stop-grace: 1\n" });
  const stopped = h1?.stop();
  const stopping = await h2?.log.wait(event("node-stopping", { node: "h1", graceMs: 1_000 }));
  const notBack = await h2?.log.wait(event("node-not-back", { node: "h1", afterMs: 1_000 }));
  for (const lan of lab.cabling.lans) {
    const down = await h2?.log.wait(pathDown("h1", lan));
    assert(msBetween(stopping, down) > 950, "not before the grace is over");
    assert(msBetween(notBack, down) >= 0, down?.text);
  }
  assertEquals(await stopped, 0);
  const place = h2?.log.count ?? 0;
  const successor = await Daemon.start(lab, "h1", { extra: "stop-grace: 0\n" });
  for (const lan of lab.cabling.lans) await h2?.log.wait(pathUp("h1", lan), { from: place });
  assertEquals(await successor.stop(), 0);
  for (const lan of lab.cabling.lans) await h2?.log.wait(pathDown("h1", lan), { from: place });
  assertEquals(h2?.log.matching(event("node-stopping"), place), []);
  assertEquals(await lab.routes("h2"), []);
});

Deno.test("a stop and a start within the grace cost moved traffic the time between, not that to find the cut again", async () => {
  await using lab = await Lab.create();
  // So slow that it takes seconds to find a cut.
  const slow = { interval: 2 };
  const [h1] = await startGroup(lab, slow);
  await lab.cut("A");
  await waitForPair(lab, "B", 15_000);
  const traffic = await Traffic.start(lab);
  let successor: Daemon | undefined;
  const restart = await traffic.measure(async () => {
    assertEquals(await h1?.stop(), 0);
    assertEquals(await lab.routes("h1"), [], "nothing of a daemon stays without it");
    successor = await Daemon.start(lab, "h1", slow);
    await waitForRoute(lab, "h1", "h2", { of: "A", over: "B" }, 15_000);
  });
  assertEquals(tcpFault(restart), null);
  assert(gapMs(restart) < 3_500, `${gapMs(restart)} ms`);
  await successor?.log.wait(event("routes-put-back", { count: 1, of: 1 }));
  await successor?.log.wait(event("adopted", { count: 1 }));
  // Through the first rounds of inquiries: what was put back stays.
  const later = await traffic.measure(() => delay(5_000));
  assertEquals([lost(later), tcpFault(later)], [0, null]);
  assertEquals(successor?.log.matching(event("repaired")), []);
});

Deno.test("a start later than the grace, or after a cleanup, puts no route back", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab, { extra: "stop-grace: 1\n" });
  await lab.cut("A");
  await waitForPair(lab, "B");
  assertEquals(await h1?.stop(), 0);
  // As long as the grace and the clock's tick: it has to pass.
  await delay(1_050);
  const late = await Daemon.start(lab, "h1", { extra: "stop-grace: 1\n" });
  await late.log.wait(event("routes-not-put-back", { count: 1 }));
  await waitForPair(lab, "B");
  assertEquals(late.log.matching(event("adopted")), []);
  assertEquals(await late.stop(), 0);
  assertEquals((await runCommand(lab, "h1", "cleanup")).code, 0);
  const clean = await Daemon.start(lab, "h1");
  await waitForPair(lab, "B");
  for (const name of ["routes-put-back", "routes-not-put-back", "adopted"]) {
    assertEquals(clean.log.matching(event(name)), []);
  }
});
