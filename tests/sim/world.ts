/**
 * A simulated world: hosts on LANs in virtual time, what can be done to them, and who watches.
 *
 * Everything that happens follows from the seed and the calls made, in the same order on every machine.
 */
import type {
  Address,
  HostRoute,
  Ms,
  NetworkName,
  Notice,
  Sealer,
  Settings,
} from "../../lib/core/types.ts";
import { Machine } from "../../lib/core/machine.ts";
import { Host, type HostListener, type SavedState } from "./host.ts";
import type { KernelChange } from "./kernel.ts";
import { type Packet, type Port, type Quality, SimLan, type Trouble } from "./lan.ts";
import { Prng } from "./prng.ts";
import type { MachineMaker, Step, Tempo } from "./process.ts";
import { Timeline } from "./timeline.ts";

/** Who watches a world; every call comes when what it tells of has just happened. */
export interface Observer {
  step?(host: Host, step: Step): void;
  switched?(host: Host, changes: readonly KernelChange[]): void;
  disturbed?(host: Host, changes: readonly KernelChange[]): void;
  notice?(host: Host, notice: Notice): void;
  started?(host: Host): void;
  ended?(host: Host, isClean: boolean): void;
  /** Somebody did something to the world, in words. */
  done?(what: string): void;
}

/** A host to add; its ports get the interfaces eth0, eth1, … in the order of `addresses`. */
export interface HostSpec {
  readonly name: string;
  readonly settings: Settings;
  readonly tempo: Tempo;
  /** Signs and verifies; absent: nobody does. */
  readonly sealer?: Sealer;
  /** Addresses, each with its LAN's name and the length of its prefix. */
  readonly addresses: readonly {
    readonly lan: string;
    readonly address: Address;
    readonly prefixLength: number;
  }[];
}

export interface WorldOptions {
  readonly seed: string;
  /** How often a kernel's announcement of a change arrives. */
  readonly announced: number;
  readonly makeMachine?: MachineMaker;
  /** Hosts can be set back to a saved state; that costs memory. */
  readonly keepsHistory?: boolean;
}

const makeRealMachine: MachineMaker = (settings, random, left, now, sealer) =>
  new Machine(settings, random, left, now, sealer);

