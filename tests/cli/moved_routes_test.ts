import { assertEquals, assertMatch } from "@std/assert";
import type { Ran } from "../../lib/host/program.ts";
import { settle } from "../shells/fake_udp.ts";
import { FakeHost } from "./fake_host.ts";

const FILE = "/run/faild/moved";
const BOOT = "62fd0d55-13a3-4dd6-9066-4dc25fb4b4b1";
const OTHER_BOOT = "00000000-13a3-4dd6-9066-4dc25fb4b4b1";
const RULE = "rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245";
const ROUTE =
  "route add 192.168.1.2/32 via 192.168.2.2 dev ethB src 192.168.1.1 table 245 proto 245";
const LINE = "192.168.1.2 192.168.2.2 ethB 192.168.1.1";
const CAT = "cat /proc/sys/kernel/random/boot_id /proc/uptime";

/** A machine on which that file, and what is written to files, can be read; it has been up for so long. */
function machine(uptime: string, kept: string | null = null, boot = BOOT): FakeHost {
  const host = new FakeHost();
  const { written } = host.records;
  const { readTextFile } = host;
  host.readTextFile = (path) => {
    const text = written.get(path);
    return text === undefined ? readTextFile(path) : { kind: "text", text };
  };
  if (kept !== null) written.set(FILE, kept);
  host.programAnswer = () => said(`${boot}\n${uptime} 1234.56\n`);
  return host;
}

function said(output: string, code = 0): Ran {
  return { kind: "ended", code, output, errors: "" };
}

/** Runs a daemon until it has found its networks, does something, and stops it; what it told of kept routes. */
async function run(
  host: FakeHost,
  text = "requestor: true\n",
  meanwhile: () => void = () => {},
): Promise<string[]> {
  host.files.set("/c", { kind: "text", text });
  const ended = host.faild("-c", "/c");
  await host.until("logged network-ready");
  await settle();
  meanwhile();
  await settle();
  host.signals?.stop("SIGTERM");
  assertEquals(await ended, { exit: 0, out: "", error: "" });
  const about = /^(routes-(not-)?put-back|moved-unusable|keep-failed|adopted)$/;
  return host.log.filter(({ event }) => about.test(event)).map(({ text }) => text);
}

Deno.test("a stop keeps the routes that it takes out of the kernel, with the boot id and the uptime", async () => {
  const host = machine("1234.50");
  host.kernel.admin(ROUTE);
  host.kernel.admin("route add 192.168.1.3/32 via 192.168.2.3 dev ethB table 245 proto 245");
  await run(host);
  assertEquals(
    host.records.written.get(FILE),
    `${BOOT} 1234500 30000\n${LINE}\n192.168.1.3 192.168.2.3 ethB\n`,
  );
  assertEquals(host.programs, [CAT]);
});

Deno.test("a start within the grace puts the kept routes back before anything else, once", async () => {
  const host = machine("1264.50", `${BOOT} 1234500 30000\n${LINE}\n`);
  assertEquals(
    await run(host, undefined, () => {
      assertEquals(host.kernel.written, [RULE, ROUTE]);
      assertEquals(host.records.written.has(FILE), false);
    }),
    [
      "1 route of the previous run put back: it was stopped 30 s ago, within stop-grace (30 s)",
      "1 route of the previous run kept until more is known: 192.168.1.2 via 192.168.2.2 on ethB",
    ],
  );
  assertEquals(host.log.filter(({ event }) => event === "repaired"), []);
});

Deno.test("what a stop keeps is what the next start puts back", async () => {
  const before = machine("100.00");
  before.kernel.admin(ROUTE);
  await run(before);
  const next = machine("100.70", before.records.written.get(FILE));
  const [told] = await run(next);
  assertMatch(told ?? "", /^1 route of the previous run put back: it was stopped 700 ms ago/);
  assertEquals(next.kernel.written.slice(0, 2), [RULE, ROUTE]);
});

Deno.test("a start later than the grace, without one, or of the machine itself, puts nothing back", async () => {
  const kept = `${BOOT} 1234500 30000\n${LINE}\n`;
  const cases = [
    ["1264.51", BOOT, "", "it was stopped 30 s ago, longer than stop-grace (30 s)"],
    ["1236.51", BOOT, "stop-grace: 2\n", "it was stopped 2 s ago, longer than stop-grace (2 s)"],
    ["1234.51", BOOT, "stop-grace: 0\n", "it was stopped 10 ms ago, longer than stop-grace (0 ms)"],
    ["1264.51", BOOT, "stop-grace: 40\n", "it was stopped 30 s ago, longer than stop-grace (30 s)"],
    ["1234.51", OTHER_BOOT, "", "the machine was started since"],
  ] as const;
  for (const [uptime, boot, text, why] of cases) {
    const host = machine(uptime, kept, boot);
    assertEquals(await run(host, text), [`1 route of the previous run not put back: ${why}`]);
    assertEquals(host.kernel.written.filter((line) => line.startsWith("route add")), []);
    assertEquals(host.records.written.has(FILE), false);
  }
});

