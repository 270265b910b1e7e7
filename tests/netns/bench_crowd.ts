/** The group of a thousand: one requestor, and as many responders as a LAN can have, on two LANs. */

import { note, type Plan } from "./bench_plan.ts";
import { FORGETFUL } from "./bench_pair.ts";
import { atLeast, atMost, below, own, type Section } from "./bench_report.ts";
import { ipBatch } from "./command.ts";
import { Companion } from "./companion.ts";
import { pulseDuring } from "./control_pulse.ts";
import { Daemon, runCommand, runDirectoryOf, usualYaml } from "./daemon.ts";
import { Lab } from "./lab.ts";
import { event } from "./log_events.ts";
import { median } from "./measure.ts";
import { familyCpuMs } from "./processes.ts";
import type { CrowdFigures, CrowdSettings } from "./responder_crowd.ts";
import { udpCounters } from "./udp_counters.ts";
import { delay, waitFor } from "./wait.ts";

const COUNT = 1000;
const PREFIX_LENGTH = 16;
const QUIET_SECONDS = 60;
const SETTINGS: CrowdSettings = {
  count: COUNT,
  port: 32453,
  lans: [
    { broadcast: "10.1.255.255", firstAddress: "10.1.4.0", prefixLength: PREFIX_LENGTH },
    { broadcast: "10.2.255.255", firstAddress: "10.2.4.0", prefixLength: PREFIX_LENGTH },
  ],
};

/** Address number `index` of the crowd on a LAN, from 0. */
function crowdAddress(lan: number, index: number): string {
  return `10.${lan + 1}.${4 + (index >> 8)}.${index & 255}`;
}

/**
 * Gives the first host an address on each LAN and the second one a thousand. The first one's neighbours are made
 * by hand: the kernel's table holds 1,024 that it found by itself, of all namespaces together.
 */
async function populate(lab: Lab): Promise<void> {
  for (const [index, lan] of lab.cabling.lans.entries()) {
    const shown = await lab.ip("h2", "-j", "link", "show", "dev", `eth${lan}`);
    const [link] = JSON.parse(shown) as { readonly address: string }[];
    const addresses = Array.from({ length: COUNT }, (_, each) => crowdAddress(index, each));
    await ipBatch(
      lab.namespace("h2"),
      addresses.map((address) => {
        return `addr add ${address}/${PREFIX_LENGTH} brd + dev eth${lan}`;
      }),
    );
    await ipBatch(lab.namespace("h1"), [
      `addr add 10.${index + 1}.0.1/${PREFIX_LENGTH} brd + dev eth${lan}`,
      ...addresses.map((address) => {
        return `neigh add ${address} lladdr ${link?.address} dev eth${lan} nud permanent`;
      }),
    ]);
  }
}

/** Lines of an event so far; a thousand nodes make too many lines to parse them all again and again. */
function countLines(daemon: Daemon, name: string): number {
  const key = `"event":"${name}"`;
  return daemon.log.all.reduce((sum, { text }) => sum + (text.includes(key) ? 1 : 0), 0);
}

/** What a minute without any fault was like. */
interface Quiet {
  readonly cpuPercent: number;
  readonly falls: number;
  readonly answersPerSecond: number;
  readonly overrun: number;
  readonly tooLong: number;
}

async function watchQuiet(lab: Lab, daemon: Daemon, crowd: Companion): Promise<Quiet> {
  const look = async () => ({
    cpuMs: familyCpuMs(daemon.pid),
    falls: countLines(daemon, "path-down") + countLines(daemon, "network-silent"),
    crowd: await crowd.ask<CrowdFigures>({}),
    udp: await udpCounters(lab, "h1"),
  });
  const before = await look();
  await delay(QUIET_SECONDS * 1000);
  const after = await look();
  return {
    cpuPercent: (after.cpuMs - before.cpuMs) / QUIET_SECONDS / 10,
    falls: after.falls - before.falls,
    answersPerSecond: (after.udp.taken - before.udp.taken) / QUIET_SECONDS,
    overrun: after.udp.overrun - before.udp.overrun,
    tooLong: after.crowd.tooLong - before.crowd.tooLong,
  };
}

