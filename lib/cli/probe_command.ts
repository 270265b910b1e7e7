/**
 * `faild probe`: who is there, asked now and from here. Needs no daemon, no configuration and no rights; whom a daemon of
 * this host knows is known.
 */
import type { CommandCall } from "../config/command_line.ts";
import type { Configuration } from "../config/merge.ts";
import { type Problem, problemText, shownText } from "../config/problem.ts";
import type { PeerView } from "../control_protocol.ts";
import { contains, parseAddress, subnetOf } from "../core/address.ts";
import { selectNetworks } from "../core/inventory.ts";
import { isNodeName } from "../core/node_name.ts";
import { Probe } from "../core/probe.ts";
import { inLightOf } from "../core/probe_report.ts";
import type { Address, Network, NetworkName, StaticPeer } from "../core/types.ts";
import type { HostSealer } from "../host/mac.ts";
import { Prober } from "../prober.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { keysOf } from "./keys.ts";
import { loadLeniently } from "./lenient_configuration.ts";
import { linksHere } from "./links_here.ts";
import { askStatus } from "./status_data.ts";
import { newsText, openingText, probeJson, type ProbeTask, summaryText } from "./probe_text.ts";

const DEFAULT_ROUNDS = 4;
const DEFAULT_INTERVAL_S = 0.5;
/** How long the answers to the last round are waited for, in ms: far longer than any LAN takes. */
const WAIT_MS = 500;
/** Beyond so many lines a round only the first answer of each address is shown. */
const MOST_LIVE_PATHS = 32;

/** Whom to ask, and of whom to tell. */
interface Aim {
  readonly asked: ReadonlySet<NetworkName>;
  /** Names and addresses of nodes; empty: all. */
  readonly wanted: readonly string[];
  /** To be asked by unicast as well. */
  readonly peers: readonly StaticPeer[];
}

/** Asks, shows the answers as they come, and a summary. */
export async function probeCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const loaded = await loadLeniently(call, host);
  if ("exit" in loaded) return loaded.exit;
  const { configuration } = loaded;
  const networks = await networksOf(configuration, host);
  if (networks === null) return EXIT.general;
  const aim = aimOf(call.args, networks, configuration.settings.peers);
  if ("rule" in aim) {
    complain(host, problemText(aim));
    return EXIT.usage;
  }
  const sealer = await sealerOf(configuration, host);
  return await ask({ call, configuration, networks, aim, sealer }, host);
}

async function networksOf({ settings }: Configuration, host: Host): Promise<Network[] | null> {
  const links = await linksHere(host);
  if (links === null) return null;
  const { networks, problems } = selectNetworks(links, settings.networks);
  for (const { name, reason } of problems) complain(host, `Cannot ask on ${name}: ${reason}`);
  if (networks.length > 0) return [...networks];
  complain(host, "Cannot ask: no network was found");
  return null;
}

/** What the arguments mean: names or interfaces of networks of ours, and else names or addresses of nodes. */
function aimOf(
  args: readonly string[],
  networks: readonly Network[],
  peers: readonly StaticPeer[],
): Aim | Problem {
  const asked = new Set<NetworkName>();
  const wanted: string[] = [];
  const named: StaticPeer[] = [];
  for (const arg of args) {
    const found = networks.find(({ name, interfaceName }) => name === arg || interfaceName === arg);
    const address = parseAddress(arg);
    if (found !== undefined) asked.add(found.name);
    else if (address !== null) {
      if (!networks.some((network) => isOn(network, address))) {
        return wrongArgument("must be an address on a network of this host", arg);
      }
      named.push({ node: address, addresses: [address] });
      wanted.push(address);
    } else if (isNodeName(arg)) wanted.push(arg);
    else return wrongArgument("must be a network, or the name or address of a node", arg);
  }
  if (asked.size === 0) { for (const { name } of networks) asked.add(name); }
  return { asked, wanted, peers: [...peers, ...named] };
}

function isOn({ address, prefixLength }: Network, other: Address): boolean {
  return contains(subnetOf(address, prefixLength), other) && other !== address;
}

