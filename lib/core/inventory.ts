/**
 * Which LANs this host is on: from its interfaces, and from the configured rules where there are any.
 *
 * An interface that lost its carrier or was set down keeps its network, as unusable, for as long as it keeps its
 * address: the peers on it are known, and it may come back. Without an address there is no network.
 */
import {
  broadcastOf,
  contains,
  formatCidr,
  isHostAddress,
  overlap,
  parseCidr,
  type Subnet,
  subnetOf,
} from "./address.ts";
import type { Link, LinkAddress } from "./ip_json.ts";
import { isInterfaceName } from "./ip_text.ts";
import { MAX_INTERFACES } from "./packet.ts";
import type { Network, NetworkName, NetworkProblem, NetworkRule } from "./types.ts";

/**
 * Beginnings of names of interfaces that lead to containers, virtual machines, tunnels or nowhere, and so are
 * never chosen by themselves; with a rule of their own they are.
 */
const VIRTUAL_NAMES: readonly string[] = [
  // Bridges and cables of containers
  "docker",
  "br-",
  "veth",
  "cni",
  "cbr",
  "podman",
  "nerdctl",
  "lxc",
  "lxd",
  "incus",
  "cali",
  "cilium",
  "flannel",
  "weave",
  "kube",
  "nodelocaldns",
  // Bridges and cables of virtual machines
  "virbr",
  "vnet",
  "vmnet",
  "vboxnet",
  // Tunnels, and networks laid over others
  "tun",
  "tap",
  "wg",
  "zt",
  "tailscale",
  "ppp",
  "ipsec",
  "vti",
  "xfrm",
  "gre",
  "erspan",
  "ipip",
  "sit",
  "ip6",
  "vxlan",
  "geneve",
  "wwan",
  // No network behind them
  "dummy",
  "ifb",
  "nlmon",
  "teql",
];

/** The longest prefix of an IPv4 subnet that has a broadcast address. */
const LONGEST_PREFIX = 30;
const GLOBAL_SCOPE = 0;

/** What was found: the networks in order of preference, and what could not be had. */
export interface Selection {
  readonly networks: readonly Network[];
  readonly problems: readonly NetworkProblem[];
}

type Candidate = { readonly network: Network } | { readonly problem: NetworkProblem };

/**
 * Chooses the networks: one for each rule, in the order of the rules; without rules, one for each interface that
 * looks like a LAN, in order of name; one that only lacks a broadcast address is named as a problem. Of two on
 * overlapping subnets the later is refused: the kernel could not tell them apart, and neither could the peers.
 */
export function selectNetworks(links: readonly Link[], rules: readonly NetworkRule[]): Selection {
  const sorted = [...links].sort((a, b) => compareNames(a.name, b.name));
  const candidates = rules.length === 0
    ? sorted.flatMap(candidateByItself)
    : rules.map((rule) => candidateByRule(rule, sorted));
  const networks: Network[] = [];
  const problems: NetworkProblem[] = [];
  for (const candidate of candidates) {
    if ("problem" in candidate) {
      problems.push(candidate.problem);
      continue;
    }
    const { network } = candidate;
    const rival = networks.find((other) =>
      overlap(subnetOfNetwork(other), subnetOfNetwork(network))
    );
    if (rival === undefined && networks.length === MAX_INTERFACES) {
      const reason = `${MAX_INTERFACES} networks are in use already: more are not supported`;
      problems.push({ name: network.name, reason });
    } else if (rival === undefined) networks.push(network);
    else problems.push({ name: network.name, reason: overlapReason(network, rival) });
  }
  return { networks, problems };
}

/** Order of interface names: "eth2" before "eth10". */
export function compareNames(a: string, b: string): number {
  const left = a.match(/[0-9]+|[^0-9]+/g) ?? [];
  const right = b.match(/[0-9]+|[^0-9]+/g) ?? [];
  for (const [i, piece] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const difference = isDigits(piece) && isDigits(other) ? Number(piece) - Number(other) : 0;
    if (difference !== 0) return difference;
    if (piece !== other) return piece < other ? -1 : 1;
  }
  return left.length - right.length;
}

function isDigits(text: string): boolean {
  return /^[0-9]/.test(text);
}

function candidateByItself(link: Link): Candidate[] {
  if (VIRTUAL_NAMES.some((beginning) => link.name.startsWith(beginning))) return [];
  if (!isLan(link)) return [];
  const address = usableAddresses(link)[0];
  if (address !== undefined) return [candidateOf(link.name, link, address)];
  // Without an address it is none of our networks; with one that has no broadcast address somebody may take it for one.
  return shortAddress(link)?.scope === GLOBAL_SCOPE
    ? [problem(link.name, noAddressReason(link))]
    : [];
}

