/** The text of `faild check`: what would run with this configuration on this machine as it is now. */

import { type Configuration, overriddenText } from "../config/merge.ts";
import { type OptionId, optionOf } from "../config/options.ts";
import { contains, subnetOf } from "../core/address.ts";
import {
  answerWaitFloorMs,
  detectionMs,
  JITTER_MIN,
  responderDetectionMs,
  restoreMs,
} from "../core/timing.ts";
import type { Ms, Network, NetworkProblem } from "../core/types.ts";
import { counted } from "../notice_words.ts";
import { aligned } from "./columns.ts";

/** The networks that the machine has now, as the inventory found them. */
export interface NetworksNow {
  readonly networks: readonly Network[];
  readonly problems: readonly NetworkProblem[];
}

/** The whole text, with a newline at its end. */
export function checkText(configuration: Configuration, now: NetworksNow): string {
  const sections = [
    aligned(generalRows(configuration)),
    [networksHeading(configuration), ...networkLines(now)],
    ["Peers reached by unicast:", ...peerLines(configuration)],
    ["Timers:", ...aligned(timerRows(configuration))],
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

function networkLines({ networks, problems }: NetworksNow): string[] {
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

function timerRows({ settings, origins }: Configuration): Row[] {
  const row = (id: OptionId, value: string): Row => [optionOf(id).key, value, origins[id]];
  return [
    row("interval", seconds(settings.intervalMs)),
    row("failAfter", counted(settings.failAfter, "miss", "misses")),
    row("restoreAfter", counted(settings.restoreAfter, "good packet")),
  ];
}

function consequenceRows({ settings }: Configuration): Row[] {
  const { intervalMs, requestor } = settings;
  const spacing = `${seconds(JITTER_MIN * intervalMs)} to ${seconds(intervalMs)} apart`;
  const detection = detectionMs(settings);
  const restored = restoreMs(settings);
  const asked: Row[] = [
    ["inquiries", spacing],
    ["wait for an answer", `${seconds(answerWaitFloorMs(intervalMs))} at first`],
    ["cut found", `after ${seconds(detection.atLeast)} to ${seconds(detection.atMost)}`],
  ];
  return [
    ...(requestor ? asked : []),
    [
      requestor ? "cut found where only the peer asks" : "cut found",
      `after at most ${seconds(responderDetectionMs(settings))}`,
    ],
    [
      "restored",
      `after ${seconds(restored.atLeast)} to ${seconds(restored.atMost)} of good packets`,
    ],
  ];
}

/** Everything that is allowed, and probably not meant. */
function warningsOf(configuration: Configuration, { networks }: NetworksNow): string[] {
  const { settings, overridden } = configuration;
  const warnings = [...overridden.map(overriddenText), ...sharedWarnings(configuration)];
  const subnets = networks.map(({ address, prefixLength }) => subnetOf(address, prefixLength));
  // Without any network this would be said of every peer, and add nothing.
  for (const { node, addresses } of subnets.length === 0 ? [] : settings.peers) {
    for (const address of addresses) {
      if (subnets.some((subnet) => contains(subnet, address))) continue;
      warnings.push(`peer ${node}: ${address} lies in none of the networks and cannot be probed`);
    }
  }
  const usable = networks.filter((network) => network.usable);
  const [only] = usable;
  if (only === undefined) {
    const idle = settings.requestor ? "nothing is asked or answered" : "nothing is answered";
    warnings.push(`no network is usable: ${idle} until there is one`);
  } else if (usable.length === 1) {
    const now = networks.length > 1 ? "usable now" : "there";
    warnings.push(`only network ${only.name} is ${now}: no failover is possible`);
  }
  return warnings;
}

/** Another run directory is for a second daemon, and the two must share nothing. */
function sharedWarnings({ settings, runDir }: Configuration): string[] {
  const { port, routing } = settings;
  const numbers: readonly (readonly [OptionId, number])[] = [
    ["port", port],
    ["table", routing.table],
    ["rulePriority", routing.rulePriority],
    ["protocol", routing.protocol],
  ];
  const shared = numbers.filter(([id, number]) => number === optionOf(id).default)
    .map(([id]) => optionOf(id).key);
  if (runDir === optionOf("runDir").default || shared.length === 0) return [];
  const keys = shared.join(", ");
  return [`run-dir is ${runDir}: a second daemon on one machine must differ in ${keys} as well`];
}

/** Seconds to a tenth of a millisecond, in the unit of the flags and without needless zeros. */
function seconds(ms: Ms): string {
  return `${Number((ms / 1000).toFixed(4))} s`;
}
