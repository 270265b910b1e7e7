/** A street of real machines on simulated LANs, and a host that probes there, in virtual time. */
import { assertEquals } from "@std/assert";
import { Machine } from "../../lib/core/machine.ts";
import { Probe, type ProbeNews, type ProbePlan } from "../../lib/core/probe.ts";
import type { ProbedPath } from "../../lib/core/probe_report.ts";
import type { Ms, NetworkName, Sealer, Settings } from "../../lib/core/types.ts";
import {
  at,
  networkOf,
  networksOf,
  NOTHING_LEFT,
  seeded,
  sendsIn,
  settingsOf,
  steady,
} from "./builders.ts";

const PORT = 32453;
/** Of the probe; no node has it. */
const SEED = 4242;
/** One way over a LAN. */
export const WAY_MS = 0.25;

interface Flight {
  readonly at: Ms;
  readonly deliver: (now: Ms) => void;
}

/** A host that probes, host 1 on A and B, and hosts that run a node. */
export class Street {
  now: Ms = 1000;
  readonly probe: Probe;
  readonly news: ProbeNews[] = [];
  /** What is lost: "A" altogether, "A 2" to and from host 2, "A 2 3" the same in round 3. */
  readonly cuts = new Set<string>();
  /** Whom broadcast does not reach. */
  readonly remote = new Set<number>();
  /** How many datagrams the probe sent. */
  sent = 0;
  readonly #nodes = new Map<number, Machine>();
  #flights: Flight[] = [];
  #round = 0;

  constructor(plan: Partial<ProbePlan> = {}) {
    const networks = [networkOf("A"), networkOf("B")];
    this.probe = new Probe(
      {
        networks,
        asked: new Set(networks.map(({ name }) => name)),
        nodeName: "own",
        port: PORT,
        rounds: 4,
        intervalMs: 500,
        waitMs: 400,
        peers: [],
        wanted: [],
        sealer: null,
        isEnforced: false,
        ...plan,
      },
      seeded(SEED),
      this.now,
    );
  }

  /** A node on these networks, all of whose cables are fine. */
  add(host: number, networks = ["A", "B"], settings: Partial<Settings> = {}, key?: Sealer): Street {
    const own = settingsOf({ requestor: false, nodeName: `node${host}`, ...settings });
    const machine = new Machine(own, steady(1, host), NOTHING_LEFT, this.now, key ?? null);
    const there = networks.map((name) => networkOf(name, { address: at(name, host) }));
    machine.handle(networksOf(...there), this.now);
    this.#nodes.set(host, machine);
    return this;
  }

  /** Runs until the probe is over, or until a moment. */
  run(until: Ms = Infinity): Street {
    for (;;) {
      const [flight] = this.#flights;
      const wakes = [this.probe.nextAt() ?? Infinity, flight?.at ?? Infinity];
      const deadlines = [...this.#nodes.values()].map((node) => node.nextDeadline());
      const over = wakes[0] === Infinity && flight === undefined;
      const next = Math.min(...wakes, ...deadlines);
      if (over || next > until) break;
      this.now = Math.max(this.now, next);
      for (const [host, node] of this.#nodes) {
        if (node.nextDeadline() <= this.now) {
          this.#carry(host, node.handle({ kind: "tick" }, this.now));
        }
      }
      if (flight !== undefined && flight.at <= this.now) {
        this.#flights.shift();
        flight.deliver(this.now);
      } else this.#tick();
    }
    return this;
  }

  paths(): Record<string, readonly [number, number]> {
    const { nodes } = this.probe.report(this.now);
    return Object.fromEntries(
      nodes.flatMap((node) =>
        node.paths.map((path) => [`${node.name} ${path.network}`, [path.answered, path.asked]])
      ),
    );
  }

  path(node: string, network: NetworkName): ProbedPath {
    const found = this.probe.report(this.now).nodes.find(({ name }) => name === node)?.paths
      .find((path) => path.network === network);
    if (found === undefined) throw new Error(`no path of ${node} on ${network}`);
    return found;
  }

  #tick(): void {
    const next = this.probe.nextAt();
    if (next === null || next > this.now) return;
    const { sends, news } = this.probe.tick(this.now);
    this.news.push(...news);
    if (sends.length > 0) this.#round += 1;
    for (const { network, to, port, bytes } of sends) {
      this.sent += 1;
      assertEquals(port, PORT);
      for (const [host, node] of this.#nodes) {
        const isForIt = to === at(network, host) ||
          (to.endsWith(".255.255") && !this.remote.has(host));
        if (!isForIt || this.#isCut(network, host)) continue;
        const from = at(network, 1);
        const event = { kind: "datagram", network, from, port: 40_001, bytes } as const;
        this.#fly((now) => this.#carry(host, node.handle(event, now)));
      }
    }
  }

  /** Carries what a node sends to the prober. */
  #carry(host: number, effects: ReturnType<Machine["handle"]>): void {
    for (const { network, to, port, bytes } of sendsIn(effects)) {
      if (to !== at(network, 1) || this.#isCut(network, host)) continue;
      assertEquals(port, 40_001);
      this.arrive(network, at(network, host), bytes);
    }
  }

  /** Lets bytes arrive at the prober. */
  arrive(network: NetworkName, from: string, bytes: Uint8Array): void {
    this.#fly((now) => {
      const news = this.probe.take(network, from, bytes, now);
      if (news !== null) this.news.push(news);
    });
  }

  #fly(deliver: Flight["deliver"]): void {
    this.#flights.push({ at: this.now + WAY_MS, deliver });
    this.#flights.sort((a, b) => a.at - b.at);
  }

  #isCut(network: NetworkName, host: number): boolean {
    return [network, `${network} ${host}`, `${network} ${host} ${this.#round}`].some((each) =>
      this.cuts.has(each)
    );
  }
}
