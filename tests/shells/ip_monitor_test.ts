import { assert, assertEquals } from "@std/assert";
import { type ChangeKind, changeKindOf, IpMonitor } from "../../lib/host/ip_monitor.ts";

const LINES: readonly (readonly [string, ChangeKind | null])[] = [
  [
    "3: ethB@if3: <BROADCAST,MULTICAST> mtu 1500 qdisc noqueue state DOWN group 0 \\    link/",
    "link",
  ],
  ["Deleted 3: ethB@if3: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN group 0", "link"],
  ["3: ethB    inet 10.99.0.1/24 scope 0 ethB\\       valid_lft forever", "address"],
  ["Deleted 3: ethB    inet 10.99.0.1/24 scope 0 ethB\\       valid_lft forever", "address"],
  ["3: ethB    inet6 fe80::1/64 scope 253 \\       valid_lft forever", null],
  ["7:\tfrom all lookup 8 ", "rule"],
  ["Deleted 3245:\tnot from all ipproto ipproto-17 dport 32453 lookup 245 proto 245 ", "rule"],
  ["10.3.0.1 via 192.168.2.2 dev ethB table 245 proto 245 ", "route"],
  ["Deleted 10.3.0.1 via 192.168.2.2 dev ethB table 245 proto 245 ", "route"],
  ["10.3.0.1 via 192.168.2.2 dev ethB table 99 proto 245 ", null],
  ["2 10.99.0.1 dev ethB table 255 proto 2 scope 254 src 10.99.0.1 ", null],
  ["192.168.2.0/24 dev ethB proto 2 scope 253 src 192.168.2.1 ", "route"],
  ["Deleted 192.168.2.0/24 dev ethB proto 2 scope 253 src 192.168.2.1 ", "route"],
  ["10.3.0.0/24 via 192.168.2.2 dev ethB ", null],
  ["203.0.113.0/24 via 192.168.2.2 dev ethB proto 186 metric 20 ", null],
  ["fe80::/64 dev ethB proto 2 metric 256 pref medium", null],
  ["Deleted 5 ff00::/8 dev ethB table 255 proto 2 metric 256 pref medium", null],
];

for (const [line, kind] of LINES) {
  Deno.test(`Monitor: ${line.replace("\t", " ").slice(0, 60)} tells of ${kind ?? "nothing"}`, () => {
    assertEquals(changeKindOf(line, 245), kind);
  });
}

/** Runs a monitor on a shell program until it told so much. */
async function tellings(script: string, count: number, lastingMs?: number): Promise<string[]> {
  const path = await Deno.makeTempFile({ prefix: "faild-ip-" });
  await Deno.writeTextFile(path, script);
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const tell = (text: string) => {
    told.push(text);
    if (told.length === count) resolve();
  };
  const monitor = new IpMonitor({
    table: 245,
    changed: tell,
    ended: (reason, retryMs) => tell(`${reason}, ${retryMs}`),
    command: ["/bin/sh", path],
    ...(lastingMs === undefined ? {} : { lastingMs }),
  });
  await promise;
  await monitor.close();
  await Deno.remove(path);
  return told.slice(0, count);
}

const RULE_LINE = `printf '7:\\tfrom all lookup 8\\n'`;

Deno.test("Monitor: it tells of each change, of those that matter", async () => {
  const script = `${RULE_LINE}; echo '10.3.0.1 via 1.2.3.4 dev ethB table 99 '; ${RULE_LINE}
    echo '10.3.0.1 via 1.2.3.4 dev ethB table 245 '; exec sleep 60`;
  assertEquals(await tellings(script, 3), ["rule", "rule", "route"]);
});

Deno.test("Monitor: one that ends is started again, and what was missed meanwhile is told of", async () => {
  const ended = "ip monitor ended with exit status 3, 100";
  const script = `${RULE_LINE}; exit 3`;
  assertEquals((await tellings(script, 5)).slice(0, 4), ["rule", ended, "link", "route"]);
});

Deno.test("Monitor: one that ends at once is started again less and less often", async () => {
  const told = await tellings("kill -9 $$", 7);
  const ends = told.filter((each) => each.startsWith("ip monitor"));
  assertEquals(ends, [
    "ip monitor ended by SIGKILL, 100",
    "ip monitor ended by SIGKILL, 200",
    "ip monitor ended by SIGKILL, 400",
  ]);
});

Deno.test("Monitor: one that ends after a line is started again less and less often as well", async () => {
  const told = await tellings(`${RULE_LINE}; exit 3`, 10);
  const ends = told.filter((each) => each.startsWith("ip monitor"));
  assertEquals(ends.map((each) => each.split(", ")[1]), ["100", "200", "400"]);
});

Deno.test("Monitor: one that ends after a long life is started again soon", async () => {
  const told = await tellings("sleep 0.2; exit 3", 7, 50);
  const ends = told.filter((each) => each.startsWith("ip monitor"));
  assertEquals(ends.map((each) => each.split(", ")[1]), ["100", "100", "100"]);
});

Deno.test("Monitor: one that takes no notice of TERM, or is stopped, is closed all the same", async () => {
  const told = await tellings(`trap '' TERM; ${RULE_LINE}; kill -STOP $$`, 1);
  assertEquals(told, ["rule"]);
});

/** Lets all programs that are started meanwhile have a standard output that cannot be read. */
async function withUnreadableOutput(body: () => Promise<void>): Promise<void> {
  const { Command } = Deno;
  Deno.Command = class extends Command {
    override spawn(): Deno.ChildProcess {
      const child = super.spawn();
      const { stdout } = child;
      const broken = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await stdout.cancel();
          controller.error(new Error("Input/output error (os error 5)"));
        },
      });
      return Object.defineProperty(child, "stdout", { value: broken });
    }
  };
  try {
    await body();
  } finally {
    Deno.Command = Command;
  }
}

Deno.test("Monitor: one that cannot be read is killed, told of, and started again", () =>
  withUnreadableOutput(async () => {
    const told = await tellings("exec sleep 60", 4);
    const unreadable = "ip monitor cannot be read: Input/output error";
    assertEquals(told, [`${unreadable}, 100`, "link", "route", `${unreadable}, 200`]);
  }));

Deno.test("Monitor: one whose output does not end is not waited for without bound", async () => {
  const dir = await Deno.makeTempDir({ prefix: "faild-ip-" });
  // What it started keeps its output open.
  const script = `sleep 20 & echo $! >${dir}/pid; ${RULE_LINE}; exec sleep 60`;
  const { promise, resolve } = Promise.withResolvers<void>();
  const monitor = new IpMonitor({
    table: 245,
    changed: () => resolve(),
    ended: () => {},
    command: ["/bin/sh", "-c", script],
  });
  await promise;
  const begun = performance.now();
  await monitor.close();
  const tookMs = performance.now() - begun;
  Deno.kill(Number(await Deno.readTextFile(`${dir}/pid`)), "SIGKILL");
  // Now it does end.
  await monitor.close();
  await Deno.remove(dir, { recursive: true });
  assert(tookMs < 10_000, `it took ${tookMs} ms`);
});

Deno.test("Monitor: a program that is missing is told of, and looked for again", async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const monitor = new IpMonitor({
    table: 245,
    changed: (kind) => told.push(kind),
    ended(reason, retryMs) {
      told.push(`${reason}, ${retryMs}`);
      if (told.length === 2) resolve();
    },
    command: ["/nowhere/ip"],
  });
  await promise;
  await monitor.close();
  const reason = "Cannot run ip: there is no /nowhere/ip; install iproute2";
  assertEquals(told, [`${reason}, 100`, `${reason}, 200`]);
});
