/**
 * `faild doctor`: looks at all that failover depends on, and says how to mend what is wrong. It changes nothing; that it
 * may is tried by a route that no traffic can take.
 */
import type { CommandCall } from "../config/command_line.ts";
import type { Configuration } from "../config/merge.ts";
import { type CheckName, type Finding, problem, untold, worstOf } from "../core/diagnosis.ts";
import { judgeFirewall } from "../core/diagnosis_firewall.ts";
import {
  type DaemonState,
  judgeOurs,
  judgeReversePath,
  judgeRules,
} from "../core/diagnosis_kernel.ts";
import {
  judgeCarrier,
  judgeMtu,
  judgeNetworks,
  judgeSubnets,
  judgeWay,
  neighbourOn,
} from "../core/diagnosis_lan.ts";
import { judgeUse } from "../core/diagnosis_paths.ts";
import {
  judgeIproute,
  judgeKeys,
  judgeLateness,
  judgeNetworkd,
  judgeNetworkManager,
  judgeRights,
} from "../core/diagnosis_machine.ts";
import { selectNetworks } from "../core/inventory.ts";
import { parseActual } from "../core/ip_json.ts";
import { showActualEverywhere } from "../core/ip_text.ts";
import type { Network, Routing } from "../core/types.ts";
import { readLinks } from "../links.ts";
import type { PeerView } from "../core/overview.ts";
import { daemonFacts, sendingFindings } from "./doctor_daemon.ts";
import {
  firewallShown,
  interfaceCounters,
  ipVersion,
  keyFileState,
  managerConnections,
  measureLateness,
  networkdSettings,
  shownBy,
  wayTo,
} from "./doctor_facts.ts";
import { doctorJson, doctorText } from "./doctor_text.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host, Ip } from "./host.ts";
import { loadLeniently } from "./lenient_configuration.ts";
import { lackOfRights } from "./preconditions.ts";

/** Looks at everything, and tells all of it; the exit code says whether there is a problem. */
export async function doctorCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const loaded = await loadLeniently(call, host);
  if ("exit" in loaded) return loaded.exit;
  const { findings, state } = await examine(loaded.configuration, host);
  host.out(
    call.flags.has("json") ? doctorJson(findings) : doctorText(findings, state === "stopped"),
  );
  return worstOf(findings) === "problem" ? EXIT.general : EXIT.ok;
}

async function examine(
  configuration: Configuration,
  host: Host,
): Promise<{ readonly findings: readonly Finding[]; readonly state: DaemonState }> {
  const { settings, runDir } = configuration;
  const { state, told, findings: ofDaemon } = await daemonFacts(runDir, host);
  const ip = host.startIp();
  const ofIp = await examineByIp(configuration, state, told?.peers ?? [], ip, host);
  await ip.close();
  // What the interfaces say themselves need not be said again in the words of the daemon.
  const idle = new Set(ofIp.networks.filter(({ usable }) => !usable).map(({ name }) => name));
  const findings = [
    judgeIproute(await ipVersion(host)),
    ...ofIp.findings,
    ...(told === null ? [] : judgeUse(told, idle)),
    ...ofDaemon,
    judgeNetworkd(await networkdSettings(host)),
    judgeNetworkManager(await managerConnections(host)),
    ...judgeFirewall(await firewallShown(host), ofIp.networks, settings.port),
    judgeKeys(keyFileState(configuration, host), settings.auth !== "off"),
    ...(told === null ? [] : await sendingFindings(told, runDir, host)),
    // Last, so that nothing of this command itself is what makes it late.
    judgeLateness(await measureLateness(host), settings.answerWait.floorMs),
  ];
  return { findings, state };
}

interface SeenByIp {
  readonly networks: readonly Network[];
  readonly findings: readonly Finding[];
}

async function examineByIp(
  { settings }: Configuration,
  daemon: DaemonState,
  peers: readonly PeerView[],
  ip: Ip,
  host: Host,
): Promise<SeenByIp> {
  const read = await readLinks(ip);
  if ("failed" in read) {
    const text = `Cannot read interfaces: ${read.failed}`;
    return { networks: [], findings: [problem("networks", text, "ip addr show")] };
  }
  const { routing } = settings;
  const { networks, problems } = selectNetworks(read.links, settings.networks);
  const lack = await lackOfRights(ip, routing);
  const findings = [
    judgeRights(lack?.text ?? null, daemon === "running"),
    ...judgeNetworks(networks, problems),
    ...judgeSubnets(read.links, networks),
    ...await wayFindings(networks, peers, routing, host),
    ...judgeCarrier(await interfaceCounters(host), networks),
    judgeMtu(await shownBy(ip, "link show"), networks),
    ...judgeReversePath(await shownBy(ip, "netconf show"), networks),
    ...judgeRules(await shownBy(ip, "rule show"), routing),
    await examineOurs({ settings }, daemon, ip),
  ];
  return { networks, findings };
}

/** Whether traffic goes where the probes go; of a network without its carrier that is told. */
async function wayFindings(
  networks: readonly Network[],
  peers: readonly PeerView[],
  routing: Routing,
  host: Host,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const network of networks.filter(({ usable }) => usable)) {
    const neighbour = neighbourOn(network, peers);
    if (neighbour === null) continue;
    const finding = judgeWay(network, neighbour, await wayTo(neighbour, host), routing);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

async function examineOurs(
  { settings: { routing, port } }: Pick<Configuration, "settings">,
  daemon: DaemonState,
  ip: Ip,
): Promise<Finding> {
  const check: CheckName = "routes";
  const mark = { routing, port };
  const result = await ip.exchange([], showActualEverywhere(mark));
  if (result.kind === "failed") return untold(check, `Cannot read routes: ${result.reason}`);
  const parsed = parseActual(result.shown, mark);
  if (parsed.kind === "error") return untold(check, parsed.reason);
  return judgeOurs(parsed.value, daemon, routing);
}
