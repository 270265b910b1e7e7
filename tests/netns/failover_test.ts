/** Real hosts, the real binary, real faults: where traffic goes. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Daemon, usualYaml } from "./daemon.ts";
import {
  RouteWatch,
  startGroup,
  waitForNoRoutes,
  waitForPair,
  waitForPeers,
  waitForRoute,
} from "./group.ts";
import { Lab } from "./lab.ts";
import { event, pathDown, pathUp } from "./log_events.ts";
import { lost, stallMs, tcpFault, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

/** No single run on a busy machine may lose more, in ms; the benchmark holds the median to far less. */
const PATIENCE_MS = 600;
/** Where it is asserted that nothing happens, a busy machine shall not make it happen. */
const CALM = { failAfter: 6 };

Deno.test("a silent cut moves datagrams and TCP to the other LAN, and the way back loses nothing", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab);
  const traffic = await Traffic.start(lab);
  const failover = await traffic.measure(async () => {
    await lab.cut("A");
    await waitForPair(lab, "B");
    await delay(300);
  });
  assert(lost(failover) < PATIENCE_MS, `${lost(failover)} datagrams lost`);
  assert(lost(failover) > 50, `only ${lost(failover)} lost: there was no cut`);
  assert(stallMs(failover) < 2 * PATIENCE_MS, `TCP stalled ${stallMs(failover)} ms`);
  assertEquals(tcpFault(failover), null);
  await Promise.all([h1?.log.wait(pathDown("h2", "A")), h2?.log.wait(pathDown("h1", "A"))]);
  const switchback = await traffic.measure(async () => {
    await lab.mend("A");
    await waitForPair(lab, "A");
    await delay(200);
  });
  assertEquals(lost(switchback), 0);
  assertEquals(tcpFault(switchback), null);
  await Promise.all([h1?.log.wait(pathUp("h2", "A")), h2?.log.wait(pathUp("h1", "A"))]);
});

Deno.test("traffic for the LAN B address moves to LAN A when LAN B is cut", async () => {
  await using lab = await Lab.create();
  await startGroup(lab);
  await lab.cut("B");
  await Promise.all([
    waitForRoute(lab, "h1", "h2", { of: "B", over: "A" }),
    waitForRoute(lab, "h2", "h1", { of: "B", over: "A" }),
  ]);
  assertEquals(await lab.gateway("h1", lab.address("h2", "A")), null);
  await lab.mend("B");
  await waitForRoute(lab, "h1", "h2", { of: "B", over: "B" });
});

Deno.test("a host that lost its carrier and the one that did not both move, and both come back", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab);
  const traffic = await Traffic.start(lab);
  const failover = await traffic.measure(async () => {
    await lab.unplug("h2", "A");
    await waitForPair(lab, "B");
    await delay(300);
  }, 5_000);
  assert(lost(failover) < PATIENCE_MS, `${lost(failover)} datagrams lost`);
  assertEquals(tcpFault(failover), null);
  await h1?.log.wait(pathDown("h2", "A"));
  const near = await h2?.log.wait(pathDown("h1", "A"));
  assert(event("path-down", { cause: { kind: "own-network" } }).test(near?.text ?? ""), near?.text);
  const switchback = await traffic.measure(async () => {
    await lab.plug("h2", "A");
    await waitForPair(lab, "A");
    await delay(200);
  });
  assertEquals(lost(switchback), 0);
});

Deno.test("an interface set down by hand moves the traffic, and set up again it comes back", async () => {
  await using lab = await Lab.create();
  await startGroup(lab);
  const traffic = await Traffic.start(lab);
  const failover = await traffic.measure(async () => {
    await lab.linkDown("h1", "A");
    await waitForPair(lab, "B");
    await delay(300);
  }, 5_000);
  assert(lost(failover) < PATIENCE_MS, `${lost(failover)} datagrams lost`);
  assertEquals(tcpFault(failover), null);
  const switchback = await traffic.measure(async () => {
    await lab.linkUp("h1", "A");
    await waitForPair(lab, "A");
    await delay(200);
  });
  assertEquals(lost(switchback), 0);
});

Deno.test("an address that is removed and added again is noticed without a restart", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab, CALM);
  await lab.removeAddress("h1", "B");
  await h1?.log.wait(event("network-gone", { network: "B" }));
  const place = h1?.log.count ?? 0;
  // The other network is not disturbed.
  assertEquals(h1?.log.matching(pathDown("h2", "A")), []);
  assertEquals(h2?.log.matching(pathDown("h1", "A")), []);
  await lab.addAddress("h1", "B");
  await h1?.log.wait(event("network-ready", { network: "B" }), { from: place });
  await lab.cut("A");
  await waitForPair(lab, "B");
});

Deno.test("when both LANs are dead no route changes, and when they are back nothing is left over", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await startGroup(lab);
  await lab.cut("A");
  await waitForPair(lab, "B");
  const watch = await RouteWatch.start(lab, "h1");
  const places = [h1?.log.count ?? 0, h2?.log.count ?? 0];
  await lab.cut("B");
  await Promise.all([
    h1?.log.wait(pathDown("h2", "B"), { from: places[0] ?? 0 }),
    h2?.log.wait(pathDown("h1", "B"), { from: places[1] ?? 0 }),
  ]);
  assertEquals(await lab.gateway("h1", lab.address("h2", "A")), lab.address("h2", "B"));
  assertEquals(await watch.changes(), []);
  await lab.mend("B");
  await lab.mend("A");
  await waitForPair(lab, "A");
  await Promise.all([waitForNoRoutes(lab, "h1"), waitForNoRoutes(lab, "h2")]);
});

