/** The report: one page that needs nothing beside itself, neither a network nor a script. */
import { durationText } from "../duration_text.ts";
import { counted, listed } from "../notice_words.ts";
import { timeText } from "./axis.ts";
import { curves } from "./curves.ts";
import type { History } from "./history.ts";
import { html, Markup } from "./markup.ts";
import { STYLE } from "./style.ts";
import { eventTable, failureTable, pathTable, summary } from "./tables.ts";
import { timeline } from "./timeline.ts";

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
    </header>
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
  if (history.paths.length === 0) {
    return html`
      <p>No path is known from this time.</p>
    `;
  }
  return html`${timeline(history)}${wide(pathTable(history.paths))}`;
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
