import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import type { IpMonitorOptions } from "../../lib/host/ip_monitor.ts";
import type { SignalHandlers } from "../../lib/host/signals.ts";
import type { FakeKernel } from "../fakes/kernel.ts";
import { settle } from "../shells/fake_udp.ts";
import { FakeHost, type Outcome } from "./fake_host.ts";

const ROUTE =
  "route add 192.168.1.2/32 via 192.168.2.2 dev ethB src 192.168.1.1 table 245 proto 245";

async function shown(kernel: FakeKernel): Promise<unknown> {
  return await kernel.exchange([], ["rule show", "route show table 245"]);
}

/** A daemon that has started and found its networks. */
async function started(
  host: FakeHost,
  ...args: string[]
): Promise<{ ended: Promise<Outcome>; signals: SignalHandlers }> {
  const ended = host.faild(...args);
  await host.until("logged network-ready");
  // What follows from the networks: the first request for routes.
  await settle();
  const { signals } = host;
  if (signals === null) throw new Error("no signal is listened for");
  return { ended, signals };
}

Deno.test("a daemon tries its rights, takes the lock, opens the log, and gives it all back at TERM", async () => {
  const host = new FakeHost();
  const before = await shown(host.kernel);
  const { ended, signals } = await started(host, "-r");
  assertEquals(host.udp.openAddresses(), [
    "192.168.1.1:32453",
    "192.168.1.255:32453",
    "192.168.2.1:32453",
    "192.168.2.255:32453",
  ]);
  signals.stop("SIGTERM");
  assertEquals(await ended, { exit: 0, out: "", error: "" });
  assertEquals(host.diary.filter((entry) => !/^logged (network|route|repair|adopt)/.test(entry)), [
    "ip started",
    "rights tried",
    "locked /run/faild",
    "log opened: standard error",
    "logged start",
    "kernel watched",
    "kernel no longer watched",
    "logged stop",
    "log closed",
    "unlocked",
    "ip closed",
  ]);
  assertEquals(host.udp.openAddresses(), []);
  assertEquals(await shown(host.kernel), before);
});

Deno.test("the first inquiries go out as soon as the networks are known", async () => {
  const host = new FakeHost();
  const { ended, signals } = await started(host, "-r");
  const sent = host.udp.opened.flatMap(({ address, sent }) =>
    sent.map(({ to, port }) => `${address} to ${to}:${port}`)
  );
  assertEquals(sent, [
    "192.168.1.1:32453 to 192.168.1.255:32453",
    "192.168.2.1:32453 to 192.168.2.255:32453",
  ]);
  signals.stop("SIGINT");
  assertEquals((await ended).exit, 0);
});

Deno.test("a network whose own socket cannot be opened is not used", async () => {
  const host = new FakeHost();
  host.udp.refusals.set("192.168.2.1", "its port is in use");
  const { ended, signals } = await started(host, "-r");
  const about = host.log.filter(({ event }) => /^network-(unusable|problem)$/.test(event));
  assertEquals(about.map(({ event }) => event), ["network-unusable", "network-problem"]);
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("what a predecessor left is gone after TERM too", async () => {
  const host = new FakeHost();
  const before = await shown(host.kernel);
  host.kernel.admin(ROUTE);
  const { ended, signals } = await started(host, "-r");
  assertNotEquals(await shown(host.kernel), before);
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
  assertEquals(await shown(host.kernel), before);
});

Deno.test("a route that cannot be removed at TERM is named in the last line, and the exit code is 1", async () => {
  const host = new FakeHost();
  host.kernel.admin(ROUTE);
  const { ended, signals } = await started(host);
  host.kernel.refuseNext(9, "RTNETLINK answers: Device or resource busy", /^route del/);
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 1);
  const last = host.log.at(-1);
  assertEquals([last?.level, last?.event], ["error", "stop"]);
  assertMatch(last?.text ?? "", /could not remove the route for 192\.168\.1\.2: run faild cleanup/);
  assertEquals(host.diary.slice(-3), ["log closed", "unlocked", "ip closed"]);
});

Deno.test("a stop during which ip fails once leaves nothing behind", async () => {
  const host = new FakeHost();
  const before = await shown(host.kernel);
  const { ended, signals } = await started(host, "-r");
  assertNotEquals(await shown(host.kernel), before);
  host.kernel.failNext("ip ended with exit status 255");
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
  assertEquals(await shown(host.kernel), before);
});

Deno.test("a stop during which ip fails each time is no clean one, and says what to do", async () => {
  const host = new FakeHost();
  const { ended, signals } = await started(host);
  host.ipFailure = "ip ended with exit status 255";
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 1);
  const last = host.log.at(-1);
  assertEquals(last?.fields["left"], ["ip ended with exit status 255"]);
  assertMatch(last?.text ?? "", /run faild cleanup$/);
});

