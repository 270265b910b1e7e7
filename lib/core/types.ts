/**
 * The vocabulary of the core: what happens (Event), what is to be done (Effect), and the nouns both speak of.
 *
 * The core is pure. It reads no clock (every call is given `now`), does no IO (it returns effects), and has no
 * randomness but what it is handed. See docs/DESIGN.md.
 */

/** Milliseconds on a monotonic clock whose zero is arbitrary; fractions are kept. */
export type Ms = number;

/** The IP version. IPv6 fits every type here, though no network of that family is opened yet. */
export type Family = 4 | 6;

/** An IP address in its canonical text form, as `lib/core/address.ts` prints it: the key of all maps. */
export type Address = string;

/** The local name of a LAN: from the configuration, or the interface's name where there is none. */
export type NetworkName = string;

/** One LAN as this host can use it now. */
export interface Network {
  readonly name: NetworkName;
  readonly interfaceName: string;
  readonly family: Family;
  /** Our own address on it: the source of everything we send there. */
  readonly address: Address;
  readonly prefixLength: number;
  /** The subnet's broadcast address, where inquiries go. */
  readonly broadcast: Address;
  /** False while the interface has lost its carrier or is administratively down; the address is still there. */
  readonly usable: boolean;
  /** Why it is not usable, e.g. "no carrier"; absent while it is. */
  readonly reason?: string;
}

/** A network that was asked for, or looked promising, and cannot be had; the rule or interface and why. */
export interface NetworkProblem {
  readonly name: NetworkName;
  readonly reason: string;
}

/** How one network is chosen, from the configuration's `networks`; exactly one of the two is set. */
export interface NetworkRule {
  readonly name: NetworkName;
  readonly interfaceName?: string;
  /** Canonical CIDR text, e.g. "192.168.1.0/24". */
  readonly subnet?: string;
}

/** A node that broadcast does not reach: probed by unicast. */
export interface StaticPeer {
  readonly node: string;
  readonly addresses: readonly Address[];
}

/** The mark by which everything of ours in the kernel is known. */
export interface Routing {
  /** Routing table number. */
  readonly table: number;
  /** Priority (preference) of our one policy rule. */
  readonly rulePriority: number;
  /** Protocol number that our routes and our rule carry. */
  readonly protocol: number;
}

/** What the core needs to know of the configuration. */
export interface Settings {
  readonly requestor: boolean;
  readonly intervalMs: Ms;
  /** Missed packets before a path goes down (-f). */
  readonly failAfter: number;
  /** Good packets before a route is restored (-s). */
  readonly restoreAfter: number;
  readonly port: number;
  /** A label for people; nodes are told apart by their addresses. */
  readonly nodeName: string;
  /** In order of preference; empty: chosen automatically, in order of name. */
  readonly networks: readonly NetworkRule[];
  readonly peers: readonly StaticPeer[];
  readonly routing: Routing;
}

/** Where the core gets its randomness: the host's generator in life, a seeded one in tests. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** Unpredictable 64 bits. */
  bits64(): bigint;
}

// ---------------------------------------------------------------------------------------------- routes

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
  | { readonly kind: "kernel-changed" };

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

// ---------------------------------------------------------------------------------------------- notices

/** Why a path went down. */
export type DownCause =
  /** Unanswered inquiries (a requestor's evidence) or inquiries that did not come (a responder's). */
  | {
    readonly kind: "missed";
    readonly what: "answers" | "inquiries";
    readonly count: number;
    /** Since the last good packet; null: there never was one. */
    readonly lastGoodAgoMs: Ms | null;
  }
  | { readonly kind: "own-network"; readonly reason: string }
  /** The peer says that it does not hear us on this network. */
  | { readonly kind: "peer-deaf"; readonly lastGoodAgoMs: Ms | null }
  /** The peer says that its own interface on this network is unusable. */
  | { readonly kind: "peer-network" }
  /** A route that a predecessor left says so. */
  | { readonly kind: "adopted" };

