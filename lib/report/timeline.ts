/** The picture of all paths over time: a bar for each, high and dark where something was wrong. */
import { durationText } from "../duration_text.ts";
import { counted } from "../notice_words.ts";
import type { PathState } from "../samples.ts";
import { partOf, type Tick, ticksOf, timeText } from "./axis.ts";
import type { History, PathHistory, Period, Span } from "./history.ts";
import { html, type Markup } from "./markup.ts";

/** Units of a picture's width; it is stretched to whatever room there is. */
const WIDTH = 1000;
const HEIGHT = 20;
/** What is shorter is drawn so wide, so that it is seen. */
const LEAST_WIDTH = 2.5;

/** How a state is named, and how high its bar is: nobody needs to tell colours apart. */
const LOOKS: Readonly<Record<PathState, { readonly name: string; readonly height: number }>> = {
  up: { name: "up", height: 8 },
  held: { name: "up, traffic held elsewhere", height: 14 },
  lossy: { name: "lossy", height: 14 },
  down: { name: "down", height: 20 },
  unknown: { name: "unknown", height: 2 },
};

/** What is drawn later is never hidden. */
const ORDER: readonly PathState[] = ["unknown", "up", "held", "lossy", "down"];

/** The timeline of all paths, with the axis and a legend. */
export function timeline(history: History): Markup {
  const ticks = ticksOf(history);
  return html`
    <figure class="timeline">
    ${history.paths.map((path) => row(path, history, ticks))}
    <div class="row axis" aria-hidden="true"><span></span>${axis(ticks)}<span></span></div>
    <figcaption class="legend">${ORDER.toReversed().map(legend)}</figcaption>
    </figure>
  `;
}

/** The labels below a picture. */
export function axis(ticks: readonly Tick[]): Markup {
  return html`<div class="ticks">${
    ticks.map(({ part, label }) =>
      html`<span style="left:${(100 * part).toFixed(2)}%">${label}</span>`
    )
  }</div>`;
}

function row(path: PathHistory, period: Period, ticks: readonly Tick[]): Markup {
  const { node, network, address, availability } = path;
  return html`
    <div
      class="row"><span class="name"><b>${node}</b> ${network} <small>${address}</small></span><svg role="img" aria-label="${spoken(
        path,
      )}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${gridLines(
        ticks,
        HEIGHT,
      )}${ORDER.flatMap((state) =>
        path.spans.filter((span) => span.state === state).map((span) => bar(span, period))
      )}</svg><span class="figure">${availabilityText(availability)}</span></div>
  `;
}

/** The marks of the axis within a picture. */
export function gridLines(ticks: readonly Tick[], height: number): Markup[] {
  return ticks.map(({ part }) => {
    const x = (WIDTH * part).toFixed(1);
    return html`
      <line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height}" />
    `;
  });
}

function bar({ fromMs, toMs, state }: Span, period: Period): Markup {
  const { name, height } = LOOKS[state];
  const begin = WIDTH * partOf(fromMs, period);
  const width = Math.max(WIDTH * partOf(toMs, period) - begin, LEAST_WIDTH);
  const x = Math.min(begin, WIDTH - width);
  const y = (HEIGHT - height) / 2;
  return html`
    <rect class="${state}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(
      1,
    )}" height="${height}">
      <title>${name} for ${durationText(toMs - fromMs)}, from ${timeText(fromMs)}</title>
    </rect>
  `;
}

function legend(state: PathState): Markup {
  const { name, height } = LOOKS[state];
  return html`<span><svg viewBox="0 0 24 20" aria-hidden="true"><rect class="${state}" x="0" y="${
    (HEIGHT - height) / 2
  }" width="24" height="${height}"/></svg>${name}</span>`;
}

/** The bar in words, for those who do not see it. */
function spoken({ node, network, availability, falls, downMs }: PathHistory): string {
  const known = availability === null
    ? "nothing is known"
    : `worked ${availabilityText(availability)} of the known time`;
  const down = falls === 0
    ? "never down"
    : `down ${counted(falls, "time")}, ${durationText(downMs)} in all`;
  return `${node} on ${network}: ${known}, ${down}`;
}

/** "99.98 %"; a part of less than everything never reads as all of it. Null: "–". */
export function availabilityText(availability: number | null): string {
  if (availability === null) return "–";
  if (availability === 1) return "100 %";
  return `${Math.min(99.99, Math.floor(availability * 10_000) / 100).toFixed(2)} %`;
}