Deno.test("starts that hear nobody do not make the routes of the first stop last longer", async () => {
  const host = machine("1234.90", `${BOOT} 1234500 30000\n${LINE}\n`);
  await run(host);
  assertEquals(host.records.written.get(FILE), `${BOOT} 1234500 30000\n${LINE}\n`);
});

Deno.test("a file that is not as a stop writes it is ignored as a whole, with one line, and removed", async () => {
  const head = `${BOOT} 1234500 30000\n`;
  const cases: readonly (readonly [string, string])[] = [
    ["", "it has no end"],
    [head, "it has no route"],
    [`${head}${LINE}`, "it has no end"],
    [`${head}${LINE}\n\n`, "line 3 is no route"],
    [`${head}${LINE}\n${LINE}\n`, "line 3 is a second route"],
    [`${head}${LINE} more\n`, "line 2 is no route"],
    [`${head}192.168.1.2  ethB\n`, "line 2 is no route"],
    [`${head}192.168.1.02 192.168.2.2 ethB\n`, "line 2 is no route"],
    [`${head}192.168.1.2 192.168.1.2 ethB\n`, "line 2 is no route"],
    [`${head}192.168.1.2 fd00::2 ethB\n`, "line 2 is no route"],
    [`${head}192.168.1.2 192.168.2.2 ethB fd00::1\n`, "line 2 is no route"],
    [`${head}192.168.1.2 192.168.2.2 -force\n`, "line 2 is no route"],
    [`${head}127.0.0.1 192.168.2.2 ethB\n`, "line 2 is no route"],
    [`${head}FD00::1 fd00::2 ethB\n`, "line 2 is no route"],
    [`${head}default 192.168.2.2 ethB\n`, "line 2 is no route"],
    [`${head}0.0.0.0/0 192.168.2.2 ethB\n`, "line 2 is no route"],
    [`${BOOT} 1234500\n${LINE}\n`, "line 1 is no boot id with an uptime and a grace"],
    [`${BOOT} -1\n${LINE}\n`, "line 1 is no boot id with an uptime and a grace"],
    [`${BOOT} 1e3\n${LINE}\n`, "line 1 is no boot id with an uptime and a grace"],
    [`${BOOT} 99999999999999 30000\n${LINE}\n`, "line 1 is no boot id with an uptime and a grace"],
    [`x${head}${LINE}\n`, "line 1 is no boot id with an uptime and a grace"],
    [`${LINE}\n`, "line 1 is no boot id with an uptime and a grace"],
    [`${BOOT} 1234511 30000\n${LINE}\n`, "it is from a later time than now"],
  ];
  for (const [kept, why] of cases) {
    const host = machine("1234.51", kept);
    assertEquals(await run(host), [`Cannot use ${FILE}: ${why}; no route is put back`]);
    assertEquals(host.kernel.written.filter((line) => line.startsWith("route add")), []);
    assertEquals(host.records.written.has(FILE), false);
  }
});

Deno.test("a file that cannot be read is ignored with one line", async () => {
  const host = new FakeHost();
  host.files.set(FILE, { kind: "failed", reason: "is longer than 4194304 bytes" });
  assertEquals(await run(host), [
    `Cannot read ${FILE}: is longer than 4194304 bytes; no route is put back`,
  ]);
  assertEquals(host.programs, []);
});

Deno.test("where the moment cannot be told nothing is put back, and nothing kept", async () => {
  const cat = "cat cannot tell the machine's boot id and uptime";
  const cases: readonly (readonly [Ran, string])[] = [
    [{ kind: "missing" }, cat],
    [{ kind: "failed", reason: "Cannot wait for /bin/cat" }, "Cannot wait for /bin/cat"],
    [said("", 1), cat],
    [said(`${BOOT}\n1234.50 1234.56\n`, 1), cat],
    [said(`${BOOT}\n1234.50\n`), cat],
    [said(`${BOOT} 1234.50 1234.56\n`), cat],
    [said(`${BOOT}\n1234.50 1234.56\nmore\n`), cat],
  ];
  for (const [answer, why] of cases) {
    const host = machine("", `${BOOT} 1234500 30000\n${LINE}\n`);
    host.programAnswer = () => answer;
    const told = await run(host, undefined, () => host.kernel.admin(ROUTE));
    assertEquals(told, [
      `Cannot use ${FILE}: ${why}; no route is put back`,
      `Cannot write ${FILE}: ${why}; the next start puts no route back`,
    ]);
    assertEquals(host.records.written.has(FILE), false);
  }
});

