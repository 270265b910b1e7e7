/** The lines of the daemon's log that tests wait for, all in one place. They are JSON lines. */

import type { Line, Pattern } from "./lines.ts";

/** What a line must hold beside its event; of an object or a list only what is named here. */
export type Fields = { readonly [key: string]: Field };
type Field = string | number | boolean | null | Fields | readonly Field[];

/** A pattern for the line of one event with these fields, e.g. `event("path-down", { network: "A" })`. */
export function event(name: string, fields: Fields = {}): Pattern {
  const wanted = { event: name, ...fields };
  return {
    test: (text) => {
      try {
        return holds(JSON.parse(text), wanted);
      } catch {
        // Not every line is JSON: the one of a refused start is for people.
        return false;
      }
    },
    toString: () => JSON.stringify(wanted),
  };
}

function holds(value: unknown, wanted: Field): boolean {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(wanted).every(([key, field]) =>
    holds((value as Readonly<Record<string, unknown>>)[key], field)
  );
}

/** A path to a node went down. */
export function pathDown(node: string, network: string): Pattern {
  return event("path-down", { node, network });
}

/** A path to a node is up again. */
export function pathUp(node: string, network: string): Pattern {
  return event("path-up", { node, network });
}

/** An address of a node was heard, at once or after it was first thought dead. */
export function heard(address: string): Pattern {
  const found = event("node-found", { address });
  const up = event("path-up", { address });
  return {
    test: (text) => found.test(text) || up.test(text),
    toString: () => `${found} or ${up}`,
  };
}

/** How long after one line another was written, in ms by the daemon's own clock. Throws where a line is no JSON. */
export function msBetween(earlier: Line | undefined, later: Line | undefined): number {
  const [from = NaN, to = NaN] = [earlier, later].map((line) =>
    Date.parse(JSON.parse(line?.text ?? "{}").time)
  );
  return to - from;
}
