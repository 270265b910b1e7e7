import { assert, assertEquals } from "@std/assert";
import { FakeHost } from "./fake_host.ts";
import { everything, setupHost } from "./setup_host.ts";

const CONFIG = "/etc/faild.yaml";
const RECORD = "/var/lib/faild/installed.json";

const SHARED = [
  "/etc/faild.yaml",
  "/etc/logrotate.d/faild",
  "/usr/local/sbin/faild",
  "/usr/local/share/bash-completion/completions/faild",
  "/usr/local/share/fish/vendor_completions.d/faild.fish",
  "/usr/local/share/man/man5/faild.yaml.5",
  "/usr/local/share/man/man8/faild.8",
  "/usr/local/share/zsh/site-functions/_faild",
  RECORD,
];

Deno.test("install places everything for cron, shows it first, and has the watchdog start the daemon", async () => {
  const host = setupHost("cron");
  const { exit, out, error } = await host.faild("install");
  assertEquals([exit, error], [0, ""]);
  assertEquals(host.disk.files(), ["/etc/cron.d/faild", ...SHARED].sort());
  for (const path of host.disk.files()) {
    if (path !== RECORD) assert(out.includes(`${path}: new, `), path);
  }
  assertEquals(host.disk.text("/usr/local/sbin/faild"), "copy of /opt/faild");
  assertEquals(host.disk.modes.get("/usr/local/sbin/faild"), 0o755);
  assertEquals(host.disk.modes.get("/etc/cron.d/faild"), 0o644);
  const line = "/usr/local/sbin/faild watchdog -c /etc/faild.yaml -l /var/log/faild.log";
  assert(out.includes(`    * * * * * root ${line}\n`), out);
  assert(host.disk.text("/etc/cron.d/faild")?.includes(`\n* * * * * root ${line}\n`));
  assertEquals(host.programs, [line]);
  assert(out.endsWith("Installed for cron, and running; to undo it: faild uninstall\n"), out);
});

Deno.test("install has systemd run the daemon where systemd runs, unless cron is asked for", async () => {
  const host = setupHost("systemd");
  const { exit, out } = await host.faild("install");
  assertEquals(exit, 0);
  assertEquals(host.disk.files(), ["/etc/systemd/system/faild.service", ...SHARED].sort());
  assert(out.includes("    Type=notify\n"), out);
  assertEquals(host.programs, [
    "systemctl daemon-reload",
    "systemctl enable faild.service",
    "systemctl start faild.service",
  ]);
  const other = setupHost("systemd");
  assertEquals((await other.faild("install", "--cron")).exit, 0);
  assert(other.disk.files().includes("/etc/cron.d/faild"));
  assert(!other.disk.files().includes("/etc/systemd/system/faild.service"));
});

Deno.test("a dry run shows the same and changes nothing", async () => {
  const host = setupHost("cron");
  const before = everything(host);
  const { exit, out } = await host.faild("install", "--dry-run");
  assertEquals([exit, everything(host), host.programs], [0, before, []]);
  const shown = (await setupHost("cron").faild("install")).out;
  assertEquals(
    out.replace(/Nothing was changed: --dry-run\n$/, ""),
    shown.replace(/Installed.*\n$/, ""),
  );
});

Deno.test("a configuration that is there is used and kept, and a wrong one stops everything", async () => {
  const host = setupHost("cron");
  host.disk.put(CONFIG, "run-dir: /run/b\nlog: {file: /var/log/b.log}\n");
  const { exit, out } = await host.faild("install", "--force");
  assertEquals(exit, 0);
  assert(out.includes(`${CONFIG}: there already, kept\n`), out);
  assertEquals(host.disk.text(CONFIG), "run-dir: /run/b\nlog: {file: /var/log/b.log}\n");
  // It names a log itself, which the flag of the watchdog would not change.
  assertEquals(host.programs, [
    "/opt/faild check -c /etc/faild.yaml",
    "/usr/local/sbin/faild watchdog -c /etc/faild.yaml",
  ]);
  assert(host.disk.text("/etc/logrotate.d/faild")?.includes('\n"/var/log/b.log" {\n'));
  const wrong = setupHost("cron");
  wrong.disk.put(CONFIG, "interval: 0\n");
  const before = everything(wrong);
  const refused = await wrong.faild("install");
  assertEquals([refused.exit, everything(wrong)], [6, before]);
  assertEquals(
    refused.error,
    "faild: Cannot use interval: must be 0.01 to 3600 s, is 0 (/etc/faild.yaml:1)\n",
  );
});

