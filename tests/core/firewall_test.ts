/** What firewalls let in, from what their programs print. No permissions are needed. */
import { assertEquals } from "@std/assert";
import { judgeFirewall, type RulesShown } from "../../lib/core/diagnosis_firewall.ts";
import type { Network } from "../../lib/core/types.ts";

const PORT = 32453;
const LAN_A: Network = {
  name: "A",
  interfaceName: "ethA",
  family: 4,
  address: "192.168.1.1",
  prefixLength: 24,
  broadcast: "192.168.1.255",
  usable: true,
};
const LAN_B: Network = {
  ...LAN_A,
  name: "B",
  interfaceName: "ethB",
  address: "192.168.2.1",
  broadcast: "192.168.2.255",
};
const MISSING: RulesShown = { kind: "missing" };

const match = (left: object, right: unknown, op = "==") => ({ match: { op, left, right } });
const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
const meta = (key: string) => ({ meta: { key } });
const target = (name: string) => ({ xt: { type: "target", name } });
const UDP_PORT = payload("udp", "dport");
const SOURCE_PORT = payload("udp", "sport");
const LAN = { prefix: { addr: "192.168.1.0", len: 24 } };
const ACCEPT = { accept: null };
const DROP = { drop: null };
const STATE = { ct: { key: "state" } };

interface Extra {
  readonly policy?: string;
  readonly hook?: string;
  readonly chains?: Readonly<Record<string, readonly (readonly object[])[]>>;
  readonly objects?: readonly object[];
}

/** What nft prints for a base chain "input", or of another hook, with these rules. */
function nft(rules: readonly (readonly object[])[], extra: Extra = {}): RulesShown {
  const place = { family: "inet", table: "filter" };
  const base = {
    type: "filter",
    hook: extra.hook ?? "input",
    prio: 0,
    policy: extra.policy ?? "drop",
  };
  const others = Object.entries(extra.chains ?? {});
  const nftables = [
    { metainfo: { version: "1.0.6", json_schema_version: 1 } },
    { table: { family: "inet", name: "filter", handle: 1 } },
    ...extra.objects ?? [],
    ...others.map(([name]) => ({ chain: { ...place, name } })),
    { chain: { ...place, name: "input", ...base } },
    ...others.flatMap(([chain, list]) => list.map((expr) => ({ rule: { ...place, chain, expr } }))),
    ...rules.map((expr) => ({ rule: { ...place, chain: "input", expr } })),
  ];
  return { kind: "shown", text: JSON.stringify({ nftables }) };
}

function judged(shown: { nft?: RulesShown; iptables?: RulesShown }, networks = [LAN_A]): string[] {
  const both = { nft: MISSING, nftPlain: "", iptables: MISSING, ...shown };
  return judgeFirewall(both, networks, PORT).map(({ level }) => level);
}

