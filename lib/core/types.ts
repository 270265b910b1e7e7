/**
 * The vocabulary of the core: what happens (Event), and what is to be done (Effect). The nouns both speak of stand in
 * files of their own and are passed on from here, so that there is one place to take them from.
 *
 * The core is pure. It reads no clock (every call is given `now`), does no IO (it returns effects), and has no
 * randomness but what it is handed. See docs/DESIGN.md.
 */
import type { Address, Ms, Network, NetworkName, NetworkProblem } from "./network.ts";
import type { DeadWay, DownCause, Hold, Notice } from "./notice.ts";
import type { HostRoute, RouteReport, WantedRoutes } from "./routes.ts";
import type { Settings } from "./settings.ts";

export type * from "./network.ts";
export type * from "./notice.ts";
export type * from "./routes.ts";
export type * from "./settings.ts";

// ---------------------------------------------------------------------------------------------- events

export type Event =
  /** A deadline came, or nothing did: time passed. */
  | { readonly kind: "tick" }
  /** A datagram was received on a network's socket, still undecoded. */
  | {
    readonly kind: "datagram";
    readonly network: NetworkName;
    readonly from: Address;
    readonly port: number;
    readonly bytes: Uint8Array;
  }
  /** The networks as they are now, in order of preference; replaces what was known. */
  | {
    readonly kind: "networks";
    readonly networks: readonly Network[];
    readonly problems: readonly NetworkProblem[];
  }
  /** A send failed, e.g. "Network is unreachable". */
  | { readonly kind: "send-failed"; readonly network: NetworkName; readonly reason: string }
  /** The route switcher finished a request. */
  | { readonly kind: "routes"; readonly report: RouteReport }
  /** The route switcher could not work at all, e.g. `ip` cannot be started. */
  | { readonly kind: "routes-failed"; readonly generation: number; readonly reason: string }
  /** The kernel announced that a route, rule, link or address changed: look whether ours still stand. */
  | { readonly kind: "kernel-changed" }
  /** An operator wants all held traffic back on its own network now. */
  | { readonly kind: "failback" }
  /** People take a network out of use, or back into it. */
  | { readonly kind: "drain"; readonly network: NetworkName; readonly on: boolean }
  /**
   * Other settings count from now on; what did not change stays as it is. The port, the routing numbers, and whether
   * packets are signed cannot change.
   */
  | { readonly kind: "settings"; readonly settings: Settings };

// ---------------------------------------------------------------------------------------------- effects

/** In the order in which they are returned they are to be performed. */
export type Effect =
  | {
    readonly kind: "send";
    readonly network: NetworkName;
    readonly to: Address;
    readonly port: number;
    readonly bytes: Uint8Array;
  }
  /** Ask the route switcher for a state; a newer generation replaces a waiting one, never the running one. */
  | { readonly kind: "route"; readonly generation: number; readonly wanted: WantedRoutes }
  /** Read the interfaces and addresses anew and answer with `networks`. */
  | { readonly kind: "look" }
  /** Tell people. The text is made at the edge (lib/notice_text.ts). */
  | { readonly kind: "notice"; readonly notice: Notice };

// ---------------------------------------------------------------------------------------------- snapshot

export type Health = "unknown" | "up" | "down";

/** One path in a snapshot. */
export interface PathView {
  readonly network: NetworkName;
  readonly address: Address;
  readonly health: Health;
  readonly cause: DownCause | null;
  readonly misses: number;
  readonly good: number;
  readonly roundTripMs: Ms | null;
  readonly lastGoodAgoMs: Ms | null;
  /** Which way is dead while it is down, as far as that is known. */
  readonly dead: DeadWay | null;
  /** The lost part of the last inquiries, 0 to 1; null: too few were sent. */
  readonly loss: number | null;
  /** Why its traffic is kept elsewhere although it works; null: nothing keeps it. */
  readonly hold: Hold | null;
  /** How often it went down lately. */
  readonly flaps: number;
  /** The route for this address: null while it goes straight over its own LAN. */
  readonly route: HostRoute | null;
}

/** The whole state for people and tests; made on demand, nothing in it is live. */
export interface Snapshot {
  readonly node: string;
  readonly networks: readonly Network[];
  readonly peers: readonly {
    readonly node: string;
    readonly requestor: boolean;
    /** It said that it stops, and its time to come back is not over. */
    readonly stopping: boolean;
    readonly paths: readonly PathView[];
  }[];
  readonly degraded: string | null;
  readonly counters: Readonly<Record<string, number>>;
}