Deno.test("routes are removed before the end of the monitor is waited for", async () => {
  const host = new FakeHost();
  const before = await shown(host.kernel);
  const { promise, resolve } = Promise.withResolvers<void>();
  let isWaitedFor = false;
  host.watchKernel = () => ({
    close: () => {
      isWaitedFor = true;
      return promise;
    },
  });
  const { ended, signals } = await started(host, "-r");
  signals.stop("SIGTERM");
  await settle();
  assertEquals([isWaitedFor, await shown(host.kernel)], [true, before]);
  assertEquals(host.log.at(-1)?.event === "stop", false);
  resolve();
  assertEquals((await ended).exit, 0);
});

Deno.test("a monitor that ended is told of, with the time for which nobody watched", async () => {
  const host = new FakeHost();
  let watching: IpMonitorOptions | null = null;
  host.watchKernel = (options: IpMonitorOptions) => {
    watching = options;
    return { close: () => Promise.resolve() };
  };
  const { ended, signals } = await started(host);
  (watching as IpMonitorOptions | null)?.ended("ip monitor ended by SIGKILL", 400);
  const told = host.log.filter(({ event }) => event === "monitor-ended");
  assertEquals(told.map(({ text }) => text), [
    "The kernel was not watched for 400 ms: ip monitor ended by SIGKILL; " +
    "it is started again, and changes are looked for every few seconds",
  ]);
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("a daemon tells of a predecessor that died, in the watchdog's words where it has some, and once", async () => {
  const note = "/run/faild/watchdog/note.json";
  const told: string[] = [];
  for (const [leftPid, killed] of [[7, null], [7, { pid: 7, fault: "it hung" }], [null, null]]) {
    const host = new FakeHost();
    const lockRunDir = host.lockRunDir;
    host.lockRunDir = async (runDir) => {
      const locked = await lockRunDir(runDir);
      return typeof leftPid === "number" && locked.kind === "locked"
        ? { ...locked, leftPid }
        : locked;
    };
    if (killed !== null) {
      const text = JSON.stringify({ killed, startsBeforeRest: 0 });
      host.files.set(note, { kind: "text", text });
      host.discardFile = (path) => void host.files.delete(path);
    }
    const { ended, signals } = await started(host);
    const before = host.log.findIndex(({ event }) => event === "unclean-end");
    told.push(`${before}: ${host.log[before]?.text ?? ""}`);
    assertEquals(host.files.has(note), false);
    signals.stop("SIGTERM");
    assertEquals((await ended).exit, 0);
  }
  assertEquals(told, [
    "1: The run before this one, pid 7, did not end by itself: " +
    "it was killed, it crashed, or the machine went down",
    "1: The run before this one, pid 7, was killed by the watchdog: it hung",
    "-1: ",
  ]);
});

Deno.test("more signals to stop change nothing about the stop that is under way", async () => {
  const host = new FakeHost();
  const { ended, signals } = await started(host, "-r");
  const goOn = host.kernel.hang();
  signals.stop("SIGTERM");
  signals.stop("SIGINT");
  await settle();
  signals.stop("SIGTERM");
  goOn();
  assertEquals((await ended).exit, 0);
  const stops = host.log.filter(({ event }) => event === "stop");
  assertEquals(stops.map(({ fields }) => fields["signal"]), ["SIGTERM"]);
});

Deno.test("TERM while the rights are tried or the lock is awaited ends the start, and nothing is made", async () => {
  for (const during of ["rights", "lock"]) {
    const host = new FakeHost();
    const { startIp, lockRunDir } = host;
    const interrupt = () => {
      host.signals?.reload();
      host.signals?.dumpState();
      host.signals?.failback();
      host.signals?.stop("SIGTERM");
    };
    if (during === "lock") {
      host.lockRunDir = (runDir) => {
        interrupt();
        return lockRunDir(runDir);
      };
    } else {
      host.startIp = () => {
        const ip = startIp();
        return {
          ...ip,
          exchange: (changes, shows) => {
            interrupt();
            return ip.exchange(changes, shows);
          },
        };
      };
    }
    assertEquals(await host.faild("-r"), { exit: 0, out: "", error: "" });
    const lock = during === "lock" ? ["locked /run/faild", "unlocked"] : [];
    assertEquals(host.diary, ["ip started", "rights tried", ...lock, "ip closed"]);
    assertEquals([host.kernel.written, host.udp.opened], [[], []]);
  }
});

Deno.test("USR1 writes the state to the log, HUP reopens it, and the daemon goes on", async () => {
  const host = new FakeHost();
  const { ended, signals } = await started(host);
  const count = () => host.log.filter(({ event }) => event === "state").length;
  assertEquals(count(), 0);
  signals.dumpState();
  assertEquals(count(), 3, "the node and its two networks");
  assert(!host.diary.includes("log reopened"));
  signals.reload();
  assert(host.diary.includes("log reopened"));
  signals.dumpState();
  assertEquals(count(), 6);
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("HUP without keys is one line, in the log that goes on", async () => {
  const host = new FakeHost();
  const { ended, signals } = await started(host);
  const before = host.diary.length;
  signals.reload();
  await settle();
  assertEquals(host.diary.slice(before), ["log reopened", "logged reloaded"]);
  assertEquals(host.log.at(-1)?.text, "Reloaded, no configuration file: nothing changed");
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("USR2 asks the machine for all held traffic, and the daemon goes on", async () => {
  const host = new FakeHost();
  const { ended, signals } = await started(host, "-r");
  const before = host.alarms.length;
  signals.failback();
  assertEquals(host.alarms.length, before + 1, "one event was taken");
  signals.dumpState();
  assertEquals(host.log.at(-1)?.event, "state");
  signals.stop("SIGTERM");
  assertEquals((await ended).exit, 0);
});

Deno.test("signals that come before the routes are read are served", async () => {
  const host = new FakeHost();
  const goOn = host.kernel.hang();
  const ended = host.faild();
  await host.until("logged start");
  host.signals?.dumpState();
  host.signals?.stop("SIGTERM");
  goOn();
  assertEquals((await ended).exit, 0);
  assertEquals(host.log.map(({ event }) => event).filter((event) => event === "state"), []);
  assertEquals(host.diary.slice(-1), ["ip closed"]);
});

Deno.test("without rights a daemon says what to do, and takes neither lock nor log", async () => {
  const host = new FakeHost();
  host.kernel.isPrivileged = false;
  const { exit, error } = await host.faild("-r", "-l", "/var/log/faild.log");
  assertEquals(exit, 4);
  assertMatch(error, /^faild: Cannot change routes: .*CAP_NET_ADMIN.*\n$/);
  assertEquals(host.diary, ["ip started", "rights tried", "ip closed"]);
});

Deno.test("where ip cannot be started a daemon ends at once", async () => {
  const host = new FakeHost();
  host.ipFailure = "Cannot start ip: No such file";
  assertEquals(await host.faild(), {
    exit: 1,
    out: "",
    error: "faild: Cannot start ip: No such file\n",
  });
  assertEquals(host.diary, ["ip started", "ip closed"]);
});

Deno.test("a second daemon names the first, if it can, and opens no log", async () => {
  const holders = [[99, "faild with pid 99"], [null, "another faild"]] as const;
  for (const [pid, who] of holders) {
    const host = new FakeHost();
    host.lockFailure = { kind: "held", pid };
    assertEquals(await host.faild("--run-dir", "/run/b"), {
      exit: 1,
      out: "",
      error: `faild: Cannot use run directory /run/b: ${who} holds its lock\n`,
    });
    assertEquals(host.diary, ["ip started", "rights tried", "ip closed"]);
    assertEquals([host.udp.opened, host.kernel.written], [[], []]);
  }
});

Deno.test("a run directory that cannot be had ends the start in the words of the lock", async () => {
  const host = new FakeHost();
  host.lockFailure = {
    kind: "failed",
    isDenied: false,
    reason: "Cannot use run directory /x: Read-only file system",
  };
  const { exit, error } = await host.faild("--run-dir", "/x");
  assertEquals([exit, error], [1, "faild: Cannot use run directory /x: Read-only file system\n"]);
});

Deno.test("a log that cannot be opened ends the start, and the lock is given back", async () => {
  const host = new FakeHost();
  host.logFailure = "Cannot log to /none/x: No such file or directory";
  const { exit, error } = await host.faild("-l", "/none/x");
  assertEquals([exit, error], [1, "faild: Cannot log to /none/x: No such file or directory\n"]);
  assertEquals(host.diary, [
    "ip started",
    "rights tried",
    "locked /run/faild",
    "unlocked",
    "ip closed",
  ]);
});

Deno.test("routes that cannot be read end the start with a line in the log", async () => {
  const host = new FakeHost();
  host.kernel.failNext("ip ended with exit status 1");
  assertEquals((await host.faild()).exit, 1);
  assertEquals(host.log.map(({ event, text }) => `${event}: ${text}`).slice(1), [
    "start-failed: Cannot read routes: ip ended with exit status 1",
  ]);
  assertEquals(host.udp.opened, []);
  assertEquals(host.diary.slice(-3), ["log closed", "unlocked", "ip closed"]);
});

Deno.test("each flag that the file overrides is named once, after the first line", async () => {
  const host = new FakeHost();
  host.files.set("/c", { kind: "text", text: "interval: 2\nfail-after: 5\n" });
  const { ended, signals } = await started(host, "-c", "/c", "-t1", "-f", "5");
  const [first, ...others] = host.log;
  assertEquals(first?.event, "start");
  const named = others.filter(({ event }) => event === "flag-overridden");
  assertEquals(named, others.slice(0, 2));
  assertEquals(named.map(({ text }) => text), [
    "flag -t 1 is overridden by interval 2 (/c:1)",
    "flag -f 5 is overridden by fail-after 5 (/c:2)",
  ]);
  signals.stop("SIGTERM");
  await ended;
});
