/** What one node tells others: the content of a packet. How it looks in bytes is the matter of wire.ts. */

import type { Address, Ms } from "./types.ts";

/** An inquiry; its acknowledgment; an unasked statement of the sender's view, which wants no answer. */
export type PacketKind = "inq" | "ack" | "state";

/** One network of the sender: its own address there, and how it fares. */
export interface WireInterface {
  readonly address: Address;
  /** In bits. */
  readonly prefixLength: number;
  /** The interface has carrier and is up, and people did not take the network out of use. */
  readonly usable: boolean;
  /** They did: that it is not usable is no fault. */
  readonly drained: boolean;
  /** Nobody at all is heard there, so that nobody needs to be listed as unheard. */
  readonly hearsNobody: boolean;
}

/** A path of which its sender says what it loses. */
export interface LossyPath {
  /** The other end: an address of a peer of the sender's. */
  readonly address: Address;
  /** What was lost of the last inquiries on it, 1 to 100 %. */
  readonly percent: number;
}

/** Some IPv4 addresses of one network, as runs of bits: bit i of a run (highest first) stands for `base` + i. */
export interface AddressRun {
  /** The first address as a number. */
  readonly base: number;
  readonly bits: Uint8Array;
}

export interface Packet {
  readonly kind: PacketKind;
  /** The sender sends inquiries of its own. */
  readonly requestor: boolean;
  /** An inquiry for its receiver alone, answered always and at once. False in "ack" and "state". */
  readonly direct: boolean;
  /** An inquiry of somebody who is no node: it wants an answer, and nothing else of it counts. As `direct`, "inq" only. */
  readonly passing: boolean;
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
  /** Where the packet leaves its sender: one of `interfaces`. */
  readonly source: Address;
  /** IPv4 first: that is how they are carried. */
  readonly interfaces: readonly WireInterface[];
  /** Addresses of other nodes that the sender does not hear; IPv4 first. */
  readonly unheard: readonly Address[];
  /**
   * Whom the sender hears on the network that this inquiry goes over; null: it does not say, because the list would
   * be too long, or because it is no inquiry.
   */
  readonly heard: readonly AddressRun[] | null;
  /** What the sender loses on paths to others; those that lose nothing are not listed. */
  readonly lossy: readonly LossyPath[];
  /** Over how long the answers to this inquiry are to be spread, in whole microseconds; 0: answered at once. */
  readonly spreadMs: Ms;
  /** The sender stops, and asks its peers to leave their routes alone for so long; null: it does not stop. */
  readonly goodbyeMs: Ms | null;
}

export const MAX_PACKET_BYTES = 1200;
export const MAX_INTERFACES = 16;
export const MAX_UNHEARD = 100;
/** Of the list of those that are heard, its runs with their bases; how many addresses that is depends on them. */
export const MAX_HEARD_BYTES = 256;
export const MAX_LOSSY = 32;
export const MAX_GOODBYE_MS: Ms = 3_600_000;
