/**
 * The benchmark: what a failover costs, what the daemon costs, and the same for BIRD 2 with BFD where that is installed.
 *
 * bench.ts [--json] [GROUP…] measures all groups, or these. FAILD_BENCH_RUNS (10) is the number of faults behind each
 * median, FAILD_BENCH_LONG_RUNS (3) the same where one run takes a minute, FAILD_BENCH_IDLE_SECONDS (60) the time for which
 * idle daemons are watched. Exits 1 when a group could not be measured; a limit that is missed is a result.
 */

import { cutGroup, idleGroup, slowGroup, startGroup } from "./bench_basics.ts";
import { calmGroup, lossGroup } from "./bench_calm.ts";
import { crowdGroup } from "./bench_crowd.ts";
import { carrierGroup, oneWayGroup } from "./bench_faults.ts";
import { floodGroup } from "./bench_flood.ts";
import { operateGroup } from "./bench_operate.ts";
import { note, type Plan, readPlan } from "./bench_plan.ts";
import { type Chapter, render, type Section, toJson } from "./bench_report.ts";
import { removeAllWhenInterrupted } from "./sweep.ts";

const GROUPS: Readonly<Record<string, (plan: Plan) => Promise<Section>>> = {
  start: startGroup,
  cut: cutGroup,
  slow: slowGroup,
  carrier: carrierGroup,
  oneway: oneWayGroup,
  loss: lossGroup,
  calm: calmGroup,
  crowd: crowdGroup,
  flood: floodGroup,
  operate: operateGroup,
  idle: idleGroup,
};

/** The groups to measure, in their usual order. Ends the process with a usage error where a name is none. */
function chosen(names: readonly string[]): string[] {
  const all = Object.keys(GROUPS);
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    console.error(`Cannot measure ${unknown}: must be one of ${all.join(", ")}`);
    Deno.exit(2);
  }
  return names.length === 0 ? all : all.filter((name) => names.includes(name));
}

/** One group; a failure of it is written down, as the others may have taken minutes. */
async function chapterOf(group: string, plan: Plan): Promise<Chapter> {
  const begin = performance.now();
  try {
    const section = await GROUPS[group]?.(plan);
    if (section === undefined) throw new Error("there is no such group");
    return { group, ...section };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    note(`Cannot measure ${group}: ${failure}`);
    return { group, failure };
  } finally {
    note(`${group}: ${Math.round((performance.now() - begin) / 1000)} s`);
  }
}

async function main(): Promise<number> {
  const groups = chosen(Deno.args.filter((argument) => argument !== "--json"));
  const plan = await readPlan();
  const chapters: Chapter[] = [];
  for (const group of groups) chapters.push(await chapterOf(group, plan));
  const hasBird = chapters.some((chapter) =>
    "rows" in chapter && chapter.rows.some(({ bird }) => bird !== null)
  );
  console.log(Deno.args.includes("--json") ? toJson(chapters) : render(chapters, hasBird));
  return chapters.some((chapter) => "failure" in chapter) ? 1 : 0;
}

if (import.meta.main) {
  removeAllWhenInterrupted();
  Deno.exit(await main());
}
