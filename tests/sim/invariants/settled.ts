/**
 * What is true of a world that nobody touched for so long that it stands still (settlingMs), as long as some LAN
 * carries packets both ways between two hosts that ask each other:
 *
 *   agreement -> each of them has found down, and moved the traffic for the other off, exactly the LANs that do not
 *                carry it both ways, so both have or neither; one that works may still be held (held.ts)
 *   traffic   -> packets for every address that the other has arrive
 *
 * And of any world: traffic between two such hosts that was in order flows again, after somebody touched the world,
 * within the time of detection. Before it stood still other faults may be in the way, so then restoring may be what
 * is waited for.
 */
import type { Address, Ms, NetworkName, PathView } from "../../../lib/core/types.ts";
import {
  applyMs,
  detectionMs,
  latenessMs,
  LONGEST_WAY_MS,
  LOOK_MS,
  settlingMs,
  spacingMs,
} from "../bounds.ts";
import { type Host, LONGEST_ERRAND_MS } from "../host.ts";
import { isLive } from "../lan.ts";
import type { Step } from "../process.ts";
import { areRelated, hasMutual, isLossy, isMutual, passage } from "../traffic.ts";
import type { Observer, World } from "../world.ts";
import type { Accuse } from "./violation.ts";

/** How often a world that stands still is looked at, in ms. */
const EVERY_MS = 250;

/** An outage of the traffic from one host to an address of another. */
interface Outage {
  readonly from: Ms;
  /** Whether the world stood still before. */
  readonly wasSettled: boolean;
}

/** Watches all pairs of hosts. */
export class Settled implements Observer {
  /** The longest outage of a world that stood still before, by what it may last; for people. */
  worst: { readonly lastedMs: Ms; readonly boundMs: Ms } | null = null;
  readonly #world: World;
  readonly #accuse: Accuse;
  readonly #settlingMs: Ms;
  readonly #outages = new Map<string, Outage>();
  #related: (readonly [Host, Host])[] | null = null;
  #settledAt: Ms;
  #checkedAt: Ms = 0;

  constructor(world: World, accuse: Accuse) {
    this.#world = world;
    this.#accuse = accuse;
    this.#settlingMs = settlingMs(world);
    this.#settledAt = this.#settlingMs;
  }

  done(): void {
    const wasSettled = this.#world.now >= this.#settledAt;
    this.#settledAt = this.#world.disturbedAt + this.#settlingMs;
    // Two things in the way: no promise for either of them alone.
    for (const [key, outage] of this.#outages) {
      this.#outages.set(key, { ...outage, wasSettled: false });
    }
    this.#measure(wasSettled);
  }

  switched(): void {
    this.#measure(false);
  }

  disturbed(): void {
    this.#measure(false);
  }

