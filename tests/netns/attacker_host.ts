/** A host that hears what is not meant for it, and sends under the names of others. */

import { run } from "./command.ts";
import type { Mask } from "./flood.ts";
import type { HostName, Lab, LanName } from "./lab.ts";
import { namespaceOf, portOf } from "./topology.ts";

/** The port of the daemons, which is also that of everything that the attacker sends. */
export const PORT = 32453;

/** The attacker's place on a LAN. */
export interface Seat {
  readonly lan: LanName;
  readonly own: string;
  readonly broadcast: string;
  /** Those who are attacked, and what they are called here. */
  readonly victims: Readonly<Record<HostName, string>>;
  readonly masks: readonly Mask[];
}

/** Takes a seat on each LAN: masks for each victim, on each LAN by ports of their own. */
export function seatsOf(lab: Lab, attacker: HostName, victims: readonly HostName[]): Seat[] {
  return lab.cabling.lans.map((lan, index) => {
    const addresses = victims.map((host) => lab.address(host, lan));
    return {
      lan,
      own: lab.address(attacker, lan),
      broadcast: lab.broadcast(lan),
      victims: Object.fromEntries(victims.map((host) => [host, lab.address(host, lan)])),
      masks: addresses.map((address, each) => ({
        address,
        localPort: 40_001 + 100 * index + each,
      })),
    };
  });
}

/**
 * Makes a host hear what is not meant for it, and puts the names on what it sends. Its neighbours are made by hand: as
 * it sends under the names of others, its own requests would spoil theirs.
 */
export async function arm(lab: Lab, attacker: HostName, seats: readonly Seat[]): Promise<void> {
  const rules = seats.flatMap(({ lan, own, masks }) => [
    `add table netdev lab${lan}`,
    `add chain netdev lab${lan} in { type filter hook ingress device "eth${lan}" priority 0; }`,
    `add rule netdev lab${lan} in meta pkttype other udp dport ${PORT} ` +
    `meta pkttype set host ip daddr set ${own}`,
    ...masks.map(({ address, localPort }) =>
      `add rule ip lab out udp sport ${localPort} udp sport set ${PORT} ip saddr set ${address}`
    ),
  ]);
  const lines = [
    "add table ip lab",
    "add chain ip lab out { type filter hook postrouting priority 0; }",
    ...rules,
  ];
  await run(lab.onHost(attacker, ["nft", "-f", "-"]), { stdin: lines.join("\n") + "\n" });
  for (const { lan, victims } of seats) {
    for (const [host, address] of Object.entries(victims)) {
      const shown = await lab.ip(host, "-j", "link", "show", "dev", `eth${lan}`);
      const [link] = JSON.parse(shown) as { readonly address: string }[];
      const neighbour = [address, "lladdr", link?.address ?? "", "dev", `eth${lan}`];
      await lab.ip(attacker, "neigh", "replace", ...neighbour, "nud", "permanent");
    }
  }
}

/** Whether the switch sends what is for one host of a LAN to that host's port only. */
export async function setLearning(lab: Lab, lan: LanName, learns: boolean): Promise<void> {
  const base = ["ip", "-n", namespaceOf(lab.cabling, "switch"), "link", "set", "dev"];
  for (const host of lab.cabling.hosts) {
    const slave = [portOf(host, lan), "type", "bridge_slave"];
    await run([...base, ...slave, "learning", learns ? "on" : "off", "fdb_flush"]);
  }
}
