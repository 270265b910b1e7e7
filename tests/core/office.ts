/** A route desk by itself, for tests of what it does about loss, falls and holds. */
import { Lan } from "../../lib/core/lan.ts";
import type { Path } from "../../lib/core/nodes.ts";
import { recordFault, recordGood } from "../../lib/core/path_health.ts";
import { RouteDesk } from "../../lib/core/route_desk.ts";
import { snapshotOf } from "../../lib/core/snapshot.ts";
import type {
  Effect,
  Hold,
  Ms,
  NetworkName,
  Notice,
  PathView,
  Settings,
} from "../../lib/core/types.ts";
import { World } from "../../lib/core/world.ts";
import { applied, at, networkOf, NOTHING_LEFT, noticesIn, seeded, settingsOf } from "./builders.ts";

/** A desk with one peer, host 2, whose paths are set up and down by hand, and a kernel that obeys at once. */
export class Office {
  now: Ms = 1000;
  readonly world: World;
  readonly desk: RouteDesk;

  constructor(settings: Partial<Settings> = {}, networks: readonly NetworkName[] = ["A", "B"]) {
    this.world = new World(settingsOf(settings), seeded(1), null);
    this.desk = new RouteDesk(this.world, NOTHING_LEFT, this.now);
    const { intervalMs, failAfter } = this.world.settings;
    const addresses = networks.map((name) => at(name, 2));
    networks.forEach((network, i) => {
      this.world.lans.set(network, new Lan(networkOf(network), i, Infinity));
      const place = { network, intervalMs, failAfter };
      const peer = { node: "node2", addresses };
      this.world.nodes.configure(peer, at(network, 2), place, this.now, () => null);
    });
    this.up(...networks);
  }

  path(network: NetworkName): Path {
    const path = this.world.nodes.paths.get(at(network, 2));
    if (path === undefined) throw new Error(`no path on ${network}`);
    return path;
  }

  up(...networks: readonly NetworkName[]): Notice[] {
    for (const network of networks) {
      const path = this.path(network);
      this.world.note(path, recordGood(path.state, this.now, 1));
    }
    return this.settle();
  }

  down(...networks: readonly NetworkName[]): Notice[] {
    for (const network of networks) {
      const path = this.path(network);
      this.world.note(path, recordFault(path.state, this.now, { kind: "peer-network" }));
    }
    return this.settle();
  }

  /** Goes down and comes up again, 100 ms apart. */
  flap(network: NetworkName): Notice[] {
    this.after(100);
    this.down(network);
    this.after(100);
    return this.up(network);
  }

  /** Lets a path lose this part of a whole window, evenly. */
  lose(network: NetworkName, part: number): Notice[] {
    const path = this.path(network);
    const every = part === 0 ? Infinity : Math.round(1 / part);
    for (let i = 1; i <= 100; i++) path.loss.record(i % every === 0);
    this.world.dirty.add(path.node);
    return this.settle();
  }

  /** Lets the peer complain of a path. */
  complain(network: NetworkName, part: number): Notice[] {
    this.path(network).loss.tell(part, false);
    this.world.dirty.add(this.path(network).node);
    return this.settle();
  }

  after(ms: Ms): Notice[] {
    this.now += ms;
    return this.settle();
  }

  failback(): Notice[] {
    this.desk.failback(this.now);
    return this.settle();
  }

  /** One turn; returns what is told, when the kernel has answered. */
  settle(): Notice[] {
    const { world } = this;
    this.desk.settle(this.now);
    this.desk.run(this.now);
    const told: Notice[] = [];
    for (const effect of this.#take()) {
      told.push(...noticesIn([effect]));
      if (effect.kind !== "route") continue;
      const { generation, wanted } = effect;
      const actual = applied(wanted, NOTHING_LEFT);
      const report = { generation, actual, refused: [], changes: 1, found: null, tookMs: 1 };
      told.push(...noticesIn(this.desk.keeper.report(report, this.now)));
    }
    world.changes = [];
    world.dirty = new Set();
    return told;
  }

  #take(): Effect[] {
    const { effects } = this.world;
    this.world.effects = [];
    return effects;
  }

  /** The network that carries the traffic for the peer's address on a network. */
  carrier(network: NetworkName): NetworkName {
    const { route } = this.path(network);
    const via = route === null ? undefined : this.world.nodes.paths.get(route.gateway);
    return via?.network ?? network;
  }

  view(network: NetworkName): PathView {
    const [peer] = snapshotOf(this.world, null, {}, this.now).peers;
    const view = peer?.paths.find((path) => path.network === network);
    if (view === undefined) throw new Error(`no path on ${network}`);
    return view;
  }
}

/** Notices as one line each: kind, network, and what was done. */
export function lines(notices: readonly Notice[]): string[] {
  return notices.map((notice) => {
    if (!("path" in notice)) return notice.kind;
    const actions = "actions" in notice ? notice.actions.map((each) => each.kind) : [];
    const why = notice.kind === "rerouted" ? [notice.why] : [];
    return [notice.kind, notice.path.network, ...why, ...actions].join(" ");
  });
}

/** Why the traffic of a path that came up is held; undefined: none came up. */
export function holdIn(notices: readonly Notice[]): Hold | null | undefined {
  const up = notices.find((notice) => notice.kind === "path-up");
  return up?.kind === "path-up" ? up.hold : undefined;
}
