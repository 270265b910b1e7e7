import { assert, assertEquals } from "@std/assert";
import type { FakeKernel } from "../fakes/kernel.ts";
import { FakeHost } from "./fake_host.ts";

const RULE = "rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245";
const ROUTE =
  "route add 192.168.1.2/32 via 192.168.2.2 dev ethB src 192.168.1.1 table 245 proto 245";

/** What the kernel has of anybody's rules and routes. */
async function shown(kernel: FakeKernel): Promise<unknown> {
  return await kernel.exchange([], ["rule show", "route show table 245"]);
}

/** A machine whose daemon was killed; `before` is what the kernel had without it. */
async function afterKill(): Promise<{ host: FakeHost; before: unknown }> {
  const host = new FakeHost();
  const before = await shown(host.kernel);
  host.kernel.admin(RULE);
  host.kernel.admin(ROUTE);
  return { host, before };
}

Deno.test("cleanup removes what a killed daemon left, says how much, and gives everything back", async () => {
  const { host, before } = await afterKill();
  assertEquals(await host.faild("cleanup"), {
    exit: 0,
    out: "2 rules and routes removed\n",
    error: "",
  });
  assertEquals(await shown(host.kernel), before);
  assertEquals(host.diary, [
    "ip started",
    "rights tried",
    "locked /run/faild",
    "unlocked",
    "ip closed",
  ]);
});

Deno.test("cleanup where there is nothing says so", async () => {
  const host = new FakeHost();
  const outcome = await host.faild("cleanup");
  assertEquals(outcome, { exit: 0, out: "nothing to remove\n", error: "" });
  assertEquals(host.kernel.written, []);
});

Deno.test("cleanup without rights says what to do, before it takes the lock", async () => {
  const { host } = await afterKill();
  host.kernel.isPrivileged = false;
  assertEquals(await host.faild("cleanup"), {
    exit: 4,
    out: "",
    error: "faild: Cannot change routes: RTNETLINK answers: Operation not permitted; " +
      "run as root, or give the process CAP_NET_ADMIN as an ambient capability\n",
  });
  assertEquals(host.diary, ["ip started", "rights tried", "ip closed"]);
});

Deno.test("cleanup removes nothing while a daemon runs, and names it", async () => {
  const { host } = await afterKill();
  const left = await shown(host.kernel);
  host.lockFailure = { kind: "held", pid: 99 };
  assertEquals(await host.faild("cleanup"), {
    exit: 1,
    out: "",
    error: "faild: Cannot use run directory /run/faild: faild with pid 99 holds its lock\n",
  });
  assertEquals(await shown(host.kernel), left);
  assertEquals(host.diary, ["ip started", "rights tried", "ip closed"]);
});

Deno.test("cleanup names what the kernel refuses to remove, and why", async () => {
  const { host } = await afterKill();
  host.kernel.refuseNext(9, "RTNETLINK answers: Device or resource busy", /^route del/);
  assertEquals(await host.faild("cleanup"), {
    exit: 1,
    out: "",
    error:
      "faild: Cannot remove the route for 192.168.1.2: RTNETLINK answers: Device or resource busy\n",
  });
  assertEquals(host.diary.slice(-2), ["unlocked", "ip closed"]);
});

Deno.test("cleanup that loses its rights halfway says so by its exit code", async () => {
  const { host } = await afterKill();
  host.kernel.refuseNext(9, "RTNETLINK answers: Operation not permitted", /^rule del/);
  const { exit, error } = await host.faild("cleanup");
  assertEquals(exit, 4);
  assert(error.startsWith("faild: Cannot remove 1 rule: "), error);
});

Deno.test("cleanup fails where ip fails, and gives everything back", async () => {
  const { host } = await afterKill();
  for (let i = 0; i < 3; i++) host.kernel.failNext("ip ended with exit status 255");
  assertEquals(await host.faild("cleanup"), {
    exit: 1,
    out: "",
    error: "faild: Cannot remove routes: ip ended with exit status 255\n",
  });
  assertEquals(host.diary.slice(-2), ["unlocked", "ip closed"]);
});
