/** What `faild probe` shows: a line for each answer while it runs, a table at the end, or the same as JSON. */
import type { ProbeNews } from "../core/probe.ts";
import type { Absence, ProbedNode, ProbedPath, ProbeReport } from "../core/probe_report.ts";
import type { Ms, Network } from "../core/types.ts";
import { escapeUnprintable } from "../log_line.ts";
import { counted, listed, percentText, word } from "../notice_words.ts";
import { aligned } from "./columns.ts";

/** What was to be done, for people. */
export interface ProbeTask {
  readonly networks: readonly Network[];
  readonly rounds: number;
  readonly intervalMs: Ms;
  readonly port: number;
  /** Whether inquiries are signed. */
  readonly isSigned: boolean;
}

/** The same when it is done. */
export interface ProbeResult extends ProbeTask {
  /** Whether it asked from the port of the nodes. */
  readonly hadPort: boolean;
  /** Whether the daemon of this host told what it knows. */
  readonly askedDaemon: boolean;
}

/** The lines before anything is sent. */
export function openingText({ networks, rounds, intervalMs, port, isSigned }: ProbeTask): string {
  const names = networks.map(({ name, address, prefixLength }) =>
    `${name} (${address}/${prefixLength})`
  );
  const how = `${counted(rounds, "round")}, ${seconds(intervalMs)} apart, UDP port ${port}`;
  return `Asking on ${names.join(", ")}: ${how}${isSigned ? ", signed" : ""}\n`;
}

/** One answer, or one that did not come. */
export function newsText(news: ProbeNews, networkWidth: number): string {
  const { network, node, address, round, roundTripMs } = news;
  const took = roundTripMs === null ? "no answer" : `${milliseconds(roundTripMs)} ms`;
  const where = `${network.padEnd(networkWidth)}  ${address.padEnd(15)}`;
  return escapeUnprintable(`${where}  ${node}  round ${round}  ${took}`) + "\n";
}

/** The table, who is missing, and all in one line. */
export function summaryText(report: ProbeReport, result: ProbeResult): string {
  const { nodes, drops } = report;
  const sections: string[][] = [];
  if (nodes.length > 0) {
    const heading = ["NODE", "NETWORK", "ADDRESS", "ANSWERS", "LOST", "RTT MIN/MEAN/MAX"];
    sections.push(aligned([heading, ...nodes.flatMap(nodeRows)]).map((line) => line.slice(2)));
  }
  const missing = nodes.flatMap((node) => missingLines(node, result));
  if (missing.length > 0) sections.push(["Missing:", ...missing.map((line) => `  ${line}`)]);
  if (drops.length > 0) {
    const lines = drops.map(({ from, network, reason, value, count }) =>
      `  ${from} on ${network}: ${counted(count, "packet")} dropped as ${reason} (${value})`
    );
    sections.push(["Answers that could not be used:", ...lines]);
  }
  const note = noteLines(report, result);
  if (note.length > 0) sections.push(note);
  sections.push([conclusion(report)]);
  return sections.map((lines) => `${lines.map(escapeUnprintable).join("\n")}\n`).join("\n");
}

/** What the answers do not prove; empty: they prove what they seem to, or the daemon was asked as well. */
function noteLines({ nodes, verdict }: ProbeReport, result: ProbeResult): string[] {
  const { port, hadPort, askedDaemon } = result;
  if (hadPort || askedDaemon) return [];
  const isAnswered = nodes.some(({ paths }) => paths.some(({ answered }) => answered > 0));
  return [
    `Note: another program has UDP port ${port} here, so the answers came to another port.`,
    ...(isAnswered
      ? [
        "A node may send these by another LAN than it was asked on: what is dead one way",
        "only can look well here. Ask the daemon: faild status.",
      ]
      : []),
    ...(verdict === "complete"
      ? []
      : ["A firewall may keep them out: who is missing here may answer the daemon."]),
  ];
}

function nodeRows({ name, paths }: ProbedNode): string[][] {
  if (paths.length === 0) return [[name, "-", "-", "-", "-", "-"]];
  return paths.map((path) => [
    name,
    path.network,
    path.address,
    `${path.answered} of ${path.asked}`,
    path.asked === 0 ? "-" : percentText(lossOf(path)),
    roundTripText(path),
  ]);
}

