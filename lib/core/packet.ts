/** What one node tells others: the content of a packet. How it looks in bytes is the matter of wire.ts. */

import type { Address, Ms } from "./types.ts";

/** An inquiry; its acknowledgment; an unasked statement of the sender's view, which wants no answer. */
export type PacketKind = "inq" | "ack" | "state";

/** One network of the sender: its own address there, and how it fares. */
export interface WireInterface {
  readonly address: Address;
  /** In bits. */
  readonly prefixLength: number;
  /** The interface has carrier and is up. */
  readonly usable: boolean;
  /** Nobody at all is heard there, so that nobody needs to be listed as unheard. */
  readonly hearsNobody: boolean;
}

export interface Packet {
  readonly kind: PacketKind;
  /** The sender sends inquiries of its own. */
  readonly requestor: boolean;
  /** 64 random bits, drawn when the sender started. */
  readonly boot: bigint;
  /** Which packet of this boot it is, from 1: no two packets of a boot have the same. */
  readonly counter: number;
  /** The number of the inquiry on its network, from 1; echoed in "ack", 0 in "state". */
  readonly sequence: number;
  /** 64 random bits of the inquiry; echoed in "ack", 0 in "state". */
  readonly nonce: bigint;
  /** How often the sender inquires; carried in whole microseconds. */
  readonly intervalMs: Ms;
  /** After how many misses the sender gives a path up. */
  readonly failAfter: number;
  readonly name: string;
  /** IPv4 first: that is how they are carried. */
  readonly interfaces: readonly WireInterface[];
  /** Addresses of other nodes that the sender does not hear; IPv4 first. */
  readonly unheard: readonly Address[];
}

export const MAX_PACKET_BYTES = 1200;
export const MAX_INTERFACES = 16;
export const MAX_UNHEARD = 200;
