/**
 * The networks this node is on, as they come, go and change while it runs.
 *
 * A network that goes leaves its paths behind, as down: their traffic moves, and their peers are known when it
 * comes back. One that comes back with another subnet takes them along: nothing there can be theirs any more.
 *
 * A network that people drain is treated as one whose interface is unusable, except that its sockets stay open: our
 * traffic leaves it while it still works, and so does that of the peers, whom our packets tell.
 */
import { contains } from "./address.ts";
import type { Allowance } from "./allowance.ts";
import type { DirectInquiries } from "./direct_inquiries.ts";
import { Drains } from "./drains.ts";
import { Lan } from "./lan.ts";
import type { Node, Path } from "./nodes.ts";
import { Pace } from "./pace.ts";
import { recordFault } from "./path_health.ts";
import type { Requestor } from "./requestor.ts";
import { isSameSite, renamingsOf } from "./renaming.ts";
import type { Responder } from "./responder.ts";
import type {
  Address,
  DownCause,
  HostRoute,
  Ms,
  Network,
  NetworkName,
  NetworkProblem,
  Settings,
} from "./types.ts";
import { forgetHealth, isUnjudged } from "./unjudged.ts";
import type { World } from "./world.ts";

/** Keeps `world.lans` in step with the host's interfaces. */
export class NetworkTable {
  readonly #world: World;
  readonly #requestor: Requestor;
  readonly #responder: Responder;
  readonly #direct: DirectInquiries;
  readonly #adopt: (address: Address) => HostRoute | null;
  readonly #problems = new Map<string, string>();
  readonly #failures = new Pace();
  readonly #drains: Drains;
  #toldNone = false;
  /** By which rules networks were chosen when they were last read; null: they have not changed since. */
  #rulesBefore: Settings["networks"] | null = null;

  /** `drained` are the networks that people took out of use before we started. */
  constructor(
    world: World,
    requestor: Requestor,
    responder: Responder,
    direct: DirectInquiries,
    adopt: (address: Address) => HostRoute | null,
    drained: Iterable<NetworkName>,
  ) {
    this.#drains = new Drains(drained);
    this.#world = world;
    this.#requestor = requestor;
    this.#responder = responder;
    this.#direct = direct;
    this.#adopt = adopt;
  }

