/**
 * What the daemon and the commands that ask it say to each other, over a Unix socket in the run directory.
 *
 * A request is one line of JSON, {"command":"status"}; the answer is one or more lines of JSON, each an object. The last
 * one has "end":true; with "ok":false it is a refusal, and "error" says why. A connection carries one request.
 *
 *   command    | beside it | answer
 *   -----------+-----------+----------------------------------------------------------------------------------
 *   ping       |           | Ping, in one line
 *   status     |           | Status, then lines with "peers", a few each, then the last line
 *   overview   |           | Status alone
 *   reload     |           | refused with all that is wrong in "errors", or what has changed in "changed",
 *              |           | "keyIds": the keys in use, the signing one first, or null, and "warnings" of
 *              |           | what is probably not meant
 *   drain      | network   | when the kernel has the routes, or has not answered for a while: "stays": the
 *              |           | nodes whose traffic stays there for want of another path; "unapplied": why the
 *              |           | kernel has not all routes yet, or null; "changed": whether it was not drained
 *              |           | before; "warning": why a restart will forget it, or null
 *   undrain    | network   | "changed", whether it was drained before, and "warning" as above
 *   failback   |           | "held": of how many paths traffic was held elsewhere
 */
import type { Ms, NetworkName } from "./core/types.ts";
import type { LinePlace } from "./core/line_loss.ts";
import type { Overview, PeerView } from "./core/overview.ts";
import { objectIn } from "./json_line.ts";

export type { NetworkView, Overview, PathStatus, PeerView } from "./core/overview.ts";

/** The name of the socket in the run directory. */
export const CONTROL_NAME = "control.sock";
/** A longer request is refused. */
export const MAX_REQUEST_BYTES = 4096;
/** Who asks while so many are served is turned away. */
export const MAX_CLIENTS = 16;
/** A request that takes longer to arrive is given up, in ms. */
export const REQUEST_MS: Ms = 5000;
/** An answer that takes longer to be read is given up, in ms. */
export const ANSWER_MS: Ms = 10_000;
/** Peers in one line: to look at so many takes a few milliseconds at most. */
export const PEERS_PER_LINE = 25;

const PLAIN = ["ping", "status", "overview", "reload", "failback"] as const;
const WITH_NETWORK = ["drain", "undrain"] as const;

/** What is asked for. */
export type Request =
  | { readonly command: typeof PLAIN[number] }
  | { readonly command: typeof WITH_NETWORK[number]; readonly network: NetworkName };

/** Whether the daemon does its work. */
export interface Ping {
  readonly version: string;
  readonly pid: number;
  readonly uptimeMs: Ms;
  /** Since its loop last turned: at least every few seconds it has something to do. */
  readonly loopAgoMs: Ms;
  /** Whether the sockets of all networks that can be used are open. */
  readonly sockets: boolean;
  /** Why the kernel's routes are not as wanted; null: they are. */
  readonly routes: string | null;
}

/** All but the peers, which follow. */
export interface Status extends Overview, Ping {
  /** Transitions that were told since the start. */
  readonly events: number;
  /** Since the last of them; null: there was none. */
  readonly lastEventAgoMs: Ms | null;
  /** Where lines are written to, and which of them were lost. */
  readonly lines: readonly LinePlace[];
}

/** The daemon, as far as it can be asked and steered. */
export interface Controlled {
  overview(): Status;
  /** The first `count` peers whose number is `from` or higher. */
  peers(from: number, count: number): readonly PeerView[];
  ping(): Ping;
  /** Calls back all traffic that is held elsewhere; returns of how many paths that was. */
  failback(): { readonly held: number };
  /** Takes a network out of use, or back into it. */
  drain(network: NetworkName, on: boolean): Promise<Drained>;
  /** Reads the configuration anew. */
  reload(): Promise<Reloaded>;
}

/** What came of a drain. */
export type Drained =
  | {
    /** The nodes whose traffic stays on it, as no other path of theirs works. */
    readonly stays: readonly string[];
    /** Why the kernel has not all routes that this takes; null: it has. */
    readonly unapplied: string | null;
    /** Whether it was not as wanted before. */
    readonly changed: boolean;
    /** Why a restart will forget it; null: it will not. */
    readonly warning: string | null;
  }
  | { readonly error: string };

/** What came of a reload: what changed, and what is probably not meant; or all that was wrong, and nothing changed. */
export type Reloaded =
  | {
    readonly changed: readonly string[];
    /** The keys that packets are accepted with, that which signs first; null: packets are not signed. */
    readonly keyIds: readonly number[] | null;
    readonly warnings: readonly string[];
  }
  | { readonly errors: readonly string[] };

/** Longer parts of a request are not repeated in an answer. */
const SHOWN_CHARACTERS = 80;

/** Reads the line of a request. */
export function parseRequest(line: string): Request | { readonly error: string } {
  const found = objectIn(line);
  if (found === null) return { error: "Cannot use request: must be one JSON object on one line" };
  const { command, network } = found;
  if (isOneOf(PLAIN, command)) return { command };
  if (!isOneOf(WITH_NETWORK, command)) {
    const shown = typeof command === "string" ? cut(command) : "missing";
    const known = [...PLAIN, ...WITH_NETWORK].join(", ");
    return { error: `Cannot use command: must be one of ${known}, is ${shown}` };
  }
  if (typeof network !== "string" || network === "") {
    return { error: "Cannot use network: must be the name of one, is missing" };
  }
  return { command, network };
}

function isOneOf<Each extends string>(all: readonly Each[], value: unknown): value is Each {
  return all.some((each) => each === value);
}

function cut(text: string): string {
  return JSON.stringify(
    text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text,
  );
}
