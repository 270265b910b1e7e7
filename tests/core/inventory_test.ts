import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareNames, selectNetworks } from "../../lib/core/inventory.ts";
import type { Link, LinkAddress } from "../../lib/core/ip_json.ts";
import type { Network } from "../../lib/core/types.ts";
import { packetOf } from "./builders.ts";
import { encode } from "../../lib/core/wire.ts";

const READY = ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"];

let nextIndex = 1;

function link(name: string, cidrs: readonly string[], flags: readonly string[] = READY): Link {
  return { index: nextIndex++, name, flags, addresses: cidrs.map((cidr) => address(cidr)) };
}

function address(cidr: string, more: Partial<LinkAddress> = {}): LinkAddress {
  const [text = "", length] = cidr.split("/");
  return { address: text, prefixLength: Number(length), secondary: false, scope: 0, ...more };
}

function network(name: string, more: Partial<Network> = {}): Network {
  return {
    name,
    interfaceName: name,
    family: 4,
    address: "192.168.1.1",
    prefixLength: 24,
    broadcast: "192.168.1.255",
    usable: true,
    ...more,
  };
}

function names(links: readonly Link[]): string[] {
  return selectNetworks(links, []).networks.map(({ name }) => name);
}

const LO = link("lo", ["127.0.0.1/8"], ["LOOPBACK", "UP", "LOWER_UP"]);
const A = link("ethA", ["192.168.1.1/24"]);
const B = link("ethB", ["192.168.2.1/24"]);
const NETWORK_A = network("ethA");
const NETWORK_B = network("ethB", { address: "192.168.2.1", broadcast: "192.168.2.255" });

Deno.test("Networks: without rules, each interface with an IPv4 address and a broadcast address", () => {
  assertEquals(selectNetworks([LO, B, A], []), { networks: [NETWORK_A, NETWORK_B], problems: [] });
});

Deno.test("Networks: without rules they are in order of name, numbers by value", () => {
  const links = ["eth10", "eth2", "enp3s0", "eth2.7", "wlan0"].map((name, i) =>
    link(name, [`10.0.${i}.1/24`])
  );
  assertEquals(names(links), ["enp3s0", "eth2", "eth2.7", "eth10", "wlan0"]);
});

Deno.test("Networks: without rules nothing that is no LAN is chosen", () => {
  const none = [
    LO,
    link("eth0", []),
    link("eth3", ["fe80::1/64"]),
    link("eth4", ["10.0.2.1/24"], ["POINTOPOINT", "NOARP", "UP", "LOWER_UP"]),
    { ...link("eth5", []), addresses: [address("169.254.1.1/16", { scope: 253 })] },
  ];
  assertEquals(selectNetworks(none, []), { networks: [], problems: [] });
});

Deno.test("Networks: without rules a LAN without a broadcast address is left out, and named with the reason", () => {
  const links = [A, link("eth1", ["fe80::1/64", "10.0.0.1/31"]), link("eth2", ["10.0.1.1/32"])];
  assertEquals(selectNetworks(links, []), {
    networks: [NETWORK_A],
    problems: [
      { name: "eth1", reason: "10.0.0.1/31 on eth1 has no broadcast address" },
      { name: "eth2", reason: "10.0.1.1/32 on eth2 has no broadcast address" },
    ],
  });
  assertEquals(selectNetworks(links, [{ name: "A", interfaceName: "ethA" }]).problems, []);
});

Deno.test("Networks: without rules nothing is said of short addresses where no LAN is", () => {
  const tunnel = ["POINTOPOINT", "NOARP", "UP", "LOWER_UP"];
  const none = [
    link("lo", ["127.0.0.1/8", "10.0.0.1/32"], ["LOOPBACK", "UP", "LOWER_UP"]),
    link("office", ["10.0.1.1/32"], tunnel),
    link("wg0", ["10.0.2.1/32"], tunnel),
    link("ppp0", ["10.0.3.1/32"], tunnel),
    link("docker0", ["10.0.4.1/32"]),
    link("cilium_host", ["10.0.5.1/32"]),
    { ...link("eth1", []), addresses: [address("169.254.1.1/32", { scope: 253 })] },
    link("eth2", ["10.0.6.1/24", "10.0.7.1/32"]),
  ];
  const { networks, problems } = selectNetworks(none, []);
  assertEquals([networks.map(({ name }) => name), problems], [["eth2"], []]);
});

