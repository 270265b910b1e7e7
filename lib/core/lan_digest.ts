/**
 * One line for a LAN that falls silent or is heard again as a whole, in place of one for each peer on it.
 *
 * The lines about the paths of a network with several peers are held back for a moment, from the first fall or rise of
 * one of its paths on. If then all its paths are down (up), one line stands for all their falls (rises); else they are
 * told one by one, in their order. On a network with one or two paths nothing is held: each line says something.
 */
import type { Effect, Health, Ms, NetworkName, Notice, RouteAction } from "./types.ts";

/** Lines of networks with fewer paths are not held, and fewer lines are not put into one. */
const SEVERAL = 3;

/** Lines are held at most so long, in ms. */
export const DIGEST_MS = 5000;

/** A network of which so many lines are held is told of in the same turn: twice the paths that there can be. */
export const DIGEST_LIMIT = 8192;

/** What the digest needs to know of the world. */
export interface DigestWorld {
  readonly settings: { readonly requestor: boolean; readonly intervalMs: Ms };
  readonly nodes: { readonly paths: { values(): Iterable<DigestPath> } };
}

/** What it needs to know of a path. */
export interface DigestPath {
  readonly network: NetworkName;
  readonly state: { readonly health: Health };
  readonly node: { readonly intervalMs: Ms; readonly requestor: boolean };
}

type Down = Extract<Notice, { readonly kind: "path-down" }>;
type Up = Extract<Notice, { readonly kind: "path-up" }>;

/** The lines that are held of one network, in their order. */
interface Held {
  readonly until: Ms;
  readonly effects: Effect[];
  /** The paths of the network: with so many lines the fall or rise may be complete. */
  readonly paths: number;
}

/** Holds lines back and puts them into one where that says the same. */
export class LanDigest {
  readonly #held = new Map<NetworkName, Held>();
  #world: DigestWorld | null = null;

