/** LANs on which nodes answer what is asked in passing, for tests of the commands that ask. Time passes at once. */
import { answerRoom } from "../../lib/core/answer_room.ts";
import { decode, encode } from "../../lib/core/wire.ts";
import type { DatagramSocket, OpenedSocket, Received } from "../../lib/udp_hub.ts";
import { FakeUdpHost } from "../shells/fake_udp.ts";

/** A node with its addresses, each on a /24. */
export interface AnsweringNode {
  readonly name: string;
  readonly boot: bigint;
  readonly addresses: readonly string[];
  /** Those of them from which it does not answer. */
  readonly silentOn?: readonly string[];
}

/** How long an answer takes. */
export const ROUND_TRIP_MS = 0.25;

/** Sockets on LANs with nodes. */
export class AnsweringLans extends FakeUdpHost {
  readonly nodes: AnsweringNode[] = [];
  /** Ports that another program has. */
  readonly taken = new Set<number>();
  /** Our addresses from which nothing can be sent. */
  readonly unreachable = new Set<string>();
  /** Every datagram that was sent: whence, and where to. */
  readonly sent: { readonly from: string; readonly to: string; readonly bytes: Uint8Array }[] = [];
  /** Sockets that are open. */
  socketsOpen = 0;

  override open(address: string, port: number): OpenedSocket {
    if (this.taken.has(port)) {
      return { kind: "failed", reason: `UDP port ${port} of ${address} is in use` };
    }
    this.socketsOpen += 1;
    return { kind: "open", socket: new LanSocket(this, address, port === 0 ? 40_001 : port) };
  }

  /** What the nodes answer to a datagram. */
  answersTo(
    bytes: Uint8Array,
    to: string,
  ): { readonly from: string; readonly bytes: Uint8Array }[] {
    const { packet } = decode(bytes);
    if (packet?.passing !== true) throw new Error("what was sent does not ask in passing");
    return this.nodes.flatMap(({ name, boot, addresses, silentOn = [] }) => {
      const lan = to.split(".").slice(0, 3).join(".");
      const from = addresses.find((each) => each.startsWith(`${lan}.`));
      if (from === undefined || silentOn.includes(from)) return [];
      if (to !== from && !to.endsWith(".255")) return [];
      const answer = encode({
        ...packet,
        kind: "ack",
        direct: false,
        passing: false,
        spreadMs: 0,
        boot,
        name,
        intervalMs: 1000,
        failAfter: 3,
        source: from,
        interfaces: addresses.map((address) => {
          return { address, prefixLength: 24, usable: true, drained: false, hearsNobody: false };
        }),
      }, { room: answerRoom(1, false) });
      return [{ from, bytes: answer }];
    });
  }
}

class LanSocket implements DatagramSocket {
  readonly #lans: AnsweringLans;
  readonly #address: string;
  readonly #port: number;
  readonly #arrived: { readonly from: string; readonly bytes: Uint8Array }[] = [];
  #wake = () => {};
  #closed = false;

  constructor(lans: AnsweringLans, address: string, port: number) {
    this.#lans = lans;
    this.#address = address;
    this.#port = port;
  }

  async receive(buffer: Uint8Array): Promise<Received> {
    while (this.#arrived.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const next = this.#arrived.shift();
    if (this.#closed || next === undefined) return { kind: "closed" };
    buffer.set(next.bytes);
    const bytes = buffer.subarray(0, next.bytes.length);
    return { kind: "datagram", bytes, from: next.from, port: 32453 };
  }

  send(bytes: Uint8Array, to: string, port: number): Promise<string | null> {
    if (port !== 32453) throw new Error(`sent to port ${port}`);
    if (this.#lans.unreachable.has(this.#address)) {
      return Promise.resolve("Network is unreachable");
    }
    this.#lans.sent.push({ from: `${this.#address}:${this.#port}`, to, bytes: bytes.slice() });
    this.#arrived.push(...this.#lans.answersTo(bytes, to));
    this.#lans.nowMs += ROUND_TRIP_MS;
    this.#wake();
    return Promise.resolve(null);
  }

  close(): void {
    this.#closed = true;
    this.#lans.socketsOpen -= 1;
    this.#wake();
  }
}
