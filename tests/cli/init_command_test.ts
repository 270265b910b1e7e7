import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { readYaml } from "../../lib/config/yaml_file.ts";
import { FakeHost } from "./fake_host.ts";

function hostWithFolder(): FakeHost {
  const host = new FakeHost();
  host.disk.folder("/etc");
  return host;
}

function networksIn(text: string): unknown {
  const { networks, problems } = readYaml({ file: "f.yaml", text, parse });
  assertEquals(problems, []);
  return networks?.value;
}

Deno.test("init writes a file with the networks of this machine, and says how to try it", async () => {
  const host = hostWithFolder();
  assertEquals(await host.faild("init"), {
    exit: 0,
    out: "/etc/faild.yaml written with networks ethA, ethB; this host is a requestor\n" +
      "Next: look into it; faild check; faild install; the same on each other host\n",
    error: "",
  });
  const text = host.disk.text("/etc/faild.yaml") ?? "";
  assertEquals(networksIn(text), [
    { name: "ethA", interfaceName: "ethA" },
    { name: "ethB", interfaceName: "ethB" },
  ]);
  assert(text.includes("  # 192.168.1.1/24\n  - name: ethA\n"), text);
  assertEquals(host.disk.modes.get("/etc/faild.yaml"), 0o644);
});

Deno.test("hosts that are set up one after the other all ask, so that a cut between two of them is found", async () => {
  for (const interfaces of [["ethA", "ethB"], []]) {
    const host = hostWithFolder();
    if (interfaces.length === 0) {
      for (const name of ["ethA", "ethB"]) host.kernel.removeLink(name);
    }
    const { out } = await host.faild("init", "-o", "-");
    const { given } = readYaml({ file: "f.yaml", text: out, parse });
    assertEquals([...given].map(([id, { value }]) => [id, value]), [
      ["requestor", true],
      ["eventsFile", "/var/log/faild-events.jsonl"],
    ]);
  }
});

Deno.test("a network that is down now is in the file, with the reason", async () => {
  const host = hostWithFolder();
  host.kernel.setCarrier("ethB", false);
  const { out } = await host.faild("init", "-o", "-");
  assertEquals((networksIn(out) as unknown[]).length, 2);
  assert(/ # 192\.168\.2\.1\/24, not usable now: \S.*\n {2}- name: ethB\n/.test(out), out);
});

Deno.test("an interface whose name no network may have gets a network of another name", async () => {
  const host = hostWithFolder();
  for (const [number, name] of ["wan+0", "wan-0", "7~x"].entries()) {
    host.kernel.addLink(name);
    host.kernel.addAddress(name, `10.0.${number}.1/24`);
  }
  const { out } = await host.faild("init", "-o", "-");
  assertEquals(networksIn(out), [
    { name: "7-x", interfaceName: "7~x" },
    { name: "ethA", interfaceName: "ethA" },
    { name: "ethB", interfaceName: "ethB" },
    { name: "wan-0", interfaceName: "wan+0" },
    { name: "wan-0-2", interfaceName: "wan-0" },
  ]);
});

Deno.test("a file that is there is never overwritten, whatever is in it", async () => {
  const host = hostWithFolder();
  host.disk.put("/etc/faild.yaml", "mine");
  assertEquals(await host.faild("init"), {
    exit: 1,
    out: "",
    error: "faild: Cannot write /etc/faild.yaml: it is there already, and is not overwritten\n",
  });
  assertEquals(host.disk.text("/etc/faild.yaml"), "mine");
});

Deno.test("init writes where it is told to, standard output included", async () => {
  const host = hostWithFolder();
  const { exit, out } = await host.faild("init", "--output=/etc/other.yaml");
  assertEquals([exit, out], [
    0,
    "/etc/other.yaml written with networks ethA, ethB; this host is a requestor\n" +
    "Next: faild check -c /etc/other.yaml\n",
  ]);
  const other = hostWithFolder();
  const printed = await other.faild("init", "-o-");
  assertEquals([printed.exit, printed.error], [0, ""]);
  assertEquals(printed.out, host.disk.text("/etc/other.yaml"));
  assertEquals(other.disk.files(), []);
});

Deno.test("what keeps init from writing is said, and has the exit code of its kind", async () => {
  const denied = hostWithFolder();
  denied.disk.denied.push("/etc");
  assertEquals(await denied.faild("init"), {
    exit: 4,
    out: "",
    error: "faild: Cannot write /etc/faild.yaml: Permission denied\n",
  });
  const nowhere = await hostWithFolder().faild("init", "-o", "/no/faild.yaml");
  assertEquals([nowhere.exit, nowhere.error], [
    1,
    "faild: Cannot write /no/faild.yaml: No such file or directory\n",
  ]);
  const blind = hostWithFolder();
  blind.ipFailure = "Cannot run ip: there is none";
  assertEquals(await blind.faild("init"), {
    exit: 1,
    out: "",
    error: "faild: Cannot read interfaces: Cannot run ip: there is none\n",
  });
  assertEquals(blind.disk.files(), []);
});

Deno.test("without a network the list is only shown, and on overlapping subnets one is left out", async () => {
  const lonely = hostWithFolder();
  lonely.kernel.removeLink("ethA");
  lonely.kernel.removeLink("ethB");
  const { out } = await lonely.faild("init");
  assertEquals(
    out,
    "/etc/faild.yaml written without networks: none was found; this host is a requestor\n" +
      "Next: look into it; faild check; faild install; the same on each other host\n",
  );
  assertEquals(networksIn(lonely.disk.text("/etc/faild.yaml") ?? ""), undefined);
  const twice = hostWithFolder();
  twice.kernel.addLink("ethC");
  twice.kernel.addAddress("ethC", "192.168.1.9/24");
  const { exit, error } = await twice.faild("init");
  assertEquals(exit, 0);
  assert(/^faild: Left out ethC: .*\n$/.test(error), error);
});
