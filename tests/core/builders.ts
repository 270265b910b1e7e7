/**
 * What the tests of the core build their cases from: settings, networks, packets, and a bench that runs one machine
 * in virtual time among scripted peers. Nothing here reads a clock or sleeps.
 *
 * Networks are named by a letter: A is 10.1.0.0/16 on eth1, B is 10.2.0.0/16 on eth2, and so on. A host has one
 * number on all of them: host 2 is 10.1.0.2 on A and 10.2.0.2 on B. Host 1 is the machine under test.
 */
import type {
  ActualRoutes,
  Address,
  Effect,
  Event,
  Ms,
  Network,
  NetworkName,
  Notice,
  PathView,
  Random,
  Settings,
  WantedRoutes,
} from "../../lib/core/types.ts";
import { Machine } from "../../lib/core/machine.ts";
import type { Packet, PacketKind } from "../../lib/core/packet.ts";
import { answerWaitCeilingMs, answerWaitFloorMs } from "../../lib/core/timing.ts";
import { decode, encode } from "../../lib/core/wire.ts";

/** The number of the machine under test. */
export const OWN = 1;

/** What a kernel shows in which nothing of ours was left. */
export const NOTHING_LEFT: ActualRoutes = { rules: 0, routes: new Map(), foreign: 0 };

/** Settings of a requestor, 1 s, 3 misses, 4 good packets; what a case is about is overridden. */
export function settingsOf(overrides: Partial<Settings> = {}): Settings {
  const intervalMs = overrides.intervalMs ?? 1000;
  const confirmIntervalMs = overrides.confirmIntervalMs ?? intervalMs;
  return {
    requestor: true,
    intervalMs,
    confirmIntervalMs,
    answerWait: {
      floorMs: answerWaitFloorMs(intervalMs, confirmIntervalMs),
      ceilingMs: answerWaitCeilingMs(intervalMs),
    },
    loss: { window: 100, leaveAbove: 0.2, returnBelow: 0.05 },
    holdDown: { limitMs: 300_000, quietMs: 60_000 },
    failback: { kind: "auto" },
    stopGraceMs: 30_000,
    auth: "off",
    allow: null,
    failAfter: 3,
    restoreAfter: 4,
    port: 32453,
    nodeName: "own",
    networks: [],
    peers: [],
    routing: { table: 245, rulePriority: 3245, protocol: 245 },
    ...overrides,
  };
}

/** A repeatable source of randomness (mulberry32); never 0 bits twice in a row in practice. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    fraction: () => next() / 2 ** 32,
    bits64: () => BigInt(next()) * 2n ** 32n + BigInt(next()),
  };
}

/** Randomness whose fraction is always the same, so that all spacings are. */
export function steady(fraction: number, seed = 1): Random {
  return { ...seeded(seed), fraction: () => fraction };
}

/** The address of a host on a network. */
export function at(network: NetworkName, host: number): Address {
  return `10.${octetOf(network)}.${host >> 8}.${host & 255}`;
}

function octetOf(network: NetworkName): number {
  return network.charCodeAt(0) - 64;
}

/** One of our networks, as the host reports it. */
export function networkOf(name: NetworkName, overrides: Partial<Network> = {}): Network {
  return {
    name,
    interfaceName: `eth${octetOf(name)}`,
    family: 4,
    address: at(name, OWN),
    prefixLength: 16,
    broadcast: `10.${octetOf(name)}.255.255`,
    usable: true,
    ...overrides,
  };
}

/** The same network without carrier. */
export function dead(name: NetworkName): Network {
  return networkOf(name, { usable: false, reason: "no carrier" });
}

/** What the host reports when its networks are these, in this order. */
export function networksOf(...networks: readonly Network[]): Event {
  return { kind: "networks", networks, problems: [] };
}

/** A packet of host 2 on A and B; what a case is about is overridden. */
export function packetOf(overrides: Partial<Packet> = {}): Packet {
  const kind = overrides.kind ?? "inq";
  return {
    kind,
    requestor: true,
    direct: false,
    passing: false,
    boot: 2n,
    counter: 1,
    sequence: kind === "state" ? 0 : 1,
    nonce: kind === "state" ? 0n : 99n,
    intervalMs: 1000,
    failAfter: 3,
    name: "node2",
    interfaces: [interfaceOf("A", 2), interfaceOf("B", 2)],
    source: at("A", 2),
    unheard: [],
    heard: null,
    lossy: [],
    spreadMs: 0,
    goodbyeMs: null,
    ...overrides,
  };
}

/** One network of a peer, as its packets list it. */
export function interfaceOf(network: NetworkName, host: number, usable = true) {
  const place = { address: at(network, host), prefixLength: 16 };
  return { ...place, usable, drained: false, hearsNobody: false };
}

