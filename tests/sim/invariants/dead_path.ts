/**
 * Never a route over a path that is down while another path of that peer is up.
 *
 * What was moved already is moved on in the very step in which its carrier goes down, and goes home in the step in
 * which its own path is up, unless it says why it is held; how long it may be is the matter of held.ts. What goes straight may stay on a dead path until the evidence is newer than the other
 * path's good news: see newerEvidenceMs. A freeze of ours stops that clock, a sleep starts it anew.
 */
import { LEARNING_MS } from "../../../lib/core/path_health.ts";
import type { Address, Ms, PathView, Snapshot } from "../../../lib/core/types.ts";
import { newerEvidenceMs, spacingMs } from "../bounds.ts";
import type { Host } from "../host.ts";
import type { Step } from "../process.ts";
import { longestDelayMs } from "../traffic.ts";
import type { Observer, World } from "../world.ts";
import type { Accuse } from "./violation.ts";

/** Since when a path of a host is down and direct while another is up. */
interface Clock {
  readonly from: Ms;
  readonly absentMs: Ms;
}

/** Whether a path is up and good packets still come by it. */
function isHeardWell(host: Host, { health, good, lastGoodAgoMs }: PathView): boolean {
  if (health !== "up" || good === 0 || lastGoodAgoMs === null) return false;
  return lastGoodAgoMs <= 2 * spacingMs(host);
}

/** Whether a host does not know yet whether it hears the other on some network. */
function isLearning(host: Host, other: Host): boolean {
  const isTheirs = ({ address, health }: PathView) =>
    health === "unknown" && other.ports.some((port) => port.address === address);
  return host.process?.snapshot.peers.some(({ paths }) => paths.some(isTheirs)) ?? false;
}

/** Watches the wanted routes of all hosts. */
export class DeadPath implements Observer {
  readonly #world: World;
  readonly #accuse: Accuse;
  readonly #clocks = new Map<string, Clock>();
  readonly #sleeps = new Map<Host, number>();

  constructor(world: World, accuse: Accuse) {
    this.#world = world;
    this.#accuse = accuse;
  }

  step(host: Host, step: Step): void {
    const { before, after } = step;
    if (before === after) return;
    const sleeps = after.counters["sleeps"] ?? 0;
    if (sleeps !== this.#sleeps.get(host)) this.#forget(host);
    this.#sleeps.set(host, sleeps);
    for (const peer of after.peers) {
      for (const path of peer.paths) this.#check(host, step.at, after, path, peer);
    }
  }

  started(host: Host): void {
    this.#forget(host);
  }

  #check(
    host: Host,
    at: Ms,
    { networks }: Snapshot,
    path: PathView,
    { paths, stopping }: Snapshot["peers"][number],
  ): void {
    const { route } = path;
    if (path.health !== "down") {
      if (route !== null && path.hold === null) {
        this.#blame(host, at, `${path.address} is ${path.health}, yet moved`);
      }
      if (this.#clocks.size === 0 && route === null) return;
    }
    this.#checkCarrier(host, at, path, paths);
    for (const other of paths) {
      if (other === path) continue;
      // Whoever said that it stops is not judged, and what is not heard any more is no better.
      const isBetter = !stopping && path.health === "down" && isHeardWell(host, other) &&
        networks.some(({ name, usable }) => usable && name === other.network);
      const key = `${host.name} ${path.address} ${other.address}`;
      if (!isBetter || route !== null) this.#clocks.delete(key);
      else this.#time(host, at, key, path.address);
    }
  }

  /** What carries moved traffic must be up while anything is that could. */
  #checkCarrier(
    host: Host,
    at: Ms,
    { address, health, route }: PathView,
    all: readonly PathView[],
  ) {
    if (route === null) return;
    const carrier = all.find((each) => each.address === route.gateway);
    if (carrier?.health === "up") return;
    const isBetter = (other: PathView) => other.address !== address && other.health === "up";
    if (health !== "up" && !all.some(isBetter)) return;
    this.#blame(host, at, `${address} goes via ${route.gateway}, which is not up`);
  }

  #time(host: Host, at: Ms, key: string, address: Address): void {
    const absentMs = host.absentMs;
    const clock = this.#clocks.get(key);
    if (clock === undefined) {
      this.#clocks.set(key, { from: at, absentMs });
      return;
    }
    const peer = this.#world.ownerOf(address);
    if (peer === null) return;
    // A peer that just learnt of us does not say yet that it does not hear us.
    if (isLearning(peer, host)) this.#clocks.set(key, { from: at + LEARNING_MS, absentMs });
    const from = Math.max(clock.from, Math.min(at, peer.startedAt + LEARNING_MS));
    const lasted = at - from - (absentMs - clock.absentMs);
    const bound = newerEvidenceMs(host, peer) + 2 * longestDelayMs(this.#world);
    if (lasted <= bound) return;
    this.#blame(
      host,
      at,
      `${address} is down and direct since ${lasted.toFixed(1)} ms while ${
        key.split(" ")[2]
      } is up, allowed are ${bound.toFixed(1)}`,
    );
  }

  #forget(host: Host): void {
    for (const key of this.#clocks.keys()) {
      if (key.startsWith(`${host.name} `)) this.#clocks.delete(key);
    }
  }

  #blame(host: Host, at: Ms, text: string): void {
    this.#accuse({ invariant: "dead-path", at, host: host.name, text });
  }
}
