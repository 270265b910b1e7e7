/**
 * What may never be, at any moment:
 *
 *   own-networks -> a route to an address, over a gateway or interface, or a packet to a destination outside the
 *                   networks that this host is or was on
 *   nothing-left -> anything of ours in the kernel after a clean end
 *   limits       -> a deadline that is not in the future, more wakes, requests, notices or effects than the interval
 *                   and the number of peers explain
 */
import { contains, type Subnet, subnetOf } from "../../../lib/core/address.ts";
import type { Address, Effect, HostRoute, Ms } from "../../../lib/core/types.ts";
import type { Host } from "../host.ts";
import type { Step } from "../process.ts";
import type { Observer, World } from "../world.ts";
import type { Accuse, InvariantName } from "./violation.ts";

/** What happened in the present second of a host's life. */
interface Second {
  readonly since: Ms;
  ticks: number;
  requests: number;
  notices: number;
}

const SECOND_MS = 1000;

/** Watches everything a host does. */
export class Boundaries implements Observer {
  readonly #accuse: Accuse;
  readonly #world: World;
  readonly #seconds = new Map<Host, Second>();
  /** The subnets of each host, and the destinations that were found to be in them. */
  readonly #places = new Map<Host, { readonly subnets: Subnet[]; readonly known: Set<Address> }>();
  #rounds: number | null = null;

  constructor(world: World, accuse: Accuse) {
    this.#world = world;
    this.#accuse = accuse;
  }

  started(host: Host): void {
    this.#seconds.delete(host);
  }

  ended(host: Host, isClean: boolean): void {
    if (!isClean) return;
    const { rules, routes } = host.kernel.read();
    if (rules === 0 && routes.size === 0) return;
    const left = `${rules} rules and routes for ${[...routes.keys()].join(" ") || "none"} are left`;
    this.#blame("nothing-left", host, this.#world.now, left);
  }

  step(host: Host, step: Step): void {
    const { at, effects, deadline } = step;
    if (deadline <= at) {
      this.#blame("limits", host, at, `the deadline ${deadline} is not after ${at}`);
    }
    for (const effect of effects) this.#checkPlace(host, at, effect);
    this.#count(host, step);
  }

  #checkPlace(host: Host, at: Ms, effect: Effect): void {
    if (effect.kind !== "send" && effect.kind !== "route") return;
    let place = this.#places.get(host);
    if (place === undefined) {
      place = { subnets: subnetsOf(host), known: new Set() };
      this.#places.set(host, place);
    }
    const { subnets, known } = place;
    if (effect.kind === "send") {
      if (known.has(effect.to)) return;
      if (subnets.some((subnet) => contains(subnet, effect.to))) known.add(effect.to);
      else this.#blame("own-networks", host, at, `a packet goes to ${effect.to}`);
      return;
    }
    for (const route of effect.wanted.routes.values()) {
      const why = strangeness(host, subnets, route);
      if (why !== null) this.#blame("own-networks", host, at, `${route.address}: ${why}`);
    }
  }

  #count(host: Host, { at, event, effects, after }: Step): void {
    let second = this.#seconds.get(host);
    if (second === undefined || at - second.since >= SECOND_MS) {
      second = { since: at, ticks: 0, requests: 0, notices: 0 };
      this.#seconds.set(host, second);
    }
    if (event.kind === "tick") second.ticks += 1;
    for (const { kind } of effects) {
      if (kind === "route") second.requests += 1;
      if (kind === "notice") second.notices += 1;
    }
    const paths = after.peers.reduce((sum, peer) => sum + peer.paths.length, 0);
    const lans = this.#world.lans.size;
    const rounds = this.#roundsPerSecond();
    const limits: readonly [string, number, number][] = [
      // A LAN needs a wake to ask and one to judge, and a late one drains; a mere responder judges path by path.
      ["wakes", second.ticks, 4 * lans * rounds + paths * rounds + 60],
      ["requests", second.requests, 2 * paths + 30],
      ["notices", second.notices, 4 * paths + 4 * lans + 20],
      // A broadcast and a statement on each LAN, one packet for each configured peer, and the rest one each.
      ["effects of one turn", effects.length, 3 * lans + 3 * paths + 10],
    ];
    for (const [what, count, limit] of limits) {
      if (count <= limit) continue;
      this.#blame("limits", host, at, `${count} ${what} in a second, allowed are ${limit}`);
    }
  }

  /** Inquiries of the busiest host per LAN, or to one peer, in a second, at the shortest spacing. */
  #roundsPerSecond(): number {
    if (this.#rounds !== null) return this.#rounds;
    let most = 0;
    for (const { settings } of this.#world.hosts.values()) {
      most = Math.max(most, SECOND_MS / (0.75 * settings.confirmIntervalMs));
    }
    this.#rounds = Math.ceil(most) + 1;
    return this.#rounds;
  }

  #blame(invariant: InvariantName, host: Host, at: Ms, text: string): void {
    this.#accuse({ invariant, at, host: host.name, text });
  }
}

/** The subnets that this host is or was on. */
function subnetsOf(host: Host): Subnet[] {
  return host.ports.map(({ home, prefixLength }) => subnetOf(home, prefixLength));
}

/** What is wrong with a route of this host; null: nothing. */
function strangeness(
  host: Host,
  subnets: readonly Subnet[],
  { address, gateway, interfaceName, source }: HostRoute,
): string | null {
  const position = host.ports.findIndex((port) => port.interfaceName === interfaceName);
  const subnet = subnets[position];
  if (subnet === undefined) return `over the interface ${interfaceName}, which is not ours`;
  if (!contains(subnet, gateway)) return `via ${gateway}, which is not on ${interfaceName}`;
  if (!subnets.some((each) => contains(each, address))) return "outside all our networks";
  if (isOurs(host, address)) return "it is our own address";
  if (source !== undefined && !subnets.some((each) => contains(each, source))) {
    return `from ${source}, which was never ours`;
  }
  return null;
}

function isOurs(host: Host, address: Address): boolean {
  return host.ports.some((port) => port.address === address);
}