function roundTripText({ roundTrips }: ProbedPath): string {
  if (roundTrips === null) return "-";
  const { minMs, meanMs, maxMs } = roundTrips;
  return `${[minMs, meanMs, maxMs].map(milliseconds).join("/")} ms`;
}

function missingLines(node: ProbedNode, task: ProbeTask): string[] {
  const { name, paths } = node;
  if (paths.length === 0) return [`${name}: no node of this name or address answered`];
  return paths.flatMap(({ network, address, absence }) =>
    absence === null
      ? []
      : [`${name} on ${network} (${address}): ${absenceText(absence, node, task)}`]
  );
}

function absenceText(absence: Absence, { says }: ProbedNode, { isSigned }: ProbeTask): string {
  // Who answered elsewhere answers to such inquiries.
  const isStrict = says === null && !isSigned;
  switch (absence.kind) {
    case "no-answer":
      return isStrict
        ? "no answer: it cannot be reached, or takes only signed inquiries"
        : "no answer";
    case "held-up":
      return "no answer, but the daemon of this host has answers: a firewall lets in its port only" +
        (isStrict ? ", or the node takes only signed inquiries" : "");
    case "held-down":
      return "down, says the daemon of this host: the answers come by another LAN";
    case "peer-network":
      return "its interface there is down, drained or without carrier, it says";
    case "own-network":
      return `could not ask: ${absence.reason}`;
  }
}

function conclusion({ nodes, others, networks, verdict }: ProbeReport): string {
  const asked = networks.filter(({ problem }) => problem === null).length;
  const on = `on ${counted(asked, "network")}`;
  if (verdict === "nobody") return `Nobody answered ${on}`;
  const answering = nodes.filter(({ paths }) => paths.some(({ answered }) => answered > 0));
  if (answering.length === 0) {
    const who = nodes.length === 1 ? "The node that was asked for" : "Of those asked for nobody";
    const did = nodes.length === 1 ? "did not answer" : "answered";
    return `${who} ${did} ${on}; others did: ${listed(others, word)}`;
  }
  const found = `${counted(answering.length, "node")} answered ${on}`;
  const absent = nodes.filter(({ paths }) =>
    paths.length === 0 || paths.some(({ absence }) => absence !== null)
  );
  if (absent.length === 0) return `${found}, nobody is missing`;
  return `${found}, ${counted(absent.length, "node is", "nodes are")} missing somewhere`;
}

/** All of it as one JSON document, with a newline at its end; docs/schema/probe.json describes it. */
export function probeJson(report: ProbeReport, task: ProbeResult): string {
  const { networks, nodes, others, drops, verdict } = report;
  const document = {
    verdict,
    port: task.port,
    samePort: task.hadPort,
    daemonAsked: task.askedDaemon,
    signed: task.isSigned,
    rounds: task.rounds,
    intervalMs: task.intervalMs,
    networks: networks.map(({ name, interfaceName, ...network }) => {
      return { name, interface: interfaceName, ...network };
    }),
    nodes: nodes.map((node) => ({
      name: node.name,
      answered: node.says !== null,
      requestor: node.says?.requestor ?? null,
      intervalMs: node.says?.intervalMs ?? null,
      failAfter: node.says?.failAfter ?? null,
      paths: node.paths.map((path) => ({
        network: path.network,
        address: path.address,
        asked: path.asked,
        answered: path.answered,
        loss: path.asked === 0 ? null : rounded(lossOf(path)),
        rttMs: path.roundTrips === null ? null : {
          min: rounded(path.roundTrips.minMs),
          mean: rounded(path.roundTrips.meanMs),
          max: rounded(path.roundTrips.maxMs),
        },
        missing: path.absence !== null,
        reason: path.absence === null ? null : absenceText(path.absence, node, task),
      })),
    })),
    others,
    dropped: drops,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function lossOf({ asked, answered }: ProbedPath): number {
  return 1 - answered / asked;
}

/** More than microseconds are noise. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function milliseconds(ms: Ms): string {
  return ms.toFixed(ms < 10 ? 2 : 1);
}

function seconds(ms: Ms): string {
  return `${Number((ms / 1000).toFixed(3))} s`;
}
