import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import fc from "fast-check";
import { problemText } from "../../lib/config/problem.ts";
import { MAX_FILE_CHARACTERS, readYaml, type YamlContent } from "../../lib/config/yaml_file.ts";

function read(text: string): YamlContent {
  return readYaml({ file: "f.yaml", text, parse });
}

function problems(text: string): string[] {
  return read(text).problems.map(problemText);
}

/** A file without problems, as plain values. */
function values(text: string): Record<string, unknown> {
  const { given, networks, peers, allow, hooks, problems } = read(text);
  assertEquals(problems, []);
  return {
    ...Object.fromEntries([...given].map(([id, { value }]) => [id, value])),
    ...(networks === null ? {} : { networks: networks.value }),
    ...(peers === null ? {} : { peers: peers.value }),
    ...(allow === null ? {} : { allow: allow.value }),
    ...(hooks === null ? {} : { hooks: hooks.value }),
  };
}

const INTERFACE_RULE = "must be the name of an interface, 1 to 15 printable ASCII characters " +
  'without blank, quotes, "\\", "#", "/" or ":", the first no "-"';

const NAME_RULE =
  'must be 1 to 63 bytes of letters, digits, "-", "." or "_", the first a letter or digit';

const EVERY_KEY = `
requestor: true
interval: 0.05
fail-after: 4
restore-after: 20
port: 4000
log: {file: /var/log/faild.log, level: debug, format: json, syslog: true}
node: host-1
networks:
  - {name: A, interface: eth0.7}
  - {name: B, subnet: 192.168.2.9/24}
peers:
  - node: x
    addresses: [192.168.1.7, 192.168.2.7]
routing: {table: 256, rule-priority: 1, protocol: 5}
run-dir: /run/other
confirm-interval: 0.02
answer-wait: {floor: 0.002, ceiling: 0.04}
loss: {window: 20, leave-above: 30, return-below: 2.5}
hold-down: {limit: 0, quiet: 5}
failback: after 600
stop-grace: 0
auth: {mode: off, key-file: /etc/faild.keys}
allow: [host7, 192.168.1.8, 192.168.2.9/24]
control: {group: adm}
events: {file: /var/lib/faild/events.jsonl}
metrics: {file: /var/lib/node/faild.prom, listen: "127.0.0.1:9345"}
hooks:
  - {on: [path, route], run: [/usr/local/bin/tell, --now], timeout: 2.5}
  - {on: [daemon], run: [/bin/true]}
`;

Deno.test("a file may set every key", () => {
  assertEquals(values(EVERY_KEY), {
    requestor: true,
    interval: 0.05,
    failAfter: 4,
    restoreAfter: 20,
    port: 4000,
    logFile: "/var/log/faild.log",
    logLevel: "debug",
    logFormat: "json",
    logSyslog: true,
    node: "host-1",
    networks: [{ name: "A", interfaceName: "eth0.7" }, { name: "B", subnet: "192.168.2.0/24" }],
    peers: [{ node: "x", addresses: ["192.168.1.7", "192.168.2.7"] }],
    table: 256,
    rulePriority: 1,
    protocol: 5,
    runDir: "/run/other",
    confirmInterval: 0.02,
    answerWaitFloor: 0.002,
    answerWaitCeiling: 0.04,
    lossWindow: 20,
    lossLeaveAbove: 30,
    lossReturnBelow: 2.5,
    holdDownLimit: 0,
    holdDownQuiet: 5,
    failback: "after 600",
    stopGrace: 0,
    authMode: "off",
    authKeyFile: "/etc/faild.keys",
    allow: { names: ["host7"], subnets: ["192.168.1.8/32", "192.168.2.0/24"] },
    controlGroup: "adm",
    eventsFile: "/var/lib/faild/events.jsonl",
    metricsFile: "/var/lib/node/faild.prom",
    metricsListen: "127.0.0.1:9345",
    hooks: [
      { on: ["path", "route"], run: ["/usr/local/bin/tell", "--now"], timeoutMs: 2500 },
      { on: ["daemon"], run: ["/bin/true"], timeoutMs: 10000 },
    ],
  });
});

Deno.test("a file without values says nothing", () => {
  for (const text of ["", "\n", "# only a comment\n", "---\n", "~", "{}", "\ufeff"]) {
    assertEquals(values(text), {}, JSON.stringify(text));
  }
});

Deno.test("a heading whose keys are all commented out says nothing", () => {
  assertEquals(values("log:\n  #level: info\nrouting:\nnetworks:\npeers:\nauth:\nallow:\n"), {});
  assertEquals(values("networks: []\npeers: []\n"), { networks: [], peers: [] });
});

