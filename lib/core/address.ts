/**
 * IP addresses: text, bytes, subnets and order, for both families.
 *
 * Everywhere else an address is its canonical text (RFC 5952 for IPv6, a strict dotted quad for IPv4), so that one
 * address has one spelling and can be the key of a map. Functions that take an `Address` throw RangeError when it
 * is none: that is a bug of the caller. Only the parsers take text from outside, and answer null.
 *
 * IPv4 comes with every packet, so its path makes no array and uses no regular expression.
 */

import type { Address, Family } from "./types.ts";

/** A range of addresses: the network's first address and the length of its prefix in bits. */
export interface Subnet {
  readonly network: Address;
  readonly prefixLength: number;
}

const DOT = 46;
const ZERO = 48;

/** The value of a dotted quad, 0 to 2^32 - 1; null when it is none. Leading zeros are refused: some read them octal. */
export function parseV4(text: string): number | null {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0 || dots === 3) return null;
      value = value * 256 + octet;
      octet = -1;
      dots++;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || octet === 0) return null;
    octet = octet < 0 ? digit : octet * 10 + digit;
    if (octet > 255) return null;
  }
  return octet < 0 || dots !== 3 ? null : value * 256 + octet;
}

/** The dotted quad of a value from 0 to 2^32 - 1. */
export function formatV4(value: number): Address {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The eight 16-bit groups of an IPv6 address; null when the text is none. A zone ("%eth0") is refused. */
function parseV6(text: string): number[] | null {
  if (text.length > 45) return null;
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head = "", tail] = halves;
  const left = parseGroups(head, tail === undefined);
  const right = parseGroups(tail ?? "", true);
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...left, ...new Array<number>(missing).fill(0), ...right];
}

/** Groups between colons; the last may be a dotted quad when these groups end the address. */
function parseGroups(text: string, endsAddress: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const pieces = text.split(":");
  for (const [index, piece] of pieces.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(piece)) {
      groups.push(parseInt(piece, 16));
      continue;
    }
    const quad = endsAddress && index === pieces.length - 1 ? parseV4(piece) : null;
    if (quad === null) return null;
    groups.push(quad >>> 16, quad & 0xffff);
  }
  return groups;
}

/** Text of RFC 5952: lower case, the first longest run of two or more zero groups as "::", mapped IPv4 dotted. */
function formatV6(groups: readonly number[]): Address {
  if (isMapped(groups)) return `::ffff:${formatV4(group(groups, 6) * 65536 + group(groups, 7))}`;
  let start = 0;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) [start, length] = [i, end - i];
    if (end > i) i = end;
  }
  const hex = groups.map((each) => each.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** ::ffff:0:0/96, an IPv4 address in IPv6 clothes. */
function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((each) => each === 0);
}

function group(groups: readonly number[], index: number): number {
  return groups[index] ?? 0;
}

/** The canonical text of an address in any lawful spelling; null when it is not an address. */
export function parseAddress(text: string): Address | null {
  if (parseV4(text) !== null) return text;
  const groups = parseV6(text);
  return groups === null ? null : formatV6(groups);
}

/** The family of an address, by its text alone. */
export function familyOf(address: Address): Family {
  return address.includes(":") ? 6 : 4;
}

function notAnAddress(text: string): RangeError {
  return new RangeError(`Cannot use address: must be IPv4 or IPv6, is ${JSON.stringify(text)}`);
}

function v4Value(address: Address): number {
  const value = parseV4(address);
  if (value === null) throw notAnAddress(address);
  return value;
}

function v6Groups(address: Address): number[] {
  const groups = parseV6(address);
  if (groups === null) throw notAnAddress(address);
  return groups;
}

/** Bytes of an address in network order: 4 for IPv4, 16 for IPv6. */
export function addressLength(family: Family): number {
  return family === 4 ? 4 : 16;
}

/** Writes an address in network order at a byte offset. Throws RangeError when it does not fit. */
export function writeAddress(view: DataView, offset: number, address: Address): void {
  if (familyOf(address) === 4) {
    view.setUint32(offset, v4Value(address));
  } else {
    v6Groups(address).forEach((each, i) => view.setUint16(offset + 2 * i, each));
  }
}

/** Reads an address in network order from a byte offset. Throws RangeError when there are too few bytes. */
export function readAddress(view: DataView, offset: number, family: Family): Address {
  if (family === 4) return formatV4(view.getUint32(offset));
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push(view.getUint16(offset + 2 * i));
  return formatV6(groups);
}

/** Throws RangeError unless the prefix length, in bits, is one of this family. */
function checkPrefix(prefixLength: number, family: Family): void {
  const most = 8 * addressLength(family);
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > most) {
    throw new RangeError(`Cannot use prefix length: must be 0 to ${most}, is ${prefixLength}`);
  }
}

