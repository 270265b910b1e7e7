/** What the interfaces themselves tell: subnets, carrier, errors, packet sizes. */
import {
  contains,
  formatCidr,
  formatV4,
  isHostAddress,
  overlap,
  parseV4,
  type Subnet,
  subnetOf,
} from "./address.ts";
import {
  entriesIn,
  type Entry,
  type Finding,
  fine,
  isEntry,
  problem,
  untold,
  warning,
} from "./diagnosis.ts";
import type { Link } from "./ip_json.ts";
import type { PeerView } from "./overview.ts";
import type { Address, Network, NetworkProblem, Routing } from "./types.ts";

/** How many networks there are, and what keeps others from being one. */
export function judgeNetworks(
  networks: readonly Network[],
  problems: readonly NetworkProblem[],
): Finding[] {
  const findings = problems.map(({ name, reason }) =>
    problem("networks", `Network ${name} cannot be used: ${reason}`, "ip addr show; faild check")
  );
  if (networks.length === 0) {
    const text = "There is no network: no interface has an address on a LAN";
    return [...findings, problem("networks", text, "ip addr show")];
  }
  const names = networks.map(({ name, address, prefixLength }) =>
    `${name} (${address}/${prefixLength})`
  ).join(", ");
  if (networks.length > 1) return [...findings, fine("networks", `Networks: ${names}`)];
  const text = `There is one network only, ${names}: no failover is possible`;
  return [...findings, warning("networks", text, "connect this host to a second LAN")];
}

/** Subnets of other interfaces that hold addresses of our networks: traffic may leave by the wrong interface. */
export function judgeSubnets(links: readonly Link[], networks: readonly Network[]): Finding[] {
  const check = "subnets";
  const findings = networks.flatMap((network) => {
    const own = subnetOf(network.address, network.prefixLength);
    return links.filter(({ name }) => name !== network.interfaceName).flatMap((link) =>
      overlapping(link, own).map((subnet) =>
        warning(
          check,
          `${formatCidr(subnet)} on ${link.name} overlaps ${formatCidr(own)} of network ` +
            `${network.name}: which of them traffic takes is left to the kernel`,
          `ip addr show dev ${link.name}; give one of the two another subnet`,
        )
      )
    );
  });
  return findings.length > 0 ? findings : [fine(check, "No subnet overlaps another one of ours")];
}

function overlapping({ addresses }: Link, own: Subnet): Subnet[] {
  return addresses.map(({ address, prefixLength }) => subnetOf(address, prefixLength))
    .filter((subnet) => overlap(subnet, own));
}

/**
 * An address on a network to ask the kernel's way to: that of a peer, or else one that a neighbour could have; null: none
 * could.
 *
 * @param peers one whose traffic we moved elsewhere says nothing of the routes of others
 */
export function neighbourOn(network: Network, peers: readonly PeerView[]): Address | null {
  const { name, address, prefixLength } = network;
  const subnet = subnetOf(address, prefixLength);
  const known = peers.flatMap(({ paths }) => paths).find((path) =>
    path.network === name && path.route === null && contains(subnet, path.address)
  );
  if (known !== undefined) return known.address;
  const first = parseV4(subnet.network);
  if (first === null) return null;
  const candidates = [first, first + 1, first + 2].filter((each) => each <= 0xffffffff)
    .map(formatV4);
  return candidates.find((each) =>
    each !== address && contains(subnet, each) && isHostAddress(each, prefixLength)
  ) ?? null;
}

