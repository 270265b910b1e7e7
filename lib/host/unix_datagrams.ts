/**
 * Datagrams to a Unix socket of another program: the system's log, or a service manager.
 *
 * The sender needs a name of its own to get a socket at all. It is taken away again at once: nobody answers, and so a
 * process that is killed leaves nothing behind.
 */
import { failureReason } from "./failure.ts";
import { removeIfThere } from "./paths.ts";
import { isSettledWithin } from "./ip_process.ts";

/** Datagrams that wait for a receiver who is busy; more are dropped. */
const MOST_WAITING = 256;

/** A way to send datagrams to one receiver. */
export interface UnixDatagrams {
  /** Sends in order, in turns of its own; never throws. What cannot be sent is dropped, and told of. */
  send(text: string): void;
  /** Resolves when nothing waits any more, or after `limitMs`. */
  flushed(limitMs: number): Promise<void>;
  /** What still waits is dropped. */
  close(): void;
}

/** What one sends to, from where, and whom to tell. */
export interface UnixDatagramOptions {
  /** The receiver's socket. */
  readonly target: string;
  /** A free name in a folder of ours, for a moment. */
  readonly ownPath: string;
  /** Told once for each new reason that datagrams are dropped for, until one is sent again. */
  readonly failed: (reason: string) => void;
}

/** Opens nothing yet: the receiver and the folder may come and go. */
export function unixDatagrams(options: UnixDatagramOptions): UnixDatagrams {
  return new Sender(options);
}

class Sender implements UnixDatagrams {
  readonly #options: UnixDatagramOptions;
  readonly #waiting: Uint8Array[] = [];
  #socket: Deno.DatagramConn | null = null;
  #flow: Promise<void> | null = null;
  #trouble: string | null = null;
  #closed = false;

  constructor(options: UnixDatagramOptions) {
    this.#options = options;
  }

  send(text: string): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MOST_WAITING) return this.#fail("it takes no more");
    this.#waiting.push(new TextEncoder().encode(text));
    this.#flow ??= this.#pour();
  }

  async flushed(limitMs: number): Promise<void> {
    if (this.#flow !== null) await isSettledWithin(this.#flow, limitMs);
  }

  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#shut();
  }

  async #pour(): Promise<void> {
    // Never done before the one who began it knows that it is under way.
    await Promise.resolve();
    for (let bytes = this.#waiting.shift(); bytes !== undefined; bytes = this.#waiting.shift()) {
      try {
        this.#socket ??= openSocket(this.#options.ownPath);
        await this.#socket.send(bytes, { transport: "unixpacket", path: this.#options.target });
        this.#trouble = null;
      } catch (error) {
        if (this.#closed) break;
        this.#shut();
        this.#fail(failureReason(error));
      }
    }
    this.#flow = null;
  }

  #fail(reason: string): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#options.failed(reason);
  }

  #shut(): void {
    this.#socket?.close();
    this.#socket = null;
  }
}

function openSocket(ownPath: string): Deno.DatagramConn {
  removeIfThere(ownPath);
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: ownPath });
  removeIfThere(ownPath);
  return socket;
}
