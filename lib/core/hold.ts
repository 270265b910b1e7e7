/**
 * Why traffic that was moved does not return yet although its own path works, and for how long.
 *
 *   reason   | since the path came up, for
 *   ---------+--------------------------------------------------------------------------------
 *   manual   | ever: people or a dead carrier end it
 *   flapping | what FlapScore.holdMs() says
 *   after    | the time of the configuration; the longer one of these two counts
 *   lossy    | as long as it loses too much, by our figures or by the peer's word
 */
import type { Path } from "./nodes.ts";
import type { Hold, Ms, Settings } from "./types.ts";

/** How the traffic of a path that came up at `since` is held by time; null: not. `restoreMs` is what -s takes. */
export function holdByTime(
  { flaps }: Pick<Path, "flaps">,
  since: Ms,
  restoreMs: Ms,
  { failback }: Pick<Settings, "failback">,
): Hold | null {
  if (failback.kind === "manual") return { kind: "manual" };
  const flapMs = flaps.holdMs(since, restoreMs);
  const quietMs = failback.kind === "after" ? failback.quietMs : 0;
  if (flapMs > quietMs) return { kind: "flapping", flaps: flaps.count(since), holdMs: flapMs };
  return quietMs > 0 ? { kind: "after", holdMs: quietMs } : null;
}

/** When a hold that began at `since` ends by itself; -Infinity: there is none, Infinity: never. */
export function endOf(hold: Hold | null, since: Ms): Ms {
  if (hold === null || hold.kind === "lossy") return -Infinity;
  return hold.kind === "manual" ? Infinity : since + hold.holdMs;
}

/** Why the traffic of a path is kept elsewhere at `now`; null: nothing keeps it, or it is where it belongs. */
export function holdOf(path: Path, now: Ms, restoreMs: Ms, settings: Settings): Hold | null {
  const { state, route, heldUntil } = path;
  if (route === null || state.health !== "up") return null;
  if (now < heldUntil) return holdByTime(path, state.since, restoreMs, settings);
  return path.loss.isLossy ? { kind: "lossy", loss: path.loss.figure } : null;
}
