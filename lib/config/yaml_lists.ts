/** The two lists of the YAML file: `networks` and `peers`. */

import {
  familyOf,
  formatCidr,
  isUnicast,
  overlap,
  parseAddress,
  parseCidr,
  type Subnet,
} from "../core/address.ts";
import { isInterfaceName } from "../core/ip_text.ts";
import { isNodeName } from "../core/node_name.ts";
import type { Address, NetworkRule, StaticPeer } from "../core/types.ts";
import { type Findings, own, pathText } from "./findings.ts";
import { NETWORKS, PEERS } from "./options.ts";
import { isMapping, shownValue } from "./problem.ts";
import { NAME_RULE } from "./values.ts";
import type { Path } from "./yaml_lines.ts";

/** A peer has one address on each network. */
const MAX_ADDRESSES = NETWORKS.maximum;

/** The rule of `isInterfaceName` in words. */
const INTERFACE_RULE = "must be the name of an interface, 1 to 15 printable ASCII characters " +
  'without blank, quotes, "\\", "#", "/" or ":", the first no "-"';

/** Where something was seen first, so that a second one can name it. */
export class Seen<T> {
  readonly #places = new Map<T, Path>();

  /** Notes a value; answers where it was before, or null where it is new. */
  add(value: T, path: Path): Path | null {
    const before = this.#places.get(value);
    if (before === undefined) this.#places.set(value, path);
    return before ?? null;
  }
}

/** Reads a key that must hold text of some form; notes what is wrong with it and answers null then. */
function readText(
  value: unknown,
  path: Path,
  findings: Findings,
  rule: string,
  accept: (text: string) => boolean,
): string | null {
  if (typeof value === "string" && accept(value)) return value;
  findings.add(path, rule, value === undefined ? "missing" : shownValue(value));
  return null;
}

/** Reads a name that no entry before it may have. */
function readName(
  value: unknown,
  path: Path,
  findings: Findings,
  seen: Seen<string>,
): string | null {
  const name = readText(value, path, findings, NAME_RULE, isNodeName);
  if (name !== null) refuseDouble(name, path, findings, seen);
  return name;
}

/** Notes a value that stood somewhere before. */
export function refuseDouble(
  value: string,
  path: Path,
  findings: Findings,
  seen: Seen<string>,
): void {
  const before = seen.add(value, path);
  if (before !== null) {
    findings.add(path, `must differ from ${pathText(before)}`, shownValue(value));
  }
}

/** Reads the entries of `networks`, in order of preference. What is wrong goes to the findings. */
export function readNetworks(
  entries: readonly unknown[],
  findings: Findings,
): readonly NetworkRule[] {
  const names = new Seen<string>();
  const interfaces = new Seen<string>();
  const subnets: { readonly subnet: Subnet; readonly path: Path }[] = [];
  const networks: NetworkRule[] = [];
  for (const [index, entry] of entries.entries()) {
    const path = [NETWORKS.key, index];
    if (!isMapping(entry)) {
      findings.add(
        path,
        `must be a mapping with ${NETWORKS.entryKeys.join(", ")}`,
        shownValue(entry),
      );
      continue;
    }
    findings.addUnknownKeys(path, entry, NETWORKS.entryKeys);
    const name = readName(own(entry, "name"), [...path, "name"], findings, names);
    const [interfaceValue, subnetValue] = [own(entry, "interface"), own(entry, "subnet")];
    if ((interfaceValue === undefined) === (subnetValue === undefined)) {
      const which = interfaceValue === undefined ? "neither" : "both";
      findings.add(path, `must have either interface or subnet, has ${which}`, null);
    }
    const interfaceName = interfaceValue === undefined
      ? null
      : readInterface(interfaceValue, [...path, "interface"], findings, interfaces);
    const subnet = subnetValue === undefined
      ? null
      : readSubnet(subnetValue, [...path, "subnet"], findings, subnets);
    if (name !== null && interfaceName !== null) networks.push({ name, interfaceName });
    else if (name !== null && subnet !== null) networks.push({ name, subnet });
  }
  return networks;
}

function readInterface(
  value: unknown,
  path: Path,
  findings: Findings,
  seen: Seen<string>,
): string | null {
  const name = readText(value, path, findings, INTERFACE_RULE, isInterfaceName);
  if (name !== null) refuseDouble(name, path, findings, seen);
  return name;
}

/** The canonical text of a subnet that overlaps none before it. */
function readSubnet(
  value: unknown,
  path: Path,
  findings: Findings,
  before: { readonly subnet: Subnet; readonly path: Path }[],
): string | null {
  const subnet = typeof value === "string" ? parseCidr(value) : null;
  // A subnet of length 0 is every address, and so no LAN.
  if (subnet === null || familyOf(subnet.network) !== 4 || subnet.prefixLength === 0) {
    findings.add(path, "must be an IPv4 subnet such as 192.168.1.0/24", shownValue(value));
    return null;
  }
  const other = before.find((each) => overlap(each.subnet, subnet));
  if (other !== undefined) {
    const rule = `must not overlap ${pathText(other.path)}, ${formatCidr(other.subnet)}`;
    findings.add(path, rule, shownValue(value));
  }
  before.push({ subnet, path });
  return formatCidr(subnet);
}

/** Reads the entries of `peers`. What is wrong goes to the findings. */
export function readPeers(entries: readonly unknown[], findings: Findings): readonly StaticPeer[] {
  const nodes = new Seen<string>();
  const addresses = new Seen<string>();
  const peers: StaticPeer[] = [];
  for (const [index, entry] of entries.entries()) {
    const path = [PEERS.key, index];
    if (!isMapping(entry)) {
      findings.add(path, `must be a mapping with ${PEERS.entryKeys.join(", ")}`, shownValue(entry));
      continue;
    }
    findings.addUnknownKeys(path, entry, PEERS.entryKeys);
    const node = readName(own(entry, "node"), [...path, "node"], findings, nodes);
    const list = readAddresses(
      own(entry, "addresses"),
      [...path, "addresses"],
      findings,
      addresses,
    );
    if (node !== null) peers.push({ node, addresses: list });
  }
  return peers;
}

function readAddresses(
  value: unknown,
  path: Path,
  findings: Findings,
  seen: Seen<string>,
): readonly Address[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ADDRESSES) {
    const shown = Array.isArray(value) ? `a list of ${value.length}` : shownValue(value);
    const rule = `must be a list of 1 to ${MAX_ADDRESSES} addresses`;
    findings.add(path, rule, value === undefined ? "missing" : shown);
    return [];
  }
  const addresses: Address[] = [];
  for (const [index, each] of value.entries()) {
    const below = [...path, index];
    const address = typeof each === "string" ? parseAddress(each) : null;
    if (address === null || familyOf(address) !== 4 || !isUnicast(address)) {
      findings.add(below, "must be the IPv4 address of a host", shownValue(each));
      continue;
    }
    refuseDouble(address, below, findings, seen);
    addresses.push(address);
  }
  return addresses;
}
