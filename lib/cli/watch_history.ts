/**
 * How the paths did while somebody watched: a byte for each path and look, so that thousands of paths take little room.
 * Heights are the same for all paths and at all times, so that curves can be held against each other; they are
 * logarithmic, because what matters is whether a round trip takes ten times as long, not a tenth longer.
 */
import type { PathStatus, PeerView } from "../control_protocol.ts";
import type { Ms } from "../core/types.ts";

/** So many looks are remembered. */
export const LOOKS = 60;
/** Of paths that are gone, more than these and than there are others are not remembered. */
const MOST_GONE = 1000;

/** The highest round trip of each height but the last, in ms. */
const ROUND_TRIP_LIMITS: readonly Ms[] = [0.3, 1, 3, 10, 30, 100, 300];
/** The highest loss of each height but the last, 0 to 1. */
const LOSS_LIMITS = [0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.95] as const;

/** Stand for a round trip that was not measured, as between requestors, and where there was no answer. */
const UNTIMED = 14;
const UNANSWERED = 15;

/** A path at one look. */
export interface Mark {
  /** 1 to 8; null: nothing is known. */
  readonly roundTrip: number | "untimed" | "unanswered" | null;
  /** 1 to 8, 0 for none; null: nothing is known. */
  readonly loss: number | null;
}

interface Track {
  /** The number of the last look that had the path. */
  lastLook: number;
  /** The look of each number, modulo LOOKS; 0: nothing is known. */
  readonly marks: Uint8Array;
}

/** The last looks at all paths. */
export class WatchHistory {
  /** The number of the last look. */
  #look = 0;
  readonly #tracks = new Map<string, Track>();

  /** How many paths are remembered. */
  get size(): number {
    return this.#tracks.size;
  }

  /** Takes in what one look has shown. */
  record(peers: readonly PeerView[]): void {
    this.#look += 1;
    let present = 0;
    for (const { node, paths } of peers) {
      for (const path of paths) this.#trackOf(node, path)[this.#look % LOOKS] = markOf(path);
      present += paths.length;
    }
    const keptLooks = this.#tracks.size > 2 * present + MOST_GONE ? 1 : LOOKS;
    for (const [key, { lastLook }] of this.#tracks) {
      if (this.#look - lastLook >= keptLooks) this.#tracks.delete(key);
    }
  }

  /** A look that has shown nothing: a gap in all curves. */
  skip(): void {
    this.#look += 1;
  }

  /** The last `count` looks at a path, the oldest first; at most LOOKS. */
  marks(node: string, path: PathStatus, count: number): Mark[] {
    const track = this.#tracks.get(keyOf(node, path));
    const from = this.#look - Math.min(count, LOOKS) + 1;
    return Array.from({ length: this.#look - from + 1 }, (_, i) => {
      const isKnown = track !== undefined && from + i > 0 && from + i <= track.lastLook;
      return markIn(isKnown ? track.marks[(from + i) % LOOKS] ?? 0 : 0);
    });
  }

  /** The marks of a path, with nothing in them of the looks since it was there last. */
  #trackOf(node: string, path: PathStatus): Uint8Array {
    const key = keyOf(node, path);
    let track = this.#tracks.get(key);
    if (track === undefined) {
      track = { lastLook: this.#look, marks: new Uint8Array(LOOKS) };
      this.#tracks.set(key, track);
    }
    const missed = Math.min(this.#look - track.lastLook, LOOKS);
    for (let i = 1; i < missed; i++) track.marks[(this.#look - i) % LOOKS] = 0;
    track.lastLook = this.#look;
    return track.marks;
  }
}

/** Names have no spaces; two nodes may have the same one. */
function keyOf(node: string, { network, address }: PathStatus): string {
  return `${node} ${network} ${address}`;
}

/** The round trip is in the lower four bits; in the upper ones is the loss, plus 1. */
function markOf(path: PathStatus): number {
  const { health, loss } = path;
  // Loss is counted while a path is up.
  if (health === "down") return UNANSWERED;
  const lost = loss === null ? 0 : 1 + (loss === 0 ? 0 : heightOf(loss, LOSS_LIMITS));
  return roundTripBits(path) | (lost << 4);
}

function roundTripBits({ health, misses, roundTripMs }: PathStatus): number {
  if (misses > 0) return UNANSWERED;
  if (roundTripMs !== null) return heightOf(roundTripMs, ROUND_TRIP_LIMITS);
  return health === "up" ? UNTIMED : 0;
}

function markIn(byte: number): Mark {
  const lost = byte >> 4;
  return { roundTrip: roundTripIn(byte & 15), loss: lost === 0 ? null : lost - 1 };
}

function roundTripIn(bits: number): Mark["roundTrip"] {
  if (bits === UNANSWERED) return "unanswered";
  if (bits === UNTIMED) return "untimed";
  return bits === 0 ? null : bits;
}

function heightOf(value: number, limits: readonly number[]): number {
  const above = limits.findIndex((limit) => value <= limit);
  return 1 + (above < 0 ? limits.length : above);
}
