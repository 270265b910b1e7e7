/** What is looked at on a machine, what can come of it, and how severe that is. */

/** How a finding is to be taken, the least severe first; "unknown": it could not be found out. */
export const LEVELS = ["ok", "unknown", "warning", "problem"] as const;

/** One of the levels above. */
export type Level = typeof LEVELS[number];

/** What is looked at, in the order in which it is told. */
export type CheckName =
  | "iproute2"
  | "rights"
  | "networks"
  | "subnets"
  | "carrier"
  | "mtu"
  | "rp-filter"
  | "rules"
  | "daemon"
  | "routes"
  | "networkd"
  | "network-manager"
  | "firewall"
  | "lateness"
  | "keys"
  | "peers"
  | "paths";

/** One finding. */
export interface Finding {
  readonly check: CheckName;
  readonly level: Level;
  /** What was found, in one sentence without its full stop. */
  readonly text: string;
  /** The command that mends it, or what else to do; null: nothing is to be mended, or nobody knows how. */
  readonly remedy: string | null;
}

/** A finding that is as it should be. */
export function fine(check: CheckName, text: string): Finding {
  return { check, level: "ok", text, remedy: null };
}

/** Something that could not be found out, and why. */
export function untold(check: CheckName, text: string, remedy: string | null = null): Finding {
  return { check, level: "unknown", text, remedy };
}

/** Something that may do harm. */
export function warning(check: CheckName, text: string, remedy: string | null): Finding {
  return { check, level: "warning", text, remedy };
}

/** Something that does harm, or will when a network fails. */
export function problem(check: CheckName, text: string, remedy: string | null): Finding {
  return { check, level: "problem", text, remedy };
}

/** The level of all findings together. */
export function worstOf(findings: readonly Finding[]): Level {
  const worst = Math.max(0, ...findings.map(({ level }) => LEVELS.indexOf(level)));
  return LEVELS[worst] ?? "ok";
}

/** An entry of what `ip -j` answers. */
export type Entry = Readonly<Record<string, unknown>>;

/** The objects of an array in JSON; null: it is none. */
export function entriesIn(text: string): Entry[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  return Array.isArray(parsed) ? parsed.filter(isEntry) : null;
}

/** Whether a value is an object with named fields. */
export function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
