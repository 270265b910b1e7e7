/** What `faild doctor` shows, for people and for programs. */
import { wrapped } from "../config/wrapped.ts";
import { type Finding, type Level, LEVELS, worstOf } from "../core/diagnosis.ts";
import { escapeUnprintable } from "../log_line.ts";
import { counted } from "../notice_words.ts";
import { MAX_COLUMNS } from "./columns.ts";

const MARKS: Readonly<Record<Level, string>> = {
  ok: "ok",
  unknown: "?",
  warning: "warning",
  problem: "PROBLEM",
};
/** Where the text begins. */
const COLUMN = 9;

/**
 * All findings with their remedies, and one line at the end.
 *
 * @param isStopped no daemon runs, which is no fault by itself, but no failover either
 */
export function doctorText(findings: readonly Finding[], isStopped: boolean): string {
  const lines = findings.flatMap(findingLines);
  const stopped = isStopped ? "; no daemon runs here, so there is no failover" : "";
  return `${[...lines, "", conclusion(findings) + stopped].join("\n")}\n`;
}

function findingLines({ check, level, text, remedy }: Finding): string[] {
  const said = wrapped(escapeUnprintable(`${check}: ${text}`), MAX_COLUMNS - COLUMN);
  const [first = "", ...rest] = said;
  const pad = " ".repeat(COLUMN);
  return [
    MARKS[level].padEnd(COLUMN) + first,
    ...rest.map((line) => pad + line),
    // In one line, however long: it is there to be copied.
    ...(remedy === null ? [] : [`${pad}-> ${escapeUnprintable(remedy)}`]),
  ];
}

function conclusion(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((each) => each.level === level).length;
  const said = [
    [count("problem"), counted(count("problem"), "problem")],
    [count("warning"), counted(count("warning"), "warning")],
    [count("unknown"), `${count("unknown")} could not be told`],
  ] as const;
  const those = said.filter(([number]) => number > 0).map(([, text]) => text);
  return those.length === 0 ? "Nothing is wrong" : those.join(", ");
}

/** The same as one JSON document; docs/schema/doctor.json describes it. */
export function doctorJson(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((each) => each.level === level).length;
  const counts = Object.fromEntries(LEVELS.map((level) => [level, count(level)]));
  return `${JSON.stringify({ level: worstOf(findings), counts, findings }, null, 2)}\n`;
}