/** The event of a packet that arrives on a network. */
export function datagram(packet: Packet, network: NetworkName, from: Address): Event {
  // Whatever else it says, it says by which of its interfaces it left; one that does not list it has to say another.
  const isListed = (address: Address) => packet.interfaces.some((each) => each.address === address);
  const first = packet.interfaces[0]?.address ?? packet.source;
  const source = [from, packet.source].find(isListed) ?? first;
  const bytes = encode({ ...packet, source });
  return { kind: "datagram", network, from, port: 32453, bytes };
}

type Send = Extract<Effect, { readonly kind: "send" }>;
type RouteEffect = Extract<Effect, { readonly kind: "route" }>;

/** The sends among effects, with their packets decoded. */
export function sendsIn(effects: readonly Effect[]): (Send & { readonly packet: Packet })[] {
  return effects.filter((each) => each.kind === "send").map((each) => {
    const decoded = decode(each.bytes);
    if (decoded.drop !== undefined) throw new Error(`sent what is dropped: ${decoded.drop}`);
    return { ...each, packet: decoded.packet };
  });
}

/** The notices among effects. */
export function noticesIn(effects: readonly Effect[]): Notice[] {
  return effects.flatMap((each) => each.kind === "notice" ? [each.notice] : []);
}

/** The requests to the route switcher among effects. */
export function routesIn(effects: readonly Effect[]): RouteEffect[] {
  return effects.filter((each) => each.kind === "route");
}

/** Where wanted routes lead, as text that a failed assertion shows well: "10.1.0.2 via 10.2.0.2 eth2". */
export function routeText(wanted: WantedRoutes): string[] {
  return [...wanted.routes.values()].map((route) =>
    `${route.address} via ${route.gateway} ${route.interfaceName}`
  );
}

/** The kernel after a request was carried out to the letter. */
export function applied(wanted: WantedRoutes, before: ActualRoutes): ActualRoutes {
  const routes = new Map(wanted.routes);
  for (const address of wanted.keep) {
    const there = before.routes.get(address);
    if (there !== undefined) routes.set(address, there);
  }
  return { rules: 1, routes, foreign: before.foreign };
}

/** A peer that follows a script, not a machine: it answers as it is told, and says what it is told. */
export class FakePeer {
  readonly host: number;
  boot: bigint;
  counter = 0;
  /** The networks it is on, and claims. */
  networks: NetworkName[];
  /** The networks on which it answers. */
  answersOn: Set<NetworkName>;
  /** Whether it sends inquiries; only the label in its packets, the bench sends none by itself. */
  requestor: boolean;
  intervalMs: Ms = 1000;
  /** From inquiry to answer. */
  delayMs: Ms = 1;
  /** What its packets say beyond the ordinary. */
  says: Partial<Packet> = {};
  readonly #sequences = new Map<NetworkName, number>();

  constructor(host: number, networks: readonly NetworkName[], requestor = false) {
    this.host = host;
    this.boot = BigInt(host);
    this.networks = [...networks];
    this.answersOn = new Set(networks);
    this.requestor = requestor;
  }

  get name(): string {
    return `node${this.host}`;
  }

  /** The next packet of this peer. */
  packet(kind: PacketKind, overrides: Partial<Packet> = {}): Packet {
    this.counter += 1;
    return packetOf({
      kind,
      requestor: this.requestor,
      boot: this.boot,
      counter: this.counter,
      intervalMs: this.intervalMs,
      name: this.name,
      interfaces: this.networks.map((network) => interfaceOf(network, this.host)),
      ...this.says,
      ...overrides,
    });
  }

  /** The event of its next inquiry on a network, or of one that is numbered otherwise. */
  inquiry(network: NetworkName, overrides: Partial<Packet> = {}): Event {
    const next = (this.#sequences.get(network) ?? 0) + 1;
    if (overrides.sequence === undefined) this.#sequences.set(network, next);
    const packet = this.packet("inq", { sequence: next, nonce: 7n * BigInt(next), ...overrides });
    return datagram(packet, network, at(network, this.host));
  }

  /** The event of its statement on a network. */
  statement(network: NetworkName, overrides: Partial<Packet> = {}): Event {
    return datagram(this.packet("state", overrides), network, at(network, this.host));
  }
}

/** Something the machine did, with its moment. */
export interface Deed {
  readonly at: Ms;
  readonly effect: Effect;
}

/** One machine in virtual time, a kernel that obeys at once, and scripted peers. */
export class Bench {
  now: Ms;
  readonly machine: Machine;
  readonly deeds: Deed[] = [];
  readonly peers: FakePeer[];
  kernel: ActualRoutes;
  /** How late every wake is; what arrives meanwhile waits in the socket. */
  latenessMs: Ms = 0;
  /** Whether the route switcher answers. */
  switcherWorks = true;
  #arrivals: { readonly at: Ms; readonly event: Event }[] = [];

