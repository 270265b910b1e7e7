/** What can go wrong in a world: each fault begins and ends, and when all have ended everything is as it was. */
import type { Ms } from "../../lib/core/types.ts";
import { attack } from "./attacker.ts";
import type { SavedState } from "./host.ts";
import type { Port, Trouble } from "./lan.ts";
import type { Prng } from "./prng.ts";
import type { World } from "./world.ts";

export interface Fault {
  readonly begin: () => void;
  readonly end: () => void;
}

/** Makes a fault of one kind somewhere in the world. */
type FaultMaker = (world: World, random: Prng) => Fault;

/** A kind of fault. */
interface Kind {
  /** How often it is chosen in relation to the others. */
  readonly weight: number;
  readonly make: FaultMaker;
  /** In which worlds there can be such a fault; absent: in all. */
  readonly isPossible?: (world: World) => boolean;
}

const nothing = () => {};

/** By name. */
export const FAULTS: Readonly<Record<string, Kind>> = {
  "lan cut": { weight: 4, make: (world, random) => troubled(world, random, "*", "*", 1) },
  "port deaf": {
    weight: 2,
    make: (world, random) => troubled(world, random, "*", anyHost(world, random), 1),
  },
  "port dumb": {
    weight: 2,
    make: (world, random) => troubled(world, random, anyHost(world, random), "*", 1),
  },
  "port dead": { weight: 2, make: portDead },
  "one way between two": { weight: 2, make: (world, random) => oneWay(world, random, 1) },
  "loss": {
    weight: 2,
    make: (world, random) => troubled(world, random, "*", "*", random.between(0.02, 0.5)),
  },
  "loss one way": {
    weight: 1,
    make: (world, random) => oneWay(world, random, random.between(0.02, 0.6)),
  },
  "loss to one": {
    weight: 1,
    make: (world, random) =>
      troubled(world, random, "*", anyHost(world, random), random.between(0.02, 0.5)),
  },
  "loss from one": {
    weight: 1,
    make: (world, random) =>
      troubled(world, random, anyHost(world, random), "*", random.between(0.02, 0.5)),
  },
  "delay": { weight: 1, make: slowLan },
  "no carrier": { weight: 3, make: (world, random) => port(world, random, { carrier: false }) },
  "carrier flaps": { weight: 2, make: flapping },
  "interface down": { weight: 2, make: (world, random) => port(world, random, { up: false }) },
  "interface gone": { weight: 1, make: (world, random) => port(world, random, { present: false }) },
  "address removed": { weight: 2, make: (world, random) => port(world, random, { address: null }) },
  "renumbered": { weight: 1, make: renumbered },
  "frozen": { weight: 3, make: frozen },
  "killed": { weight: 2, make: (world, random) => ended(world, random, "kill") },
  "stopped": { weight: 1, make: (world, random) => ended(world, random, "stop") },
  "back in time": { weight: 1, make: backInTime },
  "restarted": { weight: 2, make: restarted },
  "set back": { weight: 4, make: setBack, isPossible: ({ keepsHistory }) => keepsHistory },
  "routes deleted": { weight: 2, make: routesDeleted },
  "rule deleted": { weight: 1, make: ruleDeleted },
  "route altered": { weight: 1, make: routeAltered },
  "steps refused": { weight: 1, make: refused },
  "switcher fails": {
    weight: 1,
    make: (world, random) => switcher(world, random, { failure: "Cannot start ip" }),
  },
  "switcher slow": {
    weight: 1,
    make: (world, random) => switcher(world, random, { extraMs: 400 }),
  },
  "garbage": { weight: 1, make: garbage },
  "replay": { weight: 1, make: replay },
  "attack": { weight: 8, make: attack, isPossible: isGuarded },
};

/** Whether nobody in a world uses a packet that is not signed. */
function isGuarded(world: World): boolean {
  return [...world.hosts.values()].every(({ settings }) => settings.auth === "enforce");
}

/** Chooses a fault by its weight; `names` are the ones to choose from. */
export function chooseFault(
  world: World,
  random: Prng,
  names: readonly string[] = Object.keys(FAULTS),
): { readonly name: string; readonly fault: Fault } {
  const kinds = names.map((name) => {
    const kind = FAULTS[name];
    if (kind === undefined) throw new Error(`there is no fault ${name}`);
    return { name, ...kind };
  }).filter(({ isPossible }) => isPossible?.(world) ?? true);
  let point = random.between(0, kinds.reduce((sum, { weight }) => sum + weight, 0));
  for (const { name, weight, make } of kinds) {
    point -= weight;
    if (point < 0) return { name, fault: make(world, random) };
  }
  throw new Error("no fault was chosen");
}

