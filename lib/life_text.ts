/** The log's lines about the daemon's own life. */
import type { Ms, Settings } from "./core/types.ts";
import { durationText } from "./duration_text.ts";
import { escapeUnprintable, type LogRecord, type LogValue } from "./log_line.ts";
import { boundedFields, counted, listed, word } from "./notice_words.ts";
import type { StartNote } from "./start_note.ts";

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

/**
 * The run before this one did not end by itself; null: nothing is to be told.
 *
 * @param leftPid the pid that it left; null: it left none
 * @param note what the watchdog says of it; null: nothing
 */
export function uncleanEndRecord(leftPid: number | null, note: StartNote | null): LogRecord | null {
  const starts = note?.startsBeforeRest ?? 0;
  const noted = note?.killed ?? null;
  // Another one died since, of which the watchdog knew nothing.
  const killed = leftPid === null || leftPid === noted?.pid ? noted : null;
  const pid = killed?.pid ?? leftPid;
  if (pid === null && starts === 0) return null;
  const how = killed === null
    ? "did not end by itself: it was killed, it crashed, or the machine went down"
    : `was killed by the watchdog: ${word(killed.fault)}`;
  const rest = `left it alone before this start, after ${counted(starts, "start")} within 10 min`;
  return record("warning", "unclean-end", [
    pid === null ? `The watchdog ${rest}` : `The run before this one, pid ${pid}, ${how}`,
    pid === null || starts === 0 ? "" : `; the watchdog ${rest}`,
  ], { pid, fault: killed?.fault ?? null, startsBeforeRest: starts });
}

/**
 * Routes that the last stop took out of the kernel are in it again, or as many of them as it took.
 *
 * @param back how many are, of how many; the first reason why not all are; when the stop was, and what it may be
 */
export function putBackRecord(
  back: {
    readonly count: number;
    readonly of: number;
    readonly reason: string | null;
    readonly agoMs: Ms;
    readonly graceMs: Ms;
  },
): LogRecord {
  const { count, of, reason, agoMs, graceMs } = back;
  const isAll = count === of;
  return record(isAll ? "info" : "warning", "routes-put-back", [
    `${isAll ? "" : `${count} of `}${counted(of, "route")} of the previous run put back`,
    `: it was stopped ${durationText(agoMs)} ago, within stop-grace (${durationText(graceMs)})`,
    isAll || reason === null ? "" : `; ${word(reason)}`,
  ], { count, of, reason, agoMs, graceMs });
}

/**
 * Routes that the last stop took out of the kernel stay out of it.
 *
 * @param agoMs when the stop was; null: before the machine was started
 */
export function notPutBackRecord(count: number, agoMs: Ms | null, graceMs: Ms): LogRecord {
  return record("info", "routes-not-put-back", [
    `${counted(count, "route")} of the previous run not put back: `,
    agoMs === null
      ? "the machine was started since"
      : `it was stopped ${durationText(agoMs)} ago, longer than stop-grace (${
        durationText(graceMs)
      })`,
  ], { count, agoMs, graceMs });
}

/** A flag that the configuration file overrides, in the words of the merge. */
export function flagOverriddenRecord(text: string): LogRecord {
  return record("warning", "flag-overridden", [text], {});
}

/** Something in the configuration that is allowed, and probably not meant. */
export function doubtRecord(text: string): LogRecord {
  return record("warning", "configuration-doubtful", [`Configuration: ${word(text)}`], {});
}

/** The configuration was read anew, and all of it is right. */
export function reloadedRecord(
  reloaded: {
    /** The configuration file; null: there is none. */
    readonly file: string | null;
    /** The keys of it that have another value than before, and what is otherwise in the file of the secrets. */
    readonly changed: readonly string[];
    /** The ids of the keys that are in use now, the signing one first; null: packets are not signed. */
    readonly keyIds: readonly number[] | null;
  },
): LogRecord {
  const { file, changed, keyIds } = reloaded;
  return record("info", "reloaded", [
    file === null ? "Reloaded, no configuration file" : `Reloaded ${word(file)}`,
    `: ${changed.length === 0 ? "nothing changed" : `${listed(changed, word)} changed`}`,
    keysText(keyIds),
  ], { file, changed, keyId: keyIds?.[0] ?? null, accepted: keyIds });
}

/** Which keys are in use, behind what else a reload brought; empty: packets are not signed. */
export function keysText(keyIds: readonly number[] | null): string {
  if (keyIds === null) return "";
  return `; packets are signed with key ${keyIds[0]}, accepted with ${listed(keyIds, String)}`;
}

/** The configuration was read anew, and something in it, or in the file of the keys, is wrong. */
export function reloadRefusedRecord(reasons: readonly string[]): LogRecord {
  return record("error", "reload-refused", [
    `Nothing is changed by the reload: ${listed(reasons, word)}`,
  ], { reasons });
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
