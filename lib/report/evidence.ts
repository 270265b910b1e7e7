/**
 * Reads what an event of a file says of causes and actions. Files outlive programs and can be written by others: what
 * does not look as expected reads as null.
 */
import type { DownCause, RouteAction } from "../core/types.ts";
import type { LogFields, LogValue } from "../log_line.ts";

/** A field that is text. */
export function textField(fields: LogFields, name: string): string | null {
  const value = fields[name];
  return typeof value === "string" ? value : null;
}

/** A field that is a number not below zero. */
export function numberField(fields: LogFields, name: string): number | null {
  const value = fields[name];
  return typeof value === "number" && value >= 0 ? value : null;
}

/** Why a path went down; null: it does not say. */
export function causeField(fields: LogFields): DownCause | null {
  const cause = objectOf(fields["cause"]);
  if (cause === null) return null;
  const lastGoodAgoMs = numberField(cause, "lastGoodAgoMs");
  switch (cause["kind"]) {
    case "missed": {
      const what = cause["what"];
      const count = numberField(cause, "count");
      if ((what !== "answers" && what !== "inquiries") || count === null) return null;
      return { kind: "missed", what, count, lastGoodAgoMs };
    }
    case "own-network":
      return { kind: "own-network", reason: textField(cause, "reason") ?? "" };
    case "peer-deaf":
    case "peer-unanswered":
      return { kind: cause["kind"], lastGoodAgoMs };
    case "peer-network":
    case "peer-drained":
      return { kind: cause["kind"] };
    case "adopted":
      return { kind: "adopted" };
    default:
      return null;
  }
}

/** What was done about routes; what cannot be read is left out. */
export function actionsField(fields: LogFields): readonly RouteAction[] {
  const actions = fields["actions"];
  if (!isList(actions)) return [];
  return actions.map(actionOf).filter((each) => each !== null);
}

function actionOf(value: LogValue): RouteAction | null {
  const action = objectOf(value);
  const address = action === null ? null : textField(action, "address");
  if (action === null || address === null) return null;
  const network = textField(action, "network");
  switch (action["kind"]) {
    case "moved": {
      const gateway = textField(action, "gateway");
      if (network === null || gateway === null) return null;
      return { kind: "moved", address, gateway, network };
    }
    case "restored":
      return network === null ? null : { kind: "restored", address, network };
    case "stays":
      return { kind: "stays", address, why: textField(action, "why") ?? "" };
    case "refused": {
      const reason = textField(action, "reason") ?? "";
      return { kind: "refused", address, reason, retryMs: numberField(action, "retryMs") ?? 0 };
    }
    default:
      return null;
  }
}

/** A field as an object of its own; null: it is none. */
export function objectOf(value: LogValue | undefined): LogFields | null {
  if (typeof value !== "object" || value === null || isList(value)) return null;
  return value as LogFields;
}

/** Whether a value is a list. */
export function isList(value: LogValue | undefined): value is readonly LogValue[] {
  return Array.isArray(value);
}
