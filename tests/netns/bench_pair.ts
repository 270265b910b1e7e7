/** Two running daemons of one kind, and what they make of a fault that befalls them again and again. */

import { Bird } from "./bird.ts";
import { Daemon, usualYaml } from "./daemon.ts";
import { waitForNoRoutes, waitForPeers } from "./group.ts";
import type { HostName, Lab } from "./lab.ts";
import { median } from "./measure.ts";
import { gapMs, lost, stallMs, tcpFault, type Traffic } from "./traffic.ts";
import { delay, waitFor } from "./wait.ts";

/** The routing daemon that is measured. */
export type Subject = "faild" | "BIRD";

/** The two hosts that are measured; there may be others. */
export const PAIR: readonly [HostName, HostName] = ["h1", "h2"];

/** How often a daemon probes, and after how many misses it acts. */
export interface Timers {
  readonly intervalMs: number;
  readonly misses: number;
}

/** How a pair is started. */
export interface PairOptions {
  readonly timers: Timers;
  /** Who inquires: both, unless named. */
  readonly requestors?: readonly HostName[];
  /** Good packets before traffic returns (3). */
  readonly restoreAfter?: number;
  /** More lines of YAML for both configurations. */
  readonly yaml?: string;
}

/**
 * A fault that is made again and again is no flapping link and no lossy one: in the tenth run its being held down would
 * be measured.
 */
export const FORGETFUL = "hold-down: {limit: 0}\nloss: {window: 0}\n";

/** Two running daemons of one kind, their networks all up. */
export interface Pair {
  readonly subject: Subject;
  readonly timers: Timers;
  readonly pids: readonly number[];
  /** The daemons themselves; none where it is BIRD. */
  readonly daemons: readonly Daemon[];
  /** Waits until every network is up on both. */
  settled(): Promise<void>;
}

/** Starts a pair; returns when each has found the other on every LAN. */
export async function startPair(lab: Lab, subject: Subject, options: PairOptions): Promise<Pair> {
  const { timers, requestors = PAIR, restoreAfter = 3, yaml = "" } = options;
  if (subject === "BIRD") return await startBirds(lab, timers);
  const daemons = await Promise.all(PAIR.map((host) =>
    Daemon.start(lab, host, {
      interval: timers.intervalMs / 1000,
      failAfter: timers.misses,
      restoreAfter,
      requestor: requestors.includes(host),
      yaml: usualYaml(lab, host) + yaml,
    })
  ));
  await Promise.all(daemons.map((daemon) => waitForPeers(lab, daemon, PAIR)));
  await Promise.all(PAIR.map((host) => waitForNoRoutes(lab, host)));
  const pids = daemons.map((daemon) => daemon.pid);
  return { subject, timers, pids, daemons, settled: () => Promise.resolve() };
}

async function startBirds(lab: Lab, timers: Timers): Promise<Pair> {
  const options = { intervalMs: timers.intervalMs, multiplier: timers.misses };
  const [first, second] = PAIR;
  const birds = [
    await Bird.start(lab, first, second, options),
    await Bird.start(lab, second, first, options),
  ];
  const settled = async (): Promise<void> => {
    await Promise.all(birds.map((bird) => bird.waitForSessions(lab.cabling.lans.length)));
  };
  await settled();
  return { subject: "BIRD", timers, pids: birds.map((bird) => bird.pid), daemons: [], settled };
}

/** Whether both hosts send the traffic for the other's LAN A address over LAN A, or over LAN B. */
export async function carriedBy(lab: Lab, subject: Subject, lan: "A" | "B"): Promise<boolean> {
  const table = subject === "BIRD" ? "main" : 245;
  const [first, second] = PAIR;
  const checks = [[first, second], [second, first]].map(async ([host = "", peer = ""]) => {
    const route = (await lab.routes(host, table)).find((entry) =>
      entry.dst === lab.address(peer, "A")
    );
    return (route?.gateway === lab.address(peer, "B")) === (lan === "B");
  });
  return (await Promise.all(checks)).every((isSo) => isSo);
}

