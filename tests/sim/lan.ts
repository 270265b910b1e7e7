/**
 * A simulated LAN and the ports on it: delay with jitter, loss, duplicates, reordering, cuts in one direction or in
 * both, between all or between two.
 */
import { broadcastOf } from "../../lib/core/address.ts";
import type { Address, Ms } from "../../lib/core/types.ts";
import type { Prng } from "./prng.ts";
import type { Timeline } from "./timeline.ts";

/** A host's interface on a LAN, as its kernel has it. */
export interface Port {
  readonly host: string;
  readonly interfaceName: string;
  /** The kernel's number for it. */
  index: number;
  readonly lan: SimLan;
  readonly prefixLength: number;
  /** The address it was made with. */
  readonly home: Address;
  /** False: the interface does not exist. */
  present: boolean;
  /** Administratively. */
  up: boolean;
  carrier: boolean;
  address: Address | null;
}

/** How a LAN behaves when nothing is wrong. */
export interface Quality {
  readonly delayMs: Ms;
  /** Added to the delay, uniformly from 0. */
  readonly jitterMs: Ms;
  /** How often a datagram comes twice. */
  readonly duplicate: number;
  /** How often a datagram is overtaken by others. */
  readonly reorder: number;
  /** By how much at most, in ms; a second copy comes as late. */
  readonly reorderMs: Ms;
}

/** Something that is wrong on a LAN; `*` stands for every host. A cut is a loss of 1. */
export interface Trouble {
  readonly from: string;
  readonly to: string;
  readonly loss: number;
  readonly extraDelayMs: Ms;
}

/** A datagram on its way. */
export interface Packet {
  readonly from: Address;
  readonly port: number;
  readonly to: Address;
  readonly bytes: Uint8Array;
}

/** So many datagrams can be replayed. */
const REMEMBERED = 50;

/** One LAN. */
export class SimLan {
  readonly name: string;
  readonly ports: Port[] = [];
  readonly troubles = new Set<Trouble>();
  /** False: what lies between the hosts lets only packets to a single one through. */
  carriesBroadcasts = true;
  /** The last datagrams sent here, for whoever wants to replay them. */
  readonly recent: Packet[] = [];
  readonly quality: Quality;
  readonly #timeline: Timeline;
  readonly #random: Prng;
  readonly #deliver: (to: Port, packet: Packet) => void;

  constructor(
    name: string,
    quality: Quality,
    timeline: Timeline,
    random: Prng,
    deliver: (to: Port, packet: Packet) => void,
  ) {
    this.name = name;
    this.quality = quality;
    this.#timeline = timeline;
    this.#random = random;
    this.#deliver = deliver;
  }

  /** Sends a datagram from a port to whoever listens to its destination there, the sender included. */
  transmit(from: Port, packet: Packet): void {
    this.recent.push(packet);
    if (this.recent.length > REMEMBERED) this.recent.shift();
    const hearers = this.ports.filter((port) => hears(port, packet.to));
    const isUnicast = hearers.some((port) => port.address === packet.to);
    // Of two that have one address, the first is who answers for it.
    for (const port of isUnicast ? hearers.slice(0, 1) : hearers) {
      if (port === from) this.#timeline.after(0, () => this.#deliver(port, packet));
      else if (!isUnicast && !this.carriesBroadcasts) continue;
      else if (isLive(from) && isLive(port)) this.#carry(from, port, packet);
    }
  }

  /** Whether datagrams from one host can reach the other here at all, whatever the loss. */
  passes(from: string, to: string): boolean {
    for (const trouble of this.troubles) {
      if (trouble.loss >= 1 && concerns(trouble, from, to)) return false;
    }
    return true;
  }

  #carry(from: Port, to: Port, packet: Packet): void {
    let extraMs = 0;
    for (const trouble of this.troubles) {
      if (!concerns(trouble, from.host, to.host)) continue;
      if (trouble.loss > 0 && this.#random.chance(trouble.loss)) return;
      extraMs += trouble.extraDelayMs;
    }
    const { delayMs, jitterMs, duplicate, reorder, reorderMs } = this.quality;
    const copies = this.#random.chance(duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (copy > 0 || this.#random.chance(reorder)) extraMs += this.#random.between(0, reorderMs);
      const travelMs = delayMs + jitterMs * this.#random.fraction() + extraMs;
      this.#timeline.after(travelMs, () => {
        if (isLive(to) && hears(to, packet.to)) this.#deliver(to, packet);
      });
    }
  }
}

/** Whether a port can carry datagrams now. */
export function isLive(port: Port): boolean {
  return port.present && port.up && port.carrier && port.address !== null;
}

/** Whether a socket on this port is bound to that destination: its own address, or its subnet's broadcast. */
function hears(port: Port, to: Address): boolean {
  if (!port.present || !port.up || port.address === null) return false;
  return port.address === to || broadcastOf(port.address, port.prefixLength) === to;
}

function concerns(trouble: Trouble, from: string, to: string): boolean {
  return (trouble.from === "*" || trouble.from === from) &&
    (trouble.to === "*" || trouble.to === to);
}
