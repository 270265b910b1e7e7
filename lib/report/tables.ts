/** The figures and tables of a report. */
import { durationText } from "../duration_text.ts";
import { timeText } from "./axis.ts";
import type { Failure } from "./failures.ts";
import type { History, PathHistory } from "./history.ts";
import { html, type Markup } from "./markup.ts";
import { availabilityText } from "./timeline.ts";

/** Longer tables are cut to their latest rows. */
const MOST_ROWS = 500;

/** The few figures that matter most. */
export function summary(history: History): Markup {
  const { paths, failures, outages } = history;
  const failovers = failures.filter(({ isMoved }) => isMoved).length;
  const longest = longestOf(paths, ({ longestDownMs }) => longestDownMs);
  const lost = longestOf(outages, ({ fromMs, toMs }) => toMs - fromMs);
  const worst = paths.reduce<number | null>(
    (least, { availability }) => availability === null ? least : Math.min(least ?? 1, availability),
    null,
  );
  return html`
    <dl class="summary">
    ${[
      tile("Failovers", String(failovers), "traffic moved to another network"),
      tile(
        "Longest outage of a path",
        longest === null ? "none" : durationText(longest.value),
        longest === null ? "no path was down" : `${longest.item.node} on ${longest.item.network}`,
      ),
      tile(
        "Longest loss of a node",
        lost === null ? "none" : durationText(lost.value),
        lost === null ? "every node was reachable" : `${lost.item.node}, down on all its networks`,
      ),
      tile("Worst availability", availabilityText(worst), "of a path, of the known time"),
    ]}</dl>
  `;
}

function tile(title: string, value: string, note: string): Markup {
  return html`
    <div>
      <dt>${title}</dt>
      <dd><strong>${value}</strong><small>${note}</small></dd>
    </div>
  `;
}

function longestOf<Item>(
  items: readonly Item[],
  measure: (item: Item) => number,
): { readonly item: Item; readonly value: number } | null {
  let longest: { readonly item: Item; readonly value: number } | null = null;
  for (const item of items) {
    const value = measure(item);
    if (value > (longest?.value ?? 0)) longest = { item, value };
  }
  return longest;
}

/** Each path in figures. */
export function pathTable(paths: readonly PathHistory[]): Markup {
  return html`
    <table>
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">Network</th>
          <th scope="col">Address</th>
          <th scope="col" class="number">Available</th>
          <th scope="col" class="number">Outages</th>
          <th scope="col" class="number">Down in all</th>
          <th scope="col" class="number">Longest</th>
        </tr>
      </thead>
      <tbody>
    ${paths.map((path) =>
      html`
        <tr>
          <th scope="row">${path.node}</th>
          <td>${path.network}</td>
          <td>${path.address}</td>
          <td class="number">${availabilityText(path.availability)}</td>
          <td class="number">${path.falls}</td>
          <td class="number">${lengthText(path.downMs)}</td>
          <td class="number">${lengthText(path.longestDownMs)}</td>
        </tr>
      `
    )}</tbody>
    </table>
  `;
}

function lengthText(ms: number): string {
  return ms === 0 ? "–" : durationText(ms);
}

/** Each failure: when, what, why, what was done, how long. */
export function failureTable(failures: readonly Failure[]): Markup {
  if (failures.length === 0) {
    return html`
      <p>Nothing failed in this time.</p>
    `;
  }
  return html`
    ${cutNote(failures.length)}<table class="long">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">What</th>
          <th scope="col">Cause</th>
          <th scope="col">Done</th>
          <th scope="col" class="number">Lasted</th>
        </tr>
      </thead>
      <tbody>
    ${failures.slice(-MOST_ROWS).map(failureRow)}</tbody>
    </table>
  `;
}

function failureRow(failure: Failure): Markup {
  const { wallMs, what, cause, done, isMoved } = failure;
  return html`
    <tr class="${isMoved ? "moved" : "unmoved"}">
      <th scope="row">${timeText(wallMs)}</th>
      <td>${what}</td>
      <td data-name="Cause">${cause}</td>
      <td data-name="Done">${done}</td>
      <td class="number" data-name="Lasted">${lastedText(failure)}</td>
    </tr>
  `;
}

function lastedText({ lastedMs, isPresent }: Failure): string {
  if (lastedMs === null) return "–";
  return isPresent ? `${durationText(lastedMs)}, still` : durationText(lastedMs);
}

/** The other events, in the words of the log. */
export function eventTable(events: History["others"]): Markup {
  if (events.length === 0) {
    return html`
      <p>There were none.</p>
    `;
  }
  return html`
    ${cutNote(events.length)}<table class="long">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Level</th>
          <th scope="col">Event</th>
        </tr>
      </thead>
      <tbody>
    ${events.slice(-MOST_ROWS).map(({ wallMs, level, text }) =>
      html`
        <tr>
          <th scope="row">${timeText(wallMs)}</th>
          <td class="${level}">${level}</td>
          <td>${text}</td>
        </tr>
      `
    )}</tbody>
    </table>
  `;
}

function cutNote(count: number): Markup | null {
  return count <= MOST_ROWS ? null : html`
    <p>The latest ${MOST_ROWS} of ${count}.</p>
  `;
}
