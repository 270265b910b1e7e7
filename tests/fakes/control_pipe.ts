/** Sockets of the control protocol in memory: a listener that is connected to, and both ends of each connection. */
import type { ControlConnection, ControlListener } from "../../lib/control_server.ts";
import type { ControlConnected, ControlOpened } from "../../lib/host/control.ts";

/** Bytes one way; a writer waits while too many are unread, as with a socket. */
class Way {
  readonly #room: number;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #closed = false;
  #changed = Promise.withResolvers<void>();

  constructor(room: number) {
    this.#room = room;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.#closed) return null;
      await this.#changed.promise;
    }
    const first = this.#chunks[0] as Uint8Array;
    const taken = first.subarray(0, buffer.length);
    buffer.set(taken);
    if (taken.length < first.length) this.#chunks[0] = first.subarray(taken.length);
    else this.#chunks.shift();
    this.#waiting -= taken.length;
    this.#change();
    return taken.length;
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    while (!this.#closed && this.#waiting > 0 && this.#waiting + bytes.length > this.#room) {
      await this.#changed.promise;
    }
    if (this.#closed) return false;
    this.#chunks.push(bytes.slice());
    this.#waiting += bytes.length;
    this.#change();
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#change();
  }

  #change(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    resolve();
  }
}

/** One end of a connection. */
export class PipeEnd implements ControlConnection {
  readonly #incoming: Way;
  readonly #outgoing: Way;
  isClosed = false;

  constructor(incoming: Way, outgoing: Way) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.isClosed ? Promise.resolve(null) : this.#incoming.read(buffer);
  }

  write(bytes: Uint8Array): Promise<boolean> {
    return this.#outgoing.write(bytes);
  }

  close(): void {
    this.isClosed = true;
    this.#incoming.close();
    this.#outgoing.close();
  }

  /** All that comes until the other end closes, as text. */
  async readAll(): Promise<string> {
    const buffer = new Uint8Array(65536);
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const read = await this.read(buffer);
      if (read === null) return text;
      text += decoder.decode(buffer.subarray(0, read), { stream: true });
    }
  }

  /** Writes a text. */
  say(text: string): Promise<boolean> {
    return this.write(new TextEncoder().encode(text));
  }
}

/** A listener in memory. */
export class PipeListener implements ControlListener {
  readonly groups: (string | null)[] = [];
  readonly accepted: PipeEnd[] = [];
  isClosed = false;
  readonly #room: number;
  readonly #arrived: PipeEnd[] = [];
  #waiting: ((end: PipeEnd | null) => void) | null = null;

  /** `room` is how many unread bytes a connection takes before its writer waits. */
  constructor(room = 256 * 1024) {
    this.#room = room;
  }

  /** The client's end of a new connection. */
  connect(): PipeEnd {
    const [there, back] = [new Way(this.#room), new Way(this.#room)];
    const server = new PipeEnd(there, back);
    this.accepted.push(server);
    this.#arrived.push(server);
    this.#serve();
    return new PipeEnd(back, there);
  }

  accept(): Promise<PipeEnd | null> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#serve();
    });
  }

  regroup(group: string | null): string | null {
    this.groups.push(group);
    return null;
  }

  close(): void {
    this.isClosed = true;
    this.#serve();
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const next = this.isClosed ? null : this.#arrived.shift();
    if (next === undefined) return;
    this.#waiting = null;
    waiting(next);
  }
}

/** The control sockets of a machine, by their paths. */
export class FakeControls {
  readonly listeners = new Map<string, PipeListener>();
  /** Why none can be opened; null: nothing is in the way. */
  failure: string | null = null;

  listen(path: string, group: string | null): ControlOpened {
    if (this.failure !== null) return { kind: "failed", reason: this.failure };
    const listener = new PipeListener();
    listener.groups.push(group);
    this.listeners.set(path, listener);
    return { kind: "open", listener, problem: null };
  }

  connect(path: string): Promise<ControlConnected> {
    const listener = this.listeners.get(path);
    return Promise.resolve(
      listener === undefined || listener.isClosed
        ? { kind: "absent" }
        : { kind: "connected", connection: listener.connect() },
    );
  }
}

/** A connection to a daemon that answers whatever it is asked with this text, all at once. */
export function answeringWith(text: string): ControlConnection {
  let bytes: Uint8Array | null = new TextEncoder().encode(text);
  return {
    write: () => Promise.resolve(true),
    read: (buffer) => {
      const given = bytes;
      bytes = null;
      if (given !== null) buffer.set(given);
      return Promise.resolve(given?.length ?? null);
    },
    close: () => {},
  };
}