/** Waits until `carriedBy`, of both hosts. */
export async function waitForCarrier(
  lab: Lab,
  subject: Subject,
  lan: "A" | "B",
  timeoutMs = 20_000,
): Promise<void> {
  await waitFor(
    `${subject} to send over LAN ${lan}`,
    async () => await carriedBy(lab, subject, lan) ? true : null,
    { timeoutMs, everyMs: 50 },
  );
}

/** Something that befalls LAN A, and moves traffic to LAN B. */
export interface Fault {
  make(lab: Lab): Promise<void>;
  mend(lab: Lab): Promise<void>;
  /** How long it is left alone before anybody looks. Absent: the slowest detection, and TCP's recovery. */
  readonly watchMs?: number;
}

/** LAN A goes dead while every carrier stays up. */
export const CUT: Fault = { make: (lab) => lab.cut("A"), mend: (lab) => lab.mend("A") };

/** What one pair of hosts went through when one fault befell them several times. */
export interface FailoverFigures {
  /** Datagrams of 1,000 a second lost in the worse direction, and in each: medians. */
  readonly lost: number;
  readonly lostForth: number;
  readonly lostBack: number;
  /** Longest stall of the TCP stream in the worse direction, in ms: median. */
  readonly stallMs: number;
  /** Longest time without a datagram in the worse direction, in ms: median. */
  readonly gapMs: number;
  /** Datagrams lost when traffic went back, both directions and all runs together. */
  readonly lostAtSwitchback: number;
}

/** What one run of a fault did. */
interface Failover {
  readonly lost: number;
  readonly forth: number;
  readonly back: number;
  readonly stallMs: number;
  readonly gapMs: number;
  readonly atSwitchback: number;
}

/** TCP that stalls for seconds is still to be measured, not to be called broken. */
const SETTLE_MS = 8_000;

/** Makes and mends a fault once. Throws when routes do not move there and back, or TCP breaks. */
async function failOver(lab: Lab, pair: Pair, traffic: Traffic, fault: Fault): Promise<Failover> {
  const { subject, timers } = pair;
  const { watchMs = timers.intervalMs * (timers.misses + 1) + 500 } = fault;
  const failover = await traffic.measure(async () => {
    await fault.make(lab);
    await delay(watchMs);
    await waitForCarrier(lab, subject, "B");
  }, SETTLE_MS);
  const switchback = await traffic.measure(async () => {
    await fault.mend(lab);
    await waitForCarrier(lab, subject, "A");
    await pair.settled();
    await delay(timers.intervalMs * 2);
  });
  const broken = tcpFault(failover) ?? tcpFault(switchback);
  if (broken !== null) throw new Error(`The TCP stream broke with ${subject}: ${broken}`);
  return {
    lost: lost(failover),
    forth: failover.forth.udp.lost,
    back: failover.back.udp.lost,
    stallMs: stallMs(failover),
    gapMs: gapMs(failover),
    atSwitchback: switchback.forth.udp.lost + switchback.back.udp.lost,
  };
}

/** Makes and mends a fault `runs` times under traffic between the pair. Throws as each run does. */
export async function repeatFault(
  lab: Lab,
  pair: Pair,
  traffic: Traffic,
  fault: Fault,
  runs: number,
): Promise<FailoverFigures> {
  const all: Failover[] = [];
  for (let count = 0; count < runs; count++) all.push(await failOver(lab, pair, traffic, fault));
  const middle = (of: (each: Failover) => number): number => median(all.map(of));
  return {
    lost: middle((each) => each.lost),
    lostForth: middle(({ forth }) => forth),
    lostBack: middle(({ back }) => back),
    stallMs: middle((each) => each.stallMs),
    gapMs: middle((each) => each.gapMs),
    lostAtSwitchback: all.reduce((sum, { atSwitchback }) => sum + atSwitchback, 0),
  };
}
