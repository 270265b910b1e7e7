import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { FakeKernel } from "./kernel.ts";
import { CONTRACT, type Host } from "./kernel_contract.ts";

/** The fake as a host that a case can be played to. */
function fakeHost(): Host {
  const kernel = new FakeKernel();
  kernel.addLink("ethA");
  kernel.addAddress("ethA", "192.168.1.1/24");
  kernel.addLink("ethB");
  kernel.addAddress("ethB", "192.168.2.1/24");
  return {
    exchange: kernel.exchange,
    setUp: (name, isUp) => kernel.setUp(name, isUp),
    setCarrier: (name, hasCarrier) => kernel.setCarrier(name, hasCarrier),
    addAddress: (name, cidr) => kernel.addAddress(name, cidr),
    removeAddress: (name, cidr) => kernel.removeAddress(name, cidr),
    removeLink: (name) => kernel.removeLink(name),
    addNeighbour(address, state) {
      kernel.neighbours.push({ address, state, interfaceName: "ethA" });
    },
    neighbours: () => kernel.neighbours.map(({ address }) => address),
  };
}

for (const { title, play } of CONTRACT) {
  Deno.test(`Fake kernel: ${title}`, () => play(fakeHost()));
}

Deno.test("Fake kernel: a line that we have no business to write fails the test", async () => {
  const kernel = new FakeKernel();
  const strangers = [
    "route add 1.2.3.4/32 via 5.6.7.8 dev eth0 onlink table 245 proto 245",
    "route add 1.2.3.4/24 via 5.6.7.8 dev eth0 table 245 proto 245",
    "route flush table 245",
    "route add 1.2.3.4/32 via 05.6.7.8 dev eth0 table 245 proto 245",
    "neigh flush dev eth0",
    "link set eth0 down",
    "",
  ];
  for (const line of strangers) {
    await assertRejects(() => kernel.exchange([line], []), Error, "does not know this line");
  }
  await assertRejects(() => kernel.exchange(["rule show"], []), Error, "for a change");
  const rule = "rule add pref 1 lookup 2 protocol 3";
  await assertRejects(() => kernel.exchange([], [rule]), Error, "for a show");
  assertThrows(() => kernel.admin("rule del pref 1 lookup 2 protocol 3"), Error, "No such file");
});

Deno.test("Fake kernel: faults are those that were asked for, and end", async () => {
  const kernel = new FakeKernel();
  const rule = "rule add pref 1 lookup 2 protocol 3";
  kernel.failNext("ip ended by SIGKILL");
  assertEquals(await kernel.exchange([rule], []), {
    kind: "failed",
    reason: "ip ended by SIGKILL",
  });
  kernel.refuseNext(1, "no", /^rule/);
  const refusal = { kind: "done", shown: [], refused: [{ line: 0, reason: "no" }] } as const;
  assertEquals(await kernel.exchange([rule], []), refusal);
  kernel.isPrivileged = false;
  const reason = "RTNETLINK answers: Operation not permitted";
  const denied = { kind: "done", shown: [], refused: [{ line: 0, reason }] } as const;
  assertEquals(await kernel.exchange([rule], []), denied);
  kernel.isPrivileged = true;
  const release = kernel.hang();
  let isDone = false;
  const hanging = kernel.exchange([rule], []).then((result) => {
    isDone = true;
    return result;
  });
  await Promise.resolve();
  assertEquals(isDone, false);
  release();
  assertEquals(await hanging, { kind: "done", shown: [], refused: [] });
});
