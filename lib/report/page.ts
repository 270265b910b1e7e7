/** The report: one page that needs nothing beside itself, neither a network nor a script. */
import { durationText } from "../duration_text.ts";
import { counted, listed } from "../notice_words.ts";
import type { PathState } from "../samples.ts";
import { timeText } from "./axis.ts";
import { curves } from "./curves.ts";
import type { History, PathHistory } from "./history.ts";
import { html, Markup } from "./markup.ts";
import { STYLE } from "./style.ts";
import { eventTable, failureTable, pathTable, summary } from "./tables.ts";
import { timeline } from "./timeline.ts";

/** Of more paths than these nobody wants to see those that just worked. */
const MANY_PATHS = 64;
/** Of more than these in trouble only the worst are shown. */
const MOST_PATHS = 250;
const TROUBLES: ReadonlySet<PathState> = new Set(["down", "lossy", "held"]);

/** The same history gives the same page. All that came from outside is escaped. */
export function reportPage(history: History): string {
  const title = history.node === null ? "faild report" : `faild on ${history.node}`;
  const { text } = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>${title}, ${timeText(history.fromMs)} to ${timeText(history.toMs)}</title>
        <style>${new Markup(STYLE)}</style>
      </head>
      <body>
    ${header(title, history)}<main>
    ${section("summary", "Summary", summary(history))}${section(
      "timeline",
      "Paths over time",
      pictures(history),
    )}${section("measured", "Round trip and loss", curves(history))}${section(
      "failures",
      "Failures and failovers",
      wide(failureTable(history.failures)),
    )}${section("events", "Other events", wide(eventTable(history.others)))}</main>
    ${footer(history)}</body>
    </html>
  `;
  return text;
}

function header(title: string, history: History): Markup {
  const { fromMs, toMs, versions } = history;
  const ran = versions.length === 0
    ? null
    : html`; ${versions.length === 1 ? "version" : "versions"} ${listed(versions, String)}`;
  return html`
    <header>
      <h1>${title}</h1>
      <p>${timeText(fromMs)} to ${timeText(toMs)} (${durationText(
        toMs - fromMs,
      )}), local time${ran}</p>
    ${unrecorded(history)}</header>
  `;
}

/** Who reads that nothing failed in a week must know where only an hour of it was looked at. */
function unrecorded({ fromMs, toMs, recordedMs }: History): Markup | null {
  const askedMs = toMs - fromMs;
  if (recordedMs >= askedMs) return null;
  const text = recordedMs === 0
    ? "Nothing is recorded of this time."
    : `The records begin at ${timeText(toMs - recordedMs)}: they are of ${
      durationText(recordedMs)
    }, not ${durationText(askedMs)}.`;
  return html`
    <p><strong>${text}</strong></p>
  `;
}

function section(id: string, title: string, content: Markup): Markup {
  return html`
    <section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${content}</section>
  `;
}

/** A table that is too wide for its window is scrolled, also by keys. */
function wide(table: Markup): Markup {
  return html`
    <div class="wide" tabindex="0">
    ${table}</div>
  `;
}

function pictures(history: History): Markup {
  const { paths } = history;
  if (paths.length === 0) {
    return html`
      <p>No path is known from this time.</p>
    `;
  }
  const shown = paths.length > MANY_PATHS ? worstOf(paths) : paths;
  return html`${hiddenNote(paths.length, shown.length)}${
    shown.length === 0
      ? null
      : html`${timeline({ ...history, paths: shown })}${wide(pathTable(shown))}`
  }`;
}

/** The paths of a crowd that were in trouble, the worst of them where they are many, in their order. */
function worstOf(paths: readonly PathHistory[]): readonly PathHistory[] {
  const troubled = paths.filter(({ spans }) => spans.some(({ state }) => TROUBLES.has(state)));
  if (troubled.length <= MOST_PATHS) return troubled;
  const worst = new Set(troubled.toSorted((a, b) => b.downMs - a.downMs).slice(0, MOST_PATHS));
  return troubled.filter((path) => worst.has(path));
}

function hiddenNote(all: number, shown: number): Markup | null {
  if (shown === all) return null;
  const rest = shown < MOST_PATHS ? "were neither down nor lossy nor held" : "were down for less";
  return html`
    <p>${shown} of ${counted(all, "path")}; the others ${rest}.</p>
  `;
}

function footer({ samples, broken }: History): Markup {
  const lost = broken === 0 ? "" : ` ${counted(broken, "line")} of the files could not be read.`;
  return html`
    <footer>
      <p>From the events and ${counted(
        samples,
        "sample",
      )} that the daemon kept. A path is unknown while the daemon did not run, and until it was first heard. Bold: traffic was moved to another network.${lost}</p>
    </footer>
  `;
}
