/**
 * The stage of a scenario: a simulated world whose LANs are quick and lossless until something is done to them, and the
 * commands by which things are done. docs/TESTING.md lists them.
 */
import type {
  Address,
  Failback,
  NetworkName,
  PathView,
  Settings,
  StaticPeer,
} from "../../lib/core/types.ts";
import { routeText } from "../sim/kernel.ts";
import { settingsOf } from "../sim/settings.ts";
import { passage } from "../sim/traffic.ts";
import { timeText, Transcript } from "../sim/transcript.ts";
import { World } from "../sim/world.ts";

type Arguments = readonly string[];

/** The options of a node, each with what its value means for the settings. */
const OPTIONS: Readonly<Record<string, (value: string) => Partial<Settings>>> = {
  requestor: () => ({ requestor: true }),
  interval: (value) => ({ intervalMs: 1000 * numberOf(value) }),
  "confirm-interval": (value) => ({ confirmIntervalMs: 1000 * numberOf(value) }),
  "fail-after": (value) => ({ failAfter: numberOf(value) }),
  "restore-after": (value) => ({ restoreAfter: numberOf(value) }),
  grace: (value) => ({ stopGraceMs: 1000 * numberOf(value) }),
  failback: (value) => ({ failback: failbackOf(value) }),
  name: (value) => ({ nodeName: value }),
};

const TEMPO = { lateMs: 0, isSteady: true, costMs: 0.02 };
const QUALITY = { delayMs: 0.2, jitterMs: 0, duplicate: 0, reorder: 0, reorderMs: 0 };
const DEFAULT_PREFIX = 24;

/** A world to which commands can be given. */
export class Stage {
  readonly #world = new World({ seed: "scenario", announced: 1 });
  #said: string[] = [];
  #isQuiet = false;
  readonly #commands: Readonly<Record<string, (args: Arguments) => void>>;

