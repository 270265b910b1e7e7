/**
 * The state of a node as metrics: Prometheus text, and OpenMetrics, which differs from it in how counters are declared
 * and in its last line. Base units; a state is a value, never a label.
 *
 * A page is made bit by bit, because a thousand peers must not hold up the loop.
 */
import type { NetworkView, PathStatus, PeerView, Status } from "./control_protocol.ts";
import type { Health, Ms } from "./core/types.ts";
import { escapeUnprintable } from "./log_line.ts";
import { word } from "./notice_words.ts";

/** The text that scrapers ask for, or that of the older collectors of text files. */
export type MetricsFormat = "prometheus" | "openmetrics";

/** The state of the node; which process it is does not matter. */
export type NodeStatus = Omit<Status, "pid">;

type Type = "counter" | "gauge" | "info";
type Labels = Readonly<Record<string, string>>;

/** A metric: what it is, and how it is read from what it is about. */
interface Metric<Subject> {
  /** As its samples are named, e.g. "faild_packets_sent_total". */
  readonly name: string;
  readonly type: Type;
  readonly help: string;
  /** Null: there is no sample of it. */
  read(subject: Subject): number | null;
}

/** Of the node as a whole. */
const NODE: readonly Metric<NodeStatus>[] = [
  gauge("faild_uptime_seconds", "Time since the daemon started.", (node) => seconds(node.uptimeMs)),
  gauge(
    "faild_loop_age_seconds",
    "Time since the loop last turned.",
    (node) => seconds(node.loopAgoMs),
  ),
  gauge(
    "faild_sockets_open",
    "1 while the sockets of all usable networks are open.",
    (node) => flag(node.sockets),
  ),
  counter("faild_events_total", "Events since the start.", ({ events }) => events),
  gauge(
    "faild_interval_seconds",
    "Time between two inquiries on a network.",
    (node) => seconds(node.intervalMs),
  ),
  gauge(
    "faild_routes_degraded",
    "1 while the kernel does not have all routes as wanted.",
    (node) => flag(node.degraded !== null),
  ),
  gauge(
    "faild_adopted_routes",
    "Routes of a previous run whose peer was not heard yet.",
    (node) => node.adoptedRoutes,
  ),
  gauge("faild_peers", "Peers known.", ({ peers }) => peers.known),
  gauge(
    "faild_peers_unreachable",
    "Peers without any path that is up, but for those that said that they stop.",
    ({ peers }) => peers.unreachable,
  ),
  gauge("faild_peers_stopping", "Peers that said that they stop.", ({ peers }) => peers.stopping),
  counter("faild_packets_sent_total", "Packets sent.", counted("packets_sent")),
  counter("faild_late_wakes_total", "Times the loop came too late.", counted("late_wakes")),
  counter(
    "faild_sleeps_total",
    "Times the loop was away for longer than a peer may be.",
    counted("sleeps"),
  ),
  gauge(
    "faild_worst_lateness_seconds",
    "The longest time that the loop came too late.",
    (node) => seconds(node.counters["worst_lateness_ms"] ?? null),
  ),
  counter(
    "faild_route_repairs_total",
    "Times that routes or the rule were changed by somebody else and put back.",
    counted("repairs"),
  ),
  counter(
    "faild_hook_failures_total",
    "Runs of hooks that failed or were dropped.",
    counted("hook_failures"),
  ),
];

/** Of each network. */
const NETWORK: readonly Metric<NetworkView>[] = [
  gauge("faild_network_usable", "1 while the network is used.", ({ usable }) => flag(usable)),
  gauge(
    "faild_network_drained",
    "1 while people took it out of use.",
    ({ drained }) => flag(drained),
  ),
  gauge("faild_network_paths_up", "Paths that are up.", ({ paths }) => paths.up),
  gauge("faild_network_paths_down", "Paths that are down.", ({ paths }) => paths.down),
  gauge(
    "faild_network_paths_unknown",
    "Paths of which nothing is known yet.",
    ({ paths }) => paths.unknown,
  ),
  gauge(
    "faild_network_paths_held",
    "Paths that are up while their traffic is kept elsewhere.",
    ({ paths }) => paths.held,
  ),
  gauge(
    "faild_network_paths_lossy",
    "Paths that are up and lose too much.",
    ({ paths }) => paths.lossy,
  ),
  counter("faild_network_packets_sent_total", "Packets sent.", ({ sent }) => sent),
  counter("faild_network_packets_received_total", "Packets received.", ({ received }) => received),
  counter(
    "faild_network_packets_dropped_total",
    "Packets received, but not used.",
    (network) => network.dropped,
  ),
  counter(
    "faild_network_send_failures_total",
    "Packets that could not be sent.",
    (network) => network.sendFailures,
  ),
];

/** Of each path. */
const PATH: readonly Metric<PathStatus>[] = [
  gauge("faild_path_state", "1: up, 0: down, -1: not known yet.", ({ health }) => STATES[health]),
  gauge(
    "faild_path_state_age_seconds",
    "Time since it went up or down.",
    ({ changed }) => seconds(changed?.agoMs ?? null),
  ),
  gauge("faild_path_heard", "1 while packets of the peer arrive.", ({ heard }) => maybe(heard)),
  gauge(
    "faild_path_heard_by_peer",
    "1 while our packets arrive, as the peer says.",
    (path) => maybe(path.heardByPeer),
  ),
  gauge(
    "faild_path_drained_by_peer",
    "1 while the peer says that it took its network out of use.",
    ({ drainedByPeer }) => flag(drainedByPeer),
  ),
  gauge(
    "faild_path_rerouted",
    "1 while its traffic goes over another network.",
    ({ route }) => flag(route !== null),
  ),
  gauge(
    "faild_path_held",
    "1 while it is up and something keeps its traffic on another network.",
    ({ hold, route }) => flag(route !== null && hold !== null),
  ),
  gauge("faild_path_lossy", "1 while it loses too much.", ({ lossy }) => flag(lossy)),
  gauge(
    "faild_path_loss_ratio",
    "The lost part of the last inquiries while the path is up, 0 to 1.",
    ({ loss }) => loss,
  ),
  gauge(
    "faild_path_round_trip_seconds",
    "Mean round trip of the last inquiries while the path is up.",
    (path) => seconds(path.roundTripMs),
  ),
  gauge(
    "faild_path_silence_seconds",
    "Time since the last good packet.",
    ({ lastGoodAgoMs }) => seconds(lastGoodAgoMs),
  ),
  gauge(
    "faild_path_recent_falls",
    "Times it went down lately; falls in quiet times.",
    (path) => path.flaps,
  ),
];

