/** Agents on hosts, and measured traffic between two of them. */

import type { Arrivals, Marks, Reply, Request } from "./agent_messages.ts";
import { Companion } from "./companion.ts";
import type { HostName, Lab } from "./lab.ts";
import { delay } from "./wait.ts";

/** A process on a host that makes traffic and counts what arrives. */
export class Agent {
  readonly #process: Companion;

  private constructor(process: Companion) {
    this.#process = process;
  }

  /** Starts an agent that ends with the laboratory, or when this process does. */
  static start(lab: Lab, host: HostName): Agent {
    return new Agent(Companion.start(lab, host, "./agent.ts", {}));
  }

  /** Sends a request and waits for its reply. Throws when the agent could not do it. */
  async ask(request: Request, timeoutMs = 15_000): Promise<Reply> {
    return checked(await this.#process.ask<Reply>(request, timeoutMs));
  }

  /** The next line that the agent prints. */
  async next(timeoutMs = 15_000): Promise<Reply> {
    return checked(await this.#process.next<Reply>(timeoutMs));
  }

  /** The numbers that its senders will use next. */
  async marks(): Promise<Marks> {
    const reply = await this.ask({ do: "mark" });
    if (reply.kind !== "marks") throw new Error(`Unexpected reply: ${reply.kind}`);
    return reply.marks;
  }

  /** What arrived between two marks of the sender. */
  async arrivals(from: Marks, to: Marks, settleMs: number): Promise<Arrivals> {
    const reply = await this.ask({ do: "arrivals", from, to, settleMs }, settleMs + 15_000);
    if (reply.kind !== "arrivals") throw new Error(`Unexpected reply: ${reply.kind}`);
    return reply.arrivals;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

function checked(reply: Reply): Reply {
  if (reply.kind === "error") throw new Error(`Cannot work on a host: ${reply.reason}`);
  return reply;
}

/** What both directions of both streams went through in one measured stretch of time. */
export interface Measured {
  /** From the first host to the second, and back. */
  readonly forth: Arrivals;
  readonly back: Arrivals;
}

/** Datagrams lost, in the worse direction. */
export function lost({ forth, back }: Measured): number {
  return Math.max(forth.udp.lost, back.udp.lost);
}

/** Datagrams sent, in the direction with the greater loss. */
export function sent({ forth, back }: Measured): number {
  return forth.udp.lost >= back.udp.lost ? forth.udp.sent : back.udp.sent;
}

/** Longest time without a TCP message, in the worse direction, in ms. */
export function stallMs({ forth, back }: Measured): number {
  return Math.max(forth.tcp.longestGapMs, back.tcp.longestGapMs);
}

/** Longest time without a datagram, in the worse direction, in ms: what detection and change took. */
export function gapMs({ forth, back }: Measured): number {
  return Math.max(forth.udp.longestGapMs, back.udp.longestGapMs);
}

/** Why the TCP stream was not whole, or null when every message arrived, in order. */
export function tcpFault({ forth, back }: Measured): string | null {
  const ended = forth.tcpEnded ?? back.tcpEnded;
  if (ended !== null) return ended;
  const missing = forth.tcp.lost + back.tcp.lost;
  return missing === 0 ? null : `${missing} messages missing`;
}

/** How much traffic there is. */
export interface TrafficOptions {
  /** Datagrams a second and direction. */
  readonly rate?: number;
  /** Ms between two TCP messages. */
  readonly tcpEveryMs?: number;
}

/** Datagram streams and one TCP connection between two hosts' addresses on LAN A, in both directions. */
export class Traffic {
  readonly #first: Agent;
  readonly #second: Agent;

  private constructor(first: Agent, second: Agent) {
    this.#first = first;
    this.#second = second;
  }

  /** Starts both ends; returns when both streams flow. */
  static async start(
    lab: Lab,
    [first, second]: readonly [HostName, HostName] = ["h1", "h2"],
    { rate = 1000, tcpEveryMs = 10 }: TrafficOptions = {},
  ): Promise<Traffic> {
    const agents = [Agent.start(lab, first), Agent.start(lab, second)] as const;
    const [local, remote] = [lab.address(first, "A"), lab.address(second, "A")];
    const common = { do: "stream", rate, tcpEveryMs } as const;
    await agents[1].ask({ ...common, local: remote, remote: local, tcp: "listen" });
    await agents[0].ask({ ...common, local, remote, tcp: "connect" });
    const traffic = new Traffic(...agents);
    // The first datagrams wait for ARP and for both ends to have begun.
    await traffic.measure(() => delay(300));
    return traffic;
  }

  /**
   * Measures what happens to the streams while `action` runs. Afterwards waits, at most `settleMs`, until what was
   * sent meanwhile has arrived.
   */
  async measure(action: () => Promise<unknown>, settleMs = 1_000): Promise<Measured> {
    const [firstFrom, secondFrom] = await this.#marks();
    await action();
    const [firstTo, secondTo] = await this.#marks();
    const [forth, back] = await Promise.all([
      this.#second.arrivals(firstFrom, firstTo, settleMs),
      this.#first.arrivals(secondFrom, secondTo, settleMs),
    ]);
    return { forth, back };
  }

  /** Ends both processes; the laboratory would too. */
  async stop(): Promise<void> {
    await Promise.all([this.#first.stop(), this.#second.stop()]);
  }

  async #marks(): Promise<[Marks, Marks]> {
    return await Promise.all([this.#first.marks(), this.#second.marks()]);
  }
}
