/**
 * How soon a node may state again, unasked, on a network.
 *
 * A second fault soon after the first must not wait: until the peers hear of it they send into a dead network, with a
 * long interval for many seconds. But when a LAN with many peers dies they fall one after the other, and each node
 * would state each of the falls. So the spacing is short at first; every statement that is not the first for long
 * doubles it, up to what is left to a storm.
 */
import type { Lan } from "./lan.ts";
import { stateSpacingMs } from "./timing.ts";
import type { Ms } from "./types.ts";

/** The spacing at first, in ms, unless that of a storm is shorter. */
const FIRST_SPACING_MS: Ms = 100;

/** After a pause of so many spacings of a storm it is over. */
const PAUSE = 2;

/** Paces the statements of one node, on each network by itself. */
export class StatementPace {
  readonly #spacings = new WeakMap<Lan, Ms>();

  /** When the next statement on a network may go out, with this interval. */
  dueAt(lan: Lan, intervalMs: Ms): Ms {
    return lan.statedAt + this.#spacingOf(lan, intervalMs);
  }

  /** Takes note of a statement that goes out now, before `lan.statedAt` tells of it. */
  take(lan: Lan, intervalMs: Ms, now: Ms): void {
    const spacingMs = this.#spacingOf(lan, intervalMs);
    const isFirst = now - lan.statedAt >= PAUSE * stateSpacingMs(intervalMs);
    this.#spacings.set(lan, isFirst ? FIRST_SPACING_MS : 2 * spacingMs);
  }

  #spacingOf(lan: Lan, intervalMs: Ms): Ms {
    const spacingMs = this.#spacings.get(lan) ?? FIRST_SPACING_MS;
    return Math.min(spacingMs, stateSpacingMs(intervalMs));
  }
}
