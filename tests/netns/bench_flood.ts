/** The group of an attacker on LAN A who has no key, but hears everything and sends more than anybody else. */

import { arm, PORT, seatsOf, setLearning } from "./attacker_host.ts";
import { FAST, SLOW } from "./bench_basics.ts";
import {
  type FailoverFigures,
  type Fault,
  FORGETFUL,
  PAIR,
  type Pair,
  repeatFault,
  startPair,
  type Timers,
  waitForCarrier,
} from "./bench_pair.ts";
import { note, type Plan } from "./bench_plan.ts";
import { atLeast, atMost, own, type Section } from "./bench_report.ts";
import { Companion } from "./companion.ts";
import type { FloodFigures, FloodSettings } from "./flood.ts";
import { RouteWatch } from "./group.ts";
import { Lab } from "./lab.ts";
import { familyCpuMs } from "./processes.ts";
import { Traffic } from "./traffic.ts";
import { udpCounters } from "./udp_counters.ts";
import { delay } from "./wait.ts";

const PER_SECOND = 10_000;
/** What is asked for is not quite reached on a machine that has more to do. */
const HEADROOM = 1.03;
const QUIET_SECONDS = 20;
const RECORD_MS = 10_000;
const ATTACKER = "h3";
const STRANGER = "192.168.1.99";
const STRANGER_PORT = 41_000;

/** The attacker reaches both hosts all the time; only they do not reach each other. */
const CUT_BETWEEN: Fault = {
  make: (lab) => lab.cutBetween(...PAIR, "A"),
  mend: (lab) => lab.mendBetween(...PAIR, "A"),
};

async function keyFile(lab: Lab): Promise<string> {
  const path = `${lab.directory}/keys`;
  const key = crypto.getRandomValues(new Uint8Array(32));
  const hex = [...key].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  await Deno.writeTextFile(path, `1 ${hex}\n`, { mode: 0o600 });
  return path;
}

/** An attacker who has heard enough. */
async function startAttacker(lab: Lab): Promise<Companion> {
  const seat = seatsOf(lab, ATTACKER, PAIR).find(({ lan }) => lan === "A");
  if (seat === undefined) throw new Error("Cannot attack: there is no LAN A");
  const { broadcast, victims } = seat;
  const masks = [...seat.masks, { address: STRANGER, localPort: STRANGER_PORT }];
  await arm(lab, ATTACKER, [{ ...seat, masks }]);
  const settings: FloodSettings = {
    port: PORT,
    broadcast,
    victims: Object.values(victims),
    masks: [{ address: seat.own, localPort: PORT }, ...masks],
    perSecond: PER_SECOND * HEADROOM,
  };
  const attacker = Companion.start(lab, ATTACKER, "./flood.ts", settings);
  await setLearning(lab, "A", false);
  const recording = attacker.ask<FloodFigures>({ do: "record", ms: RECORD_MS }, 30_000);
  // With both LANs whole there are but inquiries to be heard.
  await CUT_BETWEEN.make(lab);
  await delay(RECORD_MS / 2);
  await CUT_BETWEEN.mend(lab);
  const { recorded } = await recording;
  await setLearning(lab, "A", true);
  await waitForCarrier(lab, "faild", "A");
  if (Object.keys(recorded).length === 0) throw new Error("The attacker overheard no packet");
  note(`  overheard: ${JSON.stringify(recorded)}`);
  return attacker;
}

/** What was seen with one pair of timers. */
interface Attacked {
  readonly calm: FailoverFigures;
  readonly flooded: FailoverFigures;
  /** Changes of routes while nothing was wrong but the flood. */
  readonly changes: number;
  readonly perSecond: number;
  /** The part of the flood that found the daemon's buffers full, in percent. */
  readonly overrunPercent: number;
  readonly cpuPercent: number;
}

/** The flood without any other fault. */
async function endure(lab: Lab, pair: Pair) {
  const watches = await Promise.all(PAIR.map((host) => RouteWatch.start(lab, host)));
  const look = async () => ({
    cpuMs: pair.pids.map(familyCpuMs),
    udp: await udpCounters(lab, PAIR[0]),
  });
  const before = await look();
  await delay(QUIET_SECONDS * 1000);
  const after = await look();
  const cpuMs = after.cpuMs.map((ms, index) => ms - (before.cpuMs[index] ?? 0));
  const changes = await Promise.all(watches.map((watch) => watch.changes()));
  return {
    changes: changes.flat().length,
    cpuPercent: Math.max(...cpuMs) / QUIET_SECONDS / 10,
    overrunPercent: 100 * (after.udp.overrun - before.udp.overrun) / (PER_SECOND * QUIET_SECONDS),
  };
}

async function attack(timers: Timers, runs: number): Promise<Attacked> {
  await using lab = await Lab.create({ hosts: 3 });
  const yaml = `${FORGETFUL}auth: {mode: enforce, key-file: ${await keyFile(lab)}}\n`;
  const pair = await startPair(lab, "faild", { timers, yaml });
  const attacker = await startAttacker(lab);
  const traffic = await Traffic.start(lab, PAIR);
  note("  cuts without the flood …");
  const calm = await repeatFault(lab, pair, traffic, CUT_BETWEEN, runs);
  await attacker.ask({ do: "start" });
  note("  the flood alone …");
  const endured = await endure(lab, pair);
  note("  cuts during the flood …");
  const flooded = await repeatFault(lab, pair, traffic, CUT_BETWEEN, runs);
  const { perSecond } = await attacker.ask<FloodFigures>({ do: "stop" });
  return { calm, flooded, perSecond, ...endured };
}

/** A flood of packets without the key, and true cuts in it. */
export async function floodGroup({ runs, longRuns }: Plan): Promise<Section> {
  note("A flood on LAN A, at 50 ms × 3 …");
  const fast = await attack(FAST, runs);
  note("A flood on LAN A, at 1 s × 3 …");
  const slow = await attack(SLOW, longRuns);
  const cutRows = (title: string, { calm, flooded }: Attacked, { intervalMs }: Timers) => [
    own(`    silent cut, ${title}: datagrams lost`, flooded.lost, atMost(calm.lost + intervalMs)),
    own("        without the flood", calm.lost),
    own("        lost at switchback, all runs", flooded.lostAtSwitchback),
  ];
  return {
    rows: [
      own("flood without the key: packets a second", fast.perSecond, atLeast(PER_SECOND)),
      own("    of these lost in full buffers, %", fast.overrunPercent, null, 1),
      own("    CPU of the daemon, % of one core", fast.cpuPercent, null, 1),
      own("    route changes, 50 ms × 3", fast.changes, atMost(0)),
      own("    route changes, 1 s × 3", slow.changes, atMost(0)),
      ...cutRows("50 ms × 3", fast, FAST),
      ...cutRows("1 s × 3", slow, SLOW),
    ],
    remark:
      `a third host sends to both, half of it as broadcasts; random, mutilated, replayed and forged packets, a ` +
      `quarter each; ${QUIET_SECONDS} s for route changes; medians of ${runs} cuts, at 1 s of ${longRuns}; the limit ` +
      `is one interval more than without the flood`,
  };
}
