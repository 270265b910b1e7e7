import { assert, assertEquals, assertMatch } from "@std/assert";
import type { TextFile } from "../../lib/host/files.ts";
import { FakeHost } from "./fake_host.ts";

Deno.test("check prints what would run, and takes neither lock nor log nor socket", async () => {
  const host = new FakeHost();
  const { exit, out, error } = await host.faild("check", "-r", "-l", "/var/log/faild.log");
  assertEquals([exit, error], [0, ""]);
  assertMatch(out, /mode +requestor and responder +flag -r\n/);
  assertMatch(out, /ethA +ethA +192\.168\.1\.1\/24 +usable\n/);
  assertEquals(host.diary, ["ip started", "ip closed"]);
  assertEquals([host.kernel.written, host.udp.opened], [[], []]);
});

Deno.test("check needs no rights, and may run beside a daemon", async () => {
  const host = new FakeHost();
  host.kernel.isPrivileged = false;
  host.lockFailure = { kind: "held", pid: 99 };
  assertEquals((await host.faild("check")).exit, 0);
});

Deno.test("check shows a network that was asked for and is not there", async () => {
  const host = new FakeHost();
  host.files.set("/c", { kind: "text", text: "networks: [{name: A, interface: eth9}]" });
  const { exit, out } = await host.faild("check", "-c", "/c");
  assertEquals(exit, 0);
  assertMatch(out, /A +- +- +not usable: .*eth9/);
});

for (const name of ["eth#1", "été0"]) {
  Deno.test(`check refuses the interface name ${name}, which the daemon could not use`, async () => {
    const host = new FakeHost();
    host.files.set("/c", { kind: "text", text: `networks: [{name: A, interface: "${name}"}]` });
    const { exit, out, error } = await host.faild("check", "-c", "/c");
    assertEquals([exit, out], [6, ""]);
    assertMatch(
      error,
      /^faild: Cannot use networks\[0\]\.interface: must be .*, is ".*" \(\/c:1\)\n$/,
    );
  });
}

Deno.test("check of a machine whose interfaces cannot be read fails, and closes ip", async () => {
  const host = new FakeHost();
  host.ipFailure = "Cannot start ip: No such file";
  assertEquals(await host.faild("check"), {
    exit: 1,
    out: "",
    error: "faild: Cannot read interfaces: Cannot start ip: No such file\n",
  });
  assert(host.diary.includes("ip closed"));
});

const KEY = `1 ${"ab".repeat(32)}\n`;

/** A machine with a configuration that names a key file. */
function withKeys(mode: string, keyFile: TextFile): FakeHost {
  const host = new FakeHost();
  const text = `auth:\n  mode: ${mode}\n  key-file: /etc/faild.keys\n`;
  host.files.set("/c", { kind: "text", text });
  host.secrets.set("/etc/faild.keys", keyFile);
  return host;
}

Deno.test("check shows which keys there are, and nothing of what is in them", async () => {
  const host = withKeys("enforce", { kind: "text", text: `7 ${"cd".repeat(16)}\n${KEY}` });
  const { exit, out, error } = await host.faild("check", "-c", "/c");
  assertEquals([exit, error], [0, ""]);
  assertMatch(out, /keys +signs with 7, accepts 7, 1; open to their owner only\n/);
  assert(!out.includes("cdcd") && !out.includes("abab"));
  assertEquals(host.keysInUse, [], "nothing is signed");
});

Deno.test("check of keys that cannot be used says why, as the daemon would", async () => {
  const open = "must be open to its owner only (chmod 600), its mode is 0644";
  const cases: readonly (readonly [TextFile, string])[] = [
    [{ kind: "failed", reason: open }, `Cannot read /etc/faild.keys: ${open}`],
    [{ kind: "missing" }, "Cannot read /etc/faild.keys: No such file"],
    [
      { kind: "text", text: "" },
      "Cannot use number of keys: must be 1 to 16, is 0 (/etc/faild.keys)",
    ],
  ];
  for (const [keyFile, line] of cases) {
    for (const mode of ["permissive", "enforce"]) {
      for (const command of [["check"], []]) {
        const host = withKeys(mode, keyFile);
        assertEquals(await host.faild(...command, "-c", "/c"), {
          exit: 6,
          out: "",
          error: `faild: ${line}\n`,
        });
        assertEquals([host.diary, host.keysInUse], [[], []]);
      }
    }
    const { exit, out } = await withKeys("off", keyFile).faild("check", "-c", "/c");
    assertEquals(exit, 0);
    assert(out.includes(`  ${line}\n`), out);
  }
});

