/**
 * The sockets of all networks: two each, on one port.
 *
 * One is bound to our own address on the network: it receives the unicasts, and everything is sent from it. The other
 * is bound to the subnet's broadcast address: it receives that LAN's broadcasts. So the socket that a datagram arrives
 * by tells its network, and the networks have nothing in common that could fail together.
 *
 * Our own broadcasts come back by the broadcast socket. They are known by their source and go no further: there are as
 * many of them as of all inquiries sent.
 */
import type { Address, Ms, Network, NetworkName, NetworkProblem } from "./core/types.ts";

/** What one wait for a datagram gave. */
export type Received =
  | {
    readonly kind: "datagram";
    /** A part of the buffer that was handed in. */
    readonly bytes: Uint8Array;
    readonly from: Address;
    readonly port: number;
  }
  /** It was called off by close(). */
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly reason: string };

/** One UDP socket, as the hub needs it. */
export interface DatagramSocket {
  receive(buffer: Uint8Array): Promise<Received>;
  /** Null: the kernel took it. Otherwise why it did not. `bytes` must not change before that. */
  send(bytes: Uint8Array, to: Address, port: number): Promise<string | null>;
  close(): void;
}

export type OpenedSocket =
  | { readonly kind: "open"; readonly socket: DatagramSocket }
  | { readonly kind: "failed"; readonly reason: string };

/** A socket of a network that could not be opened. */
export interface SocketProblem extends NetworkProblem {
  /** It is the one on our own address: without it nothing can be sent there, and no answer comes. */
  readonly isOwn: boolean;
}

/** What the hub needs of the host. */
export interface UdpHost {
  open(address: Address, port: number): OpenedSocket;
  now(): Ms;
  delay(delayMs: Ms): Promise<void>;
}

/** Whom the hub tells; each call comes in a turn of its own, never from within a call to the hub. */
export interface UdpListener {
  /** `bytes` belong to the hub again when the call returns: whoever keeps them, copies them. */
  datagram(network: NetworkName, from: Address, port: number, bytes: Uint8Array): void;
  /** Each send that failed, or the first one of a row that were not even tried. */
  sendFailed(network: NetworkName, reason: string): void;
  /** The first of a row of failures to receive; the socket is tried again by itself, slower and slower. */
  receiveFailed(network: NetworkName, reason: string): void;
}

/** Longer than any packet of ours, so that what was cut is longer than allowed as well. */
const RECEIVE_BUFFER_BYTES = 2048;
/** Datagrams that wait for the kernel to take the one before them, per network. */
const MAX_QUEUED = 1024;
/** The kernel takes a packet at once, or never. */
const LAST_SENDS_MS = 200;
const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 1000;
/**
 * A socket that always has a datagram ready never lets the runtime reach its timers. So many in so short a time are
 * a flood, and the others get a turn.
 */
const FLOOD_DATAGRAMS = 128;
const FLOOD_MS = 20;

/** A socket being read. */
interface Reader {
  readonly address: Address;
  readonly socket: DatagramSocket;
  /** Its last wait for a datagram. */
  waiting: Promise<unknown>;
  closed: boolean;
  /** Its last wait failed: opened anew by the next sync. */
  failing: boolean;
}

/** A datagram that waits to be sent. */
interface Outgoing {
  readonly to: Address;
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** The sockets of one network; null: could not be opened. */
interface Port {
  network: NetworkName;
  readonly address: Address;
  readonly broadcast: Address;
  readonly port: number;
  own: Reader | null;
  all: Reader | null;
  /**
   * One datagram is sent after the other: of several that are handed to the runtime at once it sends the last one
   * first.
   */
  readonly queue: Outgoing[];
  /** Ends when the queue is empty; null: it is. */
  flushed: Promise<void> | null;
  /** How many were not taken into the queue since the last success. */
  refused: number;
}

/** Datagrams in and out of all networks. */
export class UdpHub {
  readonly #host: UdpHost;
  readonly #listener: UdpListener;
  readonly #ports = new Map<NetworkName, Port>();
  #lastSync: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(host: UdpHost, listener: UdpListener) {
    this.#host = host;
    this.#listener = listener;
  }

  /**
   * Opens what is missing or failing and closes what is gone or has another address; the other sockets are not touched.
   * Calls are worked off one after the other. Tell others of a network only when this is done: then it can send.
   *
   * @returns what could not be opened and why; each call tries again
   */
  sync(networks: readonly Network[], port: number): Promise<readonly SocketProblem[]> {
    const done = this.#lastSync.then(() => this.#sync(networks, port));
    this.#lastSync = done;
    return done;
  }

  /**
   * Sends from our own address on a network. Returns at once; a failure is told to the listener. `bytes` belong to the
   * hub from here on.
   */
  send(network: NetworkName, to: Address, port: number, bytes: Uint8Array): void {
    const from = this.#ports.get(network);
    if (from === undefined || from.own === null) {
      return this.#refuse(from, network, "no socket is open on it");
    }
    if (from.queue.length >= MAX_QUEUED) {
      return this.#refuse(from, network, `${MAX_QUEUED} datagrams are waiting to be sent`);
    }
    from.queue.push({ to, port, bytes });
    from.flushed ??= this.#flush(from);
  }

