/**
 * Runs inside the namespace of an attacker without the key, on all LANs at once: records what the others say to each
 * other, plays it back where it was heard and on the other LANs, and forges. Slower than flood.ts, and more cunning.
 */

import type { Address } from "../../lib/core/types.ts";
import { decode } from "../../lib/core/wire.ts";
import { Prng } from "../sim/prng.ts";
import { PORT, type Seat } from "./attacker_host.ts";
import { serveRequests } from "./companion.ts";
import { mix, type Sent } from "./flood_mix.ts";
import { delay } from "./wait.ts";

export type ReplayRequest =
  /** Begins to record; what was recorded before is kept. */
  | { readonly do: "record" }
  /** Ends whatever it does. */
  | { readonly do: "stop" }
  /** Sends what it recorded, and forgeries made of it. */
  | { readonly do: "replay"; readonly perSecond: number }
  /** Sends on all the other LANs, at once, what it hears on one of them. */
  | { readonly do: "mirror"; readonly lan: string };

/** The reply to every request. */
export interface ReplayFigures {
  /** Packets that were recorded, by kind; "goodbye" is the state that says so. */
  readonly recorded: Readonly<Record<string, number>>;
  /** Packets that were sent so far. */
  readonly sent: number;
}

const MAX_RECORDED = 5000;
/** Forgeries for each LAN. */
const FORGERIES = 1000;

/** A packet as it was heard. */
interface Recorded extends Sent {
  readonly seat: Seat;
}

class Replayer {
  readonly #seats: readonly Seat[];
  readonly #sockets = new Map<Address, Deno.DatagramConn>();
  readonly #recorded: Recorded[] = [];
  readonly #random = new Prng("replayer");
  #doing: ReplayRequest = { do: "stop" };
  #sent = 0;

  constructor(seats: readonly Seat[]) {
    this.#seats = seats;
    const open = (hostname: string, port: number): Deno.DatagramConn =>
      Deno.listenDatagram({ transport: "udp", hostname, port });
    for (const seat of seats) {
      const own = open(seat.own, PORT);
      this.#sockets.set(seat.own, own);
      for (const mask of seat.masks) {
        this.#sockets.set(mask.address, open(seat.own, mask.localPort));
      }
      this.#listen(own, seat);
      this.#listen(open(seat.broadcast, PORT), seat);
    }
  }

  perform(request: ReplayRequest): ReplayFigures {
    this.#doing = request;
    if (request.do === "replay") this.#replay(request);
    const recorded: Record<string, number> = {};
    for (const { bytes } of this.#recorded) {
      const { packet } = decode(bytes);
      const kind = packet?.goodbyeMs === null ? packet.kind : "goodbye";
      recorded[kind] = (recorded[kind] ?? 0) + 1;
    }
    return { recorded, sent: this.#sent };
  }

  async #listen(socket: Deno.DatagramConn, seat: Seat): Promise<never> {
    const buffer = new Uint8Array(2048);
    while (true) {
      const [bytes, from] = await socket.receive(buffer);
      if (from.transport !== "udp" || decode(bytes).drop !== undefined) continue;
      const heard = { seat, from: from.hostname, bytes: bytes.slice() };
      const { do: what } = this.#doing;
      if (what === "record" && this.#recorded.length < MAX_RECORDED) this.#recorded.push(heard);
      if (what !== "mirror" || this.#doing.lan !== seat.lan) continue;
      for (const other of this.#seats) {
        if (other === seat) continue;
        for (const to of [other.broadcast, ...Object.values(other.victims)]) {
          await this.#send(to, { ...heard, from: nameOn(other, heard) });
          await this.#send(to, heard);
        }
      }
    }
  }

  async #replay(request: Extract<ReplayRequest, { readonly do: "replay" }>): Promise<void> {
    const pools = this.#seats.map((seat) => ({ seat, pool: this.#poolFor(seat) }));
    const start = performance.now();
    for (let rounds = 0; this.#doing === request; rounds++) {
      for (const { seat, pool } of pools) {
        const to = this.#random.pick([seat.broadcast, ...Object.values(seat.victims)]);
        await this.#send(to, this.#random.pick(pool));
      }
      const dueMs = (rounds + 1) * pools.length * 1000 / request.perSecond;
      if (start + dueMs > performance.now()) await delay(1);
    }
  }

  /** Everything recorded, under the name that its author has on this LAN and under others, and forgeries. */
  #poolFor(seat: Seat): Sent[] {
    const sources = [seat.own, ...Object.values(seat.victims)];
    const replayed = this.#recorded.map((each) => ({ ...each, from: nameOn(seat, each) }));
    const masked = this.#recorded.map((each) => ({ ...each, from: this.#random.pick(sources) }));
    const material = { recorded: replayed, sources, victims: Object.values(seat.victims) };
    return [...replayed, ...masked, ...mix(material, FORGERIES, this.#random)];
  }

  /** Sends under a name; nothing seems to come from its own receiver, whose kernel would not take it. */
  async #send(to: Address, { from, bytes }: Sent): Promise<void> {
    const socket = this.#sockets.get(from);
    if (socket === undefined || to === from) return;
    this.#sent++;
    await socket.send(bytes, { transport: "udp", hostname: to, port: PORT });
  }
}

/** What the author of a packet is called on a LAN. */
function nameOn(seat: Seat, { seat: heardOn, from }: Recorded): Address {
  const author = Object.entries(heardOn.victims).find(([_, address]) => address === from)?.[0];
  return seat.victims[author ?? ""] ?? seat.own;
}

if (import.meta.main) {
  const replayer = new Replayer(JSON.parse(Deno.args[0] ?? "[]") as Seat[]);
  await serveRequests((request: ReplayRequest) => replayer.perform(request));
}
