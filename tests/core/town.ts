/**
 * Several machines in virtual time on common LANs, for what two nodes can do to each other. Every host has a kernel
 * that obeys; a LAN can be cut between any two hosts, in either direction.
 */
import { Machine } from "../../lib/core/machine.ts";
import type {
  ActualRoutes,
  Address,
  Effect,
  Event,
  Ms,
  NetworkName,
  Notice,
  PathView,
  Random,
  Sealer,
  Settings,
} from "../../lib/core/types.ts";
import {
  applied,
  at,
  networkOf,
  networksOf,
  NOTHING_LEFT,
  noticesIn,
  seeded,
  settingsOf,
} from "./builders.ts";

/** One host of a town. */
export interface Host {
  readonly number: number;
  readonly networks: readonly NetworkName[];
  readonly sealer: Sealer | null;
  machine: Machine;
  kernel: ActualRoutes;
  /** While stopped it neither wakes nor reads; what arrives waits in its sockets. */
  isStopped: boolean;
  /** Its daemon has ended: nothing waits for it. */
  isGone: boolean;
  /** What it told people. */
  readonly notices: { readonly at: Ms; readonly notice: Notice }[];
  readonly inbox: Event[];
  /** Every change of its routes. */
  readonly changes: { readonly at: Ms; readonly routes: string }[];
}

/** A datagram that was sent. */
export interface Sent {
  readonly at: Ms;
  readonly host: number;
  readonly network: NetworkName;
  readonly to: Address;
  readonly bytes: Uint8Array;
}

interface Delivery {
  readonly at: Ms;
  readonly to: Host;
  readonly event: Event;
}

/** Datagrams that wait in the sockets of a stopped host; further ones are lost. */
const INBOX_LIMIT = 260;

/** Machines on LANs. */
export class Town {
  now: Ms = 1000;
  readonly hosts: Host[] = [];
  /** From sender to receiver, as "A 1>2"; "*" stands for any host. */
  readonly cuts = new Set<string>();
  /** From sender to receiver, for each network: unlike, so that no two arrive at one moment. */
  readonly delaysMs = new Map<NetworkName, Ms>([["A", 0.3], ["B", 0.5]]);
  /** The part of the datagrams that is lost at random, by sender and receiver as in `cuts`. */
  readonly losses = new Map<string, number>();
  /** All that was sent. */
  readonly sent: Sent[] = [];
  readonly #random: Random;
  #deliveries: Delivery[] = [];

  constructor(seed = 1) {
    this.#random = seeded(seed);
  }

  /** Adds a host that starts now. */
  add(
    number: number,
    networks: readonly NetworkName[],
    settings: Partial<Settings> = {},
    sealer: Sealer | null = null,
  ): Host {
    const host: Host = {
      number,
      networks,
      sealer,
      machine: this.#machine(number, settings, NOTHING_LEFT, sealer),
      kernel: NOTHING_LEFT,
      isStopped: false,
      isGone: false,
      notices: [],
      inbox: [],
      changes: [],
    };
    this.hosts.push(host);
    this.#boot(host);
    return host;
  }

  /** Ends the daemon of a host as SIGTERM does; what it had in the kernel is gone. */
  stop(host: Host): void {
    for (const effect of host.machine.farewell(this.now)) this.#perform(host, effect);
    host.kernel = NOTHING_LEFT;
    host.isGone = host.isStopped = true;
  }

  /** Lets the daemon of a host go by other settings. */
  reload(host: Host, settings: Partial<Settings>): void {
    this.feed(host, { kind: "settings", settings: settingsIn(host.number, settings) });
  }

  /** Starts the daemon of a host anew after it was killed: its routes are still there. */
  restart(host: Host, settings: Partial<Settings> = {}): void {
    host.machine = this.#machine(host.number, settings, host.kernel, host.sealer);
    host.isGone = host.isStopped = false;
    this.#boot(host);
  }

