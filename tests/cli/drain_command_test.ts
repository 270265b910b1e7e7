import { assertEquals, assertMatch } from "@std/assert";
import type { Status } from "../../lib/control_protocol.ts";
import { Running } from "./running_daemon.ts";

Deno.test("a drain is kept for the next daemon, an undrain too, and an unknown network is refused by name", async () => {
  const running = await Running.start("requestor: true\n");
  const drained = await running.faild("drain", "ethA");
  assertEquals(drained, {
    exit: 0,
    out: "ethA is drained: no traffic to a known node goes over it any more\n",
    error: "",
  });
  const kept = running.host.records.written.get("/run/faild/drained");
  assertEquals(kept, "ethA\n");
  const unknown = await running.faild("drain", "nowhere");
  assertEquals(unknown.exit, 1);
  assertMatch(
    unknown.error,
    /Cannot use network: must be the name of one \(known are ethA, ethB\)/,
  );
  await running.stop();

  const next = await Running.start("requestor: true\n", (host) => {
    host.files.set("/run/faild/drained", { kind: "text", text: kept ?? "" });
  });
  const json = JSON.parse((await next.faild("status", "--json")).out);
  const states = json.networks.map((
    each: Status["networks"][number],
  ) => [each.name, each.drained, each.usable]);
  assertEquals(states, [["ethA", true, false], ["ethB", false, true]]);
  assertEquals(next.host.udp.openAddresses().length, 4, "its sockets stay open");
  assertEquals((await next.faild("undrain", "ethA")).exit, 0);
  assertEquals(next.host.records.written.get("/run/faild/drained"), "");
  await next.stop();
});

Deno.test("a drain that leaves traffic on the network does not say that it may be unplugged, and fails", async () => {
  const peers =
    "peers: [{node: p, addresses: [192.168.1.9]}, {node: q, addresses: [192.168.2.8]}]\n";
  const running = await Running.start(`requestor: true\n${peers}`);
  for (const is of ["is drained", "was drained already"]) {
    assertEquals(await running.faild("drain", "ethA"), {
      exit: 1,
      out: "",
      error: `faild: ethA ${is}, but traffic of 1 node (p) stays on it, as no other path works: ` +
        "do not unplug it (faild undrain ethA)\n",
    });
  }
  assertMatch((await running.faild("drain", "ethB")).error, /ethB is drained, but .* \(q\) stays/);
  await running.stop();
});

Deno.test("what is so already is told as that, and is no failure", async () => {
  const running = await Running.start("requestor: true\n");
  const out = async (...args: string[]) => {
    const { exit, out, error } = await running.faild(...args);
    assertEquals([exit, error], [0, ""]);
    return out;
  };
  assertEquals(await out("undrain", "ethA"), "ethA was not drained: nothing changes\n");
  await out("drain", "ethA");
  const again = "ethA was drained already: no traffic to a known node goes over it any more\n";
  assertEquals(await out("drain", "ethA"), again);
  assertMatch(await out("undrain", "ethA"), /^ethA is in use again: /);
  assertEquals(await out("failback"), "No traffic is held elsewhere: nothing changes\n");
  await running.stop();
});

Deno.test("a drain that cannot be kept is done all the same, with a warning", async () => {
  const running = await Running.start("requestor: true\n");
  running.host.records.writeFailure = "No space left on device";
  const { exit, error } = await running.faild("drain", "ethB");
  assertEquals(exit, 0);
  assertMatch(
    error,
    /Cannot write \/run\/faild\/drained: No space left on device; after a restart/,
  );
  assertEquals(running.event(), "keep-failed");
  await running.stop();
});
