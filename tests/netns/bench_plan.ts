/** How much the benchmark measures, as the environment says. */

import { birdInstalled } from "./bird.ts";
import type { Subject } from "./bench_pair.ts";

/** What every group is told. */
export interface Plan {
  /** Faults behind each median. */
  readonly runs: number;
  /** The same where one run takes a minute. */
  readonly longRuns: number;
  /** For how long daemons with nothing to do are watched. */
  readonly idleSeconds: number;
  /** Whom to measure, the product first. */
  readonly subjects: readonly Subject[];
}

/** Reads the plan. Ends the process with a usage error where a variable makes no sense. */
export async function readPlan(): Promise<Plan> {
  const plan = {
    runs: positive("FAILD_BENCH_RUNS", 10),
    longRuns: positive("FAILD_BENCH_LONG_RUNS", 3),
    idleSeconds: positive("FAILD_BENCH_IDLE_SECONDS", 60),
  };
  if (await birdInstalled()) return { ...plan, subjects: ["faild", "BIRD"] };
  note("BIRD 2 is not installed (Debian package bird2): left out");
  return { ...plan, subjects: ["faild"] };
}

function positive(name: string, otherwise: number): number {
  const text = Deno.env.get(name);
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`Cannot use ${name}: must be a whole number above 0, is ${text}`);
  Deno.exit(2);
}

/** Says on standard error what is going on; the result alone goes to standard output. */
export function note(text: string): void {
  console.error(text);
}

/** Measures one subject after the other; null stands for one that is not to be measured. */
export async function each<T>(
  { subjects }: Plan,
  measure: (subject: Subject) => Promise<T>,
): Promise<{ readonly faild: T; readonly bird: T | null }> {
  const faild = await measure("faild");
  return { faild, bird: subjects.includes("BIRD") ? await measure("BIRD") : null };
}
