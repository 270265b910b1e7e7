/** One path of a peer while its routes are chosen. */
import type { Path } from "./nodes.ts";
import type { Candidate } from "./route_choice.ts";
import type { HostRoute, RouteAction } from "./types.ts";

/** A path as it is chosen for, and what came of it. */
export interface Case extends Candidate {
  readonly path: Path;
  /** Where its traffic went before. */
  readonly before: HostRoute | null;
  /** What was done, until it is told. */
  action: RouteAction | null;
}

/** What was done about a path: told once, by the first notice that it belongs to. */
export function takeActions(each: Case): readonly RouteAction[] {
  const { action } = each;
  each.action = null;
  return action === null ? [] : [action];
}

/** The path that carries the traffic of another one; null: none of the same peer does. */
export function carrierOf({ path }: Case, cases: readonly Case[]): Case | null {
  if (path.route === null) return null;
  for (const each of cases) if (each.path.address === path.route.gateway) return each;
  return null;
}