  /** Waits until the kernel has taken what was sent, but not for long: a socket may take nothing any more. */
  async flushed(): Promise<void> {
    const flushing = [...this.#ports.values()].flatMap(({ flushed }) => flushed ?? []);
    if (flushing.length === 0) return;
    await Promise.race([Promise.all(flushing), this.#host.delay(LAST_SENDS_MS)]);
  }

  /** Closes everything for good. */
  close(): void {
    this.#closed = true;
    for (const { own, all } of this.#ports.values()) {
      if (own !== null) closeReader(own);
      if (all !== null) closeReader(all);
    }
    this.#ports.clear();
  }

  async #sync(networks: readonly Network[], port: number): Promise<readonly SocketProblem[]> {
    const wanted = new Map(networks.map((network) => [network.name, network]));
    // Closed first, and waited for: an address may have moved from one network to another.
    await Promise.all(this.#closeUnwanted(wanted, port));
    if (this.#closed) return [];
    const problems: SocketProblem[] = [];
    for (const network of wanted.values()) {
      const open = this.#portOf(network, port);
      open.own ??= this.#open(open, network.address, problems);
      open.all ??= this.#open(open, network.broadcast, problems);
    }
    return problems;
  }

  /**
   * Closes what is gone, changed, or failing; the promises end when the addresses are free again. A network that only
   * goes by another name keeps its sockets, and what waits in them.
   */
  #closeUnwanted(wanted: ReadonlyMap<NetworkName, Network>, port: number): Promise<unknown>[] {
    const kept = new Set<Port>();
    for (const network of wanted.values()) {
      for (const open of this.#ports.values()) {
        if (kept.has(open) || !isFor(open, network, port)) continue;
        open.network = network.name;
        kept.add(open);
        break;
      }
    }
    const freed: Promise<unknown>[] = [];
    for (const open of this.#ports.values()) {
      if (open.own !== null && !(kept.has(open) && !open.own.failing)) {
        freed.push(closeReader(open.own));
        open.own = null;
      }
      if (open.all !== null && !(kept.has(open) && !open.all.failing)) {
        freed.push(closeReader(open.all));
        open.all = null;
      }
    }
    this.#ports.clear();
    for (const open of kept) this.#ports.set(open.network, open);
    return freed;
  }

  #portOf({ name, address, broadcast }: Network, port: number): Port {
    const known = this.#ports.get(name);
    if (known !== undefined) return known;
    const fresh: Port = {
      network: name,
      address,
      broadcast,
      port,
      own: null,
      all: null,
      queue: [],
      flushed: null,
      refused: 0,
    };
    this.#ports.set(name, fresh);
    return fresh;
  }

  #open(open: Port, address: Address, problems: SocketProblem[]): Reader | null {
    const name = open.network;
    const isOwn = address === open.address;
    const other = this.#readerOf(address);
    if (other !== null) {
      const reason = `${address} is in use for network ${other} already: they cannot be told apart`;
      problems.push({ name, reason, isOwn });
      return null;
    }
    const opened = this.#host.open(address, open.port);
    if (opened.kind === "failed") {
      problems.push({ name, reason: opened.reason, isOwn });
      return null;
    }
    const reader: Reader = {
      address,
      socket: opened.socket,
      waiting: Promise.resolve(),
      closed: false,
      failing: false,
    };
    this.#receive(open, reader);
    return reader;
  }

  /** Which network has a socket on an address; null: none. */
  #readerOf(address: Address): NetworkName | null {
    for (const { network, own, all } of this.#ports.values()) {
      for (const reader of [own, all]) {
        if (reader !== null && reader.address === address) return network;
      }
    }
    return null;
  }

  async #receive(open: Port, reader: Reader): Promise<void> {
    const buffer = new Uint8Array(RECEIVE_BUFFER_BYTES);
    let retryMs = FIRST_RETRY_MS;
    let count = 0;
    let countedSince = this.#host.now();
    for (;;) {
      const waiting = reader.socket.receive(buffer);
      reader.waiting = waiting;
      const received = await waiting;
      if (reader.closed || received.kind === "closed") return;
      if (received.kind === "failed") {
        if (!reader.failing) this.#listener.receiveFailed(open.network, received.reason);
        reader.failing = true;
        await this.#host.delay(retryMs);
        if (reader.closed) return;
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
        continue;
      }
      reader.failing = false;
      retryMs = FIRST_RETRY_MS;
      if (received.from !== open.address) {
        this.#listener.datagram(open.network, received.from, received.port, received.bytes);
      }
      if (++count < FLOOD_DATAGRAMS) continue;
      if (this.#host.now() - countedSince < FLOOD_MS) await this.#host.delay(0);
      count = 0;
      countedSince = this.#host.now();
    }
  }

  async #flush(from: Port): Promise<void> {
    for (let next = from.queue.shift(); next !== undefined; next = from.queue.shift()) {
      const reason = from.own === null
        ? "no socket is open on it"
        : await from.own.socket.send(next.bytes, next.to, next.port);
      if (!this.#isOpen(from)) return;
      if (reason === null) from.refused = 0;
      else this.#listener.sendFailed(from.network, reason);
    }
    from.flushed = null;
  }

  /** Drops a send; the first of a row is told, in a turn of its own. */
  #refuse(port: Port | undefined, network: NetworkName, reason: string): void {
    if (port !== undefined && port.refused++ > 0) return;
    queueMicrotask(() => this.#listener.sendFailed(network, reason));
  }

  #isOpen(port: Port): boolean {
    return this.#ports.get(port.network) === port;
  }
}

/** Ends when the address is free for another socket: a wait for a datagram holds it until it is called off. */
function closeReader(reader: Reader): Promise<unknown> {
  reader.closed = true;
  reader.socket.close();
  return reader.waiting;
}

function isFor(open: Port, network: Network, port: number): boolean {
  return open.address === network.address && open.broadcast === network.broadcast &&
    open.port === port;
}