function anyHost(world: World, random: Prng): string {
  return random.pick([...world.hosts.keys()]);
}

function anyLan(world: World, random: Prng): string {
  return random.pick([...world.lans.keys()]);
}

function troubles(world: World, lan: string, list: readonly Trouble[]): Fault {
  return {
    begin: () => list.forEach((trouble) => world.trouble(lan, trouble)),
    end: () => list.forEach((trouble) => world.mend(lan, trouble)),
  };
}

function troubled(world: World, random: Prng, from: string, to: string, loss: number): Fault {
  return troubles(world, anyLan(world, random), [{ from, to, loss, extraDelayMs: 0 }]);
}

function portDead(world: World, random: Prng): Fault {
  const host = anyHost(world, random);
  return troubles(world, anyLan(world, random), [
    { from: "*", to: host, loss: 1, extraDelayMs: 0 },
    { from: host, to: "*", loss: 1, extraDelayMs: 0 },
  ]);
}

function oneWay(world: World, random: Prng, loss: number): Fault {
  const from = anyHost(world, random);
  const to = random.pick([...world.hosts.keys()].filter((name) => name !== from));
  return troubles(world, anyLan(world, random), [{ from, to, loss, extraDelayMs: 0 }]);
}

function slowLan(world: World, random: Prng): Fault {
  const extraDelayMs = Math.round(random.between(1, 150));
  return troubles(world, anyLan(world, random), [{ from: "*", to: "*", loss: 0, extraDelayMs }]);
}

function port(
  world: World,
  random: Prng,
  change: Partial<Pick<Port, "present" | "up" | "carrier" | "address">>,
): Fault {
  const chosen = random.pick(world.host(anyHost(world, random)).ports);
  return {
    begin: () => world.setPort(chosen, change),
    end: () =>
      world.setPort(chosen, { present: true, up: true, carrier: true, address: chosen.home }),
  };
}

/** The carrier comes and goes some times, then stays. */
function flapping(world: World, random: Prng): Fault {
  const chosen = random.pick(world.host(anyHost(world, random)).ports);
  const { intervalMs, restoreAfter } = world.host(chosen.host).settings;
  const periodMs = random.pick([0.3, 2, (restoreAfter + 2) * 2]) * intervalMs;
  let left = 2 * random.whole(2, 6);
  const turn = () => {
    if (left <= 0) return;
    left -= 1;
    world.setPort(chosen, { carrier: left % 2 === 0 });
    world.timeline.after(periodMs, turn);
  };
  return {
    begin: turn,
    end: () => {
      left = 0;
      world.setPort(chosen, { carrier: true });
    },
  };
}

function renumbered(world: World, random: Prng): Fault {
  const chosen = random.pick(world.host(anyHost(world, random)).ports);
  const address = chosen.home.replace(/\d+$/, (last) => String(Number(last) + 100));
  return {
    begin: () => world.setPort(chosen, { address }),
    end: () => world.setPort(chosen, { address: chosen.home }),
  };
}

function frozen(world: World, random: Prng): Fault {
  const host = anyHost(world, random);
  const { intervalMs } = world.host(host).settings;
  const forMs = Math.round(random.between(0, random.pick([1, 3, 8])) * intervalMs);
  const isPause = random.chance(0.3);
  return { begin: () => world.freeze(host, forMs, isPause), end: nothing };
}

function ended(world: World, random: Prng, how: "kill" | "stop"): Fault {
  const host = anyHost(world, random);
  return {
    begin: () => {
      if (world.host(host).process === null) return;
      if (how === "kill") world.kill(host);
      else world.stop(host);
    },
    end: () => {
      if (world.host(host).process === null) world.start(host);
    },
  };
}

