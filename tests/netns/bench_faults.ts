/** The groups of faults that are no silent cut: a lost carrier, and a LAN that is dead one way. */

import { FAST, SLOW } from "./bench_basics.ts";
import { measureFailover } from "./bench_measures.ts";
import { type FailoverFigures, type Fault, FORGETFUL, PAIR, type Timers } from "./bench_pair.ts";
import { each, note, type Plan } from "./bench_plan.ts";
import { atMost, type Limit, type Row, type Section } from "./bench_report.ts";
import type { HostName } from "./lab.ts";

/** A fault, and what is said of it. */
interface Case {
  readonly title: string;
  readonly fault: Fault;
}

/** A figure of each case; its title comes after the case's, or under it. */
interface Column {
  readonly title: string;
  readonly limit: Limit | null;
  of(figures: FailoverFigures): number;
}

const [NEAR, FAR] = PAIR;

function pulled(host: HostName): Fault {
  return {
    make: (lab) => lab.unplug(host, "A"),
    mend: (lab) => lab.plug(host, "A"),
    watchMs: 700,
  };
}

/** All that a host sends over LAN A is lost; what is sent to it arrives. */
function mutedAt(host: HostName): Fault {
  return {
    make: (lab) => lab.mute(host, "A"),
    mend: (lab) => lab.mendDirections(host, "A"),
    watchMs: 700,
  };
}

const CARRIER_CASES: readonly Case[] = [
  { title: "carrier lost at the far end, 1 s", fault: pulled(FAR) },
  { title: "carrier lost at the near end, 1 s", fault: pulled(NEAR) },
  {
    title: "near end: ip link set down, 1 s",
    fault: {
      make: (lab) => lab.linkDown(NEAR, "A"),
      mend: (lab) => lab.linkUp(NEAR, "A"),
      watchMs: 700,
    },
  },
];

const ONE_WAY_CASES: readonly Case[] = [
  { title: "one-way cut from node1, 50 ms × 3", fault: mutedAt(NEAR) },
  { title: "one-way cut from node2, 50 ms × 3", fault: mutedAt(FAR) },
];

async function rowsOf(
  plan: Plan,
  timers: Timers,
  { title, fault }: Case,
  columns: readonly Column[],
): Promise<Row[]> {
  const { faild, bird } = await each(plan, (subject) => {
    note(`${title}, ${subject} …`);
    const own = subject === "BIRD" ? FAST : timers;
    const options = { timers: own, restoreAfter: 2, yaml: FORGETFUL };
    return measureFailover(subject, options, fault, plan.runs);
  });
  return columns.map((column, index) => ({
    title: index === 0 ? `${title}: ${column.title}` : `    ${column.title}`,
    limit: column.limit,
    faild: column.of(faild),
    bird: bird === null ? null : column.of(bird),
    digits: 0,
  }));
}

async function sectionOf(
  plan: Plan,
  timers: Timers,
  cases: readonly Case[],
  columns: readonly Column[],
  remark: string,
): Promise<Section> {
  const rows: Row[] = [];
  for (const each of cases) rows.push(...await rowsOf(plan, timers, each, columns));
  return { rows, remark: `medians of ${plan.runs}; ${remark}` };
}

/** Carrier loss, at both ends, and an interface set down by hand. */
export function carrierGroup(plan: Plan): Promise<Section> {
  const columns: readonly Column[] = [
    { title: "datagrams lost", limit: atMost(10), of: ({ lost }) => lost },
    { title: "node1 to node2", limit: null, of: ({ lostForth }) => lostForth },
    { title: "node2 to node1", limit: null, of: ({ lostBack }) => lostBack },
    { title: "longest TCP stall, ms", limit: atMost(40), of: ({ stallMs }) => stallMs },
    { title: "lost at switchback, all runs", limit: null, of: (all) => all.lostAtSwitchback },
  ];
  const remark = "node1 is the near end; BIRD with BFD at 50 ms × 3";
  return sectionOf(plan, SLOW, CARRIER_CASES, columns, remark);
}

/** A LAN that is dead in one direction, in each of the two. */
export function oneWayGroup(plan: Plan): Promise<Section> {
  const columns: readonly Column[] = [
    { title: "longest gap, ms", limit: atMost(200), of: ({ gapMs }) => gapMs },
    { title: "datagrams lost", limit: null, of: ({ lost }) => lost },
    { title: "longest TCP stall, ms", limit: null, of: ({ stallMs }) => stallMs },
    { title: "lost at switchback, all runs", limit: null, of: (all) => all.lostAtSwitchback },
  ];
  const remark = "what one host sends over LAN A is lost; the longest time without a datagram in " +
    "either direction, after which both hosts were found to send over LAN B";
  return sectionOf(plan, FAST, ONE_WAY_CASES, columns, remark);
}
