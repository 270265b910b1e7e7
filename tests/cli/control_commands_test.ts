import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { PeerView } from "../../lib/control_protocol.ts";
import { FakeControls } from "../fakes/control_pipe.ts";
import { settle } from "../shells/fake_udp.ts";
import { FakeHost } from "./fake_host.ts";
import { Running } from "./running_daemon.ts";

const SOCKET = "/run/faild/control.sock";

Deno.test("each command that asks says that no daemon runs, with the code for it", async () => {
  const cases = [["status", 3], ["reload", 7], ["failback", 7]] as const;
  for (const [command, exit] of cases) {
    const host = new FakeHost();
    assertEquals(await host.faild(command), {
      exit,
      out: "",
      error: `faild: faild is not running: nobody listens at ${SOCKET}\n`,
    });
  }
  for (const command of ["drain", "undrain"]) {
    assertEquals((await new FakeHost().faild(command, "A")).exit, 7);
  }
  const health = await new FakeHost().faild("health");
  assertEquals(health, {
    exit: 3,
    out: `UNKNOWN: faild is not running: nobody listens at ${SOCKET}\n`,
    error: "",
  });
});

Deno.test("a daemon that listens and says nothing is told apart from none: it hangs", async () => {
  for (const [command, exit] of [["status", 1], ["health", 2]] as const) {
    const host = new FakeHost();
    host.controls.listen(SOCKET, null);
    // The time is up at once.
    host.alarm = ((ring: () => void) => ({
      wakeAt: (atMs: number | null) => atMs === null ? undefined : void queueMicrotask(ring),
    })) as typeof host.alarm;
    const { exit: code, out, error } = await host.faild(command);
    assertEquals(code, exit);
    assertMatch(out + error, /does not answer/);
  }
});

