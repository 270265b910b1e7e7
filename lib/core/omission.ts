/**
 * Inquiries that leave us out. Who lists in them whom it hears (HEARD), and not us, does not hear us, though it does not
 * complain: it may never have known us. For a moment that is so after each start, and after each time of silence.
 */
import type { Node, Path } from "./nodes.ts";
import type { Ms } from "./types.ts";
import type { World } from "./world.ts";

/** Inquiries of one path in a row that left us out. */
export interface Omission {
  /** When the first and the last of them came. */
  readonly since: Ms;
  readonly until: Ms;
  readonly count: number;
}

const NONE: ReadonlySet<Path> = new Set();

/** The row once one more inquiry has left us out. */
export function longer(row: Omission | null, now: Ms): Omission {
  return { since: row?.since ?? now, until: now, count: (row?.count ?? 0) + 1 };
}

/**
 * The paths on which a node does not hear us: one that left us out in more than f inquiries, and for longer than f + 1 of
 * its intervals (one of the two alone is nothing after a pause of either end); and with it all on which it did so in more
 * than half as many. They fall together, lest traffic be moved from one to another that is about to fall as well.
 * What was said before is nothing where it is judged otherwise by now.
 */
export function leftOut(node: Node, world: World): ReadonlySet<Path> {
  let isLong = false;
  for (const path of node.paths.values()) {
    if (path.omission === null || !isJudged(path, world)) continue;
    const { since, until, count } = path.omission;
    const failAfter = world.failAfterOf(path);
    isLong ||= count > failAfter && until - since > (failAfter + 1) * node.intervalMs;
  }
  if (!isLong) return NONE;
  return new Set([...node.paths.values()].filter((path) => {
    const count = path.omission?.count ?? 0;
    return 2 * count > world.failAfterOf(path) && isJudged(path, world);
  }));
}

/** Whether it is by inquiries that a path is judged, and there is something to judge. */
function isJudged(path: Path, world: World): boolean {
  return path.state.health !== "unknown" && world.isJudgedByInquiries(path);
}
