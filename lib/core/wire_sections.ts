/**
 * The sections of a packet, which come after its header: what each type holds, written and read.
 *
 * Nothing is trusted here: `readSections` answers with the first rule of docs/WIRE.md that is broken. Writing has no
 * rules of its own but that a value fits its field.
 */

import {
  addressLength,
  familyOf,
  formatV4,
  isHostAddress,
  isUnicast,
  readAddress,
  writeAddress,
} from "./address.ts";
import { MAX_NAME_BYTES, refusedCharacter } from "./node_name.ts";
import {
  type AddressRun,
  type LossyPath,
  MAX_GOODBYE_MS,
  MAX_HEARD_BYTES,
  MAX_INTERFACES,
  MAX_LOSSY,
  MAX_UNHEARD,
  type Packet,
  type WireInterface,
} from "./packet.ts";
import type { Address, Family, Ms } from "./types.ts";
import { type Drop, dropped, fitting, unlawful } from "./wire_drop.ts";

/** Where the sections begin. */
export const HEADER_BYTES = 44;
/** Type and length of a section, before its body. */
export const SECTION_HEADER_BYTES = 3;
/** Base and length of a run of addresses, before its bits. */
export const RUN_HEADER_BYTES = 5;

// Section types. 7 and 9 are kept free for what 6 and 8 say, in IPv6.
const NAME = 1;
const INTERFACES4 = 2;
const INTERFACES6 = 3;
const UNHEARD4 = 4;
const UNHEARD6 = 5;
const HEARD4 = 6;
const LOSSY4 = 8;
const SPREAD = 10;
const GOODBYE = 11;
export const PAD = 254;
export const AUTH = 255;

/** Prefix length and flags of an interface, after its address. */
const INTERFACE_EXTRA_BYTES = 2;
const LOSSY_BYTES = 5;
/** Of the body of AUTH: the id of the key (1), the scheme (4), and the signature (32). */
export const AUTH_BODY_BYTES = 37;

const USABLE_FLAG = 1;
const HEARS_NOBODY_FLAG = 2;
const SOURCE_FLAG = 4;
const DRAINED_FLAG = 8;

const MAX_V4 = 0xffff_ffff;

/** A section to be written. */
export interface Section {
  readonly type: number;
  readonly body: Uint8Array;
}

// ---------------------------------------------------------------------------------------------- write

/** The sections of a packet in their order, without PAD and AUTH. Throws RangeError when a value fits no field. */
export function sectionsOf(packet: Packet): Section[] {
  const { name, interfaces, unheard, heard, lossy, spreadMs, goodbyeMs } = packet;
  const sections = [
    { type: NAME, body: new TextEncoder().encode(name) },
    { type: INTERFACES4, body: interfaceList(packet, interfaces, 4) },
    { type: INTERFACES6, body: interfaceList(packet, interfaces, 6) },
    { type: UNHEARD4, body: unheardList(unheard, 4) },
    { type: UNHEARD6, body: unheardList(unheard, 6) },
  ].filter((section) => section.body.length > 0);
  if (heard !== null) sections.push({ type: HEARD4, body: runList(heard) });
  if (lossy.length > 0) sections.push({ type: LOSSY4, body: lossyList(lossy) });
  if (spreadMs !== 0) {
    sections.push({ type: SPREAD, body: uint32("spread", Math.round(spreadMs * 1000)) });
  }
  if (goodbyeMs !== null) {
    sections.push({ type: GOODBYE, body: uint32("goodbye", Math.round(goodbyeMs)) });
  }
  return sections;
}

function uint32(rule: string, value: number): Uint8Array {
  const body = new DataView(new ArrayBuffer(4));
  body.setUint32(0, fitting(rule, value, 0xffff_ffff));
  return new Uint8Array(body.buffer);
}

function interfaceList(
  { source }: Packet,
  interfaces: readonly WireInterface[],
  family: Family,
): Uint8Array {
  const those = interfaces.filter((each) => familyOf(each.address) === family);
  const bytes = addressLength(family);
  const body = new DataView(new ArrayBuffer(those.length * (bytes + INTERFACE_EXTRA_BYTES)));
  let at = 0;
  for (const each of those) {
    const flags = (each.usable ? USABLE_FLAG : 0) | (each.hearsNobody ? HEARS_NOBODY_FLAG : 0) |
      (each.address === source ? SOURCE_FLAG : 0) | (each.drained ? DRAINED_FLAG : 0);
    writeAddress(body, at, each.address);
    body.setUint8(at + bytes, fitting("prefix", each.prefixLength, 0xff));
    body.setUint8(at + bytes + 1, flags);
    at += bytes + INTERFACE_EXTRA_BYTES;
  }
  return new Uint8Array(body.buffer);
}