/** What the kernel says of its way to an address; a kernel that has none says why. */
export type Way =
  | { readonly kind: "shown"; readonly text: string }
  | { readonly kind: "none"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Whether the kernel sends what is for a network by its own interface. Probes go there in any case, so that they may
 * arrive where nothing else does.
 *
 * @param neighbour an address on the network
 * @param way the answer to `ip -N -j route get fibmatch` for it
 */
export function judgeWay(
  { name, interfaceName, address, prefixLength }: Network,
  neighbour: Address,
  way: Way,
  { table, protocol }: Routing,
): Finding | null {
  const check = "subnets";
  const subnet = formatCidr(subnetOf(address, prefixLength));
  const remedy = `ip route replace ${subnet} dev ${interfaceName} proto kernel scope link ` +
    `src ${address}`;
  if (way.kind === "none") {
    const text = `The kernel has no route to ${subnet} of network ${name} (${neighbour}: ` +
      `${way.reason}): only probes get there`;
    return problem(check, text, remedy);
  }
  const [route] = way.kind === "shown" ? entriesIn(way.text) ?? [] : [];
  if (route === undefined) {
    const why = way.kind === "unknown" ? way.reason : "ip does not say";
    return untold(check, `Cannot tell which way the kernel takes to ${subnet}: ${why}`);
  }
  const { dst, gateway, dev } = route;
  const isOurs = route["table"] === String(table) && route["protocol"] === String(protocol);
  const isDirect = dev === interfaceName && gateway === undefined;
  if (isDirect || isOurs || route["type"] !== undefined) return null;
  const via = gateway === undefined ? "" : `via ${gateway} `;
  const text = `Traffic for ${neighbour} on network ${name} leaves by the route ${dst} ${via}dev ` +
    `${dev}, not by ${interfaceName}`;
  const [, length = dst === "default" ? 0 : 32] = String(dst).split("/");
  // A route to a part of the subnet would count all the same.
  return problem(
    check,
    text,
    Number(length) < prefixLength ? remedy : `ip route show to match ${neighbour}`,
  );
}

/** So often a carrier that is fine does not go. */
const MANY_CHANGES = 20;
/** The part of packets that a good interface may have received in error. */
const ERROR_PART = 0.001;
const FEW_ERRORS = 100;

/**
 * Carriers, and errors of the interfaces of our networks.
 *
 * @param shown the answer to `ip -j -s -s link show`; null: it is not there
 */
export function judgeCarrier(shown: string | null, networks: readonly Network[]): Finding[] {
  const check = "carrier";
  const findings = networks.filter(({ usable }) => !usable).map((network) =>
    problem(
      check,
      `Network ${network.name} is not usable: ${network.reason ?? "reason unknown"}`,
      `ip link set ${network.interfaceName} up; look after cable and switch`,
    )
  );
  const entries = shown === null ? null : entriesIn(shown);
  if (entries === null) {
    findings.push(untold(check, "Cannot tell how often carriers were lost: ip does not say"));
  }
  for (const { interfaceName } of networks) {
    const entry = entries?.find(({ ifname }) => ifname === interfaceName);
    if (entry !== undefined) findings.push(...judgeCounters(interfaceName, entry));
  }
  return findings.length > 0
    ? findings
    : [fine(check, "All networks have their carrier, and few errors")];
}

function judgeCounters(name: string, { stats64 }: Entry): Finding[] {
  const findings: Finding[] = [];
  const [rx, tx] = ["rx", "tx"].map((way) => isEntry(stats64) ? stats64[way] : null);
  const changes = countIn(tx, "carrier_changes");
  if (changes >= MANY_CHANGES) {
    const text = `${name} lost or got its carrier ${changes} times since it is there`;
    findings.push(
      warning("carrier", text, `look after its cable and switch; ip -s -s link show ${name}`),
    );
  }
  for (const [way, counters] of [["received", rx], ["sent", tx]] as const) {
    const [errors, packets] = [countIn(counters, "errors"), countIn(counters, "packets")];
    if (errors < FEW_ERRORS || errors <= packets * ERROR_PART) continue;
    const text = `${name} counts ${errors} errors in ${packets} packets ${way}`;
    findings.push(warning("carrier", text, `look after its cable and switch; ethtool -S ${name}`));
  }
  return findings;
}

function countIn(counters: unknown, key: string): number {
  const value = isEntry(counters) ? counters[key] : 0;
  return typeof value === "number" ? value : 0;
}

/**
 * Whether traffic that moves to another network finds the same room there.
 *
 * @param shown the answer to `ip -j link show`
 */
export function judgeMtu(shown: string, networks: readonly Network[]): Finding {
  const check = "mtu";
  const entries = entriesIn(shown);
  const found = networks.map(({ interfaceName }) => {
    const mtu = entries?.find(({ ifname }) => ifname === interfaceName)?.["mtu"];
    return { interfaceName, mtu: typeof mtu === "number" ? mtu : null };
  });
  if (entries === null || found.some(({ mtu }) => mtu === null)) {
    return untold(check, "Cannot tell how large packets may be: ip does not say");
  }
  const sizes = found.map(({ mtu }) => mtu ?? 0);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const [smallest] = found.filter(({ mtu }) => mtu === least);
  if (least === most || smallest === undefined) {
    return fine(
      check,
      `Packets may be equally large on all networks${found.length > 0 ? ` (MTU ${least})` : ""}`,
    );
  }
  const all = found.map(({ interfaceName, mtu }) => `${interfaceName} ${mtu}`).join(", ");
  const text = `The networks differ in their MTU (${all}): connections that move to the smaller ` +
    "one may stall";
  return warning(
    check,
    text,
    `ip link set ${smallest.interfaceName} mtu ${most}, or the others ${least}`,
  );
}
