/**
 * The benchmark: what a failover costs, what the daemon costs, and the same for BIRD 2 with BFD where that is installed.
 *
 * --json prints the figures as JSON. FAILD_BENCH_RUNS (10) is the number of cuts behind each median,
 * FAILD_BENCH_IDLE_SECONDS (60) the time for which idle daemons are watched.
 */

import {
  type FailoverFigures,
  type IdleFigures,
  measureFailover,
  measureIdle,
  measureStart,
  type Subject,
  type Timers,
} from "./bench_measures.ts";
import { birdInstalled } from "./bird.ts";
import type { HostName } from "./lab.ts";
import { figure, table } from "./measure.ts";
import { removeAllWhenInterrupted } from "./sweep.ts";

const FAST = { intervalMs: 50, misses: 3 };
const SLOW = { intervalMs: 1000, misses: 3 };

/** All figures of one daemon. */
interface Figures {
  readonly fast: FailoverFigures;
  readonly slow: FailoverFigures;
  readonly idleFast: IdleFigures;
  readonly idleSlow: IdleFigures;
}

/** The whole result; the keys of --json. */
interface Result {
  readonly runs: number;
  readonly idleSeconds: number;
  readonly faild: Figures;
  readonly startMs: number;
  readonly bird: Figures | null;
  /** Where both hosts inquire, and so answer twice as much. */
  readonly bothFast: IdleFigures;
  readonly bothSlow: IdleFigures;
}

/** One line of the table. */
interface Row {
  readonly title: string;
  /** The largest value that is good enough; null: no limit was set. */
  readonly limit: number | null;
  readonly digits?: number;
  readonly faild: number;
  readonly bird: number | null;
}

function positive(name: string, otherwise: number): number {
  const text = Deno.env.get(name);
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`Cannot use ${name}: must be a whole number above 0, is ${text}`);
  Deno.exit(2);
}

/** Says on standard error what is going on; the result alone goes to standard output. */
function note(text: string): void {
  console.error(text);
}

async function measureAll(runs: number, idleSeconds: number): Promise<Result> {
  const subjects: Subject[] = await birdInstalled() ? ["faild", "BIRD"] : ["faild"];
  if (subjects.length === 1) note("BIRD 2 is not installed (Debian package bird2): left out");
  note("Start, first inquiry on the wire …");
  const startMs = await measureStart(runs);
  const fast = new Map<Subject, FailoverFigures>();
  for (const subject of subjects) {
    note(`Silent cut at 50 ms × 3, ${subject} …`);
    fast.set(subject, await measureFailover(subject, FAST, runs));
  }
  // At a second's interval a few ms of each other's company do not matter, and it saves minutes.
  note("Silent cut at 1 s × 3 …");
  const slow = await together(subjects, (subject) => measureFailover(subject, SLOW, runs));
  note(`Idle for ${idleSeconds} s …`);
  const idle = (timers: Timers, requestors: readonly HostName[]) =>
    oneByOne(subjects, (subject) => measureIdle(subject, timers, idleSeconds, requestors));
  const idleFast = await idle(FAST, ["h1"]);
  const idleSlow = await idle(SLOW, ["h1"]);
  const bothFast = await measureIdle("faild", FAST, idleSeconds, ["h1", "h2"]);
  const bothSlow = await measureIdle("faild", SLOW, idleSeconds, ["h1", "h2"]);
  const of = (subject: Subject): Figures => ({
    fast: found(fast, subject),
    slow: found(slow, subject),
    idleFast: found(idleFast, subject),
    idleSlow: found(idleSlow, subject),
  });
  const bird = subjects.includes("BIRD") ? of("BIRD") : null;
  return { runs, idleSeconds, faild: of("faild"), startMs, bird, bothFast, bothSlow };
}

async function together<T>(
  subjects: readonly Subject[],
  measure: (subject: Subject) => Promise<T>,
): Promise<Map<Subject, T>> {
  return new Map(
    await Promise.all(
      subjects.map(async (subject): Promise<[Subject, T]> => [subject, await measure(subject)]),
    ),
  );
}

