/**
 * Runs inside a host's namespace: makes traffic, receives traffic, and counts. One process per host does
 * both directions, to leave the processor to what is measured.
 *
 * Nothing here needs a clock shared with another process: loss is counted by numbers, and a gap is
 * measured between two receipts in this process.
 */

import { serveRequests } from "./companion.ts";
import { type Marks, type Reply, type Request, TCP_PORT, UDP_PORT } from "./agent_messages.ts";
import { Receipts } from "./receipts.ts";
import { delay } from "./wait.ts";

/** Bytes of a datagram and of a TCP message; the number stands in the first four. */
const DATAGRAM_BYTES = 64;
const MESSAGE_BYTES = 16;

/** The state of the two streams of this host. */
class Streams {
  readonly udpReceipts = new Receipts();
  readonly tcpReceipts = new Receipts();
  udpNext = 0;
  tcpNext = 0;
  refused = 0;
  tcpEnded: string | null = null;
}

const streams = new Streams();

/** Calls `send` with the numbers that are due by the time elapsed, so that the average rate is exact. */
async function pace(perSecond: number, send: (sequence: number) => Promise<void>): Promise<never> {
  const start = performance.now();
  let sent = 0;
  while (true) {
    const due = Math.floor((performance.now() - start) * perSecond / 1000);
    while (sent < due) await send(sent++);
    await delay(1);
  }
}

function sendDatagrams(socket: Deno.DatagramConn, remote: string, rate: number): Promise<never> {
  const bytes = new Uint8Array(DATAGRAM_BYTES);
  const view = new DataView(bytes.buffer);
  const to: Deno.NetAddr = { transport: "udp", hostname: remote, port: UDP_PORT };
  return pace(rate, async (sequence) => {
    view.setUint32(0, sequence);
    streams.udpNext = sequence + 1;
    try {
      await socket.send(bytes, to);
    } catch {
      // No route, no address, link down: just the faults that are made here.
      streams.refused++;
    }
  });
}

async function receiveDatagrams(socket: Deno.DatagramConn): Promise<void> {
  const buffer = new Uint8Array(DATAGRAM_BYTES);
  while (true) {
    const [bytes] = await socket.receive(buffer);
    const at = performance.now();
    if (bytes.length !== DATAGRAM_BYTES) continue;
    streams.udpReceipts.record(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), at);
  }
}

async function sendMessages(connection: Deno.TcpConn, everyMs: number): Promise<void> {
  const bytes = new Uint8Array(MESSAGE_BYTES);
  const view = new DataView(bytes.buffer);
  await pace(1000 / everyMs, async (sequence) => {
    view.setUint32(0, sequence);
    streams.tcpNext = sequence + 1;
    for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
  });
}

async function receiveMessages(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  const view = new DataView(buffer.buffer);
  let held = 0;
  let expected = 0;
  while (true) {
    const count = await connection.read(buffer.subarray(held));
    const at = performance.now();
    if (count === null) throw new Error("the other end closed it");
    held += count;
    let used = 0;
    for (; held - used >= MESSAGE_BYTES; used += MESSAGE_BYTES) {
      const sequence = view.getUint32(used);
      if (sequence !== expected++) throw new Error(`message ${sequence} came out of turn`);
      streams.tcpReceipts.record(sequence, at);
    }
    buffer.copyWithin(0, used, held);
    held -= used;
  }
}

/** Runs both directions of the TCP stream; its end is remembered, not thrown. */
function runTcp(connection: Deno.TcpConn, everyMs: number): void {
  connection.setNoDelay(true);
  const ended = (error: unknown): void => {
    streams.tcpEnded ??= error instanceof Error ? error.message : String(error);
  };
  sendMessages(connection, everyMs).catch(ended);
  receiveMessages(connection).catch(ended);
}

async function startStreams(request: Extract<Request, { do: "stream" }>): Promise<Reply> {
  const { local, remote, rate, tcpEveryMs } = request;
  const socket = Deno.listenDatagram({ transport: "udp", hostname: local, port: UDP_PORT });
  receiveDatagrams(socket);
  if (request.tcp === "listen") {
    const listener = Deno.listen({ hostname: local, port: TCP_PORT });
    listener.accept().then((connection) => runTcp(connection, tcpEveryMs));
  } else {
    runTcp(await Deno.connect({ hostname: remote, port: TCP_PORT }), tcpEveryMs);
  }
  sendDatagrams(socket, remote, rate);
  return { kind: "done" };
}

async function arrivals(from: Marks, to: Marks, settleMs: number): Promise<Reply> {
  const end = performance.now() + settleMs;
  const complete = (): boolean =>
    streams.udpReceipts.end >= to.udp && streams.tcpReceipts.end >= to.tcp;
  while (!complete() && performance.now() < end) await delay(5);
  return {
    kind: "arrivals",
    arrivals: {
      udp: streams.udpReceipts.window(from.udp, to.udp),
      tcp: streams.tcpReceipts.window(from.tcp, to.tcp),
      refused: streams.refused,
      tcpEnded: streams.tcpEnded,
    },
  };
}

async function flood(request: Extract<Request, { do: "flood" }>): Promise<Reply> {
  const { local, remote, port, count, perSecond } = request;
  const contents = request.contents.map((text) =>
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  );
  const socket = Deno.listenDatagram({ transport: "udp", hostname: local, port: 0 });
  const start = performance.now();
  for (let sent = 0; sent < count;) {
    const due = Math.min(count, Math.ceil((performance.now() - start) * perSecond / 1000));
    for (; sent < due; sent++) {
      const bytes = contents[sent % contents.length];
      if (bytes === undefined) throw new Error("Cannot flood: no contents given");
      await socket.send(bytes, { transport: "udp", hostname: remote, port });
    }
    await delay(1);
  }
  socket.close();
  return { kind: "done" };
}

async function firstDatagram(address: string, port: number): Promise<Reply> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: address, port });
  print({ kind: "done" });
  const [bytes, from] = await socket.receive();
  socket.close();
  const sender = from.transport === "udp" ? from.hostname : "?";
  return { kind: "datagram", from: sender, size: bytes.length };
}

function perform(request: Request): Promise<Reply> {
  switch (request.do) {
    case "stream":
      return startStreams(request);
    case "mark":
      return Promise.resolve({
        kind: "marks",
        marks: { udp: streams.udpNext, tcp: streams.tcpNext },
      });
    case "arrivals":
      return arrivals(request.from, request.to, request.settleMs);
    case "flood":
      return flood(request);
    case "first-datagram":
      return firstDatagram(request.address, request.port);
  }
}

function print(reply: Reply): void {
  console.log(JSON.stringify(reply));
}

/** What came of a request, be it that it could not be done. */
function attempt(request: Request): Promise<Reply> {
  return perform(request).catch((error: unknown) => {
    return { kind: "error", reason: error instanceof Error ? error.message : String(error) };
  });
}

if (import.meta.main) await serveRequests(attempt);
