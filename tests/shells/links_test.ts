import { assertEquals, assertMatch } from "@std/assert";
import { readLinks } from "../../lib/links.ts";
import { FakeKernel } from "../fakes/kernel.ts";

Deno.test("the interfaces are read by one question, and nothing is changed", async () => {
  const kernel = new FakeKernel();
  kernel.addLink("eth0");
  kernel.addAddress("eth0", "192.168.1.1/24");
  const read = await readLinks(kernel);
  if ("failed" in read) throw new Error(read.failed);
  assertEquals(read.links.map(({ index, name }) => `${index} ${name}`), ["1 lo", "2 eth0"]);
  assertEquals(read.links[1]?.addresses.map(({ address }) => address), ["192.168.1.1"]);
  assertEquals([kernel.exchanges, kernel.written], [1, []]);
});

Deno.test("an ip that fails is a reason, not an empty list", async () => {
  const kernel = new FakeKernel();
  kernel.failNext("ip ended with exit status 1");
  assertEquals(await readLinks(kernel), { failed: "ip ended with exit status 1" });
});

Deno.test("an answer that is missing or not understood is a reason too", async () => {
  for (const shown of [[], ["{}"], ['[{"ifname":5}]']]) {
    const read = await readLinks({
      exchange: () => Promise.resolve({ kind: "done", shown, refused: [] }),
    });
    assertMatch("failed" in read ? read.failed : "read", /^Cannot read the answer of ip: /);
  }
});