/** One after the other: what is idle must not wake the caches that another one finds cold. */
async function oneByOne<T>(
  subjects: readonly Subject[],
  measure: (subject: Subject) => Promise<T>,
): Promise<Map<Subject, T>> {
  const figures = new Map<Subject, T>();
  for (const subject of subjects) figures.set(subject, await measure(subject));
  return figures;
}

function found<T>(figures: ReadonlyMap<Subject, T>, subject: Subject): T {
  const value = figures.get(subject);
  if (value === undefined) throw new Error(`${subject} was not measured`);
  return value;
}

function rowsOf({ faild, bird, startMs, bothFast, bothSlow }: Result): Row[] {
  const own = (title: string, figure: number): Row => {
    return { title, limit: null, faild: figure, bird: null };
  };
  const row = (title: string, limit: number | null, of: (figures: Figures) => number): Row => ({
    title,
    limit,
    faild: of(faild),
    bird: bird === null ? null : of(bird),
  });
  return [
    row("silent cut, 50 ms × 3: datagrams lost", 200, ({ fast }) => fast.lost),
    row("    node1 to node2", null, ({ fast }) => fast.lostForth),
    row("    node2 to node1", null, ({ fast }) => fast.lostBack),
    row("    longest TCP stall, ms", 450, ({ fast }) => fast.stallMs),
    row("    lost at switchback, all runs", 0, ({ fast }) => fast.lostAtSwitchback),
    row("silent cut, 1 s × 3: datagrams lost", 3200, ({ slow }) => slow.lost),
    row("    longest TCP stall, ms", null, ({ slow }) => slow.stallMs),
    row("    lost at switchback, all runs", 0, ({ slow }) => slow.lostAtSwitchback),
    row("idle at 1 s: CPU a minute, ms", 150, ({ idleSlow }) => idleSlow.cpuMsPerMinute),
    row("    resident memory, MiB", 60, ({ idleSlow }) => idleSlow.rssMib),
    row("    its own share of it (PSS), MiB", null, ({ idleSlow }) => idleSlow.pssMib),
    row("idle at 50 ms: CPU a minute, ms", 1500, ({ idleFast }) => idleFast.cpuMsPerMinute),
    row("    resident memory, MiB", 60, ({ idleFast }) => idleFast.rssMib),
    own("    where both are requestors: at 1 s, ms", bothSlow.cpuMsPerMinute),
    own("    where both are requestors: at 50 ms, ms", bothFast.cpuMsPerMinute),
    { title: "start to first inquiry, ms", limit: 200, faild: startMs, bird: null },
  ];
}

function render(result: Result): string {
  const rows = rowsOf(result).map((row) => {
    const ratio = row.bird === null || row.bird === 0 ? null : row.faild / row.bird;
    const verdict = row.limit === null ? "" : row.faild <= row.limit ? "kept" : "MISSED";
    const limit = row.limit === null ? "" : `≤ ${figure(row.limit)}`;
    return [
      row.title,
      figure(row.faild),
      limit,
      verdict,
      ...(result.bird === null ? [] : [figure(row.bird), figure(ratio, 2)]),
    ];
  });
  const headings = ["", "faild", "limit", "", ...(result.bird === null ? [] : ["BIRD", "ratio"])];
  return `${table(headings, rows)}

Medians of ${result.runs} cuts; 1,000 datagrams a second and a TCP message each 10 ms in both directions
at once, the worse direction counts. Idle figures: ${result.idleSeconds} s, two LANs, one peer, one of
them a requestor, children included. BIRD: static routes over each LAN that follow BFD at the same interval and count.`;
}

if (import.meta.main) {
  removeAllWhenInterrupted();
  const runs = positive("FAILD_BENCH_RUNS", 10);
  const idleSeconds = positive("FAILD_BENCH_IDLE_SECONDS", 60);
  const result = await measureAll(runs, idleSeconds);
  console.log(Deno.args.includes("--json") ? JSON.stringify(result, null, 2) : render(result));
}
