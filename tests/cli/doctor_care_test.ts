/** What `faild doctor` says of who looks after the daemon, of what it lost, and of the kernel's own routes. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { downPath, pathStatus, peerView } from "../shells/overviews.ts";
import { ended, Patient, PEER, put, STATUS, WAY_A, wayBy, withDaemon } from "./patient.ts";

const CRON = "/etc/cron.d/faild";
const COMMAND = "/usr/local/sbin/faild watchdog -c /etc/faild.yaml";
const CRON_TEXT = `* * * * * root ${COMMAND}\n`;
const PIDOF = "pidof cron crond";

Deno.test("Where no daemon runs and none is installed nothing is wrong, but it does not read so", async () => {
  const patient = new Patient();
  assertEquals(await patient.findings(), []);
  const text = await patient.text();
  assert(
    text.endsWith("\n\nNothing is wrong; no daemon runs here, so there is no failover\n"),
    text,
  );
  const other = await withDaemon();
  other.status = [STATUS, { peers: [PEER] }, { end: true }];
  assert((await other.text()).endsWith("\n\nNothing is wrong\n"));
});

Deno.test("A cron that does not run is told of, whether the daemon runs or not", async () => {
  const patient = await withDaemon();
  put(patient, CRON, CRON_TEXT);
  patient.answers.set(PIDOF, ended("", 1));
  patient.status = [STATUS, { peers: [PEER] }, { end: true }];
  assertEquals(await patient.findings(), ["daemon warning"]);
  assertMatch(await patient.text(), /Nothing looks after the daemon, .*neither cron nor\s+crond/s);
  patient.answers.set(PIDOF, ended("77\n"));
  assertEquals(await patient.findings(), []);

  const dead = new Patient();
  put(dead, CRON, CRON_TEXT);
  dead.answers.set(PIDOF, ended("", 1));
  const { document } = await dead.examine();
  const [finding] = document.findings.filter(({ check }) => check === "daemon");
  assertEquals(finding?.level, "problem");
  assertEquals(
    finding?.text,
    "No daemon runs in /run/faild, though faild is installed, and nothing starts it: neither " +
      "cron nor crond runs here",
  );
  assertEquals(finding?.remedy, `install and start cron, or by hand ${COMMAND}`);
});

Deno.test("A subnet whose route is gone is a problem, with the command that brings it back", async () => {
  const patient = new Patient();
  const errors = "RTNETLINK answers: Network is unreachable\n";
  patient.answers.set(WAY_A, { kind: "ended", code: 2, output: "", errors });
  const { document, exit } = await patient.examine();
  const [finding] = document.findings.filter(({ level }) => level !== "ok");
  assertEquals([exit, finding?.check, finding?.level], [1, "subnets", "problem"]);
  assertMatch(finding?.text ?? "", /\(192\.168\.1\.2: Network is unreachable\)/);
  assertEquals(
    finding?.remedy,
    "ip route replace 192.168.1.0/24 dev ethA proto kernel scope link src 192.168.1.1",
  );
  // An ip that does not know the word ends otherwise than one whose kernel refuses.
  patient.answers.set(WAY_A, { kind: "ended", code: 1, output: "", errors: "Error: what?\n" });
  assertEquals(await patient.findings(), ["subnets unknown"]);
  patient.answers.set(WAY_A, wayBy("default", "ethB", { gateway: "192.168.2.254" }));
  assertEquals(await patient.findings(), ["subnets problem"]);
  // Without its carrier a network has no way, which is told by the carrier.
  patient.kernel.setCarrier("ethA", false);
  assertEquals(await patient.findings(), ["carrier problem"]);
});

Deno.test("The way to a known peer is asked for, rather than to anybody", async () => {
  const patient = await withDaemon();
  const on = (network: string, number: number) =>
    pathStatus({ network, over: network, address: `192.168.1.${number}` });
  const peers = [peerView(2, [downPath({ network: "ethA" })]), peerView(7, [on("ethA", 7)])];
  patient.status = [STATUS, { peers }, { end: true }];
  patient.answers.set("ip -N -j route get fibmatch 192.168.1.7", wayBy("192.168.1.7", "tun0"));
  assert((await patient.findings()).includes("subnets problem"));
  assert(!patient.programs.includes(WAY_A));
});

Deno.test("What the daemon lost of its lines, and hooks that failed, are warnings", async () => {
  const patient = await withDaemon();
  const lines = [
    { kind: "log", file: "/var/log/f.log", lost: 2, trouble: "No space left on device" },
    { kind: "events", file: "/run/faild/events.jsonl", lost: 0, trouble: null },
  ];
  const status = { ...STATUS, lines, counters: { hook_failures: 1 } };
  patient.status = [status, { peers: [PEER] }, { end: true }];
  assertEquals(await patient.findings(), ["daemon warning", "daemon warning"]);
});
