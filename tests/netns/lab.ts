/**
 * A laboratory of real hosts on real LANs, and the faults that befall them. All faults are states: setting
 * one twice is setting it once, and `restoreAll` mends everything.
 *
 * Traffic passes only between addresses inside the laboratory's own namespaces.
 */

import { attempt, ipBatch, run } from "./command.ts";
import { commandLine, namespacePids } from "./processes.ts";
import { ownPrefix, removeNamespaces, sweepLeftovers, temporaryRoot } from "./sweep.ts";
import {
  addressLine,
  addressOf,
  broadcastOf,
  build,
  type Cabling,
  type HostName,
  type LanName,
  namespaceOf,
  portOf,
  waitForPorts,
} from "./topology.ts";
import { waitFor } from "./wait.ts";

export type { HostName, LanName } from "./topology.ts";

/** How large a laboratory is. */
export interface LabOptions {
  readonly hosts?: number;
  readonly lans?: number;
  /** False: the interfaces are up, yet have no addresses. */
  readonly addresses?: boolean;
}

/** A fault between a host and a LAN, or of a whole LAN, made by the switch: no carrier changes. */
type Drop =
  | { readonly kind: "cut"; readonly lan: LanName }
  | { readonly kind: "cut-host"; readonly host: HostName; readonly lan: LanName }
  /** Frames that the host sends are lost. */
  | { readonly kind: "mute"; readonly host: HostName; readonly lan: LanName }
  /** Frames to the host are lost. */
  | { readonly kind: "deaf"; readonly host: HostName; readonly lan: LanName }
  | { readonly kind: "loss"; readonly lan: LanName; readonly percent: number }
  /** Frames between the two are lost; everybody else still reaches both. */
  | {
    readonly kind: "cut-between";
    readonly host: HostName;
    readonly other: HostName;
    readonly lan: LanName;
  }
  /** Broadcast frames are lost, unicast ones pass; ARP requests, being broadcasts too, pass. */
  | { readonly kind: "no-broadcast"; readonly lan: LanName };

/** Something that runs in the laboratory and must be stopped with it. */
export interface Tenant {
  stop(): Promise<unknown>;
}

/** One route as `ip -j route show` prints it; only what is looked at. */
export interface RouteEntry {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly prefsrc?: string;
  readonly protocol?: string;
}

let labCount = 0;

/** Hosts, LANs, faults, and what the kernels of the hosts say. */
export class Lab implements AsyncDisposable {
  readonly cabling: Cabling;
  /** For files of this laboratory; gone with it. */
  readonly directory: string;
  readonly #drops = new Map<string, Drop>();
  readonly #tenants: Tenant[] = [];

  private constructor(cabling: Cabling) {
    this.cabling = cabling;
    this.directory = `${temporaryRoot()}/${cabling.prefix}`;
  }

  /** Builds a laboratory: two hosts on two LANs unless told otherwise. Needs root in its namespace. */
  static async create(options: LabOptions = {}): Promise<Lab> {
    await sweepLeftovers();
    const { hosts = 2, lans = 2, addresses = true } = options;
    const lab = new Lab({
      hosts: Array.from({ length: hosts }, (_, index) => `h${index + 1}`),
      lans: Array.from({ length: lans }, (_, index) => String.fromCharCode(65 + index)),
      prefix: `${ownPrefix()}-${++labCount}`,
    });
    try {
      await Deno.mkdir(lab.directory, { mode: 0o700 });
      await build(lab.cabling, addresses);
      await lab.#renderDrops();
    } catch (error) {
      await lab.#remove();
      throw error;
    }
    return lab;
  }

  /** The namespace of a host. */
  namespace(host: HostName): string {
    return namespaceOf(this.cabling, host);
  }

  /** A host's address on a LAN. */
  address(host: HostName, lan: LanName): string {
    return addressOf(this.cabling, host, lan);
  }

  /** A LAN's broadcast address. */
  broadcast(lan: LanName): string {
    return broadcastOf(this.cabling, lan);
  }

  /** The arguments that run a program on a host. The pid is the program's own. */
  onHost(host: HostName, argv: readonly string[]): string[] {
    return ["ip", "netns", "exec", this.namespace(host), ...argv];
  }

  /** Runs a program on a host to its end. Throws unless it exits 0. */
  run(host: HostName, argv: readonly string[]): Promise<string> {
    return run(this.onHost(host, argv));
  }

  /** Runs `ip` on a host. Throws when it refuses. */
  ip(host: HostName, ...args: string[]): Promise<string> {
    return run(["ip", "-n", this.namespace(host), ...args]);
  }

  /** Makes a running thing end with the laboratory, the last one first. */
  house<T extends Tenant>(tenant: T): T {
    this.#tenants.push(tenant);
    return tenant;
  }

  // ------------------------------------------------------------------------------------------- faults

  /** A LAN goes dead while every carrier stays up. */
  cut(lan: LanName): Promise<void> {
    return this.#set({ kind: "cut", lan });
  }