function v4Mask(prefixLength: number): number {
  // A shift by 32 is a shift by 0 in this language.
  return prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0;
}

/** The mask of one 16-bit group, 0 to 7, of an IPv6 prefix. */
function groupMask(prefixLength: number, index: number): number {
  const bits = Math.min(16, Math.max(0, prefixLength - 16 * index));
  return (0xffff << (16 - bits)) & 0xffff;
}

/** The subnet that an address with this prefix length is in. Throws RangeError on a wrong length. */
export function subnetOf(address: Address, prefixLength: number): Subnet {
  const family = familyOf(address);
  checkPrefix(prefixLength, family);
  const network = family === 4
    ? formatV4((v4Value(address) & v4Mask(prefixLength)) >>> 0)
    : formatV6(v6Groups(address).map((each, i) => each & groupMask(prefixLength, i)));
  return { network, prefixLength };
}

/** Reads "ADDRESS/LENGTH". Bits beyond the prefix are cleared: "192.168.1.7/24" is 192.168.1.0/24. Null when it is none. */
export function parseCidr(text: string): Subnet | null {
  const slash = text.indexOf("/");
  if (slash < 0) return null;
  const address = parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === null || !/^(0|[1-9][0-9]{0,2})$/.test(length)) return null;
  const prefixLength = Number(length);
  if (prefixLength > 8 * addressLength(familyOf(address))) return null;
  return subnetOf(address, prefixLength);
}

/** Canonical text of a subnet, e.g. "192.168.1.0/24". */
export function formatCidr(subnet: Subnet): string {
  return `${subnet.network}/${subnet.prefixLength}`;
}

/** Whether the address is in the subnet; never, when the families differ. */
export function contains(subnet: Subnet, address: Address): boolean {
  const family = familyOf(address);
  if (familyOf(subnet.network) !== family) return false;
  checkPrefix(subnet.prefixLength, family);
  if (family === 4) {
    const difference = v4Value(subnet.network) ^ v4Value(address);
    return (difference & v4Mask(subnet.prefixLength)) === 0;
  }
  const network = v6Groups(subnet.network);
  return v6Groups(address).every((each, i) =>
    ((each ^ group(network, i)) & groupMask(subnet.prefixLength, i)) === 0
  );
}

/** Whether two subnets share an address; of two prefixes one then holds the other. */
export function overlap(a: Subnet, b: Subnet): boolean {
  return a.prefixLength <= b.prefixLength ? contains(a, b.network) : contains(b, a.network);
}

/** The broadcast address of the subnet an IPv4 address is in; null where there is none: IPv6, /31 and /32 (RFC 3021). */
export function broadcastOf(address: Address, prefixLength: number): Address | null {
  const family = familyOf(address);
  checkPrefix(prefixLength, family);
  if (family === 6 || prefixLength > 30) return null;
  return formatV4((v4Value(address) | ~v4Mask(prefixLength)) >>> 0);
}

/**
 * Whether an address can belong to one host, whatever its subnet. Not in IPv4: 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4
 * and 255.255.255.255. Not in IPv6: ff00::/8, and ::/80, which holds the unspecified, the loopback and every
 * address that embeds an IPv4 one and so would be a second name for it.
 */
export function isUnicast(address: Address): boolean {
  if (familyOf(address) === 4) {
    const value = v4Value(address);
    const first = value >>> 24;
    return first !== 0 && first !== 127 && (first < 224 || first > 239) && value !== 0xffffffff;
  }
  const groups = v6Groups(address);
  return group(groups, 0) >>> 8 !== 0xff && groups.slice(0, 5).some((each) => each !== 0);
}

/**
 * Whether an address can be that of a host in its subnet: unicast, and neither the network's own address nor its
 * broadcast address. IPv6 has no broadcast; there the network's address is the routers' anycast address (RFC 4291
 * section 2.6.1). Prefixes with room for at most two addresses have neither (RFC 3021, RFC 6164).
 */
export function isHostAddress(address: Address, prefixLength: number): boolean {
  const family = familyOf(address);
  checkPrefix(prefixLength, family);
  if (!isUnicast(address)) return false;
  if (prefixLength >= 8 * addressLength(family) - 1) return true;
  if (family === 6) return subnetOf(address, prefixLength).network !== address;
  const hostMask = ~v4Mask(prefixLength);
  const host = v4Value(address) & hostMask;
  return host !== 0 && host !== hostMask;
}

/** Order for sorting: IPv4 before IPv6, then by value. Negative, zero or positive. */
export function compareAddresses(a: Address, b: Address): number {
  const family = familyOf(a);
  if (family !== familyOf(b)) return family === 4 ? -1 : 1;
  if (family === 4) return v4Value(a) - v4Value(b);
  const right = v6Groups(b);
  for (const [i, each] of v6Groups(a).entries()) {
    if (each !== group(right, i)) return each - group(right, i);
  }
  return 0;
}