Deno.test("every value has the line on which it stands as its origin", () => {
  const { given, networks, peers } = read(
    "port: 1\n\nlog:\n  level: info\nnetworks: []\npeers: []",
  );
  assertEquals(given.get("port")?.origin, "f.yaml:1");
  assertEquals(given.get("logLevel")?.origin, "f.yaml:4");
  assertEquals(networks?.origin, "f.yaml:5");
  assertEquals(peers?.origin, "f.yaml:6");
});

Deno.test("everything that is wrong is reported at once, in the order of the lines", () => {
  const text = `requestor: yes
interval: -1
failAfter: 4
log: {level: loud, fil: x}
node: "a b"
port:
networks:
- name: A
  interface: eth0
- name: A
  interface: eth0
  subnet: 10.0.0.0/8
- subnet: 10.1.0.0/16
- name: C
- name: D
  interface: an-interface-name
- 5
peers:
  - node: x
    addresses: [10.0.0.1, 10.0.0.1, 'fe80::1', 224.0.0.1, 10.0.0.01, 10.1]
    adresses: []
  - node: x
    addresses: []
  - {node: y, addresses: 10.0.0.1}
  - {}
routing:
  table: 254
  rule-priority: 32766
  protocol: 4
run-dir: run
color: red
`;
  assertEquals(problems(text), [
    'Cannot use requestor: must be true or false, is "yes" (f.yaml:1)',
    "Cannot use interval: must be 0.01 to 3600 s, is -1 (f.yaml:2)",
    "Cannot use failAfter: must be a known key (nearest is fail-after) (f.yaml:3)",
    'Cannot use log.level: must be debug, info, warning or error, is "loud" (f.yaml:4)',
    "Cannot use log.fil: must be a known key (nearest is file) (f.yaml:4)",
    `Cannot use node: ${NAME_RULE}, is "a b" (f.yaml:5)`,
    "Cannot use port: must be a whole number, 1 to 65535, is empty (f.yaml:6)",
    'Cannot use networks[1].name: must differ from networks[0].name, is "A" (f.yaml:10)',
    "Cannot use networks[1]: must have either interface or subnet, has both (f.yaml:10)",
    'Cannot use networks[1].interface: must differ from networks[0].interface, is "eth0" (f.yaml:11)',
    `Cannot use networks[2].name: ${NAME_RULE}, is missing (f.yaml:13)`,
    'Cannot use networks[2].subnet: must not overlap networks[1].subnet, 10.0.0.0/8, is "10.1.0.0/16" (f.yaml:13)',
    "Cannot use networks[3]: must have either interface or subnet, has neither (f.yaml:14)",
    `Cannot use networks[4].interface: ${INTERFACE_RULE}, is "an-interface-name" (f.yaml:16)`,
    "Cannot use networks[5]: must be a mapping with name, interface, subnet, is 5 (f.yaml:17)",
    'Cannot use peers[0].addresses[1]: must differ from peers[0].addresses[0], is "10.0.0.1" (f.yaml:20)',
    'Cannot use peers[0].addresses[2]: must be the IPv4 address of a host, is "fe80::1" (f.yaml:20)',
    'Cannot use peers[0].addresses[3]: must be the IPv4 address of a host, is "224.0.0.1" (f.yaml:20)',
    'Cannot use peers[0].addresses[4]: must be the IPv4 address of a host, is "10.0.0.01" (f.yaml:20)',
    "Cannot use peers[0].addresses[5]: must be the IPv4 address of a host, is 10.1 (f.yaml:20)",
    "Cannot use peers[0].adresses: must be a known key (nearest is addresses) (f.yaml:21)",
    'Cannot use peers[1].node: must differ from peers[0].node, is "x" (f.yaml:22)',
    "Cannot use peers[1].addresses: must be a list of 1 to 16 addresses, is a list of 0 (f.yaml:23)",
    'Cannot use peers[2].addresses: must be a list of 1 to 16 addresses, is "10.0.0.1" (f.yaml:24)',
    `Cannot use peers[3].node: ${NAME_RULE}, is missing (f.yaml:25)`,
    "Cannot use peers[3].addresses: must be a list of 1 to 16 addresses, is missing (f.yaml:25)",
    "Cannot use routing.table: must be a whole number, 1 to 252 or 256 to 4294967295, is 254 (f.yaml:27)",
    "Cannot use routing.rule-priority: must be a whole number, 1 to 32765, is 32766 (f.yaml:28)",
    "Cannot use routing.protocol: must be a whole number, 5 to 255, is 4 (f.yaml:29)",
    'Cannot use run-dir: must be a full path, beginning with "/", is "run" (f.yaml:30)',
    "Cannot use color: must be a known key (one of requestor, interval, fail-after, restore-after, port, node, confirm-interval, failback, stop-grace, run-dir, log, answer-wait, loss, hold-down, auth, routing, control, events, metrics, networks, peers, allow, hooks) (f.yaml:31)",
  ]);
});

