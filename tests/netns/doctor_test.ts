/** `faild doctor` on real hosts: what ip and nft of this machine really print is understood. */

import { assert, assertEquals } from "@std/assert";
import { schemaFaults } from "../fakes/json_schema.ts";
import { attempt } from "./command.ts";
import { Daemon, FAILD, runDirectoryOf, usualYaml } from "./daemon.ts";
import { type HostName, Lab } from "./lab.ts";
import { startGroup } from "./group.ts";
import { event, heard, pathDown } from "./log_events.ts";
import { waitFor } from "./wait.ts";

const SCHEMA = JSON.parse(
  await Deno.readTextFile(new URL("../../docs/schema/doctor.json", import.meta.url)),
);

/** What is not as it should be on a host, as "check level"; how late a busy machine is, is not its matter. */
async function complaints(lab: Lab, host: HostName): Promise<string[]> {
  const config = `${lab.directory}/doctor-${host}.yaml`;
  await Deno.writeTextFile(config, usualYaml(lab, host));
  const place = ["--run-dir", runDirectoryOf(lab, host), "-c", config, "-t", "0.05"];
  const argv = lab.onHost(host, [FAILD, "doctor", "--json", ...place]);
  const { code, stdout, stderr } = await attempt(argv);
  assert(stdout !== "", stderr);
  const document = JSON.parse(stdout);
  assertEquals(schemaFaults(document, SCHEMA), []);
  assertEquals(code, document.level === "problem" ? 1 : 0);
  const findings: { check: string; level: string }[] = document.findings;
  // The services of the machine itself are seen from within a namespace as well.
  const others = new Set(["lateness", "networkd", "network-manager"]);
  return findings.filter(({ check, level }) => level !== "ok" && !others.has(check))
    .map(({ check, level }) => `${check} ${level}`);
}

Deno.test("a healthy host has nothing to complain of, with a daemon or without", async () => {
  await using lab = await Lab.create();
  assertEquals(await complaints(lab, "h1"), []);
  const [daemon] = await startGroup(lab, { failAfter: 6 }) as [Daemon, Daemon];
  assertEquals(await complaints(lab, "h1"), []);
  const before = daemon.log.count;
  assertEquals(await complaints(lab, "h1"), []);
  // Not even the try whether routes may be changed is anything to the daemon, but for what it costs a busy machine.
  assertEquals(daemon.log.since(before).filter((line) => !line.includes('"event":"late')), []);
  await daemon.kill();
  assertEquals(await complaints(lab, "h1"), ["routes problem"]);
});

