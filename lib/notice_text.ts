/**
 * Notices as lines of the log. They are read in a hurry: the name first, then what happened, on what evidence, and what
 * was done about it or is to be done.
 *
 * Names and reasons come from other machines and programs: each is cut to a bounded length, and nothing unprintable
 * gets through.
 */
import type { HostRoute, Notice } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { escapeUnprintable, type LogRecord } from "./log_line.ts";
import * as network from "./network_notice_text.ts";
import * as node from "./node_notice_text.ts";
import {
  boundedFields,
  counted,
  listed,
  type NoticeLine,
  type NoticeOf,
  word,
} from "./notice_words.ts";
import * as path from "./path_notice_text.ts";

type Kind = Notice["kind"];
type Notices = { readonly [Each in Kind]: NoticeOf<Each> };

/** What says the notices of each kind. */
const SENTENCES: { readonly [Each in Kind]: (notice: Notices[Each]) => NoticeLine } = {
  "path-down": path.pathDown,
  "path-up": path.pathUp,
  "path-lossy": path.pathLossy,
  "path-clean": path.pathClean,
  "one-way": path.oneWay,
  "rerouted": path.rerouted,
  "address-gone": path.addressGone,
  "node-found": node.nodeFound,
  "node-restarted": node.nodeRestarted,
  "node-stopping": node.nodeStopping,
  "node-not-back": node.nodeNotBack,
  "node-forgotten": node.nodeForgotten,
  "node-removed": node.nodeRemoved,
  "node-unjudged": node.nodeUnjudged,
  "same-name": node.sameName,
  "timing-differs": node.timingDiffers,
  "one-network": node.oneNetwork,
  "address-conflict": node.addressConflict,
  "network-silent": network.networkSilent,
  "network-heard": network.networkHeard,
  "network-ready": network.networkReady,
  "network-unusable": network.networkUnusable,
  "network-drained": network.networkDrained,
  "network-undrained": network.networkUndrained,
  "network-gone": network.networkGone,
  "network-problem": network.networkProblem,
  "no-network": network.noNetwork,
  "adopted": adopted,
  "adopted-removed": adoptedRemoved,
  "repaired": repaired,
  "degraded": degraded,
  "recovered": recovered,
  "foreign-routes": foreignRoutes,
  "late": late,
  "late-round": lateRound,
  "send-failed": sendFailed,
  "dropped": dropped,
  "unauthenticated": unauthenticated,
};

/** The log's line for a notice. Its `event` is the notice's kind; `fields` keep their names from version to version. */
export function noticeText(notice: Notice): LogRecord {
  const { level, text, fields } = say(notice.kind, notice);
  return {
    level,
    event: notice.kind,
    text: escapeUnprintable(text),
    fields: boundedFields(fields),
  };
}

function say<Each extends Kind>(kind: Each, notice: Notices[Each]): NoticeLine {
  return SENTENCES[kind](notice);
}

// --------------------------------------------------------------------------------------------- routing

function adopted({ routes }: NoticeOf<"adopted">): NoticeLine {
  return {
    level: "info",
    text: `${counted(routes.length, "route")} of the previous run kept until more is known: ` +
      listed(routes, routeText),
    fields: { count: routes.length, routes: routes.map(routeFields) },
  };
}

function adoptedRemoved({ address, afterMs }: NoticeOf<"adopted-removed">): NoticeLine {
  return {
    level: "info",
    text: `${word(address)} goes over its own network again: its route of the previous run is ` +
      `removed, nobody was heard there for ${durationText(afterMs)}`,
    fields: { address, afterMs },
  };
}

function repaired({ what, tookMs }: NoticeOf<"repaired">): NoticeLine {
  return {
    level: "warning",
    text: `Routes or rule were changed by somebody else, put back in ${durationText(tookMs)}: ` +
      listed(what, word),
    fields: { count: what.length, what, tookMs },
  };
}

function degraded({ reason, retryMs }: NoticeOf<"degraded">): NoticeLine {
  return {
    level: "error",
    text: `Degraded, ${word(reason)}: routes may not be as wanted, ` +
      `next try in ${durationText(retryMs)}`,
    fields: { reason, retryMs },
  };
}

