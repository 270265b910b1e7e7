/** Sockets for tests of the hub: they do what the test says and refuse what a kernel would. */
import type { DatagramSocket, OpenedSocket, Received, UdpHost } from "../../lib/udp_hub.ts";

export class FakeSocket implements DatagramSocket {
  readonly address: string;
  readonly sent: {
    readonly bytes: Uint8Array;
    readonly text: string;
    readonly to: string;
    readonly port: number;
  }[] = [];
  /** What the next sends come to; undefined: they succeed at once. */
  sendOutcome: Promise<string | null> | undefined;
  closed = false;
  /** Its address is free again: some turns after it was closed. */
  released = false;
  readonly #arrived: Received[] = [];
  #waiting: { readonly buffer: Uint8Array; readonly resolve: (received: Received) => void } | null =
    null;

  constructor(address: string) {
    this.address = address;
  }

  deliver(text: string, from = "10.0.0.9", port = 32453): void {
    this.#push({ kind: "datagram", bytes: new TextEncoder().encode(text), from, port });
  }

  fail(reason: string): void {
    this.#push({ kind: "failed", reason });
  }

  receive(buffer: Uint8Array): Promise<Received> {
    if (this.#waiting !== null) throw new Error("two receive at once on one socket");
    if (this.closed) return Promise.resolve({ kind: "closed" });
    return new Promise((resolve) => {
      this.#waiting = { buffer, resolve };
      this.#serve();
    });
  }

  send(bytes: Uint8Array, to: string, port: number): Promise<string | null> {
    if (this.closed) throw new Error("send on a closed socket");
    if (this.sendOutcome !== undefined) return this.sendOutcome;
    const text = new TextDecoder().decode(bytes);
    this.sent.push({ bytes: Uint8Array.from(bytes), text, to, port });
    return Promise.resolve(null);
  }

  close(): void {
    if (this.closed) throw new Error("closed twice");
    this.closed = true;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) {
      this.released = true;
      return;
    }
    setTimeout(() => {
      this.released = true;
      waiting.resolve({ kind: "closed" });
    }, 0);
  }

  #push(received: Received): void {
    this.#arrived.push(received);
    this.#serve();
  }

  #serve(): void {
    if (this.#waiting === null) return;
    const received = this.#arrived.shift();
    if (received === undefined) return;
    const { buffer, resolve } = this.#waiting;
    this.#waiting = null;
    if (received.kind !== "datagram") return resolve(received);
    const length = Math.min(received.bytes.length, buffer.length);
    buffer.set(received.bytes.subarray(0, length));
    resolve({ ...received, bytes: buffer.subarray(0, length) });
  }
}

/** A host whose addresses can be taken away, and whose waits end when the test says so. */
export class FakeUdpHost implements UdpHost {
  readonly opened: FakeSocket[] = [];
  readonly refusals = new Map<string, string>();
  readonly waits: { readonly delayMs: number; readonly resolve: () => void }[] = [];
  nowMs = 0;

  open(address: string, port: number): OpenedSocket {
    const refusal = this.refusals.get(address);
    if (refusal !== undefined) return { kind: "failed", reason: refusal };
    if (this.opened.some((socket) => !socket.released && socket.address === `${address}:${port}`)) {
      return { kind: "failed", reason: "Address already in use" };
    }
    const socket = new FakeSocket(`${address}:${port}`);
    this.opened.push(socket);
    return { kind: "open", socket };
  }

  now(): number {
    return this.nowMs;
  }

  delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.waits.push({ delayMs, resolve }));
  }

  /** The open socket on an address, which must exist. */
  at(address: string): FakeSocket {
    const socket = this.opened.find((socket) => !socket.closed && socket.address === address);
    if (socket === undefined) throw new Error(`no socket is open on ${address}`);
    return socket;
  }

  openAddresses(): string[] {
    return this.opened.filter(({ closed }) => !closed).map(({ address }) => address);
  }
}

/** Lets everything run that waits for nothing but its turn. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
