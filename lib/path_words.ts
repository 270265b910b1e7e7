/** How the log speaks of paths and their routes: why one is down, which way of it is dead, what keeps its traffic away. */
import { SCORE_LIMIT } from "./core/flap_score.ts";
import type { DeadWay, DownCause, Hold, Ms, PathName, RouteAction } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { counted, listed, percentText, word } from "./notice_words.ts";

/** Where a path is: "A (192.168.1.2)". */
export function pathText({ network, address }: PathName): string {
  return `${word(network)} (${word(address)})`;
}

/** The fields that every line about a path has. */
export function pathFields({ node, network, address }: PathName) {
  return { node, network, address };
}

/** Why a path went down, in a clause whose "it" is the peer. */
export function causeText(cause: DownCause): string {
  switch (cause.kind) {
    case "missed": {
      const { what, count, lastGoodAgoMs } = cause;
      const inquiries = counted(count, "inquiry", "inquiries");
      return what === "answers"
        ? `${inquiries} unanswered, ${ago("last answer", lastGoodAgoMs, "it never answered")}`
        : `${inquiries} missing, ${ago("last one", lastGoodAgoMs, "none ever came")}`;
    }
    case "own-network":
      return `our own interface is unusable, ${word(cause.reason)}`;
    case "peer-deaf":
      return `it says that it does not hear us, ${
        ago("last good packet", cause.lastGoodAgoMs, "nor we it")
      }`;
    case "peer-unanswered":
      return `it says that we do not answer it, ${
        ago("last good packet", cause.lastGoodAgoMs, "nor it us")
      }`;
    case "peer-network":
      return "it says that its own interface is unusable";
    case "peer-drained":
      return "it says that it is drained there for maintenance";
    case "adopted":
      return "a route of the previous run says so";
  }
}

/** Why a path went down, in a few words; the log has the whole story. */
export function shortCauseText(cause: DownCause): string {
  switch (cause.kind) {
    case "missed":
      return `${cause.what} missed`;
    case "own-network":
      return `our own interface: ${cause.reason}`;
    case "peer-deaf":
      return "it does not hear us";
    case "peer-unanswered":
      return "we do not answer it";
    case "peer-network":
      return "its own interface is unusable";
    case "peer-drained":
      return "drained there for maintenance";
    case "adopted":
      return "as the previous run left it";
  }
}

/** Which way of a path is dead, in a clause whose "it" is the peer. */
export function deadText(dead: DeadWay): string {
  switch (dead) {
    case "to-peer":
      return "what we send to it does not arrive";
    case "from-peer":
      return "what it sends does not arrive";
    case "both":
      return "nothing arrives either way";
  }
}

/**
 * What has to happen before traffic returns to a path that is up, and why, in a clause whose "its" is the peer.
 *
 * @param network the path's own
 */
export function holdText(hold: Hold, network: string): string {
  const returns = `its traffic returns to ${word(network)}`;
  switch (hold.kind) {
    case "flapping":
      return `${returns} when up there for ${durationText(hold.holdMs)}, or at faild failback: ` +
        `it went down there ${flapsText(hold.flaps)} lately`;
    case "after":
      return `${returns} when up there for ${durationText(hold.holdMs)}, or at faild failback: ` +
        "failback is configured so";
    case "manual":
      return `${returns} at faild failback: ` +
        "failback is manual";
    case "lossy":
      return `${returns} when less is lost there: ` +
        `${percentText(hold.loss)} of the last inquiries now`;
  }
}

/** How often a path went down; more are not counted. */
export function flapsText(flaps: number): string {
  return flaps >= SCORE_LIMIT ? `${SCORE_LIMIT} times or more` : counted(flaps, "time");
}

/** Whether the kernel did not take one of the routes. */
export function isRefused(actions: readonly RouteAction[]): boolean {
  return actions.some(({ kind }) => kind === "refused");
}

/**
 * What was done about routes.
 *
 * @param tookMs from the decision to the read-back; null: not read back yet
 */
export function actionsText(actions: readonly RouteAction[], tookMs: Ms | null): string {
  if (actions.length === 0) return "no route changes";
  const said = listed(actions, actionText);
  const changed = actions.some(({ kind }) => kind === "moved" || kind === "restored");
  if (!changed) return said;
  return `${said}, ${appliedText(tookMs)}`;
}

/** Whether and how fast changes of routes came into force; see {@linkcode actionsText}. */
export function appliedText(tookMs: Ms | null): string {
  return tookMs === null ? "not confirmed by the kernel yet" : `applied in ${durationText(tookMs)}`;
}

function actionText(action: RouteAction): string {
  const address = word(action.address);
  switch (action.kind) {
    case "moved":
      return `${address} now goes via ${word(action.gateway)} on ${word(action.network)}`;
    case "restored":
      return `${address} goes over ${word(action.network)} again`;
    case "stays":
      return `${address} stays as it is: ${word(action.why)}`;
    case "refused":
      return `${address} could not be changed (${word(action.reason)}), ` +
        `next try in ${durationText(action.retryMs)}`;
  }
}

function ago(what: string, durationMs: Ms | null, never: string): string {
  return durationMs === null ? never : `${what} ${durationText(durationMs)} ago`;
}
