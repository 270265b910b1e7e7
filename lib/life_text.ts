/** The log's lines about the daemon's own life. */
import type { Settings } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { escapeUnprintable, type LogRecord, type LogValue } from "./log_line.ts";
import { boundedFields, counted, listed, word } from "./notice_words.ts";

/** The first line: who runs, how, and with what. */
export function startText(
  start: {
    readonly version: string;
    readonly pid: number;
    readonly settings: Settings;
    /** The configuration file that was read; null: none. */
    readonly configFile: string | null;
    /** The key that packets are signed with; null: they are not. */
    readonly keyId: number | null;
  },
): LogRecord {
  const { version, pid, settings, configFile, keyId } = start;
  const { requestor, nodeName, intervalMs, confirmIntervalMs, networks } = settings;
  const { failAfter, restoreAfter, port, auth } = settings;
  const mode = requestor ? "requestor and responder" : "responder";
  const chosen = networks.length === 0
    ? "networks chosen by itself"
    : `${counted(networks.length, "network")} (${listed(networks, ({ name }) => word(name))})`;
  return record("info", "start", [
    `faild ${version} started as ${mode}`,
    `: node ${word(nodeName)}, interval ${durationText(intervalMs)}`,
    confirmIntervalMs < intervalMs ? `, confirmed every ${durationText(confirmIntervalMs)}` : "",
    `, down after ${counted(failAfter, "miss", "misses")}`,
    `, restored after ${counted(restoreAfter, "good packet")}`,
    `, port ${port}, ${chosen}`,
    keyId === null ? "" : `, packets signed with key ${keyId} (${auth})`,
    `, ${configFile === null ? "no configuration file" : `configuration ${word(configFile)}`}`,
    `, pid ${pid}`,
  ], {
    version,
    pid,
    requestor,
    node: nodeName,
    intervalMs,
    confirmIntervalMs,
    failAfter,
    restoreAfter,
    port,
    auth,
    keyId,
    networks: networks.map(({ name }) => name),
    configFile,
  });
}

/** A flag that the configuration file overrides, in the words of the merge. */
export function flagOverriddenRecord(text: string): LogRecord {
  return record("warning", "flag-overridden", [text], {});
}

/** HUP where there are no keys. */
export function reloadedRecord(): LogRecord {
  return record("info", "reloaded", ["The log goes on here; no keys are in use"], {});
}

/** HUP, and the key file is right: its keys, and no others, are in use, and the first of them signs. */
export function keysChangedRecord(file: string, ids: readonly number[]): LogRecord {
  const [keyId = null] = ids;
  return record("info", "keys-changed", [
    `Keys read from ${word(file)}: packets are signed with key ${keyId}`,
    `, accepted with ${listed(ids, String)}`,
  ], { file, keyId, accepted: ids });
}

/** HUP, and the key file is wrong: everything stays as it was. */
export function keysRefusedRecord(file: string, reasons: readonly string[]): LogRecord {
  return record("error", "keys-refused", [
    `The keys of before stay in use: ${listed(reasons, word)}`,
  ], { file, reasons });
}

/** Something of the host went wrong that the daemon outlives. */
export function errorRecord(event: string, text: string): LogRecord {
  return record("error", event, [text], {});
}

/**
 * The last line.
 *
 * @param signal which one ended it, e.g. "SIGTERM"
 * @param left what of ours could not be removed from the kernel; empty: nothing is left
 */
export function stopText(signal: string, left: readonly string[]): LogRecord {
  return left.length === 0
    ? record(
      "info",
      "stop",
      [`faild stopped by ${word(signal)}: its routes and rule are removed`],
      {
        signal,
        left,
      },
    )
    : record("error", "stop", [
      `faild stopped by ${word(signal)}, but could not remove ${listed(left, word)}`,
      ": run faild cleanup",
    ], { signal, left });
}

function record(
  level: LogRecord["level"],
  event: string,
  parts: readonly string[],
  fields: Readonly<Record<string, LogValue>>,
): LogRecord {
  return { level, event, text: escapeUnprintable(parts.join("")), fields: boundedFields(fields) };
}
