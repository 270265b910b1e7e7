/**
 * What is true of a world that nobody touched for so long that it stands still (settlingMs), as long as some LAN
 * carries packets both ways between two hosts that ask each other:
 *
 *   agreement -> each of them has moved the traffic for the other off exactly the LANs that do not carry it both
 *                ways, so both have moved or neither
 *   traffic   -> packets for every address that the other has arrive
 *
 * And of any world: traffic between two such hosts that was in order flows again, after somebody touched the world,
 * within the time of detection. Before it stood still other faults may be in the way, so then restoring may be what
 * is waited for.
 */
import type { Address, Ms, NetworkName } from "../../../lib/core/types.ts";
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
    for (const [host, peer] of this.#pairs()) this.#checkPair(host, movedOf(host), peer, at);
  }

  /** Brings the outages up to date with the kernels and LANs as they are now. */
  #measure(wasSettled: boolean): void {
    const { now } = this.#world;
    const isExcused = this.#isExcused();
    let [known, knower]: [ReadonlyMap<Address, boolean>, Host | null] = [new Map(), null];
    for (const [host, peer] of this.#pairs()) {
      if (knower !== host) [known, knower] = [movedOf(host), host];
      for (const { address } of peer.ports) {
        const key = `${host.name} ${address}`;
        const isWell = isExcused || !hasMutual(this.#world, host, peer) || address === null ||
          !known.has(address) || passage(host, peer, address).arrives;
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

  #checkPair(host: Host, known: ReadonlyMap<Address, boolean>, peer: Host, at: Ms): void {
    if (!hasMutual(this.#world, host, peer)) return;
    for (const lan of this.#world.lans.values()) {
      const address = addressOn(peer, lan.name);
      const moved = address === null ? undefined : known.get(address);
      if (moved === undefined) continue;
      const carries = isMutual(host, peer, lan);
      if (moved !== carries) continue;
      const text = carries
        ? `${address} of ${peer.name} is moved although ${lan.name} carries both ways`
        : `${address} of ${peer.name} is not moved although ${lan.name} does not carry both ways`;
      this.#accuse({ invariant: "agreement", at, host: host.name, text });
    }
  }

  /** Nothing can be promised while loss strikes at random or a switcher is in trouble. */
  #isExcused(): boolean {
    if (isLossy(this.#world)) return true;
    return [...this.#world.hosts.values()].some((host) => host.isTroubled);
  }

  *#pairs(): Iterable<readonly [Host, Host]> {
    for (const host of this.#world.hosts.values()) {
      if (host.process === null) continue;
      for (const peer of this.#world.hosts.values()) {
        if (peer.process !== null && areRelated(host, peer)) yield [host, peer];
      }
    }
  }
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

/** The addresses that a host knows, and whether it moved their traffic. */
function movedOf(host: Host): Map<Address, boolean> {
  const paths = host.process?.snapshot.peers.flatMap((peer) => peer.paths) ?? [];
  return new Map(paths.map((path) => [path.address, path.route !== null]));
}
