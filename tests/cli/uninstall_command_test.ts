import { assert, assertEquals } from "@std/assert";
import { UNIT } from "../../lib/cli/service_control.ts";
import type { FakeHost } from "./fake_host.ts";
import { everything, setupHost } from "./setup_host.ts";

const CONFIG = "/etc/faild.yaml";

/** What a daemon and its watchdog leave, in the run directory and beside it. */
const TRACES = [
  "/run/faild/lock",
  "/run/faild/moved",
  "/run/faild/control.sock",
  "/run/faild/events.jsonl",
  "/run/faild/events.jsonl.1",
  "/run/faild/events.samples.jsonl",
  "/run/faild/watchdog/lock",
  "/run/faild/watchdog/starts.json",
  "/run/faild/watchdog/note.json",
  "/usr/local/sbin/faild.tmp",
  "/var/log/faild.log",
  "/var/log/faild.log.1",
  "/var/log/faild.log.2.gz",
  "/var/log/faild.log.3.xz",
  "/var/log/faild-events.jsonl",
  "/var/log/faild-events.jsonl.1",
  "/var/log/faild-events.samples.jsonl",
];

async function installed(kind: "cron" | "systemd"): Promise<FakeHost> {
  const host = setupHost(kind);
  await host.faild("init");
  assertEquals((await host.faild("install")).exit, 0);
  host.programs.length = 0;
  host.diary.length = 0;
  return host;
}

function leave(host: FakeHost, traces: readonly string[]): void {
  for (const path of traces) host.disk.put(path, "");
}

Deno.test("after init, install, a life and uninstall the machine is as it was", async () => {
  const before = everything(setupHost("cron"));
  const host = await installed("cron");
  leave(host, TRACES);
  host.lockFailure = { kind: "held", pid: 77 };
  const { exit, out, error } = await host.faild("uninstall");
  assertEquals([exit, error], [0, ""]);
  assertEquals(everything(host), before);
  assert(out.endsWith("\nUninstalled\n"), out);
  for (const path of [CONFIG, ...TRACES]) assert(out.includes(`removed ${path}\n`), path);
});

Deno.test("cron is told first, then the daemon is stopped, then what it left in the kernel is removed", async () => {
  const host = await installed("cron");
  host.lockFailure = { kind: "held", pid: 77 };
  const { removeFile } = host.disk;
  host.disk.removeFile = (path) => {
    host.diary.push(`removed ${path}`);
    return removeFile(path);
  };
  await host.faild("uninstall");
  assertEquals(host.diary.slice(0, 8), [
    "removed /etc/cron.d/faild",
    "asked 77 to stop",
    "ip started",
    "rights tried",
    "locked /run/faild",
    "unlocked",
    "ip closed",
    "removed /etc/faild.yaml",
  ]);
});

Deno.test("a watchdog that is at work cannot start the daemon again once it was stopped", async () => {
  const host = await installed("cron");
  leave(host, ["/run/faild/watchdog/lock"]);
  host.lockFailure = { kind: "held", pid: 77 };
  await host.faild("uninstall");
  const [first, second] = host.diary;
  assertEquals([first, second], ["locked /run/faild/watchdog", "asked 77 to stop"]);
  const busy = await installed("cron");
  leave(busy, ["/run/faild/watchdog/lock"]);
  busy.lockRunDir = () => Promise.resolve({ kind: "held", pid: 88 });
  const { exit, error } = await busy.faild("uninstall");
  assertEquals([exit, error], [
    1,
    "faild: Cannot go on: another watchdog with pid 88 has been at work for more than 30 s\n",
  ]);
  assert(busy.disk.files().includes("/usr/local/sbin/faild"));
});

Deno.test("systemd is told to disable and stop the daemon, and afterwards that the unit is gone", async () => {
  const before = everything(setupHost("systemd"));
  const host = await installed("systemd");
  leave(host, TRACES.filter((path) => path.startsWith("/run/") || path.includes("events")));
  assertEquals((await host.faild("uninstall")).exit, 0);
  assertEquals(host.programs, [
    "systemctl disable --now faild.service",
    "systemctl daemon-reload",
  ]);
  assertEquals(everything(host), before);
});

Deno.test("where the unit is gone already systemd stops what it still knows, and all else is removed", async () => {
  const before = everything(setupHost("systemd"));
  const host = await installed("systemd");
  host.disk.removeFile("/etc/systemd/system/faild.service");
  host.lockFailure = { kind: "held", pid: 77 };
  host.programAnswer = (line) => ({
    kind: "ended",
    code: line.includes(UNIT) ? 5 : 0,
    output: "",
    errors: "Unit faild.service not loaded.",
  });
  const { exit, error } = await host.faild("uninstall");
  assertEquals([exit, error], [0, ""]);
  assertEquals(host.programs, ["systemctl stop faild.service", "systemctl daemon-reload"]);
  assert(host.diary.includes("asked 77 to stop"), `${host.diary}`);
  assertEquals(everything(host), before);
});

