/** The groups that measure the daemon alone, its neighbour in perfect order or wholly gone: start, idle, silent cut. */

import { measureFailover, measureIdle, measureStart } from "./bench_measures.ts";
import { CUT, type FailoverFigures, FORGETFUL, type Timers } from "./bench_pair.ts";
import { each, note, type Plan } from "./bench_plan.ts";
import { atMost, below, own, type Row, type Section } from "./bench_report.ts";

/** The fast profile, as BIRD is configured too. */
export const FAST: Timers = { intervalMs: 50, misses: 3 };
/** The default interval and count. */
export const SLOW: Timers = { intervalMs: 1000, misses: 3 };

/** Inquiries that confirm a first miss 10 ms apart. */
const CONFIRMED = "confirm-interval: 0.01\n";

/** Start to the first inquiry on the wire. */
export async function startGroup({ runs }: Plan): Promise<Section> {
  note("Start, first inquiry on the wire …");
  return {
    rows: [own("start to first inquiry, ms", await measureStart(runs), atMost(200))],
    remark: `median of ${runs}`,
  };
}

interface Compared {
  readonly faild: FailoverFigures;
  readonly bird: FailoverFigures | null;
}

function compared({ faild, bird }: Compared) {
  return (title: string, limit: Row["limit"], of: (figures: FailoverFigures) => number): Row => ({
    title,
    limit,
    faild: of(faild),
    bird: bird === null ? null : of(bird),
    digits: 0,
  });
}

/** A silent cut with the fast profile, beside BIRD, and with inquiries that confirm. */
export async function cutGroup(plan: Plan): Promise<Section> {
  const { runs } = plan;
  const options = { timers: FAST, yaml: FORGETFUL };
  const both = await each(plan, (subject) => {
    note(`Silent cut at 50 ms × 3, ${subject} …`);
    return measureFailover(subject, options, CUT, runs);
  });
  note("Silent cut at 50 ms × 3, confirmed at 10 ms …");
  const confirming = { ...options, yaml: FORGETFUL + CONFIRMED };
  const confirmed = await measureFailover("faild", confirming, CUT, runs);
  const row = compared(both);
  return {
    rows: [
      row("silent cut, 50 ms × 3: datagrams lost", atMost(both.bird?.lost ?? 200), (of) => of.lost),
      row("    node1 to node2", null, (of) => of.lostForth),
      row("    node2 to node1", null, (of) => of.lostBack),
      row("    longest TCP stall, ms", atMost(450), (of) => of.stallMs),
      row("    lost at switchback, all runs", atMost(0), (of) => of.lostAtSwitchback),
      own("    with confirm-interval 0.01: datagrams lost", confirmed.lost, below(70)),
      own("        longest TCP stall, ms", confirmed.stallMs),
      own("        lost at switchback, all runs", confirmed.lostAtSwitchback, atMost(0)),
    ],
    remark:
      `medians of ${runs} cuts; the limit is what BIRD lost. BIRD: static routes over each LAN that follow BFD at ` +
      `the same interval and count`,
  };
}

/** A silent cut with the default interval. */
export async function slowGroup(plan: Plan): Promise<Section> {
  const { runs, subjects } = plan;
  note(`Silent cut at 1 s × 3, ${subjects.join(" and ")} …`);
  const options = { timers: SLOW, yaml: FORGETFUL };
  // At a second's interval a few ms of each other's company do not matter, and it saves minutes.
  const [faild, bird] = await Promise.all([
    measureFailover("faild", options, CUT, runs),
    subjects.includes("BIRD") ? measureFailover("BIRD", options, CUT, runs) : null,
  ]);
  const row = compared({ faild, bird });
  return {
    rows: [
      row("silent cut, 1 s × 3: datagrams lost", atMost(3200), (of) => of.lost),
      row("    longest TCP stall, ms", null, (of) => of.stallMs),
      row("    lost at switchback, all runs", atMost(0), (of) => of.lostAtSwitchback),
    ],
    remark: `medians of ${runs} cuts; faild and BIRD on the machine at the same time`,
  };
}

/** What daemons cost while nothing happens. */
export async function idleGroup(plan: Plan): Promise<Section> {
  const { idleSeconds } = plan;
  note(`Idle for ${idleSeconds} s, six times …`);
  // One after the other: what is idle must not wake the caches that another one finds cold.
  const idle = (timers: Timers) =>
    each(plan, (subject) => measureIdle(subject, { timers, requestors: ["h1"] }, idleSeconds));
  const slow = await idle(SLOW);
  const fast = await idle(FAST);
  const bothSlow = await measureIdle("faild", { timers: SLOW }, idleSeconds);
  const bothFast = await measureIdle("faild", { timers: FAST }, idleSeconds);
  const row = (
    title: string,
    limit: number | null,
    of: typeof slow,
    key: keyof typeof slow.faild,
  ): Row => ({
    title,
    limit: limit === null ? null : atMost(limit),
    faild: of.faild[key],
    bird: of.bird?.[key] ?? null,
    digits: key === "cpuMsPerMinute" ? 0 : 1,
  });
  return {
    rows: [
      row("idle at 1 s: CPU a minute, ms", 150, slow, "cpuMsPerMinute"),
      row("    resident memory, MiB", 60, slow, "rssMib"),
      row("    its own share of it (PSS), MiB", null, slow, "pssMib"),
      row("idle at 50 ms: CPU a minute, ms", 1500, fast, "cpuMsPerMinute"),
      row("    resident memory, MiB", 60, fast, "rssMib"),
      own("    where both are requestors: at 1 s, ms", bothSlow.cpuMsPerMinute),
      own("    where both are requestors: at 50 ms, ms", bothFast.cpuMsPerMinute),
    ],
    remark: `${idleSeconds} s, two LANs, one peer, one of them a requestor, children included`,
  };
}