const STATES: Readonly<Record<Health, number>> = { up: 1, down: 0, unknown: -1 };

const BUILD: Metric<null> = {
  name: "faild_build_info",
  type: "info",
  help: "The version that runs.",
  read: () => 1,
};
const DROPS = counter<number>(
  "faild_packets_dropped_total",
  "Packets received, but not used, by reason.",
  (count) => count,
);
const LINES = counter<number>(
  "faild_lines_lost_total",
  "Lines that could not be written, by what they belong to.",
  (count) => count,
);
const DROPS_PREFIX = "drops_";

/** A page in the making. */
export class MetricsPage {
  readonly #format: MetricsFormat;
  readonly #head: string[] = [];
  /** The samples of each metric of paths so far: those of one metric stand together. */
  readonly #paths = PATH.map((metric) => ({ metric, samples: [] as string[] }));

  constructor(status: NodeStatus, format: MetricsFormat) {
    this.#format = format;
    const { version, node, counters, lines, networks } = status;
    this.#family(BUILD, [[{ version, node }, null]]);
    for (const metric of NODE) this.#family(metric, [[{}, status]]);
    const drops = Object.entries(counters).filter(([name]) => name.startsWith(DROPS_PREFIX));
    this.#family(
      DROPS,
      drops.map(([name, count]) => [{ reason: reasonOf(name) }, count] as const),
    );
    this.#family(LINES, lines.map(({ kind, lost }) => [{ kind }, lost] as const));
    for (const metric of NETWORK) {
      this.#family(metric, networks.map((network) => [networkLabels(network), network] as const));
    }
  }

  /** Adds peers to the page. */
  add(peers: readonly PeerView[]): void {
    const labelled = peers.flatMap(({ node, paths }) =>
      paths.map((path) => {
        const { network, address } = path;
        return { path, labels: labelText({ node, network, address }) };
      })
    );
    for (const { metric, samples } of this.#paths) {
      const lines: string[] = [];
      for (const { path, labels } of labelled) {
        const value = metric.read(path);
        if (value !== null) lines.push(`${metric.name}${labels} ${value}\n`);
      }
      // One text for all of them: thousands of short ones would be kept until the page is whole.
      if (lines.length > 0) samples.push(lines.join(""));
    }
  }

  /** The whole page. */
  text(): string {
    const parts = [...this.#head];
    for (const { metric, samples } of this.#paths) {
      if (samples.length > 0) parts.push(this.#declaration(metric), samples.join(""));
    }
    if (this.#format === "openmetrics") parts.push("# EOF\n");
    return parts.join("");
  }

  #family<Subject>(
    metric: Metric<Subject>,
    subjects: readonly (readonly [Labels, Subject])[],
  ): void {
    const samples = subjects.map(([labels, subject]) => {
      const value = metric.read(subject);
      return value === null ? "" : `${metric.name}${labelText(labels)} ${value}\n`;
    }).join("");
    if (samples !== "") this.#head.push(this.#declaration(metric), samples);
  }

  /** OpenMetrics declares a counter and an info without the ending that their samples have, the older text with it. */
  #declaration({ name, type, help }: Omit<Metric<never>, "read">): string {
    if (this.#format === "prometheus") {
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type === "info" ? "gauge" : type}\n`;
    }
    const family = name.replace(
      type === "counter" ? /_total$/ : type === "info" ? /_info$/ : "",
      "",
    );
    return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`;
  }
}

function gauge<Subject>(
  name: string,
  help: string,
  read: (subject: Subject) => number | null,
): Metric<Subject> {
  return { name, type: "gauge", help, read };
}

function counter<Subject>(
  name: string,
  help: string,
  read: (subject: Subject) => number | null,
): Metric<Subject> {
  return { name, type: "counter", help, read };
}

function counted(name: string): (node: NodeStatus) => number | null {
  return ({ counters }) => counters[name] ?? null;
}

function flag(isSet: boolean): number {
  return isSet ? 1 : 0;
}

function maybe(isSet: boolean | null): number | null {
  return isSet === null ? null : flag(isSet);
}

/** To the microsecond. */
function seconds(ms: Ms | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1_000_000;
}

function networkLabels({ name, interfaceName, address }: NetworkView): Labels {
  return { network: name, interface: interfaceName, address };
}

/** "drops_bad_signature" counts what is called "bad-signature" in the log. */
function reasonOf(counterName: string): string {
  return counterName.slice(DROPS_PREFIX.length).replaceAll("_", "-");
}

/** `{node="node2",network="A"}`; nothing where there are none. */
function labelText(labels: Labels): string {
  const said = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return said.length === 0 ? "" : `{${said.join(",")}}`;
}

/** Names come from other machines: cut, printable, and with the three characters escaped that end a label. */
function escapeLabel(value: string): string {
  return escapeUnprintable(word(value)).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
