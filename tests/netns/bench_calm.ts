/** The groups in which LANs are bad, or hosts busy, but hardly anything is to be done about it. */

import {
  carriedBy,
  PAIR,
  type Pair,
  startPair,
  type Timers,
  waitForCarrier,
} from "./bench_pair.ts";
import { note, type Plan } from "./bench_plan.ts";
import { atMost, below, own, type Row, type Section } from "./bench_report.ts";
import { BusyCores } from "./busy_cores.ts";
import { RouteWatch } from "./group.ts";
import { Lab } from "./lab.ts";
import { event } from "./log_events.ts";
import { median } from "./measure.ts";
import { lost, sent, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

const CALM: Timers = { intervalMs: 100, misses: 6 };
const BAD_LAN_MS = 60_000;
const BUSY_MS = 30_000;
const STOPPED_MS = 2_000;
/** After a fault, for whatever follows from it. */
const AFTERWARDS_MS = 3_000;
/** Longer than it takes to see that a LAN is clean again. */
const BACK_WITHIN_MS = 120_000;

/** Changes of routes on the two hosts, as their kernels announced them. */
interface Changes {
  /** Of the host with more of them. */
  readonly worse: number;
  readonly both: number;
}

/** What happened to routes and paths while nothing should have happened. */
interface Calm {
  readonly changes: Changes;
  /** Paths that were taken down all the same, on both hosts. */
  readonly falls: number;
}

async function watchRoutes(lab: Lab): Promise<() => Promise<Changes>> {
  const watches = await Promise.all(PAIR.map((host) => RouteWatch.start(lab, host)));
  return async () => {
    const counts = await Promise.all(
      watches.map(async (watch) => (await watch.changes()).length),
    );
    return { worse: Math.max(...counts), both: counts.reduce((sum, count) => sum + count, 0) };
  };
}

/** Runs a pair that should not move anything through `trouble`. */
async function keepCalm(trouble: (lab: Lab, pair: Pair) => Promise<void>): Promise<Calm> {
  await using lab = await Lab.create();
  const pair = await startPair(lab, "faild", { timers: CALM });
  const changes = await watchRoutes(lab);
  await trouble(lab, pair);
  await delay(AFTERWARDS_MS);
  const down = event("path-down");
  const falls = pair.daemons.reduce((sum, { log }) => sum + log.matching(down).length, 0);
  return { changes: await changes(), falls };
}

function calmRows(title: string, runs: readonly Calm[]): Row[] {
  const total = (of: (run: Calm) => number): number => runs.reduce((sum, run) => sum + of(run), 0);
  return [
    own(`${title}: route changes, all runs`, total((run) => run.changes.both), atMost(0)),
    own("    paths taken down, all runs", total(({ falls }) => falls)),
  ];
}

/** A daemon that stands still, a machine without time, a LAN that loses a little. */
export async function calmGroup({ runs, longRuns }: Plan): Promise<Section> {
  note(`SIGSTOP for 2 s, ${runs} times …`);
  const stopped = await keepCalm(async (_, { daemons }) => {
    for (let count = 0; count < runs; count++) {
      const daemon = daemons[count % daemons.length];
      daemon?.signal("SIGSTOP");
      await delay(STOPPED_MS);
      daemon?.signal("SIGCONT");
      await delay(AFTERWARDS_MS);
    }
  });
  const busy: Calm[] = [];
  for (let count = 0; count < longRuns; count++) {
    note(`Busy cores for 30 s, ${count + 1} of ${longRuns} …`);
    busy.push(
      await keepCalm(async (lab) => {
        const load = BusyCores.start(lab, "h1");
        await delay(BUSY_MS);
        await load.stop();
      }),
    );
  }
  note(`5 % loss on LAN A for 60 s, ${longRuns} pairs at once …`);
  const lossy = await Promise.all(Array.from({ length: longRuns }, () =>
    keepCalm(async (lab) => {
      await lab.lose("A", 5);
      await delay(BAD_LAN_MS);
    })));
  return {
    rows: [
      ...calmRows("a daemon stopped for 2 s, 100 ms × 6", [stopped]),
      ...calmRows("all cores busy for 30 s, 100 ms × 6", busy),
      ...calmRows("5 % lost on LAN A for 60 s, 100 ms × 6", lossy),
    ],
    remark:
      `both hosts together; a daemon was stopped ${runs} times, the others are ${longRuns} runs`,
  };
}

// ----------------------------------------------------------------------------- a LAN that loses much

/** What a minute on a bad LAN was like. */
interface BadMinute {
  /** In the worse direction, in percent. */
  readonly lostPercent: number;
  /** On the host with more of them, the return included. */
  readonly changes: number;
  /** From the end of the loss until both hosts send over LAN A again; null: not in time. */
  readonly backMs: number | null;
}

async function badMinute(misses: number): Promise<BadMinute> {
  await using lab = await Lab.create();
  const timers = { intervalMs: 100, misses };
  const pair = await startPair(lab, "faild", { timers, restoreAfter: 10 });
  const traffic = await Traffic.start(lab);
  const changes = await watchRoutes(lab);
  const measured = await traffic.measure(async () => {
    await lab.lose("A", 20);
    await delay(BAD_LAN_MS);
  });
  await lab.lose("A", 0);
  const mended = performance.now();
  await waitForCarrier(lab, pair.subject, "A", BACK_WITHIN_MS).catch(() => {});
  const isBack = await carriedBy(lab, pair.subject, "A");
  const backMs = isBack ? performance.now() - mended : null;
  return {
    lostPercent: 100 * lost(measured) / sent(measured),
    changes: (await changes()).worse,
    backMs,
  };
}

function lossRows(misses: number, minutes: readonly BadMinute[]): Row[] {
  const back = minutes.map(({ backMs }) => backMs).filter((ms) => ms !== null);
  const title = `20 % lost on LAN A for 60 s, 100 ms × ${misses}`;
  const part = median(minutes.map(({ lostPercent }) => lostPercent));
  return [
    own(`${title}: datagrams lost, %`, part, below(2), 2),
    own("    route changes, worse host", median(minutes.map(({ changes }) => changes)), atMost(2)),
    own("        in the worst run", Math.max(...minutes.map(({ changes }) => changes)), null),
    own("    runs that were not back on LAN A", minutes.length - back.length, atMost(0)),
    own("    back on LAN A after, s", median(back) / 1000, null, 1),
  ];
}

/** A LAN that loses a fifth of everything for a minute. */
export async function lossGroup({ longRuns }: Plan): Promise<Section> {
  const counts = [3, 5] as const;
  const minutes = new Map<number, BadMinute[]>(counts.map((misses) => [misses, []]));
  for (let count = 0; count < longRuns; count++) {
    note(`20 % loss on LAN A for 60 s, at 3 and at 5 misses, ${count + 1} of ${longRuns} …`);
    await Promise.all(counts.map(async (misses) => {
      minutes.get(misses)?.push(await badMinute(misses));
    }));
  }
  return {
    rows: counts.flatMap((misses) => lossRows(misses, minutes.get(misses) ?? [])),
    remark: `medians of ${longRuns} minutes; both directions lose; restored after 10 good packets`,
  };
}