Deno.test("Networks: without rules containers, virtual machines and tunnels are not chosen", () => {
  const virtual = [
    ...["docker0", "br-0a1b2c3d4e5f", "veth12ab", "virbr0", "cni0", "tun0", "tap0", "wg0"],
    ...["flannel.1", "cali123", "vnet0", "lxcbr0", "lxdbr0", "podman0", "zt5u4y6ejv", "tailscale0"],
    ...["ppp0", "dummy0", "ifb0", "vmnet8", "vboxnet0", "vxlan.calico", "kube-bridge", "wwan0"],
  ];
  for (const name of virtual) assertEquals(names([link(name, ["10.0.0.1/24"])]), [], name);
  for (const name of ["br0", "bond0", "eth0", "enp3s0", "wlp2s0", "vlan7", "lan"]) {
    assertEquals(names([link(name, ["10.0.0.1/24"])]), [name]);
  }
});

Deno.test("Networks: an interface that cannot carry anything now has its network, with the reason", () => {
  const down = { ...A, flags: ["BROADCAST", "MULTICAST"] };
  const noCarrier = { ...B, flags: ["NO-CARRIER", "BROADCAST", "MULTICAST", "UP"] };
  assertEquals(selectNetworks([down, noCarrier], []).networks, [
    { ...NETWORK_A, usable: false, reason: "interface is down" },
    { ...NETWORK_B, usable: false, reason: "no carrier" },
  ]);
  const rules = [{ name: "A", interfaceName: "ethA" }];
  assertEquals(selectNetworks([down], rules).networks, [
    { ...NETWORK_A, name: "A", usable: false, reason: "interface is down" },
  ]);
});

Deno.test("Networks: the first primary address of an interface is taken", () => {
  const addresses = [
    address("192.168.9.9/24", { scope: 254 }),
    address("192.168.1.9/24", { secondary: true }),
    address("192.168.1.1/24"),
    address("10.0.0.1/24"),
  ];
  assertEquals(selectNetworks([{ ...A, addresses }], []).networks, [NETWORK_A]);
});

Deno.test("Networks: the broadcast address is the one assigned if it is of the subnet, or else computed", () => {
  const cases = [
    [undefined, "192.168.1.255"],
    ["192.168.1.255", "192.168.1.255"],
    ["192.168.1.0", "192.168.1.0"],
    ["255.255.255.255", "192.168.1.255"],
    ["10.0.0.255", "192.168.1.255"],
  ] as const;
  for (const [broadcast, expected] of cases) {
    const assigned = address("192.168.1.1/24", broadcast === undefined ? {} : { broadcast });
    const [found] = selectNetworks([{ ...A, addresses: [assigned] }], []).networks;
    assertEquals(found?.broadcast, expected);
  }
});

Deno.test("Networks: rules choose by interface or subnet, in their order, whatever the name", () => {
  const tunnel = link("tap0", ["10.8.0.1/24"]);
  const rules = [
    { name: "vpn", interfaceName: "tap0" },
    { name: "B", subnet: "192.168.2.0/24" },
    { name: "A", interfaceName: "ethA" },
  ];
  assertEquals(selectNetworks([LO, A, B, tunnel], rules), {
    networks: [
      network("vpn", {
        interfaceName: "tap0",
        address: "10.8.0.1",
        broadcast: "10.8.0.255",
      }),
      { ...NETWORK_B, name: "B" },
      { ...NETWORK_A, name: "A" },
    ],
    problems: [],
  });
});

Deno.test("Networks: a rule by subnet finds the address, also one that is not the first", () => {
  const both = link("eth0", ["10.0.0.1/24", "192.168.1.1/24"]);
  const rules = [{ name: "A", subnet: "192.168.1.0/24" }];
  assertEquals(selectNetworks([both], rules).networks, [
    { ...NETWORK_A, name: "A", interfaceName: "eth0" },
  ]);
});

const PROBLEMS: readonly (readonly [string, Link[], string])[] = [
  ["is not there", [A], "there is no interface ethX"],
  ["has no address", [link("ethX", [])], "ethX has no IPv4 address"],
  ["has IPv6 only", [link("ethX", ["2001:db8::1/128"])], "ethX has no IPv4 address"],
  ["has a /31", [link("ethX", ["10.0.0.1/31"])], "10.0.0.1/31 on ethX has no broadcast address"],
  ["cannot broadcast", [link("ethX", ["10.0.0.1/24"], ["NOARP", "UP"])], "ethX cannot broadcast"],
];

