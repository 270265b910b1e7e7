import { assert, assertEquals, assertMatch } from "@std/assert";
import { daemonArguments } from "../../lib/cli/daemon_arguments.ts";
import { type CommandLine, parseCommandLine } from "../../lib/config/command_line.ts";
import { FakeHost } from "./fake_host.ts";

/** What a command line asks for, whose environment names a run directory. */
function parsed(...argv: string[]): Extract<CommandLine, { kind: "run" | "command" }> {
  const line = parseCommandLine(argv, { runDirFromEnvironment: "/run/other" });
  if (line.kind !== "run" && line.kind !== "command") throw new Error(line.kind);
  return line;
}

Deno.test("the daemon is given every flag of the watchdog, and its configuration file", () => {
  const flags = ["-r", "-t0.05", "-f", "5", "--log-file=/var/log/a b.log", "-c", "./faild.yaml"];
  const call = parsed("watchdog", ...flags);
  const args = daemonArguments(call);
  assertEquals(args.includes("--requestor") && args.includes("--config=./faild.yaml"), true);
  const daemon = parsed(...args);
  assertEquals(daemon.kind, "run");
  const values = (line: typeof call) => [...line.given].map(([id, { value }]) => [id, value]);
  assertEquals(values(daemon), values(call));
  assertEquals(daemon.configFile, call.configFile);
});

Deno.test("what the environment says is not said again by flags", () => {
  assertEquals(daemonArguments(parsed("watchdog")), []);
  assertEquals(daemonArguments(parsed("watchdog", "--run-dir", "/run/x")), ["--run-dir=/run/x"]);
});

Deno.test("a daemon that cannot be started is told of, with its reason, and the exit code is 1", async () => {
  const host = new FakeHost();
  const { exit, out, error } = await host.faild("watchdog", "-r");
  assertEquals([exit, out], [1, ""]);
  const reason = "faild did not run; Cannot run it: this is a test";
  assertEquals(error, `faild: Cannot look after faild: ${reason}\n`);
  assertEquals(host.diary.filter((entry) => /lock|started/.test(entry)), [
    "locked /run/faild/watchdog",
    "started /opt/faild --requestor",
    "unlocked",
  ]);
});

const KEYED = "auth: {mode: enforce, key-file: /k}\n";
const OPEN = "must be open to its owner only (chmod 600), its mode is 0644";

Deno.test("where configuration or keys cannot be used that is told, with its exit code, and nothing is started", async () => {
  for (
    const [text, reason] of [
      [
        "interval: soon\n",
        /: Cannot use interval: must be .*, is "?soon"? \(\/etc\/faild\.yaml:1\)\n$/,
      ],
      [
        KEYED,
        /: Cannot read \/k: must be open to its owner only \(chmod 600\), its mode is 0644\n$/,
      ],
    ] as const
  ) {
    const host = new FakeHost();
    host.files.set("/etc/faild.yaml", { kind: "text", text });
    host.secrets.set("/k", { kind: "failed", reason: OPEN });
    const { exit, out, error } = await host.faild("watchdog");
    assertEquals([exit, out], [6, ""]);
    assertMatch(
      error,
      /^faild: Cannot look after faild: faild did not run; another one cannot be /,
    );
    assertMatch(error, reason);
    assertEquals(host.diary.filter((entry) => entry.startsWith("started")), []);
    // It is told each time: nobody looks after the traffic meanwhile.
    assertEquals(host.records.written.get("/run/faild/watchdog/starts.json"), undefined);
  }
});

Deno.test("a daemon that is well is left alone, without a word and without a lock", async () => {
  const daemon = new FakeHost();
  const running = daemon.faild("-r");
  await daemon.until("logged network-ready");
  const host = new FakeHost();
  host.controls = daemon.controls;
  assertEquals(await host.faild("watchdog"), { exit: 0, out: "", error: "" });
  assertEquals(host.diary, []);
  daemon.signals?.stop("SIGTERM");
  assertEquals((await running).exit, 0);
});

