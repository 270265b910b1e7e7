/** A world from a seed: how many hosts on which LANs, how they are set up, how fast they are, what will go wrong. */
import type { Ms, Settings } from "../../lib/core/types.ts";
import type { Quality } from "./lan.ts";
import type { Prng } from "./prng.ts";
import type { MachineMaker, Tempo } from "./process.ts";
import { type HostSpec, World } from "./world.ts";

/**
 * What kind of world it is:
 *   healthy -> nothing goes wrong; hosts are late, or freeze, for less than it takes to miss them
 *   sleepy  -> nothing goes wrong but that hosts freeze for any time
 *   single  -> one fault after the other, each with the time to settle before the next
 *   storm   -> many faults at once
 */
export const MODES = ["healthy", "sleepy", "single", "storm"] as const;
export type Mode = (typeof MODES)[number];

/**
 * The parts of a datagram's way at most, in ms, and as fractions of the shortest interval: a LAN on which answers take
 * longer than they are waited for is no healthy one. Their sum must stay under LONGEST_WAY_MS in bounds.ts.
 */
const LONGEST_DELAY_MS = 3;
const LONGEST_JITTER_MS = 2;
const LONGEST_REORDER_MS = 5;
const WAY_FRACTION = 1 / 40;
/** A busy host is late by this fraction of the shortest interval. */
const BUSY_FRACTION = 0.1;
/** The shortest interval of any host, in ms. */
const SHORTEST_INTERVAL_MS = 50;

/** Decides on the kind of world. */
export function chooseMode(random: Prng): Mode {
  const point = random.fraction();
  if (point < 0.12) return "healthy";
  if (point < 0.2) return "sleepy";
  return point < 0.75 ? "single" : "storm";
}

/** Makes the world; no daemon runs yet. */
export function makeWorld(seed: string, random: Prng, makeMachine?: MachineMaker): World {
  const made = makeMachine === undefined ? {} : { makeMachine };
  const world = new World({ seed, announced: random.pick([1, 1, 0.5, 0]), ...made });
  const lanNames = ["A", "B", "C"].slice(0, random.pick([2, 2, 2, 3]));
  const count = chooseCount(random);
  const common = chooseTimers(random);
  const timers = Array.from(
    { length: count },
    random.chance(0.2)
      ? () => ({ ...common, ...chooseTimers(random, common.intervalMs) })
      : () => common,
  );
  const shortestMs = Math.min(...timers.map(({ intervalMs }) => intervalMs));
  for (const name of lanNames) world.addLan(name, chooseQuality(random, shortestMs));
  for (const [index, each] of timers.entries()) {
    world.addHost(makeHost(random, index + 1, lanNames, each, { count, shortestMs }));
  }
  return world;
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

type Timers = Pick<Settings, "intervalMs" | "failAfter" | "restoreAfter">;

/** The timers; with `near` an interval not far from that, as a fast host and a slow one are a load on each other. */
function chooseTimers(random: Prng, near?: Ms): Timers {
  const intervalMs = near === undefined
    ? random.pick([1000, 1000, 1000, 1000, 500, 500, 500, 250, 250, chooseShort(random)])
    : Math.max(SHORTEST_INTERVAL_MS, near * random.pick([0.5, 1, 2]));
  return {
    intervalMs,
    failAfter: random.pick([2, 3, 3, 4, 6]),
    restoreAfter: random.pick([1, 2, 3, 5, 10]),
  };
}

function makeHost(
  random: Prng,
  number: number,
  lanNames: readonly string[],
  timers: Timers,
  all: { readonly count: number; readonly shortestMs: Ms },
): HostSpec {
  const name = `n${number}`;
  // In a crowd few ask, as everybody answers everybody who asks.
  const isRequestor = number === 1 || random.chance(all.count > 6 ? 2 / all.count : 0.5);
  const missing = lanNames.length > 1 && random.chance(0.1) ? random.pick(lanNames) : null;
  const addresses = lanNames.filter((lan) => lan !== missing).map((lan) => {
    const subnet = 1 + lanNames.indexOf(lan);
    return { lan, address: `10.0.${subnet}.${number}`, prefixLength: 24 };
  });
  return {
    name,
    addresses,
    tempo: chooseTempo(random, all.shortestMs),
    settings: {
      ...timers,
      requestor: isRequestor,
      port: 32453,
      nodeName: random.chance(0.1) ? "clone" : name,
      networks: [],
      peers: [],
      routing: { table: 245, rulePriority: 3245, protocol: 245 },
    },
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
