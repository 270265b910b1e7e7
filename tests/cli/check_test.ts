import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { checkText } from "../../lib/cli/check.ts";
import type { MachineNow } from "../../lib/cli/machine_now.ts";
import { parseCommandLine } from "../../lib/config/command_line.ts";
import { mergeConfiguration } from "../../lib/config/merge.ts";
import type { Network } from "../../lib/core/types.ts";

const NOTHING: MachineNow = {
  linksProblem: null,
  networks: [],
  problems: [],
  keys: null,
  logProblem: null,
  groupProblem: null,
  hookProblems: [],
};

function check(argv: readonly string[], text: string | null, now: Partial<MachineNow>): string {
  const line = parseCommandLine(argv, { runDirFromEnvironment: undefined });
  if (!("given" in line)) throw new Error(`${argv.join(" ")} is read as ${line.kind}`);
  const yaml = text === null ? null : { file: "/etc/faild.yaml", text, parse };
  const merged = mergeConfiguration({ given: line.given, yaml, hostname: "host1" });
  if (merged.kind === "problems") throw new Error(JSON.stringify(merged.problems));
  return checkText(merged.configuration, { ...NOTHING, ...now });
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

const TWO = { networks: [network("A", 1), network("B", 2)], problems: [] };

/** The lines below "Warnings:", without their indent. */
function warnings(text: string): string[] {
  const [, below = ""] = text.split("Warnings:\n");
  return below.split("\n").filter((line) => line !== "").map((line) => line.trim());
}

const FULL = `  configuration   /etc/faild.yaml
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

Who is listened to:
  auth.mode      off: packets are not signed  default
  auth.key-file  none                         default
  allow          everybody                    default

Timers:
  interval             0.05 s                /etc/faild.yaml:1
  confirm-interval     0.05 s, the interval  default
  answer-wait.floor    0.025 s               default
  answer-wait.ceiling  0.0375 s              default
  fail-after           4 misses              flag -f
  restore-after        10 good packets       default
  stop-grace           30 s                  default

Which path carries the traffic:
  loss.window        60 inquiries  default
  loss.leave-above   25 %          default
  loss.return-below  5 %           default
  hold-down.limit    300 s         default
  hold-down.quiet    60 s          default
  failback           auto          default

Who is told, and where:
  log.syslog      no                            default
  control.group   none: only its owner may ask  default
  events.file     /run/faild/events.jsonl       default
  metrics.file    none                          default
  metrics.listen  none                          default
  hooks           none                          default

What follows from them:
  inquiries                           0.0375 s to 0.05 s apart
  wait for an answer                  0.025 s at first, 0.0375 s at most
  cut found where only we ask         after 0.1375 s to 0.225 s
  cut found where both ask            after 0.155 s to 0.205 s
  cut found where only the peer asks  after at most 0.205 s
  restored                            after 0.3375 s to 0.5 s of good packets

Warnings:
  flag -t 1 is overridden by interval 0.05 (/etc/faild.yaml:1)
  network C cannot be used: there is no interface eth9
  only network A is usable now: no failover is possible
`;

Deno.test("check shows who is told of the daemon, and where", () => {
  const text = `log: {syslog: true}
control: {group: adm}
events: {file: /e}
metrics: {file: /m, listen: "[::1]:9345"}
hooks: [{on: [node], run: [/a]}]
`;
  const shown = check([], text, TWO).split("Who is told, and where:\n")[1]?.split("\n\n")[0];
  assertEquals(shown?.split("\n").map((line) => line.trim().split(/ {2,}/)), [
    ["log.syslog", "the log goes there too", "/etc/faild.yaml:1"],
    ["control.group", "adm", "/etc/faild.yaml:2"],
    ["events.file", "/e", "/etc/faild.yaml:3"],
    ["metrics.file", "/m", "/etc/faild.yaml:4"],
    ["metrics.listen", "::1 port 9345", "/etc/faild.yaml:4"],
    ["hooks", "1 program", "/etc/faild.yaml:5"],
  ]);
});

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
    FULL,
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

Who is listened to:
  auth.mode      off: packets are not signed  default
  auth.key-file  none                         default
  allow          everybody                    default

Timers:
  interval             1 s                default
  confirm-interval     1 s, the interval  default
  answer-wait.floor    0.15 s             default
  answer-wait.ceiling  0.75 s             default
  fail-after           3 misses           default
  restore-after        10 good packets    default
  stop-grace           30 s               default

Which path carries the traffic:
  loss.window        60 inquiries  default
  loss.leave-above   25 %          default
  loss.return-below  5 %           default
  hold-down.limit    300 s         default
  hold-down.quiet    60 s          default
  failback           auto          default

Who is told, and where:
  log.syslog      no                            default
  control.group   none: only its owner may ask  default
  events.file     /run/faild/events.jsonl       default
  metrics.file    none                          default
  metrics.listen  none                          default
  hooks           none                          default

What follows from them:
  cut found  after at most 3.0167 s
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
  const text = "peers: [{node: x, addresses: [192.168.1.7, 192.168.2.7, 10.0.0.1]}]";
  const line = "peer x: 10.0.0.1 lies in none of the networks and cannot be probed";
  assertEquals(warnings(check([], text, TWO)), [line]);
  const none = warnings(check([], text, { networks: [], problems: [] }));
  assert(!none.includes(line), "without networks it would be said of all");
});

