/** Machines with a fault built in: each is wrong in one way, so that an invariant can be seen to notice it. */
import { Machine } from "../../lib/core/machine.ts";
import type {
  Effect,
  Event,
  HostRoute,
  Ms,
  Notice,
  Snapshot,
  WantedRoutes,
} from "../../lib/core/types.ts";
import { decode } from "../../lib/core/wire.ts";
import type { MachineLike, MachineMaker } from "./process.ts";

/** What a broken machine makes of the right one's doing. */
interface Fault {
  event?(event: Event): Event;
  effects?(effects: Effect[], event: Event, now: Ms): Effect[];
  deadline?(deadline: Ms, now: Ms): Ms;
  snapshot?(snapshot: Snapshot): Snapshot;
}

/** Makes machines with a fault, each with its own; `only`: at the node of this name alone. */
function breaking(makeFault: () => Fault, only?: string): MachineMaker {
  return (settings, random, left, start, sealer) => {
    const machine = new Machine(settings, random, left, start, sealer);
    if (only !== undefined && settings.nodeName !== only) return machine;
    const fault = makeFault();
    let at = start;
    const broken: MachineLike = {
      handle: (event, now) => {
        at = now;
        const effects = machine.handle(fault.event?.(event) ?? event, now);
        return fault.effects?.(effects, event, now) ?? effects;
      },
      farewell: (now) => machine.farewell(now),
      nextDeadline: () => {
        const deadline = machine.nextDeadline();
        return fault.deadline?.(deadline, at) ?? deadline;
      },
      snapshot: (now) => {
        const snapshot = machine.snapshot(now);
        return fault.snapshot?.(snapshot) ?? snapshot;
      },
    };
    return broken;
  };
}

/** Moves no traffic, and knows it. */
export const stubborn: MachineMaker = breaking(neverMoving);

/** The same at one node only. */
export const stubbornAt = (node: string): MachineMaker => breaking(neverMoving, node);

/** Never takes a route back. */
export const clinging: MachineMaker = breaking(() => {
  const kept = new Map<string, HostRoute>();
  return {
    effects: withRoutes((wanted) => {
      for (const [address, route] of wanted.routes) kept.set(address, route);
      return { ...wanted, routes: new Map(kept) };
    }),
  };
});

/** Keeps traffic away from a path that works, and has a word for it. */
export const clutching: MachineMaker = breaking(() => {
  const kept = new Map<string, HostRoute>();
  return {
    effects: withRoutes((wanted) => {
      for (const [address, route] of wanted.routes) kept.set(address, route);
      return { ...wanted, routes: new Map(kept) };
    }),
    snapshot: (snapshot) =>
      withPaths(snapshot, (path) => {
        const route = path.route ?? kept.get(path.address) ?? null;
        if (route === null || path.health !== "up") return path;
        return { ...path, route, hold: path.hold ?? { kind: "flapping", flaps: 3, holdMs: 1 } };
      }),
  };
});

/** Does not listen to what others say unasked, at one node. */
export const heedlessAt = (node: string): MachineMaker =>
  breaking(() => ({
    event: (event) => {
      if (event.kind !== "datagram") return event;
      return decode(event.bytes).packet?.kind === "state" ? { kind: "tick" } : event;
    },
  }), node);

/** Once it has moved traffic it does not move it on, and knows it. */
export const immovable: MachineMaker = breaking(() => {
  const first = new Map<string, HostRoute>();
  return {
    effects: withRoutes((wanted) => {
      for (const [address, route] of wanted.routes) {
        if (!first.has(address)) first.set(address, route);
      }
      const entries = [...wanted.routes].map(([address, route]) =>
        [address, first.get(address) ?? route] as const
      );
      return { ...wanted, routes: new Map(entries) };
    }),
    snapshot: (snapshot) =>
      withPaths(snapshot, (path) => ({
        ...path,
        route: path.route === null ? null : first.get(path.address) ?? path.route,
      })),
  };
});

/** Asks for a state once and never looks whether it lasts. */
export const trusting: MachineMaker = breaking(() => {
  let last = "";
  return {
    effects: (effects) =>
      effects.filter((effect) => {
        if (effect.kind !== "route") return true;
        const wish = JSON.stringify([...effect.wanted.routes]);
        const isNew = wish !== last;
        last = wish;
        return isNew;
      }),
  };
});

/** Changes a route out of the blue. */
export const whimsical: MachineMaker = breaking(() => ({
  effects: (effects, event) => {
    const wish = effects.find((effect) => effect.kind === "route");
    if (wish === undefined || event.kind !== "tick") return effects;
    const route = { address: "10.0.1.2", gateway: "10.0.2.2", interfaceName: "eth1" };
    const wanted = { ...wish.wanted, routes: new Map([[route.address, route]]) };
    return effects.map((effect) => effect === wish ? { ...wish, wanted } : effect);
  },
}));

/** Keeps to itself what it does about routes. */
export const silent: MachineMaker = breaking(() => ({
  effects: (effects) =>
    effects.filter((effect) => effect.kind !== "notice" || !("actions" in effect.notice)),
}));

/** Sends traffic over a gateway that is on no network of ours. */
export const astray: MachineMaker = breaking(() => ({
  effects: withRoutes((wanted) => ({
    ...wanted,
    routes: new Map(
      [...wanted.routes].map(([address, route]) => [address, { ...route, gateway: "192.0.2.1" }]),
    ),
  })),
}));

/** Sends every packet to a stranger as well. */
export const gossiping: MachineMaker = breaking(() => ({
  effects: (effects) =>
    effects.flatMap<Effect>((effect) =>
      effect.kind === "send" ? [effect, { ...effect, to: "192.0.2.1" }] : [effect]
    ),
}));

/** Wants to be woken at once, always. */
export const restless: MachineMaker = breaking(() => ({ deadline: (_deadline, now) => now }));

/** Wants to be woken every ms. */
export const nervous: MachineMaker = breaking(() => ({ deadline: (_deadline, now) => now + 1 }));

/** Says everything a hundred times. */
export const talkative: MachineMaker = breaking(() => ({
  effects: (effects) =>
    effects.flatMap<Effect>((effect) =>
      effect.kind === "notice" ? Array.from({ length: 100 }, () => effect) : [effect]
    ),
}));

/** Cries wolf. */
export const hysterical: MachineMaker = breaking(() => ({
  effects: (effects, event) => event.kind === "tick" ? [...effects, ALARM] : effects,
}));

const LOST: Notice = {
  kind: "path-down",
  path: { node: "n2", network: "A", address: "10.0.1.2" },
  cause: { kind: "peer-network" },
  actions: [],
  tookMs: null,
};
const ALARM: Effect = { kind: "notice", notice: LOST };

function neverMoving(): Fault {
  return {
    effects: withRoutes((wanted) => ({ ...wanted, routes: new Map() })),
    snapshot: (snapshot) => withPaths(snapshot, (path) => ({ ...path, route: null })),
  };
}

function withRoutes(change: (wanted: WantedRoutes) => WantedRoutes) {
  return (effects: Effect[]): Effect[] =>
    effects.map((effect) =>
      effect.kind === "route" ? { ...effect, wanted: change(effect.wanted) } : effect
    );
}

type Path = Snapshot["peers"][number]["paths"][number];

function withPaths(snapshot: Snapshot, change: (path: Path) => Path): Snapshot {
  const peers = snapshot.peers.map((peer) => ({ ...peer, paths: peer.paths.map(change) }));
  return { ...snapshot, peers };
}
