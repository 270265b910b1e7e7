/** What became of each path, put together from events, which tell each change, and samples, which tell how all stand. */
import type { Ms } from "../core/types.ts";
import type { PastEvent } from "../events.ts";
import { type PathState, type Sample, SAMPLE_MS } from "../samples.ts";
import type { LogValue } from "../log_line.ts";
import { actionsField, isList, numberField, objectOf, textField } from "./evidence.ts";

/** From `atMs` on, in milliseconds since 1970, a path was in this state. */
export interface Change {
  readonly atMs: number;
  readonly state: PathState;
}

/** What was measured at a moment. */
export interface Measure {
  readonly atMs: number;
  readonly roundTripMs: Ms | null;
  /** 0 to 1. */
  readonly loss: number | null;
}

/** One path over time. */
export interface Track {
  /** As the node called itself last. */
  node: string;
  readonly network: string;
  readonly address: string;
  readonly changes: Change[];
  readonly measures: Measure[];
  /** Its node gave it up, or was forgotten. */
  isGone: boolean;
}

/** After so long without any record the daemon was not there. */
const SILENCE_MS = 2.5 * SAMPLE_MS;

/** The paths of these records, in the order of node, network and address; `endMs` is when the period ends. */
export function tracksOf(
  events: readonly PastEvent[],
  samples: readonly Sample[],
  endMs: number,
): Track[] {
  const recorder = new Recorder();
  const records = [...events, ...samples].sort((a, b) => a.wallMs - b.wallMs);
  for (const record of records) {
    recorder.silence(record.wallMs);
    if ("paths" in record) recorder.sample(record);
    else recorder.event(record);
  }
  recorder.silence(endMs);
  return [...recorder.tracks.values()].sort(compareTracks);
}

function compareTracks(a: Track, b: Track): number {
  return compare(a.node, b.node) || compare(a.network, b.network) || compare(a.address, b.address);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

class Recorder {
  readonly tracks = new Map<string, Track>();
  readonly #sampled = new Set<Track>();
  /** When the last record was, while samples are to be expected; null: they are not. */
  #seenMs: number | null = null;

  /** Where a daemon that takes samples tells nothing for long, nothing is known. */
  silence(nowMs: number): void {
    if (this.#seenMs === null) return;
    if (nowMs - this.#seenMs > SILENCE_MS) {
      for (const track of this.#sampled) enter(track, this.#seenMs, "unknown");
    }
    this.#seenMs = nowMs;
  }

  sample({ wallMs, paths }: Sample): void {
    this.#seenMs = wallMs;
    for (const { node, network, address, state, roundTripMs, loss } of paths) {
      const track = this.#track(node, network, address);
      this.#sampled.add(track);
      enter(track, wallMs, state);
      track.measures.push({ atMs: wallMs, roundTripMs, loss });
    }
  }

  event(event: PastEvent): void {
    const { wallMs, fields } = event;
    switch (event.event) {
      case "start":
        return this.#all("unknown", wallMs);
      case "stop":
        this.#seenMs = null;
        return this.#all("unknown", wallMs);
      case "adopted":
        return this.#goOn(addressesOf(fields["routes"]));
      case "network-silent":
        return this.#network(textField(fields, "network"), "down", wallMs);
      case "network-heard":
        return this.#network(textField(fields, "network"), "up", wallMs);
      case "node-forgotten":
      case "node-removed": {
        const node = textField(fields, "node");
        return this.#leave((track) => track.node === node, wallMs);
      }
      case "node-unjudged":
        return this.#forget(textField(fields, "node"), wallMs);
      default:
        return this.#pathEvent(event);
    }
  }

  #pathEvent({ event, fields, wallMs }: PastEvent): void {
    const node = textField(fields, "node");
    const network = textField(fields, "network");
    const address = textField(fields, "address");
    if (node === null || network === null || address === null) return;
    if (event === "address-gone") {
      return this.#leave((track) => track.network === network && track.address === address, wallMs);
    }
    const track = this.#track(node, network, address);
    const state = stateAfter(event, fields, stateOf(track));
    if (state !== null) enter(track, wallMs, state);
  }

  #track(node: string, network: string, address: string): Track {
    const key = `${network} ${address}`;
    const known = this.tracks.get(key);
    const track = known ?? { node, network, address, changes: [], measures: [], isGone: false };
    track.node = node;
    track.isGone = false;
    if (known === undefined) this.tracks.set(key, track);
    return track;
  }

  #all(state: PathState, wallMs: number): void {
    for (const track of this.tracks.values()) enter(track, wallMs, state);
  }

  /** Paths of which a daemon took over the routes are down as they were before it was started. */
  #goOn(addresses: ReadonlySet<string>): void {
    for (const { address, changes } of this.tracks.values()) {
      const isDown = changes.at(-1)?.state === "unknown" && changes.at(-2)?.state === "down";
      if (isDown && addresses.has(address)) changes.pop();
    }
  }

  #network(network: string | null, state: PathState, wallMs: number): void {
    for (const track of this.tracks.values()) {
      if (track.network === network && !track.isGone) enter(track, wallMs, state);
    }
  }

  /** Nothing is known any more of the paths of a node. */
  #forget(node: string | null, wallMs: number): void {
    for (const track of this.tracks.values()) {
      if (track.node === node && !track.isGone) enter(track, wallMs, "unknown");
    }
  }

  #leave(isMeant: (track: Track) => boolean, wallMs: number): void {
    for (const track of this.tracks.values()) {
      if (!isMeant(track)) continue;
      enter(track, wallMs, "unknown");
      track.isGone = true;
    }
  }
}

/** The state of a path after an event about it; null: it says nothing of that. */
function stateAfter(
  event: string,
  fields: PastEvent["fields"],
  before: PathState,
): PathState | null {
  switch (event) {
    case "path-down":
      return "down";
    case "path-up": {
      const hold = objectOf(fields["hold"]);
      if (hold === null) return "up";
      return hold["kind"] === "lossy" ? "lossy" : "held";
    }
    case "path-lossy":
      return numberField(fields, "loss") === null ? null : "lossy";
    case "path-clean":
    case "node-found":
      return "up";
    case "rerouted": {
      if (fields["why"] === "unjudged") return null;
      const isRestored = actionsField(fields).some(({ kind }) => kind === "restored");
      return isRestored && before !== "down" ? "up" : null;
    }
    default:
      return null;
  }
}

function addressesOf(routes: LogValue | undefined): ReadonlySet<string> {
  const listed = isList(routes) ? routes : [];
  return new Set(listed.flatMap((each) => {
    const address = objectOf(each)?.["address"];
    return typeof address === "string" ? [address] : [];
  }));
}

/** The state that a path is in at the end of what is known. */
export function stateOf({ changes }: Pick<Track, "changes">): PathState {
  return changes.at(-1)?.state ?? "unknown";
}

function enter(track: Track, atMs: number, state: PathState): void {
  if (stateOf(track) !== state) track.changes.push({ atMs, state });
}