/** The rows of a section, with single blanks between their cells. */
function rows(text: string, heading: string): string[] {
  const [, below = ""] = text.split(`${heading}:\n`);
  return (below.split("\n\n")[0] ?? "").split("\n").map((row) => row.trim().replace(/ +/g, " "));
}

Deno.test("a peer on one network only is named, where there are more", () => {
  const text = "peers: [{node: x, addresses: [192.168.1.7, 192.168.1.8]}]";
  assertEquals(warnings(check([], text, TWO)), [
    "peer x is on network A only: no failover is possible for it",
  ]);
  const one = { networks: TWO.networks.slice(0, 1) };
  assertEquals(warnings(check([], text, one)), [
    "only network A is there: no failover is possible",
  ]);
});

Deno.test("a peer with the name or an address of this node is named", () => {
  const text = `peers:
  - {node: host1, addresses: [192.168.1.7, 192.168.2.7]}
  - {node: y, addresses: [192.168.1.1, 192.168.2.8, 192.168.1.8]}
`;
  assertEquals(warnings(check([], text, TWO)), [
    "peer host1: this node has the same name",
    "peer y: 192.168.1.1 is an address of this node",
  ]);
});

Deno.test("a group that may not ask and a hook that will not be run are named", () => {
  const now = {
    ...TWO,
    groupProblem: "there is no such group in /etc/group",
    hookProblems: [{ program: "/x", reason: "No such file" }],
  };
  assertEquals(warnings(check([], "control: {group: ops}", now)), [
    "control.group is ops: it may not ask the daemon, there is no such group in /etc/group",
    "hook /x will not be run: No such file",
  ]);
});

Deno.test("a log that cannot be written is named", () => {
  const now = { ...TWO, logProblem: "There is no directory /none" };
  assertEquals(warnings(check(["-l", "/none/x"], null, now)), [
    "cannot log to /none/x: There is no directory /none",
  ]);
});