Deno.test("nothing that is there and differs is overwritten unasked, and then nothing else is placed", async () => {
  const host = setupHost("cron");
  host.disk.put("/etc/cron.d/faild", "mine").put("/usr/local/sbin/faild", "another");
  const before = everything(host);
  for (const args of [[], ["--dry-run"]]) {
    const { exit, error } = await host.faild("install", ...args);
    assertEquals([exit, everything(host)], [1, before]);
    assert(
      error.endsWith(
        "faild: Cannot overwrite /usr/local/sbin/faild: it differs; --force overwrites it\n" +
          "faild: Cannot overwrite /etc/cron.d/faild: it differs; --force overwrites it\n",
      ),
      error,
    );
  }
  assertEquals(host.disk.text("/etc/cron.d/faild"), "mine");
  const shown = await host.faild("install");
  assert(shown.out.includes("/etc/cron.d/faild: differs from this, "), shown.out);
  assert(!shown.out.includes("replaced"), shown.out);
  const forced = await host.faild("install", "--force");
  assertEquals(forced.exit, 0);
  assert(forced.out.includes("/etc/cron.d/faild: replaced, "), forced.out);
  assert(host.disk.text("/etc/cron.d/faild") !== "mine");
});

Deno.test("what was placed before is renewed unasked, and the daemon is started anew only for that", async () => {
  const host = setupHost("systemd");
  await host.faild("install");
  host.programs.length = 0;
  const again = await host.faild("install");
  assertEquals(again.exit, 0);
  assertEquals(host.programs.at(-1), "systemctl start faild.service");
  host.programs.length = 0;
  // The program is of another version now.
  const record = host.disk.text(RECORD) ?? "";
  host.disk.put("/usr/local/sbin/faild", "copy of version 0");
  host.disk.put(RECORD, record.replaceAll("copy of /opt/faild", "copy of version 0"));
  const { exit, out } = await host.faild("install");
  assertEquals(exit, 0);
  assert(out.includes("/usr/local/sbin/faild: renewed, "), out);
  assert(out.includes("/usr/local/share/man/man8/faild.8: unchanged, "), out);
  assertEquals(host.disk.text("/usr/local/sbin/faild"), "copy of /opt/faild");
  assertEquals(host.programs.at(-1), "systemctl restart faild.service");
});

Deno.test("where only the daemon that runs is of another version it is started anew", async () => {
  for (const [version, last] of [["0.0.9", "restart"], [null, "start"]] as const) {
    const daemon = new FakeHost();
    if (version !== null) daemon.build = { ...daemon.build, version };
    const running = daemon.faild("-r");
    await daemon.until("logged network-ready");
    const host = setupHost("systemd");
    // An upgrade that was interrupted once all files were placed.
    assertEquals((await host.faild("install")).exit, 0);
    host.controls = daemon.controls;
    assertEquals((await host.faild("install")).exit, 0);
    assertEquals(host.programs.at(-1), `systemctl ${last} faild.service`);
    daemon.signals?.stop("SIGTERM");
    await running;
  }
});

Deno.test("under cron a renewed daemon is stopped, and the watchdog starts the new one", async () => {
  const host = setupHost("cron");
  await host.faild("install");
  const record = host.disk.text(RECORD) ?? "";
  host.disk.put("/usr/local/sbin/faild", "copy of version 0");
  host.disk.put(RECORD, record.replaceAll("copy of /opt/faild", "copy of version 0"));
  host.lockFailure = { kind: "held", pid: 77 };
  host.diary.length = 0;
  assertEquals((await host.faild("install")).exit, 0);
  assertEquals(host.diary.filter((each) => !each.startsWith("ip")), [
    "ran /opt/faild check -c /etc/faild.yaml -l /var/log/faild.log",
    // A run of the watchdog meanwhile would start what was just stopped.
    "locked /run/faild/watchdog",
    "asked 77 to stop",
    "unlocked /run/faild/watchdog",
    "ran /usr/local/sbin/faild watchdog -c /etc/faild.yaml -l /var/log/faild.log",
  ]);
});

Deno.test("a daemon that hangs and does not end is left to the watchdog, one that cannot be told to is not", async () => {
  for (const [pid, exit] of [[77, 0], [null, 1]] as const) {
    const host = setupHost("cron");
    await host.faild("install");
    host.disk.put("/etc/logrotate.d/faild", "changed");
    host.lockFailure = { kind: "held", pid };
    host.terminate = () => null;
    host.programs.length = 0;
    assertEquals((await host.faild("install", "--force")).exit, exit);
    const ran = host.programs.filter((line) => line.includes(" watchdog "));
    assertEquals(ran.length, exit === 0 ? 1 : 0);
  }
});