for (const [what, links, reason] of PROBLEMS) {
  Deno.test(`Networks: a rule for an interface that ${what} is a problem`, () => {
    assertEquals(selectNetworks(links, [{ name: "X", interfaceName: "ethX" }]), {
      networks: [],
      problems: [{ name: "X", reason }],
    });
  });
}

Deno.test("Networks: a rule for a subnet that is nowhere, or in two places, is a problem", () => {
  const twice = [link("eth0", ["10.0.1.1/24"]), link("eth1", ["10.0.2.1/24"])];
  assertEquals(
    selectNetworks([A, ...twice], [
      { name: "X", subnet: "10.9.0.0/16" },
      { name: "Y", subnet: "10.0.0.0/16" },
      { name: "L", subnet: "127.0.0.0/8" },
    ]).problems,
    [
      { name: "X", reason: "no interface has an address in 10.9.0.0/16" },
      { name: "Y", reason: "several interfaces have an address in 10.0.0.0/16: eth0, eth1" },
      { name: "L", reason: "no interface has an address in 127.0.0.0/8" },
    ],
  );
});

Deno.test("Networks: of two on overlapping subnets the later is refused", () => {
  const wide = link("eth1", ["192.168.0.1/16"]);
  const reason = "192.168.0.0/16 on eth1 overlaps 192.168.1.0/24 on ethA, which is network ";
  const rules = [{ name: "A", interfaceName: "ethA" }, { name: "W", interfaceName: "eth1" }];
  assertEquals(selectNetworks([A, wide], rules), {
    networks: [{ ...NETWORK_A, name: "A" }],
    problems: [{ name: "W", reason: `${reason}A` }],
  });
  const { networks, problems } = selectNetworks([wide, A], []);
  assertEquals([networks.length, problems.length, problems[0]?.name], [1, 1, "ethA"]);
});

Deno.test("Networks: an interface whose name ip cannot be given is a problem", () => {
  assertEquals(selectNetworks([link(`e"th`, ["10.0.0.1/24"])], []), {
    networks: [],
    problems: [{ name: `e"th`, reason: `ip cannot be given the interface name "e\\"th"` }],
  });
});

Deno.test("Networks: the order in which interfaces are listed does not matter", () => {
  const links = [LO, A, B, link("eth1", ["192.168.1.7/24"]), link("eth2", [])];
  const expected = selectNetworks(links, []);
  fc.assert(fc.property(fc.shuffledSubarray(links, { minLength: links.length }), (shuffled) => {
    assertEquals(selectNetworks(shuffled, []), expected);
  }));
});

Deno.test("Names: their order is total", () => {
  const name = fc.string({ unit: fc.constantFrom(..."eth019."), maxLength: 6 });
  fc.assert(fc.property(name, name, name, (a, b, c) => {
    assertEquals(Math.sign(compareNames(a, b)), -Math.sign(compareNames(b, a)));
    assertEquals(compareNames(a, b) === 0, a === b);
    if (compareNames(a, b) < 0 && compareNames(b, c) < 0) assert(compareNames(a, c) < 0);
  }));
});

Deno.test("every network that is chosen can be claimed in a packet, whatever addresses the interfaces have", () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const cidr = fc.tuple(octet, octet, octet, octet, fc.integer({ min: 0, max: 32 }))
    .map(([a, b, c, d, length]) => `${a}.${b}.${c}.${d}/${length}`);
  fc.assert(fc.property(fc.array(cidr, { maxLength: 24 }), (cidrs) => {
    const { networks } = selectNetworks(cidrs.map((each, i) => link(`eth${i}`, [each])), []);
    if (networks.length === 0) return;
    const interfaces = networks.map(({ address, prefixLength, usable }) => {
      return { address, prefixLength, usable, drained: false, hearsNobody: false };
    });
    const source = networks[0]?.address ?? "";
    assert(encode(packetOf({ interfaces, source })).length > 0);
  }));
});

Deno.test("of more networks than a packet can claim the later ones are a problem, not silently dead", () => {
  const many = Array.from({ length: 18 }, (_, i) => link(`eth${i}`, [`10.${i}.0.1/16`]));
  const { networks, problems } = selectNetworks(many, []);
  assertEquals([networks.length, problems.map(({ name }) => name)], [16, ["eth16", "eth17"]]);
});