Deno.test("cleanup needs no keys", async () => {
  const host = withKeys("enforce", { kind: "missing" });
  assertEquals((await host.faild("cleanup", "-c", "/c")).exit, 0);
});

Deno.test("check refuses a log that cannot be there, as the start would, but not what only others may write", async () => {
  const host = new FakeHost();
  host.logProblem = "There is no directory /none";
  assertEquals(await host.faild("check", "-l", "/none/x"), {
    exit: 1,
    out: "",
    error: "faild: Cannot log to /none/x: There is no directory /none\n",
  });
  const denied = new FakeHost();
  denied.logProblem = "Permission denied";
  const { exit, out } = await denied.faild("check", "-l", "/var/log/x");
  assertEquals(exit, 0);
  assertMatch(out, /cannot log to \/var\/log\/x: Permission denied/);
  const other = new FakeHost();
  other.logProblem = "There is no directory /none";
  assertEquals((await other.faild("check")).exit, 0, "there is no file for it");
});

const DOUBTFUL: readonly (readonly [string, string, string, (host: FakeHost) => void])[] = [
  [
    "a network that is not there",
    "networks: [{name: A, interface: ethA}, {name: B, interface: eth7}]\n",
    "network B cannot be used: there is no interface eth7",
    () => {},
  ],
  [
    "a hook that cannot be run",
    "hooks: [{on: [path], run: [/none]}]\n",
    "hook /none will not be run: No such file",
    (host) => host.hooks = { ...host.hooks, programProblem: () => "No such file" },
  ],
  [
    "a list that allows nobody",
    "allow: []\n",
    "allow is empty: no other node is listened to",
    () => {},
  ],
  [
    "a group that is not there",
    "control: {group: nosuch}\n",
    "control.group is nosuch: it may not ask the daemon, there is none",
    (host) => host.groupFailure = "there is none",
  ],
];

for (const [title, text, warning, prepare] of DOUBTFUL) {
  Deno.test(`check, start and reload take ${title} for the same: they warn of it`, async () => {
    const files = (host: FakeHost, content: string) => {
      host.files.set("/c", { kind: "text", text: content });
      prepare(host);
      return host;
    };
    const checked = await files(new FakeHost(), text).faild("check", "-c", "/c");
    assertEquals(checked.exit, 0);
    assert(checked.out.includes(`\n  ${warning}\n`), checked.out);

    const host = files(new FakeHost(), text);
    const ended = host.faild("-c", "/c");
    await host.until("logged network-ready");
    const asking = new FakeHost();
    asking.controls = host.controls;
    files(host, `${text}interval: 2\n`);
    const { exit, out, error } = await asking.faild("reload");
    assertEquals([exit, /^Reloaded: .*interval.* changed\n$/.test(out)], [0, true], out);
    assert(error.includes(`faild: Warning: ${warning}\n`), error);
    host.signals?.stop("SIGTERM");
    assertEquals((await ended).exit, 0);
    const logged = host.log.filter(({ event }) => event === "configuration-doubtful")
      .map(({ text }) => text);
    // That of the group is told by the socket, as an error.
    const expected = title.includes("group") ? [] : [warning, warning];
    assertEquals(
      logged.filter((each) => each.includes(warning)),
      expected.map((each) => `Configuration: ${each}`),
    );
  });
}

Deno.test("check names two networks on one subnet, of which only the first can be used", async () => {
  const host = new FakeHost();
  host.kernel.addLink("ethC");
  host.kernel.addAddress("ethC", "192.168.1.77/24");
  const { exit, out } = await host.faild("check");
  assertEquals(exit, 0);
  assertMatch(
    out,
    /ethC +- +- +not usable: 192\.168\.1\.0\/24 on ethC overlaps 192\.168\.1\.0\/24 on ethA, which is network ethA\n/,
  );
});
