/** How the benchmark's figures are set out: rows with their limits, in sections, as a table or as JSON. */

import { figure, table } from "./measure.ts";

/** What a figure must keep to. */
export interface Limit {
  readonly kind: "at most" | "below" | "at least";
  readonly value: number;
}

/** One line of the table. A title that begins with blanks belongs to the one above it. */
export interface Row {
  readonly title: string;
  /** What is good enough; null: no limit was set. */
  readonly limit: Limit | null;
  /** NaN: there is no such figure, which keeps no limit. */
  readonly faild: number;
  /** The same of BIRD; null: not measured. */
  readonly bird: number | null;
  /** Decimals shown. */
  readonly digits: number;
}

/** What one group found out. */
export interface Section {
  readonly rows: readonly Row[];
  /** How it was measured, as far as the titles do not say it. */
  readonly remark: string;
}

/** A section, and the name by which its group is selected; or why there is none. */
export type Chapter =
  & { readonly group: string }
  & (Section | { readonly failure: string });

/** A limit that the figure may reach. */
export function atMost(value: number): Limit {
  return { kind: "at most", value };
}

/** A limit that the figure must stay under. */
export function below(value: number): Limit {
  return { kind: "below", value };
}

/** A limit that the figure must reach. */
export function atLeast(value: number): Limit {
  return { kind: "at least", value };
}

/** A row of a figure that only faild has. */
export function own(title: string, faild: number, limit: Limit | null = null, digits = 0): Row {
  return { title, limit, faild, bird: null, digits };
}

/** Whether a figure keeps its limit; null where there is none. */
export function isKept({ faild, limit }: Row): boolean | null {
  switch (limit?.kind) {
    case undefined:
      return null;
    case "at most":
      return faild <= limit.value;
    case "below":
      return faild < limit.value;
    case "at least":
      return faild >= limit.value;
  }
}

const WIDTH = 110;
const SIGNS = { "at most": "≤", "below": "<", "at least": "≥" } as const;

function cells(row: Row, hasBird: boolean): string[] {
  const kept = isKept(row);
  const { title, limit, faild, bird, digits } = row;
  const ratio = bird === null || bird === 0 ? null : faild / bird;
  return [
    title,
    figure(faild, digits),
    limit === null ? "" : `${SIGNS[limit.kind]} ${figure(limit.value, digits)}`,
    kept === null ? "" : kept ? "kept" : "MISSED",
    ...(hasBird ? [figure(bird, digits), figure(ratio, 2)] : []),
  ];
}

/** Lines of a width that can be read, all but the first indented. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** All chapters as one table, the remarks under it. */
export function render(chapters: readonly Chapter[], hasBird: boolean): string {
  const headings = ["", "faild", "limit", "", ...(hasBird ? ["BIRD", "ratio"] : [])];
  const rows = chapters.flatMap((chapter) =>
    "failure" in chapter ? [[`${chapter.group}: not measured`, "", "", "MISSED"]] : [
      ...chapter.rows.map((row) => cells(row, hasBird)),
    ]
  );
  const remarks = chapters.flatMap((chapter) => {
    const text = "failure" in chapter ? chapter.failure : chapter.remark;
    return wrap(`${chapter.group}: ${text}`);
  });
  return `${table(headings, rows)}\n\n${remarks.join("\n")}`;
}

/** All chapters as JSON, with the verdict on each figure. */
export function toJson(chapters: readonly Chapter[]): string {
  const result = chapters.map((chapter) =>
    "failure" in chapter
      ? chapter
      : { ...chapter, rows: chapter.rows.map((row) => ({ ...row, kept: isKept(row) })) }
  );
  return JSON.stringify(result, null, 2);
}