  /**
   * Takes the effects of one turn; returns those that are to be performed now, in their order, and what was held long
   * enough.
   */
  take(effects: Effect[], world: DigestWorld, now: Ms): Effect[] {
    this.#world = world;
    if (this.#held.size === 0 && !effects.some(isChange)) return effects;
    const through: Effect[] = [];
    const longer = new Set<Held>();
    for (const effect of effects) {
      const network = networkOf(effect);
      const held = network === null ? undefined : this.#heldOf(network, effect, now);
      if (held === undefined) through.push(effect);
      else {
        held.effects.push(effect);
        longer.add(held);
      }
    }
    for (const [network, held] of this.#held) {
      const isOver = held.until <= now || held.effects.length >= DIGEST_LIMIT;
      if (isOver || (longer.has(held) && this.#isComplete(network, held))) {
        through.push(...this.#release(network));
      }
    }
    return through;
  }

  /** When take() has something to tell again; Infinity: nothing is held. */
  nextDeadline(): Ms {
    let next = Infinity;
    for (const { until } of this.#held.values()) next = Math.min(next, until);
    return next;
  }

  /** Tells all that is held, for the end. */
  flush(): Effect[] {
    return [...this.#held.keys()].flatMap((network) => this.#release(network));
  }

  /** What is held of the network of a line; with a fall or rise the holding begins. */
  #heldOf(network: NetworkName, effect: Effect, now: Ms): Held | undefined {
    const held = this.#held.get(network);
    if (held !== undefined || !isChange(effect)) return held;
    const paths = this.#pathsOf(network);
    if (paths.length < SEVERAL) return undefined;
    const begun = { until: now + this.#holdMs(paths), effects: [], paths: paths.length };
    this.#held.set(network, begun);
    return begun;
  }

  /** Whether there is a line for each path of the network, and nothing more to wait for. */
  #isComplete(network: NetworkName, { effects, paths }: Held): boolean {
    if (effects.length < paths) return false;
    const changes = effects.filter(isChange).length;
    const all = this.#pathsOf(network);
    const health = all[0]?.state.health;
    return health !== "unknown" && changes === all.length &&
      all.every(({ state }) => state.health === health);
  }

  /** By then everybody on the network was judged: the slowest of those who inquire is the measure, and a bit. */
  #holdMs(paths: readonly DigestPath[]): Ms {
    const settings = this.#world?.settings;
    let longest = settings?.requestor ? settings.intervalMs : 0;
    for (const { node } of paths) if (node.requestor) longest = Math.max(longest, node.intervalMs);
    return Math.min(1.25 * longest, DIGEST_MS);
  }

  #pathsOf(network: NetworkName): DigestPath[] {
    const paths: DigestPath[] = [];
    for (const path of this.#world?.nodes.paths.values() ?? []) {
      if (path.network === network) paths.push(path);
    }
    return paths;
  }

  #release(network: NetworkName): Effect[] {
    const effects = this.#held.get(network)?.effects ?? [];
    this.#held.delete(network);
    const paths = this.#pathsOf(network);
    if (paths.length < SEVERAL) return effects;
    // That one of them was drained says nothing against the network.
    if (paths.every(({ state }) => state.health === "down") && !effects.some(isDrain)) {
      return joined(effects, "path-down", (downs) => silent(network, paths.length, downs));
    }
    if (paths.every(({ state }) => state.health === "up")) {
      return joined(effects, "path-up", (ups) => heard(network, paths.length, ups));
    }
    return effects;
  }
}

/** Whether a peer is told to be down because people took its network there out of use. */
function isDrain(effect: Effect): boolean {
  return effect.kind === "notice" && effect.notice.kind === "path-down" &&
    effect.notice.cause.kind === "peer-drained";
}

/** The effects with those of one kind of notice replaced by one line, in the place of the first of them. */
function joined<Kind extends "path-down" | "path-up">(
  effects: Effect[],
  kind: Kind,
  join: (notices: readonly Extract<Notice, { readonly kind: Kind }>[]) => Notice,
): Effect[] {
  const isOne = (notice: Notice): notice is Extract<Notice, { readonly kind: Kind }> =>
    notice.kind === kind;
  const notices: Extract<Notice, { readonly kind: Kind }>[] = [];
  for (const each of effects) {
    if (each.kind === "notice" && isOne(each.notice)) notices.push(each.notice);
  }
  if (notices.length < SEVERAL) return effects;
  let isTold = false;
  return effects.flatMap((each) => {
    if (each.kind !== "notice" || !isOne(each.notice)) return [each];
    if (isTold) return [];
    isTold = true;
    return [{ kind: "notice" as const, notice: join(notices) }];
  });
}

function silent(network: NetworkName, peers: number, downs: readonly Down[]): Notice {
  const { cause } = downs[0] as Down;
  return {
    kind: "network-silent",
    network,
    peers,
    cause,
    moved: countActions(downs, "moved"),
    stayed: countActions(downs, "stays"),
    refused: countActions(downs, "refused"),
    tookMs: longestOf(downs),
  };
}

function heard(network: NetworkName, peers: number, ups: readonly Up[]): Notice {
  let downMs = 0;
  let held = 0;
  for (const up of ups) {
    downMs = Math.max(downMs, up.downMs);
    if (up.hold !== null) held += 1;
  }
  return {
    kind: "network-heard",
    network,
    peers,
    restored: countActions(ups, "restored"),
    held,
    refused: countActions(ups, "refused"),
    downMs,
    tookMs: longestOf(ups),
  };
}

function countActions(notices: readonly (Down | Up)[], kind: RouteAction["kind"]): number {
  let count = 0;
  for (const { actions } of notices) {
    for (const action of actions) if (action.kind === kind) count += 1;
  }
  return count;
}

/** The longest time that one of them took; null: none is known. */
function longestOf(notices: readonly (Down | Up)[]): Ms | null {
  let longest: Ms | null = null;
  for (const { tookMs } of notices) {
    if (tookMs !== null && tookMs > (longest ?? -Infinity)) longest = tookMs;
  }
  return longest;
}

/** Whether an effect tells of a fall or rise. */
function isChange(effect: Effect): boolean {
  if (effect.kind !== "notice") return false;
  const { kind } = effect.notice;
  return kind === "path-down" || kind === "path-up";
}

/** The network of the path that an effect tells of; null: it tells of none. */
function networkOf(effect: Effect): NetworkName | null {
  if (effect.kind !== "notice" || !("path" in effect.notice)) return null;
  return effect.notice.path.network;
}
