/** What others do to our table, our rule and our port. */

import { assert, assertEquals } from "@std/assert";
import type { Packet } from "../../lib/core/packet.ts";
import { encode } from "../../lib/core/wire.ts";
import { RouteWatch, startGroup, waitForPair, waitForRoute } from "./group.ts";
import { Lab } from "./lab.ts";
import { event } from "./log_events.ts";
import { Agent, lost, tcpFault, Traffic } from "./traffic.ts";

const PORT = 32453;

Deno.test("routes of ours that somebody flushes are put back, and the log says so", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab);
  await lab.cut("A");
  await waitForPair(lab, "B");
  const place = h1?.log.count ?? 0;
  await lab.ip("h1", "route", "flush", "table", "245");
  await h1?.log.wait(event("repaired"), { from: place });
  await waitForRoute(lab, "h1", "h2", { of: "A", over: "B" });
});

Deno.test("a rule of ours that somebody deletes is put back, and the log says so", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab);
  const before = await lab.routing("h1");
  await lab.ip("h1", "rule", "del", "priority", "3245");
  await h1?.log.wait(event("repaired"));
  assertEquals(await lab.routing("h1"), before);
});

Deno.test("a route that somebody replaces by another is put right", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab);
  await lab.cut("A");
  await waitForPair(lab, "B");
  const place = h1?.log.count ?? 0;
  const target = lab.address("h2", "A");
  await lab.ip("h1", "route", "replace", target, "dev", "ethA", "table", "245", "proto", "245");
  await h1?.log.wait(event("repaired"), { from: place });
  await waitForRoute(lab, "h1", "h2", { of: "A", over: "B" });
});

Deno.test("routes and rules of others are left alone, also at the end", async () => {
  await using lab = await Lab.create();
  const foreign = [lab.address("h2", "A"), "via", lab.address("h2", "B"), "metric", "77"];
  await lab.ip("h1", "route", "add", "10.9.0.0/16", "via", lab.address("h2", "B"));
  await lab.ip("h1", "route", "add", ...foreign);
  await lab.ip("h1", "rule", "add", "priority", "900", "from", "10.9.0.0/16", "lookup", "main");
  const before = await lab.routing("h1");
  const [h1] = await startGroup(lab);
  await lab.cut("A");
  await waitForPair(lab, "B");
  await lab.mend("A");
  await waitForPair(lab, "A");
  assertEquals(await h1?.stop(), 0);
  assertEquals(await lab.routing("h1"), before);
});

/** A well-formed inquiry of nobody, from which damaged ones are made. */
function inquiry(): Uint8Array {
  const packet: Packet = {
    kind: "inq",
    requestor: true,
    direct: false,
    passing: false,
    boot: 0x0123_4567_89ab_cdefn,
    counter: 1,
    sequence: 1,
    nonce: 0xfedc_ba98_7654_3210n,
    intervalMs: 50,
    failAfter: 3,
    name: "nobody",
    source: "192.168.1.77",
    interfaces: [{
      address: "192.168.1.77",
      prefixLength: 24,
      usable: true,
      drained: false,
      hearsNobody: true,
    }],
    unheard: [],
    heard: null,
    lossy: [],
    spreadMs: 0,
    goodbyeMs: null,
  };
  return encode(packet);
}

/** Garbage of every size, and well-formed packets cut short, damaged, or claiming what is not so. */
function garbage(): Uint8Array[] {
  const whole = inquiry();
  const sizes = [0, 1, 3, 4, 16, 64, 512, 1200, 1400];
  const random = sizes.map((size) => crypto.getRandomValues(new Uint8Array(size)));
  const truncated = Array.from(whole.keys(), (length) => whole.slice(0, length));
  const damaged = Array.from(whole.keys(), (index) => {
    const copy = whole.slice();
    copy[index] = (copy[index] ?? 0) ^ 0xff;
    return copy;
  });
  const longer = new Uint8Array(whole.length + 10);
  longer.set(whole);
  return [...random, ...truncated, ...damaged, longer, whole];
}

Deno.test("garbage, truncated and forged packets on the port change nothing and are counted by reason", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const hosts = ["h1", "h2"];
  const [h1, h2] = await startGroup(lab, { failAfter: 6 }, hosts);
  const traffic = await Traffic.start(lab);
  const watches = await Promise.all(hosts.map((host) => RouteWatch.start(lab, host)));
  const attacker = Agent.start(lab, "h3");
  const contents = garbage().map((bytes) => btoa(String.fromCharCode(...bytes)));
  const flood = (remote: string) =>
    attacker.ask({
      do: "flood",
      local: lab.address("h3", "A"),
      remote,
      port: PORT,
      contents,
      count: 1_000,
      perSecond: 2_000,
    });
  const measured = await traffic.measure(async () => {
    await flood(lab.address("h1", "A"));
    await flood(lab.address("h2", "A"));
  });
  assertEquals(lost(measured), 0);
  assertEquals(tcpFault(measured), null);
  for (const watch of watches) assertEquals(await watch.changes(), []);
  const drops = h1?.log.matching(event("dropped", { network: "A" })) ?? [];
  const reasons = drops.map((line) => /"reason":"([^"]+)"/.exec(line.text)?.[1]);
  assert(reasons.length >= 4, `reasons told: ${reasons.join(", ")}`);
  assertEquals(reasons.length, new Set(reasons).size, "each reason is told once a minute");
  for (const daemon of [h1, h2]) assertEquals(daemon?.log.matching(event("path-down")), []);
  // And both still fail over.
  await lab.cut("A");
  await waitForPair(lab, "B");
});
