/** How faults are found: which way is dead, who is told, how fast, and at what cost. */

import { assert, assertEquals } from "@std/assert";
import { Daemon, usualYaml } from "./daemon.ts";
import { RouteWatch, startGroup, waitForPair, waitForPeers } from "./group.ts";
import { Lab } from "./lab.ts";
import { event, pathDown, pathUp } from "./log_events.ts";
import { PacketCount } from "./packet_count.ts";
import { lost, stallMs, tcpFault, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

for (const role of ["requestor", "responder"] as const) {
  Deno.test(`a LAN dead one way between a requestor and a ${role} is left by both, and each names the way`, async () => {
    await using lab = await Lab.create();
    const h1 = await Daemon.start(lab, "h1", { failAfter: 6 });
    const h2 = await Daemon.start(lab, "h2", { requestor: role === "requestor", failAfter: 6 });
    await Promise.all([h1, h2].map((daemon) => waitForPeers(lab, daemon)));
    const traffic = await Traffic.start(lab);
    for (const fault of ["mute", "deafen"] as const) {
      const [first, second] = [h1.log.count, h2.log.count];
      const failover = await traffic.measure(async () => {
        await (fault === "mute" ? lab.mute("h1", "A") : lab.deafen("h1", "A"));
        await waitForPair(lab, "B");
      });
      assert(lost(failover) > 20 && lost(failover) < 1_200, `${fault}: ${lost(failover)} lost`);
      const after = await traffic.measure(() => delay(200));
      assertEquals([lost(after), tcpFault(after)], [0, null], `${fault}: both directions flow`);
      const hearing = fault === "mute" ? h1 : h2;
      await Promise.all([
        showsDeadWay(h1, "h2", hearing === h1 ? "to-peer" : "from-peer", first),
        showsDeadWay(h2, "h1", hearing === h2 ? "to-peer" : "from-peer", second),
      ]);
      if (role === "requestor") await waitForCauses(hearing === h1 ? [h2, h1] : [h1, h2]);
      await lab.mendDirections("h1", "A");
      await waitForPair(lab, "A");
      await Promise.all([
        h1.log.wait(pathUp("h2", "A"), { from: first }),
        h2.log.wait(pathUp("h1", "A"), { from: second }),
      ]);
    }
    const told = [h1, h2].map(({ log }) => log.matching(event("one-way")).length);
    assertEquals(told, [2, 2], "each fall is told once");
  });
}

/** Between two requestors, who hears nothing has missed it, and told the other one at once. */
async function waitForCauses([deaf, told]: readonly [Daemon, Daemon]): Promise<void> {
  await Promise.all([
    deaf.log.wait(event("path-down", { network: "A", cause: { kind: "missed" } })),
    told.log.wait(event("path-down", { network: "A", cause: { kind: "peer-deaf" } })),
  ]);
}

/** Waits until a daemon's log, from a place on, and its state name the dead way of LAN A. */
async function showsDeadWay(
  daemon: Daemon,
  node: string,
  dead: "to-peer" | "from-peer",
  from: number,
): Promise<void> {
  const { log } = daemon;
  const line = await log.wait(event("one-way"), { from });
  assert(event("one-way", { node, network: "A", dead }).test(line.text), line.text);
  const place = log.count;
  daemon.signal("SIGUSR1");
  await log.wait(event("state", { node, network: "A", dead }), { from: place });
}

Deno.test("a host that hears nothing on any LAN moves no route, neither its own nor those to it, and is found again", async () => {
  await using lab = await Lab.create();
  const daemons = await startGroup(lab, { failAfter: 6 });
  const [h1] = daemons;
  const watches = await Promise.all(lab.cabling.hosts.map((host) => RouteWatch.start(lab, host)));
  for (const lan of lab.cabling.lans) await lab.deafen("h2", lan);
  for (const lan of lab.cabling.lans) await h1?.log.wait(pathDown("h2", lan));
  const place = h1?.log.count ?? 0;
  h1?.signal("SIGUSR1");
  await h1?.log.wait(event("state", { node: "h2", network: "A", dead: "to-peer" }), {
    from: place,
  });
  for (const lan of lab.cabling.lans) await lab.mendDirections("h2", lan);
  for (const lan of lab.cabling.lans) await h1?.log.wait(pathUp("h2", lan), { from: place });
  for (const watch of watches) assertEquals(await watch.changes(), []);
});

Deno.test("at an interval of 1 s a lost carrier moves both ends at once, whosever it was", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab, { interval: 1, restoreAfter: 1 });
  const traffic = await Traffic.start(lab);
  const faults = [
    ["far end", () => lab.unplug("h2", "A"), () => lab.plug("h2", "A"), h2, h1],
    ["near end", () => lab.unplug("h1", "A"), () => lab.plug("h1", "A"), h1, h2],
    ["link set down", () => lab.linkDown("h1", "A"), () => lab.linkUp("h1", "A"), h1, h2],
  ] as const;
  for (const [name, make, mend, own, other] of faults) {
    const from = { from: own?.log.count ?? 0 };
    const fromOther = { from: other?.log.count ?? 0 };
    const failover = await traffic.measure(async () => {
      await make();
      await waitForPair(lab, "B");
      await delay(200);
    });
    // Finding it by misses would take 1.5 s at least.
    assert(lost(failover) < 500, `${name}: ${lost(failover)} datagrams lost`);
    assert(stallMs(failover) < 1_000, `${name}: TCP stalled ${stallMs(failover)} ms`);
    assertEquals(tcpFault(failover), null, name);
    await own?.log.wait(event("path-down", { cause: { kind: "own-network" } }), from);
    await other?.log.wait(event("path-down", { cause: { kind: "peer-network" } }), fromOther);
    await mend();
    await waitForPair(lab, "A");
    await Promise.all([
      own?.log.wait(event("path-up", { network: "A" }), from),
      other?.log.wait(event("path-up", { network: "A" }), fromOther),
    ]);
  }
});

