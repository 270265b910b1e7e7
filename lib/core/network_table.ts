/**
 * The networks this node is on, as they come, go and change while it runs.
 *
 * A network that goes leaves its paths behind, as down: their traffic moves, and their peers are known when it
 * comes back. One that comes back with another subnet takes them along: nothing there can be theirs any more.
 */
import { contains } from "./address.ts";
import type { DirectInquiries } from "./direct_inquiries.ts";
import { Lan } from "./lan.ts";
import type { Path } from "./nodes.ts";
import { Pace } from "./pace.ts";
import { recordFault } from "./path_health.ts";
import type { Requestor } from "./requestor.ts";
import type { Responder } from "./responder.ts";
import type { Address, DownCause, HostRoute, Ms, Network, NetworkProblem } from "./types.ts";
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
  #toldNone = false;

  constructor(
    world: World,
    requestor: Requestor,
    responder: Responder,
    direct: DirectInquiries,
    adopt: (address: Address) => HostRoute | null,
  ) {
    this.#world = world;
    this.#requestor = requestor;
    this.#responder = responder;
    this.#direct = direct;
    this.#adopt = adopt;
  }

  /** Replaces what is known of the networks by `networks`, in order of preference. */
  set(networks: readonly Network[], problems: readonly NetworkProblem[], now: Ms): void {
    const world = this.#world;
    const names = new Set(networks.map((network) => network.name));
    for (const lan of world.lans.values()) {
      if (lan.present && !names.has(lan.network.name)) this.#remove(lan, now);
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

  /** Takes note of a failed send. */
  sendFailed(network: string, reason: string, now: Ms): void {
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
    const lan = new Lan(network, preference, world.settings.requestor ? now : Infinity);
    world.lans.set(network.name, lan);
    world.lansVersion += 1;
    this.#sortPaths(lan);
    this.#addConfigured(lan, now);
    this.#touchAll();
    this.#begin(lan, now);
  }

  /** A network is new, or can or cannot be used from now on. */
  #begin(lan: Lan, now: Ms): void {
    const { network } = lan;
    if (network.usable) {
      this.#expectAll(lan, now);
      this.#world.tell({ kind: "network-ready", network });
      return;
    }
    const reason = network.reason ?? "down";
    this.#world.tell({ kind: "network-unusable", network: network.name, reason });
    this.#fail(lan, { kind: "own-network", reason }, now);
  }

  #setUsable(lan: Lan, network: Network, now: Ms): void {
    const world = this.#world;
    const was = lan.network.usable;
    lan.network = network;
    if (was === network.usable) return;
    this.#touchAll();
    if (network.usable && world.settings.requestor) lan.sendAt = now;
    this.#begin(lan, now);
  }

  #remove(lan: Lan, now: Ms): void {
    const { name, address } = lan.network;
    lan.present = false;
    this.#world.lansVersion += 1;
    this.#touchAll();
    this.#world.tell({ kind: "network-gone", network: name, address });
    this.#fail(lan, { kind: "own-network", reason: "our address is gone" }, now);
  }

  /** All paths of a network that we lost go down in this turn, before any miss, and the peers are told. */
  #fail(lan: Lan, cause: DownCause, now: Ms): void {
    const world = this.#world;
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

  /** Where inquiries are owed to us on this network, they are due from now on. */
  #expectAll(lan: Lan, now: Ms): void {
    if (!lan.usable) return;
    for (const path of this.#pathsOn(lan)) {
      if (this.#world.isJudgedByInquiries(path)) this.#responder.expectInquiry(path, now);
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

/** Whether two states of a network are of one place: the same interface, address and subnet. */
function isSameSite(a: Network, b: Network): boolean {
  return a.interfaceName === b.interfaceName && a.address === b.address &&
    a.prefixLength === b.prefixLength && a.broadcast === b.broadcast;
}