/** Kills LAN A at once and mends it: from the decision until all routes were read back, in ms, and how many. */
async function loseLan(lab: Lab, daemon: Daemon): Promise<{ tookMs: number; moved: number }> {
  const from = daemon.log.count;
  await lab.cut("A");
  const line = await daemon.log.wait(event("network-silent", { network: "A" }), {
    timeoutMs: 20_000,
    from,
  });
  const moved = (await lab.routes("h1")).length;
  const { tookMs } = JSON.parse(line.text) as { readonly tookMs: number | null };
  await lab.mend("A");
  await waitFor(
    "all traffic to go straight",
    async () => (await lab.routes("h1")).length === 0 ? true : null,
    { timeoutMs: 60_000, everyMs: 500 },
  );
  return { tookMs: tookMs ?? NaN, moved };
}

/** One look at the state of all, and how slowly the daemon answered others just before it and meanwhile. */
interface Look {
  readonly tookMs: number;
  readonly slowestBeforeMs: number;
  readonly slowestMs: number;
}

async function lookAtStatus(lab: Lab): Promise<Look> {
  const runDirectory = runDirectoryOf(lab, "h1");
  const before = await pulseDuring(runDirectory, () => delay(200));
  let tookMs = NaN;
  const meanwhile = await pulseDuring(runDirectory, async () => {
    const begin = performance.now();
    const { stdout } = await runCommand(lab, "h1", "status", "--json");
    tookMs = performance.now() - begin;
    const { peers } = JSON.parse(stdout) as { readonly peers: readonly unknown[] };
    if (peers.length !== COUNT) throw new Error(`The status is of ${peers.length} peers`);
  });
  return { tookMs, slowestBeforeMs: before.slowestMs, slowestMs: meanwhile.slowestMs };
}

/** A thousand responders and a requestor. */
export async function crowdGroup({ runs }: Plan): Promise<Section> {
  note(`${COUNT} responders on two LANs, at 1 s …`);
  await using lab = await Lab.create({ addresses: false });
  await populate(lab);
  const crowd = Companion.start(lab, "h2", "./responder_crowd.ts", SETTINGS);
  await crowd.ask({}, 60_000);
  const yaml = usualYaml(lab, "h1") + FORGETFUL;
  const daemon = await Daemon.start(lab, "h1", { interval: 1, failAfter: 3, yaml });
  await waitFor(
    `all ${COUNT} nodes to be found on both LANs`,
    () => countLines(daemon, "node-found") + countLines(daemon, "path-up") >= 2 * COUNT || null,
    { timeoutMs: 60_000, everyMs: 500 },
    () => `${countLines(daemon, "node-found")} were found; ${daemon.log.all.at(-1)?.text}`,
  );
  await delay(10_000);
  note(`${COUNT} responders, ${QUIET_SECONDS} s of peace …`);
  const quiet = await watchQuiet(lab, daemon, crowd);
  note(`${COUNT} responders, status …`);
  const looks: Look[] = [];
  for (let count = 0; count < 2 * runs; count++) looks.push(await lookAtStatus(lab));
  const deaths: { tookMs: number; moved: number }[] = [];
  for (let count = 0; count < runs; count++) {
    note(`${COUNT} responders, LAN A dead, ${count + 1} of ${runs} …`);
    deaths.push(await loseLan(lab, daemon));
  }
  const medianOf = (of: (look: Look) => number) => median(looks.map(of));
  const fewest = Math.min(...deaths.map(({ moved }) => moved));
  const took = median(deaths.map(({ tookMs }) => tookMs));
  return {
    rows: [
      own("1,000 responders at 1 s: false failures", quiet.falls, atMost(0)),
      own("    CPU, % of one core", quiet.cpuPercent, below(15), 1),
      own("    datagrams received a second", quiet.answersPerSecond),
      own("    datagrams that found no room", quiet.overrun),
      own("    answers not sent: longer than asked", quiet.tooLong),
      own("    status of all as JSON, ms", medianOf(({ tookMs }) => tookMs), atMost(200)),
      own(
        "        slowest sign of life, ms",
        medianOf(({ slowestMs }) => slowestMs),
        atMost(10),
        1,
      ),
      own("        just before, ms", medianOf(({ slowestBeforeMs }) => slowestBeforeMs), null, 1),
      own("    one LAN dead: routes moved, fewest run", fewest, atLeast(COUNT)),
      own("        from the decision to the read-back, ms", took, atMost(100)),
    ],
    remark: `${QUIET_SECONDS} s of peace, ${
      2 * runs
    } times status (medians), then ${runs} times a dead LAN (median)`,
  };
}
