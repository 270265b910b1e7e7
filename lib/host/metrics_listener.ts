/**
 * Serves the metrics by HTTP to this machine.
 *
 * Whoever asks, however slowly and however often, gets a bounded share: a few at a time, each for a bounded time; the
 * others wait in the kernel. The runtime's own server has no such bounds, and when it runs out of descriptors it ends
 * the process.
 */
import type { MetricsFormat } from "../metrics_text.ts";
import { failureReason } from "./failure.ts";
import { isAccepted, MAX_HEAD_BYTES, parseRequestHead } from "./http_request.ts";

/** Makes the page that is asked for. */
export type MakeMetrics = (format: MetricsFormat) => Promise<string>;

/** A running server, or why there is none. */
export type MetricsListener =
  | { readonly port: number; close(): Promise<void> }
  | { readonly failed: string };

const PATH = "/metrics";
const OPENMETRICS = "application/openmetrics-text";
const TYPES = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: `${OPENMETRICS}; version=1.0.0; charset=utf-8`,
} as const;
/** A page on a web server elsewhere may lead a browser here by a name of its own. */
const LOCAL_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** Who are served at the same time. */
const MOST_CLIENTS = 8;
/** From the beginning of a connection to the end of its answer, in ms: as long as a scraper waits by default. */
const LIMIT_MS = 10_000;
/** When no connection can be accepted, e.g. for want of descriptors, it is tried again after so long, in ms. */
const RETRY_MS = 1000;

const REASONS = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
} as const;

/** What is answered. */
interface Answer {
  readonly status: keyof typeof REASONS;
  readonly type: string;
  readonly body: string;
}

/**
 * Listens at a loopback address; one that is not is refused, whoever asks for it.
 *
 * @param listen the address and the port; port 0: a free one
 */
export function serveMetrics(
  listen: { readonly hostname: string; readonly port: number },
  make: MakeMetrics,
): MetricsListener {
  const { hostname, port } = listen;
  if (!/^127(?:\.\d{1,3}){3}$/.test(hostname) && hostname !== "::1") {
    return { failed: "must be a loopback address" };
  }
  try {
    return new Server(Deno.listen({ hostname, port }), make);
  } catch (error) {
    return { failed: failureReason(error) };
  }
}

class Server {
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #make: MakeMetrics;
  readonly #clients = new Map<Deno.TcpConn, Promise<void>>();
  readonly #served: Promise<void>;
  #isClosed = false;
  #wake: (() => void) | null = null;

  constructor(listener: Deno.TcpListener, make: MakeMetrics) {
    this.#listener = listener;
    this.#make = make;
    this.port = listener.addr.port;
    this.#served = this.#serveAll();
  }

  /** Those who are being served are dropped: one who reads slowly must not hold up the end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    this.#wake?.();
    for (const connection of this.#clients.keys()) shut(connection);
    await Promise.all([this.#served, ...this.#clients.values()]);
  }

  async #serveAll(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const connection = await this.#listener.accept();
        const served = this.#serve(connection).finally(() => {
          this.#clients.delete(connection);
          this.#wake?.();
        });
        this.#clients.set(connection, served);
        if (this.#clients.size >= MOST_CLIENTS) await this.#pause(null);
      } catch {
        await this.#pause(RETRY_MS);
      }
    }
  }

  /** Waits until somebody was served, or so long, or until the end. */
  async #pause(limitMs: number | null): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = limitMs === null ? undefined : setTimeout(resolve, limitMs);
    await promise;
    clearTimeout(timer);
    this.#wake = null;
  }

  /** Never rejected. */
  async #serve(connection: Deno.TcpConn): Promise<void> {
    const timer = setTimeout(() => shut(connection), LIMIT_MS);
    try {
      const head = await readHead(connection);
      if (head !== null) await writeAnswer(connection, await answer(head, this.#make));
    } catch {
      // It went away, or its time is over.
    } finally {
      clearTimeout(timer);
      shut(connection);
    }
  }
}

/** The lines of a head; what is none where it is too long; null: it never came. */
async function readHead(connection: Deno.TcpConn): Promise<string | null> {
  const bytes = new Uint8Array(MAX_HEAD_BYTES);
  let text = "";
  while (text.length < MAX_HEAD_BYTES) {
    const count = await connection.read(bytes);
    if (count === null) return null;
    text += String.fromCharCode(...bytes.subarray(0, count));
    const end = /\r?\n\r?\n/.exec(text)?.index;
    if (end !== undefined) return text.slice(0, end);
  }
  return "";
}

async function answer(head: string, make: MakeMetrics): Promise<Answer> {
  const request = parseRequestHead(head);
  if (request === null) return refusal(400, "No request of HTTP/1.1");
  const { method, path, hostname, accept } = request;
  if (hostname !== null && !LOCAL_NAME.test(hostname)) {
    return refusal(403, "Ask by a name of this machine");
  }
  if (path !== PATH) return refusal(404, `Only ${PATH} is here`);
  if (method !== "GET") return refusal(405, "Only GET is answered");
  const format = isAccepted(OPENMETRICS, accept) ? "openmetrics" : "prometheus";
  try {
    return { status: 200, type: TYPES[format], body: await make(format) };
  } catch {
    // A fault in what is shown must not end a daemon whose routes are right.
    return refusal(500, "Cannot make the metrics");
  }
}

function refusal(status: Answer["status"], text: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${text}\n` };
}

async function writeAnswer(connection: Deno.TcpConn, answer: Answer): Promise<void> {
  const encoder = new TextEncoder();
  const { status, type } = answer;
  const body = encoder.encode(answer.body);
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    "Cache-Control: no-store",
    ...(status === 405 ? ["Allow: GET"] : []),
    "Connection: close",
  ];
  await writeAll(connection, encoder.encode(`${head.join("\r\n")}\r\n\r\n`));
  await writeAll(connection, body);
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let left = bytes; left.length > 0;) left = left.subarray(await connection.write(left));
}

function shut(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
