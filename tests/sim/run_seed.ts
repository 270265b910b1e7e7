/** One seed from beginning to end: the world is made, runs, is tormented, is left alone, and is checked. */
import type { Ms, Settings } from "../../lib/core/types.ts";
import {
  forgettingMs,
  harmlessFreezeMs,
  longestAdoptionMs,
  longestHoldMs,
  RETRY_MAX_MS,
  settlingMs,
  spacingMs,
} from "./bounds.ts";
import { chooseFault, type Fault } from "./faults.ts";
import { watchAll } from "./invariants/all.ts";
import { Healthy } from "./invariants/healthy.ts";
import { checkMended, isMended } from "./invariants/mended.ts";
import type { InvariantName, Violation } from "./invariants/violation.ts";
import { chooseMode, makeWorld, type Mode } from "./plan.ts";
import { Prng } from "./prng.ts";
import type { MachineMaker } from "./process.ts";
import { areRelated } from "./traffic.ts";
import { Transcript } from "./transcript.ts";
import type { World } from "./world.ts";

/** What came of a seed. */
export interface Outcome {
  readonly seed: string;
  readonly mode: Mode;
  readonly hosts: number;
  readonly steps: number;
  readonly simulatedMs: Ms;
  /** What went wrong first; null: nothing. */
  readonly violation: Violation | null;
  /** The longest interruption of traffic by one fault, and how long it might have been. */
  readonly worst: { readonly lastedMs: Ms; readonly boundMs: Ms } | null;
}

export interface RunOptions {
  readonly mode?: Mode;
  readonly makeMachine?: MachineMaker;
  /** Only faults of these names. */
  readonly faults?: readonly string[];
  /** Only these invariants. */
  readonly invariants?: readonly InvariantName[];
  /** Is given the transcript, line by line. */
  readonly write?: (line: string) => void;
}

/** After these a refused step may have to wait for its next try, and an adopted route for its peer. */
const SWITCHER_FAULTS = [
  "steps refused",
  "switcher fails",
  "interface down",
  "interface gone",
  "address removed",
  "renumbered",
];
const RESTART_FAULTS = ["killed", "stopped", "back in time", "restarted", "set back"];

/** Runs one seed until its end or the first violation. */
export function runSeed(seed: string, options: RunOptions = {}): Outcome {
  const random = new Prng(seed).stream("plan");
  const drawn = chooseMode(random);
  const mode = options.mode ?? drawn;
  const world = makeWorld(seed, random, mode, options.makeMachine);
  let violation: Violation | null = null;
  const accuse = (each: Violation) => {
    if (options.invariants?.includes(each.invariant) ?? true) violation ??= each;
  };
  let steps = 0;
  if (options.write !== undefined) {
    options.write(introduction(world, mode));
    world.observers.push(new Transcript(world, options.write, true));
  }
  const { settled } = watchAll(world, accuse);
  world.observers.push({ step: () => void (steps += 1) });
  const isOver = () => violation !== null;
  const run = (forMs: Ms) => {
    world.run(forMs, isOver);
    return !isOver();
  };
  const begun = new Set<string>();
  const choose = (names?: readonly string[]) => {
    const { name, fault } = chooseFault(world, random, options.faults ?? names);
    begun.add(name);
    return fault;
  };
  startAll(world, random);
  if (mode === "healthy" || mode === "sleepy") {
    world.observers.push(new Healthy(world, mode === "sleepy", accuse));
    liveQuietly(world, random, mode, run);
  } else if (mode === "single") faultByFault(world, random, choose, run);
  else if (mode === "crowd") failAmongMany(world, random, choose, run);
  else manyFaults(world, random, choose, run);
  recover(world, begun, run);
  if (!isOver()) checkMended(world, accuse);
  return {
    seed,
    mode,
    hosts: world.hosts.size,
    steps,
    simulatedMs: world.now,
    violation,
    worst: settled.worst,
  };
}

/** The daemons start within a few seconds of each other. */
function startAll(world: World, random: Prng): void {
  const withinMs = random.pick([0, 10, 3000]);
  for (const name of world.hosts.keys()) {
    world.timeline.at(random.between(0, withinMs), () => {
      // The end of a fault may have started it already.
      if (world.host(name).process === null) world.start(name);
    });
  }
}

/**
 * Nobody does anything but freeze now and then, or stop and be back within its grace, and each is awake for a while in
 * between.
 */
function liveQuietly(world: World, random: Prng, mode: Mode, run: (forMs: Ms) => void): void {
  run(settlingMs(world));
  for (let i = random.whole(2, 5); i > 0; i--) {
    const name = random.pick([...world.hosts.keys()]);
    const host = world.host(name);
    const { stopGraceMs } = host.settings;
    if (stopGraceMs > 0 && random.chance(0.3)) {
      world.stop(name);
      run(0.95 * stopGraceMs * random.fraction());
      world.start(name);
      run(settlingMs(world));
      continue;
    }
    const longest = mode === "healthy" ? harmlessFreezeMs(world) : 12 * host.settings.intervalMs;
    const forMs = random.between(0, longest);
    world.freeze(name, forMs, random.chance(0.3));
    run(forMs + 3 * slowestSpacingMs(world) + random.between(0, 5) * host.settings.intervalMs);
  }
}