Deno.test("a daemon that is well is left alone, whatever became of its configuration; that is told once", async () => {
  const daemon = new FakeHost();
  daemon.variables.set("FAILD_RUN_DIR", "/run/other");
  const running = daemon.faild("-r");
  await daemon.until("logged network-ready");
  const record = "/run/other/watchdog/starts.json";
  const diary: string[] = [];
  let recorded: string | undefined;
  const run = async (text: string) => {
    const host = new FakeHost();
    host.controls = daemon.controls;
    if (recorded !== undefined) host.files.set(record, { kind: "text", text: recorded });
    host.files.set("/etc/faild.yaml", { kind: "text", text: `run-dir: /run/other\n${text}` });
    host.secrets.set("/k", { kind: "failed", reason: OPEN });
    const outcome = await host.faild("watchdog");
    recorded = host.records.written.get(record) ?? recorded;
    diary.push(...host.diary);
    return outcome;
  };
  const silent = { exit: 6, out: "", error: "" };
  const fate = "; it works at that, and is left alone\n";
  const begin = "faild: Cannot look after faild: faild could not be started anew: ";
  const typo = await run("interval: soon\n");
  assertEquals([typo.exit, typo.out], [6, ""]);
  assert(typo.error.startsWith(`${begin}Cannot use interval: `), typo.error);
  assert(typo.error.endsWith(fate), typo.error);
  assertEquals(await run("interval: soon\n"), silent);
  assertEquals(await run(KEYED), { ...silent, error: `${begin}Cannot read /k: ${OPEN}${fate}` });
  assertEquals(await run(KEYED), silent);
  assertEquals(await run(""), { exit: 0, out: "faild watchdog: faild is well again\n", error: "" });
  assertEquals(await run(""), { exit: 0, out: "", error: "" });
  assertEquals(diary.filter((entry) => /started|kill/.test(entry)), []);
  daemon.signals?.stop("SIGTERM");
  assertEquals((await running).exit, 0);
  assertEquals((await run("interval: soon\n")).exit, 6);
});

Deno.test("who was told of a fault is told of its end, where the daemon is well again", async () => {
  const daemon = new FakeHost();
  const running = daemon.faild("-r");
  await daemon.until("logged network-ready");
  const host = new FakeHost();
  host.controls = daemon.controls;
  const record = "/run/faild/watchdog/starts.json";
  const told = { startedAt: [], isRestTold: false, toldFault: "faild is not well" };
  host.files.set(record, { kind: "text", text: JSON.stringify(told) });
  assertEquals(await host.faild("watchdog"), {
    exit: 0,
    out: "faild watchdog: faild is well again\n",
    error: "",
  });
  assertEquals(JSON.parse(host.records.written.get(record) ?? ""), { ...told, toldFault: null });
  daemon.signals?.stop("SIGTERM");
  assertEquals((await running).exit, 0);
});

Deno.test("another watchdog that is at work for too long is told of", async () => {
  const host = new FakeHost();
  host.lockFailure = { kind: "held", pid: 77 };
  const { exit, error } = await host.faild("watchdog");
  assertEquals(exit, 1);
  assertMatch(error, /another watchdog with pid 77 has been at work for more than 30 s\n$/);
});

/** What the watchdog remembers during a rest that it told of. */
function restingText(): string {
  const startedAt = [1, 2, 3, 4, 5].map((each) => Date.UTC(2026, 10, 22, 12) - each);
  return JSON.stringify({ startedAt, isRestTold: true });
}

Deno.test("--now ends a rest", async () => {
  const host = new FakeHost();
  const record = "/run/faild/watchdog/starts.json";
  host.records.written.set(record, restingText());
  host.readTextFile = (path) => {
    const text = host.records.written.get(path);
    return text === undefined ? { kind: "missing" } : { kind: "text", text };
  };
  await host.faild("watchdog", "-r");
  assertEquals(host.diary.includes("started /opt/faild --requestor"), false);
  await host.faild("watchdog", "-r", "--now");
  // What the daemon is given is for the daemon alone.
  assertEquals(host.diary.includes("started /opt/faild --requestor"), true);
  assertEquals(JSON.parse(host.records.written.get(record) ?? "").startedAt.length, 1);
});

Deno.test("a rest that cron was told of is told again to who sits before a terminal", async () => {
  const text = restingText();
  for (const isOnTerminal of [false, true]) {
    const host = new FakeHost();
    host.isOnTerminal = isOnTerminal;
    host.files.set("/run/faild/watchdog/starts.json", { kind: "text", text });
    const { exit, error } = await host.faild("watchdog");
    assertEquals(exit, 1);
    assertMatch(error, isOnTerminal ? /it is left alone for/ : /^$/);
  }
});

Deno.test("who may not write to the run directory has the exit code of that", async () => {
  const host = new FakeHost();
  host.lockFailure = { kind: "failed", reason: "Cannot use run directory: no", isDenied: true };
  assertEquals(await host.faild("watchdog"), {
    exit: 4,
    out: "",
    error: "faild: Cannot use run directory: no\n",
  });
});