Deno.test("with a confirm-interval of its own the way to a verdict is shown with it", () => {
  const text = check(
    ["-r"],
    "interval: 0.05\nconfirm-interval: 0.01\nanswer-wait: {floor: 0.008}",
    TWO,
  );
  assertEquals(rows(text, "Timers").slice(0, 4), [
    "interval 0.05 s /etc/faild.yaml:1",
    "confirm-interval 0.01 s /etc/faild.yaml:2",
    "answer-wait.floor 0.008 s /etc/faild.yaml:3",
    "answer-wait.ceiling 0.0375 s default",
  ]);
  assertEquals(rows(text, "What follows from them").slice(0, 5), [
    "inquiries 0.0375 s to 0.05 s apart",
    "after a first miss 0.01 s apart, to that peer only",
    "wait for an answer 0.008 s at first, 0.0375 s at most",
    "cut found where only we ask after 0.026 s to 0.076 s",
    "cut found where both ask after 0.023 s to 0.073 s",
  ]);
  assertEquals(
    check(["-r", "-f1"], "confirm-interval: 0.1", TWO).includes("after a first miss"),
    false,
  );
});

Deno.test("what decides on the path is shown, and what is off as off", () => {
  const chosen =
    "loss: {window: 50, leave-above: 12.5}\nfailback: after 600\nhold-down: {limit: 0.5}";
  assertEquals(rows(check([], chosen, TWO), "Which path carries the traffic"), [
    "loss.window 50 inquiries /etc/faild.yaml:1",
    "loss.leave-above 12.5 % /etc/faild.yaml:1",
    "loss.return-below 5 % default",
    "hold-down.limit 0.5 s /etc/faild.yaml:3",
    "hold-down.quiet 60 s default",
    "failback after 600 s /etc/faild.yaml:2",
  ]);
  const off = "loss: {window: 0}\nfailback: manual\nhold-down: {limit: 0}\nstop-grace: 0";
  assertEquals(rows(check([], off, TWO), "Which path carries the traffic"), [
    "loss.window off /etc/faild.yaml:1",
    "hold-down.limit off /etc/faild.yaml:3",
    "failback manual /etc/faild.yaml:2",
  ]);
  assertEquals(
    rows(check([], off, TWO), "Timers").at(-1),
    "stop-grace no goodbye /etc/faild.yaml:4",
  );
});

Deno.test("keys are shown by their ids, the one that signs first", () => {
  const text = "auth:\n  mode: permissive\n  key-file: /k\nallow: [host7, 192.168.1.0/24]";
  const keys = { kind: "usable", ids: [3, 2] } as const;
  const shown = check([], text, { ...TWO, keys });
  assertEquals(rows(shown, "Who is listened to"), [
    "auth.mode permissive: packets are signed, those of others are used without /etc/faild.yaml:2",
    "auth.key-file /k /etc/faild.yaml:3",
    "keys signs with 3, accepts 3, 2; open to their owner only",
    "allow 1 name, 1 address or subnet /etc/faild.yaml:4",
  ]);
  assertEquals(warnings(shown), []);
});

Deno.test("a key file that is not used is a warning, with what is wrong with it", () => {
  const text = "auth: {key-file: /k}";
  const warning = "auth.key-file is given, but auth.mode is off: packets are not signed";
  const usable = { kind: "usable", ids: [1] } as const;
  assertEquals(warnings(check([], text, { ...TWO, keys: usable })), [warning]);
  const unusable = { kind: "unusable", reasons: ["Cannot read /k: No such file"] } as const;
  assertEquals(warnings(check([], text, { ...TWO, keys: unusable })), [
    warning,
    "Cannot read /k: No such file",
  ]);
});

Deno.test("a list that allows nobody is a warning, one of peers is none", () => {
  const nobody = check([], "allow: []", TWO);
  assertEquals(rows(nobody, "Who is listened to").at(-1), "allow nobody /etc/faild.yaml:1");
  assertEquals(warnings(nobody), ["allow is empty: no other node is listened to"]);
  const peers = "allow: []\npeers: [{node: x, addresses: [192.168.1.7, 192.168.2.7]}]";
  assertEquals(
    rows(check([], peers, TWO), "Who is listened to").at(-1),
    "allow 2 addresses and subnets, peers included /etc/faild.yaml:1",
  );
  assertEquals(warnings(check([], peers, TWO)), []);
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
