/** What is wrong with a flag or a configuration file, and how it is said. */

/** One thing that cannot be used, and why. */
export interface Problem {
  /** What was to be done: "use" a value, "read" a file. */
  readonly verb: "use" | "read";
  /** The flag, key path or file, e.g. "networks[1].name". */
  readonly subject: string;
  /** What it must be, e.g. "must be 0.01 to 3600 s". */
  readonly rule: string;
  /** What it is, as `shown` writes it; null where the rule says it all. */
  readonly value: string | null;
  /** Where it stands: "flag -t", "/etc/faild.yaml:12"; null where the subject says it. */
  readonly where: string | null;
}

/** The problem as one line, e.g. "Cannot use interval: must be 0.01 to 3600 s, is -1 (config.yaml:12)". */
export function problemText(problem: Problem): string {
  const { verb, subject, rule, value, where } = problem;
  const is = value === null ? "" : `, is ${value}`;
  return escaped(`Cannot ${verb} ${subject}: ${rule}${is}${where === null ? "" : ` (${where})`}`);
}

/** A file that cannot be read at all; the reason is a rule, or the words of the system. */
export function unreadableFile(file: string, reason: string): Problem {
  return { verb: "read", subject: file, rule: reason, value: null, where: null };
}

/** Longer texts are cut, so that a problem stays one readable line. */
const SHOWN_CHARACTERS = 80;

/** Text from outside, made fit for one line: control and invisible characters escaped, long text cut. */
export function shownText(text: string): string {
  return escaped(
    text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text,
  );
}

/** Control and invisible characters by their code, so that nothing forges a line or hides in it. */
function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (each) => `\\u${(each.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** A value from a YAML file in few words: text in quotes, what is nested only by its kind. */
export function shownValue(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (typeof value === "string") return `"${shownText(value)}"`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  return isMapping(value) ? "a mapping" : `a ${typeof value}`;
}

/** Whether a value from a YAML file is a mapping of keys to values. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The known word that was most likely meant; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (word.length > 40) return null;
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const each of known) {
    const distance = editDistance(plain(word), plain(each));
    if (distance < bestDistance) [best, bestDistance] = [each, distance];
  }
  // A third of the letters may be wrong: more would suggest words that have nothing in common.
  return bestDistance <= Math.max(1, Math.floor(plain(word).length / 3)) ? best : null;
}

/** "failAfter", "fail_after" and "fail-after" differ only in habit. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** How many letters must be inserted, removed or replaced to turn one word into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
