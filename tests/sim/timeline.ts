/** Virtual time: what is to happen when. Things due at one moment happen in the order in which they were planned. */
import type { Ms } from "../../lib/core/types.ts";

interface Plan {
  readonly at: Ms;
  readonly order: number;
  readonly run: () => void;
}

/** The clock of a simulated world; it moves only from one planned thing to the next. */
export class Timeline {
  #now: Ms = 0;
  #planned = 0;
  /** A binary heap, the next thing first. */
  readonly #heap: Plan[] = [];

  /** The present moment, in ms since the world began. */
  get now(): Ms {
    return this.#now;
  }

  /** Plans something; what is planned for the past happens now. */
  at(at: Ms, run: () => void): void {
    if (Number.isNaN(at)) throw new Error("something was planned for no time at all");
    this.#planned += 1;
    this.#push({ at: Math.max(at, this.#now), order: this.#planned, run });
  }

  /** Plans something for so many ms from now. */
  after(delayMs: Ms, run: () => void): void {
    this.at(this.#now + delayMs, run);
  }

  /** Lets happen what is planned up to and including `until`, unless `isOver` says so before. */
  runUntil(until: Ms, isOver: () => boolean = () => false): void {
    while (!isOver()) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      this.#now = next.at;
      next.run();
    }
    if (!isOver()) this.#now = Math.max(this.#now, until);
  }

  #push(plan: Plan): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(plan);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Plan;
      if (!isBefore(plan, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = plan;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Plan;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, heap[below] as Plan)) below += 1;
      const child = heap[below] as Plan;
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: Plan, b: Plan): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
