/** What an event is about, as far as hooks are to be run on it, and what they are told of it. */
import type { HookTopic } from "./config/yaml_hooks.ts";
import { isEvent } from "./events.ts";
import type { LogRecord, LogValue } from "./log_line.ts";

/** By how the event's name begins, unless it stands below. */
const FAMILIES: readonly (readonly [string, HookTopic])[] = [
  ["path-", "path"],
  ["network-", "network"],
  ["drain", "network"],
  ["undrain", "network"],
  ["node-", "node"],
  ["adopted", "route"],
];

const SINGLE: Readonly<Record<string, HookTopic>> = {
  "one-way": "path",
  "address-gone": "path",
  "no-network": "network",
  "address-conflict": "node",
  "same-name": "node",
  "degraded": "route",
  "failback": "route",
  "recovered": "route",
  "repaired": "route",
  "rerouted": "route",
};

/** Counts in the line of a whole network that tell of routes. */
const ROUTE_COUNTS = ["moved", "restored", "refused"];
const ROUTE_ACTIONS: ReadonlySet<LogValue | undefined> = new Set(ROUTE_COUNTS);

/**
 * What a line of the log is about; nothing: it is no event. A path that goes down is about routes too where some were
 * moved for it.
 */
export function topicsOf(record: LogRecord): readonly HookTopic[] {
  if (!isEvent(record)) return [];
  const topic = topicOf(record.event);
  return topic !== "route" && changesRoutes(record) ? [topic, "route"] : [topic];
}

function topicOf(event: string): HookTopic {
  if (Object.hasOwn(SINGLE, event)) return SINGLE[event] ?? "daemon";
  return FAMILIES.find(([begin]) => event.startsWith(begin))?.[1] ?? "daemon";
}

function changesRoutes({ fields }: LogRecord): boolean {
  if (ROUTE_COUNTS.some((key) => typeof fields[key] === "number" && fields[key] > 0)) return true;
  const { actions } = fields;
  return Array.isArray(actions) && actions.some((each) => ROUTE_ACTIONS.has(kindOf(each)));
}

function kindOf(action: LogValue): LogValue | undefined {
  if (typeof action !== "object" || action === null || !("kind" in action)) return undefined;
  return action.kind;
}

/** The peer that an event is about; null: it is about more, or about none. */
export function peerOf({ fields }: LogRecord): string | null {
  return textOf(fields.node);
}

/** What a hook finds in its environment; what the event has nothing to say about is empty. */
export function hookEnvironment(record: LogRecord): Readonly<Record<string, string>> {
  const { event, text, fields } = record;
  return {
    FAILD_EVENT: event,
    FAILD_NODE: textOf(fields.node) ?? "",
    FAILD_NETWORK: textOf(fields.network) ?? "",
    FAILD_ADDRESS: textOf(fields.address) ?? "",
    FAILD_TEXT: text,
  };
}

function textOf(value: LogValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
