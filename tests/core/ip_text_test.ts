import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { familyOf, parseAddress } from "../../lib/core/address.ts";
import {
  isDestination,
  isInterfaceName,
  isPermissionProblem,
  type Mark,
  renderStep,
  showActual,
  showActualEverywhere,
} from "../../lib/core/ip_text.ts";
import type { Step } from "../../lib/core/route_plan.ts";
import { parseLine } from "../fakes/ip_lines.ts";

const MARK: Mark = { routing: { table: 245, rulePriority: 3245, protocol: 245 }, port: 32453 };
const ROUTE = {
  address: "192.168.1.2",
  gateway: "192.168.2.2",
  interfaceName: "ethB",
  source: "192.168.1.1",
};
const { source: _, ...WITHOUT_SOURCE } = ROUTE;
const SUBNET = { network: "192.168.1.2", prefixLength: 31 };
const STALE = { priority: 9, table: 77, inverted: true, udp: true, port: 4000 };
const STRAY = { destination: "10.0.0.0/8", table: 99 };

const LINES: readonly (readonly [Step, string])[] = [
  [
    { kind: "rule-add" },
    "rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245",
  ],
  [
    { kind: "rule-delete" },
    "rule del pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245",
  ],
  [
    { kind: "rule-delete", stale: STALE },
    "rule del pref 9 not ipproto 17 dport 4000 lookup 77 protocol 245",
  ],
  [
    { kind: "rule-delete", stale: { priority: 9, table: 77, inverted: false, udp: false } },
    "rule del pref 9 lookup 77 protocol 245",
  ],
  [
    { kind: "route-add", route: ROUTE },
    "route add 192.168.1.2/32 via 192.168.2.2 dev ethB src 192.168.1.1 table 245 proto 245",
  ],
  [
    { kind: "route-replace", route: WITHOUT_SOURCE },
    "route replace 192.168.1.2/32 via 192.168.2.2 dev ethB table 245 proto 245",
  ],
  [
    { kind: "route-delete", address: "192.168.1.2" },
    "route del 192.168.1.2/32 table 245 proto 245",
  ],
  [
    { kind: "route-delete", address: "2001:db8::1" },
    "route del 2001:db8::1/128 table 245 proto 245",
  ],
  [{ kind: "stray-delete", stray: STRAY }, "route del 10.0.0.0/8 table 99 proto 245"],
  [
    {
      kind: "stray-delete",
      stray: { ...STRAY, gateway: "192.168.2.2", interfaceName: "ethB", tos: "0x10", metric: 0 },
    },
    "route del 10.0.0.0/8 via 192.168.2.2 dev ethB tos 0x10 metric 0 table 99 proto 245",
  ],
  [
    { kind: "neighbour-flush", interfaceName: "ethA", subnet: SUBNET },
    "neigh flush to 192.168.1.2/31 dev ethA",
  ],
];

for (const [step, line] of LINES) {
  Deno.test(`Text for ip: ${line}`, () => {
    assertEquals(renderStep(step, MARK), { kind: "line", line });
  });
}

Deno.test("Text for ip: the lines are those that a strict reader knows", () => {
  for (const [, line] of LINES) parseLine(line);
  for (const line of showActualEverywhere(MARK)) parseLine(line);
});

Deno.test("Text for ip: the shows name our table and our protocol number", () => {
  assertEquals(showActual(MARK), ["rule show", "route show table 245"]);
  assertEquals(showActualEverywhere(MARK), [
    "rule show",
    "route show table 245",
    "route show table all proto 245",
  ]);
});

const REFUSED: readonly (readonly [string, Step, string])[] = [
  [
    "an interface name with a blank",
    { kind: "route-add", route: { ...ROUTE, interfaceName: "eth B" } },
    `Cannot use interface name: ip would not read it as one, is "eth B"`,
  ],
  [
    "an address that is a host name",
    { kind: "route-add", route: { ...ROUTE, address: "node2" } },
    `Cannot use address: ip would not read it as one, is "node2"`,
  ],
  [
    "a gateway in another spelling",
    { kind: "route-replace", route: { ...ROUTE, gateway: "2001:DB8::1" } },
    `Cannot use address: ip would not read it as one, is "2001:DB8::1"`,
  ],
  [
    "a source with a second line",
    { kind: "route-add", route: { ...ROUTE, source: "192.168.1.1\nroute flush table main" } },
    `Cannot use address: ip would not read it as one, is "192.168.1.1\\nroute flush table main"`,
  ],
  [
    "a gateway of another family",
    { kind: "route-add", route: { ...ROUTE, gateway: "2001:db8::1" } },
    "Cannot use address: must be of the family of 192.168.1.2, is 2001:db8::1",
  ],
  [
    "an address to delete that is empty",
    { kind: "route-delete", address: "" },
    `Cannot use address: ip would not read it as one, is ""`,
  ],
  [
    "a stale rule with a port beyond the last",
    { kind: "rule-delete", stale: { ...STALE, port: 65536 } },
    "Cannot use port: must be 1 to 65535, is 65536",
  ],
  [
    "a stray to nowhere",
    { kind: "stray-delete", stray: { ...STRAY, destination: "all" } },
    `Cannot use destination: ip would not read it as one, is "all"`,
  ],
  [
    "a stray with a service type of another form",
    { kind: "stray-delete", stray: { ...STRAY, tos: "lowdelay" } },
    `Cannot use tos: ip would not read it as one, is "lowdelay"`,
  ],
  [
    "a flush of a subnet that is none",
    { kind: "neighbour-flush", interfaceName: "ethA", subnet: { ...SUBNET, prefixLength: 33 } },
    "Cannot use prefix length: must be 0 to 32, is 33",
  ],
];

