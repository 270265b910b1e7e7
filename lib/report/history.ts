/** The figures of a report: how long each path was in which state, and how long nodes could not be reached. */
import type { Ms } from "../core/types.ts";
import type { PastEvent } from "../events.ts";
import type { PathState, Sample } from "../samples.ts";
import { textField } from "./evidence.ts";
import { type Failure, failuresOf, isFailure } from "./failures.ts";
import { type Measure, type Track, tracksOf } from "./tracks.ts";

/** What a report is made from. */
export interface Records {
  readonly events: readonly PastEvent[];
  readonly samples: readonly Sample[];
  /** Lines that could not be read. */
  readonly broken: number;
}

/** From when to when, in milliseconds since 1970. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A path was in one state for a while. */
export interface Span extends Period {
  readonly state: PathState;
}

/** One path in the period. */
export interface PathHistory {
  readonly node: string;
  readonly network: string;
  readonly address: string;
  /** Without gaps, from the beginning of the period to its end. */
  readonly spans: readonly Span[];
  readonly measures: readonly Measure[];
  /** The part of the known time in which it worked, 0 to 1; null: nothing is known. */
  readonly availability: number | null;
  readonly downMs: Ms;
  readonly longestDownMs: Ms;
  /** How often it went down. */
  readonly falls: number;
}

/** A node that was down on all its paths at once. */
export interface Outage extends Period {
  readonly node: string;
}

/** All that a report tells. */
export interface History extends Period {
  /** The part of the period since the records began; before that nothing is known. */
  readonly recordedMs: Ms;
  /** The node that the records are from; null: they do not say. */
  readonly node: string | null;
  /** The versions that ran, in their order. */
  readonly versions: readonly string[];
  readonly paths: readonly PathHistory[];
  readonly failures: readonly Failure[];
  /** In order of time. */
  readonly outages: readonly Outage[];
  /** The events that are no failures and not the ends of such, in order of time. */
  readonly others: readonly PastEvent[];
  readonly samples: number;
  readonly broken: number;
}

/** Before a gap as long as this the clock was not set yet: a machine without a battery begins in 1970. */
const UNSET_CLOCK_MS: Ms = 365 * 24 * 3_600_000;

/** Events that a timeline shows well enough. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set(["path-up", "path-clean", "network-heard"]);

/**
 * What happened in a period.
 *
 * @param sinceMs its beginning; null: that of the first record
 * @param nowMs its end
 */
export function historyOf(records: Records, sinceMs: number | null, nowMs: number): History {
  const samples = records.samples.filter(({ wallMs }) => wallMs <= nowMs);
  const events = records.events.filter(({ wallMs }) => wallMs <= nowMs).sort((a, b) =>
    a.wallMs - b.wallMs
  );
  const begunMs = beginningOf([...events, ...samples], nowMs);
  const period = { fromMs: Math.min(sinceMs ?? begunMs, nowMs), toMs: nowMs };
  const tracks = tracksOf(events, samples, nowMs);
  const starts = events.filter(({ event }) => event === "start");
  const isInside = ({ wallMs }: { readonly wallMs: number }) => wallMs >= period.fromMs;
  const versions = versionsOf(starts.filter(isInside));
  const latest = starts.at(-1);
  return {
    ...period,
    recordedMs: nowMs - Math.max(begunMs, period.fromMs),
    node: latest === undefined ? null : textField(latest.fields, "node"),
    versions: versions.length > 0 ? versions : versionsOf(starts.slice(-1)),
    paths: tracks.map((track) => pathHistory(track, period)),
    failures: failuresOf(events.filter(isInside), tracks, nowMs),
    outages: outagesOf(tracks, period),
    others: events.filter((each) =>
      isInside(each) && !isFailure(each) && !SHOWN_ELSEWHERE.has(each.event)
    ),
    samples: samples.filter(isInside).length,
    broken: records.broken,
  };
}

/** When the records begin. */
function beginningOf(records: readonly { readonly wallMs: number }[], nowMs: number): number {
  const times = records.map(({ wallMs }) => wallMs).sort((a, b) => b - a);
  let first = nowMs;
  for (const time of times) {
    if (first - time > UNSET_CLOCK_MS) break;
    first = time;
  }
  return first;
}

function versionsOf(starts: readonly PastEvent[]): string[] {
  const versions = starts.map(({ fields }) => textField(fields, "version"));
  return [...new Set(versions.filter((each) => each !== null))];
}

function pathHistory(track: Track, period: Period): PathHistory {
  const spans = spansOf(track, period);
  const { node, network, address } = track;
  let knownMs = 0;
  let downMs = 0;
  let longestDownMs = 0;
  for (const span of spans) {
    const lengthMs = span.toMs - span.fromMs;
    if (span.state !== "unknown") knownMs += lengthMs;
    if (span.state !== "down") continue;
    downMs += lengthMs;
    longestDownMs = Math.max(longestDownMs, lengthMs);
  }
  return {
    node,
    network,
    address,
    spans,
    measures: track.measures.filter(({ atMs }) => atMs >= period.fromMs),
    availability: knownMs === 0 ? null : 1 - downMs / knownMs,
    downMs,
    longestDownMs,
    falls: spans.filter(({ state }) => state === "down").length,
  };
}

/** The states of a path in a period; before its first record it is unknown. */
function spansOf({ changes }: Pick<Track, "changes">, { fromMs, toMs }: Period): Span[] {
  const spans: Span[] = [];
  let state: PathState = "unknown";
  let sinceMs = fromMs;
  for (const change of changes) {
    const atMs = Math.max(fromMs, change.atMs);
    if (atMs > sinceMs) spans.push({ fromMs: sinceMs, toMs: atMs, state });
    sinceMs = atMs;
    state = change.state;
  }
  if (toMs > sinceMs) spans.push({ fromMs: sinceMs, toMs, state });
  return spans;
}

/** When which nodes were down on all their paths. */
function outagesOf(tracks: readonly Track[], period: Period): Outage[] {
  const byNode = new Map<string, Track[]>();
  for (const track of tracks) {
    const others = byNode.get(track.node);
    if (others === undefined) byNode.set(track.node, [track]);
    else others.push(track);
  }
  const outages: Outage[] = [];
  for (const [node, paths] of byNode) {
    const [first = [], ...rest] = paths.map((track) =>
      spansOf(track, period).filter(({ state }) => state === "down")
    );
    const common = rest.reduce<readonly Period[]>(overlap, first);
    for (const { fromMs, toMs } of common) outages.push({ node, fromMs, toMs });
  }
  return outages.sort((a, b) => a.fromMs - b.fromMs);
}

/** The times that are in both lists, each in order and without overlaps of its own. */
function overlap(a: readonly Period[], b: readonly Period[]): Period[] {
  const both: Period[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [one, other] = [a[i] as Period, b[j] as Period];
    const fromMs = Math.max(one.fromMs, other.fromMs);
    const toMs = Math.min(one.toMs, other.toMs);
    if (fromMs < toMs) both.push({ fromMs, toMs });
    if (one.toMs < other.toMs) i++;
    else j++;
  }
  return both;
}