const NFT_CASES: readonly (readonly [string, string, RulesShown])[] = [
  ["nothing is filtered", "ok", { kind: "shown", text: '{"nftables": []}' }],
  ["the policy accepts", "ok", nft([], { policy: "accept" })],
  ["the policy drops", "problem", nft([])],
  ["a rule opens the port", "ok", nft([[match(UDP_PORT, PORT), ACCEPT]])],
  ["a rule opens another port", "problem", nft([[match(UDP_PORT, 53), ACCEPT]])],
  ["it is open for TCP", "problem", nft([[match(payload("tcp", "dport"), PORT), ACCEPT]])],
  ["a list has the port", "ok", nft([[match(UDP_PORT, { set: [53, PORT] }), ACCEPT]])],
  [
    "a range has the port",
    "ok",
    nft([[match(UDP_PORT, { set: [53, { range: [32000, 33000] }] }), { counter: {} }, ACCEPT]]),
  ],
  [
    "a range ends before the port",
    "problem",
    nft([[match(UDP_PORT, { range: [1, PORT - 1] }), ACCEPT]]),
  ],
  [
    "a named set has the port",
    "ok",
    nft([[match(UDP_PORT, "@ports"), ACCEPT]], {
      objects: [{ set: { family: "inet", table: "filter", name: "ports", elem: [53, PORT] } }],
    }),
  ],
  ["a set is not shown", "unknown", nft([[match(UDP_PORT, "@ports"), ACCEPT]])],
  [
    "any transport's port",
    "ok",
    nft([[match(meta("l4proto"), "udp"), match(payload("th", "dport"), PORT), ACCEPT]]),
  ],
  [
    "the interface is trusted",
    "ok",
    nft([[match(meta("iifname"), { set: ["ethA", "x"] }), ACCEPT]]),
  ],
  ["another one is", "problem", nft([[match(meta("iifname"), "lo"), ACCEPT]])],
  ["interfaces by their beginning", "ok", nft([[match(meta("iifname"), "eth*"), ACCEPT]])],
  ["all but one interface", "ok", nft([[match(meta("iifname"), "wan0", "!="), ACCEPT]])],
  [
    "the LAN is trusted",
    "ok",
    nft([[match(payload("ip", "saddr"), { prefix: { addr: "192.168.0.0", len: 16 } }), ACCEPT]]),
  ],
  [
    "a part of the LAN is",
    "unknown",
    nft([[match(payload("ip", "saddr"), { prefix: { addr: "192.168.1.0", len: 28 } }), ACCEPT]]),
  ],
  ["another host is", "problem", nft([[match(payload("ip", "saddr"), "10.0.0.1"), ACCEPT]])],
  ["to our address only", "unknown", nft([[match(payload("ip", "daddr"), "192.168.1.1"), ACCEPT]])],
  [
    "what is known only",
    "problem",
    nft([[match(STATE, ["established", "related"], "in"), ACCEPT]]),
  ],
  ["what is new as well", "ok", nft([[match(STATE, ["established", "new"], "in"), ACCEPT]])],
  ["not more than so often", "unknown", nft([[{ limit: { rate: 5 } }, ACCEPT]])],
  ["something unheard of", "unknown", nft([[{ xt: null }, ACCEPT]])],
  [
    "a match of iptables that it does not show",
    "unknown",
    nft([[{ xt: { type: "match", name: "conntrack" } }, DROP]], { policy: "accept" }),
  ],
  [
    "iptables only counts",
    "ok",
    nft([[{ xt: { type: "match", name: "set" } }, { counter: {} }]], { policy: "accept" }),
  ],
  ["iptables rejects", "problem", nft([[target("REJECT")]], { policy: "accept" })],
  [
    "iptables only logs",
    "ok",
    nft([[target("LOG"), { counter: {} }], [target("LOG"), ACCEPT]], { policy: "drop" }),
  ],
  [
    "iptables does what is not known",
    "unknown",
    nft([[match(UDP_PORT, PORT), target("TARPIT")]], { policy: "accept" }),
  ],
  [
    "it is nobody's matter what iptables does with another port",
    "ok",
    nft([[match(UDP_PORT, 53), target("TARPIT")]], { policy: "accept" }),
  ],
  ["our own packets are dropped", "problem", nft([], { hook: "output" })],
  [
    "our own packets get out",
    "ok",
    nft([[match(meta("oifname"), "ethA"), match(payload("ip", "daddr"), LAN), ACCEPT]], {
      hook: "postrouting",
    }),
  ],
  [
    "what comes in does not go out",
    "problem",
    nft([[match(meta("iifname"), "ethA"), ACCEPT]], { hook: "output" }),
  ],
  [
    "from our address only",
    "ok",
    nft([[match(payload("ip", "saddr"), "192.168.1.1"), match(SOURCE_PORT, PORT), ACCEPT]], {
      hook: "output",
    }),
  ],
  ["a rule drops it", "problem", nft([[match(UDP_PORT, PORT), DROP]], { policy: "accept" })],
  ["it may be dropped", "unknown", nft([[{ limit: {} }, DROP]], { policy: "accept" })],
  [
    "the last rule rejects all",
    "problem",
    nft([[{ reject: { type: "icmpx" } }]], { policy: "accept" }),
  ],
  [
    "opened before it is rejected",
    "ok",
    nft([[match(UDP_PORT, PORT), ACCEPT], [{ reject: null }]], { policy: "accept" }),
  ],
  [
    "a chain of its own opens it",
    "ok",
    nft([[{ jump: { target: "user" } }]], {
      chains: { user: [[match(UDP_PORT, 1), DROP], [match(UDP_PORT, PORT), ACCEPT]] },
    }),
  ],
  [
    "that chain returns before",
    "problem",
    nft([[{ jump: { target: "user" } }]], {
      chains: { user: [[{ return: null }], [match(UDP_PORT, PORT), ACCEPT]] },
    }),
  ],
  [
    "a chain that is gone to does not come back",
    "problem",
    nft([[{ goto: { target: "user" } }], [ACCEPT]], { chains: { user: [] } }),
  ],
  [
    "chains in a circle",
    "problem",
    nft([[{ jump: { target: "user" } }]], { chains: { user: [[{ jump: { target: "user" } }]] } }),
  ],
  [
    "a map of verdicts",
    "ok",
    nft([[{ vmap: { key: UDP_PORT, data: { set: [[53, DROP], [PORT, ACCEPT]] } } }]]),
  ],
  [
    "a map of verdicts by state",
    "problem",
    nft([[{ vmap: { key: STATE, data: { set: [["established", ACCEPT]] } } }]]),
  ],
];