/** Stopped, and back before its peers may lose patience. */
function backInTime(world: World, random: Prng): Fault {
  const host = anyHost(world, random);
  const awayMs = random.between(0.05, 0.9) * Math.max(1000, world.host(host).settings.stopGraceMs);
  const start = () => {
    if (world.host(host).process === null) world.start(host);
  };
  return {
    begin: () => {
      if (world.host(host).process === null) return;
      world.stop(host);
      world.timeline.after(awayMs, start);
    },
    end: start,
  };
}

/** How long is waited at most for a moment at which a host can be saved, in ms. */
const SAVING_MS = 100;

/** A virtual machine goes back to the state that it had when this began. */
function setBack(world: World, random: Prng): Fault {
  const name = anyHost(world, random);
  let state: SavedState | null = null;
  const save = (waitedMs: Ms) => {
    state = world.host(name).save();
    if (state === null && waitedMs < SAVING_MS) world.timeline.after(1, () => save(waitedMs + 1));
  };
  return {
    begin: () => save(0),
    end: () => {
      if (state !== null && state.process === world.host(name).process) world.setBack(name, state);
    },
  };
}

function restarted(world: World, random: Prng): Fault {
  const fault = ended(world, random, random.pick(["kill", "kill", "stop"]));
  const pauseMs = random.between(1, 300);
  return {
    begin: () => {
      fault.begin();
      world.timeline.after(pauseMs, fault.end);
    },
    end: nothing,
  };
}

function routesDeleted(world: World, random: Prng): Fault {
  const host = anyHost(world, random);
  const isQuiet = random.chance(0.5);
  const isOne = random.chance(0.5);
  return {
    begin: () => {
      const there = [...world.host(host).kernel.read().routes.keys()];
      world.deleteRoutes(host, isOne && there.length > 0 ? random.pick(there) : null, isQuiet);
    },
    end: nothing,
  };
}

function ruleDeleted(world: World, random: Prng): Fault {
  const host = anyHost(world, random);
  const isQuiet = random.chance(0.5);
  return { begin: () => world.deleteRule(host, isQuiet), end: nothing };
}

/** Somebody puts a route of our mark for a peer's address: over the LAN of another of his addresses. */
function routeAltered(world: World, random: Prng): Fault {
  const host = anyHost(world, random);
  const peer = world.host(
    random.pick([...world.hosts.keys()].filter((name) => name !== host)),
  );
  const target = random.pick(peer.ports).home;
  const gateway = random.pick(peer.ports);
  const over = world.host(host).ports.find((each) => each.lan === gateway.lan);
  const isQuiet = random.chance(0.5);
  return {
    begin: () => {
      if (over === undefined || world.host(host).process === null) return;
      const { interfaceName } = over;
      world.alterRoute(host, { address: target, gateway: gateway.home, interfaceName }, isQuiet);
    },
    end: nothing,
  };
}

function refused(world: World, random: Prng): Fault {
  const host = anyHost(world, random);
  const refusals = random.whole(1, 6);
  return {
    begin: () => world.setSwitcher(host, { refusals, refusal: "Network is unreachable" }),
    end: () => world.setSwitcher(host, { refusals: 0 }),
  };
}

function switcher(
  world: World,
  random: Prng,
  trouble: { readonly failure?: string; readonly extraMs?: Ms },
): Fault {
  const host = anyHost(world, random);
  return {
    begin: () => world.setSwitcher(host, trouble),
    end: () => world.setSwitcher(host, { failure: null, extraMs: 0 }),
  };
}

/** Bytes that are no packet, from an address that may be somebody's. */
function garbage(world: World, random: Prng): Fault {
  const lan = world.lan(anyLan(world, random));
  return {
    begin: () => {
      const subnet = lan.ports[0]?.home.replace(/\d+$/, "") ?? "";
      for (let i = 0; i < 20; i++) {
        const length = random.whole(0, 100);
        const bytes = Uint8Array.from({ length }, () => random.whole(0, 255));
        const from = `${subnet}${random.whole(1, 254)}`;
        world.inject(lan.name, { from, port: 32453, to: `${subnet}255`, bytes });
      }
    },
    end: nothing,
  };
}

/** Datagrams that were sent before, on their own LAN or on another. */
function replay(world: World, random: Prng): Fault {
  const from = world.lan(anyLan(world, random));
  const to = random.chance(0.8) ? from : world.lan(anyLan(world, random));
  return {
    begin: () => [...from.recent].forEach((packet) => world.inject(to.name, packet)),
    end: nothing,
  };
}