/** What was done about a transition, in terms of one address. */
export type RouteAction =
  | {
    readonly kind: "moved";
    readonly address: Address;
    readonly gateway: Address;
    readonly network: NetworkName;
  }
  | { readonly kind: "restored"; readonly address: Address; readonly network: NetworkName }
  | { readonly kind: "stays"; readonly address: Address; readonly why: string }
  | {
    readonly kind: "refused";
    readonly address: Address;
    readonly reason: string;
    readonly retryMs: Ms;
  };

/** Which path a notice is about. */
export interface PathName {
  readonly node: string;
  readonly network: NetworkName;
  readonly address: Address;
}

/** One line of the log each: what, why, on what evidence, and what was done. */
export type Notice =
  | {
    readonly kind: "path-down";
    readonly path: PathName;
    readonly cause: DownCause;
    readonly actions: readonly RouteAction[];
    /** From the decision to the read-back; null while the kernel has not confirmed. */
    readonly tookMs: Ms | null;
  }
  | {
    readonly kind: "path-up";
    readonly path: PathName;
    /** Good packets in a row that it took. */
    readonly good: number;
    readonly downMs: Ms;
    readonly roundTripMs: Ms | null;
    readonly actions: readonly RouteAction[];
    readonly tookMs: Ms | null;
  }
  /** A route changed without a change of health at that moment: only now was there a better one. */
  | {
    readonly kind: "rerouted";
    readonly path: PathName;
    /** What changed: the choice, or only the source address, which is ours on that path's network. */
    readonly why: "better-path" | "own-address";
    readonly actions: readonly RouteAction[];
    readonly tookMs: Ms | null;
  }
  | { readonly kind: "node-found"; readonly path: PathName; readonly requestor: boolean }
  | { readonly kind: "node-restarted"; readonly node: string; readonly address: Address }
  /** A running peer no longer has an address that it had. */
  | { readonly kind: "address-gone"; readonly path: PathName }
  | { readonly kind: "network-ready"; readonly network: Network }
  | { readonly kind: "network-unusable"; readonly network: NetworkName; readonly reason: string }
  | { readonly kind: "network-gone"; readonly network: NetworkName; readonly address: Address }
  | { readonly kind: "network-problem"; readonly problem: NetworkProblem }
  | { readonly kind: "no-network" }
  | { readonly kind: "adopted"; readonly routes: readonly HostRoute[] }
  | { readonly kind: "adopted-removed"; readonly address: Address; readonly afterMs: Ms }
  /** Somebody changed what is ours; it was put back. */
  | { readonly kind: "repaired"; readonly what: readonly string[]; readonly tookMs: Ms }
  | { readonly kind: "degraded"; readonly reason: string; readonly retryMs: Ms }
  | { readonly kind: "recovered"; readonly afterMs: Ms }
  | { readonly kind: "foreign-routes"; readonly table: number; readonly count: number }
  /** We were away for longer than a peer may be; `count` such gaps since the last line of this kind. */
  | { readonly kind: "late"; readonly latenessMs: Ms; readonly count: number }
  /** A node that was silent for long is no longer remembered. */
  | { readonly kind: "node-forgotten"; readonly node: string; readonly silentMs: Ms }
  | { readonly kind: "send-failed"; readonly network: NetworkName; readonly reason: string }
  /** Packets dropped by one reason since the last such line. */
  | {
    readonly kind: "dropped";
    readonly reason: string;
    readonly value: string;
    readonly network: NetworkName;
    readonly from: Address;
    readonly count: number;
  }
  | {
    readonly kind: "address-conflict";
    readonly address: Address;
    readonly nodes: readonly [string, string];
  };

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
    readonly paths: readonly PathView[];
  }[];
  readonly degraded: string | null;
  readonly counters: Readonly<Record<string, number>>;
}
