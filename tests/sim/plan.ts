/** A world from a seed: how many hosts on which LANs, how they are set up, how fast they are, what will go wrong. */
import type { Failback, HoldDown, LossRule, Ms, Settings } from "../../lib/core/types.ts";
import type { Quality } from "./lan.ts";
import type { Prng } from "./prng.ts";
import type { MachineMaker, Tempo } from "./process.ts";
import { sealerOf } from "./sealer.ts";
import { settingsOf } from "./settings.ts";
import { type HostSpec, World } from "./world.ts";

/**
 * What kind of world it is:
 *   healthy -> nothing goes wrong; hosts are late, or freeze, for less than it takes to miss them
 *   sleepy  -> nothing goes wrong but that hosts freeze for any time
 *   single  -> one fault after the other, each with the time to settle before the next
 *   storm   -> many faults at once
 *   crowd   -> 200 hosts of which few ask, or a mesh of 30 that all do; a LAN fails and comes back
 */
export const MODES = ["healthy", "sleepy", "single", "storm", "crowd"] as const;
export type Mode = (typeof MODES)[number];

/**
 * The parts of a datagram's way at most, in ms, and as fractions of the shortest spacing of inquiries, be they the usual
 * ones or those that confirm: a LAN on which answers take longer than they are waited for is no healthy one. Their sum must stay under LONGEST_WAY_MS in bounds.ts.
 */
const LONGEST_DELAY_MS = 3;
const LONGEST_JITTER_MS = 2;
const LONGEST_REORDER_MS = 5;
const WAY_FRACTION = 1 / 40;
/** A busy host is late by this fraction of the shortest spacing. */
const BUSY_FRACTION = 0.1;
/** The shortest interval of any host, in ms. */
const SHORTEST_INTERVAL_MS = 50;

/** How many hosts a crowd has, and how many of them ask: a few of many, or all of a mesh. */
const CROWDS = [{ count: 200, requestors: 3 }, { count: 30, requestors: 30 }] as const;

/** Decides on the kind of world; a crowd costs too much to come by chance. */
export function chooseMode(random: Prng): Exclude<Mode, "crowd"> {
  const point = random.fraction();
  if (point < 0.12) return "healthy";
  if (point < 0.2) return "sleepy";
  return point < 0.75 ? "single" : "storm";
}

/** Makes the world; no daemon runs yet. */
export function makeWorld(
  seed: string,
  random: Prng,
  mode: Mode,
  makeMachine?: MachineMaker,
): World {
  const made = makeMachine === undefined ? {} : { makeMachine };
  const keepsHistory = mode !== "crowd" && random.chance(0.2);
  const world = new World({
    seed,
    announced: random.pick([1, 1, 0.5, 0]),
    keepsHistory,
    ...made,
  });
  if (mode === "crowd") fillWithCrowd(world, random);
  else fill(world, random);
  return world;
}

/** Puts a few LANs and hosts into a world, set up alike, or not. */
function fill(world: World, random: Prng): void {
  const lanNames = ["A", "B", "C"].slice(0, random.pick([2, 2, 2, 3]));
  const count = chooseCount(random);
  const common = { ...chooseTimers(random), ...chooseCare(random) };
  const isMixed = random.chance(0.2);
  const each = Array.from({ length: count }, () => {
    if (!isMixed) return common;
    return { ...common, ...chooseTimers(random, common.intervalMs), ...chooseCare(random) };
  });
  const shortestMs = Math.min(...each.map((own) => own.confirmIntervalMs));
  for (const name of lanNames) world.addLan(name, chooseQuality(random, shortestMs));
  const auth = random.pick(["off", "off", "off", "enforce", "enforce", "permissive"] as const);
  const key = random.whole(1, 0x7fff_ffff);
  for (const [index, own] of each.entries()) {
    const number = index + 1;
    const requestor = number === 1 || random.chance(count > 6 ? 2 / count : 0.5);
    const settings = { ...own, requestor, auth, nodeName: nameOf(random, number) };
    const host = makeHost(random, number, lanNames, settings, shortestMs);
    world.addHost(auth === "off" ? host : { ...host, sealer: sealerOf(key) });
  }
}

/** Two quick LANs with very many hosts on them. */
function fillWithCrowd(world: World, random: Prng): void {
  const { count, requestors } = random.pick(CROWDS);
  const intervalMs = 1000;
  const restoreAfter = random.pick([1, 3]);
  const failAfter = random.pick([2, 3, 4]);
  for (const name of ["A", "B"]) world.addLan(name, chooseQuality(random, intervalMs));
  for (let number = 1; number <= count; number++) {
    world.addHost({
      name: `n${number}`,
      settings: settingsOf({
        intervalMs,
        failAfter,
        restoreAfter,
        requestor: number <= requestors,
        nodeName: `n${number}`,
      }),
      tempo: { lateMs: random.pick([1, 2]), isSteady: false, costMs: 0.02 },
      addresses: ["A", "B"].map((lan, index) => ({
        lan,
        address: `10.0.${index + 1}.${number}`,
        prefixLength: 24,
      })),
    });
  }
}

