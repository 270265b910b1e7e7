/**
 * Many worlds, each from a seed, in virtual time; every invariant is checked after every step. How many: FAILD_SEEDS;
 * beginning with which: FAILD_FIRST_SEED. A failing seed is named with the command that shows its transcript.
 */
import { assert, assertEquals } from "@std/assert";
import { MODES } from "./plan.ts";
import { describe, type Outcome, runSeed } from "./run_seed.ts";

const COUNT = wholeNumber("FAILD_SEEDS", 250);
const FIRST = wholeNumber("FAILD_FIRST_SEED", 1);
/** Of so many seeds one is also run in a crowd. */
const SEEDS_PER_CROWD = 100;
/** So many seeds are one test. */
const BLOCK = 20;

function wholeNumber(name: string, otherwise: number): number {
  const text = Deno.env.get(name);
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`Cannot use ${name}: must be a whole number from 1, is ${text}`);
}

for (let first = FIRST; first < FIRST + COUNT; first += BLOCK) {
  const last = Math.min(first + BLOCK, FIRST + COUNT) - 1;
  Deno.test(`the invariants hold in the worlds of the seeds ${first} to ${last}`, () => {
    const failed: Outcome[] = [];
    for (let seed = first; seed <= last; seed++) {
      const outcome = runSeed(String(seed));
      if (outcome.violation !== null) failed.push(outcome);
    }
    assert(failed.length === 0, `\n${failed.map(describe).join("\n")}`);
  });
}

for (let seed = FIRST; seed < FIRST + Math.ceil(COUNT / SEEDS_PER_CROWD); seed++) {
  Deno.test(`the invariants hold in the crowd of the seed ${seed}`, () => {
    const outcome = runSeed(String(seed), { mode: "crowd" });
    assert(outcome.violation === null, `\n${describe(outcome)}`);
  });
}

Deno.test("a seed gives the same transcript every time", () => {
  for (const mode of MODES) {
    if (mode === "crowd") continue;
    const [one, other] = [transcript("7", mode), transcript("7", mode)];
    assert(one.length > 5);
    assertEquals(one, other);
  }
});

Deno.test("two seeds give two worlds", () => {
  assert(transcript("1", "storm").join("\n") !== transcript("2", "storm").join("\n"));
});

Deno.test("a step of the wall clock cannot be noticed: a world needs no clock and no generator of the runtime", () => {
  const before = transcript("5", "storm");
  const taken = takeAway([
    [globalThis, "Date"],
    [globalThis, "setTimeout"],
    [globalThis, "setInterval"],
    [performance, "now"],
    [Math, "random"],
    [crypto, "getRandomValues"],
    [crypto, "randomUUID"],
  ]);
  let after: string[] = [];
  try {
    after = transcript("5", "storm");
  } finally {
    taken.giveBack();
  }
  assertEquals(taken.uses, []);
  assertEquals(after, before);
});

function transcript(seed: string, mode: (typeof MODES)[number]): string[] {
  const lines: string[] = [];
  runSeed(seed, { mode, write: (line) => lines.push(line) });
  return lines;
}

/** Replaces functions by ones that throw and keep a record; what is taken cannot have been used before. */
function takeAway(places: readonly (readonly [object, string])[]) {
  const uses: string[] = [];
  const taken = places.map(([owner, name]) => {
    const value: unknown = Reflect.get(owner, name);
    const refuse = () => {
      uses.push(name);
      throw new Error(`${name} was used`);
    };
    Object.defineProperty(owner, name, { value: refuse, configurable: true, writable: true });
    return { owner, name, value };
  });
  const giveBack = () => {
    for (const { owner, name, value } of taken) {
      Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    }
  };
  return { uses, giveBack };
}