  /** Mends what `cut` did. */
  mend(lan: LanName): Promise<void> {
    return this.#clear({ kind: "cut", lan });
  }

  /** One host's cable to a LAN goes dead in both directions while its carrier stays up. */
  cutHost(host: HostName, lan: LanName): Promise<void> {
    return this.#set({ kind: "cut-host", host, lan });
  }

  /** Mends what `cutHost` did. */
  mendHost(host: HostName, lan: LanName): Promise<void> {
    return this.#clear({ kind: "cut-host", host, lan });
  }

  /** Two hosts do not reach each other on a LAN, while all others reach both. */
  cutBetween(host: HostName, other: HostName, lan: LanName): Promise<void> {
    return this.#set({ kind: "cut-between", host, other, lan });
  }

  /** Mends what `cutBetween` did, the two named in the same order. */
  mendBetween(host: HostName, other: HostName, lan: LanName): Promise<void> {
    return this.#clear({ kind: "cut-between", host, other, lan });
  }

  /** What a host sends on a LAN is lost. */
  mute(host: HostName, lan: LanName): Promise<void> {
    return this.#set({ kind: "mute", host, lan });
  }

  /** What is sent to a host on a LAN is lost. */
  deafen(host: HostName, lan: LanName): Promise<void> {
    return this.#set({ kind: "deaf", host, lan });
  }

  /** Mends `mute` and `deafen`. */
  async mendDirections(host: HostName, lan: LanName): Promise<void> {
    await this.#clear({ kind: "mute", host, lan });
    await this.#clear({ kind: "deaf", host, lan });
  }

  /** Every frame on a LAN is lost with this probability, in percent; 0 mends. */
  async lose(lan: LanName, percent: number): Promise<void> {
    if (percent === 0) await this.#clear({ kind: "loss", lan, percent });
    else await this.#set({ kind: "loss", lan, percent });
  }

  /** IPv4 broadcasts on a LAN are lost; unicasts and ARP pass. */
  dropBroadcasts(lan: LanName): Promise<void> {
    return this.#set({ kind: "no-broadcast", lan });
  }

  /** A host's cable is pulled at the switch: its interface loses the carrier, the others' stay. */
  unplug(host: HostName, lan: LanName): Promise<void> {
    return this.#switch([`link set ${portOf(host, lan)} down`]);
  }

  /** The cable is put back; returns when the port forwards. */
  async plug(host: HostName, lan: LanName): Promise<void> {
    await this.#switch([`link set ${portOf(host, lan)} up`]);
    await this.#waitForPort(host, lan);
  }

  /** `ip link set down` on a host. */
  async linkDown(host: HostName, lan: LanName): Promise<void> {
    await this.ip(host, "link", "set", `eth${lan}`, "down");
  }

  /** `ip link set up` on a host; returns when the switch's port forwards. */
  async linkUp(host: HostName, lan: LanName): Promise<void> {
    await this.ip(host, "link", "set", `eth${lan}`, "up");
    await this.#waitForPort(host, lan);
  }

  /** Takes a host's address on a LAN away. */
  async removeAddress(host: HostName, lan: LanName): Promise<void> {
    const address = `${this.address(host, lan)}/24`;
    await this.ip(host, "addr", "del", address, "dev", `eth${lan}`);
  }

  /** Gives a host its address on a LAN (again). */
  addAddress(host: HostName, lan: LanName): Promise<void> {
    const line = `addr replace ${addressLine(this.cabling, host, lan)}`;
    return ipBatch(this.namespace(host), [line]);
  }

  /** Mends every fault; returns when every port forwards. */
  async restoreAll(): Promise<void> {
    this.#drops.clear();
    await this.#renderDrops();
    const { hosts, lans } = this.cabling;
    const ports = hosts.flatMap((host) => lans.map((lan) => portOf(host, lan)));
    await this.#switch(ports.map((port) => `link set ${port} up`));
    await Promise.all(hosts.map((host) =>
      ipBatch(
        this.namespace(host),
        lans.flatMap((lan) => [
          `link set eth${lan} up`,
          `addr replace ${addressLine(this.cabling, host, lan)}`,
        ]),
      )
    ));
    await waitForPorts(this.cabling);
  }

  /**
   * Adds the rules of one fault. The others are not written again, though that were simpler: removing a rule costs
   * the kernel some 10 ms, and a fault should be there when this returns, and not long before.
   */
  async #set(drop: Drop): Promise<void> {
    const key = keyOf(drop);
    if (this.#drops.has(key)) await this.#clear(drop);
    this.#drops.set(key, drop);
    await this.#nft(this.#addLines([drop]));
  }

  async #clear(drop: Drop): Promise<void> {
    if (!this.#drops.delete(keyOf(drop))) return;
    await this.#renderDrops();
  }

