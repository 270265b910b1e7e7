/** Runs a probe: its sockets, its timer, and what is shown while it lasts. */
import type { Probe, ProbeNews } from "./core/probe.ts";
import type { Ms, Network } from "./core/types.ts";
import { type UdpHost, UdpHub } from "./udp_hub.ts";

/** What a prober needs of its host. */
export interface ProberHost {
  readonly udp: UdpHost;
  now(): Ms;
  /** Calls `ring` at moments that are set one after the other. */
  alarm(ring: () => void): { wakeAt(atMs: Ms | null): void };
}

/** How a probe went, beside what it reports. */
export interface Probed {
  /**
   * Whether it asked from the port of the nodes. To that one firewalls let answers in, and no route of a node's daemon
   * sends them over another LAN than the inquiry came by.
   */
  readonly hadPort: boolean;
}

/** One probe. */
export class Prober {
  readonly #probe: Probe;
  readonly #host: ProberHost;
  readonly #show: (news: ProbeNews) => void;
  readonly #ended = Promise.withResolvers<void>();

  /** `show` is told of everything at once. */
  constructor(probe: Probe, host: ProberHost, show: (news: ProbeNews) => void) {
    this.#probe = probe;
    this.#host = host;
    this.#show = show;
  }

  /**
   * Asks on these networks until the probe is over, or stopped. Where a daemon has the port, all is sent from another:
   * answers go to where an inquiry came from.
   */
  async run(networks: readonly Network[], port: number): Promise<Probed> {
    const probe = this.#probe;
    const { now } = this.#host;
    const hub = new UdpHub(this.#host.udp, {
      datagram: (network, from, _port, bytes) =>
        this.#tell(probe.take(network, from, bytes, now())),
      sendFailed: (network, reason) => probe.sendFailed(network, reason),
      // The socket is tried again by itself; what it cannot receive is missing from the answers.
      receiveFailed: () => {},
    });
    const usable = networks.filter((network) => network.usable);
    const problems = await hub.sync(usable, port);
    const hadPort = !problems.some(({ isOwn }) => isOwn);
    if (!hadPort) await hub.sync(usable, 0);
    const alarm = this.#host.alarm(() => step());
    const step = () => {
      const { sends, news } = probe.tick(now());
      for (const { network, to, port, bytes } of sends) hub.send(network, to, port, bytes);
      for (const each of news) this.#tell(each);
      const next = probe.nextAt();
      if (next === null) this.stop();
      else alarm.wakeAt(next);
    };
    step();
    await this.#ended.promise;
    alarm.wakeAt(null);
    hub.close();
    return { hadPort };
  }

  /** Ends it now. */
  stop(): void {
    this.#ended.resolve();
  }

  #tell(news: ProbeNews | null): void {
    if (news !== null) this.#show(news);
  }
}
