/** What a running daemon tells of its networks and paths, and whether traffic could go elsewhere if one more failed. */
import { counted, listedUpTo } from "./counted.ts";
import type { DaemonTold } from "./diagnosis_peers.ts";
import { type Finding, fine, problem, warning } from "./diagnosis.ts";
import type { NetworkView, PathStatus, PeerView } from "./overview.ts";
import { stayingOn } from "./staying.ts";
import type { DownCause, Ms, NetworkName } from "./types.ts";

/** So many intervals without anybody are no accident. */
const QUIET_INTERVALS = 5;
const LEAST_QUIET_MS: Ms = 10_000;
/** Of more peers than these only the number is told. */
const MOST_NAMED = 5;

/** After this time since the start whoever is there should have been heard. */
export function settlingMs(intervalMs: Ms): Ms {
  return Math.max(LEAST_QUIET_MS, QUIET_INTERVALS * intervalMs);
}

/**
 * Whether nobody is there, although there was time to hear of others: a node that asks has asked in vain for some
 * intervals, one that only answers has waited as long.
 */
export function isLonely(
  { requestor, uptimeMs, intervalMs, networks }: Pick<
    DaemonTold,
    "requestor" | "uptimeMs" | "intervalMs" | "networks"
  >,
  known: number,
): boolean {
  if (known > 0) return false;
  const inUse = networks.filter(({ usable }) => usable);
  return requestor
    ? inUse.some(({ sent }) => sent >= QUIET_INTERVALS)
    : inUse.length > 0 && uptimeMs >= settlingMs(intervalMs);
}

/**
 * The networks that the daemon does not use.
 *
 * @param told names of those of which it is known already
 */
export function judgeUse(
  { networks, peers }: DaemonTold,
  told: ReadonlySet<NetworkName>,
): Finding[] {
  return networks.filter(({ usable }) => !usable).flatMap(({ name, drained, reason }) => {
    if (drained) {
      const staying = stayingOn(name, peers);
      const stays = staying.length === 0
        ? ": no traffic goes over it until it is undrained"
        : `, but traffic of ${listed(staying)} stays on it, as no other path works`;
      const remedy = `faild undrain ${name}, when the maintenance is over`;
      return [warning("networks", `Network ${name} is drained${stays}`, remedy)];
    }
    if (told.has(name)) return [];
    const text = `The daemon does not use network ${name}: ${reason ?? "reason unknown"}`;
    return [problem("networks", text, "faild events, and look into its log")];
  });
}

/**
 * Packets that could not even be sent.
 *
 * @param before the networks as they were some intervals ago
 */
export function judgeSending(
  before: readonly NetworkView[],
  after: readonly NetworkView[],
): Finding[] {
  return after.flatMap(({ name, sent, sendFailures, usable }) => {
    const former = before.find((each) => each.name === name);
    if (former === undefined || sendFailures === 0 || !usable) return [];
    const [failing, tried] = [sendFailures - former.sendFailures, sent - former.sent];
    if (failing > 0) {
      const text = `Packets cannot be sent on ${name}: ${failing} of the last ${tried} failed`;
      return [problem("networks", text, "look into the log for the reason; nft list ruleset")];
    }
    const text = `${counted(sendFailures, "packet")} of ${sent} could not be sent on ${name} ` +
      "since the start, none of them just now";
    return [warning("networks", text, "look into the log for when and why")];
  });
}

/** Whether every peer is reached over all of its networks. */
export function judgePaths(told: DaemonTold): Finding[] {
  const check = "paths";
  const { networks, peers, uptimeMs, intervalMs } = told;
  const findings = [...judgeCompany(told), ...judgeReach(told)];
  const isSettled = uptimeMs >= settlingMs(intervalMs);
  for (const { name } of networks) {
    const paths = peers.filter(({ stopping }) => !stopping).flatMap((peer) =>
      peer.paths.filter(({ network }) => network === name).map((path) => ({ peer, path }))
    );
    findings.push(
      ...judgeDown(name, paths),
      ...judgeDrained(name, paths),
      ...judgeLoss(name, paths),
    );
    const unheard = paths.filter(({ path }) => path.health === "unknown");
    if (!isSettled || unheard.length === 0) continue;
    const text =
      `${counted(unheard.length, "path")} on ${name} ${are(unheard)} of nodes that were ` +
      `never heard there: ${namedPaths(unheard)}`;
    const remedy = `faild probe ${name}; compare the addresses in peers with those of the nodes`;
    findings.push(warning(check, text, remedy));
  }
  if (findings.length > 0) return findings;
  const judged = peers.filter(({ stopping }) => !stopping);
  const count = judged.reduce((sum, { paths }) => sum + paths.length, 0);
  const stopping = peers.length - judged.length;
  const left = stopping === 0 ? "" : `; ${counted(stopping, "node")} said to stop, and not judged`;
  const text = `${counted(count, "path")} to ${counted(judged.length, "node")}, none down${left}`;
  return [fine(check, text)];
}

