import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeHost } from "./fake_host.ts";

const FILE = "/etc/faild.yaml";

function hostWith(path: string, text: string): FakeHost {
  const host = new FakeHost();
  host.files.set(path, { kind: "text", text });
  return host;
}

/** That nothing was opened, taken or changed. */
function assertUntouched(host: FakeHost): void {
  assertEquals(host.diary, []);
  assertEquals(host.kernel.written, []);
  assertEquals(host.udp.opened, []);
}

Deno.test("help and version are printed, and nothing else is done", async () => {
  for (
    const [flag, line] of [["--help", "Usage: faild"], ["--version", "faild 0.1.0\n"]] as const
  ) {
    const host = hostWith(FILE, "not: known");
    const { exit, out, error } = await host.faild(flag);
    assertEquals([exit, error], [0, ""]);
    assert(out.startsWith(line), out);
    assertUntouched(host);
  }
});

Deno.test("help on a command is the same by flag and by command, whatever the configuration", async () => {
  const texts = [];
  for (const args of [["help", "cleanup"], ["cleanup", "--help"], ["cleanup", "-h"]]) {
    const host = hostWith(FILE, "not: known");
    const { exit, out, error } = await host.faild(...args);
    assertEquals([exit, error], [0, ""]);
    assertUntouched(host);
    texts.push(out);
  }
  assert(texts[0]?.startsWith("Usage: faild cleanup "), texts[0]);
  assertEquals(new Set(texts).size, 1);
});

Deno.test("a wrong flag is one line with the program's name and exit code 2, and nothing is started", async () => {
  const cases: readonly (readonly [string[], string])[] = [
    [["-t", "-1"], "Cannot use interval: must be 0.01 to 3600 s, is -1 (flag -t)"],
    [["-x"], "Cannot use flag -x: must be a known flag (see faild --help)"],
    [["cleanup", "-p0"], "Cannot use port: must be a whole number, 1 to 65535, is 0 (flag -p)"],
    [["start"], "Cannot use command: must be a known command (see faild --help), is start"],
  ];
  for (const [args, line] of cases) {
    const host = new FakeHost();
    assertEquals(await host.faild(...args), { exit: 2, out: "", error: `faild: ${line}\n` });
    assertUntouched(host);
  }
});

Deno.test("a fault of the program is one line, and to monitoring systems an unknown state", async () => {
  for (const [command, exit] of [["status", 1], ["health", 3]] as const) {
    const host = new FakeHost();
    host.connectControl = () => {
      throw new TypeError("x is undefined");
    };
    const error = "faild: Cannot go on: a fault of the program, please report it: x is undefined\n";
    assertEquals(await host.faild(command), { exit, out: "", error });
  }
});

Deno.test("to monitoring systems a wrong command line is no critical state, but an unknown one", async () => {
  for (const args of [["health", "--nope"], ["health", "now"], ["health", "--run-dir=x"]]) {
    const { exit, error } = await new FakeHost().faild(...args);
    assertEquals(exit, 3);
    assertMatch(error, /^faild: Cannot use /);
  }
  const { out } = await new FakeHost().faild("help", "health");
  assert(!out.includes("wrong flag, argument or value"), out);
});

Deno.test("all wrong values of a command line are reported, a line each", async () => {
  assertEquals(await new FakeHost().faild("-t0", "-f", "0"), {
    exit: 2,
    out: "",
    error: "faild: Cannot use interval: must be 0.01 to 3600 s, is 0 (flag -t)\n" +
      "faild: Cannot use fail-after: must be a whole number, 1 to 1000, is 0 (flag -f)\n",
  });
});

Deno.test("a wrong environment variable is a wrong usage too, and a right one is used", async () => {
  const host = new FakeHost();
  host.variables.set("FAILD_RUN_DIR", "here");
  assertEquals((await host.faild()).exit, 2);
  assertUntouched(host);
  const other = new FakeHost();
  other.variables.set("FAILD_RUN_DIR", "/run/other");
  assertEquals((await other.faild("cleanup")).exit, 0);
  assert(other.diary.includes("locked /run/other"));
});

Deno.test("all that is wrong with the configuration is reported, a line each, with exit code 6", async () => {
  for (const command of [[], ["check"], ["cleanup"]]) {
    const host = hostWith(FILE, "interval: 0\nfail-afer: 3\n");
    assertEquals(await host.faild(...command), {
      exit: 6,
      out: "",
      error: `faild: Cannot use interval: must be 0.01 to 3600 s, is 0 (${FILE}:1)\n` +
        `faild: Cannot use fail-afer: must be a known key (nearest is fail-after) (${FILE}:2)\n`,
    });
    assertUntouched(host);
  }
});

Deno.test("a file named by -c that cannot be read is exit code 6", async () => {
  const host = new FakeHost();
  const missing = await host.faild("-c", "/none.yaml");
  assertEquals(missing, {
    exit: 6,
    out: "",
    error: "faild: Cannot read /none.yaml: No such file\n",
  });
  const denied = new FakeHost();
  denied.files.set("/a.yaml", { kind: "failed", reason: "Permission denied" });
  const refused = await denied.faild("check", "-c", "/a.yaml");
  assertEquals([refused.exit, refused.error], [
    6,
    "faild: Cannot read /a.yaml: Permission denied\n",
  ]);
  assertUntouched(host);
  assertUntouched(denied);
});

Deno.test("the file in /etc is not needed, but if it is there it must be readable", async () => {
  assertEquals((await new FakeHost().faild("check")).exit, 0);
  const host = new FakeHost();
  host.files.set(FILE, { kind: "failed", reason: "Permission denied" });
  assertEquals((await host.faild("check")).exit, 6);
});

Deno.test("the file of -c is read instead of the one in /etc", async () => {
  const host = hostWith(FILE, "interval: 7\n");
  host.files.set("own.yaml", { kind: "text", text: "interval: 9\n" });
  const { exit, out } = await host.faild("check", "-c", "own.yaml");
  assertEquals(exit, 0);
  assertMatch(out, /interval +9 s +own\.yaml:1\n/);
});

Deno.test("a name that would break a line or move the cursor is written as its code", async () => {
  const host = new FakeHost();
  const { exit, error } = await host.faild("-c", "a\n\u001b[2Jb");
  assertEquals([exit, error], [6, "faild: Cannot read a\\u000a\\u001b[2Jb: No such file\n"]);
});
