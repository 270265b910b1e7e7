/** Whether the laboratory itself tells the truth, before anything is measured in it. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { attempt } from "./command.ts";
import { RouteWatch } from "./group.ts";
import { Lab } from "./lab.ts";
import { ScriptSwitch } from "./script_switch.ts";
import { sweepLeftovers } from "./sweep.ts";
import { lost, stallMs, tcpFault, Traffic } from "./traffic.ts";
import { delay, waitFor } from "./wait.ts";

Deno.test("undisturbed traffic arrives whole, in order and once, at the rate asked for", async () => {
  await using lab = await Lab.create();
  const traffic = await Traffic.start(lab);
  const begin = performance.now();
  const measured = await traffic.measure(() => delay(1_000));
  const tookMs = performance.now() - begin;
  for (const { udp } of [measured.forth, measured.back]) {
    assertEquals([udp.lost, udp.duplicates, udp.reordered], [0, 0, 0]);
    assert(udp.sent > 990 && udp.sent < tookMs + 50, `${udp.sent} sent in ${tookMs} ms`);
  }
  assertEquals(tcpFault(measured), null);
});

Deno.test("without a daemon a cut LAN carries nothing, and carries all again once mended", async () => {
  await using lab = await Lab.create();
  const traffic = await Traffic.start(lab);
  await lab.cut("A");
  const dead = await traffic.measure(() => delay(300), 100);
  assertEquals(dead.forth.udp.lost, dead.forth.udp.sent);
  assertEquals(dead.back.udp.lost, dead.back.udp.sent);
  await lab.mend("A");
  const mended = await traffic.measure(() => delay(300));
  assertEquals(lost(mended), 0);
});

Deno.test("a script that knows the moment loses a handful, so the laboratory adds no more", async () => {
  await using lab = await Lab.create();
  const switches = [ScriptSwitch.start(lab, "h1", "h2"), ScriptSwitch.start(lab, "h2", "h1")];
  const traffic = await Traffic.start(lab);
  const measured = await traffic.measure(async () => {
    await lab.cut("A");
    await Promise.all(switches.map((each) => each.toB()));
    await delay(300);
  });
  assert(lost(measured) < 50, `${lost(measured)} datagrams lost`);
  assert(stallMs(measured) < 250, `TCP stalled ${stallMs(measured)} ms`);
  assertEquals(tcpFault(measured), null);
});

Deno.test("one direction can be dead while the other lives", async () => {
  await using lab = await Lab.create();
  const traffic = await Traffic.start(lab);
  await lab.mute("h1", "A");
  const mute = await traffic.measure(() => delay(200), 100);
  assertEquals([mute.forth.udp.lost, mute.back.udp.lost], [mute.forth.udp.sent, 0]);
  await lab.mendDirections("h1", "A");
  await lab.deafen("h1", "A");
  const deaf = await traffic.measure(() => delay(200), 100);
  assertEquals([deaf.forth.udp.lost, deaf.back.udp.lost], [0, deaf.back.udp.sent]);
});

Deno.test("random loss is as large as asked for, within six standard deviations", async () => {
  await using lab = await Lab.create();
  const traffic = await Traffic.start(lab);
  await lab.lose("A", 20);
  const { forth } = await traffic.measure(() => delay(1_500), 100);
  const deviation = Math.sqrt(0.2 * 0.8 * forth.udp.sent);
  assert(
    Math.abs(forth.udp.lost - 0.2 * forth.udp.sent) < 6 * deviation,
    `${forth.udp.lost} of ${forth.udp.sent} lost`,
  );
});

Deno.test("a pulled cable takes the carrier of its own host only, and everything can be mended", async () => {
  await using lab = await Lab.create();
  const before = await lab.routing("h1");
  await lab.unplug("h1", "A");
  await waitFor("the carrier to be lost", async () => {
    const text = await lab.ip("h1", "link", "show", "ethA");
    return text.includes("NO-CARRIER") ? true : null;
  });
  assert(!(await lab.ip("h2", "link", "show", "ethA")).includes("NO-CARRIER"));
  await lab.linkDown("h1", "B");
  await lab.removeAddress("h1", "A");
  await lab.cut("B");
  await lab.restoreAll();
  assertEquals(await lab.routing("h1"), before);
  const traffic = await Traffic.start(lab);
  assertEquals(lost(await traffic.measure(() => delay(200))), 0);
});

Deno.test("a watch sees every change of our table, and no other", async () => {
  await using lab = await Lab.create();
  const watch = await RouteWatch.start(lab, "h1");
  const [target, gateway] = [lab.address("h2", "A"), lab.address("h2", "B")];
  await lab.ip("h1", "route", "add", target, "via", gateway, "table", "245");
  await lab.ip("h1", "route", "add", "10.9.0.0/16", "via", gateway);
  await lab.ip("h1", "route", "del", target, "table", "245");
  const changes = await watch.changes();
  assertEquals(changes.map((line) => line.startsWith("Deleted")), [false, true]);
});

Deno.test("a process left running on a host is found out, and ended", async () => {
  const lab = await Lab.create();
  const [program = "", ...args] = lab.onHost("h1", ["sleep", "1000"]);
  const stray = new Deno.Command(program, { args }).spawn();
  await waitFor("it to run", async () => (await lab.running()).length === 1 ? true : null);
  await assertRejects(() => lab[Symbol.asyncDispose](), Error, "sleep 1000");
  assertEquals((await stray.status).signal, "SIGKILL");
});

Deno.test("what a killed run left behind is swept away by the next", async () => {
  const script = `
    import { Lab } from ${JSON.stringify(new URL("./lab.ts", import.meta.url).href)};
    import { Agent } from ${JSON.stringify(new URL("./traffic.ts", import.meta.url).href)};
    const lab = await Lab.create();
    await Agent.start(lab, "h1").marks();
    console.log("ready");
    await new Promise((resolve) => setTimeout(resolve, 60_000));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  const named = `faild-${child.pid}-`;
  const left = await attempt(["ip", "netns", "list"]);
  assert(left.stdout.includes(named), left.stdout);
  await sweepLeftovers();
  const after = await attempt(["ip", "netns", "list"]);
  assert(!after.stdout.includes(named), after.stdout);
});