Deno.test("a daemon that systemd cannot stop stays installed", async () => {
  const host = await installed("systemd");
  host.programAnswer = () => ({ kind: "ended", code: 1, output: "", errors: "no" });
  assertEquals(await host.faild("uninstall").then(({ exit, error }) => [exit, error]), [
    1,
    "faild: Cannot run systemctl disable --now faild.service: no\n",
  ]);
  assert(host.disk.files().includes("/etc/systemd/system/faild.service"));
});

Deno.test("the metrics of a daemon that was killed are removed, what somebody else wrote there is not", async () => {
  const [ours, draft] = ["/var/lib/metrics/faild.prom", "/var/lib/metrics/faild.prom.tmp"];
  const page = "# HELP faild_uptime_seconds Time.\n# TYPE faild_uptime_seconds gauge\n";
  for (const [text, left] of [[page, []], ["# HELP other_thing It.\n", [ours]]] as const) {
    const host = setupHost("cron");
    host.disk.folder("/var/lib/metrics");
    host.disk.put(CONFIG, `metrics: {file: ${ours}}\n`);
    await host.faild("install");
    host.disk.put(ours, text).put(draft, page.slice(0, 9));
    assertEquals((await host.faild("uninstall")).exit, 0);
    assertEquals(host.disk.files(), [CONFIG, ...left]);
  }
});

Deno.test("a configuration that somebody changed is kept and named; anything else of ours is removed", async () => {
  const host = await installed("cron");
  host.disk.put(CONFIG, "requestor: true\n").put("/etc/logrotate.d/faild", "changed");
  const { exit, out } = await host.faild("uninstall");
  assertEquals(exit, 0);
  assertEquals(host.disk.files(), [CONFIG]);
  assert(out.includes(`kept ${CONFIG}, which was written or changed by hand\n`), out);
  assert(out.includes("removed /etc/logrotate.d/faild, which was changed by hand\n"), out);
});

Deno.test("a configuration written by hand before the installation is kept, and what others put beside ours", async () => {
  const host = setupHost("cron");
  host.disk.put(CONFIG, "requestor: true\n");
  await host.faild("install");
  const others = ["/run/faild/notes", "/usr/local/share/man/man8/other.8", "/var/log/faild.logs"];
  leave(host, others);
  const { exit, out } = await host.faild("uninstall");
  assertEquals(exit, 0);
  assertEquals(host.disk.files(), [CONFIG, ...others].sort());
  assert(out.includes(`kept ${CONFIG}, which was written or changed by hand\n`), out);
});

Deno.test("a run directory that was moved after the installation is emptied like the one before it", async () => {
  const before = everything(setupHost("cron"));
  const host = await installed("cron");
  host.disk.put(CONFIG, "run-dir: /run/b\n");
  leave(host, ["/run/faild/lock", "/run/b/lock", "/run/b/control.sock"]);
  assertEquals((await host.faild("uninstall")).exit, 0);
  assert(host.diary.includes("locked /run/b"), `${host.diary}`);
  assertEquals(everything(host), [...before, CONFIG].sort());
});

Deno.test("a configuration with an error does not keep faild installed", async () => {
  const host = await installed("cron");
  host.disk.put(CONFIG, "interval: [");
  const { exit, out } = await host.faild("uninstall");
  assertEquals([exit, host.disk.files()], [0, [CONFIG]]);
  assert(
    out.includes(`kept what ${CONFIG} names, which has an error: keys, log and events\n`),
    out,
  );
});

Deno.test("a log that the configuration names is not ours to remove", async () => {
  const host = setupHost("cron");
  host.disk.put(CONFIG, "log: {file: /var/log/faild.log}\n");
  await host.faild("install");
  const logs = ["/var/log/faild.log", "/var/log/faild.log.1.gz"];
  leave(host, [...logs, "/var/log/faild.logs"]);
  const { exit, out } = await host.faild("uninstall");
  assertEquals([exit, host.disk.files()], [0, [CONFIG, ...logs, "/var/log/faild.logs"]]);
  for (const path of logs) {
    assert(out.includes(`kept ${path}, which ${CONFIG} names as the log\n`), out);
  }
  assert(!out.includes("/var/log/faild.logs"), out);
});

Deno.test("a log that became the configured one after the installation is removed like before", async () => {
  const host = await installed("cron");
  host.disk.put(CONFIG, "log: {file: /var/log/faild.log}\n");
  leave(host, ["/var/log/faild.log"]);
  const { exit, out } = await host.faild("uninstall");
  assertEquals([exit, host.disk.files()], [0, [CONFIG]]);
  assert(!out.includes("kept /var/log/faild.log,"), out);
});

