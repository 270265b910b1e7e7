/**
 * Never a route over a path that is down while another path of that peer is up.
 *
 * What was moved already is moved on in the very step in which its carrier goes down, and goes home in the step in
 * which its own path is up. What goes straight may stay on a dead path until the evidence is newer than the other
 * path's good news: see newerEvidenceMs. A freeze of ours stops that clock, a sleep starts it anew.
 */
import type { Address, Ms, PathView, Snapshot } from "../../../lib/core/types.ts";
import { newerEvidenceMs } from "../bounds.ts";
import type { Host } from "../host.ts";
import type { Step } from "../process.ts";
import type { Observer, World } from "../world.ts";
import type { Accuse } from "./violation.ts";

/** Since when a path of a host is down and direct while another is up. */
interface Clock {
  readonly from: Ms;
  readonly frozenMs: Ms;
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
    const { after } = step;
    const sleeps = after.counters["sleeps"] ?? 0;
    if (sleeps !== this.#sleeps.get(host)) this.#forget(host);
    this.#sleeps.set(host, sleeps);
    for (const peer of after.peers) {
      for (const path of peer.paths) this.#check(host, step.at, after, path, peer.paths);
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
    all: readonly PathView[],
  ): void {
    const { route } = path;
    if (path.health !== "down") {
      if (route !== null) this.#blame(host, at, `${path.address} is ${path.health}, yet moved`);
      if (this.#clocks.size === 0) return;
    }
    for (const other of all) {
      if (other === path) continue;
      const isBetter = path.health === "down" && other.health === "up" && other.good > 0 &&
        networks.some(({ name, usable }) => usable && name === other.network);
      const key = `${host.name} ${path.address} ${other.address}`;
      if (!isBetter || route !== null) this.#clocks.delete(key);
      if (!isBetter) continue;
      if (route === null) this.#time(host, at, key, path.address);
      else {
        const carrier = all.find((each) => each.address === route.gateway);
        if (carrier?.health === "up") continue;
        this.#blame(host, at, `${path.address} goes via ${route.gateway}, which is not up`);
      }
    }
  }

  #time(host: Host, at: Ms, key: string, address: Address): void {
    const frozenMs = host.process?.frozenMs ?? 0;
    const clock = this.#clocks.get(key);
    if (clock === undefined) {
      this.#clocks.set(key, { from: at, frozenMs });
      return;
    }
    const peer = this.#world.ownerOf(address);
    if (peer === null) return;
    const lasted = at - clock.from - (frozenMs - clock.frozenMs);
    const bound = newerEvidenceMs(host, peer);
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
