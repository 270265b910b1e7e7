/**
 * The wire format: packets to bytes and back. docs/WIRE.md is its specification; the rules (W1, W2, …) are there.
 *
 * `decode` is given whatever arrived and never throws: it walks down a ladder of rules and answers with the packet
 * or with the first rule broken, by name and with the offending value. `encode` has no rules of its own: what it
 * wrote is decoded once, so that it cannot send what the other end would drop.
 */

import {
  addressLength,
  familyOf,
  isHostAddress,
  isUnicast,
  readAddress,
  writeAddress,
} from "./address.ts";
import { MAX_NAME_BYTES, refusedCharacter } from "./node_name.ts";
import {
  MAX_INTERFACES,
  MAX_PACKET_BYTES,
  MAX_UNHEARD,
  type Packet,
  type PacketKind,
  type WireInterface,
} from "./packet.ts";
import type { Address, Family } from "./types.ts";

/** Every reason to drop a packet, in the order in which they are looked for; explained in docs/WIRE.md. */
export const DROP_REASONS = [
  "too-short",
  "bad-magic",
  "version",
  "too-long",
  "length",
  "type",
  "counter",
  "inquiry-missing",
  "inquiry-unexpected",
  "interval",
  "fail-after",
  "section-end",
  "section-repeated",
  "section-order",
  "name-length",
  "name-text",
  "section-length",
  "too-many-interfaces",
  "prefix",
  "address",
  "address-repeated",
  "too-many-unheard",
  "name-missing",
  "no-interface",
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** A broken rule; `value` is short printable ASCII, safe in a log. */
export interface Drop {
  readonly drop: DropReason;
  readonly value: string;
  readonly packet?: never;
}

export type Decoded = { readonly packet: Packet; readonly drop?: never } | Drop;

const MAGIC = 0x4641494c; // "FAIL"
const VERSION = 1;
const KINDS: readonly PacketKind[] = ["inq", "ack", "state"];
const HEADER_BYTES = 44;
const SECTION_HEADER_BYTES = 3;
/** Prefix length and flags of an interface, after its address. */
const INTERFACE_EXTRA_BYTES = 2;
const MIN_INTERVAL_US = 10_000;
const MAX_INTERVAL_US = 3_600_000_000;
const MAX_FAIL_AFTER = 1000;
const REQUESTOR_FLAG = 1;
const USABLE_FLAG = 1;
const HEARS_NOBODY_FLAG = 2;

// Where each field of the header begins.
const AT_MAGIC = 0;
const AT_VERSION = 4;
const AT_TYPE = 5;
const AT_FLAGS = 6;
const AT_BOOT = 8;
const AT_COUNTER = 16;
const AT_SEQUENCE = 24;
const AT_NONCE = 28;
const AT_INTERVAL = 36;
const AT_FAIL_AFTER = 40;
const AT_LENGTH = 42;

// Section types.
const NAME = 1;
const INTERFACES4 = 2;
const INTERFACES6 = 3;
const UNHEARD4 = 4;
const UNHEARD6 = 5;

// ---------------------------------------------------------------------------------------------- encode

/** The bytes of a packet. Throws RangeError when it breaks a rule of the format: that is a bug of the caller. */
export function encode(packet: Packet): Uint8Array {
  const sections = [
    { type: NAME, body: new TextEncoder().encode(packet.name) },
    { type: INTERFACES4, body: interfaceList(packet.interfaces, 4) },
    { type: INTERFACES6, body: interfaceList(packet.interfaces, 6) },
    { type: UNHEARD4, body: unheardList(packet.unheard, 4) },
    { type: UNHEARD6, body: unheardList(packet.unheard, 6) },
  ].filter((section) => section.body.length > 0);
  let length = HEADER_BYTES;
  for (const { body } of sections) length += SECTION_HEADER_BYTES + body.length;
  if (length > MAX_PACKET_BYTES) throw unlawful("too-long", length);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  writeHeader(view, packet);
  let at = HEADER_BYTES;
  for (const { type, body } of sections) {
    view.setUint8(at, type);
    view.setUint16(at + 1, body.length);
    bytes.set(body, at + SECTION_HEADER_BYTES);
    at += SECTION_HEADER_BYTES + body.length;
  }
  const check = decode(bytes);
  if (check.drop !== undefined) throw unlawful(check.drop, check.value);
  return bytes;
}

/**
 * The bytes of a packet whose sections are those of `before`, an encoded packet: only the header is written anew.
 * Throws RangeError as encode() does.
 */
export function encodeLike(packet: Packet, before: Uint8Array): Uint8Array {
  const bytes = before.slice();
  const view = new DataView(bytes.buffer);
  writeHeader(view, packet);
  const drop = checkHeader(view);
  if (drop !== null) throw unlawful(drop.drop, drop.value);
  return bytes;
}

function unlawful(rule: string, value: string | number | bigint): RangeError {
  return new RangeError(`Cannot encode packet: must keep the rule "${rule}", is ${value}`);
}

/** Throws RangeError unless the value fits an unsigned field; a DataView would cut it silently. */
function fitting(rule: string, value: number, most: number): number {
  if (!Number.isInteger(value) || value < 0 || value > most) throw unlawful(rule, value);
  return value;
}

function fitting64(rule: string, value: bigint): bigint {
  if (BigInt.asUintN(64, value) !== value) throw unlawful(rule, value);
  return value;
}

function writeHeader(view: DataView, packet: Packet): void {
  const counter = fitting("counter", packet.counter, Number.MAX_SAFE_INTEGER);
  const intervalUs = Math.round(packet.intervalMs * 1000);
  view.setUint32(AT_MAGIC, MAGIC);
  view.setUint8(AT_VERSION, VERSION);
  view.setUint8(AT_TYPE, KINDS.indexOf(packet.kind) + 1);
  view.setUint16(AT_FLAGS, packet.requestor ? REQUESTOR_FLAG : 0);
  view.setBigUint64(AT_BOOT, fitting64("boot", packet.boot));
  view.setBigUint64(AT_COUNTER, BigInt(counter));
  view.setUint32(AT_SEQUENCE, fitting("sequence", packet.sequence, 0xffff_ffff));
  view.setBigUint64(AT_NONCE, fitting64("nonce", packet.nonce));
  view.setUint32(AT_INTERVAL, fitting("interval", intervalUs, 0xffff_ffff));
  view.setUint16(AT_FAIL_AFTER, fitting("fail-after", packet.failAfter, 0xffff));
  view.setUint16(AT_LENGTH, view.byteLength);
}

function interfaceList(interfaces: readonly WireInterface[], family: Family): Uint8Array {
  const those = interfaces.filter((each) => familyOf(each.address) === family);
  const bytes = addressLength(family);
  const body = new DataView(new ArrayBuffer(those.length * (bytes + INTERFACE_EXTRA_BYTES)));
  let at = 0;
  for (const each of those) {
    const flags = (each.usable ? USABLE_FLAG : 0) | (each.hearsNobody ? HEARS_NOBODY_FLAG : 0);
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

// ---------------------------------------------------------------------------------------------- decode

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the sections said so far. */
interface Contents {
  name: string | null;
  readonly interfaces: WireInterface[];
  readonly unheard: Address[];
}

function dropped(drop: DropReason, value: string | number | bigint): Drop {
  return { drop, value: `${value}` };
}

/** The packet in these bytes, or why it is dropped. Never throws, whatever the bytes are. */
export function decode(bytes: Uint8Array): Decoded {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contents: Contents = { name: null, interfaces: [], unheard: [] };
  const drop = checkFrame(view) ?? checkHeader(view) ?? readSections(view, contents);
  if (drop !== null) return drop;
  const { name, interfaces, unheard } = contents;
  if (name === null) return dropped("name-missing", "none");
  if (interfaces.length === 0) return dropped("no-interface", 0);
  return { packet: packetOf(view, { name, interfaces, unheard }) };
}

/**
 * As decode(), where `before` was decoded to `known`: sections that are the same to the byte are not decoded again,
 * and the packet then shares their values, by identity, with `known`.
 */
export function decodeLike(bytes: Uint8Array, before: Uint8Array, known: Packet): Decoded {
  if (!hasSameSections(bytes, before)) return decode(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return checkFrame(view) ?? checkHeader(view) ?? { packet: packetOf(view, known) };
}

function hasSameSections(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = HEADER_BYTES; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function packetOf(
  view: DataView,
  { name, interfaces, unheard }: Pick<Packet, "name" | "interfaces" | "unheard">,
): Packet {
  return {
    kind: kindOf(view) ?? "state",
    requestor: (view.getUint16(AT_FLAGS) & REQUESTOR_FLAG) !== 0,
    boot: view.getBigUint64(AT_BOOT),
    counter: counterOf(view),
    sequence: view.getUint32(AT_SEQUENCE),
    nonce: view.getBigUint64(AT_NONCE),
    intervalMs: view.getUint32(AT_INTERVAL) / 1000,
    failAfter: view.getUint16(AT_FAIL_AFTER),
    name,
    interfaces,
    unheard,
  };
}

function kindOf(view: DataView): PacketKind | undefined {
  return KINDS[view.getUint8(AT_TYPE) - 1];
}

/** The counter, exact below 2^53; from there on it is dropped. */
function counterOf(view: DataView): number {
  return view.getUint32(AT_COUNTER) * 2 ** 32 + view.getUint32(AT_COUNTER + 4);
}

/** Is this ours at all, of our version, and whole? */
function checkFrame(view: DataView): Drop | null {
  const received = view.byteLength;
  if (received < HEADER_BYTES) return dropped("too-short", received);
  const magic = view.getUint32(AT_MAGIC);
  if (magic !== MAGIC) return dropped("bad-magic", magic.toString(16).padStart(8, "0"));
  const version = view.getUint8(AT_VERSION);
  if (version !== VERSION) return dropped("version", version);
  if (received > MAX_PACKET_BYTES) return dropped("too-long", received);
  const length = view.getUint16(AT_LENGTH);
  return length === received ? null : dropped("length", `${length} of ${received}`);
}

function checkHeader(view: DataView): Drop | null {
  const kind = kindOf(view);
  if (kind === undefined) return dropped("type", view.getUint8(AT_TYPE));
  const counter = counterOf(view);
  if (counter < 1 || counter > Number.MAX_SAFE_INTEGER) {
    return dropped("counter", view.getBigUint64(AT_COUNTER));
  }
  const sequence = view.getUint32(AT_SEQUENCE);
  if (kind !== "state") {
    if (sequence === 0) return dropped("inquiry-missing", kind);
  } else if (sequence !== 0 || view.getBigUint64(AT_NONCE) !== 0n) {
    return dropped("inquiry-unexpected", `${sequence}/${view.getBigUint64(AT_NONCE)}`);
  }
  const intervalUs = view.getUint32(AT_INTERVAL);
  if (intervalUs < MIN_INTERVAL_US || intervalUs > MAX_INTERVAL_US) {
    return dropped("interval", intervalUs);
  }
  const failAfter = view.getUint16(AT_FAIL_AFTER);
  return failAfter >= 1 && failAfter <= MAX_FAIL_AFTER ? null : dropped("fail-after", failAfter);
}

function readSections(view: DataView, contents: Contents): Drop | null {
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
    const drop = readSection(type, body, contents);
    if (drop !== null) return drop;
    previous = type;
    at += length;
  }
  return null;
}

function readSection(type: number, body: DataView, contents: Contents): Drop | null {
  switch (type) {
    case NAME:
      return readName(body, contents);
    case INTERFACES4:
      return readInterfaces(body, 4, contents.interfaces);
    case INTERFACES6:
      return readInterfaces(body, 6, contents.interfaces);
    case UNHEARD4:
      return readUnheard(body, 4, contents.unheard);
    case UNHEARD6:
      return readUnheard(body, 6, contents.unheard);
    default:
      return null; // unknown to this release
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

function readInterfaces(body: DataView, family: Family, interfaces: WireInterface[]): Drop | null {
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
    interfaces.push({ address, prefixLength, usable, hearsNobody });
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
