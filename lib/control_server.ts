/**
 * Answers those who ask the daemon over its socket. Whatever they send, and however slowly they read, costs the daemon
 * a bounded amount of memory and, at one time, a moment.
 */
import {
  ANSWER_MS,
  type Controlled,
  MAX_CLIENTS,
  MAX_REQUEST_BYTES,
  parseRequest,
  PEERS_PER_LINE,
  type Request,
  REQUEST_MS,
} from "./control_protocol.ts";
import type { Ms } from "./core/types.ts";

/** After so long the loop of the daemon has its turn; one part more takes a few milliseconds at most. */
const TURN_MS: Ms = 3;

/** One who asks. */
export interface ControlConnection {
  /** How many bytes were put into the buffer; null: no more come, or it was closed. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Whether all was taken; false: it was closed, by either end. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Ends what waits. */
  close(): void;
}

/** Where they ask. */
export interface ControlListener {
  /** The next one; null: it was closed. */
  accept(): Promise<ControlConnection | null>;
  /** Lets another group ask from now on; null: none. Returns why that failed, or null. */
  regroup(group: string | null): string | null;
  close(): void;
}

/** What the server needs of the host. */
export interface ControlTiming {
  now(): Ms;
  alarm(ring: () => void): { wakeAt(atMs: Ms | null): void };
  delay(delayMs: Ms): Promise<void>;
}

/** An answer that is all in one line, which ends it. */
type Answer = Readonly<Record<string, unknown>>;

/** Serves a socket until it is closed. */
export class ControlServer {
  readonly #listener: ControlListener;
  readonly #controlled: Controlled;
  readonly #timing: ControlTiming;
  readonly #clients = new Set<ControlConnection>();

  constructor(listener: ControlListener, controlled: Controlled, timing: ControlTiming) {
    this.#listener = listener;
    this.#controlled = controlled;
    this.#timing = timing;
    this.#serveAll();
  }

  /** Serves nobody from now on, and drops those who are being served. */
  close(): void {
    this.#listener.close();
    for (const client of this.#clients) client.close();
  }

  async #serveAll(): Promise<void> {
    for (;;) {
      const client = await this.#listener.accept();
      if (client === null) return;
      this.#serve(client);
    }
  }

  async #serve(client: ControlConnection): Promise<void> {
    if (this.#clients.size >= MAX_CLIENTS) {
      // The few bytes fit into the socket: nobody keeps us waiting.
      await client.write(
        lineOf({ ...refusal(`Cannot be served: ${MAX_CLIENTS} others are`), end: true }),
      );
      return client.close();
    }
    this.#clients.add(client);
    const alarm = this.#timing.alarm(() => client.close());
    const limit = (ms: Ms) => alarm.wakeAt(this.#timing.now() + ms);
    limit(REQUEST_MS);
    const line = await readLine(client);
    alarm.wakeAt(null);
    // What is asked for may take its time: only the reader of the answer must not.
    if (line !== null) await this.#answer(line, client, () => limit(ANSWER_MS));
    alarm.wakeAt(null);
    this.#clients.delete(client);
    client.close();
  }

  /** `begin` is called when the answer begins to be written. */
  async #answer(
    line: string | { readonly error: string },
    client: ControlConnection,
    begin: () => void,
  ) {
    const request = typeof line === "string" ? parseRequest(line) : line;
    const isStatus = "command" in request && request.command === "status";
    if (isStatus) begin();
    const answer = "error" in request
      ? refusal(request.error)
      : await this.#do(request, client).catch(failure);
    if (!isStatus) begin();
    await client.write(lineOf({ ok: true, ...answer, end: true }));
  }

  /** Does what is asked for; returns the last line of the answer. */
  async #do(request: Request, client: ControlConnection): Promise<Answer> {
    const controlled = this.#controlled;
    switch (request.command) {
      case "ping":
        return { ...controlled.ping() };
      case "overview":
        return { ...controlled.overview() };
      case "status":
        return await this.#stream(client);
      case "failback":
        return { ...controlled.failback() };
      case "drain":
      case "undrain": {
        const drained = await controlled.drain(request.network, request.command === "drain");
        return "error" in drained ? refusal(drained.error) : drained;
      }
      case "reload": {
        const reloaded = await controlled.reload();
        if ("changed" in reloaded) return reloaded;
        const { errors } = reloaded;
        return { ...refusal(errors[0] ?? "Cannot reload"), errors };
      }
    }
  }

  /**
   * Writes the state in parts, with a pause whenever they have taken a few milliseconds, so that packets and timers come
   * in between. A pause costs about two, so not each part has its own.
   */
  async #stream(client: ControlConnection): Promise<Answer> {
    if (!await client.write(lineOf({ ok: true, ...this.#controlled.overview() }))) return {};
    const { now, delay } = this.#timing;
    await delay(0);
    let turnAt = now();
    let from = 0;
    for (;;) {
      if (now() - turnAt >= TURN_MS) {
        await delay(0);
        turnAt = now();
      }
      const peers = this.#controlled.peers(from, PEERS_PER_LINE);
      const last = peers.at(-1);
      if (last === undefined) return {};
      from = last.number + 1;
      if (!await client.write(lineOf({ peers }))) return {};
    }
  }
}

function refusal(error: string): Answer {
  return { ok: false, error };
}

/** A fault in what is shown must not end a daemon whose routes are right: who asked is told of it. */
function failure(error: unknown): Answer {
  return refusal(`Cannot answer: ${error instanceof Error ? error.message : String(error)}`);
}

function lineOf(value: Answer): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

/** The line of a request; null: none came, or not in time. */
async function readLine(
  client: ControlConnection,
): Promise<string | { readonly error: string } | null> {
  const bytes = new Uint8Array(MAX_REQUEST_BYTES);
  let length = 0;
  for (;;) {
    const read = await client.read(bytes.subarray(length));
    if (read === null) return null;
    const end = bytes.indexOf(0x0a, length);
    length += read;
    if (end >= 0 && end < length) return new TextDecoder().decode(bytes.subarray(0, end));
    if (length === MAX_REQUEST_BYTES) {
      return { error: `Cannot use request: must be at most ${MAX_REQUEST_BYTES} bytes` };
    }
  }
}
