/** What an attacker without the key can send: garbage, mutilated packets, replayed ones, and forgeries. */

import type { Packet } from "../../lib/core/packet.ts";
import { authOf, decode, encode } from "../../lib/core/wire.ts";
import type { Prng } from "../sim/prng.ts";

/** A packet, and the address that it comes from, or seems to. */
export interface Sent {
  readonly from: string;
  readonly bytes: Uint8Array;
}

/** What the attacker has to work with. */
export interface Material {
  /** What was overheard. */
  readonly recorded: readonly Sent[];
  /** Whose name the packets may bear; the attacker's own address is the first. */
  readonly sources: readonly string[];
  /** Whom they are about. */
  readonly victims: readonly string[];
}

/** The key id that most would guess. */
const GUESSED_KEY = 1;

/** `count` different packets, a quarter of each kind. Throws when nothing was recorded. */
export function mix(material: Material, count: number, random: Prng): Sent[] {
  const kinds = [garbage, mutilated, replayed, forged];
  return Array.from({ length: count }, (_, index) => {
    const make = kinds[index % kinds.length] ?? garbage;
    return make(material, random);
  });
}

function bytesOf(length: number, random: Prng): Uint8Array {
  return Uint8Array.from({ length }, () => random.whole(0, 255));
}

/** Bytes of any length; half of them begin as a packet does. */
function garbage({ sources, recorded }: Material, random: Prng): Sent {
  const bytes = bytesOf(random.whole(1, 1400), random);
  if (random.chance(0.5)) {
    bytes.set(random.pick(recorded).bytes.subarray(0, 44).slice(0, bytes.length));
  }
  return { from: random.pick(sources), bytes };
}

/** The one who sent it, if the attacker may bear that name, else anybody. */
function senderOf({ from }: Sent, { sources }: Material, random: Prng): string {
  return sources.includes(from) && random.chance(0.9) ? from : random.pick(sources);
}

function mutilated(material: Material, random: Prng): Sent {
  const original = random.pick(material.recorded);
  const bytes = original.bytes.slice();
  for (let left = random.whole(1, 8); left > 0; left--) {
    const at = random.whole(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ random.whole(1, 255);
  }
  return { from: senderOf(original, material, random), bytes };
}

function replayed(material: Material, random: Prng): Sent {
  const original = random.pick(material.recorded);
  return { from: senderOf(original, material, random), bytes: original.bytes };
}

// ---------------------------------------------------------------------------------------- forgeries

/** A packet that says what the attacker would like to be believed; `from` is where it will come from. */
type Forge = (packet: Packet, from: string, material: Material, random: Prng) => Packet;

function statement(packet: Packet): Packet {
  return {
    ...packet,
    kind: "state",
    direct: false,
    passing: false,
    sequence: 0,
    nonce: 0n,
    heard: null,
    spreadMs: 0,
    counter: packet.counter + 2 ** 40,
  };
}

const FORGES: readonly Forge[] = [
  /** It has restarted. */
  (packet, _from, _material, random) => ({ ...packet, boot: random.bits64(), counter: 1 }),
  /** The packets to come are old ones. */
  (packet) => ({ ...packet, counter: packet.counter + 2 ** 50 }),
  /** It does not hear the others. */
  (packet, _from, { victims }) => ({ ...statement(packet), unheard: victims }),
  (packet) => ({
    ...statement(packet),
    interfaces: packet.interfaces.map((each) => ({ ...each, hearsNobody: true })),
  }),
  /** It has lost its networks. */
  (packet) => ({
    ...statement(packet),
    interfaces: packet.interfaces.map((each) => ({ ...each, usable: false })),
  }),
  /** It stops. */
  (packet) => ({ ...statement(packet), goodbyeMs: 3_600_000 }),
  /** It loses everything. */
  (packet, _from, { victims }) => ({
    ...statement(packet),
    lossy: victims.map((address) => ({ address, percent: 100 })),
  }),
  /** Its addresses are the attacker's. */
  (packet, from, _material, random) => ({
    ...packet,
    boot: random.bits64(),
    source: from,
    interfaces: [
      { address: from, prefixLength: 24, usable: true, drained: false, hearsNobody: false },
      ...packet.interfaces.filter(({ address }) => address !== from),
    ],
  }),
  /** It answers what it was never asked. */
  (packet, _from, _material, random) => ({
    ...packet,
    kind: "ack",
    direct: false,
    passing: false,
    heard: null,
    spreadMs: 0,
    sequence: random.whole(1, 1000),
    nonce: random.bits64(),
    goodbyeMs: null,
  }),
  /** It wants an answer. */
  (packet, _from, _material, random) => ({
    ...packet,
    kind: "inq",
    direct: true,
    passing: false,
    sequence: random.whole(1, 1000),
    nonce: random.bits64(),
    goodbyeMs: null,
  }),
];

function forged(material: Material, random: Prng): Sent {
  const original = random.pick(material.recorded);
  const { packet } = decode(original.bytes);
  if (packet === undefined) throw new Error("Cannot forge: what was recorded is no packet");
  const from = senderOf(original, material, random);
  const forgery = random.pick(FORGES)(packet, from, material, random);
  if (random.chance(0.5)) return { from, bytes: encode(forgery) };
  const bytes = encode(forgery, { keyId: GUESSED_KEY });
  const macAt = authOf(bytes)?.macAt ?? bytes.length;
  bytes.set(bytesOf(bytes.length - macAt, random), macAt);
  return { from, bytes };
}