function unheardList(unheard: readonly Address[], family: Family): Uint8Array {
  const those = unheard.filter((address) => familyOf(address) === family);
  const bytes = addressLength(family);
  const body = new DataView(new ArrayBuffer(those.length * bytes));
  those.forEach((address, i) => writeAddress(body, i * bytes, address));
  return new Uint8Array(body.buffer);
}

function runList(runs: readonly AddressRun[]): Uint8Array {
  let length = 0;
  for (const { bits } of runs) length += RUN_HEADER_BYTES + bits.length;
  const body = new Uint8Array(length);
  const view = new DataView(body.buffer);
  let at = 0;
  for (const { base, bits } of runs) {
    view.setUint32(at, fitting("heard-range", base, MAX_V4));
    view.setUint8(at + 4, fitting("heard-run", bits.length, 0xff));
    body.set(bits, at + RUN_HEADER_BYTES);
    at += RUN_HEADER_BYTES + bits.length;
  }
  return body;
}

function lossyList(lossy: readonly LossyPath[]): Uint8Array {
  const body = new DataView(new ArrayBuffer(lossy.length * LOSSY_BYTES));
  lossy.forEach(({ address, percent }, i) => {
    if (familyOf(address) !== 4) throw unlawful("address", address);
    writeAddress(body, i * LOSSY_BYTES, address);
    body.setUint8(i * LOSSY_BYTES + 4, fitting("lossy-percent", percent, 0xff));
  });
  return new Uint8Array(body.buffer);
}

// ---------------------------------------------------------------------------------------------- read

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the sections said so far; HEARD, SPREAD and GOODBYE whatever the type of the packet is. */
export interface Contents {
  name: string | null;
  readonly interfaces: WireInterface[];
  /** Addresses that are marked as the packet's own. */
  readonly sources: Address[];
  readonly unheard: Address[];
  heard: AddressRun[] | null;
  readonly lossy: LossyPath[];
  spreadMs: Ms;
  goodbyeMs: Ms | null;
}

/** Reads all sections of a packet into `contents`; `intervalUs` is the one of its header. */
export function readSections(view: DataView, intervalUs: number, contents: Contents): Drop | null {
  let previous = -1;
  let at = HEADER_BYTES;
  while (at < view.byteLength) {
    const left = view.byteLength - at;
    if (left < SECTION_HEADER_BYTES) return dropped("section-end", `${left} of header`);
    const type = view.getUint8(at);
    const length = view.getUint16(at + 1);
    at += SECTION_HEADER_BYTES;
    if (at + length > view.byteLength) {
      return dropped("section-end", `${view.byteLength - at} of ${length}`);
    }
    if (type === previous) return dropped("section-repeated", type);
    if (type < previous) return dropped("section-order", `${type} after ${previous}`);
    const body = new DataView(view.buffer, view.byteOffset + at, length);
    const drop = readSection(type, body, intervalUs, contents);
    if (drop !== null) return drop;
    previous = type;
    at += length;
  }
  if (contents.name === null) return dropped("name-missing", "none");
  if (contents.interfaces.length === 0) return dropped("no-interface", 0);
  const marks = contents.sources.length;
  return marks === 1 ? null : dropped("source-mark", marks);
}

function readSection(
  type: number,
  body: DataView,
  intervalUs: number,
  contents: Contents,
): Drop | null {
  switch (type) {
    case NAME:
      return readName(body, contents);
    case INTERFACES4:
      return readInterfaces(body, 4, contents);
    case INTERFACES6:
      return readInterfaces(body, 6, contents);
    case UNHEARD4:
      return readUnheard(body, 4, contents.unheard);
    case UNHEARD6:
      return readUnheard(body, 6, contents.unheard);
    case HEARD4:
      return readRuns(body, contents.heard = []);
    case LOSSY4:
      return readLossy(body, contents.lossy);
    case SPREAD:
      return readSpread(body, intervalUs, contents);
    case GOODBYE:
      return readGoodbye(body, contents);
    case AUTH: {
      const length = body.byteLength;
      return length === AUTH_BODY_BYTES ? null : dropped("auth-length", length);
    }
    default:
      return null; // padding, or unknown to this release
  }
}

function readName(body: DataView, contents: Contents): Drop | null {
  const length = body.byteLength;
  if (length < 1 || length > MAX_NAME_BYTES) return dropped("name-length", length);
  let name: string;
  try {
    name = UTF8.decode(body);
  } catch {
    return dropped("name-text", "not UTF-8");
  }
  const refused = refusedCharacter(name)?.codePointAt(0);
  if (refused !== undefined) {
    return dropped("name-text", `U+${refused.toString(16).toUpperCase().padStart(4, "0")}`);
  }
  contents.name = name;
  return null;
}

