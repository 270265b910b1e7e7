/** The list `allow` of the YAML file: names, addresses and subnets of nodes in one. */

import { familyOf, formatCidr, isUnicast, parseAddress, parseCidr } from "../core/address.ts";
import { isNodeName } from "../core/node_name.ts";
import type { AllowList } from "../core/types.ts";
import type { Findings } from "./findings.ts";
import { ALLOW } from "./options.ts";
import { shownValue } from "./problem.ts";
import { refuseDouble, Seen } from "./yaml_lists.ts";

const RULE = "must be the name of a node, the IPv4 address of a host, " +
  "or an IPv4 subnet such as 192.168.1.0/24";

/** Reads the entries of `allow`. What is wrong goes to the findings. */
export function readAllowed(entries: readonly unknown[], findings: Findings): AllowList {
  const seen = new Seen<string>();
  const names: string[] = [];
  const subnets: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const path = [ALLOW.key, index];
    const subnet = typeof entry === "string" ? subnetOfEntry(entry) : null;
    if (subnet !== null) {
      refuseDouble(subnet, path, findings, seen);
      subnets.push(subnet);
    } else if (typeof entry === "string" && isNodeName(entry) && !looksLikeAddress(entry)) {
      refuseDouble(entry, path, findings, seen);
      names.push(entry);
    } else findings.add(path, RULE, shownValue(entry));
  }
  return { names, subnets };
}

/** Canonical text of an address as /32, or of a subnet; null where it is neither, or that of every address. */
function subnetOfEntry(text: string): string | null {
  const address = parseAddress(text);
  if (address !== null) {
    return familyOf(address) === 4 && isUnicast(address) ? `${address}/32` : null;
  }
  const subnet = parseCidr(text);
  if (subnet === null || familyOf(subnet.network) !== 4 || subnet.prefixLength === 0) return null;
  return formatCidr(subnet);
}

/** "192.168.1" and "10.0.0.256" could be names, but surely are not meant as such. */
function looksLikeAddress(text: string): boolean {
  return /^\d+(\.\d*)+$/.test(text);
}
