/** What a running daemon tells of its peers, of itself, and of packets that it could not use. */
import { counted } from "./counted.ts";
import { type Finding, fine, problem, warning } from "./diagnosis.ts";
import { type LinePlace, troubleText } from "./line_loss.ts";
import type { Overview, PeerView } from "./overview.ts";
import type { Ms } from "./types.ts";

/** What a daemon says when it is asked. */
export interface DaemonTold extends
  Pick<
    Overview,
    "node" | "requestor" | "intervalMs" | "networks" | "degraded" | "counters"
  > {
  readonly version: string;
  readonly uptimeMs: Ms;
  /** Whether the sockets of all networks that can be used are open. */
  readonly sockets: boolean;
  readonly lines: readonly LinePlace[];
  readonly peers: readonly PeerView[];
}

/** Whether the daemon that runs does its work, and is the one that is installed. */
export function judgeDaemon(told: DaemonTold, ownVersion: string): Finding[] {
  const findings: Finding[] = [];
  if (told.degraded !== null) {
    findings.push(
      problem(
        "daemon",
        `The daemon works with less than it needs: ${told.degraded}`,
        "faild status",
      ),
    );
  }
  if (!told.sockets) {
    const text = "Not all sockets of the daemon are open: another program may have its port";
    findings.push(problem("daemon", text, "ss -lunp"));
  }
  if (told.version !== ownVersion) {
    const text = `The daemon is faild ${told.version}, this program is ${ownVersion}`;
    findings.push(warning("daemon", text, "restart the daemon"));
  }
  findings.push(...told.lines.flatMap(judgeLines), ...judgeHooks(told));
  return findings.length > 0 ? findings : [fine("daemon", `A daemon runs, faild ${told.version}`)];
}

/** Lines that were lost: failover works without them, but nobody can read later what it did. */
function judgeLines(place: LinePlace): Finding[] {
  const { kind, file, lost, trouble } = place;
  if (trouble !== null) {
    const folder = file?.replace(/\/[^/]*$/, "") || "/";
    const remedy = file === null
      ? "look who is to read the standard error of the daemon, or set log.file"
      : `df -h ${folder}; make room there, or mend what else is in the way`;
    return [warning("daemon", `The ${troubleText(place)}`, remedy)];
  }
  if (lost === 0) return [];
  const are = lost === 1 ? "is" : "are";
  const text = `${counted(lost, "line")} ${are} missing since the start in the ${kind} in ` +
    `${file ?? "standard error"}, but the last one was written`;
  return [warning("daemon", text, "look there for when and why: it has a line in their place")];
}

function judgeHooks({ counters }: DaemonTold): Finding[] {
  const count = counters["hook_failures"] ?? 0;
  if (count === 0) return [];
  const text = `${counted(count, "run")} of hooks failed or ${count === 1 ? "was" : "were"} ` +
    "dropped since the start";
  return [warning("daemon", text, "look into the log for which and why; faild check")];
}

/** Of more shared names than these nobody needs to be told. */
const MOST_NAMES = 5;

/** Counters of packets that were dropped, what they mean, and what to do. */
const DROPS: readonly (readonly [string, string, string])[] = [
  ["drops_version", "of another version of the protocol", "install the same release everywhere"],
  [
    "drops_unsigned",
    "without a signature",
    "give all nodes the key, or begin with auth.mode permissive",
  ],
  [
    "drops_unknown_key",
    "signed with a key that is not in our file",
    "add that key to auth.key-file here, or replace it there",
  ],
  [
    "drops_bad_signature",
    "with a wrong signature",
    "compare auth.key-file on all nodes: an id has two secrets",
  ],
  [
    "drops_not_allowed",
    "from nodes that are not on the list",
    "add them to allow, or stop faild there",
  ],
  [
    "drops_source_not_claimed",
    "from addresses that their senders do not have",
    "look for address translation on the LAN",
  ],
  [
    "drops_foreign_source",
    "from outside the subnet that they came by",
    "look for two LANs on one cable, or VLANs that leak",
  ],
];

/** Whether peers differ from this node in what must be the same. */
export function judgePeers(told: DaemonTold): Finding[] {
  const check = "peers";
  const { counters, peers, intervalMs } = told;
  const findings = DROPS.flatMap(([counter, what, remedy]) => {
    const count = counters[counter] ?? 0;
    const text = `${counted(count, "packet")} ${what} ${count === 1 ? "was" : "were"} dropped ` +
      "since the start; the log has the senders";
    return count === 0 ? [] : [warning(check, text, remedy)];
  });
  const others = peers.filter((each) => each.requestor && each.intervalMs !== intervalMs);
  if (others.length > 0) {
    const first = others.slice(0, 5).map(({ node, intervalMs }) => `${node} ${intervalMs} ms`);
    const more = others.length > 5 ? ` and ${others.length - 5} more` : "";
    const text = `Peers inquire at another interval than the ${intervalMs} ms of this node: ` +
      `${first.join(", ")}${more}; the two ends of a path find its death at different times`;
    findings.push(warning(check, text, "set the same interval (-t) on all nodes"));
  }
  findings.push(...judgeNames(told));
  if (findings.length > 0) return findings;
  const are = peers.length === 1 ? "is" : "are";
  const text = `${
    counted(peers.length, "peer")
  } ${are} known, all of one version, key and interval`;
  return [fine(check, peers.length === 0 ? "No peer is known" : text)];
}

/** A name is only a label, but people go by it. */
function judgeNames({ node, peers }: DaemonTold): Finding[] {
  const called = new Map<string, PeerView[]>();
  for (const peer of peers) called.set(peer.node, [...called.get(peer.node) ?? [], peer]);
  const shared = [...called].filter(([name, all]) => all.length > 1 || name === node);
  const remedy = "set node in the configuration of all but one of them, and faild reload there";
  return shared.slice(0, MOST_NAMES).map(([name, all]) => {
    const addresses = all.map(({ paths }) => paths.map(({ address }) => address).join(" and "));
    const own = name === node ? ", and so is this one" : "";
    const who = all.length === 1 ? "Another node is" : `${all.length} nodes are`;
    const text = `${who} called ${name} (${addresses.join("; ")})${own}: what is said of one may ` +
      "be meant of another";
    return warning("peers", text, remedy);
  });
}