Deno.test("an address may belong to one peer only", () => {
  const text = `peers:
  - {node: x, addresses: [10.0.0.1]}
  - {node: y, addresses: [10.0.0.1]}
`;
  assertEquals(problems(text), [
    'Cannot use peers[1].addresses[0]: must differ from peers[0].addresses[0], is "10.0.0.1" (f.yaml:3)',
  ]);
});

Deno.test("a list or mapping of the wrong kind is named", () => {
  assertEquals(problems("- requestor"), [
    "Cannot use the file: must be a mapping of keys to values, is a list (f.yaml)",
  ]);
  assertEquals(problems("requestor"), [
    'Cannot use the file: must be a mapping of keys to values, is "requestor" (f.yaml)',
  ]);
  assertEquals(problems("log: /var/log/x\nnetworks: {name: A}\npeers: 5\n"), [
    'Cannot use log: must be a mapping with file, level, format, syslog, is "/var/log/x" (f.yaml:1)',
    "Cannot use networks: must be a list, is a mapping (f.yaml:2)",
    "Cannot use peers: must be a list, is 5 (f.yaml:3)",
  ]);
});

Deno.test("a subnet must be one of IPv4, and not that of every address", () => {
  const subnet = (text: string) => problems(`networks: [{name: A, subnet: ${text}}]`);
  for (const text of ["10.0.0.0/8", "10.1.2.0/23", "10.1.2.7/31"]) assertEquals(subnet(text), []);
  for (
    const text of ["10.0.0.0", "10.0.0.0/33", "0.0.0.0/0", "'fd00::/64'", "10.0/16", "7", "''"]
  ) {
    const [problem = "none"] = subnet(text);
    assert(problem.includes("must be an IPv4 subnet such as 192.168.1.0/24"), problem);
  }
});

Deno.test("an error of syntax is reported with the line that the parser names", () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      "port: 1\nport: 2\n",
      "Cannot read f.yaml: must be valid YAML: Cannot store mapping pair: duplicated key (f.yaml:2)",
    ],
    [
      "port: 'x",
      "Cannot read f.yaml: must be valid YAML: Unexpected end of the stream within a single quoted scalar (f.yaml:2)",
    ],
    [
      "a: 1\n---\nb: 2\n",
      "Cannot read f.yaml: must be valid YAML: Found more than 1 document in the stream: expected a single document (f.yaml:2)",
    ],
    ["log:\n\tfile: x", "Cannot read f.yaml: must be indented by spaces, not by tabs (f.yaml:2)"],
    ["<<: {port: 1}\n", "Cannot use <<: must be a known key"],
  ];
  for (const [text, expected] of cases) {
    const [problem = "none", ...more] = problems(text);
    assert(problem.startsWith(expected), problem);
    assertEquals(more, []);
  }
});

Deno.test("a file that is too large, too deep or full of aliases is refused at once", () => {
  const most = `#${" ".repeat(MAX_FILE_CHARACTERS - 1)}`;
  assertEquals(problems(most), []);
  assertEquals(problems(`${most} `), [
    "Cannot read f.yaml: must have at most 262144 characters, is 262145",
  ]);
  assertEquals(problems("[".repeat(100_000)), ["Cannot read f.yaml: is nested too deeply"]);
  const alias = (count: number) => `x: &x 1\ny: [${Array(count).fill("*x").join(", ")}]`;
  assertEquals(problems(alias(101)), [
    'Cannot read f.yaml: must have at most 100 aliases ("*"), is 101',
  ]);
  assert(!problems(alias(100)).join().includes("aliases"));
  assertEquals(problems(`# ${"*".repeat(200)} **bold** 2*3 ${"* ".repeat(200)}`), []);
});

Deno.test("aliases that stand for a huge or endless structure do no harm", () => {
  let bomb = "a0: &a0 [x, x, x]\n";
  for (let i = 1; i < 30; i++) bomb += `a${i}: &a${i} [*a${i - 1}, *a${i - 1}, *a${i - 1}]\n`;
  assertEquals(problems(bomb).length, 30);
  assertEquals(problems(`${bomb}peers: *a29\n`).length, 33);
  assertEquals(problems("log: &l {level: *l}\npeers: &p [*p]\n"), [
    "Cannot use log.level: must be debug, info, warning or error, is a mapping (f.yaml:1)",
    "Cannot use peers[0]: must be a mapping with node, addresses, is a list (f.yaml:2)",
  ]);
});