/** One fault after the other; some end before they are noticed, some are given the time to settle. */
function faultByFault(
  world: World,
  random: Prng,
  choose: () => Fault,
  run: (forMs: Ms) => void,
): void {
  const settling = settlingMs(world);
  run(1.1 * settling);
  for (let i = random.whole(1, 3); i > 0; i--) {
    const fault = choose();
    fault.begin();
    run(random.chance(0.3) ? random.between(0, settling) : 1.2 * settling);
    fault.end();
    run(random.chance(0.3) ? random.between(0, settling) : 1.2 * settling);
  }
}

/** Many faults that begin and end at any time. */
function manyFaults(
  world: World,
  random: Prng,
  choose: () => Fault,
  run: (forMs: Ms) => void,
): void {
  const forMs = 2 * settlingMs(world);
  run(random.between(0, 5000));
  for (let i = random.whole(4, 14); i > 0; i--) {
    const fault = choose();
    const begin = world.now + random.between(0, forMs);
    world.timeline.at(begin, fault.begin);
    world.timeline.at(begin + random.between(0, random.pick([0.1, 0.5]) * forMs), fault.end);
  }
  run(1.6 * forMs);
}

/** What a crowd suffers from: one fault, long enough that all of it is noticed by all. */
const CROWD_FAULTS = ["lan cut", "port dead", "one way between two", "no carrier", "frozen"];

function failAmongMany(
  world: World,
  random: Prng,
  choose: (names?: readonly string[]) => Fault,
  run: (forMs: Ms) => void,
): void {
  const settling = settlingMs(world);
  run(random.between(0.5, 1) * settling);
  const fault = choose(CROWD_FAULTS);
  fault.begin();
  run(1.1 * settling);
  fault.end();
}

/** Holds that are longer than this are ended by people, at the end of a seed. */
const PATIENCE_MS = 30_000;
/** How often a world is looked at whether it is as it was. */
const GLANCE_MS = 1000;

/**
 * Leaves a world alone until everything must be as it was, after the faults of these names. Holds and the memory of loss
 * last long, but seldom for all of their time: from when they are all that is left, only until they end.
 */
function recover(world: World, faults: ReadonlySet<string>, run: (forMs: Ms) => boolean): void {
  const isAny = (names: readonly string[]) => names.some((name) => faults.has(name));
  run(
    settlingMs(world) + (isAny(SWITCHER_FAULTS) ? RETRY_MAX_MS : 0) +
      (isAny(RESTART_FAULTS) ? longestAdoptionMs(world) : 0),
  );
  let longest = 0;
  for (const host of world.hosts.values()) {
    const holdMs = longestHoldMs(host);
    if (holdMs > PATIENCE_MS) world.failback(host.name);
    else longest = Math.max(longest, holdMs);
    for (const peer of world.hosts.values()) {
      if (areRelated(host, peer)) longest = Math.max(longest, forgettingMs(host, peer));
    }
  }
  const end = world.now + longest + settlingMs(world);
  while (run(GLANCE_MS) && world.now < end && !isMended(world));
}

function slowestSpacingMs(world: World): Ms {
  return Math.max(...[...world.hosts.values()].map((host) => spacingMs(host)));
}

/** What world it is, for the head of a transcript. */
function introduction(world: World, mode: Mode): string {
  const lines = [`a ${mode} world of ${world.hosts.size} hosts on ${[...world.lans.keys()]}`];
  for (const { name, settings, tempo, ports } of world.hosts.values()) {
    const role = settings.requestor ? "requestor" : "responder";
    const places = ports.map((port) => `${port.lan.name}=${port.home}`).join(" ");
    const late = `late by up to ${tempo.lateMs} ms`;
    lines.push(`${name} ${role} ${settingsText(settings)} ${places}, ${late}`);
  }
  return lines.join("\n");
}

function settingsText(settings: Settings): string {
  const { intervalMs, confirmIntervalMs, failAfter, restoreAfter, failback, auth } = settings;
  const { loss, holdDown, stopGraceMs } = settings;
  return [
    `-t ${intervalMs / 1000} -f ${failAfter} -s ${restoreAfter}`,
    `confirm ${confirmIntervalMs}`,
    `loss ${loss.window}/${loss.leaveAbove}/${loss.returnBelow}`,
    `hold ${holdDown.limitMs}/${holdDown.quietMs}`,
    `failback ${failback.kind === "after" ? failback.quietMs : failback.kind}`,
    `grace ${stopGraceMs} auth ${auth}`,
  ].join(" ");
}

/** The outcome in words, with the command that shows it again. */
export function describe(outcome: Outcome): string {
  const { seed, mode, hosts, steps, simulatedMs, violation, worst } = outcome;
  const size = `seed ${seed}: ${mode} world, ${hosts} hosts, ${steps} steps, ` +
    `${(simulatedMs / 1000).toFixed(1)} s`;
  if (violation === null) {
    const outage = worst === null
      ? ""
      : `; longest interruption ${worst.lastedMs.toFixed(0)} ms of ${worst.boundMs.toFixed(0)}`;
    return `${size}: all invariants held${outage}`;
  }
  const { invariant, at, host, text } = violation;
  return `${size}: ${invariant} broken at ${(at / 1000).toFixed(3)} s by ${host}: ${text}\n` +
    `  .build/deno run tests/sim/run.ts --seed ${seed} --mode ${mode} --verbose`;
}
