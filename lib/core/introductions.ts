/**
 * Who introduced itself in which words: a node says the same of itself in almost all of its packets, and what was
 * decoded, judged and looked up once need not be again.
 */
import type { Lan } from "./lan.ts";
import { type Acquaintance, NODE_LIMIT } from "./nodes.ts";
import type { Packet } from "./packet.ts";
import type { Address } from "./types.ts";
import type { World } from "./world.ts";

/** Who sent a packet. */
export type Met = Pick<Acquaintance, "node" | "path">;

/** An introduction, and what it was an introduction to. */
export interface Introduction {
  readonly bytes: Uint8Array;
  readonly packet: Packet;
  readonly lan: Lan;
  readonly met: Met;
  readonly lansVersion: number;
  readonly nodesVersion: number;
}

/** A datagram: whence it came, and what is in it. */
interface Sent {
  readonly from: Address;
  readonly bytes: Uint8Array;
}

/** The last introduction of each address, by type of packet: a node's inquiries say more than its answers. */
export class Introductions {
  readonly #world: World;
  readonly #last = new Map<string, Introduction>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The last packet of this sender and type that was an introduction. */
  find(sent: Sent): Introduction | undefined {
    return this.#last.get(keyOf(sent));
  }

  /** The sender of a packet, if it introduced itself in the same words and nothing has changed since. */
  recognise(packet: Packet, lan: Lan, last: Introduction | undefined): Met | null {
    if (last === undefined || !isSame(last.packet, packet)) return null;
    const { nodes, lansVersion } = this.#world;
    if (last.lan !== lan || last.lansVersion !== lansVersion) return null;
    return last.nodesVersion === nodes.version ? last.met : null;
  }

  /** Remembers an introduction. */
  remember(packet: Packet, lan: Lan, sent: Sent, met: Acquaintance): void {
    const key = keyOf(sent);
    if (this.#last.size >= 4 * NODE_LIMIT) this.#last.clear();
    // While two nodes dispute an address, every packet must be looked at.
    if (met.conflict !== null) return void this.#last.delete(key);
    const { lansVersion, nodes } = this.#world;
    // The buffer is the socket's: what is kept is a copy.
    const bytes = sent.bytes.slice();
    this.#last.set(key, { bytes, packet, lan, met, lansVersion, nodesVersion: nodes.version });
  }

  /** Forgets all: everybody is met anew. */
  forget(): void {
    this.#last.clear();
  }
}

/** The type of a packet is its sixth byte. */
function keyOf({ from, bytes }: Sent): string {
  return `${bytes[5]} ${from}`;
}

/** Whether two packets say the same of their sender: the same words, decoded once. */
function isSame(a: Packet, b: Packet): boolean {
  return a.boot === b.boot && a.interfaces === b.interfaces && a.name === b.name &&
    a.requestor === b.requestor && a.intervalMs === b.intervalMs && a.failAfter === b.failAfter;
}
