/** The text of `faild check`: what would run with this configuration on this machine as it is now. */

import type { Configuration } from "../config/merge.ts";
import { type OptionId, optionOf } from "../config/options.ts";
import {
  type Bounds,
  detectionMs,
  JITTER_MIN,
  mutualDetectionMs,
  responderDetectionMs,
  restoreMs,
} from "../core/timing.ts";
import type { Failback, Ms } from "../core/types.ts";
import { counted } from "../notice_words.ts";
import { warningsOf } from "./check_warnings.ts";
import { aligned } from "./columns.ts";
import type { MachineNow } from "./machine_now.ts";

/** The whole text, with a newline at its end. */
export function checkText(configuration: Configuration, now: MachineNow): string {
  const sections = [
    aligned(generalRows(configuration)),
    [networksHeading(configuration), ...networkLines(now)],
    ["Peers reached by unicast:", ...peerLines(configuration)],
    ["Who is listened to:", ...aligned(trustRows(configuration, now))],
    ["Timers:", ...aligned(timerRows(configuration))],
    ["Which path carries the traffic:", ...aligned(trafficRows(configuration))],
    ["Who is told, and where:", ...aligned(serviceRows(configuration))],
    ["What follows from them:", ...aligned(consequenceRows(configuration))],
  ];
  const warnings = warningsOf(configuration, now);
  if (warnings.length > 0) {
    sections.push(["Warnings:", ...warnings.map((warning) => `  ${warning}`)]);
  }
  return sections.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

type Row = readonly string[];

function generalRows({ settings, log, runDir, file, origins }: Configuration): Row[] {
  const row = (id: OptionId, heading: string, value: string): Row => [heading, value, origins[id]];
  const { table, rulePriority, protocol } = settings.routing;
  return [
    ["configuration", file ?? "no file", ""],
    row("node", "node", settings.nodeName),
    row("requestor", "mode", settings.requestor ? "requestor and responder" : "responder"),
    row("port", "port", `UDP ${settings.port}`),
    row("logFile", "log", log.file ?? "standard error"),
    row("logLevel", "log level", log.level),
    row("logFormat", "log format", log.format),
    row("runDir", "run directory", runDir),
    row("table", "routing table", String(table)),
    row("rulePriority", "rule priority", String(rulePriority)),
    row("protocol", "route protocol", String(protocol)),
  ];
}

function networksHeading({ settings, origins }: Configuration): string {
  return settings.networks.length === 0
    ? "Networks, all that were found, in order of name:"
    : `Networks, in order of preference (${origins.networks}):`;
}

function networkLines({ networks, problems }: MachineNow): string[] {
  const rows: Row[] = [
    ...networks.map((network) => [
      network.name,
      network.interfaceName,
      `${network.address}/${network.prefixLength}`,
      network.usable ? "usable" : `not usable: ${network.reason ?? "reason unknown"}`,
    ]),
    ...problems.map(({ name, reason }) => [name, "-", "-", `not usable: ${reason}`]),
  ];
  return rows.length === 0 ? ["  none"] : aligned(rows);
}

function peerLines({ settings }: Configuration): string[] {
  if (settings.peers.length === 0) return ["  none; nodes are found by broadcast"];
  return aligned(settings.peers.map(({ node, addresses }) => [node, addresses.join(", ")]));
}

function trustRows(
  { settings, keyFile, origins }: Configuration,
  { keys }: MachineNow,
): Row[] {
  const { auth, allow } = settings;
  const packets = {
    off: "packets are not signed",
    permissive: "packets are signed, those of others are used without",
    enforce: "packets are signed, those of others must be",
  };
  const rows: Row[] = [
    ["auth.mode", `${auth}: ${packets[auth]}`, origins.authMode],
    ["auth.key-file", keyFile ?? "none", origins.authKeyFile],
  ];
  if (keys?.kind === "usable") {
    const ids = keys.ids.join(", ");
    rows.push(["keys", `signs with ${keys.ids[0]}, accepts ${ids}; open to their owner only`, ""]);
  }
  if (allow === null) return [...rows, ["allow", "everybody", origins.allow]];
  const allowed = [
    ...(allow.names.length === 0 ? [] : [counted(allow.names.length, "name")]),
    ...(allow.subnets.length === 0 ? [] : [
      counted(allow.subnets.length, "address or subnet", "addresses and subnets"),
    ]),
  ];
  const who = allowed.length === 0 ? "nobody" : allowed.join(", ");
  return [...rows, [
    "allow",
    settings.peers.length === 0 ? who : `${who}, peers included`,
    origins.allow,
  ]];
}

function timerRows(configuration: Configuration): Row[] {
  const { settings, origins } = configuration;
  const row = (id: OptionId, value: string): Row => [optionOf(id).key, value, origins[id]];
  return [
    row("interval", seconds(settings.intervalMs)),
    row("confirmInterval", confirmText(configuration)),
    row("answerWaitFloor", seconds(settings.answerWait.floorMs)),
    row("answerWaitCeiling", seconds(settings.answerWait.ceilingMs)),
    row("failAfter", counted(settings.failAfter, "miss", "misses")),
    row("restoreAfter", counted(settings.restoreAfter, "good packet")),
    row("stopGrace", settings.stopGraceMs === 0 ? "no goodbye" : seconds(settings.stopGraceMs)),
  ];
}

/** With what it follows from, where nobody chose it. */
function confirmText({ settings, origins }: Configuration): string {
  const value = seconds(settings.confirmIntervalMs);
  return origins.confirmInterval === "default" ? `${value}, the interval` : value;
}

function trafficRows({ settings, origins }: Configuration): Row[] {
  const row = (id: OptionId, value: string): Row => [optionOf(id).key, value, origins[id]];
  const { loss, holdDown } = settings;
  const measured: Row[] = [
    row("lossLeaveAbove", percent(loss.leaveAbove)),
    row("lossReturnBelow", percent(loss.returnBelow)),
  ];
  return [
    row("lossWindow", loss.window === 0 ? "off" : counted(loss.window, "inquiry", "inquiries")),
    ...(loss.window === 0 ? [] : measured),
    row("holdDownLimit", holdDown.limitMs === 0 ? "off" : seconds(holdDown.limitMs)),
    ...(holdDown.limitMs === 0 ? [] : [row("holdDownQuiet", seconds(holdDown.quietMs))]),
    row("failback", failbackText(settings.failback)),
  ];
}

function serviceRows(
  { log, control, events, metrics, hooks, origins }: Configuration,
): Row[] {
  const row = (id: OptionId, value: string): Row => [optionOf(id).key, value, origins[id]];
  const { file, listen } = metrics;
  return [
    row("logSyslog", log.syslog ? "the log goes there too" : "no"),
    row("controlGroup", control.group ?? "none: only its owner may ask"),
    row("eventsFile", events.file),
    row("metricsFile", file ?? "none"),
    row("metricsListen", listen === null ? "none" : `${listen.hostname} port ${listen.port}`),
    ["hooks", hooks.length === 0 ? "none" : counted(hooks.length, "program"), origins.hooks],
  ];
}

function failbackText(failback: Failback): string {
  return failback.kind === "after" ? `after ${seconds(failback.quietMs)}` : failback.kind;
}

function consequenceRows({ settings }: Configuration): Row[] {
  const { intervalMs, confirmIntervalMs, answerWait, failAfter, requestor } = settings;
  const spacing = `${seconds(JITTER_MIN * intervalMs)} to ${seconds(intervalMs)} apart`;
  const detection = detectionMs(settings);
  const mutual = mutualDetectionMs(settings);
  const restored = restoreMs(settings);
  const asked: Row[] = [
    ["inquiries", spacing],
    ...(confirmIntervalMs < intervalMs && failAfter > 1
      ? [["after a first miss", `${seconds(confirmIntervalMs)} apart, to that peer only`]]
      : []),
    [
      "wait for an answer",
      `${seconds(answerWait.floorMs)} at first, ${seconds(answerWait.ceilingMs)} at most`,
    ],
    ["cut found where only we ask", `after ${span(detection)}`],
    ["cut found where both ask", `after ${span(mutual)}`],
  ];
  return [
    ...(requestor ? asked : []),
    [
      requestor ? "cut found where only the peer asks" : "cut found",
      `after at most ${seconds(responderDetectionMs(settings))}`,
    ],
    [
      "restored",
      `after ${span(restored)} of good packets`,
    ],
  ];
}

function span({ atLeast, atMost }: Bounds): string {
  return `${seconds(atLeast)} to ${seconds(atMost)}`;
}

/** A part from 0 to 1, without needless zeros. */
function percent(part: number): string {
  return `${Number((100 * part).toFixed(4))} %`;
}

/** Seconds to a tenth of a millisecond, in the unit of the flags and without needless zeros. */
function seconds(ms: Ms): string {
  return `${Number((ms / 1000).toFixed(4))} s`;
}