Deno.test("of three nodes only the routes to and from the one dead port move", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const daemons = await startGroup(lab, CALM);
  const traffic = await Traffic.start(lab, ["h1", "h2"]);
  const bystanders = await traffic.measure(async () => {
    await lab.cutHost("h3", "A");
    await Promise.all([
      waitForPair(lab, "B", 5_000, ["h1", "h3"]),
      waitForPair(lab, "B", 5_000, ["h2", "h3"]),
    ]);
  });
  assertEquals(lost(bystanders), 0);
  assertEquals((await lab.routes("h1")).map(({ dst }) => dst), [lab.address("h3", "A")]);
  assertEquals((await lab.routes("h2")).map(({ dst }) => dst), [lab.address("h3", "A")]);
  assertEquals(daemons[0]?.log.matching(pathDown("h2", "A")), []);
  await lab.mendHost("h3", "A");
  await Promise.all([
    waitForPair(lab, "A", 5_000, ["h1", "h3"]),
    waitForPair(lab, "A", 5_000, ["h2", "h3"]),
  ]);
});

Deno.test("a requestor and a plain responder each fail over by their own judgement", async () => {
  await using lab = await Lab.create();
  const h1 = await Daemon.start(lab, "h1");
  const h2 = await Daemon.start(lab, "h2", { requestor: false });
  await Promise.all([waitForPeers(lab, h1), waitForPeers(lab, h2)]);
  assertEquals(h1.log.matching(event("node-found", { node: "h2", requestor: true })), []);
  await lab.cut("A");
  await waitForPair(lab, "B");
  await Promise.all([h1.log.wait(pathDown("h2", "A")), h2.log.wait(pathDown("h1", "A"))]);
  await lab.mend("A");
  await waitForPair(lab, "A");
});

Deno.test("nodes that broadcasts do not reach find each other by their configured addresses", async () => {
  await using lab = await Lab.create();
  await lab.dropBroadcasts("A");
  await lab.dropBroadcasts("B");
  const yaml = (host: string, peer: string): string =>
    `${usualYaml(lab, host)}peers:\n` +
    `  - {node: ${peer}, addresses: [${lab.address(peer, "A")}, ${lab.address(peer, "B")}]}\n`;
  const h1 = await Daemon.start(lab, "h1", { yaml: yaml("h1", "h2") });
  const h2 = await Daemon.start(lab, "h2", { yaml: yaml("h2", "h1") });
  await Promise.all([waitForPeers(lab, h1), waitForPeers(lab, h2)]);
  await lab.cut("A");
  await waitForPair(lab, "B");
  await lab.mend("A");
  await waitForPair(lab, "A");
});

Deno.test("clones that share a host name, without any configuration, are told apart", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const daemons = await startGroup(lab, { yaml: "log: {format: json}\n" });
  const target = lab.address("h2", "A");
  await lab.cutHost("h2", "A");
  await waitForPair(lab, "B");
  await waitForRoute(lab, "h3", "h2", { of: "A", over: "B" });
  assertEquals((await lab.routes("h1")).map(({ dst }) => dst), [target]);
  // Networks that nobody named are called as their interfaces.
  await daemons[0]?.log.wait(event("path-down", { network: "ethA", address: target }));
  await lab.mendHost("h2", "A");
  await waitForPair(lab, "A");
});

Deno.test("a daemon that starts without any network waits, and picks up the addresses that come", async () => {
  await using lab = await Lab.create({ addresses: false });
  const daemons = await Promise.all(
    lab.cabling.hosts.map((host) =>
      Daemon.start(lab, host, { yaml: `node: ${host}\nlog: {format: json}\n` })
    ),
  );
  await Promise.all(daemons.map((daemon) => daemon.log.wait(event("no-network"))));
  for (const host of lab.cabling.hosts) {
    for (const lan of lab.cabling.lans) await lab.addAddress(host, lan);
  }
  await Promise.all(daemons.map((daemon) => waitForPeers(lab, daemon)));
  await lab.cut("A");
  await waitForPair(lab, "B");
});

Deno.test("the log tells cause, evidence and action of each transition in one line for people", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await Promise.all(lab.cabling.hosts.map((host) => {
    const yaml = usualYaml(lab, host).replace("log: {format: json}\n", "");
    return Daemon.start(lab, host, { ...CALM, yaml });
  }));
  await Promise.all([h1?.log.wait(/h2 found on A/), h2?.log.wait(/h1 found on A/)]);
  await Promise.all([h1?.log.wait(/h2 found on B/), h2?.log.wait(/h1 found on B/)]);
  await lab.cut("A");
  const down = await h1?.log.wait(/h2 is down on A/);
  const atPeer = await h2?.log.wait(/h1 is down on A/);
  // Whoever notices first tells the other.
  const noticed = /6 inquiries missing, last one [\d.]+ ms ago/;
  const told = /it says that it does not hear us, last good packet [\d.]+ ms ago/;
  const cause = `(${noticed.source}|${told.source})`;
  assertMatch(
    down?.text ?? "",
    new RegExp(
      String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\S+ warning h2 is down on A ` +
        String
          .raw`\(192\.168\.1\.2\): ${cause}; 192\.168\.1\.2 now goes via 192\.168\.2\.2 on B, ` +
        String.raw`applied in [\d.]+ ms$`,
    ),
  );
  assertMatch(`${down?.text} ${atPeer?.text}`, noticed);
  await lab.mend("A");
  const up = await h1?.log.wait(/h2 is up on A/);
  assertMatch(
    up?.text ?? "",
    /info h2 is up on A \(192\.168\.1\.2\): 3 good .*was down .*; 192\.168\.1\.2 goes over A again, applied in [\d.]+ ms$/,
  );
});