  constructor() {
    this.#world.observers.push(
      new Transcript(this.#world, (line) => {
        if (!this.#isQuiet) this.#said.push(line);
      }, false),
    );
    this.#commands = {
      node: (args) => this.#node(args),
      advance: ([time]) => this.#advance(time),
      skip: ([time]) => this.#skip(time),
      cut: (args) => this.#cut(args),
      lose: ([percent, on, lan]) => this.#lose(numberOf(percent?.replace("%", "")), on, lan),
      mend: ([lan]) => this.#mend(wordOf(lan)),
      "unicast-only": ([lan]) => void (this.#lan(wordOf(lan)).carriesBroadcasts = false),
      carrier: (args) => this.#port(args, "carrier"),
      link: (args) => this.#port(args, "up"),
      interface: (args) => this.#port(args, "present"),
      address: ([host, lan, address]) => this.#address(host, lan, wordOf(address)),
      freeze: ([host, time]) => this.#world.freeze(wordOf(host), millisecondsOf(time)),
      pause: ([host, time]) => this.#world.freeze(wordOf(host), millisecondsOf(time), true),
      late: ([host, time]) => this.#late(wordOf(host), millisecondsOf(time)),
      stop: ([host]) => this.#world.stop(wordOf(host)),
      kill: ([host]) => this.#world.kill(wordOf(host)),
      start: ([host, only, ...lans]) => this.#start(wordOf(host), only, lans),
      drain: ([host, lan]) => this.#world.drain(wordOf(host), wordOf(lan), true),
      undrain: ([host, lan]) => this.#world.drain(wordOf(host), wordOf(lan), false),
      failback: ([host]) => this.#world.failback(wordOf(host)),
      "delete-route": ([host, address, how]) =>
        this.#world.deleteRoutes(wordOf(host), wordOf(address), isQuiet(how)),
      "delete-rule": ([host, how]) => this.#world.deleteRule(wordOf(host), isQuiet(how)),
      flush: ([host, how]) => this.#world.deleteRoutes(wordOf(host), null, isQuiet(how)),
      refuse: ([host, count, why]) =>
        this.#switcher(host, { refusals: numberOf(count), refusal: wordOf(why) }),
      "ip-fails": ([host, why]) => this.#switcher(host, { failure: wordOf(why) }),
      "ip-slow": ([host, time]) => this.#switcher(host, { extraMs: millisecondsOf(time) }),
      "ip-works": ([host]) => this.#switcher(host, { failure: null, refusals: 0, extraMs: 0 }),
      garbage: ([lan, from, text]) => this.#garbage(wordOf(lan), wordOf(from), wordOf(text)),
      state: () => this.#state(),
      routes: () => this.#routes(),
      traffic: () => this.#traffic(),
      drops: ([host]) => this.#drops(wordOf(host)),
    };
  }

  /** Carries out one command; returns what it and the world then said. */
  perform(words: readonly string[]): readonly string[] {
    const [verb = "", ...args] = words;
    const command = this.#commands[verb];
    if (command === undefined) throw new Error(`there is no command ${verb}`);
    command(args);
    const said = this.#said;
    this.#said = [];
    return said;
  }

  // --------------------------------------------------------------------------------- hosts and time

  /** node NAME NETWORK=ADDRESS[/LENGTH]… [requestor] [KEY=VALUE]… [peer=NODE:ADDRESS,…]; the keys are those of OPTIONS. */
  #node([name, ...words]: Arguments): void {
    const peers: StaticPeer[] = [];
    const own: Partial<Settings> = { requestor: false, nodeName: wordOf(name), peers };
    const addresses: { lan: string; address: Address; prefixLength: number }[] = [];
    for (const word of words) {
      const [key = "", value = ""] = word.split("=");
      const option = OPTIONS[key];
      if (option !== undefined) Object.assign(own, option(value));
      else if (key === "peer") peers.push(peerOf(value));
      else addresses.push(this.#place(key, value));
    }
    this.#world.addHost({ name: wordOf(name), settings: settingsOf(own), tempo: TEMPO, addresses });
    this.#world.start(wordOf(name));
  }

  #place(lan: string, text: string) {
    if (!this.#world.lans.has(lan)) this.#world.addLan(lan, QUALITY);
    const [address = "", length] = text.split("/");
    return { lan, address, prefixLength: length === undefined ? DEFAULT_PREFIX : Number(length) };
  }

  #advance(time: string | undefined): void {
    this.#world.run(millisecondsOf(time));
  }

  #skip(time: string | undefined): void {
    this.#isQuiet = true;
    this.#advance(time);
    this.#isQuiet = false;
  }

  /** start HOST [only NETWORK…] */
  #start(host: string, only: string | undefined, lans: readonly string[]): void {
    const node = this.#world.host(host);
    const chosen = node.ports.filter(({ lan }) => only !== undefined && lans.includes(lan.name));
    const networks = chosen.map(({ lan, interfaceName }) => ({ name: lan.name, interfaceName }));
    node.settings = { ...node.settings, networks };
    this.#world.start(host);
  }

  #late(host: string, lateMs: number): void {
    this.#world.host(host).tempo = { ...TEMPO, lateMs };
  }

  #switcher(host: string | undefined, trouble: Parameters<World["setSwitcher"]>[1]): void {
    this.#world.setSwitcher(wordOf(host), trouble);
  }

  // ------------------------------------------------------------------------------------------- LANs

  /** NETWORK, or HOST->HOST on NETWORK, where a host may be * */
  #cut(args: Arguments): void {
    const [way, on, lan] = args.length === 1 ? ["*->*", "on", args[0]] : args;
    if (on !== "on") throw new Error("must be HOST->HOST on NETWORK");
    const [from = "", to = ""] = wordOf(way).split("->");
    this.#world.trouble(wordOf(lan), { from, to, loss: 1, extraDelayMs: 0 });
  }

  /** N% on NETWORK */
  #lose(percent: number, on: string | undefined, lan: string | undefined): void {
    if (on !== "on") throw new Error("must be N% on NETWORK");
    const trouble = { from: "*", to: "*", loss: percent / 100, extraDelayMs: 0 };
    this.#world.trouble(wordOf(lan), trouble);
  }

  /** Ends all troubles of a LAN. */
  #mend(lan: NetworkName): void {
    for (const trouble of [...this.#lan(lan).troubles]) this.#world.mend(lan, trouble);
  }

  #lan(name: NetworkName) {
    return this.#world.lan(name);
  }

  /** HOST NETWORK down|up */
  #port([host, lan, state]: Arguments, what: "carrier" | "up" | "present"): void {
    if (state !== "down" && state !== "up") throw new Error("must end in down or up");
    this.#world.setPort(this.#world.port(wordOf(host), wordOf(lan)), { [what]: state === "up" });
  }

  #address(host: string | undefined, lan: string | undefined, address: string): void {
    const port = this.#world.port(wordOf(host), wordOf(lan));
    this.#world.setPort(port, { address: address === "none" ? null : address });
  }

  #garbage(lan: NetworkName, from: Address, text: string): void {
    const to = from.replace(/\d+$/, "255");
    this.#world.inject(lan, { from, port: 32453, to, bytes: new TextEncoder().encode(text) });
  }

  // ---------------------------------------------------------------------------------------- showing

  /** How each running node sees its peers. */
  #state(): void {
    for (const { name, process } of this.#world.hosts.values()) {
      if (process === null) continue;
      const { peers, degraded } = process.machine.snapshot(this.#world.now);
      if (peers.length === 0) this.#say(`${name} sees nobody`);
      for (const peer of peers) {
        for (const path of peer.paths) this.#say(`${name} sees ${peer.node} on ${pathText(path)}`);
      }
      if (degraded !== null) this.#say(`${name} is degraded: ${degraded}`);
    }
  }

  /** What is in each kernel of ours. */
  #routes(): void {
    for (const { name, kernel } of this.#world.hosts.values()) {
      const { rules, routes } = kernel.read();
      const parts = [...Array(rules).fill("rule"), ...[...routes.values()].map(routeText)];
      this.#say(`${name} has ${parts.length === 0 ? "nothing" : parts.join("; ")}`);
    }
  }

  /** Where packets to each address would go now. */
  #traffic(): void {
    for (const host of this.#world.hosts.values()) {
      for (const peer of this.#world.hosts.values()) {
        for (const { address } of peer.ports) {
          if (peer === host || address === null) continue;
          const { lan, arrives } = passage(host, peer, address);
          const way = lan === null ? "has no way" : `goes over ${lan.name}`;
          this.#say(`${host.name} to ${address} ${way}${arrives ? "" : ", lost"}`);
        }
      }
    }
  }

  /** Which packets a node dropped, and how many. */
  #drops(host: string): void {
    const counters = this.#world.host(host).process?.machine.snapshot(this.#world.now).counters;
    for (const [name, count] of Object.entries(counters ?? {}).sort()) {
      if (name.startsWith("drops_")) this.#say(`${host} ${name.replace("drops_", "")} ${count}`);
    }
  }

  #say(line: string): void {
    this.#said.push(`${timeText(this.#world.now)} ${line}`);
  }
}