  constructor(options: {
    readonly settings?: Partial<Settings>;
    readonly networks?: readonly Network[];
    readonly peers?: readonly FakePeer[];
    readonly random?: Random;
    readonly left?: ActualRoutes;
    readonly drained?: readonly NetworkName[];
    readonly start?: Ms;
  } = {}) {
    this.now = options.start ?? 1000;
    this.kernel = options.left ?? NOTHING_LEFT;
    this.peers = [...options.peers ?? []];
    this.machine = new Machine(
      settingsOf(options.settings),
      options.random ?? steady(1),
      this.kernel,
      this.now,
      null,
      options.drained ?? [],
    );
    const networks = options.networks ?? [networkOf("A"), networkOf("B")];
    this.feed(networksOf(...networks));
  }

  /** Hands an event to the machine now; returns its effects, which are carried out. */
  feed(event: Event): Effect[] {
    const effects = this.machine.handle(event, this.now);
    for (const effect of effects) this.#perform(effect);
    return effects;
  }

  /** Lets an event arrive later. */
  arrive(event: Event, at: Ms): void {
    this.#arrivals.push({ at, event });
    this.#arrivals.sort((a, b) => a.at - b.at);
  }

  /** Lets time pass, waking the machine as it asked to be; returns what it did meanwhile. */
  advance(ms: Ms): Effect[] {
    const until = this.now + ms;
    const first = this.deeds.length;
    for (;;) {
      const arrival = this.#arrivals[0]?.at ?? Infinity;
      const wakeAt = Math.min(this.machine.nextDeadline(), arrival) + this.latenessMs;
      if (wakeAt > until) break;
      this.now = Math.max(this.now, wakeAt);
      this.#wake();
    }
    this.now = until;
    return this.deeds.slice(first).map((deed) => deed.effect);
  }

  /** Lets time pass until a notice comes for which `isIt` holds; returns how long that took, null if it never came. */
  advanceTo(isIt: (notice: Notice) => boolean, withinMs: Ms): Ms | null {
    const start = this.now;
    const first = this.deeds.length;
    while (this.now < start + withinMs) {
      this.advance(Math.min(1, start + withinMs - this.now));
      const deed = this.deeds.slice(first).find(({ effect }) =>
        effect.kind === "notice" && isIt(effect.notice)
      );
      if (deed !== undefined) return deed.at - start;
    }
    return null;
  }

  /** One path as the machine sees it now. */
  path(network: NetworkName, host = 2): PathView {
    const address = at(network, host);
    for (const peer of this.machine.snapshot(this.now).peers) {
      const found = peer.paths.find((path) => path.address === address);
      if (found !== undefined) return found;
    }
    throw new Error(`there is no path ${address}`);
  }

  /** What is wanted of the kernel last. */
  get wanted(): WantedRoutes {
    const last = this.deeds.map((deed) => deed.effect).findLast((each) => each.kind === "route");
    if (last === undefined) throw new Error("nothing was asked of the route switcher");
    return last.wanted;
  }

  /** A counter of the snapshot; 0 where it was never counted. */
  counter(name: string): number {
    return this.machine.snapshot(this.now).counters[name] ?? 0;
  }

  #wake(): void {
    if (this.machine.nextDeadline() <= this.now) this.feed({ kind: "tick" });
    while (this.#arrivals[0] !== undefined && this.#arrivals[0].at <= this.now) {
      this.feed((this.#arrivals.shift() as { event: Event }).event);
    }
  }

  #perform(effect: Effect): void {
    this.deeds.push({ at: this.now, effect });
    if (effect.kind === "send") this.#deliver(effect);
    if (effect.kind !== "route" || !this.switcherWorks) return;
    const actual = applied(effect.wanted, this.kernel);
    this.kernel = actual;
    const { generation } = effect;
    const report = { generation, actual, refused: [], changes: 1, found: null, tookMs: 0.5 };
    this.arrive({ kind: "routes", report }, this.now);
  }

  #deliver(send: Send): void {
    const [sent] = sendsIn([send]);
    if (sent === undefined || sent.packet.kind !== "inq") return;
    const { sequence, nonce } = sent.packet;
    for (const peer of this.peers) {
      const address = at(send.network, peer.host);
      const isForIt = send.to.endsWith(".255.255") || send.to === address;
      if (!isForIt || !peer.answersOn.has(send.network)) continue;
      const answer = peer.packet("ack", { sequence, nonce });
      this.arrive(datagram(answer, send.network, address), this.now + peer.delayMs);
    }
  }
}

/** The notices of one kind among the deeds of a bench, from the deed with number `since` on. */
export function told<Kind extends Notice["kind"]>(bench: Bench, kind: Kind, since = 0) {
  return bench.deeds.slice(since).flatMap(({ effect }) => noticesIn([effect])).filter((
    notice,
  ): notice is Extract<Notice, { readonly kind: Kind }> => notice.kind === kind);
}
