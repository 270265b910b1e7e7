/**
 * Runs one seed of the simulator, or many, and prints what happened:
 *
 *   deno run tests/sim/run.ts --seed 17                the outcome
 *   deno run tests/sim/run.ts --seed 17 --verbose      and the transcript of the world
 *   deno run tests/sim/run.ts --seed 17 --mode storm   in a world of another kind than the seed would choose
 *   deno run tests/sim/run.ts --from 1 --count 5000    many
 *
 * Exit status: 0 when all invariants held, 1 when one did not.
 */
import { parseArgs } from "@std/cli/parse-args";
import { MODES } from "./plan.ts";
import { describe, runSeed } from "./run_seed.ts";

const flags = parseArgs(Deno.args, {
  string: ["seed", "from", "count", "mode"],
  boolean: ["verbose"],
  default: { from: "1", count: "100" },
});
const first = wholeNumber("from", flags.seed ?? flags.from);
const count = flags.seed === undefined ? wholeNumber("count", flags.count) : 1;
const mode = MODES.find((each) => each === flags.mode);
if (flags.mode !== undefined && mode === undefined) {
  refuse("mode", `one of ${MODES.join(", ")}`, flags.mode);
}
let failed = 0;
for (let seed = first; seed < first + count; seed++) {
  const outcome = runSeed(String(seed), {
    ...(mode === undefined ? {} : { mode }),
    ...(flags.verbose ? { write: console.log } : {}),
  });
  if (outcome.violation !== null) failed += 1;
  if (count === 1 || outcome.violation !== null) console.log(describe(outcome));
}
if (count > 1) console.log(`${count} seeds, ${failed} failed`);
if (failed > 0) Deno.exit(1);

function wholeNumber(flag: string, text: string): number {
  return /^[1-9][0-9]{0,9}$/.test(text)
    ? Number(text)
    : refuse(flag, "a whole number from 1", text);
}

function refuse(flag: string, rule: string, text: string): never {
  console.error(`Cannot use --${flag}: must be ${rule}, is ${text}`);
  Deno.exit(2);
}
