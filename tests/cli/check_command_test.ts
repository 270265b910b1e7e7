import { assert, assertEquals, assertMatch } from "@std/assert";
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
