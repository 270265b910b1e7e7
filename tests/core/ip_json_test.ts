import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseActual, parseLinks } from "../../lib/core/ip_json.ts";
import type { Mark } from "../../lib/core/ip_text.ts";

const MARK: Mark = { routing: { table: 245, rulePriority: 3245, protocol: 245 }, port: 32453 };
const NO_RULES = `[{"priority":0,"src":"all","table":"255"}]`;
const RULE = {
  priority: 3245,
  not: null,
  src: "all",
  ipproto: "ipproto-17",
  dport: 32453,
  table: "245",
  protocol: "245",
};
const ROUTE = { dst: "192.168.1.2", gateway: "192.168.2.2", dev: "ethB", protocol: "245" };

function read(rules: readonly unknown[], routes: readonly unknown[], everywhere?: unknown[]) {
  const shown = [rules, routes, ...(everywhere === undefined ? [] : [everywhere])];
  const parsed = parseActual(shown.map((each) => JSON.stringify(each)), MARK);
  if (parsed.kind === "error") throw new Error(parsed.reason);
  return parsed.value;
}

Deno.test("Answers of ip: nothing of ours", () => {
  assertEquals(parseActual([NO_RULES, "[]"], MARK), {
    kind: "value",
    value: { rules: 0, staleRules: [], routes: new Map(), foreign: 0, strays: [] },
  });
});

Deno.test("Answers of ip: a rule of ours is known by priority, table, protocol number and selectors", () => {
  assertEquals(read([RULE], []).rules, 1);
  assertEquals(read([RULE, { ...RULE, ipproto: "udp" }, { ...RULE, ipproto: 17 }], []).rules, 3);
  assertEquals(read([{ ...RULE, protocol: "99" }], []).rules, 0);
  assertEquals(read([{ ...RULE, protocol: "99" }], []).staleRules, []);
});

Deno.test("Answers of ip: a rule that a predecessor with other settings left is stale", () => {
  const stale = { priority: 3245, table: 245, inverted: true, udp: true, port: 32453 };
  const { not: _, ...upright } = RULE;
  const { dport: __, ipproto: ___, ...bare } = upright;
  const cases = [
    [{ ...RULE, dport: 4000 }, { ...stale, port: 4000 }],
    [{ ...RULE, table: "77" }, { ...stale, table: 77 }],
    [{ ...RULE, priority: 9 }, { ...stale, priority: 9 }],
    [upright, { ...stale, inverted: false }],
    [bare, { priority: 3245, table: 245, inverted: false, udp: false }],
  ] as const;
  for (const [rule, expected] of cases) {
    const found = read([rule], []);
    assertEquals([found.rules, found.staleRules], [0, [expected]]);
  }
});

Deno.test("Answers of ip: a rule with selectors or an action that we never use is left alone", () => {
  const others = [
    { ...RULE, iif: "eth0" },
    { ...RULE, fwmark: "0x5" },
    { ...RULE, src: "10.0.0.0", srclen: 8 },
    { ...RULE, ipproto: "ipproto-6" },
    { priority: 5, src: "all", action: "6", protocol: "245" },
    { priority: 5, src: "all", goto: 32766, protocol: "245" },
  ];
  const found = read(others, []);
  assertEquals([found.rules, found.staleRules], [0, []]);
});

Deno.test("Answers of ip: a host route is read with its source, or without", () => {
  const plain = { address: "192.168.1.2", gateway: "192.168.2.2", interfaceName: "ethB" };
  const routes = (entry: unknown) => [...read([], [entry]).routes.values()];
  assertEquals(routes({ ...ROUTE, flags: ["linkdown"] }), [plain]);
  const withSource = { ...plain, source: "192.168.1.1" };
  assertEquals(routes({ ...ROUTE, prefsrc: "192.168.1.1", flags: [] }), [withSource]);
});