for (const [title, level, shown] of NFT_CASES) {
  Deno.test(`The rules of nft are judged as the kernel would: ${title}`, () => {
    assertEquals(judged({ nft: shown }), [level]);
  });
}

const UFW = `# Generated by iptables-save v1.8.9
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:ufw-user-input - [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -m limit --limit 3/min -j LOG --log-prefix "[UFW -j ACCEPT] "
-A INPUT -j ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT
@
COMMIT
`;

const IPTABLES_CASES: readonly (readonly [string, string, string])[] = [
  ["nothing is filtered", "ok", "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"],
  ["there are no tables", "ok", ""],
  ["the policy drops", "problem", UFW.replace("@", "")],
  ["a chain opens it", "ok", UFW.replace("@", "-A ufw-user-input -p udp --dport 32453 -j ACCEPT")],
  [
    "several ports are open",
    "ok",
    UFW.replace("@", "-A ufw-user-input -p udp -m multiport --dports 53,32000:33000 -j ACCEPT"),
  ],
  [
    "for TCP it is",
    "problem",
    UFW.replace("@", "-A ufw-user-input -p tcp -m tcp --dport 32453 -j ACCEPT"),
  ],
  ["the LAN is trusted", "ok", UFW.replace("@", "-A ufw-user-input -s 192.168.0.0/16 -j ACCEPT")],
  ["all but another LAN is", "ok", UFW.replace("@", "-A ufw-user-input ! -s 10.0.0.0/8 -j ACCEPT")],
  ["all but this LAN is", "problem", UFW.replace("@", "-A INPUT ! -i eth+ -j ACCEPT")],
  [
    "a set is",
    "unknown",
    UFW.replace("@", "-A ufw-user-input -m set --match-set friends src -j ACCEPT"),
  ],
  [
    "the end rejects",
    "problem",
    "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j REJECT --reject-with x\n",
  ],
  [
    "it is dropped before",
    "problem",
    "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j DROP\n",
  ],
  ["it is dropped on its way out", "problem", "*mangle\n:POSTROUTING DROP [0:0]\n"],
  [
    "the way out is open to the LAN",
    "ok",
    "*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -o ethA -d 192.168.1.0/24 -j ACCEPT\n",
  ],
  [
    "the way out is open from our port",
    "ok",
    "*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -p udp --sport 32453 -j ACCEPT\n",
  ],
  [
    "what comes from that port may come in",
    "unknown",
    "*filter\n:INPUT DROP [0:0]\n-A INPUT -p udp --sport 32453 -j ACCEPT\n",
  ],
  ["that is no such text", "unknown", "iptables: command not found\n"],
];

for (const [title, level, text] of IPTABLES_CASES) {
  Deno.test(`The rules of iptables are judged as the kernel would: ${title}`, () => {
    assertEquals(judged({ iptables: { kind: "shown", text } }), [level]);
  });
}