Deno.test("a first miss is confirmed fast, though nobody sends more for it while all is well", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const timers = { interval: 0.5, failAfter: 6, restoreAfter: 1 };
  const daemons = await startGroup(lab, { ...timers, extra: "confirm-interval: 0.02\n" });
  const count = await PacketCount.start(lab);
  const look = async () => {
    const each = lab.cabling.hosts.flatMap((host) =>
      lab.cabling.lans.map((lan) => [host, lan] as const)
    );
    return await Promise.all(each.map(([host, lan]) => count.of(host, lan)));
  };
  const begin = performance.now();
  const seen = [await look()];
  while (seen.length <= 4) {
    await delay(600);
    seen.push(await look());
  }
  const passedMs = performance.now() - begin;
  // Each inquires at the interval or up to a quarter earlier, and the list of whom it hears is all the answer.
  const most = Math.ceil(passedMs / 375) + 1;
  for (const [i, last] of (seen.at(-1) ?? []).entries()) {
    const sent = last.broadcast - (seen[0]?.[i]?.broadcast ?? 0);
    assert(sent >= 3 && sent <= most, `${sent} broadcasts in ${passedMs} ms`);
  }
  // Answers would come in each part of the time; a host that got no time to send in is asked, and answers, in one.
  const unicasts = seen.map((all) => all.reduce((sum, { unicast }) => sum + unicast, 0));
  const answers = unicasts.slice(1).map((sum, i) => sum - (unicasts[i] ?? 0));
  assertEquals(Math.min(...answers), 0, `${answers} answers`);
  const cutAt = performance.now();
  await lab.cutHost("h3", "A");
  await Promise.all([
    waitForPair(lab, "B", 5_000, ["h1", "h3"]),
    waitForPair(lab, "B", 5_000, ["h2", "h3"]),
  ]);
  const tookMs = performance.now() - cutAt;
  // Six inquiries that are missed one by one take five intervals and more.
  assert(tookMs < 2_400, `it took ${tookMs} ms`);
  assertEquals(daemons[0]?.log.matching(pathDown("h2", "A")), []);
});

Deno.test("a LAN on which every peer falls silent is told in one line, and so is its return", async () => {
  await using lab = await Lab.create({ hosts: 4 });
  // One inquirer, so that all are judged by one inquiry.
  // An interval that none is late by: who is late is told of by itself.
  const timers = { interval: 0.2, failAfter: 6 };
  const h1 = await Daemon.start(lab, "h1", timers);
  const responders = ["h2", "h3", "h4"];
  await Promise.all(
    responders.map((host) => Daemon.start(lab, host, { ...timers, requestor: false })),
  );
  await waitForPeers(lab, h1);
  await lab.cut("A");
  await h1.log.wait(event("network-silent", { network: "A", peers: 3, moved: 3, stayed: 0 }));
  await Promise.all(responders.map((host) => waitForPair(lab, "B", 5_000, ["h1", host])));
  await lab.mend("A");
  await h1.log.wait(event("network-heard", { network: "A", peers: 3, restored: 3, held: 0 }));
  assertEquals(h1.log.matching(event("path-down")), []);
  assertEquals(h1.log.matching(event("path-up")), []);
});

Deno.test("nodes of one name, of other timers, or with one LAN only work all the same, and are named", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const h1 = await Daemon.start(lab, "h1");
  const twin = usualYaml(lab, "h1");
  const h2 = await Daemon.start(lab, "h2", { yaml: twin, interval: 0.1, failAfter: 2 });
  const yaml = "node: h3\nlog: {format: json}\nnetworks: [{name: A, interface: ethA}]\n";
  const h3 = await Daemon.start(lab, "h3", { yaml });
  await Promise.all([
    waitForPeers(lab, h1, ["h1", "h2"]),
    waitForPeers(lab, h2, ["h1", "h2"]),
    waitForPeers(lab, h3, ["h1", "h2", "h3"], ["A"]),
    h1.log.wait(event("same-name", { name: "h1", other: null })),
    h1.log.wait(event("timing-differs", { node: "h1", intervalMs: 100, failAfter: 2 })),
    h1.log.wait(event("one-network", { node: "h3", network: "A" })),
  ]);
  await lab.cutBetween("h1", "h2", "A");
  await waitForPair(lab, "B");
  assertEquals(h1.log.matching(pathDown("h3", "A")), []);
  await lab.mendBetween("h1", "h2", "A");
  await waitForPair(lab, "A");
});
