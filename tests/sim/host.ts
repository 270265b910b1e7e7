/**
 * A simulated host: its ports and kernel, which live on, and its daemon process, which comes and goes. It performs
 * what the machine asks for, as the daemon's loop does.
 */
import { broadcastOf } from "../../lib/core/address.ts";
import { selectNetworks } from "../../lib/core/inventory.ts";
import type { Link } from "../../lib/core/ip_json.ts";
import type {
  ActualRoutes,
  Effect,
  Event,
  Ms,
  NetworkName,
  NetworkRule,
  Notice,
  Sealer,
  Settings,
} from "../../lib/core/types.ts";
import { type KernelChange, SimKernel } from "./kernel.ts";
import type { Packet, Port } from "./lan.ts";
import {
  type MachineLike,
  type MachineMaker,
  type Mark,
  Process,
  type Step,
  type Tempo,
} from "./process.ts";
import type { Prng } from "./prng.ts";
import { SimSwitcher, type SwitcherTrouble } from "./switcher.ts";
import type { Timeline } from "./timeline.ts";

/** Whom a host tells what happens to it. */
export interface HostListener {
  step(host: Host, step: Step): void;
  /** Its switcher changed its kernel. */
  switched(host: Host, changes: readonly KernelChange[]): void;
  /** Its kernel changed by itself, or somebody else changed it. */
  disturbed(host: Host, changes: readonly KernelChange[]): void;
  notice(host: Host, notice: Notice): void;
  started(host: Host): void;
  /** Its process ended; `isClean`: after it had removed what is ours, and was not refused that. */
  ended(host: Host, isClean: boolean): void;
}

/** What a host is made with. */
export interface HostParts {
  readonly name: string;
  readonly settings: Settings;
  readonly ports: readonly Port[];
  readonly tempo: Tempo;
  readonly timeline: Timeline;
  readonly random: Prng;
  readonly makeMachine: MachineMaker;
  /** Signs and verifies; null: nobody does. */
  readonly sealer: Sealer | null;
  /** Whether it can be set back to a saved state. */
  readonly keepsHistory: boolean;
  readonly listener: HostListener;
  /** How often the kernel's announcement of a change arrives. */
  readonly announced: number;
}

/** A saved state of a host: its daemon and what is in its kernel. */
export interface SavedState {
  readonly process: Process;
  readonly mark: Mark;
  readonly routes: ActualRoutes;
  readonly savedAt: Ms;
}

/** From a change in the kernel to its announcement, and from a wish to look to what was seen, in ms. */
const ANNOUNCE_MS = 3;
const LOOK_MS = 1;
const JITTER_MS = 2;

/** The longest that either takes, in ms. */
export const LONGEST_ERRAND_MS: Ms = ANNOUNCE_MS + JITTER_MS;

