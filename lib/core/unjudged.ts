/**
 * Peers whom nobody judges: who inquires judges by the answers, and who is inquired judges by the inquiries, so between
 * two nodes that both only answer no path is known to work, nor to be dead.
 *
 * It comes to that when the last of two that inquired does so no more. What was known is worth nothing from then on,
 * and a route that stayed where it was moved might lead into a network that died since. So their traffic goes straight
 * over its own network again, where it would be without us.
 */
import type { Node, Path } from "./nodes.ts";
import { newPathHealth } from "./path_health.ts";
import type { Ms, Settings } from "./types.ts";
import type { World } from "./world.ts";

/** Whether neither a node nor we inquire. */
export function isUnjudged(node: Pick<Node, "requestor">, settings: Settings): boolean {
  return !settings.requestor && !node.requestor;
}

/**
 * Where a node is judged by nobody from now on, forgets what is known of its paths, and tells so; that its routes are
 * given up follows from it.
 */
export function stopJudging(node: Node, world: World, now: Ms): void {
  if (!isUnjudged(node, world.settings)) return;
  let isNews = false;
  for (const path of node.paths.values()) {
    path.expectBy = null;
    // What we see ourselves, of our own interface, is known still.
    if (!world.lanOf(path).usable || path.state.health === "unknown") continue;
    isNews = true;
    forgetHealth(path, world, now);
  }
  if (isNews) world.tell({ kind: "node-unjudged", node: node.name });
}

/** Nothing is known of a path from now on. */
export function forgetHealth(path: Path, world: World, now: Ms): void {
  Object.assign(path.state, newPathHealth(now));
  path.omission = null;
  path.oneWay = null;
  world.dirty.add(path.node);
}
