/** The sentences about paths; see notice_text.ts. */
import type { PathName } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { counted, type NoticeLine, type NoticeOf, percentText, word } from "./notice_words.ts";
import {
  actionsText,
  causeText,
  deadText,
  holdText,
  isRefused,
  pathFields,
  pathText,
} from "./path_words.ts";

/** A peer was lost on a network: an error if its traffic could not be moved. */
export function pathDown({ path, cause, actions, tookMs }: NoticeOf<"path-down">): NoticeLine {
  // What is planned is no reason to warn, as long as there is another way.
  const isPlanned = cause.kind === "peer-drained";
  const isCutOff = actions.some(({ kind }) => kind === "stays");
  const what = isPlanned
    ? `${word(path.node)} has drained ${pathText(path)} there for maintenance`
    : `${word(path.node)} is down on ${pathText(path)}: ${causeText(cause)}`;
  return {
    level: isRefused(actions) ? "error" : isPlanned && !isCutOff ? "info" : "warning",
    text: `${what}; ${actionsText(actions, tookMs)}`,
    fields: { ...pathFields(path), cause, actions, tookMs },
  };
}

/** A peer is back on a network, though its traffic may be held elsewhere. */
export function pathUp(notice: NoticeOf<"path-up">): NoticeLine {
  const { path, good, downMs, roundTripMs, hold, actions, tookMs } = notice;
  const evidence = roundTripMs === null
    ? counted(good, "good packet")
    : `${counted(good, "good packet")}, round trip ${durationText(roundTripMs)}`;
  const held = hold === null ? "" : `; ${holdText(hold, path.network)}`;
  return {
    level: isRefused(actions) ? "error" : "info",
    text: `${word(path.node)} is up on ${pathText(path)}: ${evidence}, ` +
      `was down ${durationText(downMs)}; ${actionsText(actions, tookMs)}${held}`,
    fields: { ...pathFields(path), good, downMs, roundTripMs, hold, actions, tookMs },
  };
}

/** A path loses too much to be trusted with traffic, if there is a better one. */
export function pathLossy(notice: NoticeOf<"path-lossy">): NoticeLine {
  const { path, loss, by, other, actions, tookMs } = notice;
  const whose = by === "us" ? "" : " by its own count";
  const choice = other === null
    ? "no other network is better"
    : `${word(other.network)} ${percentText(other.loss)}`;
  const isMoved = actions.some(({ kind }) => kind === "moved");
  const until = isMoved ? `, until ${word(path.network)} loses less` : "";
  return {
    level: isRefused(actions) ? "error" : "warning",
    text: `${word(path.node)} on ${pathText(path)} loses ${percentText(loss)} of the last ` +
      `inquiries${whose}, ${choice}; ${actionsText(actions, tookMs)}${until}`,
    fields: { ...pathFields(path), loss, by, other, actions, tookMs },
  };
}

/** A lossy path is good again. */
export function pathClean(notice: NoticeOf<"path-clean">): NoticeLine {
  const { path, loss, hold, actions, tookMs } = notice;
  const held = hold === null ? "" : `; ${holdText(hold, path.network)}`;
  return {
    level: isRefused(actions) ? "error" : "info",
    text: `${word(path.node)} on ${pathText(path)} is good again, it loses ${percentText(loss)} ` +
      `of the last inquiries; ${actionsText(actions, tookMs)}${held}`,
    fields: { ...pathFields(path), loss, hold, actions, tookMs },
  };
}

/** Of a path that is down one way works: mostly a matter of one cable, port or filter. */
export function oneWay({ path, dead }: NoticeOf<"one-way">): NoticeLine {
  const alive = dead === "to-peer"
    ? " (its own word), what it sends does"
    : ", what we send to it does (it misses nothing)";
  return {
    level: "warning",
    text: `${word(path.node)} on ${pathText(path)} is dead one way only: ${deadText(dead)}` +
      `${alive}; look for a bad cable, switch port or packet filter that way` +
      (dead === "to-peer" ? ", or for keys that differ" : ""),
    fields: { ...pathFields(path), dead },
  };
}

/** Traffic moved although no path changed at that moment. */
export function rerouted({ path, why, actions, tookMs }: NoticeOf<"rerouted">): NoticeLine {
  return {
    level: isRefused(actions) ? "error" : "info",
    text: `${rerouteReason(path, why)}; ${actionsText(actions, tookMs)}`,
    fields: { ...pathFields(path), why, actions, tookMs },
  };
}

/** A node gave up an address. */
export function addressGone({ path }: NoticeOf<"address-gone">): NoticeLine {
  return {
    level: "warning",
    text: `${word(path.node)} no longer has ${word(path.address)} on ${word(path.network)}: ` +
      "used again as soon as it is back",
    fields: pathFields(path),
  };
}

function rerouteReason(path: PathName, why: NoticeOf<"rerouted">["why"]): string {
  const where = `${word(path.node)} on ${pathText(path)}`;
  switch (why) {
    case "own-address":
      return `Our own address on ${word(path.network)} came, went or changed`;
    case "better-path":
      return `There is a better way now for ${where}`;
    case "hold-ended":
      return `The traffic of ${where} is held elsewhere no longer`;
    case "failback":
      return `The traffic of ${where} was called back (faild failback)`;
    case "unjudged":
      return `Nobody judges the paths to ${where} any more`;
  }
}
