/** What the benchmark measures, of faild and of BIRD alike. */

import { Bird } from "./bird.ts";
import { run } from "./command.ts";
import { Daemon } from "./daemon.ts";
import { waitForNoRoutes, waitForPeers } from "./group.ts";
import { type HostName, Lab } from "./lab.ts";
import { median } from "./measure.ts";
import { familyCpuMs, familyMemory } from "./processes.ts";
import { Agent, lost, stallMs, tcpFault, Traffic } from "./traffic.ts";
import { delay, waitFor } from "./wait.ts";

/** The routing daemon that is measured. */
export type Subject = "faild" | "BIRD";

/** How often it probes, and after how many misses it acts. */
export interface Timers {
  readonly intervalMs: number;
  readonly misses: number;
}

/** What one pair of hosts went through in several silent cuts of LAN A. */
export interface FailoverFigures {
  /** Datagrams of 1,000 a second lost in the worse direction, and in each: medians. */
  readonly lost: number;
  readonly lostForth: number;
  readonly lostBack: number;
  /** Longest stall of the TCP stream in the worse direction, in ms: median. */
  readonly stallMs: number;
  /** Datagrams lost when traffic went back, both directions and all runs together. */
  readonly lostAtSwitchback: number;
  readonly runs: number;
}

/** What a daemon costs while nothing happens: the worse of the two hosts. */
export interface IdleFigures {
  /** CPU time in ms a minute, children included. */
  readonly cpuMsPerMinute: number;
  readonly rssMib: number;
  /** As `rssMib`, with shared pages divided among their users. */
  readonly pssMib: number;
}

/** Two running daemons of one kind, their networks all up. */
interface Pair {
  readonly pids: readonly number[];
  /** Waits until every network is up on both. */
  settled(): Promise<void>;
}

/** How long a pair is watched after a cut: the slowest detection with room for TCP to recover. */
function watchMs({ intervalMs, misses }: Timers): number {
  return intervalMs * (misses + 1) + 500;
}

async function startPair(
  lab: Lab,
  subject: Subject,
  timers: Timers,
  requestors: readonly HostName[] = ["h1", "h2"],
): Promise<Pair> {
  if (subject === "BIRD") {
    const options = { intervalMs: timers.intervalMs, multiplier: timers.misses };
    const birds = [
      await Bird.start(lab, "h1", "h2", options),
      await Bird.start(lab, "h2", "h1", options),
    ];
    const settled = async (): Promise<void> => {
      await Promise.all(birds.map((bird) => bird.waitForSessions(lab.cabling.lans.length)));
    };
    await settled();
    return { pids: birds.map((bird) => bird.pid), settled };
  }
  const timing = { interval: timers.intervalMs / 1000, failAfter: timers.misses };
  const hosts = lab.cabling.hosts;
  const daemons = await Promise.all(hosts.map((host) => {
    return Daemon.start(lab, host, { ...timing, requestor: requestors.includes(host) });
  }));
  await Promise.all(daemons.map((daemon) => waitForPeers(lab, daemon)));
  await Promise.all(hosts.map((host) => waitForNoRoutes(lab, host)));
  return { pids: daemons.map((daemon) => daemon.pid), settled: () => Promise.resolve() };
}

/** Whether both hosts send the traffic for the other's LAN A address over LAN A, or over LAN B. */
async function carriedBy(lab: Lab, subject: Subject, lan: "A" | "B"): Promise<boolean> {
  const table = subject === "BIRD" ? "main" : 245;
  const checks = [["h1", "h2"], ["h2", "h1"]].map(async ([host = "", peer = ""]) => {
    const route = (await lab.routes(host, table)).find((entry) =>
      entry.dst === lab.address(peer, "A")
    );
    return (route?.gateway === lab.address(peer, "B")) === (lan === "B");
  });
  return (await Promise.all(checks)).every((isSo) => isSo);
}

/** Cuts and mends LAN A `runs` times under traffic. Throws when routes do not move, or TCP breaks. */
export async function measureFailover(
  subject: Subject,
  timers: Timers,
  runs: number,
): Promise<FailoverFigures> {
  await using lab = await Lab.create();
  const pair = await startPair(lab, subject, timers);
  const traffic = await Traffic.start(lab);
  const forth: number[] = [];
  const back: number[] = [];
  const worse: number[] = [];
  const stalls: number[] = [];
  let lostAtSwitchback = 0;
  for (let count = 0; count < runs; count++) {
    const failover = await traffic.measure(async () => {
      await lab.cut("A");
      await delay(watchMs(timers));
    });
    if (!await carriedBy(lab, subject, "B")) throw new Error(`${subject} did not fail over`);
    const switchback = await traffic.measure(async () => {
      await lab.mend("A");
      await waitFor(
        `${subject} to switch back`,
        async () => await carriedBy(lab, subject, "A") ? true : null,
        { timeoutMs: 20_000, everyMs: 50 },
      );
      await pair.settled();
      await delay(timers.intervalMs * 2);
    });
    const broken = tcpFault(failover) ?? tcpFault(switchback);
    if (broken !== null) throw new Error(`The TCP stream broke with ${subject}: ${broken}`);
    forth.push(failover.forth.udp.lost);
    back.push(failover.back.udp.lost);
    worse.push(lost(failover));
    stalls.push(stallMs(failover));
    lostAtSwitchback += switchback.forth.udp.lost + switchback.back.udp.lost;
  }
  return {
    lost: median(worse),
    lostForth: median(forth),
    lostBack: median(back),
    stallMs: median(stalls),
    lostAtSwitchback,
    runs,
  };
}

/** Measures what two daemons with nothing to do use in `seconds`; the one that uses more counts. */
export async function measureIdle(
  subject: Subject,
  timers: Timers,
  seconds: number,
  requestors: readonly HostName[],
): Promise<IdleFigures> {
  await using lab = await Lab.create();
  const { pids } = await startPair(lab, subject, timers, requestors);
  // The start itself, and what the compilers do after it, is no idleness.
  await delay(5_000);
  const before = pids.map(familyCpuMs);
  await delay(seconds * 1000);
  const used = pids.map((pid, index) => familyCpuMs(pid) - (before[index] ?? 0));
  const memory = pids.map(familyMemory);
  return {
    cpuMsPerMinute: Math.max(...used) * 60 / seconds,
    rssMib: Math.max(...memory.map((each) => each.rssKib)) / 1024,
    pssMib: Math.max(...memory.map((each) => each.pssKib)) / 1024,
  };
}

/**
 * Time from exec to the first inquiry received by the other host, in ms: median. What `ip netns exec` costs before the
 * exec is measured in the same way, and taken off.
 */
export async function measureStart(runs: number): Promise<number> {
  await using lab = await Lab.create();
  const times: number[] = [];
  const overheads: number[] = [];
  const listener = Agent.start(lab, "h2");
  for (let count = 0; count < runs; count++) {
    const idle = performance.now();
    await run(lab.onHost("h1", ["true"]));
    overheads.push(performance.now() - idle);
    const request = { do: "first-datagram", address: lab.broadcast("A"), port: 32453 } as const;
    await listener.ask(request);
    const begin = performance.now();
    const daemon = await Daemon.start(lab, "h1");
    await listener.next();
    times.push(performance.now() - begin);
    await daemon.stop();
  }
  return median(times) - median(overheads);
}