  step(_host: Host, { at }: Step): void {
    if (at - this.#checkedAt < EVERY_MS) return;
    this.#checkedAt = at;
    this.#measure(false);
    if (at < this.#settledAt || this.#isExcused()) return;
    let [known, knower]: [Known, Host | null] = [new Map(), null];
    for (const [host, peer] of this.#pairs()) {
      if (knower !== host) [known, knower] = [knownOf(host), host];
      this.#checkPair(host, known, peer, at);
    }
  }

  /** Brings the outages up to date with the kernels and LANs as they are now. */
  #measure(wasSettled: boolean): void {
    const { now } = this.#world;
    const isExcused = this.#isExcused();
    let [known, knower]: [Known, Host | null] = [new Map(), null];
    for (const [host, peer] of this.#pairs()) {
      if (knower !== host) [known, knower] = [knownOf(host), host];
      for (const { address } of peer.ports) {
        const isWell = isExcused || address === null || !known.has(address) ||
          passage(host, peer, address).arrives || !hasMutual(this.#world, host, peer);
        if (isWell && this.#outages.size === 0) continue;
        const key = `${host.name} ${address}`;
        if (isWell) this.#end(key, host, peer, now);
        else if (!this.#outages.has(key)) this.#outages.set(key, { from: now, wasSettled });
        else this.#judge(key, host, peer, now);
      }
    }
  }

  #end(key: string, host: Host, peer: Host, now: Ms): void {
    const outage = this.#outages.get(key);
    if (outage === undefined) return;
    this.#judge(key, host, peer, now);
    this.#outages.delete(key);
    if (!outage.wasSettled) return;
    const lastedMs = now - outage.from;
    if (lastedMs > (this.worst?.lastedMs ?? 0)) {
      this.worst = { lastedMs, boundMs: outageMs(host, peer) };
    }
  }

  #judge(key: string, host: Host, peer: Host, now: Ms): void {
    const outage = this.#outages.get(key);
    if (outage === undefined) return;
    const bound = outage.wasSettled ? outageMs(host, peer) : this.#settlingMs;
    const since = Math.max(outage.from, outage.wasSettled ? 0 : this.#world.disturbedAt);
    const lasted = now - since;
    if (lasted <= bound) return;
    const text = `packets to ${key.split(" ")[1]} of ${peer.name} are lost for ${
      lasted.toFixed(1)
    } ms, allowed are ${bound.toFixed(1)}`;
    this.#accuse({ invariant: "traffic", at: now, host: host.name, text });
  }

  #checkPair(host: Host, known: Known, peer: Host, at: Ms): void {
    if (!hasMutual(this.#world, host, peer)) return;
    const blame = (text: string) =>
      this.#accuse({ invariant: "agreement", at, host: host.name, text });
    for (const lan of this.#world.lans.values()) {
      const address = addressOn(peer, lan.name);
      const path = address === null ? undefined : known.get(address);
      if (path === undefined) continue;
      const what = `${address} of ${peer.name}`;
      if (isMutual(host, peer, lan)) {
        if (path.health !== "up") {
          blame(`${what} is ${path.health}, but ${lan.name} carries both ways`);
        }
        if (path.route !== null && path.hold === null) {
          blame(`${what} is moved off ${lan.name}, which works`);
        }
      } else {
        if (path.health === "up") blame(`${what} is up, but ${lan.name} does not carry both ways`);
        if (path.route === null) blame(`${what} is not moved off ${lan.name}, which does not work`);
      }
    }
  }

  /** Nothing can be promised while loss strikes at random or a switcher is in trouble. */
  #isExcused(): boolean {
    if (isLossy(this.#world)) return true;
    return [...this.#world.hosts.values()].some((host) => host.isTroubled);
  }

  /** Pairs of hosts that ask each other, both running; by their first. */
  *#pairs(): Iterable<readonly [Host, Host]> {
    this.#related ??= relatedPairs(this.#world);
    for (const pair of this.#related) {
      if (pair[0].process !== null && pair[1].process !== null) yield pair;
    }
  }
}

function relatedPairs(world: World): (readonly [Host, Host])[] {
  const all = [...world.hosts.values()];
  return all.flatMap((host) =>
    all.filter((peer) => areRelated(host, peer)).map((peer) => [host, peer] as const)
  );
}

/**
 * How long traffic from `host` to `peer` may be interrupted by one fault: until the slower of the two has noticed
 * and told the other, whose route then has to be changed. With an interface of our own gone, changes are refused for as
 * long as we do not know, which without an announcement is until the next regular look.
 */
function outageMs(host: Host, peer: Host): Ms {
  const detection = Math.max(detectionMs(host, peer), detectionMs(peer, host));
  const looking = isIntact(host) ? LONGEST_ERRAND_MS : LOOK_MS;
  return detection + LONGEST_WAY_MS + latenessMs(host) + looking + applyMs(host) + spacingMs(host);
}

/** Whether all interfaces of a host are as they were made. */
function isIntact(host: Host): boolean {
  return host.ports.every((port) => isLive(port) && port.address === port.home);
}

function addressOn(host: Host, lan: NetworkName): Address | null {
  return host.ports.find((port) => port.lan.name === lan)?.address ?? null;
}

/** The paths that a host knows, by address. */
type Known = ReadonlyMap<Address, PathView>;

function knownOf(host: Host): Known {
  const paths = host.process?.snapshot.peers.flatMap((peer) => peer.paths) ?? [];
  return new Map(paths.map((path) => [path.address, path]));
}
