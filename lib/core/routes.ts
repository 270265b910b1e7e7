/** Routes as they are wanted, as they are, and what came of a wish. */
import type { Address, Ms } from "./network.ts";

/** A host route of ours, as it is wanted or as the kernel showed it. */
export interface HostRoute {
  /** The peer's address whose traffic it carries. */
  readonly address: Address;
  /** The peer's address on the network that carries it. */
  readonly gateway: Address;
  readonly interfaceName: string;
  /** The source for traffic that has none yet; absent where our own address is gone. */
  readonly source?: Address;
}

/** What shall be true of the kernel. Everything of ours that is neither in `routes` nor in `keep` is removed. */
export interface WantedRoutes {
  readonly routes: ReadonlyMap<Address, HostRoute>;
  /** Addresses whose route stays as it is, be it there or not: nothing better is known. */
  readonly keep: ReadonlySet<Address>;
  /**
   * Neighbour entries to drop after the routes moved, because the interface lost its carrier: otherwise
   * packets wait seconds in the dead interface's queue.
   */
  readonly forgetNeighbours: readonly {
    readonly address: Address;
    readonly interfaceName: string;
  }[];
}

/**
 * A rule that carries our protocol number, but not our priority, table and selectors: left by a predecessor
 * that was started with another port or other routing numbers.
 */
export interface StaleRule {
  readonly priority: number;
  readonly table: number;
  /** Whether it selects what does not match. */
  readonly inverted: boolean;
  /** Whether it names UDP. */
  readonly udp: boolean;
  /** The destination port that it names, if any. */
  readonly port?: number;
}

/**
 * A route that carries our protocol number and is none that we would make: in another table, of another
 * shape, or a second one for the same address.
 */
export interface StrayRoute {
  /** An address, a subnet ("10.0.0.0/8") or "default". */
  readonly destination: string;
  readonly table: number;
  readonly metric?: number;
  /** Type of service, as `ip` writes it: "0x10". */
  readonly tos?: string;
  readonly gateway?: Address;
  readonly interfaceName?: string;
}

/** What the kernel has of ours, as read from it. */
export interface ActualRoutes {
  /** How many rules of ours there are: 1 is right; more are duplicates to remove. */
  readonly rules: number;
  readonly routes: ReadonlyMap<Address, HostRoute>;
  /** Routes in our table that do not carry our protocol number: not ours, never touched, reported once. */
  readonly foreign: number;
  /** Absent: none. */
  readonly staleRules?: readonly StaleRule[];
  /** Absent: none. */
  readonly strays?: readonly StrayRoute[];
}

/** What came of one request to the route switcher; `actual` is read back, not assumed. */
export interface RouteReport {
  readonly generation: number;
  readonly actual: ActualRoutes;
  /** Steps that the kernel refused, in the words of `ip`. */
  readonly refused: readonly { readonly step: string; readonly reason: string }[];
  /** Changes made: 0 when everything was as wanted already. */
  readonly changes: number;
  /** What was read before the changes; null where the plan rested on the last report, to be quicker. */
  readonly found: ActualRoutes | null;
  readonly tookMs: Ms;
}
