/** The sentences about nodes and paths; see notice_text.ts. */
import type { DownCause, Ms, Notice, PathName, RouteAction } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { counted, listed, type NoticeLine, word } from "./notice_words.ts";

type Of<Kind extends Notice["kind"]> = Extract<Notice, { readonly kind: Kind }>;

/** A peer was lost on a network: an error if its traffic could not be moved. */
export function pathDown({ path, cause, actions, tookMs }: Of<"path-down">): NoticeLine {
  return {
    level: isRefused(actions) ? "error" : "warning",
    text: `${word(path.node)} is down on ${pathText(path)}: ${causeText(cause)}; ` +
      actionsText(actions, tookMs),
    fields: { ...pathFields(path), cause, actions, tookMs },
  };
}

/** A peer is back on a network. */
export function pathUp(notice: Of<"path-up">): NoticeLine {
  const { path, good, downMs, roundTripMs, actions, tookMs } = notice;
  const evidence = roundTripMs === null
    ? counted(good, "good packet")
    : `${counted(good, "good answer")}, round trip ${durationText(roundTripMs)}`;
  return {
    level: isRefused(actions) ? "error" : "info",
    text: `${word(path.node)} is up on ${pathText(path)}: ${evidence}, ` +
      `was down ${durationText(downMs)}; ${actionsText(actions, tookMs)}`,
    fields: { ...pathFields(path), good, downMs, roundTripMs, actions, tookMs },
  };
}

/** Traffic moved although no path changed at that moment. */
export function rerouted({ path, why, actions, tookMs }: Of<"rerouted">): NoticeLine {
  const reason = why === "own-address"
    ? `Our own address on ${word(path.network)} came, went or changed`
    : `${word(path.node)} is still down on ${pathText(path)}, and there is a better way now`;
  return {
    level: isRefused(actions) ? "error" : "info",
    text: `${reason}; ${actionsText(actions, tookMs)}`,
    fields: { ...pathFields(path), why, actions, tookMs },
  };
}

/** A node was heard on a network for the first time. */
export function nodeFound({ path, requestor }: Of<"node-found">): NoticeLine {
  const role = requestor ? "requestor and responder" : "responder only";
  return {
    level: "info",
    text: `${word(path.node)} found on ${pathText(path)}: ${role}`,
    fields: { ...pathFields(path), requestor },
  };
}

/** A node runs anew. */
export function nodeRestarted({ node, address }: Of<"node-restarted">): NoticeLine {
  return {
    level: "info",
    text: `${word(node)} (${word(address)}) has restarted: it is still the same node`,
    fields: { node, address },
  };
}

/** A node was silent for so long that it is no longer remembered. */
export function nodeForgotten({ node, silentMs }: Of<"node-forgotten">): NoticeLine {
  return {
    level: "info",
    text: `${word(node)} was silent for ${
      durationText(silentMs)
    } and is forgotten until it is heard`,
    fields: { node, silentMs },
  };
}

/** A node gave up an address. */
export function addressGone({ path }: Of<"address-gone">): NoticeLine {
  return {
    level: "warning",
    text: `${word(path.node)} no longer has ${word(path.address)} on ${word(path.network)}: ` +
      "used again as soon as it is back",
    fields: pathFields(path),
  };
}

/** Two nodes claim one address. */
export function addressConflict({ address, nodes }: Of<"address-conflict">): NoticeLine {
  const [first, second] = nodes;
  return {
    level: "error",
    text: `${word(address)} is claimed by two nodes, ${word(first)} and ${word(second)}: ` +
      "give one of them another address",
    fields: { address, nodes },
  };
}

function pathText({ network, address }: PathName): string {
  return `${word(network)} (${word(address)})`;
}

function pathFields({ node, network, address }: PathName) {
  return { node, network, address };
}

function causeText(cause: DownCause): string {
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
      return `it does not hear us, ${ago("we heard it", cause.lastGoodAgoMs, "nor we it")}`;
    case "peer-network":
      return "it says that its own interface is unusable";
    case "adopted":
      return "a route of the previous run says so";
  }
}

function ago(what: string, durationMs: Ms | null, never: string): string {
  return durationMs === null ? never : `${what} ${durationText(durationMs)} ago`;
}

function isRefused(actions: readonly RouteAction[]): boolean {
  return actions.some(({ kind }) => kind === "refused");
}

function actionsText(actions: readonly RouteAction[], tookMs: Ms | null): string {
  if (actions.length === 0) return "no route changes";
  const said = listed(actions, actionText);
  const changed = actions.some(({ kind }) => kind === "moved" || kind === "restored");
  if (!changed) return said;
  return tookMs === null
    ? `${said}, not confirmed by the kernel yet`
    : `${said}, applied in ${durationText(tookMs)}`;
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
