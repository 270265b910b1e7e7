/** What the benchmark measures of faild and of BIRD alike: faults, idleness, start. */

import {
  type FailoverFigures,
  type Fault,
  type PairOptions,
  repeatFault,
  startPair,
  type Subject,
} from "./bench_pair.ts";
import { run } from "./command.ts";
import { Daemon } from "./daemon.ts";
import { Lab } from "./lab.ts";
import { median } from "./measure.ts";
import { familyCpuMs, familyMemory } from "./processes.ts";
import { Agent, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

/** What a daemon costs while nothing happens: the worse of the two hosts. */
export interface IdleFigures {
  /** CPU time in ms a minute, children included. */
  readonly cpuMsPerMinute: number;
  readonly rssMib: number;
  /** As `rssMib`, with shared pages divided among their users. */
  readonly pssMib: number;
}

/** Makes and mends a fault `runs` times under traffic. Throws when routes do not move, or TCP breaks. */
export async function measureFailover(
  subject: Subject,
  options: PairOptions,
  fault: Fault,
  runs: number,
): Promise<FailoverFigures> {
  await using lab = await Lab.create();
  const pair = await startPair(lab, subject, options);
  return await repeatFault(lab, pair, await Traffic.start(lab), fault, runs);
}

/** Measures what two daemons with nothing to do use in `seconds`; the one that uses more counts. */
export async function measureIdle(
  subject: Subject,
  options: PairOptions,
  seconds: number,
): Promise<IdleFigures> {
  await using lab = await Lab.create();
  const { pids } = await startPair(lab, subject, options);
  // The start itself, and what the compilers do after it, is no idleness.
  await delay(20_000);
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