Deno.test("prefix and root move the files, and below a root nothing is started", async () => {
  const host = setupHost("systemd");
  host.disk.folder("/image/etc/cron.d");
  const { exit, out } = await host.faild("install", "--root=/image/", "--prefix", "/opt/f/");
  assertEquals([exit, host.programs], [0, []]);
  assert(host.disk.files().every((path) => path.startsWith("/image/")), `${host.disk.files()}`);
  assert(host.disk.files().includes("/image/opt/f/sbin/faild"));
  assert(host.disk.text("/image/etc/cron.d/faild")?.includes(" root /opt/f/sbin/faild watchdog "));
  assert(out.endsWith("Installed for cron, and not started: on its machine cron starts it\n"), out);
  // This machine's networks are not those of the other.
  const config = host.disk.text("/image/etc/faild.yaml") ?? "";
  assert(
    !/eth[AB]|192\.168\.[12]\.1/.test(config) && config.includes("\nrequestor: true\n"),
    config,
  );
  assert(out.includes("/etc/faild.yaml names no networks, since those of this machine"), out);
  assert(!(await setupHost("cron").faild("install")).out.includes("names no networks"));
});

Deno.test("before anything is changed the new program checks what the daemon would run with", async () => {
  for (const [code, exit] of [[6, 6], [1, 1], [139, 1]] as const) {
    const host = setupHost("cron");
    await host.faild("install");
    host.disk.put(CONFIG, "auth: {mode: enforce, key-file: /etc/keys}\n");
    host.disk.put("/usr/local/sbin/faild", "copy of version 0");
    host.lockFailure = { kind: "held", pid: 77 };
    host.programAnswer = (line) => {
      const isCheck = line.startsWith("/opt/faild check ");
      const errors = isCheck ? "faild: Cannot use /etc/keys: No such file\n" : "";
      return { kind: "ended", code: isCheck ? code : 0, output: "", errors };
    };
    const before = everything(host);
    host.diary.length = 0;
    for (const args of [["--force"], ["--force", "--dry-run"]]) {
      const refused = await host.faild("install", ...args);
      assertEquals([refused.exit, everything(host)], [exit, before]);
      assert(
        refused.error.endsWith(
          "faild: Cannot use /etc/keys: No such file\n" +
            "faild: Cannot install: faild check refuses the configuration; nothing was changed\n",
        ),
        refused.error,
      );
    }
    assertEquals(host.diary.filter((each) => /locked|stop|watchdog/.test(each)), []);
    assertEquals(host.disk.text("/usr/local/sbin/faild"), "copy of version 0");
  }
});

Deno.test("where nothing keeps the daemon running that is no success, and said", async () => {
  const cron = setupHost("bare");
  const started = await cron.faild("install", "--cron");
  assertEquals([started.exit, started.error], [
    1,
    "faild: Nothing looks after it: neither cron nor crond runs here; install and start one\n",
  ]);
  assert(started.out.includes("Installed for cron, and running; "), started.out);
  const systemd = setupHost("cron");
  const stopped = await systemd.faild("install", "--systemd");
  assertEquals([stopped.exit, stopped.error, systemd.programs], [
    1,
    "faild: Cannot start faild: systemd does not run here; where it does: " +
    "systemctl enable --now faild\n",
    [],
  ]);
  // The folder alone is what other packages leave.
  const folder = setupHost("bare");
  folder.disk.folder("/etc/cron.d");
  const refused = await folder.faild("install");
  assertEquals([refused.exit, folder.disk.files()], [1, []]);
  assert(/must be told --systemd or --cron, neither was found here\n$/.test(refused.error));
});

Deno.test("a dry run shows what cron would run where nothing was found, and that it has to be told", async () => {
  const host = setupHost("bare");
  const before = everything(host);
  const { exit, out, error } = await host.faild("install", "--dry-run");
  assertEquals([exit, everything(host), host.programs], [1, before, []]);
  assertEquals(
    error,
    "faild: Cannot install: must be told --systemd or --cron, neither was found here; " +
      "shown is what --cron places\n",
  );
  assertEquals(out, (await setupHost("bare").faild("install", "--cron", "--dry-run")).out);
  assert(out.includes("\n/etc/cron.d/faild: new, "), out);
});

Deno.test("an installation is not mixed with another kind of it", async () => {
  const host = setupHost("systemd");
  await host.faild("install", "--cron");
  const before = everything(host);
  const { exit, error } = await host.faild("install", "--systemd");
  assertEquals([exit, everything(host)], [1, before]);
  assertEquals(
    error,
    "faild: Cannot install for systemd in /usr/local: it is installed for cron in /usr/local; " +
      "run faild uninstall first\n",
  );
  // Without a word about it, it stays what it is.
  assert((await host.faild("install")).out.includes("Installed for cron"));
});