Deno.test("an honest alias means what it stands for", () => {
  const text = "networks:\n- &a {name: A, interface: eth0}\npeers:\n" +
    "- {node: &n x, addresses: [10.0.0.1]}\nnode: *n\n";
  const { node, networks } = values(text);
  assertEquals([node, networks], ["x", [{ name: "A", interfaceName: "eth0" }]]);
});

Deno.test("the lists and the report are bounded", () => {
  const networks = (count: number) =>
    "networks:\n" +
    Array.from({ length: count }, (_, i) => `- {name: n${i}, interface: e${i}}\n`).join("");
  assertEquals(problems(networks(16)), []);
  assertEquals(problems(networks(17)), [
    "Cannot use networks: must have at most 16 entries, is 17 (f.yaml:1)",
  ]);
  const peers = (count: number) =>
    "peers:\n" +
    Array.from({ length: count }, (_, i) =>
      `- {node: n${i}, addresses: [10.0.${i >> 8}.${i & 255}]}\n`).join("");
  assertEquals(problems(peers(1000)), []);
  assertEquals(problems(peers(1001)), [
    "Cannot use peers: must have at most 1000 entries, is 1001 (f.yaml:1)",
  ]);
  const wrong = problems(Array.from({ length: 500 }, (_, i) => `k${i}: 1\n`).join(""));
  assertEquals(wrong.length, 201);
  assertEquals(wrong.at(-1), "Cannot read f.yaml: has more than 200 problems");
});

Deno.test("keys that every object inherits are unknown keys like any other", () => {
  const found = problems("constructor: 1\ntoString: 2\n__proto__: {port: 0}\n");
  assertEquals(found.map((each) => each.split(":")[0]), [
    "Cannot use constructor",
    "Cannot use toString",
    "Cannot use __proto__",
  ]);
  assertEquals(values("log: {level: info}\n"), { logLevel: "info" });
});

Deno.test("what a file says cannot forge a line of the report", () => {
  for (const problem of problems('"a\\nb": 1\nnode: "x\\r\\ny\\u2028\\e[31m"\n')) {
    assert(!/[\p{Cc}\p{Zl}]/u.test(problem), JSON.stringify(problem));
  }
});

const key = fc.constantFrom(
  ...["requestor", "interval", "fail-after", "port", "log", "node", "networks", "peers", "routing"],
  ...["loss", "hold-down", "failback", "auth", "mode", "allow", "answer-wait", "floor", "window"],
  ...["run-dir", "name", "interface", "subnet", "addresses", "table", "level", "file", "nonsense"],
);
const plain = fc.constantFrom(
  "1",
  "-1",
  "true",
  "~",
  "x",
  "'",
  '"',
  "&a",
  "*a",
  "!!x",
  "1.2.3.4",
  "/a",
);
const row = fc.tuple(fc.constantFrom("", "  ", "    ", "- ", "  - ", "\t"), key, plain)
  .map(([indent, name, value]) => `${indent}${name}: ${value}`);
const heading = fc.tuple(fc.constantFrom("", "  ", "- "), key).map(([indent, name]) =>
  `${indent}${name}:`
);
const lines = fc.array(fc.oneof(row, heading), { maxLength: 12 }).map((rows) => rows.join("\n"));

Deno.test("text of any form is read without throwing, and every problem names the file", () => {
  const text = fc.oneof(lines, fc.string({ unit: "binary" }), fc.string());
  fc.assert(
    fc.property(text, (each) => {
      for (const problem of problems(each)) {
        assert(/^Cannot (use|read) [^\r\n]*f\.yaml[^\r\n]*$/.test(problem), problem);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("values of any type are read without throwing, and every problem names its key", () => {
  const value = fc.oneof(
    fc.anything({
      withBigInt: true,
      withDate: true,
      withTypedArray: true,
      withNullPrototype: true,
    }),
    fc.dictionary(key, fc.oneof(fc.anything(), fc.array(fc.dictionary(key, fc.anything())))),
  );
  fc.assert(
    fc.property(value, (parsed) => {
      const { problems } = readYaml({ file: "f.yaml", text: "", parse: () => parsed });
      for (const { subject, rule, where } of problems) {
        assert(subject !== "" && rule !== "");
        assertEquals(where, "f.yaml");
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a parser that fails with anything at all is reported, not passed on", () => {
  for (const thrown of [new TypeError("odd\nthing"), "text", null, new RangeError("stack")]) {
    const { problems } = readYaml({
      file: "f.yaml",
      text: "",
      parse: () => {
        throw thrown;
      },
    });
    assertEquals(problems.length, 1);
    assertEquals(problems[0]?.subject, "f.yaml");
  }
});