function wrongArgument(rule: string, value: string): Problem {
  return {
    verb: "use",
    subject: "argument",
    rule,
    value: shownText(value || "empty"),
    where: null,
  };
}

/** What signs, where packets are signed and the keys can be had; without them, those who enforce do not answer. */
async function sealerOf(configuration: Configuration, host: Host): Promise<HostSealer | null> {
  const read = keysOf(configuration, host);
  if (read === null) return null;
  if ("keys" in read) return await host.createSealer(read.keys);
  for (const problem of read.problems) complain(host, problem);
  complain(host, "Asking without a signature: who wants one does not answer");
  return null;
}

interface Errand {
  readonly call: CommandCall;
  readonly configuration: Configuration;
  readonly networks: readonly Network[];
  readonly aim: Aim;
  readonly sealer: HostSealer | null;
}

async function ask(
  { call, configuration: { settings, runDir }, networks, aim, sealer }: Errand,
  host: Host,
): Promise<ExitCode> {
  const isJson = call.flags.has("json");
  const task: ProbeTask = {
    networks: networks.filter(({ name }) => aim.asked.has(name)),
    rounds: numberOf(call, "count") ?? DEFAULT_ROUNDS,
    intervalMs: 1000 * (numberOf(call, "interval") ?? DEFAULT_INTERVAL_S),
    port: numberOf(call, "port") ?? settings.port,
    isSigned: sealer !== null,
  };
  const probe = new Probe(
    {
      ...aim,
      ...task,
      networks,
      nodeName: settings.nodeName,
      waitMs: WAIT_MS,
      sealer,
      isEnforced: settings.auth === "enforce",
    },
    host.random(),
    host.now(),
  );
  const width = Math.max(...task.networks.map(({ name }) => name.length));
  const shown = new Set<string>();
  const prober = new Prober(probe, host, (news) => {
    shown.add(news.address);
    if (isJson || (shown.size > MOST_LIVE_PATHS && !news.isFirst)) return;
    host.out(newsText(news, width));
  });
  if (!isJson) host.out(openingText(task));
  // Whatever ends it early, what came so far is told.
  const stop = () => prober.stop();
  host.listenForSignals({ stop, reload: stop, dumpState: () => {}, failback: () => {} });
  const { hadPort } = await prober.run(task.networks, task.port);
  // Its daemon knows nothing of who is there at another port than its own.
  const peers = task.port === settings.port ? await peersOfDaemon(runDir, host) : null;
  for (const { node, paths } of peers ?? []) {
    probe.expect(node, paths.map(({ address }) => address));
  }
  const seen = probe.report(host.now());
  // What came to the port of the nodes is as good as what the daemon has.
  const report = peers === null || hadPort ? seen : inLightOf(heldIn(peers), seen);
  const result = { ...task, hadPort, askedDaemon: peers !== null };
  host.out(isJson ? probeJson(report, result) : `\n${summaryText(report, result)}`);
  return EXIT_OF[report.verdict];
}

/** Whom the daemon of this host knows; null: it cannot be asked. */
async function peersOfDaemon(runDir: string, host: Host): Promise<readonly PeerView[] | null> {
  const asked = await askStatus(host, runDir);
  return "kind" in asked ? null : asked.peers;
}

/** What it holds of their addresses. */
function heldIn(peers: readonly PeerView[]): ReadonlyMap<Address, "up" | "down"> {
  const held = new Map<Address, "up" | "down">();
  for (const { address, health, changed } of peers.flatMap(({ paths }) => paths)) {
    // That we do not use a network ourselves, as it is drained, says nothing of who is there.
    if (health === "unknown" || changed?.cause?.kind === "own-network") continue;
    held.set(address, health);
  }
  return held;
}

const EXIT_OF = { complete: EXIT.ok, missing: EXIT.general, nobody: EXIT.stopped } as const;

/** The value of a flag that is a number; null: it was not given. */
function numberOf({ flags }: CommandCall, flag: string): number | null {
  const value = flags.get(flag);
  return typeof value === "string" ? Number(value) : null;
}
