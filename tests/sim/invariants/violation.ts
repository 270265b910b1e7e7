/** What an invariant says when it does not hold. */
import type { Ms } from "../../../lib/core/types.ts";

export const INVARIANTS = [
  "dead-path",
  "held",
  "kernel-follows",
  "cause",
  "told",
  "own-networks",
  "nothing-left",
  "limits",
  "agreement",
  "together",
  "traffic",
  "healthy",
  "mended",
] as const;

export type InvariantName = (typeof INVARIANTS)[number];

export interface Violation {
  readonly invariant: InvariantName;
  readonly at: Ms;
  readonly host: string;
  readonly text: string;
}

export type Accuse = (violation: Violation) => void;