Deno.test("Answers of ip: routes of others are counted, whatever they look like", () => {
  const { protocol: _, ...bare } = ROUTE;
  const others = [bare, { ...ROUTE, protocol: "4" }, { type: "6", dst: "x", via: {} }];
  const found = read([], [...others, ROUTE]);
  assertEquals([found.foreign, found.routes.size, found.strays], [3, 1, []]);
});

Deno.test("Answers of ip: routes of ours of another shape are strays", () => {
  const second = { ...ROUTE, gateway: "192.168.2.9" };
  const entries = [
    { dst: "default", gateway: "192.168.2.2", dev: "ethB", protocol: "245", flags: [] },
    { dst: "10.1.0.0/16", dev: "ethB", protocol: "245", scope: "253", flags: [] },
    { dst: "10.9.9.6", tos: "0x04", gateway: "192.168.2.2", dev: "ethB", protocol: "245" },
    { dst: "10.9.9.7", protocol: "245", flags: [], nexthops: [{ gateway: "192.168.2.2" }] },
    { ...ROUTE, metric: 5 },
    { type: "6", dst: "10.9.9.9", protocol: "245", flags: [] },
    ROUTE,
    second,
  ];
  const found = read([], entries);
  assertEquals([...found.routes.keys()], ["192.168.1.2"]);
  const via = { gateway: "192.168.2.2", interfaceName: "ethB" };
  assertEquals(found.strays, [
    { destination: "default", table: 245, ...via },
    { destination: "10.1.0.0/16", table: 245, interfaceName: "ethB" },
    { destination: "10.9.9.6", table: 245, tos: "0x04", ...via },
    { destination: "10.9.9.7", table: 245 },
    { destination: "192.168.1.2", table: 245, metric: 5, ...via },
    { destination: "10.9.9.9", table: 245 },
    { destination: "192.168.1.2", table: 245, ...via, gateway: "192.168.2.9" },
  ]);
});

Deno.test("Answers of ip: a route that is listed twice is one route", () => {
  const found = read([], [ROUTE, { ...ROUTE, flags: ["linkdown"] }]);
  assertEquals([found.routes.size, found.strays], [1, []]);
});

Deno.test("Answers of ip: of all tables, those that were not read yet give strays", () => {
  const everywhere = [
    { dst: "192.168.1.2", gateway: "192.168.2.2", dev: "ethB", table: "245", flags: [] },
    { dst: "192.168.1.2", gateway: "192.168.2.2", dev: "ethB", table: "99", flags: [] },
    { dst: "10.0.0.0/8", dev: "ethB", scope: "253", flags: [] },
    { dst: "2001:db8::1", dev: "ethB", table: "245", metric: 1024, flags: [], pref: "medium" },
  ];
  assertEquals(read([], [ROUTE], everywhere).strays, [
    { destination: "192.168.1.2", table: 99, gateway: "192.168.2.2", interfaceName: "ethB" },
    { destination: "10.0.0.0/8", table: 254, interfaceName: "ethB" },
    { destination: "2001:db8::1", table: 245, metric: 1024, interfaceName: "ethB" },
  ]);
});

Deno.test("Answers of ip: interfaces with their addresses; those of a point-to-point line are left out", () => {
  const shown = JSON.stringify([
    {},
    {
      ifindex: 2,
      ifname: "ethA",
      flags: ["BROADCAST", "UP"],
      operstate: "UP",
      addr_info: [
        {},
        {
          family: "inet",
          local: "192.168.1.1",
          prefixlen: 24,
          broadcast: "192.168.1.255",
          scope: "0",
        },
        { family: "inet", local: "192.168.1.9", prefixlen: 24, scope: "0", secondary: true },
        { family: "inet", local: "10.0.0.1", address: "10.0.0.2", prefixlen: 32, scope: "0" },
        { family: "inet6", local: "FE80::1", prefixlen: 64, scope: "253", tentative: true },
      ],
    },
    { ifindex: 3, ifname: "sit0", flags: ["NOARP"] },
  ]);
  const primary = { address: "192.168.1.1", prefixLength: 24, broadcast: "192.168.1.255" };
  assertEquals(parseLinks(shown), {
    kind: "value",
    value: [
      {
        index: 2,
        name: "ethA",
        flags: ["BROADCAST", "UP"],
        addresses: [
          { ...primary, secondary: false, scope: 0 },
          { address: "192.168.1.9", prefixLength: 24, secondary: true, scope: 0 },
          { address: "fe80::1", prefixLength: 64, secondary: false, scope: 253 },
        ],
      },
      { index: 3, name: "sit0", flags: ["NOARP"], addresses: [] },
    ],
  });
});

