/** What the core needs to know of the configuration, and of its host. */
import type { Address, Ms, NetworkName } from "./network.ts";

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

/** How long the answer to an inquiry is waited for: as measured, but within these bounds. */
export interface AnswerWait {
  readonly floorMs: Ms;
  readonly ceilingMs: Ms;
}

/** When a path is left because it loses too much, though not everything. Parts are from 0 to 1. */
export interface LossRule {
  /** Inquiries that are looked back on; 0: loss is no reason to leave a path. */
  readonly window: number;
  readonly leaveAbove: number;
  readonly returnBelow: number;
}

/** How restoring slows down for a path that flaps. */
export interface HoldDown {
  /** The longest time that a path is held, in ms; 0: none is. */
  readonly limitMs: Ms;
  /** After so long without going down, one flap is forgotten. */
  readonly quietMs: Ms;
}

/** When traffic returns to a path that works again. */
export type Failback =
  | { readonly kind: "auto" }
  /** Only when it is asked for, or when what carries the traffic dies. */
  | { readonly kind: "manual" }
  /** After the path was up for so long. */
  | { readonly kind: "after"; readonly quietMs: Ms };

/**
 * Whether packets must be signed. `off`: none is, signatures are not looked at; `permissive`: ours are, and others are
 * used without, which is told; `enforce`: what is not signed is dropped.
 */
export type AuthMode = "off" | "permissive" | "enforce";

/** Who is listened to, by name or by address; a packet needs to fit one of them. */
export interface AllowList {
  readonly names: readonly string[];
  /** Canonical CIDR text; single addresses as /32. */
  readonly subnets: readonly string[];
}

/** What the core needs to know of the configuration. */
export interface Settings {
  readonly requestor: boolean;
  readonly intervalMs: Ms;
  /** Spacing of the inquiries that confirm a first miss; the interval itself: there are none. */
  readonly confirmIntervalMs: Ms;
  readonly answerWait: AnswerWait;
  readonly loss: LossRule;
  readonly holdDown: HoldDown;
  readonly failback: Failback;
  /** For how long peers are asked to leave their routes alone when we stop. */
  readonly stopGraceMs: Ms;
  readonly auth: AuthMode;
  /** Null: everybody is listened to. */
  readonly allow: AllowList | null;
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

/** Signs and verifies packets with keys that may change while we run. */
export interface Sealer {
  /** Which key we sign with, 1 to 255. */
  readonly keyId: number;
  /** HMAC-SHA-256 of `bytes` under a key, 32 bytes; null: there is no key of that id. */
  mac(keyId: number, bytes: Uint8Array): Uint8Array | null;
}
