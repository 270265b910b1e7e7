/** What a running daemon tells of its peers, of itself, and of packets that it could not use. */
import { type Finding, fine, problem, warning } from "./diagnosis.ts";
import type { Ms } from "./types.ts";

/** What a daemon says when it is asked. */
export interface DaemonTold {
  readonly version: string;
  readonly intervalMs: Ms;
  /** Why the kernel's routes are not as wanted; null: they are. */
  readonly degraded: string | null;
  /** Whether the sockets of all networks that can be used are open. */
  readonly sockets: boolean;
  readonly counters: Readonly<Record<string, number>>;
  readonly peers: readonly {
    readonly node: string;
    readonly requestor: boolean;
    readonly intervalMs: Ms;
  }[];
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
  return findings.length > 0 ? findings : [fine("daemon", `A daemon runs, faild ${told.version}`)];
}

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
export function judgePeers({ counters, peers, intervalMs }: DaemonTold): Finding[] {
  const check = "peers";
  const findings = DROPS.flatMap(([counter, what, remedy]) => {
    const count = counters[counter] ?? 0;
    const text = `${count} packets ${what} were dropped since the start; the log has their senders`;
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
  if (findings.length > 0) return findings;
  return [fine(check, `${peers.length} peers are known, all of one version, key and interval`)];
}