  /** Writes the wanted state whole, in one transaction. */
  async #renderDrops(): Promise<void> {
    const hook = "{ type filter hook forward priority 0; policy accept; }";
    await this.#nft([
      "add table bridge lab",
      `add chain bridge lab forward ${hook}`,
      "flush chain bridge lab forward",
      ...this.#addLines([...this.#drops.values()]),
    ]);
  }

  #addLines(drops: readonly Drop[]): string[] {
    return drops.flatMap((drop) => dropRules(this.cabling, drop)).map((rule) =>
      `add rule bridge lab forward ${rule}`
    );
  }

  async #nft(lines: readonly string[]): Promise<void> {
    const theSwitch = namespaceOf(this.cabling, "switch");
    await run(["ip", "netns", "exec", theSwitch, "nft", "-f", "-"], {
      stdin: lines.join("\n") + "\n",
    });
  }

  #switch(lines: readonly string[]): Promise<void> {
    return ipBatch(namespaceOf(this.cabling, "switch"), lines);
  }

  async #waitForPort(host: HostName, lan: LanName): Promise<void> {
    const namespace = namespaceOf(this.cabling, "switch");
    const port = portOf(host, lan);
    await waitFor(`port ${port} to forward`, async () => {
      const text = await run(["ip", "-n", namespace, "-d", "-o", "link", "show", "dev", port]);
      return text.includes("LOWER_UP") && text.includes("state forwarding") ? true : null;
    });
  }

  // ------------------------------------------------------------------------------------------- looking

  /** The routes in a table of a host; a table that was never used is empty. */
  async routes(host: HostName, table: number | "main" = 245): Promise<RouteEntry[]> {
    const argv = ["ip", "-n", this.namespace(host), "-j", "route", "show", "table", `${table}`];
    const { code, stdout, stderr } = await attempt(argv);
    if (code === 0) return JSON.parse(stdout) as RouteEntry[];
    if (stderr.includes("FIB table does not exist")) return [];
    throw new Error(`Cannot read the routes of ${host}: ${stderr.trim()}`);
  }

  /** Where a host sends traffic for an address: the gateway in our table, or null for straight. */
  async gateway(host: HostName, address: string): Promise<string | null> {
    const route = (await this.routes(host)).find((entry) => entry.dst === address);
    return route?.gateway ?? null;
  }

  /** Every route and every rule of a host, as text to be compared byte for byte. */
  async routing(host: HostName): Promise<string> {
    const routes = await this.ip(host, "route", "show", "table", "all");
    const rules = await this.ip(host, "rule", "show");
    return `${routes}--\n${rules}`;
  }

  /** The command lines of what runs on the hosts. */
  async running(): Promise<string[]> {
    const pids = await Promise.all(
      this.cabling.hosts.map((host) => namespacePids(this.namespace(host))),
    );
    return pids.flat().map(commandLine).filter((line) => line !== null);
  }

  // ------------------------------------------------------------------------------------------- the end

  /** Stops what is housed here and removes everything. Throws when something else was still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const tenant of this.#tenants.reverse()) await tenant.stop();
      await waitFor(
        "nothing to be left running",
        async () => (await this.running()).length === 0 ? true : null,
        { timeoutMs: 1_000 },
      ).catch(async (error: unknown) => {
        throw new Error(`${String(error)}: ${(await this.running()).join(" | ")}`);
      });
    } finally {
      await this.#remove();
    }
  }

  async #remove(): Promise<void> {
    const { stdout } = await attempt(["ip", "netns", "list"]);
    const names = stdout.split("\n").map((line) => line.split(" ")[0] ?? "");
    const own = `${this.cabling.prefix}-`;
    await removeNamespaces(names.filter((name) => name.startsWith(own)));
    await Deno.remove(this.directory, { recursive: true }).catch(() => {});
  }
}

function keyOf(drop: Drop): string {
  const hosts = [..."host" in drop ? [drop.host] : [], ..."other" in drop ? [drop.other] : []];
  return [drop.kind, ...hosts, drop.lan].join(" ");
}

/** What the switch does with frames it forwards, in nftables' words. */
function dropRules(cabling: Cabling, drop: Drop): string[] {
  const ports = cabling.hosts.map((host) => `iifname "${portOf(host, drop.lan)}"`);
  switch (drop.kind) {
    case "cut":
      return ports.map((port) => `${port} drop`);
    case "cut-host":
      return ["iifname", "oifname"].map((way) => `${way} "${portOf(drop.host, drop.lan)}" drop`);
    case "mute":
      return [`iifname "${portOf(drop.host, drop.lan)}" drop`];
    case "deaf":
      return [`oifname "${portOf(drop.host, drop.lan)}" drop`];
    case "loss": {
      const perTenThousand = Math.round(drop.percent * 100);
      return ports.map((port) => `${port} numgen random mod 10000 < ${perTenThousand} drop`);
    }
    case "cut-between": {
      const [port, other] = [portOf(drop.host, drop.lan), portOf(drop.other, drop.lan)];
      return [[port, other], [other, port]].map(([from, to]) =>
        `iifname "${from}" oifname "${to}" drop`
      );
    }
    case "no-broadcast":
      return ports.map((port) => `${port} ether type ip ether daddr ff:ff:ff:ff:ff:ff drop`);
  }
}
