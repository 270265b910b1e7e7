/**
 * How often a path lost its traffic lately, and how much longer it has to stay up for its traffic because of it.
 *
 *   score: +1 with each fall, -1 for each `quietMs` since the last fall; from 0 to 16
 *
 *   score  | 0 to 2 | 3 | 4 | 5 | n                       restore is s·t, the time that -s takes anyway
 *   hold   | 0      | 1 | 3 | 7 | 2^(n-2) - 1   times restore, at most `limitMs`
 *
 * So the time from the first good packet to the return of the traffic, restore + hold, doubles with each fall. Two
 * falls are free: somebody moved a plug. Holding costs little, for the traffic is carried meanwhile; each return to a
 * path that falls again costs the time of noticing that.
 */
import type { HoldDown, Ms } from "./types.ts";

/** No more falls than these are remembered: with them even a restore time of 20 ms is held for minutes. */
export const SCORE_LIMIT = 16;

/** Falls that do not slow down the return. */
const FREE = 2;

/** The falls of one path. */
export class FlapScore {
  #rule: HoldDown;
  /** As of the last fall. */
  #score = 0;
  #fellAt: Ms = -Infinity;

  constructor(rule: HoldDown) {
    this.#rule = rule;
  }

  /** Counts by another rule from now on. */
  adapt(rule: HoldDown): void {
    this.#rule = rule;
  }

  /** Takes note that the path went down. */
  fell(now: Ms): void {
    this.#score = Math.min(this.count(now) + 1, SCORE_LIMIT);
    this.#fellAt = now;
  }

  /** The score at `now`; for a time before the last fall it is that of the last fall. */
  count(now: Ms): number {
    const quietMs = now - this.#fellAt;
    if (this.#score === 0 || quietMs <= 0) return this.#score;
    return Math.max(this.#score - Math.floor(quietMs / this.#rule.quietMs), 0);
  }

  /** How long, in ms, a path that comes up at `now` has to stay up; `restoreMs` is what -s takes. Formula above. */
  holdMs(now: Ms, restoreMs: Ms): Ms {
    const flaps = this.count(now);
    if (flaps <= FREE) return 0;
    return Math.min(restoreMs * (2 ** (flaps - FREE) - 1), this.#rule.limitMs);
  }
}