/** One host. */
export class Host {
  readonly name: string;
  readonly ports: readonly Port[];
  readonly kernel: SimKernel;
  readonly trouble: SwitcherTrouble = { refusals: 0, refusal: "", extraMs: 0, failure: null };
  settings: Settings;
  tempo: Tempo;
  process: Process | null = null;
  /** When the process started. */
  startedAt: Ms = 0;
  readonly #parts: HostParts;
  #switcher: SimSwitcher | null = null;
  /** Networks whose sockets are open. */
  #open: ReadonlySet<NetworkName> = new Set();
  #isLooking = false;
  #lookAgain = false;
  /** Makes the machine of the present process once more, as it was at its start. */
  #makeAgain: (() => MachineLike) | null = null;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.settings = parts.settings;
    this.ports = parts.ports;
    this.tempo = parts.tempo;
    this.kernel = new SimKernel(parts.ports);
  }

  /** Whether its route switcher is in trouble. */
  get isTroubled(): boolean {
    return this.#switcher?.isTroubled ?? false;
  }

  /**
   * For how long its process was not there to judge anybody: frozen, or draining its sockets after that, which takes up to
   * half the interval. Time that is measured by differences of this does not count.
   */
  get absentMs(): Ms {
    const { process } = this;
    if (process === null) return 0;
    return process.frozenMs + process.freezes * this.settings.intervalMs / 2;
  }

  /** Whether its process was frozen at some time since then. */
  isAbsentSince(at: Ms): boolean {
    return (this.process?.frozenUntil ?? -Infinity) > at;
  }

  /** Starts the daemon; it finds what a predecessor left. */
  start(): void {
    if (this.process !== null) throw new Error(`${this.name} runs already`);
    const { timeline, random, makeMachine, sealer, keepsHistory, listener } = this.#parts;
    const { settings, kernel } = this;
    const [left, { now }] = [kernel.read(), timeline];
    const make = () => makeMachine(settings, random.stream(`machine at ${now}`), left, now, sealer);
    this.#makeAgain = make;
    this.process = new Process(make(), {
      timeline,
      random: random.stream(`process at ${now}`),
      tempo: () => this.tempo,
      done: (step) => this.#perform(step),
      keepsHistory,
    });
    this.#switcher = this.#newSwitcher(this.process);
    this.startedAt = timeline.now;
    this.#open = new Set();
    this.#isLooking = this.#lookAgain = false;
    listener.started(this);
  }

  /** Ends the daemon as SIGTERM does: it says goodbye and takes everything of ours along. */
  stop(): void {
    if (this.process === null) return;
    for (const effect of this.process.farewell()) this.#do(effect);
    const isRefused = this.trouble.refusals > 0;
    this.#switcher?.sweep();
    this.#end(!isRefused);
  }

  /** Ends the daemon as SIGKILL does: everything of ours stays in the kernel. */
  kill(): void {
    if (this.process === null) return;
    this.#switcher?.die();
    this.#end(false);
  }

  /** Saves the state of this host; null: that is not possible at this moment, as something is under way. */
  save(): SavedState | null {
    const { process, kernel } = this;
    const mark = this.#switcher?.isBusy === false && !this.#isLooking ? process?.mark() : null;
    if (process === null || mark === null || mark === undefined) return null;
    return { process, mark, routes: kernel.read(), savedAt: this.#parts.timeline.now };
  }

  /** Goes back to a saved state of the present process. */
  setBack({ process, mark, routes }: SavedState): void {
    if (this.process !== process || this.#makeAgain === null) return;
    const { listener } = this.#parts;
    this.#switcher?.die();
    listener.ended(this, false);
    this.kernel.restore(routes);
    process.setBack(this.#makeAgain(), mark);
    this.#switcher = this.#newSwitcher(process);
    this.#isLooking = this.#lookAgain = false;
    this.startedAt = this.#parts.timeline.now;
    listener.started(this);
  }

  /** Takes a network out of use, or back into it, as people do. */
  drain(network: NetworkName, on: boolean): void {
    this.process?.push({ kind: "drain", network, on });
  }

  /** Asks the daemon to let all held traffic return. */
  failback(): void {
    this.process?.push({ kind: "failback" });
  }

  /** Takes a datagram from a LAN. */
  receive(port: Port, packet: Packet): void {
    const network = this.#networkOf(port);
    if (this.process === null || !this.#open.has(network)) return;
    const { from, port: sourcePort, bytes } = packet;
    this.process.receive({ kind: "datagram", network, from, port: sourcePort, bytes });
  }

  /** A port of this host changed: the kernel draws its conclusions, and announces it. */
  portChanged(): void {
    const dropped = this.kernel.portChanged();
    if (dropped.length > 0) {
      this.#parts.listener.disturbed(this, dropped.map((address) => `- ${address}`));
    }
    this.#announce();
  }

  /** Somebody did something to our routes or rule; `isQuiet`: the kernel does not announce it. */
  tampered(changes: readonly KernelChange[], isQuiet: boolean): void {
    this.#parts.listener.disturbed(this, changes);
    if (!isQuiet) this.#announce();
  }

  #newSwitcher(process: Process): SimSwitcher {
    const { timeline, random, listener } = this.#parts;
    const { settings, kernel, trouble } = this;
    return new SimSwitcher({
      timeline,
      random: random.stream(`switcher at ${timeline.now}`),
      kernel,
      routing: settings.routing,
      port: settings.port,
      trouble,
      report: (event) => process.push(event),
      changed: (changes) => {
        listener.switched(this, changes);
        this.#announce();
      },
    });
  }

  #end(isClean: boolean): void {
    this.process?.die();
    this.process = null;
    this.#switcher = null;
    this.#parts.listener.ended(this, isClean);
  }

  #perform(step: Step): void {
    this.#parts.listener.step(this, step);
    for (const effect of step.effects) this.#do(effect);
  }

  #do(effect: Effect): void {
    if (effect.kind === "notice") this.#parts.listener.notice(this, effect.notice);
    else if (effect.kind === "route") this.#switcher?.request(effect.generation, effect.wanted);
    else if (effect.kind === "look") this.#look();
    else this.#send(effect);
  }

  #send(effect: Extract<Effect, { readonly kind: "send" }>): void {
    const port = this.#portOf(effect.network);
    if (port === undefined || !port.present || !port.up || port.address === null) {
      const reason = "Network is unreachable";
      this.process?.push({ kind: "send-failed", network: effect.network, reason });
      return;
    }
    const { to, bytes } = effect;
    port.lan.transmit(port, { from: port.address, port: this.settings.port, to, bytes });
  }

  #announce(): void {
    const { timeline, random, announced } = this.#parts;
    const { process } = this;
    if (process === null || !random.chance(announced)) return;
    const event: Event = { kind: "kernel-changed" };
    timeline.after(ANNOUNCE_MS + JITTER_MS * random.fraction(), () => {
      if (this.process === process) process.push(event);
    });
  }

  /** Reads the interfaces; a wish that comes while one reading is under way is granted after it. */
  #look(): void {
    this.#lookAgain = this.#isLooking;
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { timeline, random } = this.#parts;
    const { process } = this;
    timeline.after(LOOK_MS + JITTER_MS * random.fraction(), () => {
      if (process === null || this.process !== process) return;
      const { networks, problems } = selectNetworks(linksOf(this.ports), this.#rules());
      this.#open = new Set(networks.map((network) => network.name));
      process.push({ kind: "networks", networks, problems });
      this.#isLooking = false;
      if (this.#lookAgain) this.#look();
    });
  }

  /** A host without networks in its settings has those of its ports, under the LANs' names. */
  #rules(): readonly NetworkRule[] {
    if (this.settings.networks.length > 0) return this.settings.networks;
    return this.ports.map(({ lan, interfaceName }) => ({ name: lan.name, interfaceName }));
  }

  #networkOf(port: Port): NetworkName {
    if (this.settings.networks.length === 0) return port.lan.name;
    const rule = this.#rules().find((each) => each.interfaceName === port.interfaceName);
    return rule?.name ?? "";
  }

  #portOf(network: NetworkName): Port | undefined {
    for (const port of this.ports) if (this.#networkOf(port) === network) return port;
    return undefined;
  }
}

/** The ports as `ip` would list them. */
function linksOf(ports: readonly Port[]): Link[] {
  return ports.filter((port) => port.present).map((port) => {
    const { index, interfaceName: name, up, carrier, address, prefixLength } = port;
    const flags = ["BROADCAST", ...(up ? ["UP"] : []), ...(up && carrier ? ["LOWER_UP"] : [])];
    if (address === null) return { index, name, flags, addresses: [] };
    const broadcast = broadcastOf(address, prefixLength);
    const given = broadcast === null ? {} : { broadcast };
    const only = { address, prefixLength, ...given, secondary: false, scope: 0 };
    return { index, name, flags, addresses: [only] };
  });
}
