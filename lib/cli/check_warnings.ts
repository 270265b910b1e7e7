/**
 * What is allowed, and probably not meant: `faild check` and `faild reload` print it, and a daemon logs it when it starts
 * and when it is reloaded.
 *
 * A hook that cannot be run is among it: a program that tells people of a failover must not keep it from happening.
 */

import { type Configuration, overriddenText } from "../config/merge.ts";
import { type OptionId, optionOf } from "../config/options.ts";
import { contains, subnetOf } from "../core/address.ts";
import type { Network, StaticPeer } from "../core/types.ts";
import type { MachineNow } from "./machine_now.ts";

/** The warnings, a line each. */
export function warningsOf(configuration: Configuration, now: MachineNow): string[] {
  const { settings, overridden, log } = configuration;
  return [
    ...overridden.map(overriddenText),
    ...sharedWarnings(configuration),
    ...(now.logProblem === null ? [] : [`cannot log to ${log.file}: ${now.logProblem}`]),
    ...serviceWarnings(configuration, now),
    ...trustWarnings(configuration, now),
    ...settings.peers.flatMap((peer) => peerWarnings(peer, settings.nodeName, now.networks)),
    ...networkWarnings(configuration, now),
  ];
}

function serviceWarnings({ control }: Configuration, now: MachineNow): string[] {
  const { groupProblem, hookProblems } = now;
  return [
    ...(groupProblem === null
      ? []
      : [`control.group is ${control.group}: it may not ask the daemon, ${groupProblem}`]),
    ...hookProblems.map(({ program, reason }) => `hook ${program} will not be run: ${reason}`),
  ];
}

function trustWarnings({ settings, keyFile }: Configuration, { keys }: MachineNow): string[] {
  const { auth, allow } = settings;
  const warnings: string[] = [];
  if (keyFile !== null && auth === "off") {
    warnings.push("auth.key-file is given, but auth.mode is off: packets are not signed");
    if (keys?.kind === "unusable") warnings.push(...keys.reasons);
  }
  if (allow !== null && allow.names.length === 0 && allow.subnets.length === 0) {
    warnings.push("allow is empty: no other node is listened to");
  }
  return warnings;
}

/** Without any network this would be said of every peer, and add nothing. */
function peerWarnings(
  { node, addresses }: StaticPeer,
  nodeName: string,
  networks: readonly Network[],
): string[] {
  const warnings = node === nodeName ? [`peer ${node}: this node has the same name`] : [];
  if (networks.length === 0) return warnings;
  const reached = new Set<string>();
  for (const address of addresses) {
    const network = networks.find((each) =>
      contains(subnetOf(each.address, each.prefixLength), address)
    );
    if (network === undefined) {
      warnings.push(`peer ${node}: ${address} lies in none of the networks and cannot be probed`);
    } else if (network.address === address) {
      warnings.push(`peer ${node}: ${address} is an address of this node`);
    } else reached.add(network.name);
  }
  const [only] = reached;
  if (reached.size === 1 && networks.length > 1) {
    warnings.push(`peer ${node} is on network ${only} only: no failover is possible for it`);
  }
  return warnings;
}

function networkWarnings(
  { settings }: Configuration,
  { networks, problems, linksProblem }: MachineNow,
): string[] {
  if (linksProblem !== null) return [`cannot tell which networks there are: ${linksProblem}`];
  const warnings = problems.map(({ name, reason }) => `network ${name} cannot be used: ${reason}`);
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