Deno.test("keys are kept, and named, also by a dry run; without anything kept nothing is said of it", async () => {
  for (const args of [["--dry-run"], []]) {
    const host = await installed("cron");
    host.disk.put(CONFIG, "auth: {mode: enforce, key-file: /etc/faild.keys}\n");
    leave(host, ["/etc/faild.keys", "/etc/faild.keys.old"]);
    const { exit, out } = await host.faild("uninstall", ...args);
    assertEquals(exit, 0);
    assert(host.disk.files().includes("/etc/faild.keys"));
    assert(out.includes("kept /etc/faild.keys, which holds the keys: a secret\n"), out);
    const end = args.length === 0
      ? "Uninstalled, but for what was kept: that is yours to remove\n"
      : "Nothing was changed: --dry-run\n";
    assert(out.endsWith(`\n${end}`), out);
  }
  const host = await installed("cron");
  host.disk.put(CONFIG, "auth: {mode: enforce, key-file: /etc/faild.keys}\n");
  assert(!(await host.faild("uninstall")).out.includes("faild.keys"), "there are none");
});

Deno.test("events that a configuration written by hand asks for are kept, and named", async () => {
  const host = setupHost("cron");
  const [events, samples] = ["/var/log/faild-events.jsonl", "/var/log/faild-events.samples.jsonl"];
  host.disk.put(CONFIG, `events: {file: ${events}}\n`);
  await host.faild("install");
  leave(host, [events, samples]);
  const { exit, out } = await host.faild("uninstall");
  assertEquals([exit, host.disk.files()], [0, [CONFIG, events, samples]]);
  for (const path of [events, samples]) {
    assert(out.includes(`kept ${path}, which ${CONFIG} names\n`), out);
  }
});

Deno.test("a dry run names the same files and folders, and changes nothing", async () => {
  const host = await installed("cron");
  leave(host, TRACES);
  const before = everything(host);
  const { exit, out } = await host.faild("uninstall", "--dry-run");
  assertEquals([exit, everything(host), host.programs, host.diary], [0, before, [], []]);
  for (const path of host.disk.files()) assert(out.includes(`would remove ${path}\n`), path);
  assert(out.endsWith("Nothing was changed: --dry-run\n"), out);
  const named = (text: string) => text.match(/removed? \/.*/g)?.map((line) => line.split(" ")[1]);
  const removed = (await host.faild("uninstall")).out.slice(out.length);
  assertEquals(named(out)?.sort(), named(removed)?.sort());
  assert(out.includes("would remove /run/faild\n"), out);
  assert(out.includes("would remove /var/lib/faild\n"), out);
});

Deno.test("a daemon that cannot be stopped keeps its files, and a second try finds all that it needs", async () => {
  const host = await installed("cron");
  host.lockFailure = { kind: "held", pid: null };
  const { exit, error } = await host.faild("uninstall");
  assertEquals([exit, error], [
    1,
    "faild: Cannot stop the daemon: somebody holds /run/faild/lock, and does not say who\n",
  ]);
  assert(host.disk.files().includes("/usr/local/sbin/faild"));
  host.lockFailure = null;
  assertEquals((await host.faild("uninstall")).exit, 0);
  assertEquals(host.disk.files(), []);
});

Deno.test("what cannot be removed is named, and remembered for the next time", async () => {
  const host = await installed("cron");
  host.disk.denied.push("/usr/local/sbin");
  const { exit, error } = await host.faild("uninstall");
  assertEquals([exit, error], [
    4,
    "faild: Cannot remove /usr/local/sbin/faild: Permission denied\n",
  ]);
  assertEquals(host.disk.files(), ["/usr/local/sbin/faild", "/var/lib/faild/installed.json"]);
  host.disk.denied.length = 0;
  assertEquals((await host.faild("uninstall")).exit, 0);
  assertEquals(host.disk.files(), []);
});

Deno.test("without the right to change routes nothing but the start by cron is removed", async () => {
  const host = await installed("cron");
  host.kernel.isPrivileged = false;
  const { exit } = await host.faild("uninstall");
  assertEquals(exit, 4);
  assert(host.disk.files().includes("/usr/local/sbin/faild"));
});

Deno.test("where nothing is installed nothing is removed, and that is no failure", async () => {
  const host = setupHost("cron");
  assertEquals(await host.faild("uninstall"), {
    exit: 0,
    out: "Nothing is installed: there is no /var/lib/faild/installed.json\n",
    error: "",
  });
});

Deno.test("what an image's configuration names is told of the installation alone", async () => {
  const isToldOf = async (command: string) => {
    const { out } = await setupHost("cron").faild("help", command);
    return /names no\s+networks/.test(out);
  };
  assertEquals([await isToldOf("install"), await isToldOf("uninstall")], [true, false]);
});

Deno.test("below a root only files are removed", async () => {
  const host = setupHost("systemd");
  host.disk.folder("/image/etc/cron.d");
  const before = everything(host);
  await host.faild("install", "--root=/image");
  host.diary.length = 0;
  assertEquals((await host.faild("uninstall", "--root=/image")).exit, 0);
  assertEquals([everything(host), host.programs, host.diary], [before, [], []]);
});