Deno.test("who may not ask is told what to do", async () => {
  const host = new FakeHost();
  host.connectControl = () => Promise.resolve({ kind: "forbidden", reason: "Permission denied" });
  const { exit, error } = await host.faild("status");
  assertEquals(exit, 4);
  assertMatch(error, /Permission denied \(run as root, or as a member of the group/);
});

Deno.test("the socket has the configured group, and is gone when the daemon stops", async () => {
  const running = await Running.start("control: {group: operators}\n");
  const listener = running.host.controls.listeners.get(SOCKET);
  assertEquals(listener?.groups, ["operators"]);
  await running.stop();
  assertEquals(listener?.isClosed, true);
});

Deno.test("a daemon whose socket cannot be opened does its work, and says so once", async () => {
  const running = await Running.start("requestor: true\n", (host) => {
    host.controls.failure = "Path too long";
  });
  const told = running.host.log.filter(({ event }) => event === "control-failed");
  assertEquals(told.length, 1);
  assertMatch(
    told[0]?.text ?? "",
    /Cannot listen at .*, so status and reload do not work: Path too/,
  );
  assertEquals(running.host.udp.openAddresses().length, 4);
  await running.stop();
});

Deno.test("status shows the networks as text, and everything as JSON", async () => {
  const running = await Running.start("requestor: true\n");
  const { exit, out, error } = await running.faild("status");
  assertEquals([exit, error], [0, ""]);
  assertMatch(
    out,
    /^host1: faild 0\.1\.0, requestor and responder, interval 1 s, up 0 ms, pid 4711$/m,
  );
  assertMatch(out, /^ethA +ethA +192\.168\.1\.1\/24 +usable +0 up +1 +0$/m);
  assertStringIncludes(out, "routes are as wanted");
  assert(!out.includes("\x1b"), "no colours where it is no terminal");
  const json = JSON.parse((await running.faild("status", "--json")).out);
  assertEquals([json.node, json.peers, json.peerCounts.known], ["host1", [], 0]);
  await running.stop();
});

Deno.test("status is coloured on a terminal, unless NO_COLOR asks for none", async () => {
  const running = await Running.start("requestor: true\n");
  for (const [name, value, isColoured] of [["X", "", true], ["NO_COLOR", "1", false]] as const) {
    const asking = new FakeHost();
    asking.controls = running.host.controls;
    asking.isOnTerminal = true;
    asking.variables.set(name, value);
    const { out } = await asking.faild("status");
    assertEquals(out.includes("\x1b["), isColoured);
  }
  await running.stop();
});

Deno.test("status asks the daemon of the run directory that flags or file name, even where the file has an error", async () => {
  const at = (host: FakeHost) => {
    const controls = new FakeControls();
    host.controls = controls;
    return controls;
  };
  for (
    const [args, text] of [
      [["--run-dir", "/run/two"], ""],
      [["-c", "/c"], "run-dir: /run/two\n"],
      [["-c", "/c", "--run-dir", "/run/one"], "run-dir: /run/two\ninterval: never\n"],
    ] as const
  ) {
    const host = new FakeHost();
    const controls = at(host);
    host.files.set("/c", { kind: "text", text });
    const asked: string[] = [];
    host.connectControl = (path) => {
      asked.push(path);
      return controls.connect(path);
    };
    assertEquals((await host.faild("status", ...args)).exit, 3);
    assertEquals(asked, ["/run/two/control.sock"]);
  }
  const missing = await new FakeHost().faild("status", "-c", "/missing");
  assertEquals([missing.exit, missing.error], [6, "faild: Cannot read /missing: No such file\n"]);
});

Deno.test("health is one line with a code: well, and warned of a drained network", async () => {
  const running = await Running.start("requestor: true\n");
  assertEquals(await running.faild("health"), {
    exit: 0,
    out: "OK: 0 peers, 0 paths up, routes are as wanted | " +
      "peers=0 unreachable=0 up=0 down=0 lossy=0 held=0\n",
    error: "",
  });
  await running.faild("drain", "ethA");
  const warned = await running.faild("health");
  assertEquals(warned.exit, 1);
  assertMatch(warned.out, /^WARNING: ethA is not used, drained \| /);
  const json = JSON.parse((await running.faild("health", "--json")).out);
  assertEquals([json.health, json.code, json.reasons], ["warning", 1, [
    "ethA is not used, drained",
  ]]);
  await running.stop();
});

Deno.test("a reload takes what changed, and says so on standard output and in one line of the log", async () => {
  const running = await Running.start("requestor: true\ninterval: 1\n");
  running.change(
    "requestor: true\ninterval: 0.5\nnode: other\npeers: [{node: p, addresses: [192.168.1.9]}]\n",
  );
  const before = running.host.log.length;
  const { exit, out } = await running.faild("reload");
  assertEquals(exit, 0);
  assertEquals(out, "Reloaded: interval, confirm-interval, answer-wait, node, peers changed\n");
  const lines = running.host.log.slice(before).filter(({ event }) => event.startsWith("reload"));
  assertEquals(lines.map(({ text }) => text), [
    "Reloaded /c: interval, confirm-interval, answer-wait, node, peers changed",
  ]);
  const json = JSON.parse((await running.faild("status", "--json")).out);
  assertEquals([json.node, json.intervalMs], ["other", 500]);
  assertEquals(json.peers.map(({ node }: PeerView) => node), ["p"]);
  assertEquals((await running.faild("reload")).out, "Reloaded: nothing changed\n");
  await running.stop();
});

Deno.test("a reload with errors changes nothing, and prints them all", async () => {
  const running = await Running.start("requestor: true\ninterval: 1\n");
  running.change("interval: never\nport: 99999\nnode: other\n");
  const { exit, out, error } = await running.faild("reload");
  assertEquals([exit, out], [6, ""]);
  const lines = error.trimEnd().split("\n");
  assertEquals(lines.length, 2);
  assertMatch(lines[0] ?? "", /^faild: Cannot use interval: .* \(\/c:1\)$/);
  assertMatch(lines[1] ?? "", /^faild: Cannot use port: .* \(\/c:2\)$/);
  assertEquals(running.event(), "reload-refused");
  running.host.files.delete("/c");
  assertMatch((await running.faild("reload")).error, /Cannot read \/c: No such file/);
  const json = JSON.parse((await running.faild("status", "--json")).out);
  assertEquals([json.node, json.intervalMs, json.requestor], ["host1", 1000, true]);
  await running.stop();
});

Deno.test("what cannot change while it runs is refused by name, and nothing else of that file is taken", async () => {
  const running = await Running.start("requestor: true\n");
  running.change(
    "requestor: true\ninterval: 0.2\nport: 4000\nrun-dir: /run/other\n" +
      "routing: {table: 99, rule-priority: 98, protocol: 97}\n" +
      "auth: {mode: enforce, key-file: /k}\n",
  );
  const { exit, error } = await running.faild("reload");
  assertEquals(exit, 6);
  const names = [...error.matchAll(/Cannot use ([\w.-]+): must stay/g)].map(([, name]) => name);
  assertEquals(names, [
    "run-dir",
    "port",
    "routing.table",
    "routing.rule-priority",
    "routing.protocol",
    "auth.mode",
  ]);
  assertStringIncludes(
    error,
    "Cannot use port: must stay 32453 until faild is started anew, is 4000 (/c:3)",
  );
  const json = JSON.parse((await running.faild("status", "--json")).out);
  assertEquals(json.intervalMs, 1000);
  await running.stop();
});

Deno.test("keys that are wrong make a reload change nothing; right ones come with it", async () => {
  const text = (interval: number) =>
    `requestor: true\ninterval: ${interval}\nauth: {mode: enforce, key-file: /k}\n`;
  const key = (id: number) => `${id} ${"ab".repeat(32)}\n`;
  const running = await Running.start(text(1), (host) => {
    host.secrets.set("/k", { kind: "text", text: key(1) });
  });
  running.change(text(2));
  running.host.secrets.set("/k", { kind: "text", text: "nonsense\n" });
  assertEquals((await running.faild("reload")).exit, 6);
  assertEquals(running.host.keysInUse, [[1]]);
  assertEquals(JSON.parse((await running.faild("status", "--json")).out).intervalMs, 1000);
  running.host.secrets.set("/k", { kind: "text", text: key(2) });
  const { exit, out } = await running.faild("reload");
  assertEquals(exit, 0);
  assertMatch(
    out,
    /^Reloaded: interval, .*keys changed; packets are signed with key 2, accepted with 2\n$/,
  );
  assertEquals(running.host.keysInUse, [[1], [2]]);
  assertEquals(JSON.parse((await running.faild("status", "--json")).out).intervalMs, 2000);
  await running.stop();
});

Deno.test("a reload tells each step of a change of keys, and another secret under the same id, by ids alone", async () => {
  const running = await Running.start("auth: {mode: enforce, key-file: /k}\n", (host) => {
    host.secrets.set("/k", { kind: "text", text: `1 ${"ab".repeat(32)}\n` });
  });
  const [one, other, two] = [
    `1 ${"ab".repeat(32)}`,
    `1 ${"cd".repeat(32)}`,
    `2 ${"ef".repeat(32)}`,
  ];
  const steps = [
    [[one], "nothing changed; packets are signed with key 1, accepted with 1"],
    [[one, two], "keys changed; packets are signed with key 1, accepted with 1, 2"],
    [[two, one], "keys changed; packets are signed with key 2, accepted with 2, 1"],
    [[two, other], "secret of key 1 changed; packets are signed with key 2, accepted with 2, 1"],
    [[other], "keys changed; packets are signed with key 1, accepted with 1"],
  ] as const;
  for (const [lines, told] of steps) {
    running.host.secrets.set("/k", { kind: "text", text: lines.join("\n") });
    assertEquals(await running.faild("reload"), { exit: 0, out: `Reloaded: ${told}\n`, error: "" });
    assertEquals(running.host.log.at(-1)?.text, `Reloaded /c: ${told}`);
  }
  await running.stop();
});

Deno.test("another log is opened before the one in use is closed; one that cannot be opened changes nothing", async () => {
  const running = await Running.start("log: {file: /var/log/a}\n");
  running.change("log: {file: /var/log/b}\ninterval: 3\n");
  running.host.logFailure = "Cannot log to /var/log/b: Permission denied";
  assertMatch((await running.faild("reload")).error, /Cannot log to \/var\/log\/b/);
  assertEquals(JSON.parse((await running.faild("status", "--json")).out).intervalMs, 1000);
  running.host.logFailure = null;
  const before = running.host.diary.length;
  assertEquals((await running.faild("reload")).exit, 0);
  const diary = running.host.diary.slice(before).filter((entry) => /^log/.test(entry));
  assertEquals(diary.slice(0, 3), ["log reopened", "log opened: /var/log/b", "log closed"]);
  assertEquals(diary.at(-1), "logged reloaded");
  await running.stop();
});

Deno.test("a daemon that hangs up without an answer was not waited for, and nobody says so", async () => {
  const host = new FakeHost();
  host.connectControl = () =>
    Promise.resolve({
      kind: "connected",
      connection: {
        read: () => Promise.resolve(null),
        write: () => Promise.resolve(false),
        close: () => {},
      },
    });
  const { exit, error } = await host.faild("reload");
  assertEquals([exit, error], [
    1,
    "faild: faild does not answer at /run/faild/control.sock: it ended the connection\n",
  ]);
});

Deno.test("reload opens the log anew, be the configuration right or wrong", async () => {
  const running = await Running.start("requestor: true\n");
  for (const text of ["requestor: true\n", "interval: [\n"]) {
    running.change(text);
    const before = running.host.diary.length;
    await running.faild("reload");
    assertEquals(running.host.diary.slice(before)[0], "log reopened");
  }
  await running.stop();
});

Deno.test("HUP does the same as reload", async () => {
  const running = await Running.start("requestor: true\n");
  running.change("requestor: true\ninterval: 0.25\n");
  running.host.signals?.reload();
  assertEquals(running.host.diary.at(-1), "log reopened");
  await settle();
  assertEquals(running.event(), "reloaded");
  assertEquals(JSON.parse((await running.faild("status", "--json")).out).intervalMs, 250);
  await running.stop();
});

Deno.test("failback reaches the daemon", async () => {
  const running = await Running.start("failback: manual\n");
  const count = () => running.host.alarms.length;
  const before = count();
  await running.faild("health");
  // The time limits of whoever only asks.
  const limits = count() - before;
  assertEquals(await running.faild("failback"), {
    exit: 0,
    out: "No traffic is held elsewhere: nothing changes\n",
    error: "",
  });
  assertEquals(count(), before + limits + limits + 1, "the daemon took one event");
  await running.stop();
});
