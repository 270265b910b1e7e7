/** How often people are told of what may happen again and again. */
import type { Ms } from "./types.ts";

/** The same is told at most so often, in ms. */
export const TELL_EVERY_MS = 60_000;
/** More things than this are not told apart; then all may be told again. */
const KEY_LIMIT = 4096;

/** Counts occurrences by key and says when it is time to tell of one. */
export class Pace {
  readonly #told = new Map<string, { at: Ms; since: number }>();

  /** How many there were since the last that was told, this one included; null: it is too soon to tell. */
  due(key: string, now: Ms): number | null {
    const told = this.#told.get(key);
    if (told !== undefined && now - told.at < TELL_EVERY_MS) {
      told.since += 1;
      return null;
    }
    if (this.#told.size >= KEY_LIMIT) this.#told.clear();
    this.#told.set(key, { at: now, since: 0 });
    return (told?.since ?? 0) + 1;
  }
}
