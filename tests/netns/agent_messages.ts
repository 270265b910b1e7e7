/** What a laboratory and its agent on a host say to each other: one JSON object a line. */

import type { StreamWindow } from "./receipts.ts";

/** The port of the datagram stream, on both ends. */
export const UDP_PORT = 5001;
/** The port of the TCP stream's listening end. */
export const TCP_PORT = 5002;

/** The next number that an agent's two senders will use. */
export interface Marks {
  readonly udp: number;
  readonly tcp: number;
}

/** What arrived of the two streams between two marks of the other agent. */
export interface Arrivals {
  readonly udp: StreamWindow;
  readonly tcp: StreamWindow;
  /** Datagrams that the sending kernel refused; they count as lost at the receiver. */
  readonly refused: number;
  /** Why the TCP stream ended, or null while it lives. */
  readonly tcpEnded: string | null;
}

export type Request =
  /** Sends and receives datagrams and TCP messages until the agent ends. */
  | {
    readonly do: "stream";
    readonly local: string;
    readonly remote: string;
    /** Datagrams a second. */
    readonly rate: number;
    /** Ms between two TCP messages. */
    readonly tcpEveryMs: number;
    readonly tcp: "listen" | "connect";
  }
  | { readonly do: "mark" }
  /** Waits until all of [from, to) came, but at most `settleMs`, and tells. */
  | { readonly do: "arrivals"; readonly from: Marks; readonly to: Marks; readonly settleMs: number }
  /** Sends datagrams as fast as `perSecond` allows; contents in base64, taken in turn. */
  | {
    readonly do: "flood";
    readonly local: string;
    readonly remote: string;
    readonly port: number;
    readonly contents: readonly string[];
    readonly count: number;
    readonly perSecond: number;
  }
  /** Prints a line for the first datagram on an address and port. */
  | { readonly do: "first-datagram"; readonly address: string; readonly port: number };

export type Reply =
  | { readonly kind: "done" }
  | { readonly kind: "marks"; readonly marks: Marks }
  | { readonly kind: "arrivals"; readonly arrivals: Arrivals }
  | { readonly kind: "datagram"; readonly from: string; readonly size: number }
  | { readonly kind: "error"; readonly reason: string };