/** Hosts and LANs. */
export class World {
  readonly timeline = new Timeline();
  readonly random: Prng;
  readonly lans = new Map<string, SimLan>();
  readonly hosts = new Map<string, Host>();
  readonly observers: Observer[] = [];
  /** When a host or LAN was last touched by anybody but our daemons. */
  disturbedAt: Ms = 0;
  readonly #options: WorldOptions;
  #interfaces = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.random = new Prng(options.seed);
  }

  /** Whether hosts can be set back to a saved state. */
  get keepsHistory(): boolean {
    return this.#options.keepsHistory ?? false;
  }

  get now(): Ms {
    return this.timeline.now;
  }

  addLan(name: string, quality: Quality): SimLan {
    const lan = new SimLan(
      name,
      quality,
      this.timeline,
      this.random.stream(`lan ${name}`),
      (port, packet) => this.host(port.host).receive(port, packet),
    );
    this.lans.set(name, lan);
    return lan;
  }

  addHost(spec: HostSpec): Host {
    const ports = spec.addresses.map((each, position) => this.#addPort(spec.name, each, position));
    const host = new Host({
      name: spec.name,
      settings: spec.settings,
      ports,
      tempo: spec.tempo,
      timeline: this.timeline,
      random: this.random.stream(`host ${spec.name}`),
      makeMachine: this.#options.makeMachine ?? makeRealMachine,
      sealer: spec.sealer ?? null,
      keepsHistory: this.#options.keepsHistory ?? false,
      listener: this.#listener(),
      announced: this.#options.announced,
    });
    this.hosts.set(spec.name, host);
    return host;
  }

  host(name: string): Host {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`there is no node ${name}`);
    return host;
  }

  lan(name: string): SimLan {
    const lan = this.lans.get(name);
    if (lan === undefined) throw new Error(`there is no network ${name}`);
    return lan;
  }

  port(hostName: string, lanName: string): Port {
    const port = this.host(hostName).ports.find((each) => each.lan.name === lanName);
    if (port === undefined) throw new Error(`${hostName} is not on ${lanName}`);
    return port;
  }

  /** The host that has, or had at first, an address; null: nobody. */
  ownerOf(address: Address): Host | null {
    for (const host of this.hosts.values()) {
      if (host.ports.some((port) => port.address === address || port.home === address)) return host;
    }
    return null;
  }

  /** Lets so much time pass, unless `isOver` says so before. */
  run(forMs: Ms, isOver?: () => boolean): void {
    this.timeline.runUntil(this.now + forMs, isOver);
  }

  // -------------------------------------------------------------------------------- what can be done

  start(name: string): void {
    this.host(name).start();
    this.#tell(`start ${name}`);
  }

  stop(name: string): void {
    this.host(name).stop();
    this.#tell(`stop ${name}`);
  }

  kill(name: string): void {
    this.host(name).kill();
    this.#tell(`kill ${name}`);
  }

  /** Takes a network of a host out of use, or back into it. */
  drain(name: string, network: NetworkName, on: boolean): void {
    this.host(name).drain(network, on);
    this.#tell(`${on ? "drain" : "undrain"} of ${network} at ${name}`);
  }

  /** Asks for all held traffic to return. */
  failback(name: string): void {
    this.host(name).failback();
    this.#tell(`failback at ${name}`);
  }

  /** Sets a host back to a state that was saved before. */
  setBack(name: string, state: SavedState): void {
    const backMs = this.now - state.savedAt;
    this.host(name).setBack(state);
    // Where nothing is signed, its peers take it for overtaken until it has counted on to where it was.
    const { auth } = this.host(name).settings;
    if (auth !== "enforce") this.disturbedAt = Math.max(this.disturbedAt, this.now + backMs);
    this.#tell(`set ${name} back by ${backMs.toFixed(1)} ms`);
  }

  /** Stops a daemon for a time; `isPause`: with its clock. */
  freeze(name: string, forMs: Ms, isPause = false): void {
    this.host(name).process?.freeze(forMs, isPause);
    this.disturbedAt = Math.max(this.disturbedAt, this.now + forMs);
    this.#tell(`${isPause ? "pause" : "freeze"} ${name} for ${forMs.toFixed(1)} ms`);
  }

  /** Makes a LAN behave badly. */
  trouble(lan: string, trouble: Trouble): void {
    const { from, to, loss, extraDelayMs } = trouble;
    const what = loss >= 1 ? "cut" : `${Math.round(loss * 100)} % lost, ${extraDelayMs} ms more`;
    this.lan(lan).troubles.add(trouble);
    this.#tell(`${lan} ${from}->${to}: ${what}`);
  }

  /** Ends that. */
  mend(lan: string, trouble: Trouble): void {
    this.lan(lan).troubles.delete(trouble);
    this.#tell(`${lan} ${trouble.from}->${trouble.to}: mended`);
  }

  /** Changes a port: its carrier, its address, whether it is up, whether it is there. */
  setPort(
    port: Port,
    change: Partial<Pick<Port, "present" | "up" | "carrier" | "address">>,
  ): void {
    if (change.present === true && !port.present) port.index = this.#nextInterface();
    Object.assign(port, change);
    this.host(port.host).portChanged();
    this.#tell(`${port.host} ${port.interfaceName}: ${JSON.stringify(change)}`);
  }

  /** Somebody deletes our route for an address, or with null all our routes. */
  deleteRoutes(name: string, address: Address | null, isQuiet: boolean): void {
    const host = this.host(name);
    const there = address === null ? [...host.kernel.read().routes.keys()] : [address];
    const gone = there.filter((each) => host.kernel.deleteRoute(each));
    host.tampered(gone.map((each) => `- ${each}`), isQuiet);
    this.#tell(`${name}: routes deleted: ${there.join(" ")}`);
  }

  /** Somebody deletes our rule. */
  deleteRule(name: string, isQuiet: boolean): void {
    const host = this.host(name);
    if (host.kernel.deleteRule()) host.tampered(["- rule"], isQuiet);
    this.#tell(`${name}: rule deleted`);
  }

  /** Somebody puts a route under our mark. */
  alterRoute(name: string, route: HostRoute, isQuiet: boolean): void {
    const host = this.host(name);
    host.kernel.alterRoute(route);
    host.tampered([`+ ${route.address} via ${route.gateway}`], isQuiet);
    this.#tell(`${name}: route altered: ${route.address} via ${route.gateway}`);
  }

  /** Changes how a host's switcher works. */
  setSwitcher(name: string, trouble: Partial<Host["trouble"]>): void {
    Object.assign(this.host(name).trouble, trouble);
    this.#tell(`${name} switcher: ${JSON.stringify(trouble)}`);
  }

  /**
   * Sends bytes to a destination on a LAN, as `from`, who need not exist; `host`: from the place of this one, so that what
   * is wrong there is in the way.
   */
  inject(lan: string, packet: Packet, host = ""): void {
    const stranger: Port = {
      host,
      interfaceName: "",
      index: 0,
      lan: this.lan(lan),
      prefixLength: 32,
      home: packet.from,
      present: true,
      up: true,
      carrier: true,
      address: packet.from,
    };
    this.lan(lan).transmit(stranger, packet);
  }

  #addPort(host: string, spec: HostSpec["addresses"][number], position: number): Port {
    const lan = this.lan(spec.lan);
    const port: Port = {
      host,
      interfaceName: `eth${position}`,
      index: this.#nextInterface(),
      lan,
      prefixLength: spec.prefixLength,
      home: spec.address,
      present: true,
      up: true,
      carrier: true,
      address: spec.address,
    };
    lan.ports.push(port);
    return port;
  }

  #nextInterface(): number {
    this.#interfaces += 1;
    return this.#interfaces;
  }

  #tell(what: string): void {
    this.disturbedAt = Math.max(this.disturbedAt, this.now);
    for (const observer of this.observers) observer.done?.(what);
  }

  #listener(): HostListener {
    const all = this.observers;
    return {
      step: (host, step) => all.forEach((each) => each.step?.(host, step)),
      switched: (host, changes) => all.forEach((each) => each.switched?.(host, changes)),
      disturbed: (host, changes) => all.forEach((each) => each.disturbed?.(host, changes)),
      notice: (host, notice) => all.forEach((each) => each.notice?.(host, notice)),
      started: (host) => all.forEach((each) => each.started?.(host)),
      ended: (host, isClean) => all.forEach((each) => each.ended?.(host, isClean)),
    };
  }
}
