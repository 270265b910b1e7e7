/**
 * The wire format: packets to bytes and back. docs/WIRE.md is its specification; the rules (W1, W2, …) are there.
 *
 * `decode` is given whatever arrived and never throws: it walks down a ladder of rules and answers with the packet
 * or with the first rule broken, by name and with the offending value. `encode` has no rules of its own: what it
 * wrote is decoded once, so that it cannot send what the other end would drop.
 */

import { MAX_PACKET_BYTES, type Packet, type PacketKind } from "./packet.ts";
import { authOf, writeScheme } from "./wire_auth.ts";
import { type Drop, dropped, fitting, fitting64, unlawful } from "./wire_drop.ts";
import {
  AUTH,
  AUTH_BODY_BYTES,
  type Contents,
  HEADER_BYTES,
  PAD,
  readSections,
  type Section,
  SECTION_HEADER_BYTES,
  sectionsOf,
} from "./wire_sections.ts";

export { type Auth, authOf, sign } from "./wire_auth.ts";
export { type Drop, DROP_REASONS, type DropReason } from "./wire_drop.ts";

export type Decoded = { readonly packet: Packet; readonly drop?: never } | Drop;

const MAGIC = 0x4641494c; // "FAIL"
const VERSION = 1;
const KINDS: readonly PacketKind[] = ["inq", "ack", "state"];
const MIN_INTERVAL_US = 10_000;
const MAX_INTERVAL_US = 3_600_000_000;
const MAX_FAIL_AFTER = 1000;
const REQUESTOR_FLAG = 1;
const DIRECT_FLAG = 2;
const PASSING_FLAG = 4;

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

// ---------------------------------------------------------------------------------------------- encode

/** What a packet has beside its content. */
export interface Envelope {
  /** The packet is padded to so many bytes at least, so that as long an answer is lawful. */
  readonly room?: number | undefined;
  /** There is to be a signature by this key, 1 to 255; it is zeros until `sign` makes it. */
  readonly keyId?: number | undefined;
}

/**
 * The bytes of a packet. Throws RangeError when it breaks a rule of the format: that is a bug of the caller.
 *
 * `room` beyond the longest packet means the longest. Padding takes three bytes at least: where these do not fit
 * any more, the packet stays up to two bytes shorter than the longest.
 */
