/** What people are told: one line of the log each. */
import type { Address, Ms, Network, NetworkName, NetworkProblem } from "./network.ts";
import type { HostRoute } from "./routes.ts";

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
  /** The peer says that we do not answer it on this network. */
  | { readonly kind: "peer-unanswered"; readonly lastGoodAgoMs: Ms | null }
  /** The peer says that its own interface on this network is unusable. */
  | { readonly kind: "peer-network" }
  /** The peer says that people took its network there out of use: that is planned. */
  | { readonly kind: "peer-drained" }
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

/** Why traffic stays where it is although its own path works again. */
export type Hold =
  /** The path went down so often lately; `holdMs` is how long it has to stay up for its traffic. */
  | { readonly kind: "flapping"; readonly flaps: number; readonly holdMs: Ms }
  /** The configuration wants it up for so long first. */
  | { readonly kind: "after"; readonly holdMs: Ms }
  /** The configuration leaves it to people. */
  | { readonly kind: "manual" }
  /** It still loses too much; a part from 0 to 1. */
  | { readonly kind: "lossy"; readonly loss: number };

/** Which way of a path is dead: what we send, what we should receive, or both. */
export type DeadWay = "to-peer" | "from-peer" | "both";

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
    /** Why its traffic does not return yet; null: nothing keeps it. */
    readonly hold: Hold | null;
    readonly actions: readonly RouteAction[];
    readonly tookMs: Ms | null;
  }
  /** A path that works is left, because it loses much more than another one of the same peer. */
  | {
    readonly kind: "path-lossy";
    readonly path: PathName;
    /** The lost part of the last inquiries, 0 to 1. */
    readonly loss: number;
    /** Whether the figure is ours or what the peer says. */
    readonly by: "us" | "peer";
    /** The path that is better, and what it loses; null: none is, the path is kept. */
    readonly other: { readonly network: NetworkName; readonly loss: number } | null;
    readonly actions: readonly RouteAction[];
    readonly tookMs: Ms | null;
  }
  /** The loss of such a path is low again. */
  | {
    readonly kind: "path-clean";
    readonly path: PathName;
    readonly loss: number;
    /** Why its traffic does not return yet all the same; null: nothing keeps it. */
    readonly hold: Hold | null;
    readonly actions: readonly RouteAction[];
    readonly tookMs: Ms | null;
  }
  /** Of a path that is down one way works; told once, when that is sure. */
  | { readonly kind: "one-way"; readonly path: PathName; readonly dead: "to-peer" | "from-peer" }
  /** All paths of a network with several went down together: one line for all of them. */
  | {
    readonly kind: "network-silent";
    readonly network: NetworkName;
    readonly peers: number;
    /** The cause of the first of them. */
    readonly cause: DownCause;
    readonly moved: number;
    readonly stayed: number;
    readonly refused: number;
    readonly tookMs: Ms | null;
  }
  /** All its paths came up together. */
  | {
    readonly kind: "network-heard";
    readonly network: NetworkName;
    readonly peers: number;
    readonly restored: number;
    readonly held: number;
    readonly refused: number;
    readonly downMs: Ms;
    readonly tookMs: Ms | null;
  }
  /** A route changed without a change of health at that moment: only now was there a better one. */
  | {
    readonly kind: "rerouted";
    readonly path: PathName;
    /**
     * What changed: the choice; only the source address, which is ours on that path's network; the hold that ended;
     * people wanted it; or nobody judges the paths any more.
     */
    readonly why: "better-path" | "own-address" | "hold-ended" | "failback" | "unjudged";
    readonly actions: readonly RouteAction[];
    readonly tookMs: Ms | null;
  }
  | { readonly kind: "node-found"; readonly path: PathName; readonly requestor: boolean }
  | { readonly kind: "node-restarted"; readonly node: string; readonly address: Address }
  /** A running peer no longer has an address that it had. */
  | { readonly kind: "address-gone"; readonly path: PathName }
  | { readonly kind: "network-ready"; readonly network: Network }
  | { readonly kind: "network-unusable"; readonly network: NetworkName; readonly reason: string }
  /** People took it out of use, or back into it. */
  | { readonly kind: "network-drained"; readonly network: NetworkName }
  | { readonly kind: "network-undrained"; readonly network: NetworkName }
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
  /** We were late when peers were to be judged, and judged them later; `count` such rounds since the last line. */
  | { readonly kind: "late-round"; readonly latenessMs: Ms; readonly count: number }
  /** A peer says that it stops: its silence is no fault for so long. */
  | { readonly kind: "node-stopping"; readonly node: string; readonly graceMs: Ms }
  /** It was not back in time. */
  | { readonly kind: "node-not-back"; readonly node: string; readonly afterMs: Ms }
  /** Two nodes have one name; null stands for ourselves. */
  | {
    readonly kind: "same-name";
    readonly name: string;
    readonly address: Address;
    readonly other: Address | null;
  }
  /** A requestor's interval or count is not ours: its inquiries are judged by its own. */
  | {
    readonly kind: "timing-differs";
    readonly node: string;
    readonly intervalMs: Ms;
    readonly failAfter: number;
    readonly ownIntervalMs: Ms;
    readonly ownFailAfter: number;
  }
  /** A peer is on one of our networks only, where we have more: nothing can be moved for it. */
  | { readonly kind: "one-network"; readonly path: PathName }
  /** A packet without a valid signature was used, because the mode is permissive. */
  | {
    readonly kind: "unauthenticated";
    readonly reason: string;
    readonly value: string;
    readonly network: NetworkName;
    readonly from: Address;
    readonly count: number;
  }
  /** The configuration changed, and the node is not one of it any more. */
  | {
    readonly kind: "node-removed";
    readonly node: string;
    readonly why: "not-configured" | "not-allowed";
  }
  /** Neither of us inquires any more, so nobody can tell which path works. */
  | { readonly kind: "node-unjudged"; readonly node: string }
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
