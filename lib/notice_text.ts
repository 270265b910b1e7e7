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
import { boundedFields, counted, listed, type NoticeLine, word } from "./notice_words.ts";
import * as path from "./path_notice_text.ts";

/** The log's line for a notice. Its `event` is the notice's kind; `fields` keep their names from version to version. */
export function noticeText(notice: Notice): LogRecord {
  const { level, text, fields } = noticeLine(notice);
  return {
    level,
    event: notice.kind,
    text: escapeUnprintable(text),
    fields: boundedFields(fields),
  };
}

function noticeLine(notice: Notice): NoticeLine {
  switch (notice.kind) {
    case "path-down":
      return path.pathDown(notice);
    case "path-up":
      return path.pathUp(notice);
    case "rerouted":
      return path.rerouted(notice);
    case "node-found":
      return path.nodeFound(notice);
    case "node-restarted":
      return path.nodeRestarted(notice);
    case "node-forgotten":
      return path.nodeForgotten(notice);
    case "address-gone":
      return path.addressGone(notice);
    case "address-conflict":
      return path.addressConflict(notice);
    case "network-ready":
      return networkReady(notice);
    case "network-unusable":
      return networkUnusable(notice);
    case "network-gone":
      return networkGone(notice);
    case "network-problem":
      return networkProblem(notice);
    case "no-network":
      return noNetwork();
    case "adopted":
      return adopted(notice);
    case "adopted-removed":
      return adoptedRemoved(notice);
    case "repaired":
      return repaired(notice);
    case "degraded":
      return degraded(notice);
    case "recovered":
      return recovered(notice);
    case "foreign-routes":
      return foreignRoutes(notice);
    case "late":
      return late(notice);
    case "send-failed":
      return sendFailed(notice);
    case "dropped":
      return dropped(notice);
  }
}

type Of<Kind extends Notice["kind"]> = Extract<Notice, { readonly kind: Kind }>;

// -------------------------------------------------------------------------------------------- networks

function networkReady({ network }: Of<"network-ready">): NoticeLine {
  const { name, interfaceName, address, prefixLength, broadcast } = network;
  return {
    level: "info",
    text: `${word(name)} is ready: ${word(interfaceName)}, ${word(address)}/${prefixLength}, ` +
      `broadcast ${word(broadcast)}`,
    fields: { network: name, interfaceName, address, prefixLength, broadcast },
  };
}

function networkUnusable({ network, reason }: Of<"network-unusable">): NoticeLine {
  return {
    level: "warning",
    text: `${word(network)} is unusable, ${word(reason)}: all its paths are down until it is back`,
    fields: { network, reason },
  };
}

function networkGone({ network, address }: Of<"network-gone">): NoticeLine {
  return {
    level: "warning",
    text: `${word(network)} is gone, no interface has ${word(address)}: ` +
      "used again as soon as it is back",
    fields: { network, address },
  };
}

function networkProblem({ problem }: Of<"network-problem">): NoticeLine {
  const { name, reason } = problem;
  return {
    level: "warning",
    text: `${word(name)} cannot be used, ${word(reason)}: it is tried again`,
    fields: { network: name, reason },
  };
}

function noNetwork(): NoticeLine {
  return {
    level: "warning",
    text:
      "No network to work on: waiting for an interface that is up and has an IPv4 address and " +
      "a broadcast address",
    fields: {},
  };
}

// --------------------------------------------------------------------------------------------- routing

function adopted({ routes }: Of<"adopted">): NoticeLine {
  return {
    level: "info",
    text: `${counted(routes.length, "route")} of the previous run kept until more is known: ` +
      listed(routes, routeText),
    fields: { count: routes.length, routes: routes.map(routeFields) },
  };
}

function adoptedRemoved({ address, afterMs }: Of<"adopted-removed">): NoticeLine {
  return {
    level: "info",
    text: `${word(address)} goes over its own network again: its route of the previous run is ` +
      `removed, nobody was heard there for ${durationText(afterMs)}`,
    fields: { address, afterMs },
  };
}

function repaired({ what, tookMs }: Of<"repaired">): NoticeLine {
  return {
    level: "warning",
    text: `Routes or rule were changed by somebody else, put back in ${durationText(tookMs)}: ` +
      listed(what, word),
    fields: { count: what.length, what, tookMs },
  };
}

function degraded({ reason, retryMs }: Of<"degraded">): NoticeLine {
  return {
    level: "error",
    text: `Degraded, ${word(reason)}: routes may not be as wanted, ` +
      `next try in ${durationText(retryMs)}`,
    fields: { reason, retryMs },
  };
}

function recovered({ afterMs }: Of<"recovered">): NoticeLine {
  return {
    level: "info",
    text: `Recovered: routes are as wanted again after ${durationText(afterMs)}`,
    fields: { afterMs },
  };
}

function foreignRoutes({ table, count }: Of<"foreign-routes">): NoticeLine {
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

function late({ latenessMs, count }: Of<"late">): NoticeLine {
  const again = count === 1 ? "" : `, ${count} times since the last such line`;
  return {
    level: "warning",
    text: `We were ${durationText(latenessMs)} late ourselves (machine busy or stopped)${again}: ` +
      "all counts start afresh, routes stay",
    fields: { latenessMs, count },
  };
}

function sendFailed({ network, reason }: Of<"send-failed">): NoticeLine {
  return {
    level: "warning",
    text: `Cannot send on ${word(network)}: ${word(reason)}; tried again at the next inquiry`,
    fields: { network, reason },
  };
}

function dropped({ reason, value, network, from, count }: Of<"dropped">): NoticeLine {
  const evidence = value === "" ? word(reason) : `${word(reason)} (${word(value)})`;
  return {
    level: "info",
    text: `${counted(count, "packet")} from ${word(from)} on ${word(network)} dropped: ${evidence}`,
    fields: { reason, value, network, from, count },
  };
}
