import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { checkText, type NetworksNow } from "../../lib/cli/check.ts";
import { parseCommandLine } from "../../lib/config/command_line.ts";
import { mergeConfiguration } from "../../lib/config/merge.ts";
import type { Network } from "../../lib/core/types.ts";

function check(argv: readonly string[], text: string | null, now: NetworksNow): string {
  const line = parseCommandLine(argv, { runDirFromEnvironment: undefined });
  if (!("given" in line)) throw new Error(`${argv.join(" ")} is read as ${line.kind}`);
  const yaml = text === null ? null : { file: "/etc/faild.yaml", text, parse };
  const merged = mergeConfiguration({ given: line.given, yaml, hostname: "host1" });
  if (merged.kind === "problems") throw new Error(JSON.stringify(merged.problems));
  return checkText(merged.configuration, now);
}

function network(name: string, number: number, reason?: string): Network {
  return {
    name,
    interfaceName: `eth${number}`,
    family: 4,
    address: `192.168.${number}.1`,
    prefixLength: 24,
    broadcast: `192.168.${number}.255`,
    usable: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  };
}

const TWO: NetworksNow = { networks: [network("A", 1), network("B", 2)], problems: [] };

/** The lines below "Warnings:", without their indent. */
function warnings(text: string): string[] {
  const [, below = ""] = text.split("Warnings:\n");
  return below.split("\n").filter((line) => line !== "").map((line) => line.trim());
}

Deno.test("check shows what would run, where each value comes from, and what follows", () => {
  const text = `interval: 0.05
log:
  file: /var/log/faild.log
networks:
  - name: A
    interface: eth1
  - name: Backbone
    subnet: 192.168.2.0/24
  - name: C
    interface: eth9
peers:
  - node: host7
    addresses: [192.168.1.7, 192.168.2.7]
`;
  const now = {
    networks: [network("A", 1), network("Backbone", 2, "no carrier")],
    problems: [{ name: "C", reason: "there is no interface eth9" }],
  };
  assertEquals(
    check(["-r", "-t", "1", "-f4"], text, now),
    `  configuration   /etc/faild.yaml
  node            host1                    default
  mode            requestor and responder  flag -r
  port            UDP 32453                default
  log             /var/log/faild.log       /etc/faild.yaml:3
  log level       info                     default
  log format      text                     default
  run directory   /run/faild               default
  routing table   245                      default
  rule priority   3245                     default
  route protocol  245                      default

Networks, in order of preference (/etc/faild.yaml:4):
  A         eth1  192.168.1.1/24  usable
  Backbone  eth2  192.168.2.1/24  not usable: no carrier
  C         -     -               not usable: there is no interface eth9

Peers reached by unicast:
  host7  192.168.1.7, 192.168.2.7

Timers:
  interval       0.05 s           /etc/faild.yaml:1
  fail-after     4 misses         flag -f
  restore-after  10 good packets  default

What follows from them:
  inquiries                           0.0375 s to 0.05 s apart
  wait for an answer                  0.025 s at first
  cut found                           after 0.1375 s to 0.225 s
  cut found where only the peer asks  after at most 0.225 s
  restored                            after 0.3375 s to 0.5 s of good packets

Warnings:
  flag -t 1 is overridden by interval 0.05 (/etc/faild.yaml:1)
  only network A is usable now: no failover is possible
`,
  );
});

Deno.test("check of a bare responder on two networks has nothing to warn of", () => {
  assertEquals(
    check([], null, TWO),
    `  configuration   no file
  node            host1           default
  mode            responder       default
  port            UDP 32453       default
  log             standard error  default
  log level       info            default
  log format      text            default
  run directory   /run/faild      default
  routing table   245             default
  rule priority   3245            default
  route protocol  245             default

Networks, all that were found, in order of name:
  A  eth1  192.168.1.1/24  usable
  B  eth2  192.168.2.1/24  usable

Peers reached by unicast:
  none; nodes are found by broadcast

Timers:
  interval       1 s              default
  fail-after     3 misses         default
  restore-after  10 good packets  default

What follows from them:
  cut found  after at most 3.15 s
  restored   after 6.75 s to 10 s of good packets
`,
  );
});

Deno.test("a machine without networks is told that nothing happens until there is one", () => {
  const none = { networks: [], problems: [] };
  const requestor = check(["-r"], null, none);
  assert(requestor.includes("Networks, all that were found, in order of name:\n  none\n"));
  assertEquals(warnings(requestor), [
    "no network is usable: nothing is asked or answered until there is one",
  ]);
  assertEquals(warnings(check([], null, none)), [
    "no network is usable: nothing is answered until there is one",
  ]);
});

Deno.test("networks that are all unusable are as good as none", () => {
  const now = { networks: [network("A", 1, "no carrier")], problems: [] };
  assertEquals(warnings(check([], null, now)), [
    "no network is usable: nothing is answered until there is one",
  ]);
});

Deno.test("a single network is said to allow no failover", () => {
  const now = { networks: [network("A", 1)], problems: [] };
  assertEquals(warnings(check([], null, now)), [
    "only network A is there: no failover is possible",
  ]);
});

Deno.test("an address of a peer that lies in none of the networks is named", () => {
  const text = "peers: [{node: x, addresses: [192.168.1.7, 10.0.0.1]}]";
  const line = "peer x: 10.0.0.1 lies in none of the networks and cannot be probed";
  assertEquals(warnings(check([], text, TWO)), [line]);
  const none = warnings(check([], text, { networks: [], problems: [] }));
  assert(!none.includes(line), "without networks it would be said of all");
});

Deno.test("a second daemon is told what it must not share with the first", () => {
  const numbers = "routing: {table: 246, rule-priority: 3246, protocol: 246}";
  const must = "run-dir is /run/b: a second daemon on one machine must differ in";
  assertEquals(warnings(check(["--run-dir=/run/b"], null, TWO)), [
    `${must} port, routing.table, routing.rule-priority, routing.protocol as well`,
  ]);
  assertEquals(warnings(check(["--run-dir=/run/b"], numbers, TWO)), [`${must} port as well`]);
  assertEquals(warnings(check(["--run-dir=/run/b", "-p1"], numbers, TWO)), []);
  assertEquals(warnings(check(["--run-dir=/run/faild"], null, TWO)), []);
});

Deno.test("counts of one are in the singular", () => {
  const text = check(["-f1", "-s1"], null, TWO);
  assert(/fail-after +1 miss +flag -f\n/.test(text));
  assert(/restore-after +1 good packet +flag -s\n/.test(text));
});