const MISFITS: readonly (readonly [string, readonly string[], string])[] = [
  ["an answer that is missing", [NO_RULES], "an answer is missing"],
  ["text", ["Dump terminated", "[]"], "must be JSON, is Dump terminated"],
  ["an object", [NO_RULES, "{}"], "must be an array, is {}"],
  ["a number among the rules", ["[1]", "[]"], "must have objects only, has 1"],
  [
    "a rule of ours without a number for its table",
    [`[${JSON.stringify({ ...RULE, table: "main" })}]`, "[]"],
    `table must be a number, is "main"`,
  ],
  [
    "a protocol by name",
    [NO_RULES, `[${JSON.stringify({ ...ROUTE, protocol: "kernel" })}]`],
    `protocol must be a number, is "kernel"`,
  ],
  [
    "a route of ours to nowhere",
    [NO_RULES, `[${JSON.stringify({ ...ROUTE, dst: undefined })}]`],
    "dst must be text, is absent",
  ],
  [
    "a gateway that is none",
    [NO_RULES, `[${JSON.stringify({ ...ROUTE, gateway: "1.2.3" })}]`],
    `gateway must be an address, is "1.2.3"`,
  ],
];

for (const [what, shown, reason] of MISFITS) {
  Deno.test(`Answers of ip: ${what} is an error, not a guess`, () => {
    assertEquals(parseActual(shown, MARK), {
      kind: "error",
      reason: `Cannot read the answer of ip: ${reason}`,
    });
  });
}

Deno.test("Answers of ip: interfaces of another form are an error", () => {
  const link = { ifindex: 2, ifname: "ethA", flags: [] };
  const address = { local: "192.168.1.1", prefixlen: 24, scope: "0" };
  const cases = [
    { ...link, ifindex: undefined },
    { ...link, ifname: "" },
    { ...link, flags: "UP" },
    { ...link, addr_info: {} },
    { ...link, addr_info: ["192.168.1.1"] },
    { ...link, addr_info: [{ ...address, local: 7 }] },
    { ...link, addr_info: [{ ...address, prefixlen: -1 }] },
    { ...link, addr_info: [{ ...address, scope: "global" }] },
  ];
  for (const each of cases) {
    const parsed = parseLinks(JSON.stringify([each]));
    assert(parsed.kind === "error", JSON.stringify(each));
  }
});

Deno.test("Answers of ip: whatever comes, it is a value or an error", () => {
  const json = fc.oneof(
    fc.json(),
    fc.string(),
    fc.jsonValue().map((each) => `[${JSON.stringify(each)}]`),
  );
  const nearly = fc.array(
    fc.record({ ...fieldsOf(ROUTE), ...fieldsOf(RULE), ifname: fc.anything() }, {
      requiredKeys: [],
    }),
  ).map((entries) => JSON.stringify(entries, (_, value) => jsonSafe(value)));
  fc.assert(fc.property(fc.array(fc.oneof(json, nearly), { maxLength: 4 }), (shown) => {
    const results = [parseActual(shown, MARK), ...shown.map(parseLinks)];
    for (const result of results) assert(result.kind === "value" || result.reason !== "");
  }));
});

/** Each field with its own value, or with any other. */
function fieldsOf(entry: Readonly<Record<string, unknown>>): Record<string, fc.Arbitrary<unknown>> {
  return Object.fromEntries(
    Object.entries(entry).map(([field, value]) => [
      field,
      fc.oneof(fc.constant(value), fc.jsonValue()),
    ]),
  );
}

function jsonSafe(value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
