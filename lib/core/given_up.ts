/**
 * Which addresses the packets of a node show to be given up: those that it had, and that a packet does not list.
 *
 * Inquiries and statements list all networks of their sender. An answer is never longer than its inquiry, and where it
 * would be it leaves out the networks that the inquiry did not name: of those it says nothing.
 */
import type { Path } from "./nodes.ts";
import type { Packet } from "./packet.ts";
import type { Ms } from "./types.ts";
import type { World } from "./world.ts";

/** What an answer answers. */
interface Answered {
  readonly inquiry: { readonly sentAt: Ms };
}

/** Tells what is given up from what was only left out. */
export class GivenUp {
  readonly #world: World;
  /** Our networks as they were when this was last asked, and a moment since when they are so. */
  #version = -1;
  #since: Ms = -Infinity;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Whether the sender of a packet no longer has the address of a path of its. `answered` has the inquiry of ours that the
   * packet answers; null: it is no answer.
   */
  isSo(path: Path, { interfaces }: Packet, answered: Answered | null, now: Ms): boolean {
    this.#look(now);
    if (interfaces.some(({ address }) => address === path.address)) return false;
    if (answered === null) return true;
    // Sent since then, the inquiry named the networks that are there now.
    return answered.inquiry.sentAt > this.#since && this.#world.lanOf(path).present;
  }

  #look(now: Ms): void {
    const { lansVersion } = this.#world;
    if (lansVersion === this.#version) return;
    this.#version = lansVersion;
    this.#since = now;
  }
}
