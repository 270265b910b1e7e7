/** The group of those who look after daemons: the watchdog that cron runs each minute, and a reload. */

import { FORGETFUL, PAIR, startPair } from "./bench_pair.ts";
import { note, type Plan } from "./bench_plan.ts";
import { FAST } from "./bench_basics.ts";
import { atMost, below, own, type Row, type Section } from "./bench_report.ts";
import { Daemon, rewriteConfiguration, runCommand, usualYaml } from "./daemon.ts";
import { RouteWatch, waitForPair, waitForPeers } from "./group.ts";
import { Lab } from "./lab.ts";
import { median } from "./measure.ts";
import { signal } from "./processes.ts";
import { lost, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";
import { type Run, Watchdog } from "./watched.ts";

/** Long enough for a route that goes to be missed by the traffic. */
const AFTERWARDS_MS = 1_000;

/** Runs the watchdog, which must find what is expected. */
async function watch(watchdog: Watchdog, expected: RegExp): Promise<Run> {
  const run = await watchdog.run();
  if (run.code === 0 && run.stderr === "" && expected.test(run.stdout)) return run;
  throw new Error(`The watchdog exits ${run.code} and says: ${run.stdout}${run.stderr}`);
}

const SILENCE = /^$/;
const STARTED = /; started as pid /;

/** What was found of one daemon. */
interface Healing {
  /** Runs that found nothing to do, in ms. */
  readonly healthy: readonly number[];
  readonly healed: Readonly<Record<typeof FATES[number], Healed>>;
}

/** What became of a daemon whose traffic was moved. */
interface Healed {
  readonly lost: number;
  readonly changes: number;
  readonly tookMs: number;
}

/** Each of them is a start that counts: after five the watchdog leaves the daemon alone. */
const FATES = ["SIGKILL", "SIGSTOP"] as const;

async function heal(lab: Lab, watchdog: Watchdog, fate: Deno.Signal): Promise<Healed> {
  const traffic = await Traffic.start(lab);
  const routes = await RouteWatch.start(lab, "h1");
  let tookMs = NaN;
  const measured = await traffic.measure(async () => {
    signal(watchdog.pid(), fate);
    tookMs = (await watch(watchdog, STARTED)).tookMs;
    await delay(AFTERWARDS_MS);
  });
  await traffic.stop();
  // A start tries whether it may change routes, by one that no traffic can follow.
  const changes = (await routes.changes()).filter((line) => line.includes(lab.address("h2", "A")));
  return { lost: lost(measured), changes: changes.length, tookMs };
}

async function watchOver(): Promise<Healing> {
  await using lab = await Lab.create();
  const watchdog = await Watchdog.create(lab, "h1");
  await watch(watchdog, STARTED);
  const other = await Daemon.start(lab, "h2");
  await waitForPeers(lab, other);
  const healthy: number[] = [];
  for (let count = 0; count < 10; count++) healthy.push((await watch(watchdog, SILENCE)).tookMs);
  await lab.cut("A");
  await waitForPair(lab, "B");
  const SIGKILL = await heal(lab, watchdog, "SIGKILL");
  return { healthy, healed: { SIGKILL, SIGSTOP: await heal(lab, watchdog, "SIGSTOP") } };
}

/** The watchdog's runs: on a healthy daemon, on one that was killed, on one that stands still. */
async function watchdogRows({ longRuns }: Plan): Promise<Row[]> {
  const found: Healing[] = [];
  for (let count = 0; count < longRuns; count++) {
    note(`Watchdog of a healthy, a killed and a stopped daemon, ${count + 1} of ${longRuns} …`);
    found.push(await watchOver());
  }
  const healthy = found.flatMap((each) => each.healthy);
  const rows = FATES.flatMap((fate) => {
    const healed = found.map((each) => each.healed[fate]);
    return [
      own(
        `    after ${fate}: datagrams lost`,
        Math.max(...healed.map((each) => each.lost)),
        atMost(0),
      ),
      own("        route changes", Math.max(...healed.map(({ changes }) => changes)), atMost(0)),
      own("        until it was up again, ms", median(healed.map(({ tookMs }) => tookMs))),
    ];
  });
  return [
    own("watchdog of a healthy daemon, ms", median(healthy), below(150)),
    own("    slowest run", Math.max(...healthy)),
    ...rows,
  ];
}

/** A reload that adds a peer and changes the interval. */
async function reloadRows({ runs }: Plan): Promise<Row[]> {
  note(`Reload, ${runs} times …`);
  await using lab = await Lab.create();
  await startPair(lab, "faild", { timers: FAST, yaml: FORGETFUL });
  const traffic = await Traffic.start(lab);
  const watches = await Promise.all(PAIR.map((host) => RouteWatch.start(lab, host)));
  const took: number[] = [];
  const measured = await traffic.measure(async () => {
    for (let count = 0; count < runs; count++) {
      const peer = `{node: far${count}, addresses: [192.168.1.200, 192.168.2.200]}`;
      const interval = count % 2 === 0 ? 0.2 : 0.05;
      const yaml = `${usualYaml(lab, "h1")}${FORGETFUL}interval: ${interval}\npeers: [${peer}]\n`;
      rewriteConfiguration(lab, "h1", yaml);
      const begin = performance.now();
      const { code, stderr } = await runCommand(lab, "h1", "reload");
      if (code !== 0) throw new Error(`Cannot reload: ${stderr}`);
      took.push(performance.now() - begin);
      await delay(AFTERWARDS_MS);
    }
  });
  const changes = await Promise.all(watches.map(async (each) => (await each.changes()).length));
  return [
    own("reload, a peer and the interval: datagrams lost", lost(measured), atMost(0)),
    own("    route changes on both hosts", changes.reduce((sum, count) => sum + count), atMost(0)),
    own("    ms", median(took)),
  ];
}

/** What those who look after daemons do to them. */
export async function operateGroup(plan: Plan): Promise<Section> {
  const { runs, longRuns } = plan;
  return {
    rows: [...await watchdogRows(plan), ...await reloadRows(plan)],
    remark:
      `medians of ${longRuns * 10} runs of the watchdog, ${longRuns} deaths of each kind and ` +
      `${runs} reloads; lost and changed: all runs`,
  };
}
