/** `faild probe` on LANs where nodes answer. Reads docs/schema. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decode } from "../../lib/core/wire.ts";
import { AnsweringLans } from "./answering_lans.ts";
import { FakeHost } from "./fake_host.ts";
import type { PathStatus } from "../../lib/control_protocol.ts";
import { downPath, pathStatus, peerView, statusOf } from "../shells/overviews.ts";
import { schemaFaults } from "../fakes/json_schema.ts";
import { answeringWith } from "../fakes/control_pipe.ts";

const SCHEMA = JSON.parse(
  Deno.readTextFileSync(new URL("../../docs/schema/probe.json", import.meta.url)),
);

const BOTH = ["192.168.1.2", "192.168.2.2"];

/** A host whose alarms ring at once: time is what the LANs say it is. */
class ProbingHost extends FakeHost {
  override readonly udp = new AnsweringLans();
  #draws = 0n;
  override random = () => ({ fraction: () => 0.5, bits64: () => ++this.#draws });
  override alarm = (ring: () => void = () => {}) => {
    let wanted = 0;
    return {
      wakeAt: (atMs: number | null): undefined => {
        this.alarms.push(atMs);
        const mine = ++wanted;
        if (atMs === null) return;
        setTimeout(() => {
          if (mine !== wanted) return;
          this.udp.nowMs = Math.max(this.udp.nowMs, atMs);
          ring();
        }, 0);
      },
    };
  };

  /** A node that answers. */
  withNode(name = "node2", addresses = BOTH, silentOn: readonly string[] = []): this {
    const boot = BigInt(this.udp.nodes.length + 100);
    this.udp.nodes.push({ name, boot, addresses, silentOn });
    return this;
  }
}

Deno.test("Where all answer everywhere, each answer is shown, then a table, and the exit code is 0", async () => {
  const host = new ProbingHost().withNode();
  const { exit, out, error } = await host.faild("probe", "-n", "2");
  assertEquals([exit, error], [0, ""]);
  const lines = out.split("\n");
  assertEquals(
    lines[0],
    "Asking on ethA (192.168.1.1/24), ethB (192.168.2.1/24): 2 rounds, 0.5 s apart, UDP port 32453",
  );
  assertMatch(lines[1] ?? "", /^ethA {2}192\.168\.1\.2 {6}node2 {2}round 1 {2}0\.[25][05] ms$/);
  assertEquals(lines.filter((line) => / round \d /.test(line)).length, 4);
  assert(lines.includes("NODE   NETWORK  ADDRESS      ANSWERS  LOST  RTT MIN/MEAN/MAX"));
  assert(lines.some((line) => line.startsWith("node2  ethB     192.168.2.2  2 of 2   0 %   0.")));
  assertEquals(lines.at(-2), "1 node answered on 2 networks, nobody is missing");
  // All that was opened is closed, and nothing is left to be done.
  assertEquals([host.udp.socketsOpen, host.alarms.at(-1)], [0, null]);
});

Deno.test("A node that is missing on a LAN is told of, and the exit code is 1", async () => {
  const host = new ProbingHost().withNode("node2", BOTH, ["192.168.2.2"]);
  const { exit, out } = await host.faild("probe", "-n", "1");
  assertEquals(exit, 1);
  assert(out.includes("ethB  192.168.2.2      node2  round 1  no answer\n"), out);
  assert(out.includes("\nMissing:\n  node2 on ethB (192.168.2.2): no answer\n"), out);
  assert(out.endsWith("1 node answered on 2 networks, 1 node is missing somewhere\n"), out);
});

Deno.test("A LAN on which nothing can be sent is the reason why a node is missing there", async () => {
  const host = new ProbingHost().withNode();
  host.udp.unreachable.add("192.168.2.1");
  const { exit, out } = await host.faild("probe", "-n", "2");
  assertEquals(exit, 1);
  assert(
    out.includes("  node2 on ethB (192.168.2.2): could not ask: Network is unreachable\n"),
    out,
  );
  assert(out.endsWith("1 node answered on 1 network, 1 node is missing somewhere\n"), out);
});

Deno.test("Where nobody answers the exit code is 3", async () => {
  const { exit, out } = await new ProbingHost().faild("probe");
  assertEquals(exit, 3);
  assert(out.endsWith("\nNobody answered on 2 networks\n"), out);
});

Deno.test("As JSON there is one document, as its schema says, and no other text", async () => {
  const cases = [
    new ProbingHost().withNode(),
    new ProbingHost().withNode("node2", BOTH, ["192.168.2.2"]),
    new ProbingHost(),
  ];
  const verdicts: string[] = [];
  for (const host of cases) {
    const { out } = await host.faild("probe", "--json", "-n", "2", "node9", "node2");
    const document = JSON.parse(out);
    assertEquals(schemaFaults(document, SCHEMA), []);
    verdicts.push(document.verdict);
  }
  assertEquals(verdicts, ["missing", "missing", "nobody"]);
});

Deno.test("A network, an interface, a node's name and its address are all understood", async () => {
  const found = async (...args: string[]) => {
    const host = new ProbingHost().withNode().withNode("node3", ["192.168.1.3"]);
    const { exit, out } = await host.faild("probe", "--json", "-n", "1", ...args);
    const { nodes, networks } = JSON.parse(out);
    const paths = nodes.flatMap((node: { name: string; paths: { network: string }[] }) =>
      node.paths.map(({ network }) => `${node.name} ${network}`)
    );
    return [exit, networks.length, ...paths];
  };
  assertEquals(await found("ethB"), [0, 1, "node2 ethB"]);
  assertEquals(await found("node3"), [0, 2, "node3 ethA"]);
  assertEquals(await found("192.168.2.2"), [0, 2, "node2 ethA", "node2 ethB"]);
  assertEquals(await found("ethA", "node2"), [0, 1, "node2 ethA"]);
  assertEquals(await found("node4"), [1, 2]);
});

Deno.test("An argument that can be nothing, or lies elsewhere, is a wrong one", async () => {
  for (const arg of ["10.9.9.9", "no/name", "192.168.1.1"]) {
    const host = new ProbingHost().withNode();
    const { exit, error } = await host.faild("probe", arg);
    assertEquals(exit, 2);
    assertMatch(error, /^faild: Cannot use argument: must be .*, is (10\.9|no\/n|192)/);
    assertEquals(host.udp.sent, []);
  }
});

Deno.test("Where a daemon has the port another one is used, and told of", async () => {
  const busy = () => {
    const host = new ProbingHost();
    host.udp.taken.add(32453);
    return host;
  };
  const host = busy().withNode();
  const { exit, out } = await host.faild("probe", "-n", "1");
  assertEquals(exit, 0);
  assertEquals(host.udp.sent.map(({ from }) => from), ["192.168.1.1:40001", "192.168.2.1:40001"]);
  assert(out.includes("\nNote: another program has UDP port 32453 here"), out);
  const json = await busy().faild("probe", "-n", "1", "--json");
  assertEquals([json.exit, JSON.parse(json.out).samePort], [3, false]);
});

/** What the daemon of this host tells of its only peer. */
function withDaemon(host: ProbingHost, ...paths: readonly PathStatus[]): ProbingHost {
  host.udp.taken.add(32453);
  const lines = [statusOf(), { peers: [peerView(2, paths)] }, { end: true }];
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  host.connectControl = () =>
    Promise.resolve({ kind: "connected", connection: answeringWith(text) });
  return host;
}

Deno.test("Beside a daemon that says the same there is no note", async () => {
  const onB = pathStatus({ network: "ethB", address: "192.168.2.2" });
  const { exit, out } = await withDaemon(new ProbingHost().withNode(), pathStatus(), onB)
    .faild("probe", "-n", "1");
  assertEquals(exit, 0);
  assert(!out.includes("Note"), out);
  assert(out.endsWith("1 node answered on 2 networks, nobody is missing\n"), out);
});

Deno.test("Whom the daemon knows is missing where no answer comes, with what may be the reason", async () => {
  const onB = pathStatus({ network: "ethB", address: "192.168.2.2" });
  const downOnB = downPath({ network: "ethB", address: "192.168.2.2" });
  const host = () =>
    withDaemon(new ProbingHost().withNode("node3", ["192.168.1.3"]), downPath(), downOnB);
  const { exit, out } = await host().faild("probe", "-n", "1");
  assertEquals(exit, 1);
  const why = "no answer: it cannot be reached, or takes only signed inquiries";
  assert(
    out.includes(
      `\nMissing:\n  node2 on ethA (192.168.1.2): ${why}\n  node2 on ethB (192.168.2.2): ${why}\n`,
    ),
    out,
  );
  assert(out.endsWith("1 node answered on 2 networks, 1 node is missing somewhere\n"), out);
  for (const wanted of ["node2", "192.168.2.2"]) {
    const named = await host().faild("probe", "-n", "1", "--json", wanted);
    const document = JSON.parse(named.out);
    assertEquals(schemaFaults(document, SCHEMA), []);
    assertEquals([named.exit, document.verdict, document.others], [1, "missing", ["node3"]]);
    const [{ name, answered, paths }] = document.nodes;
    assertEquals([name, answered, paths.length], ["node2", false, 2]);
  }
  // Of somebody else nothing is told, and where nobody answers the code says so.
  assertEquals((await host().faild("probe", "-n", "1", "node3")).exit, 0);
  const alone = await withDaemon(new ProbingHost(), pathStatus(), onB).faild("probe", "-n", "1");
  assertEquals(alone.exit, 3);
  assertMatch(alone.out, /lets in its port only, or the node takes only signed inquiries\n/);
});

Deno.test("Whom a daemon knows that has not its port is known too", async () => {
  const host = withDaemon(new ProbingHost().withNode("node3", ["192.168.1.3"]), downPath());
  host.udp.taken.clear();
  const { exit, out } = await host.faild("probe", "-n", "1", "--json");
  const { samePort, daemonAsked, verdict } = JSON.parse(out);
  assertEquals([exit, samePort, daemonAsked, verdict], [1, true, true, "missing"]);
});

Deno.test("At another port than the daemon's own its word counts for nothing", async () => {
  const host = withDaemon(new ProbingHost().withNode(), downPath());
  host.files.set("/c", { kind: "text", text: "port: 4000\n" });
  const { out } = await host.faild("probe", "-c", "/c", "-n", "1", "-p", "32453", "--json");
  assertEquals([JSON.parse(out).samePort, JSON.parse(out).daemonAsked], [false, false]);
});

Deno.test("A path that the daemon holds for down is missing, whatever answers come", async () => {
  const host = () => withDaemon(new ProbingHost().withNode(), downPath());
  const { exit, out } = await host().faild("probe", "-n", "1");
  assertEquals(exit, 1);
  assert(
    out.includes(
      "\nMissing:\n  node2 on ethA (192.168.1.2): down, says the daemon of this host: the answers " +
        "come by another LAN\n",
    ),
    out,
  );
  assert(out.endsWith("1 node answered on 2 networks, 1 node is missing somewhere\n"), out);
  const document = JSON.parse((await host().faild("probe", "-n", "1", "--json")).out);
  assertEquals(schemaFaults(document, SCHEMA), []);
  assertEquals([document.daemonAsked, document.verdict], [true, "missing"]);
  // What we do not use ourselves is down for us, and not for who is there.
  const cause = { kind: "own-network", reason: "drained" } as const;
  const drained = downPath({ cause, changed: { to: "down", cause, agoMs: 5 } });
  const well = await withDaemon(new ProbingHost().withNode(), drained).faild("probe", "-n", "1");
  assertEquals(well.exit, 0);
});

Deno.test("That the daemon has answers where the probe has none is told, as a firewall's doing", async () => {
  const host = withDaemon(new ProbingHost().withNode("node2", BOTH, ["192.168.1.2"]), pathStatus());
  const { exit, out } = await host.faild("probe", "-n", "1");
  assertEquals(exit, 1);
  assertMatch(out, /node2 on ethA \(192\.168\.1\.2\): no answer, but the daemon of this host has/);
});

Deno.test("Who asks for somebody that nobody is learns who did answer, and the exit code is 1", async () => {
  const host = new ProbingHost().withNode().withNode("node3", ["192.168.1.3"]);
  const { exit, out } = await host.faild("probe", "-n", "1", "nosuch");
  assertEquals(exit, 1);
  assert(out.includes("  nosuch: no node of this name or address answered\n"), out);
  assert(
    out.endsWith(
      "\nThe node that was asked for did not answer on 2 networks; others did: node2, node3\n",
    ),
    out,
  );
  const two = await new ProbingHost().withNode().faild("probe", "-n", "1", "no1", "no2");
  assertEquals(two.exit, 1);
  assert(
    two.out.endsWith("\nOf those asked for nobody answered on 2 networks; others did: node2\n"),
  );
  const some = await new ProbingHost().withNode().faild("probe", "-n", "1", "--json", "nosuch");
  assertEquals(JSON.parse(some.out).others, ["node2"]);
  assertEquals((await new ProbingHost().faild("probe", "-n", "1", "nosuch")).exit, 3);
});

Deno.test("A signal ends it early, with the summary of what came so far", async () => {
  for (const signal of ["stop", "reload"] as const) {
    const host = new ProbingHost().withNode();
    const done = host.faild("probe", "-n", "1000");
    while (host.udp.sent.length < 6) await new Promise((resolve) => setTimeout(resolve, 0));
    host.signals?.[signal]("SIGINT");
    const { exit, out } = await done;
    assertEquals(exit, 0);
    assertMatch(out, /node2 {2}ethA .* [3-9] of [3-9] /);
    assertEquals(host.udp.socketsOpen, 0);
  }
});

Deno.test("The configuration gives names, peers, port and keys; peers are asked by unicast and may be missing", async () => {
  const host = new ProbingHost().withNode();
  host.files.set("/etc/faild.yaml", {
    kind: "text",
    text: "node: prober\nnetworks: [{name: A, interface: ethA}]\n" +
      "peers: [{node: far, addresses: [192.168.1.9]}]\n" +
      "auth: {mode: permissive, key-file: /etc/faild.keys}\n",
  });
  host.secrets.set("/etc/faild.keys", { kind: "text", text: `7 ${"ab".repeat(32)}\n` });
  const { exit, out } = await host.faild("probe", "-n", "1");
  assertEquals(exit, 1);
  assert(
    out.startsWith("Asking on A (192.168.1.1/24): 1 round, 0.5 s apart, UDP port 32453, signed\n"),
  );
  assert(out.includes("  far on A (192.168.1.9): no answer\n"), out);
  assertEquals(host.udp.sent.map(({ to }) => to), ["192.168.1.255", "192.168.1.9"]);
  assertEquals(host.udp.sent.map(({ bytes }) => decode(bytes).packet?.name), ["prober", "prober"]);
  // The fake signature is the byte of the key's id.
  assertEquals(host.udp.sent.map(({ bytes }) => bytes.at(-1)), [7, 7]);
});

Deno.test("Who may not read the configuration or the keys asks without them, and is told so", async () => {
  const host = new ProbingHost().withNode();
  host.files.set("/etc/faild.yaml", { kind: "failed", reason: "Permission denied" });
  const { exit, error } = await host.faild("probe", "-n", "1");
  assertEquals([exit, error], [0, "faild: Going on without /etc/faild.yaml: Permission denied\n"]);
  const keyless = new ProbingHost().withNode();
  keyless.files.set("/etc/faild.yaml", {
    kind: "text",
    text: "auth: {mode: enforce, key-file: /etc/faild.keys}\n",
  });
  keyless.secrets.set("/etc/faild.keys", { kind: "failed", reason: "Permission denied" });
  const asked = await keyless.faild("probe", "-n", "1");
  assert(asked.error.includes("Asking without a signature"), asked.error);
  const named = await new ProbingHost().faild("probe", "-c", "/etc/other.yaml");
  assertEquals(named.exit, 6);
});

Deno.test("Without interfaces that can be read, or without a network, nobody can be asked", async () => {
  const host = new ProbingHost();
  host.ipFailure = "Cannot run ip: there is none";
  assertEquals(await host.faild("probe"), {
    exit: 1,
    out: "",
    error: "faild: Cannot read interfaces: Cannot run ip: there is none\n",
  });
  const bare = new ProbingHost();
  for (const name of ["ethA", "ethB"]) bare.kernel.removeLink(name);
  const { exit, error } = await bare.faild("probe");
  assertEquals([exit, error], [1, "faild: Cannot ask: no network was found\n"]);
});

Deno.test("In a crowd each address is shown once", async () => {
  const host = new ProbingHost();
  for (let i = 10; i < 60; i++) host.withNode(`node${i}`, [`192.168.1.${i}`]);
  const { out } = await host.faild("probe", "-n", "3");
  const shown = out.split("\n").filter((line) => / round \d /.test(line));
  assertEquals(new Set(shown.map((line) => line.split(/ +/)[1])).size, 50);
  assert(shown.length < 60, `${shown.length}`);
});