function chooseQuality(random: Prng, shortestMs: Ms): Quality {
  const longestMs = WAY_FRACTION * shortestMs;
  return {
    delayMs: random.between(0.05, Math.min(random.pick([0.2, LONGEST_DELAY_MS]), longestMs)),
    jitterMs: random.between(0, Math.min(random.pick([0.1, LONGEST_JITTER_MS]), longestMs)),
    duplicate: random.pick([0, 0, 0.02]),
    reorder: random.pick([0, 0, 0.02]),
    reorderMs: Math.min(LONGEST_REORDER_MS, longestMs),
  };
}

/** Short intervals are seldom: a second of such a world costs more than all others. */
function chooseShort(random: Prng): Ms {
  return random.pick([250, 100, SHORTEST_INTERVAL_MS]);
}

/** How many hosts: mostly few, sometimes a crowd. */
function chooseCount(random: Prng): number {
  const point = random.fraction();
  if (point < 0.45) return 2;
  if (point < 0.75) return 3;
  if (point < 0.93) return random.whole(4, 6);
  return point < 0.99 ? random.whole(7, 12) : random.whole(13, 40);
}

type Timers = Pick<
  Settings,
  "intervalMs" | "confirmIntervalMs" | "answerWait" | "failAfter" | "restoreAfter"
>;

/** The timers; with `near` an interval not far from that, as a fast host and a slow one are a load on each other. */
function chooseTimers(random: Prng, near?: Ms): Timers {
  const intervalMs = near === undefined
    ? random.pick([1000, 1000, 1000, 1000, 500, 500, 500, 250, 250, chooseShort(random)])
    : Math.max(SHORTEST_INTERVAL_MS, near * random.pick([0.5, 1, 2]));
  const confirmIntervalMs = intervalMs / random.pick([1, 1, 1, 1, 2, 4, 10]);
  const { answerWait } = settingsOf({ intervalMs, confirmIntervalMs });
  return {
    intervalMs,
    confirmIntervalMs,
    answerWait,
    failAfter: random.pick([2, 3, 3, 4, 6]),
    restoreAfter: random.pick([1, 2, 3, 5, 10]),
  };
}

type Care = Pick<Settings, "loss" | "holdDown" | "failback" | "stopGraceMs">;

/** With what care traffic is moved and returns. */
function chooseCare(random: Prng): Care {
  const [leaveAbove, returnBelow] = random.pick([[0.2, 0.05], [0.2, 0.05], [0.3, 0.1]] as const);
  const window = random.pick([0, 100, 100, 50, 200]);
  const loss: LossRule = { window, leaveAbove, returnBelow };
  const holdDown: HoldDown = {
    limitMs: random.pick([0, 5000, 20_000, 300_000]),
    quietMs: random.pick([5000, 60_000]),
  };
  const failback: Failback = random.pick([
    { kind: "auto" },
    { kind: "auto" },
    { kind: "auto" },
    { kind: "after", quietMs: random.pick([500, 5000]) },
    { kind: "manual" },
  ]);
  return { loss, holdDown, failback, stopGraceMs: random.pick([0, 5000, 30_000]) };
}

/** Mostly a name of its own. */
function nameOf(random: Prng, number: number): string {
  return random.chance(0.1) ? "clone" : `n${number}`;
}

function makeHost(
  random: Prng,
  number: number,
  lanNames: readonly string[],
  own: Partial<Settings>,
  shortestMs: Ms,
): HostSpec {
  const missing = lanNames.length > 1 && random.chance(0.1) ? random.pick(lanNames) : null;
  const addresses = lanNames.filter((lan) => lan !== missing).map((lan) => {
    const subnet = 1 + lanNames.indexOf(lan);
    return { lan, address: `10.0.${subnet}.${number}`, prefixLength: 24 };
  });
  return {
    name: `n${number}`,
    addresses,
    tempo: chooseTempo(random, shortestMs),
    settings: settingsOf(own),
  };
}

/** Late by what is usual, or by a good part of the interval. */
function chooseTempo(random: Prng, shortestMs: Ms): Tempo {
  const lateMs = random.pick([
    1,
    1,
    2,
    0.2 * BUSY_FRACTION * shortestMs,
    BUSY_FRACTION * shortestMs,
  ]);
  return { lateMs, isSteady: false, costMs: random.between(0.01, 0.05) };
}
