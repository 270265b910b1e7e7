/** The pictures of what was measured: for each path its round trip as a curve, and its loss as bars below. */
import type { Ms } from "../core/types.ts";
import { durationText } from "../duration_text.ts";
import { percentText } from "../notice_words.ts";
import { SAMPLE_MS } from "../samples.ts";
import { partOf, type Tick, ticksOf } from "./axis.ts";
import type { History, PathHistory, Period } from "./history.ts";
import { html, type Markup } from "./markup.ts";
import { axis, gridLines } from "./timeline.ts";
import type { Measure } from "./tracks.ts";

const WIDTH = 1000;
const CURVE_HEIGHT = 100;
const LOSS_HEIGHT = 30;
/** More points than this are no finer on a page. */
const BUCKETS = 250;
/** A loss this small fills the whole scale. */
const LEAST_LOSS_SCALE = 0.1;
/** The curve keeps this far from the upper edge. */
const HEADROOM = 0.94;

/** Measures of a short while, put together. */
interface Bucket {
  readonly atMs: number;
  /** Their mean. */
  readonly roundTripMs: Ms | null;
  readonly longestMs: Ms;
  /** The worst of them. */
  readonly loss: number | null;
}

/** The curves of every path that was measured. */
export function curves(history: History): Markup {
  const ticks = ticksOf(history);
  const measured = history.paths.filter(({ measures }) => measures.length > 0);
  if (measured.length === 0) {
    return html`
      <p>Nothing was measured in this time.</p>
    `;
  }
  return html`
    <div class="curves">
    ${measured.map((path) => curve(path, history, ticks))}</div>
  `;
}

function curve(path: PathHistory, period: Period, ticks: readonly Tick[]): Markup {
  const { node, network, address } = path;
  const { mean, most, worstLoss } = summary(path.measures);
  const buckets = bucketsOf(path.measures, period);
  const top = niceAbove(most ?? 0);
  const lossTop = Math.max(LEAST_LOSS_SCALE, worstLoss);
  const figures = mean === null || most === null
    ? "no round trip measured"
    : `${durationText(mean)} on average, ${durationText(most)} at most`;
  const loss = worstLoss === 0 ? "nothing lost" : `up to ${percentText(worstLoss)} lost`;
  const said = `${figures}; ${loss}`;
  return html`
    <figure class="curve">
    <figcaption><b>${node}</b> ${network} <small>${address}</small><br><span class="figures">${said}</span></figcaption>
    <div class="plot"><span class="scale">${durationText(
      top,
    )}</span><svg role="img" aria-label="Round trip of ${node} on ${network}: ${figures}" viewBox="0 0 ${WIDTH} ${CURVE_HEIGHT}" preserveAspectRatio="none">${gridLines(
      ticks,
      CURVE_HEIGHT,
    )}<path class="peaks" d="${peaksPath(buckets, period, top)}"/><path class="trip" d="${curvePath(
      buckets,
      period,
      top,
    )}"/></svg></div>
    <div class="plot loss"><span class="scale">loss, 0 to ${percentText(
      lossTop,
    )}</span><svg role="img" aria-label="Loss of ${node} on ${network}: ${loss}" viewBox="0 0 ${WIDTH} ${LOSS_HEIGHT}" preserveAspectRatio="none">${lossBars(
      buckets,
      period,
      lossTop,
    )}</svg></div>
    ${axis(ticks)}
    </figure>
  `;
}

function summary(measures: readonly Measure[]): {
  readonly mean: Ms | null;
  readonly most: Ms | null;
  readonly worstLoss: number;
} {
  const trips = measures.map(({ roundTripMs }) => roundTripMs).filter((each) => each !== null);
  const sum = trips.reduce((total, each) => total + each, 0);
  return {
    mean: trips.length === 0 ? null : sum / trips.length,
    most: trips.length === 0 ? null : largest(trips),
    worstLoss: largest(measures.map(({ loss }) => loss ?? 0)),
  };
}

/** The largest of figures that are not below zero; there may be more of them than a call takes arguments. */
function largest(figures: readonly number[]): number {
  return figures.reduce((most, each) => Math.max(most, each), 0);
}

/** The measures in at most so many pieces of equal length: mean round trip, worst loss. */
function bucketsOf(measures: readonly Measure[], period: Period): Bucket[] {
  const groups = new Map<number, Measure[]>();
  for (const measure of measures) {
    const place = Math.min(BUCKETS - 1, Math.floor(BUCKETS * partOf(measure.atMs, period)));
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [measure]);
    else group.push(measure);
  }
  return [...groups.values()].map((group) => {
    const { mean, most } = summary(group);
    const losses = group.map(({ loss }) => loss).filter((each) => each !== null);
    return {
      atMs: group[0]?.atMs ?? period.fromMs,
      roundTripMs: mean,
      longestMs: most ?? 0,
      loss: losses.length === 0 ? null : largest(losses),
    };
  });
}

/** How far apart two measures may be without a gap between them. */
function reachMs({ fromMs, toMs }: Period): Ms {
  return Math.max(2.5 * SAMPLE_MS, 2 * (toMs - fromMs) / BUCKETS);
}

function curvePath(buckets: readonly Bucket[], period: Period, top: Ms): string {
  const steps: string[] = [];
  let lastMs = -Infinity;
  for (const { atMs, roundTripMs } of buckets) {
    if (roundTripMs === null) {
      lastMs = -Infinity;
      continue;
    }
    const x = (WIDTH * partOf(atMs, period)).toFixed(1);
    const y = heightOf(roundTripMs, top);
    const isGap = atMs - lastMs > reachMs(period);
    // A point that stands alone is a short line.
    steps.push(isGap ? `M${x} ${y}h1` : `L${x} ${y}`);
    lastMs = atMs;
  }
  return steps.join("");
}

/** From the mean of each piece up to its longest round trip. */
function peaksPath(buckets: readonly Bucket[], period: Period, top: Ms): string {
  return buckets.map(({ atMs, roundTripMs, longestMs }) => {
    if (roundTripMs === null || longestMs <= roundTripMs) return "";
    const x = (WIDTH * partOf(atMs, period)).toFixed(1);
    return `M${x} ${heightOf(roundTripMs, top)}V${heightOf(longestMs, top)}`;
  }).join("");
}

/** Where a round trip is in the picture, from its upper edge. */
function heightOf(roundTripMs: Ms, top: Ms): string {
  return (CURVE_HEIGHT * (1 - HEADROOM * roundTripMs / top)).toFixed(1);
}

function lossBars(buckets: readonly Bucket[], period: Period, top: number): Markup[] {
  const lengthMs = period.toMs - period.fromMs;
  const width = Math.max(WIDTH / BUCKETS, lengthMs > 0 ? WIDTH * SAMPLE_MS / lengthMs : 0);
  return buckets.filter(({ loss }) => loss !== null && loss > 0).map(({ atMs, loss }) => {
    const height = Math.max(1.5, LOSS_HEIGHT * (loss ?? 0) / top);
    const x = Math.max(0, WIDTH * partOf(atMs, period) - width);
    return html`
      <rect class="lost" x="${x.toFixed(1)}" y="${(LOSS_HEIGHT - height).toFixed(1)}" width="${width
        .toFixed(1)}" height="${height.toFixed(1)}" />
    `;
  });
}

/** The next number of the kind 1, 2 or 5 with zeros that is not below. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const decade = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5].find((each) => each * decade >= value * 0.999) ?? 10;
  return step * decade;
}
