/**
 * Runs inside the namespace of an attacker without the key: records what the others say to each other, and then floods
 * them with it and with worse.
 */

import { decode } from "../../lib/core/wire.ts";
import { Prng } from "../sim/prng.ts";
import { serveRequests } from "./companion.ts";
import { mix, type Sent } from "./flood_mix.ts";
import { delay } from "./wait.ts";

/** A name to send under. The first one is the attacker's own; the others are put on by the kernel, by port. */
export interface Mask {
  readonly address: string;
  readonly localPort: number;
}

/** The flood's one argument. */
export interface FloodSettings {
  readonly port: number;
  readonly broadcast: string;
  readonly victims: readonly string[];
  readonly masks: readonly Mask[];
  /** Packets that each victim is to get in a second. */
  readonly perSecond: number;
}

export type FloodRequest =
  /** Listens for so long; answered with how much was heard. */
  | { readonly do: "record"; readonly ms: number }
  | { readonly do: "start" }
  | { readonly do: "stop" };

/** The reply to every request. */
export interface FloodFigures {
  /** Packets that were overheard, by kind. */
  readonly recorded: Readonly<Record<string, number>>;
  /** Packets a second that were sent to each victim in the last flood. */
  readonly perSecond: number;
}

/** Different packets for each target; they are sent in turn, again and again. */
const POOL = 2000;
const MAX_RECORDED = 1000;
/** Rounds in one turn; in each every target gets a packet. */
const MAX_BURST = 40;

/** A target, and what it gets. */
interface Stream {
  readonly to: string;
  readonly pool: readonly Sent[];
}

class Flood {
  readonly #settings: FloodSettings;
  readonly #sockets: Map<string, Deno.DatagramConn>;
  readonly #recorded: Sent[] = [];
  #recording = false;
  #flooding = false;
  #ended: Promise<void> = Promise.resolve();
  #perSecond = 0;

  constructor(settings: FloodSettings) {
    this.#settings = settings;
    const { port, broadcast, masks } = settings;
    const open = (hostname: string, at: number): Deno.DatagramConn =>
      Deno.listenDatagram({ transport: "udp", hostname, port: at });
    const own = masks[0]?.address ?? "";
    this.#sockets = new Map(masks.map((mask) => [mask.address, open(own, mask.localPort)]));
    this.#listen(open(broadcast, port));
    const socket = this.#sockets.get(own);
    if (socket !== undefined) this.#listen(socket);
  }

  async perform(request: FloodRequest): Promise<FloodFigures> {
    switch (request.do) {
      case "record":
        this.#recording = true;
        await delay(request.ms);
        this.#recording = false;
        break;
      case "start":
        this.#flooding = true;
        this.#ended = this.#run();
        break;
      case "stop":
        this.#flooding = false;
        await this.#ended;
        break;
    }
    const kinds = this.#recorded.map(({ bytes }) => decode(bytes).packet?.kind ?? "no packet");
    const recorded: Record<string, number> = {};
    for (const kind of kinds) recorded[kind] = (recorded[kind] ?? 0) + 1;
    return { recorded, perSecond: this.#perSecond };
  }

  async #listen(socket: Deno.DatagramConn): Promise<never> {
    const buffer = new Uint8Array(2048);
    while (true) {
      const [bytes, from] = await socket.receive(buffer);
      if (!this.#recording || from.transport !== "udp") continue;
      if (this.#recorded.length < MAX_RECORDED && decode(bytes).drop === undefined) {
        this.#recorded.push({ from: from.hostname, bytes: bytes.slice() });
      }
    }
  }

  /** Half of what a victim gets is for it alone, half is broadcast. No packet seems to come from its receiver. */
  #streams(): Stream[] {
    const { victims, masks, broadcast } = this.#settings;
    const random = new Prng("flood");
    const streamTo = (to: string, taboo: readonly string[]): Stream => {
      const sources = masks.map(({ address }) => address).filter((each) => !taboo.includes(each));
      const material = { recorded: this.#recorded, sources, victims };
      return { to, pool: mix(material, POOL, random.stream(to)) };
    };
    return [
      ...victims.map((victim) => streamTo(victim, [victim])),
      streamTo(broadcast, victims),
    ];
  }

  /**
   * Sends evenly: what a late turn has missed is not made up for, as a burst fills a receive buffer that the same
   * number of packets, one after the other, does not.
   */
  async #run(): Promise<void> {
    const streams = this.#streams();
    const roundsPerMs = this.#settings.perSecond / 2 / 1000;
    const start = performance.now();
    let rounds = 0;
    let missed = 0;
    while (this.#flooding) {
      const due = Math.floor((performance.now() - start) * roundsPerMs) - missed;
      missed += Math.max(0, due - rounds - MAX_BURST);
      for (const end = Math.min(due, rounds + MAX_BURST); rounds < end; rounds++) {
        const round = rounds;
        await Promise.all(streams.map((stream) => this.#send(stream, round)));
      }
      await delay(1);
    }
    this.#perSecond = 2 * rounds * 1000 / (performance.now() - start);
  }

  #send({ to, pool }: Stream, round: number): Promise<unknown> {
    const packet = pool[round % pool.length];
    const socket = this.#sockets.get(packet?.from ?? "");
    if (packet === undefined || socket === undefined) throw new Error("Cannot flood: no contents");
    const port = this.#settings.port;
    return socket.send(packet.bytes, { transport: "udp", hostname: to, port });
  }
}

if (import.meta.main) {
  const flood = new Flood(JSON.parse(Deno.args[0] ?? "{}") as FloodSettings);
  await serveRequests((request: FloodRequest) => flood.perform(request));
}