Deno.test("a stop that moved nothing, or has no grace, starts no program and leaves no file", async () => {
  const old = `${BOOT} 1234500 30000\n${LINE}\n`;
  for (const [text, isMoved] of [["", false], ["stop-grace: 0\n", true]] as const) {
    const host = machine("1234.50");
    const told = await run(host, text, () => {
      if (isMoved) host.kernel.admin(ROUTE);
      host.records.written.set(FILE, old);
    });
    assertEquals([told, host.programs, host.records.written.has(FILE)], [[], [], false]);
  }
});

Deno.test("the grace of a stop is the one that was last reloaded", async () => {
  const host = machine("1234.50");
  host.kernel.admin(ROUTE);
  await run(host, "requestor: true\n", () => {
    host.files.set("/c", { kind: "text", text: "requestor: true\nstop-grace: 0\n" });
    host.signals?.reload();
  });
  assertEquals(host.log.filter(({ event }) => event === "reloaded").length, 1);
  assertEquals([host.programs, host.records.written.has(FILE)], [[], false]);
});

Deno.test("a stop that cannot write the file says so in one line, and is a clean one", async () => {
  const host = machine("1234.50");
  host.kernel.admin(ROUTE);
  host.records.writeFailure = "No space left on device";
  assertEquals((await run(host)).slice(1), [
    `Cannot write ${FILE}: No space left on device; the next start puts no route back`,
  ]);
  assertEquals(host.log.at(-1)?.text, "faild stopped by SIGTERM: its routes and rule are removed");
});

Deno.test("a stop writes the file after its routes are gone from the kernel", async () => {
  const host = machine("1234.50");
  host.kernel.admin(ROUTE);
  let there: unknown = null;
  const { runProgram } = host;
  host.runProgram = (program, args) => {
    there = host.kernel.written.at(-1);
    return runProgram(program, args);
  };
  await run(host);
  assertEquals(there, "route del 192.168.1.2/32 table 245 proto 245");
});

Deno.test("of a route that the kernel has and of one to nowhere no more is said than is so", async () => {
  const other = "192.168.1.3 192.168.2.3 ethB 192.168.1.1";
  const gone = "192.168.1.4 192.168.2.4 ethZ";
  const kept = `${BOOT} 1234000 30000\n${LINE}\n${other}\n${gone}\n`;
  const host = machine("1234.50", kept);
  // What is there by now wins.
  host.kernel.admin("route add 192.168.1.2/32 via 192.168.2.9 dev ethB table 245 proto 245");
  const told = await run(host);
  assertEquals(host.kernel.written.filter((line) => / 192\.168\.1\.2\/32 via/.test(line)), []);
  assertMatch(
    told[0] ?? "",
    /^1 of 2 routes of the previous run put back: it was stopped 500 ms ago, within stop-grace \(30 s\); where they led is no network any more$/,
  );
  assertMatch(told[1] ?? "", /^2 routes of the previous run kept until more is known: /);
  const alone = machine("1234.50", `${BOOT} 1234000 30000\n${LINE}\n`);
  alone.kernel.admin(ROUTE);
  assertMatch((await run(alone)).join("; "), /^1 route of the previous run kept [^;]*$/);
});

Deno.test("where ip fails while routes are put back the daemon starts without them, and says so", async () => {
  const host = machine("1234.50", `${BOOT} 1234000 30000\n${LINE}\n`);
  const { runProgram } = host;
  host.runProgram = (program, args) => {
    host.kernel.failNext("ip ended by SIGKILL");
    host.runProgram = runProgram;
    return runProgram(program, args);
  };
  assertEquals(await run(host), [
    "0 of 1 route of the previous run put back: it was stopped 500 ms ago, within stop-grace " +
    "(30 s); Cannot read interfaces: ip ended by SIGKILL",
  ]);
});

Deno.test("cleanup takes the file away, but not one of a daemon that runs", async () => {
  const host = machine("1234.50", `${BOOT} 1234500 30000\n${LINE}\n`);
  host.lockFailure = { kind: "held", pid: 99 };
  assertEquals((await host.faild("cleanup")).exit, 1);
  assertEquals(host.records.written.has(FILE), true);
  host.lockFailure = null;
  assertEquals((await host.faild("cleanup")).exit, 0);
  assertEquals(host.records.written.has(FILE), false);
});