/** Whether there is anybody, and anybody who asks. */
function judgeCompany(told: DaemonTold): Finding[] {
  const { peers, requestor, uptimeMs, networks } = told;
  const ask = "set requestor: true on all nodes, or on one at least, and faild reload there";
  if (isLonely(told, peers.length)) {
    const dropped = networks.reduce((sum, each) => sum + each.dropped, 0);
    const why = dropped === 0 ? "" : `; ${counted(dropped, "packet")} came that could not be used`;
    const text = `No other node is known, ${seconds(uptimeMs)} after the start${why}`;
    return requestor ? [problem("paths", text, "faild probe; start faild on the other nodes")] : [
      problem("paths", `${text}: this node only answers, and nobody asks it`, ask),
    ];
  }
  const isAsked = requestor || peers.length === 0 || peers.some((peer) => peer.requestor);
  if (isAsked) return [];
  const who = peers.length === 1 ? "this node and the only other one" : "all nodes";
  return [problem("paths", `Nobody asks: ${who} only answer, so no failure is ever found`, ask)];
}

/** Peers without any path that works. */
function judgeReach({ networks, peers, uptimeMs, intervalMs }: DaemonTold): Finding[] {
  const drained = new Set(networks.filter((each) => each.drained).map(({ name }) => name));
  const isSettled = uptimeMs >= settlingMs(intervalMs);
  const lost = peers.filter(({ stopping, paths }) =>
    !stopping && !paths.some(({ health }) => health === "up") &&
    // Traffic stays on a drained network for want of another one: that is told there.
    !paths.every(({ network }) => drained.has(network)) &&
    (isSettled || paths.some(({ health }) => health === "down"))
  );
  if (lost.length === 0) return [];
  const text = `${
    listed(lost.map(({ node }) => node))
  } cannot be reached over any network in use, so routes stay as they are`;
  return [
    problem("paths", text, `faild probe ${lost[0]?.node}; look whether it runs, and faild there`),
  ];
}

interface PathOf {
  readonly peer: PeerView;
  readonly path: PathStatus;
}

function judgeDown(network: NetworkName, paths: readonly PathOf[]): Finding[] {
  const down = paths.filter(({ path: { health, drainedByPeer, changed } }) =>
    // What is not used by ourselves says nothing about its peers.
    health === "down" && !drainedByPeer && changed?.cause?.kind !== "own-network"
  );
  if (down.length === 0) return [];
  const isAll = down.length === paths.length;
  const which = isAll && down.length > 1
    ? `All ${down.length} paths`
    : counted(down.length, "path");
  const said = down.slice(0, MOST_NAMED).map(({ peer, path: { address, changed } }) =>
    `${peer.node} (${address}) for ${seconds(changed?.agoMs ?? 0)}, ${causeText(changed?.cause)}`
  );
  const text = `${which} on ${network} ${are(down)} down: ${said.join("; ")}${more(down)}`;
  // Whoever says that its own interface is unusable need not be looked for on the LAN.
  const isTheirs = down.every(({ path }) => path.changed?.cause?.kind === "peer-network");
  const nodes = listed(down.map(({ peer }) => peer.node));
  const place = isTheirs || !isAll
    ? `look after cable and interface of ${nodes}, and run faild doctor there`
    : `look after cable, switch and VLAN of ${network}`;
  return [problem("paths", text, `${place}; faild probe ${network}`)];
}

/** What people took out of use at the other end is planned; its own doctor warns of it. */
function judgeDrained(network: NetworkName, paths: readonly PathOf[]): Finding[] {
  const drained = paths.filter(({ path }) => path.health === "down" && path.drainedByPeer);
  if (drained.length === 0) return [];
  const text = `${counted(drained.length, "path")} on ${network} ${are(drained)} drained at the ` +
    `other end, for maintenance: ${namedPaths(drained)}`;
  return [fine("paths", text)];
}

function judgeLoss(network: NetworkName, paths: readonly PathOf[]): Finding[] {
  const lossy = paths.filter(({ path }) => path.health === "up" && path.lossy);
  if (lossy.length === 0) return [];
  const text =
    `${counted(lossy.length, "path")} on ${network} ${lossy.length === 1 ? "loses" : "lose"} ` +
    `too many packets: ${namedPaths(lossy)}`;
  return [warning("paths", text, `ip -s -s link show; faild probe -n 100 -t 0.1 ${network}`)];
}

/** Why a path is down; "it" is the peer. */
function causeText(cause: DownCause | null | undefined): string {
  switch (cause?.kind) {
    case "missed":
      return cause.what === "answers" ? "it does not answer" : "its inquiries do not come";
    case "peer-deaf":
      return "it says that it does not hear us";
    case "peer-unanswered":
      return "it says that we do not answer it";
    case "peer-network":
      return "it says that its own interface is unusable";
    case "adopted":
      return "as the previous run left it";
    default:
      return "for an unknown reason";
  }
}

function listed(names: readonly string[]): string {
  return listedUpTo(MOST_NAMED, names, String);
}

function namedPaths(paths: readonly PathOf[]): string {
  return listedUpTo(MOST_NAMED, paths, ({ peer, path }) => `${peer.node} (${path.address})`);
}

function more(all: readonly unknown[]): string {
  return all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : "";
}

function are(all: readonly unknown[]): string {
  return all.length === 1 ? "is" : "are";
}

function seconds(ms: Ms): string {
  return `${Math.round(ms / 1000)} s`;
}
