/**
 * Runs inside a host's namespace that has very many addresses: plays as many responders, each with a socket of its own
 * on each LAN, which answer as docs/WIRE.md wants it. They judge nobody and move nothing.
 */

import { formatV4, parseV4 } from "../../lib/core/address.ts";
import type { Packet } from "../../lib/core/packet.ts";
import { answerDelayMs } from "../../lib/core/spread.ts";
import { decode, encode, encodeLike } from "../../lib/core/wire.ts";
import { serveRequests } from "./companion.ts";
import { delay } from "./wait.ts";

/** One LAN of the crowd: its addresses are consecutive. */
export interface CrowdLan {
  readonly broadcast: string;
  readonly firstAddress: string;
  readonly prefixLength: number;
}

/** The crowd's one argument. */
export interface CrowdSettings {
  readonly count: number;
  readonly port: number;
  readonly lans: readonly CrowdLan[];
}

/** What the crowd has done so far: the reply to every request. */
export interface CrowdFigures {
  /** Broadcast inquiries, on all LANs together. */
  readonly inquiries: number;
  /** Inquiries to one responder alone. */
  readonly direct: number;
  readonly answers: number;
  /** Answers that were kept back, because they would have been longer than their inquiry. */
  readonly tooLong: number;
  /** Packets that are none. */
  readonly dropped: number;
  /** The longest that an answer was sent after its time, in ms. */
  readonly latestMs: number;
}

/** One responder on one LAN. */
interface Seat {
  readonly address: number;
  readonly socket: Deno.DatagramConn;
  /** Its answer; only the header changes. */
  readonly packet: Packet;
  readonly bytes: Uint8Array;
  readonly responder: { counter: number };
}

const figures = {
  inquiries: 0,
  direct: 0,
  answers: 0,
  tooLong: 0,
  dropped: 0,
  latestMs: 0,
} satisfies CrowdFigures;

function addressesOf({ firstAddress }: CrowdLan, count: number): number[] {
  const first = parseV4(firstAddress);
  if (first === null) throw new Error(`Cannot use address: must be IPv4, is ${firstAddress}`);
  return Array.from({ length: count }, (_, index) => first + index);
}

function answerOf(name: string, boot: bigint, source: string, all: readonly string[]): Packet {
  return {
    kind: "ack",
    requestor: false,
    direct: false,
    passing: false,
    boot,
    counter: 1,
    sequence: 1,
    nonce: 0n,
    intervalMs: 1000,
    failAfter: 3,
    name,
    source,
    interfaces: all.map((address) => ({
      address,
      prefixLength: 16,
      usable: true,
      drained: false,
      hearsNobody: false,
    })),
    unheard: [],
    heard: null,
    lossy: [],
    spreadMs: 0,
    goodbyeMs: null,
  };
}

/** Opens all sockets: the seats of each LAN, in the order in which they answer a broadcast. */
function seat({ count, port, lans }: CrowdSettings): Seat[][] {
  const addresses = lans.map((lan) => addressesOf(lan, count));
  const responders = Array.from({ length: count }, (_, index) => ({
    counter: 0,
    boot: crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n,
    name: `r${index + 1}`,
    all: addresses.map((each) => formatV4(each[index] ?? 0)),
  }));
  return addresses.map((own) => {
    const seats = responders.map((responder, index): Seat => {
      const address = own[index] ?? 0;
      const hostname = formatV4(address);
      const packet = answerOf(responder.name, responder.boot, hostname, responder.all);
      const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
      return { address, socket, packet, bytes: encode(packet), responder };
    });
    return seats.toSorted((a, b) => answerDelayMs(1, a.address) - answerDelayMs(1, b.address));
  });
}

/** An inquiry as it arrived. */
interface Arrived {
  readonly inquiry: Packet;
  readonly length: number;
  readonly from: Deno.Addr;
  readonly at: number;
}

async function receive(
  socket: Deno.DatagramConn,
  take: (arrived: Arrived) => Promise<void>,
): Promise<never> {
  const buffer = new Uint8Array(2048);
  while (true) {
    const [bytes, from] = await socket.receive(buffer);
    const { packet } = decode(bytes);
    if (packet === undefined) figures.dropped++;
    else if (packet.kind === "inq") {
      take({ inquiry: packet, length: bytes.length, from, at: performance.now() });
    }
  }
}

async function answer(one: Seat, { inquiry, length, from, at }: Arrived): Promise<void> {
  if (one.bytes.length > length) {
    figures.tooLong++;
    return;
  }
  const due = at + (inquiry.direct ? 0 : answerDelayMs(inquiry.spreadMs, one.address));
  while (performance.now() < due) await delay(1);
  const { sequence, nonce } = inquiry;
  const counter = ++one.responder.counter;
  const bytes = encodeLike({ ...one.packet, counter, sequence, nonce }, one.bytes);
  await one.socket.send(bytes, from);
  figures.answers++;
  figures.latestMs = Math.max(figures.latestMs, performance.now() - due);
}

function open(settings: CrowdSettings): void {
  const { lans, port } = settings;
  seat(settings).forEach((seats, index) => {
    for (const each of seats) {
      receive(each.socket, (arrived) => {
        figures.direct++;
        return answer(each, arrived);
      });
    }
    const hostname = lans[index]?.broadcast ?? "";
    receive(Deno.listenDatagram({ transport: "udp", hostname, port }), async (arrived) => {
      figures.inquiries++;
      for (const each of seats) await answer(each, arrived);
    });
  });
}

if (import.meta.main) {
  open(JSON.parse(Deno.args[0] ?? "{}") as CrowdSettings);
  await serveRequests(() => figures);
}