  /** Replaces what is known of the networks by `networks`, in order of preference. */
  set(networks: readonly Network[], problems: readonly NetworkProblem[], now: Ms): void {
    const world = this.#world;
    const rulesBefore = this.#rulesBefore;
    this.#rulesBefore = null;
    if (rulesBefore !== null) this.#rename(networks, rulesBefore, now);
    const names = new Set(networks.map((network) => network.name));
    for (const lan of world.lans.values()) {
      if (names.has(lan.network.name)) continue;
      if (rulesBefore !== null && !this.#isWanted(lan.network.name)) this.#forgetLan(lan);
      else if (lan.present) this.#remove(lan, now);
    }
    networks.forEach((network, preference) => this.#put(network, preference, now));
    this.#dropEmpty();
    this.#tellProblems(problems);
    const isNone = networks.length === 0;
    if (isNone && !this.#toldNone) world.tell({ kind: "no-network" });
    this.#toldNone = isNone;
  }

  /** Forgets networks that are gone for good: on which nobody is remembered. */
  #dropEmpty(): void {
    const { lans } = this.#world;
    for (const lan of [...lans.values()]) {
      if (!lan.present && this.#pathsOn(lan).length === 0) lans.delete(lan.network.name);
    }
  }

  /** Those that people took out of use, be they there or not. */
  get drained(): readonly NetworkName[] {
    return this.#drains.names;
  }

  /** Takes a network out of use, or back into it. */
  drain(name: NetworkName, on: boolean, now: Ms): void {
    const world = this.#world;
    if (!this.#drains.set(name, on)) return;
    world.tell({ kind: on ? "network-drained" : "network-undrained", network: name });
    const lan = world.lans.get(name);
    if (lan !== undefined) this.#setDrained(lan, on, now);
  }

  #setDrained(lan: Lan, on: boolean, now: Ms): void {
    const { isDrained: wasDrained, usable: was } = lan;
    lan.isDrained = on;
    if (was === lan.usable) {
      const { present, trouble } = lan;
      // What went wrong while it was drained was part of that until now.
      if (wasDrained && !on && present && trouble !== null) {
        this.#world.tell({ kind: "network-unusable", network: lan.network.name, reason: trouble });
      }
      return;
    }
    this.#touchAll();
    if (on) return this.#fail(lan, now);
    if (this.#world.settings.requestor) lan.sendAt = now;
    this.#expectAll(lan, now);
  }

  /** Goes by changed settings; `before` are those that counted until now. */
  adapt(before: Settings, now: Ms): void {
    const world = this.#world;
    const { requestor, intervalMs, networks } = world.settings;
    const isNew = JSON.stringify(networks) !== JSON.stringify(before.networks);
    if (isNew && this.#rulesBefore === null) {
      this.#rulesBefore = before.networks;
      this.#drains.beginRenaming();
    }
    this.#unconfigure();
    for (const lan of world.lans.values()) {
      if (lan.present) this.#addConfigured(lan, now);
      if (!requestor) {
        this.#requestor.abandon(lan);
        lan.sendAt = Infinity;
      } else if (lan.usable && (!before.requestor || before.intervalMs !== intervalMs)) {
        // Whoever judges us by our inquiries learns from the next one when to expect the one after it.
        lan.sendAt = Math.min(lan.sendAt, now);
      }
    }
    if (!requestor) this.#direct.abandon();
    this.#touchAll();
  }

  /** Forgets whom we listen to no longer. */
  admitOnly(allowance: Allowance): void {
    for (const node of [...this.#world.nodes.all()]) {
      const { name } = node;
      const shut = [...node.paths.values()].filter(({ address }) =>
        !allowance.admits(name, address)
      );
      for (const path of shut) this.#forgetPath(path);
      if (node.paths.size === 0) {
        this.#world.tell({ kind: "node-removed", node: name, why: "not-allowed" });
      }
    }
  }

  /**
   * Peers that are not configured any more are forgotten; whom broadcast reaches is found again at once. But while
   * traffic of one is moved and it is heard, it stays.
   */
  #unconfigure(): void {
    const { nodes, settings } = this.#world;
    const wanted = new Set(settings.peers.flatMap(({ addresses }) => addresses));
    const touched = new Set<Node>();
    for (const path of nodes.paths.values()) {
      if (!path.configured || wanted.has(path.address)) continue;
      path.configured = false;
      touched.add(path.node);
    }
    for (const node of touched) {
      const paths = [...node.paths.values()];
      const isCarried = paths.some(({ route }) => route !== null) &&
        paths.some(({ state }) => state.health === "up");
      if (!isCarried && !paths.some(({ configured }) => configured)) {
        for (const path of paths) this.#forgetPath(path);
        this.#world.tell({ kind: "node-removed", node: node.name, why: "not-configured" });
      }
    }
  }

  /** Networks that only go by another name from now on keep all that is known of them. */
  #rename(networks: readonly Network[], before: Settings["networks"], now: Ms): void {
    const world = this.#world;
    const { lans, nodes } = world;
    const rules = { before, now: world.settings.networks };
    const renamed = renamingsOf(lans.values(), networks, rules);
    const moved = [...renamed].flatMap(([from, to]) => {
      const lan = lans.get(from);
      return lan === undefined ? [] : [{ lan, to }];
    });
    // Who had such a name, and has no other one now, is wanted no more.
    for (const to of renamed.values()) {
      const lan = lans.get(to);
      if (lan !== undefined && !renamed.has(to)) this.#forgetLan(lan);
    }
    for (const from of renamed.keys()) {
      this.#direct.abandon(from);
      lans.delete(from);
    }
    for (const path of nodes.paths.values()) {
      path.network = renamed.get(path.network) ?? path.network;
    }
    this.#drains.rename(renamed);
    const names = new Set(networks.map(({ name }) => name));
    this.#drains.keepOnly((name) => names.has(name) || this.#isWanted(name));
    for (const { lan, to } of moved) {
      lan.network = { ...lan.network, name: to };
      lans.set(to, lan);
      world.lansVersion += 1;
      this.#setDrained(lan, this.#drains.has(to), now);
    }
  }

  #isWanted(name: NetworkName): boolean {
    return this.#world.settings.networks.some((each) => each.name === name);
  }

  /** A network that is not wanted any more is no fault: nothing of it is remembered. */
  #forgetLan(lan: Lan): void {
    const world = this.#world;
    lan.present = false;
    world.lansVersion += 1;
    this.#direct.abandon(lan.network.name);
    for (const path of this.#pathsOn(lan)) this.#forgetPath(path);
    this.#touchAll();
    world.urgent = true;
  }

  #forgetPath(path: Path): void {
    const world = this.#world;
    const lan = world.lans.get(path.network);
    if (lan !== undefined) this.#requestor.excuse(path, lan);
    world.dirty.add(path.node);
    world.nodes.removePath(path);
  }

  /** Takes note of a failed send. */
  sendFailed(network: string, reason: string, now: Ms): void {
    const lan = this.#world.lans.get(network);
    if (lan !== undefined) lan.counts.sendFailures += 1;
    const drops = this.#world.drops.counts;
    drops.set("send-failed", (drops.get("send-failed") ?? 0) + 1);
    if (this.#failures.due(network, now) === null) return;
    this.#world.tell({ kind: "send-failed", network, reason });
  }

  #put(network: Network, preference: number, now: Ms): void {
    const world = this.#world;
    const known = world.lans.get(network.name);
    if (known !== undefined && known.present && isSameSite(known.network, network)) {
      if (known.preference !== preference) this.#touchAll();
      known.preference = preference;
      this.#setUsable(known, network, now);
      return;
    }
    if (known?.present) this.#remove(known, now);
    const sendAt = world.settings.requestor ? now : Infinity;
    const lan = new Lan(network, preference, sendAt, known?.counts);
    lan.isDrained = this.#drains.has(network.name);
    world.lans.set(network.name, lan);
    world.lansVersion += 1;
    this.#sortPaths(lan);
    this.#addConfigured(lan, now);
    this.#touchAll();
    this.#begin(lan, now);
  }

  /** A network is new, or can or cannot be used from now on. */
  #begin(lan: Lan, now: Ms): void {
    const { network, trouble } = lan;
    if (trouble === null) {
      this.#expectAll(lan, now);
      this.#world.tell({ kind: "network-ready", network });
      return;
    }
    const { name } = network;
    this.#world.tell(
      lan.isDrained
        ? { kind: "network-drained", network: name }
        : { kind: "network-unusable", network: name, reason: trouble },
    );
    this.#fail(lan, now);
  }

  #setUsable(lan: Lan, network: Network, now: Ms): void {
    const world = this.#world;
    const was = lan.usable;
    lan.network = network;
    if (was === lan.usable) return;
    this.#touchAll();
    if (lan.usable && world.settings.requestor) lan.sendAt = now;
    this.#begin(lan, now);
  }

  #remove(lan: Lan, now: Ms): void {
    const { name, address } = lan.network;
    lan.present = false;
    this.#world.lansVersion += 1;
    this.#touchAll();
    this.#world.tell({ kind: "network-gone", network: name, address });
    this.#fail(lan, now);
  }

  /** All paths of a network that we do not use go down in this turn, before any miss, and the peers are told. */
  #fail(lan: Lan, now: Ms): void {
    const world = this.#world;
    const cause: DownCause = { kind: "own-network", reason: lan.trouble ?? "down" };
    this.#requestor.abandon(lan);
    this.#direct.abandon(lan.network.name);
    for (const path of this.#pathsOn(lan)) {
      path.expectBy = null;
      world.note(path, recordFault(path.state, now, cause));
      world.urgent = true;
    }
  }

  /** Takes over the paths of a network that went by another name, and forgets those that cannot be here. */
  #sortPaths(lan: Lan): void {
    const world = this.#world;
    const { name, address } = lan.network;
    for (const path of [...world.nodes.paths.values()]) {
      const isHere = contains(lan.subnet, path.address) && path.address !== address;
      if (isHere && world.lans.get(path.network)?.present !== true) path.network = name;
      if (path.network !== name) continue;
      // The numbers of its inquiries begin anew.
      path.asked = 0;
      path.answered = 0;
      path.missed = [];
      if (isHere) continue;
      world.dirty.add(path.node);
      world.nodes.removePath(path);
    }
  }

  #addConfigured(lan: Lan, now: Ms): void {
    const { nodes, settings } = this.#world;
    const { intervalMs, failAfter } = settings;
    const place = { network: lan.network.name, intervalMs, failAfter };
    for (const peer of settings.peers) {
      for (const address of peer.addresses) {
        if (!contains(lan.subnet, address) || address === lan.network.address) continue;
        nodes.configure(peer, address, place, now, this.#adopt);
      }
    }
  }

  /** Where inquiries are owed to us on this network, they are due from now on; where nobody judges, nothing is known. */
  #expectAll(lan: Lan, now: Ms): void {
    if (!lan.usable) return;
    const world = this.#world;
    for (const path of this.#pathsOn(lan)) {
      if (world.isJudgedByInquiries(path)) this.#responder.expectInquiry(path, now);
      else if (path.node.boot !== null && isUnjudged(path.node, world.settings)) {
        forgetHealth(path, world, now);
      }
    }
  }

  /** Routes may have to change for everybody. */
  #touchAll(): void {
    for (const node of this.#world.nodes.all()) this.#world.dirty.add(node);
  }

  #tellProblems(problems: readonly NetworkProblem[]): void {
    const now = new Map(problems.map((each) => [each.name, each.reason]));
    for (const [name, reason] of now) {
      if (this.#problems.get(name) === reason) continue;
      this.#world.tell({ kind: "network-problem", problem: { name, reason } });
    }
    this.#problems.clear();
    for (const [name, reason] of now) this.#problems.set(name, reason);
  }

  #pathsOn(lan: Lan): Path[] {
    return [...this.#world.nodes.paths.values()].filter((path) =>
      path.network === lan.network.name
    );
  }
}
