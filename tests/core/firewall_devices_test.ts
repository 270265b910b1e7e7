/** What firewalls do at a device, before all other rules or after them. No permissions are needed. */
import { assertEquals } from "@std/assert";
import { judgeFirewall, type RulesShown } from "../../lib/core/diagnosis_firewall.ts";
import { networkOf } from "./builders.ts";

const PORT = 32453;
const LAN_A = { ...networkOf("A"), interfaceName: "ethA" };
const MISSING: RulesShown = { kind: "missing" };

const match = (left: object, right: unknown) => ({ match: { op: "==", left, right } });
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const UDP_PORT = payload("udp", "dport");
const DROP = { drop: null };

const DEVICES = `table netdev guard {
\tchain first {
\t\ttype filter hook ingress device "ethA" priority filter; policy accept;
\t\tudp dport 32453 drop
\t}
\tchain second {
\t\ttype filter hook ingress devices = { ethB, ethC } priority filter; policy drop;
\t}
}
table inet other {
\tchain first {
\t\ttype filter hook ingress device "ethC" priority filter; policy drop;
\t}
}
`;

/** What nft prints for a chain of devices; before 1.0.8 without them. */
function deviceChain(
  facts: Readonly<Record<string, unknown>>,
  rules: readonly (readonly object[])[] = [],
): RulesShown {
  const place = { family: "netdev", table: "guard" };
  const base = { type: "filter", hook: "ingress", prio: 0, policy: "accept" };
  const nftables = [
    { chain: { ...place, name: "first", ...base, ...facts } },
    ...rules.map((expr) => ({ rule: { ...place, chain: "first", expr } })),
  ];
  return { kind: "shown", text: JSON.stringify({ nftables }) };
}

const DROPS_PORT = [[match(UDP_PORT, PORT), DROP]];
const DEVICE_CASES: readonly (readonly [string, string, RulesShown, string])[] = [
  ["it drops the port", "problem", deviceChain({ dev: "ethA" }, DROPS_PORT), ""],
  ["it drops all", "problem", deviceChain({ dev: ["ethB", "ethA"], policy: "drop" }), ""],
  ["it is of another device", "ok", deviceChain({ dev: "ethB", policy: "drop" }), ""],
  ["it drops another port", "ok", deviceChain({ dev: "ethA" }, [[match(UDP_PORT, 53), DROP]]), ""],
  ["it hands all on", "problem", deviceChain({ dev: "ethA" }, [[{ fwd: { dev: "x" } }]]), ""],
  [
    "it drops on the way out",
    "problem",
    deviceChain({ dev: "ethA", hook: "egress" }, DROPS_PORT),
    "",
  ],
  ["its devices are told in words", "problem", deviceChain({}, DROPS_PORT), DEVICES],
  [
    "they are told in words, and are others",
    "ok",
    deviceChain({ name: "second", policy: "drop" }),
    DEVICES,
  ],
  ["nobody says of which device it is", "unknown", deviceChain({}, DROPS_PORT), ""],
  ["nobody says of which device that drops all", "unknown", deviceChain({ policy: "drop" }), ""],
  [
    "nobody says, but it drops nothing of ours",
    "ok",
    deviceChain({}, [[match(UDP_PORT, 9), DROP]]),
    "",
  ],
  [
    "it looks at Ethernet addresses",
    "unknown",
    deviceChain({ dev: "ethA" }, [[match(payload("ether", "saddr"), "02:00:00:00:00:09"), DROP]]),
    "",
  ],
];

for (const [title, level, shown, nftPlain] of DEVICE_CASES) {
  Deno.test(`A chain of a device is before all others: ${title}`, () => {
    const findings = judgeFirewall({ nft: shown, nftPlain, iptables: MISSING }, [LAN_A], PORT);
    assertEquals(findings.map(({ level }) => level), [level]);
  });
}