Deno.test("what stands in the way is said, with the exit code of its kind", async () => {
  const both = await setupHost("cron").faild("install", "--cron", "--systemd");
  assertEquals([both.exit, both.error], [
    2,
    "faild: Cannot use flag --cron: must not be given with --systemd\n",
  ]);
  const neither = await setupHost("bare").faild("install");
  assertEquals([neither.exit, neither.error], [
    1,
    "faild: Cannot install: must be told --systemd or --cron, neither was found here\n",
  ]);
  const denied = setupHost("cron");
  denied.disk.denied.push("/usr/local");
  const refused = await denied.faild("install");
  assertEquals([refused.exit, refused.error], [
    4,
    "faild: Cannot make folder /usr/local/sbin: Permission denied\n",
  ]);
  const record = setupHost("cron");
  record.disk.put(RECORD, "{}");
  const broken = await record.faild("install");
  assertEquals([broken.exit, broken.error], [
    1,
    `faild: Cannot read ${RECORD}: is no record of an installation\n`,
  ]);
});

Deno.test("a daemon that does not start is told of in the words of who could not start it", async () => {
  const cron = setupHost("cron");
  const errors = "faild: Cannot look after faild: no luck\n";
  cron.programAnswer = () => ({ kind: "ended", code: 1, output: "", errors });
  const outcome = await cron.faild("install");
  assertEquals([outcome.exit, outcome.error], [
    1,
    "faild: Cannot start /usr/local/sbin/faild: no luck\n",
  ]);
  const systemd = setupHost("systemd");
  systemd.programAnswer = (line) =>
    line.includes("enable")
      ? { kind: "missing" }
      : { kind: "ended", code: 0, output: "", errors: "" };
  const failed = await systemd.faild("install");
  assertEquals([failed.exit, failed.error], [
    1,
    "faild: Cannot run systemctl enable faild.service: there is no systemctl\n",
  ]);
});

Deno.test("what an earlier version placed and this one does not is still removed with the rest", async () => {
  const host = setupHost("cron");
  const before = everything(host);
  await host.faild("install");
  const record = JSON.parse(host.disk.text(RECORD) ?? "");
  host.disk.put("/usr/local/share/faild.old", "old");
  const old = (await host.disk.contentDigest({ text: "old" })).toString();
  record.files.push({ path: "/usr/local/share/faild.old", digest: old });
  host.disk.put(RECORD, JSON.stringify(record));
  assertEquals((await host.faild("install")).exit, 0);
  // The configuration names another log by now, and so is kept.
  host.disk.put(CONFIG, "log: {file: /var/log/other.log}\n").put("/var/log/faild.log", "");
  assertEquals((await host.faild("install")).exit, 0);
  assertEquals((await host.faild("uninstall")).exit, 0);
  assertEquals(everything(host), [...before, CONFIG].sort());
});

Deno.test("an installation that was interrupted goes on where it is begun again, or can be taken back", async () => {
  const upgraded = async () => {
    const host = setupHost("cron");
    await host.faild("install");
    const record = host.disk.text(RECORD) ?? "";
    host.disk.put("/usr/local/sbin/faild", "copy of version 0");
    host.disk.put(RECORD, record.replaceAll("copy of /opt/faild", "copy of version 0"));
    host.disk.denied.push("/usr/local/sbin");
    assertEquals((await host.faild("install")).exit, 4);
    host.disk.denied.length = 0;
    return host;
  };
  const host = await upgraded();
  assertEquals((await host.faild("install")).exit, 0);
  assertEquals(host.disk.text("/usr/local/sbin/faild"), "copy of /opt/faild");
  assert(!(host.disk.text(RECORD) ?? "").includes("version 0"));
  const other = await upgraded();
  const { exit, out } = await other.faild("uninstall");
  assertEquals([exit, other.disk.files()], [0, []]);
  assert(!out.includes("by hand"), out);
});

Deno.test("who installs again need not wait until the watchdog tries again", async () => {
  const host = setupHost("cron");
  host.records.written.set("/run/faild/watchdog/starts.json", "{}");
  await host.faild("install");
  assertEquals([...host.records.written.keys()], []);
});

Deno.test("a run directory that is not made at each start is made, and removed again", async () => {
  const host = setupHost("systemd");
  host.disk.put(CONFIG, "run-dir: /var/lib/faild/state\n");
  const before = everything(host);
  await host.faild("install");
  assert(host.disk.isFolder("/var/lib/faild/state"));
  await host.faild("uninstall");
  assertEquals(everything(host), before);
});