function recovered({ afterMs }: NoticeOf<"recovered">): NoticeLine {
  return {
    level: "info",
    text: `Recovered: routes are as wanted again after ${durationText(afterMs)}`,
    fields: { afterMs },
  };
}

function foreignRoutes({ table, count }: NoticeOf<"foreign-routes">): NoticeLine {
  return {
    level: "warning",
    text: `Routing table ${table} has ${counted(count, "route")} not made by faild, left alone ` +
      "although traffic may follow: remove them or configure another routing.table",
    fields: { table, count },
  };
}

function routeText({ address, gateway, interfaceName }: HostRoute): string {
  return `${word(address)} via ${word(gateway)} on ${word(interfaceName)}`;
}

function routeFields({ address, gateway, interfaceName, source }: HostRoute) {
  return { address, gateway, interfaceName, source: source ?? null };
}

// --------------------------------------------------------------------------------------------- traffic

function late({ latenessMs, count }: NoticeOf<"late">): NoticeLine {
  return {
    level: "warning",
    text: `We were ${durationText(latenessMs)} late ourselves (machine busy or stopped)` +
      `${againText(count)}: ` +
      "all counts start afresh, routes stay",
    fields: { latenessMs, count },
  };
}

function lateRound({ latenessMs, count }: NoticeOf<"late-round">): NoticeLine {
  return {
    level: "info",
    text: `We were ${durationText(latenessMs)} late ourselves (machine busy) when peers were to ` +
      `be judged${againText(count)}: they are judged a little later, nobody is accused`,
    fields: { latenessMs, count },
  };
}

function againText(count: number): string {
  return count === 1 ? "" : `, ${count} times since the last such line`;
}

function sendFailed({ network, reason }: NoticeOf<"send-failed">): NoticeLine {
  return {
    level: "warning",
    text: `Cannot send on ${word(network)}: ${word(reason)}; tried again at the next inquiry`,
    fields: { network, reason },
  };
}

/** What a reason to drop a packet means to whoever runs the machine, where its name does not say it. */
const REMEDIES: Readonly<Record<string, string>> = {
  "unsigned": "the sender signs nothing, here authentication is enforced",
  "unknown-key": "the sender signs with a key that is not in our key file",
  "bad-signature": "the sender's key of that number is not ours, or the packet is forged",
  "replayed": "a recording sent again, or a LAN that doubles packets",
  "not-allowed": "neither its name nor its address is in the list allow",
  "version": "it runs another version of faild",
};

/** Of these somebody should know: a node is shut out, or somebody tries to get in. */
const ALARMING: ReadonlySet<string> = new Set([
  "unsigned",
  "unknown-key",
  "bad-signature",
  "replayed",
]);

function dropped(notice: NoticeOf<"dropped">): NoticeLine {
  const { reason } = notice;
  const remedy = Object.hasOwn(REMEDIES, reason) ? `; ${REMEDIES[reason]}` : "";
  return {
    level: ALARMING.has(reason) ? "warning" : "info",
    text: `${packetsText(notice)} dropped: ${evidenceText(notice)}${remedy}`,
    fields: packetFields(notice),
  };
}

function unauthenticated(notice: NoticeOf<"unauthenticated">): NoticeLine {
  return {
    level: "warning",
    text: `${packetsText(notice)} used without a valid signature: ${evidenceText(notice)}; ` +
      "authentication is permissive, to enforce it would drop them",
    fields: packetFields(notice),
  };
}

type Packets = NoticeOf<"dropped"> | NoticeOf<"unauthenticated">;

function packetsText({ count, from, network }: Packets): string {
  return `${counted(count, "packet")} from ${word(from)} on ${word(network)}`;
}

function evidenceText({ reason, value }: Packets): string {
  return value === "" ? word(reason) : `${word(reason)} (${word(value)})`;
}

function packetFields({ reason, value, network, from, count }: Packets) {
  return { reason, value, network, from, count };
}
