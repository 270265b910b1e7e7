/** Packets laid out by hand, so that they may be wrong in every way: not by the encoder, which is under test. */

export type Bytes = readonly number[];

/** A packet as it is laid out, every field open to mischief. */
export interface Raw {
  magic: string;
  version: number;
  type: number;
  flags: number;
  boot: bigint;
  counter: bigint;
  sequence: number;
  nonce: bigint;
  interval: number;
  failAfter: number;
  /** The stated length; null: the true one. */
  length: number | null;
  sections: Bytes[];
}

export function section(type: number, body: Bytes, stated = body.length): Bytes {
  return [type, stated >> 8, stated & 255, ...body];
}

export const text = (value: string): Bytes => [...new TextEncoder().encode(value)];
export const interface4 = (...octets: number[]): Bytes => [...octets, 24, 1];
export const interface6 = (host: number): Bytes => [0x20, 1, 0xd, 0xb8, ...zeros(11), host, 64, 1];
export const zeros = (count: number): number[] => new Array<number>(count).fill(0);
export const times = (count: number, entry: (i: number) => Bytes): Bytes =>
  Array.from({ length: count }, (_, i) => entry(i)).flat();

/** One run of addresses: how many bytes of bits it states, and what it has. */
export const run4 = (base: Bytes, bits: Bytes, stated = bits.length): Bytes => [
  ...base,
  stated,
  ...bits,
];

export const NAME = section(1, text("node1"));
/** The last of these entries of INTERFACES as the one that the packet was sent from. */
export const marked = (entries: Bytes): Bytes => [
  ...entries.slice(0, -1),
  (entries.at(-1) ?? 0) | 4,
];
export const LAN_A = marked(interface4(192, 168, 1, 1));
export const LAN_B = interface4(192, 168, 2, 1);
export const INTERFACES = section(2, [...LAN_A, ...LAN_B]);

export function raw(changes: Partial<Raw>): Uint8Array {
  const packet: Raw = {
    magic: "FAIL",
    version: 1,
    type: 1,
    flags: 1,
    boot: 5n,
    counter: 1n,
    sequence: 1,
    nonce: 9n,
    interval: 1_000_000,
    failAfter: 3,
    length: null,
    sections: [NAME, INTERFACES],
    ...changes,
  };
  const body = packet.sections.flat();
  const bytes = new Uint8Array(44 + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set(text(packet.magic));
  view.setUint8(4, packet.version);
  view.setUint8(5, packet.type);
  view.setUint16(6, packet.flags);
  view.setBigUint64(8, packet.boot);
  view.setBigUint64(16, packet.counter);
  view.setUint32(24, packet.sequence);
  view.setBigUint64(28, packet.nonce);
  view.setUint32(36, packet.interval);
  view.setUint16(40, packet.failAfter);
  view.setUint16(42, packet.length ?? bytes.length);
  bytes.set(body, 44);
  return bytes;
}

export const named = (name: Bytes): Uint8Array => raw({ sections: [section(1, name), INTERFACES] });
/** NAME and these sections; INTERFACES only if it is among them. */
export const listing = (...lists: Bytes[]): Uint8Array => raw({ sections: [NAME, ...lists] });
/** A whole packet with these sections after INTERFACES. */
export const saying = (...sections: Bytes[]): Uint8Array => listing(INTERFACES, ...sections);
