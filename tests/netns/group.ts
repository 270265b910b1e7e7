/** Daemons on all hosts of a laboratory, and what tests wait for in their routes. */

import { Daemon, type DaemonOptions } from "./daemon.ts";
import type { HostName, Lab, LanName } from "./lab.ts";
import { heard } from "./log_events.ts";
import { waitFor } from "./wait.ts";

/**
 * Starts a daemon on each of the hosts (all, unless named); returns when each has heard every other on every LAN, and all
 * traffic goes straight.
 */
export async function startGroup(
  lab: Lab,
  options: DaemonOptions = {},
  hosts: readonly HostName[] = lab.cabling.hosts,
): Promise<Daemon[]> {
  const daemons = await Promise.all(hosts.map((host) => Daemon.start(lab, host, options)));
  await Promise.all(daemons.map((daemon) => waitForPeers(lab, daemon, hosts)));
  await Promise.all(hosts.map((host) => waitForNoRoutes(lab, host)));
  return daemons;
}

/** Waits until a daemon has heard the nodes on these hosts, on these LANs (all, unless named). */
export async function waitForPeers(
  lab: Lab,
  daemon: Daemon,
  hosts: readonly HostName[] = lab.cabling.hosts,
  lans: readonly LanName[] = lab.cabling.lans,
): Promise<void> {
  const others = hosts.filter((host) => host !== daemon.host);
  const addresses = others.flatMap((other) => lans.map((lan) => lab.address(other, lan)));
  await Promise.all(
    addresses.map((address) => daemon.log.wait(heard(address))),
  );
}

/** Waits until no traffic of a host is moved. */
export async function waitForNoRoutes(lab: Lab, host: HostName): Promise<void> {
  await waitFor(
    `${host} to send all traffic straight`,
    async () => (await lab.routes(host)).length === 0 ? true : null,
  );
}

/** Waits until a host sends the traffic for a peer's address on `of` over LAN `over`, or straight if the same. */
export async function waitForRoute(
  lab: Lab,
  host: HostName,
  peer: HostName,
  route: { readonly of: LanName; readonly over: LanName },
  timeoutMs = 5_000,
): Promise<void> {
  const wanted = route.of === route.over ? null : lab.address(peer, route.over);
  const target = lab.address(peer, route.of);
  let seen: string | null = null;
  await waitFor(
    `${host} to send for ${target} over ${route.over}`,
    async () => {
      seen = await lab.gateway(host, target);
      return seen === wanted ? true : null;
    },
    { timeoutMs },
    () => `it goes ${seen === null ? "straight" : `via ${seen}`}`,
  );
}

/** Waits, on both of two hosts, for the route to the other's address on LAN A. */
export async function waitForPair(
  lab: Lab,
  over: LanName,
  timeoutMs = 5_000,
  [first, second]: readonly [HostName, HostName] = ["h1", "h2"],
): Promise<void> {
  await Promise.all([
    waitForRoute(lab, first, second, { of: "A", over }, timeoutMs),
    waitForRoute(lab, second, first, { of: "A", over }, timeoutMs),
  ]);
}

/** A route in a table of nobody, made and removed to know how far a watch has read. */
const MARK = ["unreachable", "192.0.2.1", "table", "4711"];

/** Watches a route by the kernel's own announcements; `changes` are those of one host's table 245. */
export class RouteWatch {
  readonly #lab: Lab;
  readonly #host: HostName;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  #text = "";

  private constructor(lab: Lab, host: HostName, child: Deno.ChildProcess) {
    this.#lab = lab;
    this.#host = host;
    this.#child = child;
    this.#reading = this.#read(child.stdout);
  }

  /** Starts to watch; returns when it does. */
  static async start(lab: Lab, host: HostName): Promise<RouteWatch> {
    const child = new Deno.Command("ip", {
      args: ["-n", lab.namespace(host), "-o", "monitor", "route"],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const watch = new RouteWatch(lab, host, child);
    lab.house(watch);
    // The kernel lists its netlink socket before that is told of anything (`ip` opens one to ask by first): what counts
    // are the groups that it has joined.
    await waitFor("ip monitor to listen", async () => {
      const text = await lab.run(host, ["cat", "/proc/net/netlink"]);
      return text.split("\n").some((line) => {
        const [, , pid, groups] = line.split(/\s+/);
        return pid === `${child.pid}` && groups !== "00000000";
      }) || null;
    });
    return watch;
  }

  /** Ends the watch: all changes of table 245 announced until now, one a line. */
  async changes(): Promise<string[]> {
    await this.#lab.ip(this.#host, "route", "add", ...MARK);
    await this.#lab.ip(this.#host, "route", "del", ...MARK);
    await waitFor(
      "ip monitor to have told everything",
      () => /^Deleted .* table 4711 .*\n/m.test(this.#text) || null,
    );
    await this.stop();
    return this.#text.split("\n").filter((line) => line.includes("table 245"));
  }

  /** Ends the watch. */
  async stop(): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await this.#reading;
  }

  async #read(pipe: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of pipe.pipeThrough(new TextDecoderStream())) this.#text += text;
  }
}