Deno.test("Both sets of rules have to let an inquiry in, on every network", () => {
  const open = nft([[match(meta("iifname"), "ethA"), ACCEPT]]);
  assertEquals(judged({ nft: open }, [LAN_A, LAN_B]), ["problem"]);
  const findings = judgeFirewall(
    { nft: open, nftPlain: "", iptables: MISSING },
    [LAN_A, LAN_B],
    PORT,
  );
  assertEquals(
    findings[0]?.text,
    "The firewall drops UDP port 32453 on ethB: nft, chain inet filter input",
  );
  assertEquals(
    findings[0]?.remedy,
    "nft insert rule inet filter input iifname ethB udp dport 32453 accept",
  );
  const closed = { kind: "shown", text: UFW.replace("@", "") } as const;
  assertEquals(judged({ nft: open, iptables: closed }), ["problem"]);
});

Deno.test("What cannot be had cannot be told", () => {
  assertEquals(judged({}), ["unknown"]);
  const refused = { kind: "refused", reason: "Operation not permitted" } as const;
  assertEquals(judged({ nft: refused }), ["unknown"]);
  assertEquals(judged({ nft: refused, iptables: refused }), ["unknown"]);
  assertEquals(judged({ nft: { kind: "shown", text: "no JSON" } }), ["unknown"]);
  // Where nft shows all rules, those of iptables are among them.
  assertEquals(judged({ nft: nft([], { policy: "accept" }), iptables: refused }), ["ok"]);
});

Deno.test("The remedy is for the table and the way on which a packet is lost", () => {
  const remedyOf = (shown: { nft?: RulesShown; iptables?: RulesShown }) => {
    const both = { nft: MISSING, nftPlain: "", iptables: MISSING, ...shown };
    return judgeFirewall(both, [LAN_A], PORT).map(({ text, remedy }) => [text, remedy]);
  };
  assertEquals(remedyOf({ nft: nft([], { hook: "output" }) }), [[
    "The firewall drops UDP port 32453 on ethA, on its way out: nft, chain inet filter input",
    "nft insert rule inet filter input oifname ethA udp dport 32453 accept",
  ]]);
  const text = "*raw\n:PREROUTING DROP [0:0]\nCOMMIT\n*filter\n:OUTPUT DROP [0:0]\nCOMMIT\n";
  assertEquals(remedyOf({ iptables: { kind: "shown", text } }), [
    [
      "The firewall drops UDP port 32453 on ethA: iptables, chain raw PREROUTING",
      "iptables -t raw -I PREROUTING -i ethA -p udp --dport 32453 -j ACCEPT",
    ],
    [
      "The firewall drops UDP port 32453 on ethA, on its way out: iptables, chain filter OUTPUT",
      "iptables -I OUTPUT -o ethA -p udp --dport 32453 -j ACCEPT",
    ],
  ]);
});

Deno.test("Rules that iptables keeps in nftables are judged by what iptables shows of them", () => {
  const place = { family: "ip", table: "filter" };
  const input = { ...place, name: "INPUT", type: "filter", hook: "input", prio: 0, policy: "drop" };
  const expr = [{ xt: { type: "match", name: "conntrack" } }, ACCEPT];
  const rule = { ...place, chain: "INPUT", expr };
  const text = JSON.stringify({ nftables: [{ chain: input }, { rule }] });
  const own = { kind: "shown", text } as const;
  assertEquals(judged({ nft: own }), ["unknown"]);
  const told = UFW.replace("v1.8.9", "v1.8.9 (nf_tables) on Sun Nov 22 16:49:31 2026");
  const opened = told.replace("@", "-A INPUT -p udp --dport 32453 -j ACCEPT");
  assertEquals(judged({ nft: own, iptables: { kind: "shown", text: opened } }), ["ok"]);
  assertEquals(judged({ nft: own, iptables: { kind: "shown", text: told } }), ["problem"]);
  // The older iptables keeps its rules elsewhere, and knows nothing of these.
  const legacy = opened.replace("(nf_tables)", "(legacy)");
  assertEquals(judged({ nft: own, iptables: { kind: "shown", text: legacy } }), ["unknown"]);
});
