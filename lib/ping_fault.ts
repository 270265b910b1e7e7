/** Whether a daemon that answers is well: the one judgement of the watchdog, and of what a service manager is told. */
import type { Ping, Status } from "./control_protocol.ts";
import type { Ms } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { word } from "./notice_words.ts";

/** The loop turns at least every 5 s, when the interfaces are looked at; three times that is no accident. */
const LOOP_LIMIT_MS: Ms = 15_000;
/** A daemon that has just started has not opened its sockets and set its routes yet. */
const START_MS: Ms = 10_000;

/** What is told of a daemon none of whose networks works. */
export const NO_NETWORK = "there is no network to work on";

/** How a daemon is, as far as the watchdog looks. */
export type Condition = Pick<Status, keyof Ping | "networks">;

/** What is wrong with a daemon. */
export interface Fault {
  /** In a clause about it. */
  readonly text: string;
  /**
   * Whether it does its work no more, and must be started anew. Else it works at the fault itself: another one in its
   * place would meet the same, and would have lost the health, the holds and the flap scores of all paths.
   */
  readonly isHang: boolean;
}

/** What is wrong with a daemon that answers so; null: it is well. */
export function pingFault(
  { loopAgoMs, sockets, routes, uptimeMs }: Omit<Ping, "version" | "pid">,
): Fault | null {
  if (loopAgoMs > LOOP_LIMIT_MS) {
    return { text: `its loop has not turned for ${durationText(loopAgoMs)}`, isHang: true };
  }
  if (uptimeMs < START_MS) return null;
  if (!sockets) return { text: "not all of its sockets are open", isHang: false };
  if (routes === null) return null;
  return { text: `its routes are not as they should be: ${word(routes)}`, isHang: false };
}

/** The same of a daemon whose networks are known too: without one that works it can do nothing. */
export function conditionFault(condition: Condition): Fault | null {
  const fault = pingFault(condition);
  const { networks, uptimeMs } = condition;
  if (fault !== null || networks.some(({ works }) => works) || uptimeMs < START_MS) return fault;
  return { text: NO_NETWORK, isHang: false };
}

/** The line that answers a ping; null: it is none. */
export function pingIn(line: Readonly<Record<string, unknown>> | undefined): Ping | null {
  if (line === undefined) return null;
  const { version, pid, uptimeMs, loopAgoMs, sockets, routes } = line;
  return typeof version === "string" && typeof pid === "number" && typeof uptimeMs === "number" &&
      typeof loopAgoMs === "number" && typeof sockets === "boolean" &&
      (typeof routes === "string" || routes === null)
    ? { version, pid, uptimeMs, loopAgoMs, sockets, routes }
    : null;
}
