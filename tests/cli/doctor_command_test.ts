/** `faild doctor` on machines in good and in bad health. Reads docs/schema. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { doctorCommand } from "../../lib/cli/doctor_command.ts";
import { RECORD_FILE, recordText } from "../../lib/cli/install_record.ts";
import { downPath, networkView, pathStatus, peerView } from "../shells/overviews.ts";
import { FakeHost } from "./fake_host.ts";
import {
  callOf,
  ended,
  LINKS,
  NETCONF,
  Patient,
  PEER,
  put,
  SCHEMA,
  STATUS,
  WAY_A,
  WAY_B,
  withDaemon,
} from "./patient.ts";

Deno.test("On a healthy machine nothing is wrong, everything was looked at, and the exit code is 0", async () => {
  const patient = new Patient();
  const { exit, document } = await patient.examine();
  assertEquals([exit, document.level], [0, "ok"]);
  const checks: readonly string[] = SCHEMA.properties.findings.items.properties.check.enum;
  const looked = new Set<string>(document.findings.map(({ check }) => check));
  assertEquals(checks.filter((each) => !looked.has(each)), ["peers", "paths"]);
  // Nothing but these programs is run, and none with an effect.
  assertEquals(
    patient.programs,
    [
      WAY_A,
      WAY_B,
      "ip -j -s -s link show",
      "ip -V",
      "systemctl is-active systemd-networkd",
      "systemctl is-active NetworkManager",
      "nft -j list ruleset",
      "iptables-save ",
    ].map((line) => line.trim()),
  );
});

Deno.test("The text has a line for each finding, the remedy below what is wrong, and a count at the end", async () => {
  const patient = new Patient();
  patient.shown.set(
    "netconf show",
    JSON.stringify([{ ...NETCONF[0], rp_filter: "strict" }, ...NETCONF.slice(1)]),
  );
  const text = await patient.text();
  const lines = text.split("\n");
  assertEquals(lines[0], "ok       iproute2: ip is of iproute2 6.1.0");
  const at = lines.findIndex((line) => line.startsWith("warning  rp-filter: "));
  assert(at > 0, text);
  assert(lines.includes("         -> sysctl -w net.ipv4.conf.ethA.rp_filter=2"), text);
  assertEquals(lines.at(-2), "2 warnings; no daemon runs here, so there is no failover");
  for (const line of lines) assert(line.includes("->") || line.length <= 79, line);
});

const SICK: readonly (readonly [string, (patient: Patient) => void, readonly string[]])[] = [
  ["there is no ip", (each) => {
    each.answers.delete("ip -V");
    each.ipFailure = "Cannot run ip: there is no /usr/sbin/ip; install iproute2";
  }, ["iproute2 problem", "networks problem"]],
  ["no rights", (each) => each.kernel.isPrivileged = false, ["rights warning"]],
  ["a network is missing", (each) => each.kernel.removeLink("ethB"), ["networks warning"]],
  ["no carrier", (each) => each.kernel.setCarrier("ethB", false), ["carrier problem"]],
  [
    "another MTU",
    (each) =>
      each.shown.set("link show", JSON.stringify([LINKS[0], { ifname: "ethB", mtu: 9000 }])),
    ["mtu warning"],
  ],
  ["ip does not know netconf", (each) => each.shown.set("netconf show", "[]"), [
    "rp-filter unknown",
    "rp-filter unknown",
  ]],
  ["a late machine", (each) => each.udp.latenessMs = 100, ["lateness warning"]],
  ["no nft and no iptables", (each) => each.answers.delete("nft -j list ruleset"), [
    "firewall unknown",
  ]],
  [
    "nft refuses",
    (each) => each.answers.set("nft -j list ruleset", ended("Operation not permitted\n", 1)),
    ["firewall unknown"],
  ],
  [
    "nft warns of tables that are iptables' own",
    (each) =>
      each.answers.set("nft -j list ruleset", {
        kind: "ended",
        code: 0,
        output: '{"nftables": []}',
        errors: "# Warning: table ip filter is managed by iptables-nft, do not touch!\n",
      }),
    [],
  ],
  [
    "iptables drops",
    (each) => each.answers.set("iptables-save", ended("*filter\n:INPUT DROP [0:0]\n")),
    ["firewall problem", "firewall problem"],
  ],
  [
    "systemd-networkd runs as it comes",
    (each) => each.answers.set("systemctl is-active systemd-networkd", ended("active\n")),
    ["networkd warning"],
  ],
  ["a drop-in tells networkd to leave all alone", (each) => {
    each.answers.set("systemctl is-active systemd-networkd", ended("active\n"));
    put(
      each,
      "/usr/lib/systemd/networkd.conf.d/10-all.conf",
      "[Network]\nManageForeignRoutes=yes\n",
    );
    put(
      each,
      "/etc/systemd/networkd.conf.d/20-faild.conf",
      "[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n",
    );
  }, []],
  ["without systemctl networkd has left its state", (each) => {
    each.files.set("/run/systemd/netif/state", { kind: "text", text: "" });
  }, ["networkd warning"]],
  ["a connection of NetworkManager has a table", (each) => {
    each.disk.folder("/run/NetworkManager");
    put(
      each,
      "/etc/NetworkManager/system-connections/lan.nmconnection",
      "[ipv4]\nroute-table=100\n",
    );
  }, ["network-manager warning"]],
  ["the connections may not be read", (each) => {
    each.disk.folder("/run/NetworkManager");
    each.disk.put("/etc/NetworkManager/system-connections/lan.nmconnection", "");
  }, ["network-manager unknown"]],
  ["a daemon left its rule", (each) => {
    each.kernel.exchange(
      ["rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245"],
      [],
    );
  }, ["routes problem"]],
  ["a daemon hangs", (each) => {
    each.lock = { kind: "held", pid: 77 };
  }, ["routes problem", "daemon problem"]],
  ["whether a daemon runs is not known", (each) => {
    each.lock = { kind: "failed", reason: "Permission denied" };
  }, ["daemon unknown"]],
];

for (const [title, befall, expected] of SICK) {
  Deno.test(`What is wrong with a machine is found: ${title}`, async () => {
    const patient = new Patient();
    befall(patient);
    assertEquals(await patient.findings(), expected);
  });
}

Deno.test("A daemon that runs is asked, and what it says is judged", async () => {
  const patient = new Patient();
  const rule = "rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245";
  await patient.kernel.exchange([rule], []);
  patient.status = [STATUS, { peers: [PEER] }, { end: true }];
  assertEquals(await patient.findings(), []);
  patient.kernel.isPrivileged = false;
  patient.status = [
    { ...STATUS, version: "0.0.9", degraded: "ip fails", counters: { drops_version: 2 } },
    { peers: [PEER] },
    { peers: [{ ...PEER, node: "node3", intervalMs: 50 }] },
    { end: true },
  ];
  assertEquals(await patient.findings(), [
    "rights unknown",
    "daemon problem",
    "daemon warning",
    "peers warning",
    "peers warning",
  ]);
  patient.status = [{ version: "0.0.1", intervalMs: 1000 }, { end: true }];
  assertEquals(await patient.findings(), ["rights unknown", "daemon unknown"]);
  patient.status = [{ end: true, ok: false, error: "no" }];
  assertEquals(await patient.findings(), ["rights unknown", "daemon unknown"]);
  patient.controlProblem = { kind: "forbidden", reason: "Permission denied" };
  assertEquals(await patient.findings(), ["rights unknown", "daemon unknown"]);
});

Deno.test("While a path, a peer or a network is down doctor does not say that nothing is wrong", async () => {
  const patient = await withDaemon();
  const onB = pathStatus({ network: "B", address: "192.168.2.2", over: "B" });
  patient.status = [STATUS, { peers: [peerView(2, [downPath(), onB])] }, { end: true }];
  assertEquals(await patient.findings(), ["paths problem"]);
  const lost = peerView(2, [downPath(), downPath({ network: "B", address: "192.168.2.2" })]);
  patient.status = [STATUS, { peers: [lost] }, { end: true }];
  assertEquals(await patient.findings(), ["paths problem", "paths problem", "paths problem"]);
  patient.status = [STATUS, { end: true }];
  assertEquals(await patient.findings(), ["paths problem"]);
  // The network of that name here is as it should be: only the daemon does not use it.
  const networks = [networkView({ name: "ethA", usable: false, reason: "UDP port 9 is in use" })];
  patient.status = [{ ...STATUS, networks }, { peers: [PEER] }, { end: true }];
  assertEquals(await patient.findings(), ["networks problem"]);
  patient.kernel.setCarrier("ethA", false);
  assertEquals(await patient.findings(), ["carrier problem"]);
});

Deno.test("Where sends failed the next ones are waited for, and asked after", async () => {
  const patient = await withDaemon();
  const after = (sent: number, sendFailures: number) => [
    { ...STATUS, networks: [networkView({ sent, sendFailures })] },
    { peers: [PEER] },
    { end: true },
  ];
  patient.status = after(89, 21);
  patient.nextStatus = after(91, 23);
  const before = patient.udp.nowMs;
  assertEquals(await patient.findings(), ["networks problem"]);
  // The test of lateness takes 100 sleeps of 10.5 ms.
  assert(patient.udp.nowMs - before >= 1500 + 1050);
  patient.status = patient.nextStatus;
  assertEquals(await patient.findings(), ["networks warning"]);
});

Deno.test("That no daemon runs is a problem where it is installed for this run directory", async () => {
  const record = (runDir: string) =>
    recordText({
      kind: "systemd",
      prefix: "/usr/local",
      files: [],
      folders: [],
      runDir,
      log: null,
      events: null,
    });
  const findings = async (files: Readonly<Record<string, string>>) => {
    const patient = new Patient();
    for (const [path, text] of Object.entries(files)) put(patient, path, text);
    const { document } = await patient.examine();
    return document.findings.filter(({ check }) => check === "daemon");
  };
  const [none] = await findings({});
  assertEquals(none?.level, "ok");
  const [unit] = await findings({ [RECORD_FILE]: record("/run/faild") });
  assertEquals([unit?.level, unit?.remedy], [
    "problem",
    "systemctl restart faild; journalctl -u faild",
  ]);
  const [byHand] = await findings({ "/etc/systemd/system/faild.service": "[Unit]\n" });
  assertEquals(byHand?.level, "problem");
  const command = "/usr/local/sbin/faild watchdog -c /etc/faild.yaml -l /var/log/faild.log";
  const [cron] = await findings({
    "/etc/cron.d/faild": `SHELL=/bin/sh\n@reboot root x\n* * * * * root ${command}\n`,
  });
  assertEquals([cron?.level, cron?.remedy?.startsWith(`${command}; `)], ["problem", true]);
  const startedAt = Array(5).fill(new FakeHost().wallNow() - 1000);
  const [resting] = await findings({
    "/etc/cron.d/faild": `* * * * * root ${command}\n`,
    "/run/faild/watchdog/starts.json": JSON.stringify({ startedAt, isRestTold: true }),
  });
  assertMatch(resting?.text ?? "", /after 5 starts within 10 min it is left alone for 4 min 59 s/);
  assertMatch(resting?.remedy ?? "", / --now$/);
  const [other] = await findings({ [RECORD_FILE]: record("/run/two") });
  assertEquals(other?.level, "ok", "another daemon's");
});

Deno.test("The keys that the configuration names are tried, and a configuration that is wrong is told of first", async () => {
  const patient = new Patient();
  const yaml = "auth: {mode: enforce, key-file: /etc/faild.keys}\n";
  patient.files.set("/etc/f.yaml", { kind: "text", text: yaml });
  assertEquals(await patient.findings("/etc/f.yaml"), ["keys problem"]);
  patient.secrets.set("/etc/faild.keys", { kind: "text", text: `7 ${"ab".repeat(32)}\n` });
  assertEquals(await patient.findings("/etc/f.yaml"), []);
  patient.files.set("/etc/f.yaml", { kind: "text", text: "intervall: 1\n" });
  assertEquals(await doctorCommand(callOf("/etc/f.yaml", true), patient.seen()), 6);
});