function wordOf(word: string | undefined): string {
  if (word === undefined) throw new Error("a word is missing");
  return word;
}

function numberOf(text: string | undefined): number {
  const value = Number(text);
  if (text === undefined || text === "" || Number.isNaN(value)) {
    throw new Error(`not a number: ${text}`);
  }
  return value;
}

/** "3s" or "80ms". */
function millisecondsOf(text: string | undefined): number {
  const [, value, unit] = /^([0-9.]+)(ms|s)$/.exec(text ?? "") ?? [];
  if (value === undefined) throw new Error(`not a time such as 3s or 80ms: ${text}`);
  return numberOf(value) * (unit === "s" ? 1000 : 1);
}

function isQuiet(how: string | undefined): boolean {
  if (how !== undefined && how !== "quietly") throw new Error(`must be quietly: ${how}`);
  return how === "quietly";
}

/** How a node sees one path, and where its traffic goes. */
function pathText({ network, address, health, cause, dead, hold, route }: PathView): string {
  const why = cause === null ? "" : ` (${cause.kind})`;
  const way = route === null ? "direct" : `via ${route.gateway} on ${route.interfaceName}`;
  const oneWay = dead === null || dead === "both" ? "" : `, dead ${dead}`;
  const held = hold === null ? "" : `, held (${hold.kind})`;
  return `${network}: ${address} ${health}${why}${oneWay}, ${way}${held}`;
}

/** "auto", "manual", or seconds. */
function failbackOf(text: string): Failback {
  if (text === "auto" || text === "manual") return { kind: text };
  return { kind: "after", quietMs: 1000 * numberOf(text) };
}

/** "b:192.168.1.2,192.168.2.2" */
function peerOf(text: string): StaticPeer {
  const [node = "", addresses = ""] = text.split(":");
  return { node, addresses: addresses.split(",") };
}
