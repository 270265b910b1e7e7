/** The sentences about nodes; see notice_text.ts. */
import { durationText } from "./duration_text.ts";
import { type NoticeLine, type NoticeOf, word } from "./notice_words.ts";
import { pathFields, pathText } from "./path_words.ts";

/** A node was heard on a network for the first time. */
export function nodeFound({ path, requestor }: NoticeOf<"node-found">): NoticeLine {
  const role = requestor ? "requestor and responder" : "responder only";
  return {
    level: "info",
    text: `${word(path.node)} found on ${pathText(path)}: ${role}`,
    fields: { ...pathFields(path), requestor },
  };
}

/** A node runs anew. */
export function nodeRestarted({ node, address }: NoticeOf<"node-restarted">): NoticeLine {
  return {
    level: "info",
    text: `${word(node)} (${word(address)}) has restarted: it is still the same node`,
    fields: { node, address },
  };
}

/** A node stops on purpose. */
export function nodeStopping({ node, graceMs }: NoticeOf<"node-stopping">): NoticeLine {
  return {
    level: "info",
    text: `${word(node)} stops, as it says: for ${durationText(graceMs)} its silence is no fault ` +
      "and our routes to it stay as they are",
    fields: { node, graceMs },
  };
}

/** A node that stopped on purpose stays away. */
export function nodeNotBack({ node, afterMs }: NoticeOf<"node-not-back">): NoticeLine {
  return {
    level: "warning",
    text: `${word(node)} said that it stops and is not back after ${durationText(afterMs)}: ` +
      "from now on its silence is a fault",
    fields: { node, afterMs },
  };
}

/** A node was silent for so long that it is no longer remembered. */
export function nodeForgotten({ node, silentMs }: NoticeOf<"node-forgotten">): NoticeLine {
  return {
    level: "info",
    text: `${word(node)} was silent for ${
      durationText(silentMs)
    } and is forgotten until it is heard`,
    fields: { node, silentMs },
  };
}

/** Of a node and us neither inquires any more. */
export function nodeUnjudged({ node }: NoticeOf<"node-unjudged">): NoticeLine {
  return {
    level: "warning",
    text: `Neither ${word(node)} nor this host sends inquiries any more: nobody judges the paths ` +
      "between them, and nothing is moved until one of the two is a requestor",
    fields: { node },
  };
}

/** A node is not one of the configuration any more. */
export function nodeRemoved({ node, why }: NoticeOf<"node-removed">): NoticeLine {
  const reason = why === "not-allowed"
    ? "the list allow does not have it any more"
    : "it is no configured peer any more; if broadcast reaches it, it is found again";
  return {
    level: "info",
    text: `${word(node)} is forgotten: ${reason}`,
    fields: { node, why },
  };
}

/** Two nodes have one name. */
export function sameName({ name, address, other }: NoticeOf<"same-name">): NoticeLine {
  const owners = other === null
    ? `our own name and that of ${word(address)}`
    : `the name of two nodes, ${word(address)} and ${word(other)}`;
  return {
    level: "warning",
    text: `${word(name)} is ${owners}: they are told apart by their addresses, but log lines ` +
      "mislead, configure another name (node) for one of them",
    fields: { name, address, other },
  };
}

/** A requestor keeps another time than we do. */
export function timingDiffers(notice: NoticeOf<"timing-differs">): NoticeLine {
  const { node, intervalMs, failAfter, ownIntervalMs, ownFailAfter } = notice;
  return {
    level: "info",
    text: `${word(node)} has interval ${durationText(intervalMs)} and fail-after ${failAfter}, ` +
      `we have ${durationText(ownIntervalMs)} and ${ownFailAfter}: harmless, ` +
      "its inquiries are judged by its own values",
    fields: { node, intervalMs, failAfter, ownIntervalMs, ownFailAfter },
  };
}

/** A node cannot fail over, as it shares one network with us. */
export function oneNetwork({ path }: NoticeOf<"one-network">): NoticeLine {
  return {
    level: "warning",
    text: `${word(path.node)} is on ${pathText(path)} only and on no other network of ours: ` +
      "nothing can take over its traffic if that fails",
    fields: pathFields(path),
  };
}

/** Two nodes claim one address. */
export function addressConflict({ address, nodes }: NoticeOf<"address-conflict">): NoticeLine {
  const [first, second] = nodes;
  return {
    level: "error",
    text: `${word(address)} is claimed by two nodes, ${word(first)} and ${word(second)}: ` +
      "give one of them another address",
    fields: { address, nodes },
  };
}
