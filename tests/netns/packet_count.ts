/** Counts what the hosts' daemons send, at the switch, before any fault that the switch makes. */

import { run } from "./command.ts";
import type { HostName, Lab, LanName } from "./lab.ts";
import { namespaceOf, portOf } from "./topology.ts";

const PORT = 32453;

/** Packets that one host sent on one LAN. */
export interface Sent {
  readonly broadcast: number;
  readonly unicast: number;
}

/** What `nft -j list counters` prints; only what is looked at. */
interface Listing {
  readonly nftables: readonly {
    readonly counter?: { readonly name: string; readonly packets: number };
  }[];
}

/** Counts from now on, for each host and LAN. */
export class PacketCount {
  readonly #lab: Lab;

  private constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Starts to count. One count in a laboratory. */
  static async start(lab: Lab): Promise<PacketCount> {
    const count = new PacketCount(lab);
    const { hosts, lans } = lab.cabling;
    const lines = hosts.flatMap((host) =>
      lans.flatMap((lan) => {
        const port = portOf(host, lan);
        const from = `add rule bridge count frames iifname "${port}" udp dport ${PORT} ether daddr`;
        return [
          `add counter bridge count ${port}b`,
          `add counter bridge count ${port}u`,
          `${from} ff:ff:ff:ff:ff:ff counter name ${port}b`,
          `${from} != ff:ff:ff:ff:ff:ff counter name ${port}u`,
        ];
      })
    );
    await count.#nft(["-f", "-"], [
      "add table bridge count",
      "add chain bridge count frames { type filter hook prerouting priority -300; }",
      ...lines,
    ]);
    return count;
  }

  /** What a host sent on a LAN since the start. */
  async of(host: HostName, lan: LanName): Promise<Sent> {
    const text = await this.#nft(["-j", "list", "counters", "table", "bridge", "count"], []);
    const counters = (JSON.parse(text) as Listing).nftables.map(({ counter }) => counter);
    const packets = (suffix: string): number =>
      counters.find((each) => each?.name === `${portOf(host, lan)}${suffix}`)?.packets ?? NaN;
    return { broadcast: packets("b"), unicast: packets("u") };
  }

  #nft(args: readonly string[], lines: readonly string[]): Promise<string> {
    const theSwitch = namespaceOf(this.#lab.cabling, "switch");
    return run(["ip", "netns", "exec", theSwitch, "nft", ...args], {
      stdin: lines.map((line) => `${line}\n`).join(""),
    });
  }
}