  /** Lets time pass. */
  advance(ms: Ms): void {
    const until = this.now + ms;
    for (;;) {
      const running = this.hosts.filter((host) => !host.isStopped);
      const wake = Math.min(...running.map((host) => host.machine.nextDeadline()));
      const next = Math.min(wake, this.#deliveries[0]?.at ?? Infinity);
      if (next > until) break;
      this.now = Math.max(this.now, next);
      while (this.#deliveries[0] !== undefined && this.#deliveries[0].at <= this.now) {
        const { to, event } = this.#deliveries.shift() as Delivery;
        this.feed(to, event);
      }
      for (const host of running) {
        if (host.machine.nextDeadline() <= this.now) this.feed(host, { kind: "tick" });
      }
    }
    this.now = until;
  }

  /** Lets a datagram from any address arrive at a host now. */
  inject(host: Host, network: NetworkName, from: Address, bytes: Uint8Array): void {
    this.feed(host, { kind: "datagram", network, from, port: 32453, bytes });
  }

  /** Hands an event to a host now. */
  feed(host: Host, event: Event): void {
    if (host.isGone) return;
    if (host.isStopped) {
      if (host.inbox.length < INBOX_LIMIT) host.inbox.push(event);
      return;
    }
    for (const effect of host.machine.handle(event, this.now)) this.#perform(host, effect);
  }

  /** Lets a stopped host go on: its timer fires before it reads its sockets. */
  resume(host: Host): void {
    host.isStopped = false;
    this.feed(host, { kind: "tick" });
    for (const event of host.inbox.splice(0)) this.feed(host, event);
  }

  /** Whether one host has met another. */
  knows(host: Host, other: Host): boolean {
    const addresses = host.machine.snapshot(this.now).peers.flatMap(({ paths }) =>
      paths.map(({ address }) => address)
    );
    return other.networks.some((network) => addresses.includes(at(network, other.number)));
  }

  /** How one host sees another on a network. */
  path(host: Host, network: NetworkName, other: Host): PathView {
    const address = at(network, other.number);
    const paths = host.machine.snapshot(this.now).peers.flatMap((peer) => peer.paths);
    const found = paths.find((path) => path.address === address);
    if (found === undefined) throw new Error(`host ${host.number} has no path ${address}`);
    return found;
  }

  /** The notices of one kind that a host told. */
  told<Kind extends Notice["kind"]>(host: Host, kind: Kind) {
    return host.notices.map(({ notice }) => notice).filter((
      notice,
    ): notice is Extract<Notice, { readonly kind: Kind }> => notice.kind === kind);
  }

  #machine(
    number: number,
    settings: Partial<Settings>,
    left: ActualRoutes,
    sealer: Sealer | null,
  ): Machine {
    const random = seeded(number * 7919 + Math.floor(this.now));
    return new Machine(
      settingsIn(number, settings),
      random,
      left,
      this.now,
      sealer,
    );
  }

  #boot(host: Host): void {
    const networks = host.networks.map((name) =>
      networkOf(name, { address: at(name, host.number) })
    );
    this.feed(host, networksOf(...networks));
  }

  #perform(host: Host, effect: Effect): void {
    if (effect.kind === "send") return this.#send(host, effect);
    for (const notice of noticesIn([effect])) host.notices.push({ at: this.now, notice });
    if (effect.kind !== "route") return;
    const { generation, wanted } = effect;
    const actual = applied(wanted, host.kernel);
    const routes = [...actual.routes.values()].map((each) => `${each.address} via ${each.gateway}`)
      .join(", ");
    if (routes !== (host.changes.at(-1)?.routes ?? "")) host.changes.push({ at: this.now, routes });
    host.kernel = actual;
    const report = { generation, actual, refused: [], changes: 0, found: null, tookMs: 1 };
    this.#deliver({ at: this.now + 1, to: host, event: { kind: "routes", report } });
  }

  #send(host: Host, { network, to, port, bytes }: Extract<Effect, { kind: "send" }>): void {
    const from = at(network, host.number);
    this.sent.push({ at: this.now, host: host.number, network, to, bytes });
    for (const other of this.hosts) {
      if (!other.networks.includes(network)) continue;
      const isForIt = to.endsWith(".255.255") || to === at(network, other.number);
      if (!isForIt || this.#isLost(network, host, other)) continue;
      const event: Event = { kind: "datagram", network, from, port, bytes };
      this.#deliver({ at: this.now + (this.delaysMs.get(network) ?? 0.4), to: other, event });
    }
  }

  #isLost(network: NetworkName, from: Host, to: Host): boolean {
    const ways = [`${from.number}>${to.number}`, `${from.number}>*`, `*>${to.number}`, "*>*"]
      .map((way) => `${network} ${way}`);
    if (ways.some((way) => this.cuts.has(way))) return true;
    if (from === to || this.losses.size === 0) return false;
    return ways.some((way) => this.#random.fraction() < (this.losses.get(way) ?? 0));
  }

  #deliver(delivery: Delivery): void {
    const index = this.#deliveries.findLastIndex((each) => each.at <= delivery.at) + 1;
    this.#deliveries.splice(index, 0, delivery);
  }
}

/** The settings of a host of a town. */
function settingsIn(number: number, overrides: Partial<Settings>): Settings {
  return settingsOf({ nodeName: `node${number}`, ...overrides });
}