function readInterfaces(
  body: DataView,
  family: Family,
  { interfaces, sources }: Contents,
): Drop | null {
  const bytes = addressLength(family);
  const count = body.byteLength / (bytes + INTERFACE_EXTRA_BYTES);
  if (!Number.isInteger(count)) return dropped("section-length", body.byteLength);
  const total = interfaces.length + count;
  if (total > MAX_INTERFACES) return dropped("too-many-interfaces", total);
  for (let at = 0; at < body.byteLength; at += bytes + INTERFACE_EXTRA_BYTES) {
    const prefixLength = body.getUint8(at + bytes);
    if (prefixLength < 1 || prefixLength > 8 * bytes) return dropped("prefix", prefixLength);
    const address = readAddress(body, at, family);
    if (!isHostAddress(address, prefixLength)) {
      return dropped("address", `${address}/${prefixLength}`);
    }
    if (interfaces.some((each) => each.address === address)) {
      return dropped("address-repeated", address);
    }
    const flags = body.getUint8(at + bytes + 1);
    const usable = (flags & USABLE_FLAG) !== 0;
    const hearsNobody = (flags & HEARS_NOBODY_FLAG) !== 0;
    const drained = (flags & DRAINED_FLAG) !== 0;
    if ((flags & SOURCE_FLAG) !== 0) sources.push(address);
    interfaces.push({ address, prefixLength, usable, drained, hearsNobody });
  }
  return null;
}

function readUnheard(body: DataView, family: Family, unheard: Address[]): Drop | null {
  const bytes = addressLength(family);
  const count = body.byteLength / bytes;
  if (!Number.isInteger(count)) return dropped("section-length", body.byteLength);
  const total = unheard.length + count;
  if (total > MAX_UNHEARD) return dropped("too-many-unheard", total);
  for (let at = 0; at < body.byteLength; at += bytes) {
    const address = readAddress(body, at, family);
    if (!isUnicast(address)) return dropped("address", address);
    unheard.push(address);
  }
  return null;
}

function readRuns(body: DataView, runs: AddressRun[]): Drop | null {
  const bytes = body.byteLength;
  if (bytes > MAX_HEARD_BYTES) return dropped("heard-length", bytes);
  /** The first address that the next run may have. */
  let next = 0;
  let at = 0;
  while (at < bytes) {
    const left = bytes - at - RUN_HEADER_BYTES;
    if (left < 0) return dropped("heard-run", `${bytes - at} of header`);
    const base = body.getUint32(at);
    const length = body.getUint8(at + 4);
    if (length < 1 || length > left) return dropped("heard-run", `${left} of ${length}`);
    if (base < next) return dropped("heard-order", formatV4(base));
    next = base + 8 * length;
    if (next > MAX_V4 + 1) return dropped("heard-range", `${formatV4(base)} and ${8 * length - 1}`);
    at += RUN_HEADER_BYTES;
    // A copy: the datagram is not ours to keep.
    runs.push({ base, bits: new Uint8Array(body.buffer, body.byteOffset + at, length).slice() });
    at += length;
  }
  return null;
}

function readLossy(body: DataView, lossy: LossyPath[]): Drop | null {
  const count = body.byteLength / LOSSY_BYTES;
  if (!Number.isInteger(count)) return dropped("section-length", body.byteLength);
  if (count > MAX_LOSSY) return dropped("too-many-lossy", count);
  for (let at = 0; at < body.byteLength; at += LOSSY_BYTES) {
    const address = readAddress(body, at, 4);
    if (!isUnicast(address)) return dropped("address", address);
    if (lossy.some((each) => each.address === address)) return dropped("address-repeated", address);
    const percent = body.getUint8(at + 4);
    if (percent < 1 || percent > 100) return dropped("lossy-percent", percent);
    lossy.push({ address, percent });
  }
  return null;
}

function readSpread(body: DataView, intervalUs: number, contents: Contents): Drop | null {
  if (body.byteLength !== 4) return dropped("section-length", body.byteLength);
  const spreadUs = body.getUint32(0);
  if (spreadUs > intervalUs) return dropped("spread", spreadUs);
  contents.spreadMs = spreadUs / 1000;
  return null;
}

function readGoodbye(body: DataView, contents: Contents): Drop | null {
  if (body.byteLength !== 4) return dropped("section-length", body.byteLength);
  const goodbyeMs = body.getUint32(0);
  if (goodbyeMs > MAX_GOODBYE_MS) return dropped("goodbye", goodbyeMs);
  contents.goodbyeMs = goodbyeMs;
  return null;
}
