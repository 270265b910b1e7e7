/**
 * A demonstration for people: two hosts, two LANs, one daemon each, traffic, and three faults. Ends with a table and exit
 * code 0, or 1 if anything was not as it should be.
 */

import { Daemon, FAILD, usualYaml } from "./daemon.ts";
import { waitForPair } from "./group.ts";
import { Lab } from "./lab.ts";
import { figure, table } from "./measure.ts";
import { removeAllWhenInterrupted } from "./sweep.ts";
import { gapMs, lost, type Measured, sent, stallMs, tcpFault, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

const HOSTS = ["h1", "h2"] as const;
const TIMERS = "-t 0.05 -f 3 -s 3";
/** How long traffic is watched after a route has moved, in ms. */
const AFTERWARDS_MS = 400;

/** A fault, how it is made, and how it is mended. */
interface Fault {
  readonly title: string;
  readonly story: string;
  readonly mending: string;
  make(lab: Lab): Promise<void>;
  mend(lab: Lab): Promise<void>;
}

const FAULTS: readonly Fault[] = [
  {
    title: "LAN A goes dead, no carrier lost",
    story: "LAN A goes dead. No carrier is lost: only the missing answers tell.",
    mending: "LAN A is mended.",
    make: (lab) => lab.cut("A"),
    mend: (lab) => lab.mend("A"),
  },
  {
    title: "node2's cable to LAN A is pulled",
    story: "node2's cable to LAN A is pulled: it loses its carrier, node1 keeps its own.",
    mending: "The cable is put back.",
    make: (lab) => lab.unplug("h2", "A"),
    mend: (lab) => lab.plug("h2", "A"),
  },
  {
    title: "ip link set ethA down on node1",
    story: "On node1 somebody types: ip link set ethA down",
    mending: "… and later: ip link set ethA up",
    make: (lab) => lab.linkDown("h1", "A"),
    mend: (lab) => lab.linkUp("h1", "A"),
  },
];

/** What one fault did, and what was wrong with that. */
interface Outcome {
  readonly row: readonly string[];
  readonly complaints: readonly string[];
}

const isTerminal = Deno.stdout.isTerminal();
const isColoured = isTerminal && Deno.env.get("NO_COLOR") === undefined;

/** Prints text in one of a terminal's colours, or plainly where there is no terminal. */
function say(text: string, colour: "bold" | "dim" | "green" | "red" | "none" = "none"): void {
  const codes = { bold: "1", dim: "2", green: "32", red: "31", none: "0" };
  console.log(
    isColoured && colour !== "none" ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text,
  );
}

/** Breaks text at spaces into lines of at most `width` characters, longer words excepted. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function nodeOf(host: string): string {
  return host.replace("h", "node");
}

/** Starts both daemons with text logs; a node is called node1 where its host is h1. */
function startDaemons(lab: Lab): Promise<Daemon[]> {
  return Promise.all(HOSTS.map((host) => {
    const yaml = usualYaml(lab, host).replace(`node: ${host}`, `node: ${nodeOf(host)}`)
      .replace("log: {format: json}\n", "");
    return Daemon.start(lab, host, { yaml });
  }));
}

/** Prints what the daemons logged since `places`, each line under the node's name and without its date. */
function showLog(daemons: readonly Daemon[], places: readonly number[]): void {
  const lines = daemons.flatMap((daemon, index) =>
    daemon.log.all.slice(places[index]).map((line) => ({ ...line, host: daemon.host }))
  );
  const width = isTerminal ? Math.max(40, Deno.consoleSize().columns - 10) : 90;
  for (const line of lines.toSorted((a, b) => a.at - b.at)) {
    const text = line.text.replace(/^[\d-]+T([\d:.]+)[^ ]* /, "$1 ");
    wrap(text, width).forEach((part, index) => {
      say(`  ${index === 0 ? nodeOf(line.host) : "     "} │ ${part}`, "dim");
    });
  }
}

function placesOf(daemons: readonly Daemon[]): number[] {
  return daemons.map((daemon) => daemon.log.count);
}

async function showFault(
  lab: Lab,
  daemons: readonly Daemon[],
  traffic: Traffic,
  fault: Fault,
): Promise<Outcome> {
  say("");
  say(fault.story, "bold");
  let places = placesOf(daemons);
  const failover = await traffic.measure(async () => {
    await fault.make(lab);
    await waitForPair(lab, "B");
    await delay(AFTERWARDS_MS);
  });
  showLog(daemons, places);
  say("  node1 # ip route show table 245", "dim");
  say(`  ${(await lab.ip("h1", "route", "show", "table", "245")).trim()}`, "dim");
  say(
    `  Traffic goes over LAN B. Lost: ${lost(failover)} of ${figure(sent(failover))} datagrams;` +
      ` the TCP connection lives, its longest stall was ${figure(stallMs(failover))} ms.`,
  );
  say(fault.mending, "bold");
  places = placesOf(daemons);
  const switchback = await traffic.measure(async () => {
    await fault.mend(lab);
    await waitForPair(lab, "A");
    await delay(AFTERWARDS_MS);
  });
  showLog(daemons, places);
  say(`  Traffic is back on LAN A. Lost: ${lost(switchback)} of ${figure(sent(switchback))}.`);
  return {
    row: [
      fault.title,
      `${figure(gapMs(failover))} ms`,
      `${lost(failover)} of ${figure(sent(failover))}`,
      `${figure(stallMs(failover))} ms`,
      `${lost(switchback)} of ${figure(sent(switchback))}`,
    ],
    complaints: complaintsOf(fault, failover, switchback),
  };
}

function complaintsOf(fault: Fault, failover: Measured, switchback: Measured): string[] {
  const complaints: string[] = [];
  if (lost(switchback) > 0) complaints.push(`${lost(switchback)} datagrams lost at switchback`);
  for (const [when, measured] of [["failover", failover], ["switchback", switchback]] as const) {
    const broken = tcpFault(measured);
    if (broken !== null) complaints.push(`the TCP stream broke at ${when}: ${broken}`);
  }
  return complaints.map((complaint) => `${fault.title}: ${complaint}`);
}

function introduce(lab: Lab): void {
  const address = (host: string, lan: string): string => lab.address(host, lan).padEnd(11);
  say("faild: two hosts, two LANs, one daemon each", "bold");
  say(`
   node1                                             node2
   ${address("h1", "A")} ethA ─────── LAN A ─────── ethA ${address("h2", "A")}
   ${address("h1", "B")} ethB ─────── LAN B ─────── ethB ${address("h2", "B")}

Each host runs: ${FAILD.replace(/^.*\//, "")} -r ${TIMERS}
Between the addresses on LAN A run 1,000 datagrams a second each way, and one TCP
connection that carries a small message every 10 ms each way.`);
}

/** Stops the daemons and compares routes and rules with what they were. */
async function sayFarewell(
  lab: Lab,
  daemons: readonly Daemon[],
  before: readonly string[],
): Promise<string[]> {
  say("");
  say("The daemons are stopped.", "bold");
  const places = placesOf(daemons);
  const codes = await Promise.all(daemons.map((daemon) => daemon.stop()));
  showLog(daemons, places);
  const after = await Promise.all(HOSTS.map((host) => lab.routing(host)));
  const complaints: string[] = [];
  HOSTS.forEach((host, index) => {
    const same = after[index] === before[index];
    say(
      `  ${nodeOf(host)}: exit ${codes[index]}; routes and rules are ` +
        (same ? "byte for byte what they were before the start" : "NOT what they were"),
    );
    if (!same) complaints.push(`${nodeOf(host)}: left over:\n${after[index]}`);
    if (codes[index] !== 0) complaints.push(`${nodeOf(host)}: ended with ${codes[index]}`);
  });
  return complaints;
}

async function demonstrate(): Promise<string[]> {
  await using lab = await Lab.create();
  const before = await Promise.all(HOSTS.map((host) => lab.routing(host)));
  introduce(lab);
  say("");
  say("Both daemons start.", "bold");
  const daemons = await startDaemons(lab);
  await Promise.all(daemons.map((daemon) => {
    const peer = HOSTS.find((host) => host !== daemon.host) ?? "";
    return daemon.log.wait(new RegExp(`${nodeOf(peer)} found`));
  }));
  const traffic = await Traffic.start(lab);
  showLog(daemons, [0, 0]);
  const calm = await traffic.measure(() => delay(1_000));
  say(`  One second of traffic: ${lost(calm)} of ${figure(sent(calm))} datagrams lost.`);
  const outcomes: Outcome[] = [];
  for (const fault of FAULTS) outcomes.push(await showFault(lab, daemons, traffic, fault));
  await traffic.stop();
  const complaints = await sayFarewell(lab, daemons, before);
  say("");
  say(table(
    ["fault", "detection", "datagrams lost", "longest TCP stall", "lost at switchback"],
    outcomes.map((outcome) => outcome.row),
  ));
  say("");
  say("Detection is the longest time without a datagram, from the fault until the route had");
  say("moved. All figures are those of the worse direction.");
  return [...outcomes.flatMap((outcome) => outcome.complaints), ...complaints];
}

/** Runs the demonstration and tells what was wrong. */
async function main(): Promise<number> {
  const complaints = await demonstrate().catch((error: unknown) => [
    error instanceof Error ? error.message : String(error),
  ]);
  say("");
  if (complaints.length === 0) {
    say("Everything is as it should be, and nothing is left behind.", "green");
    return 0;
  }
  for (const complaint of complaints) say(`Not as it should be: ${complaint}`, "red");
  return 1;
}

if (import.meta.main) {
  removeAllWhenInterrupted();
  Deno.exit(await main());
}
