/** One host with two interfaces in a namespace of its own, for the cases that are played to the real kernel. */

import { IpBatch } from "../../lib/host/ip_batch.ts";
import type { Host } from "../fakes/kernel_contract.ts";
import { attempt, ipBatch, run } from "./command.ts";
import { ownPrefix, removeNamespaces, sweepLeftovers } from "./sweep.ts";
import { waitFor } from "./wait.ts";

let count = 0;

/** Why namespaces cannot be made here, or null. */
export async function namespaceProblem(): Promise<string | null> {
  const name = `${ownPrefix()}-try`;
  const { code, stderr } = await attempt(["ip", "netns", "add", name]);
  if (code !== 0) return stderr.trim();
  await removeNamespaces([name]);
  return null;
}

/** The host, and the batch that is run on it. The far ends of its cables are in a second namespace. */
export class RealHost implements Host, AsyncDisposable {
  readonly batch: IpBatch;
  readonly #near: string;
  readonly #far: string;

  private constructor(prefix: string) {
    this.#near = `${prefix}-near`;
    this.#far = `${prefix}-far`;
    this.batch = new IpBatch({ command: this.command() });
  }

  /** Makes the host as every case wants it. Needs root. */
  static async create(): Promise<RealHost> {
    await sweepLeftovers();
    const host = new RealHost(`${ownPrefix()}-k${++count}`);
    for (const name of [host.#near, host.#far]) await run(["ip", "netns", "add", name]);
    await host.addLink("ethA");
    await host.addLink("ethB");
    await ipBatch(host.#near, [
      "link set lo up",
      "addr add 192.168.1.1/24 brd + dev ethA",
      "addr add 192.168.2.1/24 brd + dev ethB",
    ]);
    return host;
  }

  /** The program with its first arguments that is `ip` on this host; `wrapper` runs it there. */
  command(...wrapper: string[]): string[] {
    return ["ip", "netns", "exec", this.#near, ...wrapper, "ip"];
  }

  exchange: Host["exchange"] = (changes, shows) => this.batch.exchange(changes, shows);

  /** Adds an interface that is up and has its carrier. */
  async addLink(name: string): Promise<void> {
    await ipBatch(this.#near, [
      `link add ${name} type veth peer name ${name} netns ${this.#far}`,
      `link set ${name} up`,
    ]);
    await ipBatch(this.#far, [`link set ${name} up`]);
    await this.#waitForFlags(name, (flags) => flags.includes("LOWER_UP"));
  }

  setUp(name: string, isUp: boolean): Promise<void> {
    return ipBatch(this.#near, [`link set ${name} ${isUp ? "up" : "down"}`]);
  }

  async setCarrier(name: string, hasCarrier: boolean): Promise<void> {
    await ipBatch(this.#far, [`link set ${name} ${hasCarrier ? "up" : "down"}`]);
    await this.#waitForFlags(name, (flags) => flags.includes("NO-CARRIER") !== hasCarrier);
  }

  addAddress(name: string, cidr: string): Promise<void> {
    return ipBatch(this.#near, [`addr add ${cidr} brd + dev ${name}`]);
  }

  removeAddress(name: string, cidr: string): Promise<void> {
    return ipBatch(this.#near, [`addr del ${cidr} dev ${name}`]);
  }

  removeLink(name: string): Promise<void> {
    return ipBatch(this.#near, [`link del ${name}`]);
  }

  /** Gives an interface another name, for which it must be down. */
  rename(name: string, to: string): Promise<void> {
    return ipBatch(this.#near, [
      `link set ${name} down`,
      `link set ${name} name ${to}`,
      `link set ${to} up`,
    ]);
  }

  addNeighbour(address: string, state: string): Promise<void> {
    const how = `lladdr 02:00:00:00:00:01 nud ${state.toLowerCase()}`;
    return ipBatch(this.#near, [`neigh add ${address} dev ethA ${how}`]);
  }

  async neighbours(): Promise<string[]> {
    const shown = await run(["ip", "-n", this.#near, "-4", "-j", "neigh", "show", "dev", "ethA"]);
    return (JSON.parse(shown) as { readonly dst: string }[]).map(({ dst }) => dst);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.batch.close();
    await removeNamespaces([this.#near, this.#far]);
  }

  async #waitForFlags(name: string, fit: (flags: string[]) => boolean): Promise<void> {
    await waitFor(`the state of ${name}`, async () => {
      const shown = await run(["ip", "-n", this.#near, "-j", "link", "show", "dev", name]);
      const [link] = JSON.parse(shown) as { readonly flags: string[] }[];
      return link !== undefined && fit(link.flags) ? true : null;
    });
  }
}