function candidateByRule(rule: NetworkRule, links: readonly Link[]): Candidate {
  const subnet = rule.subnet === undefined ? null : parseCidr(rule.subnet);
  return subnet === null
    ? candidateByInterface(rule.name, rule.interfaceName ?? "", links)
    : candidateBySubnet(rule.name, subnet, links);
}

function candidateByInterface(
  name: NetworkName,
  interfaceName: string,
  links: readonly Link[],
): Candidate {
  const link = links.find((each) => each.name === interfaceName);
  if (link === undefined) return problem(name, `there is no interface ${interfaceName}`);
  const address = usableAddresses(link)[0];
  if (isLan(link) && address !== undefined) return candidateOf(name, link, address);
  return problem(name, isLan(link) ? noAddressReason(link) : `${link.name} cannot broadcast`);
}

function candidateBySubnet(
  name: NetworkName,
  subnet: Subnet,
  links: readonly Link[],
): Candidate {
  const found = links.filter(isLan).flatMap((link) => {
    const address = usableAddresses(link).find((each) => contains(subnet, each.address));
    return address === undefined ? [] : [{ link, address }];
  });
  const [first, ...others] = found;
  if (first === undefined) {
    return problem(name, `no interface has an address in ${formatCidr(subnet)}`);
  }
  if (others.length === 0) return candidateOf(name, first.link, first.address);
  const names = found.map(({ link }) => link.name).join(", ");
  return problem(name, `several interfaces have an address in ${formatCidr(subnet)}: ${names}`);
}

function candidateOf(name: NetworkName, link: Link, of: LinkAddress): Candidate {
  if (!isInterfaceName(link.name)) {
    return problem(name, `ip cannot be given the interface name ${JSON.stringify(link.name)}`);
  }
  const { address, prefixLength } = of;
  const broadcast = broadcastFor(of);
  if (broadcast === null) return problem(name, noAddressReason(link));
  const reason = unusableReason(link);
  const network: Network = {
    name,
    interfaceName: link.name,
    family: 4,
    address,
    prefixLength,
    broadcast,
    usable: reason === null,
  };
  return { network: reason === null ? network : { ...network, reason } };
}

function problem(name: NetworkName, reason: string): Candidate {
  return { problem: { name, reason } };
}

/** Whether the interface can reach several neighbours at once, and leads out of this host. */
function isLan(link: Link): boolean {
  return link.flags.includes("BROADCAST") && !link.flags.includes("LOOPBACK");
}

/** Addresses that a network can be built on, the primary ones first. */
function usableAddresses(link: Link): LinkAddress[] {
  const usable = link.addresses.filter((each) =>
    each.scope === GLOBAL_SCOPE && each.prefixLength > 0 && broadcastFor(each) !== null &&
    // An administrator may assign the subnet's own address; no packet may claim it.
    isHostAddress(each.address, each.prefixLength)
  );
  return [
    ...usable.filter((each) => !each.secondary),
    ...usable.filter((each) => each.secondary),
  ];
}

/**
 * The address that inquiries of this network go to: the one assigned, if it belongs to the subnet (some set
 * 255.255.255.255, which names no network), or else the last of the subnet. Null where there is none.
 */
function broadcastFor({ address, prefixLength, broadcast }: LinkAddress): string | null {
  const computed = broadcastOf(address, prefixLength);
  if (computed === null || broadcast === undefined) return computed;
  return contains(subnetOf(address, prefixLength), broadcast) ? broadcast : computed;
}

function unusableReason(link: Link): string | null {
  if (!link.flags.includes("UP")) return "interface is down";
  return link.flags.includes("LOWER_UP") ? null : "no carrier";
}

function noAddressReason(link: Link): string {
  const short = shortAddress(link);
  if (short === undefined) return `${link.name} has no IPv4 address`;
  return `${short.address}/${short.prefixLength} on ${link.name} has no broadcast address`;
}

/** Its first IPv4 address of a subnet that is too small for a broadcast address. */
function shortAddress(link: Link): LinkAddress | undefined {
  return link.addresses.find((each) =>
    !each.address.includes(":") && each.prefixLength > LONGEST_PREFIX
  );
}

function subnetOfNetwork(network: Network): Subnet {
  return subnetOf(network.address, network.prefixLength);
}

function overlapReason(network: Network, rival: Network): string {
  const subnet = formatCidr(subnetOfNetwork(network));
  const other = formatCidr(subnetOfNetwork(rival));
  return `${subnet} on ${network.interfaceName} overlaps ` +
    `${other} on ${rival.interfaceName}, which is network ${rival.name}`;
}
