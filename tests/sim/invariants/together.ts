/**
 * Both ends move together: when one of them moves the traffic for the other off a LAN, the other does the same as soon
 * as it hears of that, not when its own timers come to the same end.
 *
 * Promised where some LAN carries packets both ways, the world stood still before, and neither end was away lately. Who
 * hears of it moves in that turn: the time until it is told, if something was told just before, the way there, its
 * lateness, and its turn. Where it misses packets itself by then,
 * it waits until something that it hears elsewhere is newer than its first miss: one interval of whoever inquires.
 */
import { stateSpacingMs } from "../../../lib/core/timing.ts";
import type { Address, Ms, NetworkName, PathView, Snapshot } from "../../../lib/core/types.ts";
import { latenessMs, LONGEST_WAY_MS, settlingMs, spacingMs } from "../bounds.ts";
import type { Host } from "../host.ts";
import type { Step } from "../process.ts";
import { areRelated, isLossy, isMutual } from "../traffic.ts";
import type { Observer, World } from "../world.ts";
import type { Accuse } from "./violation.ts";

/** One end moved, the other did not yet. */
interface Clock {
  readonly mover: Host;
  readonly other: Host;
  readonly network: NetworkName;
  readonly from: Ms;
  /** What it may take, and what it may take longer if the other end misses packets by then. */
  bound: Ms;
  evidenceMs: Ms;
}

/** Watches all pairs of hosts. */
export class Together implements Observer {
  /** The longest time that the second end took, by what it might have taken; for people. */
  worst: { readonly lastedMs: Ms; readonly boundMs: Ms } | null = null;
  readonly #world: World;
  readonly #accuse: Accuse;
  readonly #settlingMs: Ms;
  readonly #clocks = new Map<string, Clock>();
  #changedAt: Ms = 0;
  #settledAt: Ms;
  #isWatching = false;

  constructor(world: World, accuse: Accuse) {
    this.#world = world;
    this.#accuse = accuse;
    this.#settlingMs = settlingMs(world);
    this.#settledAt = this.#settlingMs;
  }

  /** Only what follows from one thing done to a world that stood still is looked at, until the next is done. */
  done(): void {
    this.#isWatching = this.#world.now >= this.#settledAt && !isLossy(this.#world);
    this.#settledAt = this.#world.disturbedAt + this.#settlingMs;
    this.#changedAt = this.#world.disturbedAt;
    this.#clocks.clear();
  }

  step(host: Host, step: Step): void {
    if (!this.#isWatching || step.at <= this.#changedAt) return;
    for (const clock of this.#clocks.values()) this.#follow(host, step.at, clock);
    if (step.before === step.after) return;
    for (const peer of this.#world.hosts.values()) {
      if (peer.process === null || !areRelated(host, peer)) continue;
      for (const { lan, address } of peer.ports) {
        if (address !== null) this.#compare(host, peer, lan.name, address, step);
      }
    }
  }

  #compare(host: Host, peer: Host, network: NetworkName, address: Address, step: Step): void {
    const now = pathOf(step.after, address);
    if (now === null || now.route === null) {
      return void this.#clocks.delete(keyOf(host, peer, network));
    }
    this.#end(keyOf(peer, host, network));
    const was = pathOf(step.before, address);
    if (was === null || was.route !== null || now.health !== "down") return;
    if (!this.#isPromised(host, peer, network)) return;
    const theirs = this.#viewOf(peer, host, network);
    if (theirs === null || theirs.route !== null || theirs.health !== "up") return;
    const t = Math.max(host.settings.intervalMs, peer.settings.intervalMs);
    const told = stateSpacingMs(host.settings.intervalMs);
    const bound = LONGEST_WAY_MS + told + latenessMs(peer) + 2 * latenessMs(host);
    const evidenceMs = spacingMs(peer, t) + spacingMs(host);
    const clock = { mover: host, other: peer, network, from: step.at, bound, evidenceMs };
    this.#clocks.set(keyOf(host, peer, network), clock);
    this.#follow(peer, step.at, clock);
  }

  #follow(host: Host, at: Ms, clock: Clock): void {
    const { other, mover, network } = clock;
    if (host === other && (this.#viewOf(other, mover, network)?.misses ?? 0) > 0) {
      clock.bound += clock.evidenceMs;
      clock.evidenceMs = 0;
    }
    if (at > clock.from + clock.bound) this.#judge(clock);
  }

  /** Whether the other end can hear of it at once, and nothing else is in the way. */
  #isPromised(host: Host, peer: Host, network: NetworkName): boolean {
    const since = this.#changedAt - this.#settlingMs;
    if (host.startedAt > since || peer.startedAt > since) return false;
    if (host.isAbsentSince(since) || peer.isAbsentSince(since)) return false;
    for (const lan of this.#world.lans.values()) {
      if (lan.name !== network && isMutual(host, peer, lan)) return true;
    }
    return false;
  }

  #judge({ mover, other, network, from, bound }: Clock): void {
    // It may have learnt that there is no such address any more.
    if ((this.#viewOf(other, mover, network)?.health ?? "unknown") === "unknown") return;
    const lasted = this.#world.now - from;
    const text = `${mover.name} moved on ${network} ${lasted.toFixed(1)} ms ago, we did not yet, ` +
      `allowed are ${bound.toFixed(1)}`;
    this.#accuse({ invariant: "together", at: this.#world.now, host: other.name, text });
  }

  #end(key: string): void {
    const clock = this.#clocks.get(key);
    if (clock === undefined) return;
    this.#clocks.delete(key);
    const lastedMs = this.#world.now - clock.from;
    if (lastedMs > clock.bound) this.#judge(clock);
    if (lastedMs > (this.worst?.lastedMs ?? 0)) this.worst = { lastedMs, boundMs: clock.bound };
  }

  /** How `host` sees the address of `peer` on a network. */
  #viewOf(host: Host, peer: Host, network: NetworkName): PathView | null {
    const address = peer.ports.find(({ lan }) => lan.name === network)?.address ?? null;
    if (address === null || host.process === null) return null;
    return pathOf(host.process.snapshot, address);
  }
}

function keyOf(mover: Host, other: Host, network: NetworkName): string {
  return `${mover.name} ${other.name} ${network}`;
}

function pathOf(snapshot: Snapshot, address: Address): PathView | null {
  for (const peer of snapshot.peers) {
    for (const path of peer.paths) if (path.address === address) return path;
  }
  return null;
}