export function encode(packet: Packet, { room = 0, keyId }: Envelope = {}): Uint8Array {
  checkKind(packet);
  const sections = sectionsOf(packet);
  const auth = keyId === undefined ? null : authSection(keyId);
  const content = HEADER_BYTES + lengthOf(sections) + (auth === null ? 0 : lengthOf([auth]));
  if (content > MAX_PACKET_BYTES) throw unlawful("too-long", content);
  const pad = padSection(Math.min(room, MAX_PACKET_BYTES) - content, MAX_PACKET_BYTES - content);
  if (pad !== null) sections.push(pad);
  if (auth !== null) sections.push(auth);
  const bytes = new Uint8Array(HEADER_BYTES + lengthOf(sections));
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
 * Padding stays, and so does a signature, which is then wrong and is to be made again by `sign`.
 * Throws RangeError as encode() does.
 */
export function encodeLike(packet: Packet, before: Uint8Array): Uint8Array {
  checkKind(packet);
  const bytes = before.slice();
  const view = new DataView(bytes.buffer);
  writeHeader(view, packet);
  const drop = checkHeader(view);
  if (drop !== null) throw unlawful(drop.drop, drop.value);
  return bytes;
}

/** Throws RangeError where a packet says what is not for its kind: the receiver would ignore it. */
function checkKind({ kind, direct, passing, heard, spreadMs, goodbyeMs }: Packet): void {
  if (kind !== "inq") {
    if (direct) throw unlawful("direct", kind);
    if (passing) throw unlawful("passing", kind);
    if (heard !== null) throw unlawful("heard", kind);
    if (spreadMs !== 0) throw unlawful("spread", kind);
  }
  if (kind !== "state" && goodbyeMs !== null) throw unlawful("goodbye", kind);
}

function lengthOf(sections: readonly Section[]): number {
  let length = 0;
  for (const { body } of sections) length += SECTION_HEADER_BYTES + body.length;
  return length;
}

/** The padding that fills `missing` bytes or, as far as it cannot be shorter, a little more, up to `most`. */
function padSection(missing: number, most: number): Section | null {
  if (missing <= 0 || most < SECTION_HEADER_BYTES) return null;
  return { type: PAD, body: new Uint8Array(Math.max(0, missing - SECTION_HEADER_BYTES)) };
}

function authSection(keyId: number): Section {
  if (keyId === 0) throw unlawful("key", keyId);
  const body = new Uint8Array(AUTH_BODY_BYTES);
  writeScheme(body);
  body[0] = fitting("key", keyId, 0xff);
  return { type: AUTH, body };
}

function writeHeader(view: DataView, packet: Packet): void {
  const counter = fitting("counter", packet.counter, Number.MAX_SAFE_INTEGER);
  const intervalUs = Math.round(packet.intervalMs * 1000);
  const flags = (packet.requestor ? REQUESTOR_FLAG : 0) | (packet.direct ? DIRECT_FLAG : 0) |
    (packet.passing ? PASSING_FLAG : 0);
  view.setUint32(AT_MAGIC, MAGIC);
  view.setUint8(AT_VERSION, VERSION);
  view.setUint8(AT_TYPE, KINDS.indexOf(packet.kind) + 1);
  view.setUint16(AT_FLAGS, flags);
  view.setBigUint64(AT_BOOT, fitting64("boot", packet.boot));
  view.setBigUint64(AT_COUNTER, BigInt(counter));
  view.setUint32(AT_SEQUENCE, fitting("sequence", packet.sequence, 0xffff_ffff));
  view.setBigUint64(AT_NONCE, fitting64("nonce", packet.nonce));
  view.setUint32(AT_INTERVAL, fitting("interval", intervalUs, 0xffff_ffff));
  view.setUint16(AT_FAIL_AFTER, fitting("fail-after", packet.failAfter, 0xffff));
  view.setUint16(AT_LENGTH, view.byteLength);
}

// ---------------------------------------------------------------------------------------------- decode

/** What a packet says in its sections. */
type Said = Omit<Packet, keyof Header>;
type Header = Pick<
  Packet,
  | "kind"
  | "requestor"
  | "direct"
  | "passing"
  | "boot"
  | "counter"
  | "sequence"
  | "nonce"
  | "intervalMs"
  | "failAfter"
>;

/** The packet in these bytes, or why it is dropped. Never throws, whatever the bytes are. */
export function decode(bytes: Uint8Array): Decoded {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const drop = checkFrame(view) ?? checkHeader(view);
  if (drop !== null) return drop;
  const contents: Contents = {
    name: null,
    interfaces: [],
    sources: [],
    unheard: [],
    heard: null,
    lossy: [],
    spreadMs: 0,
    goodbyeMs: null,
  };
  const fault = readSections(view, view.getUint32(AT_INTERVAL), contents);
  return fault ?? { packet: packetOf(view, saidBy(contents, kindOf(view))) };
}

/** What counts of the sections in a packet of this kind. */
function saidBy(contents: Contents, kind: PacketKind | undefined): Said {
  const { name, interfaces, sources, unheard, heard, lossy, spreadMs, goodbyeMs } = contents;
  return {
    name: name ?? "",
    source: sources[0] ?? "",
    interfaces,
    unheard,
    heard: kind === "inq" ? heard : null,
    lossy,
    spreadMs: kind === "inq" ? spreadMs : 0,
    goodbyeMs: kind === "state" ? goodbyeMs : null,
  };
}

/**
 * As decode(), where `before` was decoded to `known`: sections that are the same to the byte are not decoded again,
 * and the packet then shares their values, by identity, with `known`. Signatures are not compared.
 */
export function decodeLike(bytes: Uint8Array, before: Uint8Array, known: Packet): Decoded {
  if (!hasSameSections(bytes, before)) return decode(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return checkFrame(view) ?? checkHeader(view) ?? { packet: packetOf(view, known) };
}

/** Whether sections are the same and mean the same: what they may say depends on the type and on the interval. */
function hasSameSections(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length || a[AT_TYPE] !== b[AT_TYPE]) return false;
  for (let i = AT_INTERVAL; i < AT_FAIL_AFTER; i++) if (a[i] !== b[i]) return false;
  const end = authOf(b)?.macAt ?? b.length;
  for (let i = HEADER_BYTES; i < end; i++) if (a[i] !== b[i]) return false;
  return true;
}

function packetOf(view: DataView, said: Said): Packet {
  const kind = kindOf(view) ?? "state";
  const flags = view.getUint16(AT_FLAGS);
  return {
    kind,
    requestor: (flags & REQUESTOR_FLAG) !== 0,
    direct: kind === "inq" && (flags & DIRECT_FLAG) !== 0,
    passing: kind === "inq" && (flags & PASSING_FLAG) !== 0,
    boot: view.getBigUint64(AT_BOOT),
    counter: counterOf(view),
    sequence: view.getUint32(AT_SEQUENCE),
    nonce: view.getBigUint64(AT_NONCE),
    intervalMs: view.getUint32(AT_INTERVAL) / 1000,
    failAfter: view.getUint16(AT_FAIL_AFTER),
    name: said.name,
    source: said.source,
    interfaces: said.interfaces,
    unheard: said.unheard,
    heard: said.heard,
    lossy: said.lossy,
    spreadMs: said.spreadMs,
    goodbyeMs: said.goodbyeMs,
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
