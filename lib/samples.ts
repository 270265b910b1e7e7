/**
 * Samples: once a minute the state, round trip and loss of the first paths, for the curves of `faild report`. A path is
 * a list without names of its parts, so that a file of bounded size reaches far back.
 */
import type { PathStatus } from "./core/overview.ts";
import type { Ms } from "./core/types.ts";
import { parseTime } from "./events.ts";
import { objectIn } from "./json_line.ts";
import { escapeUnprintable, localTime } from "./log_line.ts";
import { word } from "./notice_words.ts";

/** The file of samples beside a file of events: whoever wants the events kept through a restart of the machine wants both. */
export function samplesPath(eventsFile: string): string {
  return eventsFile.replace(/(?:\.jsonl?)?$/, ".samples.jsonl");
}

/** More paths are not sampled. */
export const MAX_SAMPLED_PATHS = 64;

/** How often a sample is taken. */
export const SAMPLE_MS: Ms = 60_000;

const STATES = ["up", "held", "lossy", "down", "unknown"] as const;

/**
 * A path for people who look back: `held` works, but its traffic is kept elsewhere; `lossy` works, but loses too much.
 */
export type PathState = (typeof STATES)[number];

/** One path in a sample. */
export interface SampledPath {
  readonly node: string;
  readonly network: string;
  readonly address: string;
  readonly state: PathState;
  readonly roundTripMs: Ms | null;
  /** 0 to 1. */
  readonly loss: number | null;
}

/** A sample as it was read back. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  readonly paths: readonly SampledPath[];
}

/** What a sample takes of a peer. */
export interface SampledPeer {
  readonly node: string;
  readonly paths: readonly Pick<
    PathStatus,
    "network" | "address" | "health" | "lossy" | "routeReason" | "roundTripMs" | "loss"
  >[];
}

/** The first paths of these peers. */
export function sampled(peers: Iterable<SampledPeer>): SampledPath[] {
  const paths: SampledPath[] = [];
  for (const { node, paths: all } of peers) {
    for (const path of all) {
      if (paths.length === MAX_SAMPLED_PATHS) return paths;
      const { network, address, roundTripMs, loss } = path;
      paths.push({ node, network, address, state: stateOf(path), roundTripMs, loss });
    }
  }
  return paths;
}

function stateOf(path: Pick<PathStatus, "health" | "lossy" | "routeReason">): PathState {
  const { health, lossy, routeReason } = path;
  if (health !== "up") return health;
  if (lossy) return "lossy";
  return routeReason === "held" ? "held" : "up";
}

/**
 * A sample as a line of JSON with its newline. Names are cut to a bounded length and nothing unprintable gets through.
 *
 * @param wallMs milliseconds since 1970
 */
export function sampleLine(paths: readonly SampledPath[], wallMs: number): string {
  const rows = paths.map(({ node, network, address, state, roundTripMs, loss }) => [
    word(node),
    word(network),
    word(address),
    state,
    rounded(roundTripMs),
    rounded(loss),
  ]);
  const json = JSON.stringify({ time: localTime(wallMs), event: "sample", paths: rows });
  return `${escapeUnprintable(json)}\n`;
}

/** Reads a line that `sampleLine` wrote; null: it is torn, or none of ours. */
export function parseSample(line: string): Sample | null {
  const found = objectIn(line);
  const wallMs = parseTime(found?.["time"]);
  const rows = found?.["paths"];
  if (wallMs === null || !Array.isArray(rows)) return null;
  const paths = rows.map(parseRow);
  return paths.every((path) => path !== null) ? { wallMs, paths } : null;
}

function parseRow(row: unknown): SampledPath | null {
  if (!Array.isArray(row)) return null;
  const [node, network, address, state, roundTripMs, loss]: unknown[] = row;
  if (typeof node !== "string" || typeof network !== "string" || typeof address !== "string") {
    return null;
  }
  const known = STATES.find((each) => each === state);
  if (known === undefined || !isFigure(roundTripMs) || !isFigure(loss)) return null;
  return { node, network, address, state: known, roundTripMs, loss };
}

function isFigure(value: unknown): value is number | null {
  return value === null || (typeof value === "number" && value >= 0);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
