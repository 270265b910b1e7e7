/**
 * Packets that were not used: each reason has a name and a counter, and one line in the log now and then.
 */
import type { Address, Ms, NetworkName, Notice } from "./types.ts";

/** Drops of one reason are told at most so often, in ms. */
const TELL_EVERY_MS = 60_000;

/** What is ordinary on a broadcast medium and only counted, never told. */
const QUIET: ReadonlySet<string> = new Set([
  "own",
  "late-answer",
  "duplicate-answer",
  "duplicate-inquiry",
  "retired-boot",
  "stranger-state",
  "network-gone",
  "network-unusable",
]);

/** Counts drops by reason. */
export class Drops {
  readonly counts = new Map<string, number>();
  readonly #told = new Map<string, { at: Ms; count: number }>();

  /** Counts one drop; returns what to tell, if it is time to. */
  count(
    reason: string,
    value: string,
    network: NetworkName,
    from: Address,
    now: Ms,
  ): Notice | null {
    const count = (this.counts.get(reason) ?? 0) + 1;
    this.counts.set(reason, count);
    if (QUIET.has(reason)) return null;
    const told = this.#told.get(reason);
    if (told !== undefined && now - told.at < TELL_EVERY_MS) return null;
    this.#told.set(reason, { at: now, count });
    return { kind: "dropped", reason, value, network, from, count: count - (told?.count ?? 0) };
  }
}