Deno.test("what befalls a host is found: filters, rules, firewall, subnets, sizes, carriers", async () => {
  await using lab = await Lab.create();
  const sysctl = (key: string, value: number) =>
    lab.run("h1", ["sysctl", "-q", "-w", `net.ipv4.conf.${key}.rp_filter=${value}`]);
  await sysctl("all", 0);
  await sysctl("ethA", 1);
  assertEquals(await complaints(lab, "h1"), ["rp-filter warning"]);
  await sysctl("ethA", 0);
  await lab.ip("h1", "rule", "add", "pref", "100", "lookup", "main");
  await lab.ip("h1", "rule", "add", "pref", "200", "fwmark", "7", "lookup", "77");
  assertEquals(await complaints(lab, "h1"), ["rules problem", "rules warning"]);
  await lab.ip("h1", "rule", "del", "pref", "100");
  await lab.ip("h1", "rule", "del", "pref", "200");
  const input = "{ type filter hook input priority 0; policy drop; }";
  await lab.run("h1", ["nft", `add table inet f; add chain inet f input ${input}`]);
  assertEquals(await complaints(lab, "h1"), ["firewall problem", "firewall problem"]);
  // The remedy for one LAN, as it is told.
  const rule = "insert rule inet f input iifname ethA udp dport 32453 accept";
  await lab.run("h1", ["nft", ...rule.split(" ")]);
  assertEquals(await complaints(lab, "h1"), ["firewall problem"]);
  await lab.run("h1", ["nft", "flush", "ruleset"]);
  await lab.ip("h1", "addr", "add", "192.168.1.77/28", "dev", "ethB");
  assertEquals(await complaints(lab, "h1"), ["subnets warning"]);
  await lab.ip("h1", "addr", "del", "192.168.1.77/28", "dev", "ethB");
  await lab.ip("h1", "link", "set", "ethB", "mtu", "1400");
  assertEquals(await complaints(lab, "h1"), ["mtu warning"]);
  await lab.ip("h1", "link", "set", "ethB", "mtu", "1500");
  await lab.ip("h1", "route", "del", "192.168.1.0/24");
  assertEquals(await complaints(lab, "h1"), ["subnets problem"]);
  await lab.ip("h1", "route", "add", "default", "via", lab.address("h2", "B"));
  assertEquals(await complaints(lab, "h1"), ["subnets problem"]);
  // The remedy, as it is told.
  const own = `dev ethA proto kernel scope link src ${lab.address("h1", "A")}`;
  await lab.ip("h1", "route", "replace", "192.168.1.0/24", ...own.split(" "));
  assertEquals(await complaints(lab, "h1"), []);
  await lab.unplug("h1", "B");
  assertEquals(await complaints(lab, "h1"), ["carrier problem"]);
});

/** Waits until doctor complains of this, and of nothing else. */
async function waitForComplaints(lab: Lab, host: HostName, expected: readonly string[]) {
  let seen: readonly string[] = [];
  await waitFor(
    `doctor to find ${expected.join(", ")}`,
    async () => {
      seen = await complaints(lab, host);
      return seen.join() === expected.join() ? true : null;
    },
    { timeoutMs: 20_000 },
    () => `it finds ${seen.join(", ")}`,
  );
}

Deno.test("a host whose LANs are dead, or that is alone, is not said to be well", async () => {
  await using lab = await Lab.create();
  const h1 = await Daemon.start(lab, "h1");
  await h1.log.wait(event("network-ready", { network: "B" }));
  await waitForComplaints(lab, "h1", ["paths problem"]);
  await Daemon.start(lab, "h2");
  for (const lan of lab.cabling.lans) await h1.log.wait(heard(lab.address("h2", lan)));
  await waitForComplaints(lab, "h1", []);
  await lab.cut("A");
  await h1.log.wait(pathDown("h2", "A"));
  assertEquals(await complaints(lab, "h1"), ["paths problem"]);
  await lab.cut("B");
  await h1.log.wait(pathDown("h2", "B"));
  assertEquals(await complaints(lab, "h1"), Array(3).fill("paths problem"));
});

Deno.test("what a firewall drops at a device or on its way out is found, and that sends fail", async () => {
  await using lab = await Lab.create();
  const [h1] = await startGroup(lab) as [Daemon, Daemon];
  const chain = "{ type filter hook ingress device ethA priority 0; policy accept; }";
  const rule = "add rule netdev g c udp dport 32453 drop";
  await lab.run("h1", ["nft", `add table netdev g; add chain netdev g c ${chain}; ${rule}`]);
  await h1.log.wait(pathDown("h2", "A"));
  assertEquals(await complaints(lab, "h1"), ["paths problem", "firewall problem"]);
  await lab.run("h1", ["nft", "flush ruleset"]);
  await waitForComplaints(lab, "h1", []);
  const output = "{ type filter hook output priority 0; policy accept; }";
  const drop = "add rule inet g c oifname ethB udp dport 32453 drop";
  await lab.run("h1", ["nft", `add table inet g; add chain inet g c ${output}; ${drop}`]);
  await h1.log.wait(pathDown("h2", "B"));
  const expected = ["paths problem", "firewall problem", "networks problem"];
  assertEquals(await complaints(lab, "h1"), expected);
});