for (const [what, step, reason] of REFUSED) {
  Deno.test(`Text for ip: ${what} is refused`, () => {
    const rendered = renderStep(step, MARK);
    assertEquals(rendered.kind === "invalid" && rendered.reason, reason);
  });
}

Deno.test("Text for ip: numbers out of range are refused", () => {
  const { routing, port } = MARK;
  const cases: [Mark, string][] = [
    [{ routing, port: 0 }, "Cannot use port: must be 1 to 65535, is 0"],
    [{ routing, port: 1.5 }, "Cannot use port: must be 1 to 65535, is 1.5"],
    [
      { routing: { ...routing, protocol: 256 }, port },
      "Cannot use protocol: must be 1 to 255, is 256",
    ],
    [
      { routing: { ...routing, table: 0 }, port },
      "Cannot use table: must be 1 to 4294967295, is 0",
    ],
    [
      { routing: { ...routing, rulePriority: -1 }, port },
      "Cannot use rule priority: must be 1 to 4294967295, is -1",
    ],
  ];
  for (const [mark, reason] of cases) {
    const rendered = renderStep({ kind: "rule-add" }, mark);
    assertEquals(rendered.kind === "invalid" && rendered.reason, reason);
  }
});

Deno.test("Interface names: those that Linux and ip take alike are taken", () => {
  const good = ["eth0", "enp0s31f6", "br-lan", "eth0.10", "wlp2s0", "a", "LAN_A", "x@y", "e+=~^%,"];
  for (const name of [...good, "abcdefghijklmno"]) assert(isInterfaceName(name), name);
  const bad = ["", ".", "..", "-eth0", "eth 0", "eth\t0", "eth\n0", "a/b", `a"b`, "a'b", "a\\b"];
  const more = ["#eth0", "eth0:1", "abcdefghijklmnop", "été", "eth\u00000", "eth\u007f"];
  for (const name of [...bad, ...more]) assert(!isInterfaceName(name), name);
});

Deno.test("Text for ip: whatever a step names, one line of the same words or none comes of it", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..." \n\t\"'\\#-/.:e0") }),
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom("ethB", "dev", "table", "main"),
  );
  const route = fc.record({ address: text, gateway: text, interfaceName: text, source: text });
  fc.assert(fc.property(route, (route) => {
    const rendered = renderStep({ kind: "route-add", route }, MARK);
    const named = [route.address, route.gateway, route.source];
    const isGood = isInterfaceName(route.interfaceName) &&
      named.every((each) => parseAddress(each) === each) &&
      new Set(named.map(familyOf)).size === 1;
    assertEquals(rendered.kind, isGood ? "line" : "invalid");
    if (rendered.kind === "line") {
      assert(/^[!-~]+( [!-~]+)*$/.test(rendered.line));
      assertEquals(rendered.line.split(" ").length, 13);
    }
  }));
});

Deno.test("Destinations: an address, a subnet or default", () => {
  for (const good of ["default", "10.0.0.0/8", "192.168.1.2", "2001:db8::/32"]) {
    assert(isDestination(good), good);
  }
  for (const bad of ["", "all", "10.0.0.0/33", "10/8", "default "]) {
    assert(!isDestination(bad), bad);
  }
});

Deno.test("A missing right is told from other refusals", () => {
  assert(isPermissionProblem("RTNETLINK answers: Operation not permitted"));
  assert(isPermissionProblem("Cannot run /sbin/ip: Failed to spawn '/sbin/ip': Permission denied"));
  assert(!isPermissionProblem("RTNETLINK answers: File exists"));
});
