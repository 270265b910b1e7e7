import { assertEquals, assertMatch } from "@std/assert";
import { Announcements } from "../../lib/cli/announcements.ts";
import { mergeConfiguration } from "../../lib/config/merge.ts";
import { statusOf } from "../shells/overviews.ts";
import { FakeHost } from "./fake_host.ts";

const HOOKS = `hooks:
  - {on: [daemon], run: [/etc/faild/hook, -v]}
`;

Deno.test("the service manager learns that the daemon is up, reloads, and stops", async () => {
  const host = new FakeHost();
  host.variables.set("NOTIFY_SOCKET", "/run/systemd/notify");
  host.variables.set("WATCHDOG_USEC", "30000000");
  const running = host.faild("-r");
  await host.until("logged network-ready");
  host.signals?.reload();
  await host.until("service message 3");
  host.signals?.stop("SIGTERM");
  assertEquals((await running).exit, 0);
  const told = host.serviceMessages.map((each) => each.replace("/run/systemd/notify: ", ""));
  assertMatch(told[0]!, /^READY=1\nSTATUS=\d of \d networks? usable, 0 peers, all paths up$/);
  assertEquals(told[1], "RELOADING=1");
  assertMatch(told[2]!, /^READY=1(\nSTATUS=|$)/);
  assertEquals(told.slice(3), ["STOPPING=1\nSTATUS=stopping"]);
  assertEquals(host.diary.includes("service socket closed"), true);
});

Deno.test("a daemon gives signs of life while it works at its sockets and routes, not while its loop stands", async () => {
  const host = new FakeHost();
  host.variables.set("NOTIFY_SOCKET", "/run/systemd/notify");
  host.variables.set("WATCHDOG_USEC", "30000000");
  let ring = () => {};
  Object.assign(host, {
    alarm: (given: () => void) => {
      ring = given;
      return { wakeAt: () => {} };
    },
  });
  const merged = mergeConfiguration({ given: new Map(), yaml: null, hostname: "h1" });
  if (merged.kind === "problems") throw new Error("the defaults do not go together");
  const announcements = new Announcements(merged.configuration, host, () => {});
  let ping = statusOf({ sockets: false, routes: "ip is gone" });
  announcements.attach({ overview: () => ping, ping: () => ping });
  const signs = () => host.serviceMessages.filter((each) => each.includes("WATCHDOG=1")).length;
  ring();
  assertEquals(signs(), 1);
  ping = statusOf({ loopAgoMs: 15_001 });
  ring();
  assertEquals(signs(), 1);
  ping = statusOf();
  ring();
  assertEquals(signs(), 2);
  await announcements.close();
});

Deno.test("without NOTIFY_SOCKET, or with an empty one, nobody is told", async () => {
  for (const socket of [undefined, ""]) {
    const host = new FakeHost();
    if (socket !== undefined) host.variables.set("NOTIFY_SOCKET", socket);
    const running = host.faild();
    await host.until("logged network-ready");
    host.signals?.stop("SIGTERM");
    await running;
    assertEquals(host.serviceMessages, []);
  }
});

Deno.test("hooks are run from the first line of the log to the last", async () => {
  const host = new FakeHost();
  host.files.set("/etc/faild.yaml", { kind: "text", text: HOOKS });
  const running = host.faild();
  await host.until("logged network-ready");
  host.signals?.stop("SIGTERM");
  await running;
  assertEquals(host.hookCalls.map(({ run, environment }) => [run, environment.FAILD_EVENT]), [
    [["/etc/faild/hook", "-v"], "start"],
    [["/etc/faild/hook", "-v"], "stop"],
  ]);
});

Deno.test("a reload brings other hooks", async () => {
  const host = new FakeHost();
  const running = host.faild();
  await host.until("logged network-ready");
  host.files.set("/etc/faild.yaml", { kind: "text", text: HOOKS });
  host.signals?.reload();
  await host.until("logged reloaded");
  host.signals?.stop("SIGTERM");
  await running;
  assertEquals(host.hookCalls.map(({ environment }) => environment.FAILD_EVENT), [
    "reloaded",
    "stop",
  ]);
});

Deno.test("a hook whose program others may write is warned of by check", async () => {
  const host = new FakeHost();
  host.files.set("/etc/faild.yaml", { kind: "text", text: HOOKS });
  host.hooks = { ...host.hooks, programProblem: () => "its mode is 0777" };
  const { exit, out } = await host.faild("check");
  assertEquals(exit, 0, "a hook must not keep failover from working");
  assertMatch(out, /^ {2}hook \/etc\/faild\/hook will not be run: its mode is 0777$/m);
});
