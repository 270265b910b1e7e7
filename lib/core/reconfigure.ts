/** What two settings differ in, by the keys of the configuration file, so that people know what a reload changed. */
import type { Settings } from "./types.ts";

/** The keys of the configuration that each setting follows from. */
const KEYS: { readonly [Each in keyof Settings]: string } = {
  requestor: "requestor",
  intervalMs: "interval",
  confirmIntervalMs: "confirm-interval",
  answerWait: "answer-wait",
  loss: "loss",
  holdDown: "hold-down",
  failback: "failback",
  stopGraceMs: "stop-grace",
  auth: "auth.mode",
  allow: "allow",
  failAfter: "fail-after",
  restoreAfter: "restore-after",
  port: "port",
  nodeName: "node",
  networks: "networks",
  peers: "peers",
  routing: "routing",
};

/** The keys in which two settings differ, in the order of the table; a value that follows from another one counts too. */
export function changedSettings(before: Settings, after: Settings): readonly string[] {
  return (Object.keys(KEYS) as (keyof Settings)[])
    .filter((each) => textOf(before[each]) !== textOf(after[each]))
    .map((each) => KEYS[each]);
}

/** The same text for the same value: the keys of nested values are sorted. */
function textOf(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each: unknown) =>
      typeof each === "object" && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => a < b ? -1 : 1))
        : each,
  );
}
