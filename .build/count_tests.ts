/**
 * Prints the sum of the test runs in a folder and ends with 1 unless all is well: count_tests.ts FOLDER. Each run left
 * NAME.exit, its exit status, and NAME.xml, its report, unless it was ended before it could write one.
 */

import { type Run, summary, total } from "./count.ts";

/** The text of a file; undefined where there is none. */
function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The runs that a folder holds. */
function runsIn(folder: string): Run[] {
  const runs: Run[] = [];
  for (const { name } of Deno.readDirSync(folder)) {
    if (!name.endsWith(".exit")) continue;
    const group = name.slice(0, -".exit".length);
    const report = textOf(`${folder}/${group}.xml`);
    const status = Number(textOf(`${folder}/${name}`));
    runs.push({ name: group, status, ...(report === undefined ? {} : { report }) });
  }
  return runs;
}

const sum = total(runsIn(Deno.args[0] ?? "."));
for (const complaint of sum.complaints) console.log(complaint);
console.log(summary(sum));
if (sum.failed > 0 || sum.passed === 0) Deno.exit(1);
