/**
 * Packets that were not used: each reason has a name and a counter, and one line in the log now and then.
 */
import { Pace } from "./pace.ts";
import type { Address, Ms, NetworkName, Notice } from "./types.ts";
import type { DropReason } from "./wire.ts";

/** Why a packet of good form is not used, in the order in which it is judged (docs/WIRE.md, "What a receiver does"). */
export const RECEIPT_DROPS = [
  "network-gone",
  "network-unusable",
  "own",
  "unsigned",
  "unknown-key",
  "bad-signature",
  "retired-boot",
  "not-allowed",
  "foreign-source",
  "source-not-claimed",
  "stranger-state",
  "unasked-answer",
  "foreign-answer",
  "unproven-boot",
  "replayed",
  "too-many-nodes",
  "duplicate-answer",
  "late-answer",
  "duplicate-inquiry",
  "too-many-inquiries",
  "answer-too-long",
] as const;

/** The name of a reason not to use a packet: by its form, or by where it came from and what it is worth. */
export type Drop = DropReason | (typeof RECEIPT_DROPS)[number];

/** What is ordinary on a broadcast medium and only counted, never told. */
const QUIET: ReadonlySet<string> = new Set<Drop>([
  "own",
  "late-answer",
  "duplicate-answer",
  "duplicate-inquiry",
  "retired-boot",
  "unproven-boot",
  "stranger-state",
  "network-gone",
  "network-unusable",
]);

/** Counts drops by reason. */
export class Drops {
  readonly counts = new Map<string, number>();
  readonly #pace = new Pace();

  /** Counts one drop; returns what to tell, if it is time to. */
  count(
    reason: string,
    value: string,
    network: NetworkName,
    from: Address,
    now: Ms,
  ): Notice | null {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    if (QUIET.has(reason)) return null;
    const count = this.#pace.due(reason, now);
    return count === null ? null : { kind: "dropped", reason, value, network, from, count };
  }
}
