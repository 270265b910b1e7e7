/**
 * The cabling of a laboratory: every host is a network namespace with one veth per LAN, every LAN a bridge in
 * one more namespace, the switch. A host's interface on LAN A is `ethA`; its other end, the switch's
 * port, is `h1A`.
 */

import { ipBatch, run } from "./command.ts";
import { waitFor } from "./wait.ts";

/** A host by its name, h1, h2, … */
export type HostName = string;

/** A LAN by its letter, A, B, … */
export type LanName = string;

/** Who is connected to what, and what the namespaces are called. */
export interface Cabling {
  readonly hosts: readonly HostName[];
  readonly lans: readonly LanName[];
  /** Every namespace's name begins so. */
  readonly prefix: string;
}

/** The namespace of a host, or of the switch. */
export function namespaceOf(cabling: Cabling, host: HostName | "switch"): string {
  return `${cabling.prefix}-${host}`;
}

/** A host's address on a LAN: 192.168.1.x on A, 192.168.2.x on B, and so on. */
export function addressOf(cabling: Cabling, host: HostName, lan: LanName): string {
  const network = cabling.lans.indexOf(lan) + 1;
  const node = cabling.hosts.indexOf(host) + 1;
  if (network === 0 || node === 0) throw new Error(`Cannot find ${host} on ${lan}: not cabled`);
  return `192.168.${network}.${node}`;
}

/** The broadcast address of a LAN. */
export function broadcastOf(cabling: Cabling, lan: LanName): string {
  return `192.168.${cabling.lans.indexOf(lan) + 1}.255`;
}

/** The line for `ip -batch` that gives a host its address on a LAN. */
export function addressLine(cabling: Cabling, host: HostName, lan: LanName): string {
  return `${addressOf(cabling, host, lan)}/24 brd + dev eth${lan}`;
}

/** The switch's port for a host's cable to a LAN. */
export function portOf(host: HostName, lan: LanName): string {
  return `${host}${lan}`;
}

/** Makes all namespaces, bridges and cables, and returns when every port forwards and every carrier is up. */
export async function build(cabling: Cabling, addresses: boolean): Promise<void> {
  const theSwitch = namespaceOf(cabling, "switch");
  const namespaces = [theSwitch, ...cabling.hosts.map((host) => namespaceOf(cabling, host))];
  await ipBatch(null, namespaces.map((name) => `netns add ${name}`));
  await Promise.all(namespaces.map(setKernel));
  await ipBatch(theSwitch, switchLines(cabling));
  await Promise.all(cabling.hosts.map((host) => {
    const up = cabling.lans.map((lan) => `link set eth${lan} up`);
    const given = cabling.lans.map((lan) => `addr add ${addressLine(cabling, host, lan)}`);
    return ipBatch(namespaceOf(cabling, host), [
      "link set lo up",
      ...(addresses ? given : []),
      ...up,
    ]);
  }));
  await waitForPorts(cabling);
}

/** No IPv6 chatter, no forwarding, and the reverse-path filter that Debian's systemd sets. */
async function setKernel(namespace: string): Promise<void> {
  const settings = [
    "ipv6/conf/all/disable_ipv6 1",
    "ipv6/conf/default/disable_ipv6 1",
    "ipv4/conf/all/rp_filter 2",
    "ipv4/conf/default/rp_filter 2",
    "ipv4/ip_forward 0",
  ];
  const script = 'while read -r key value; do echo "$value" > "/proc/sys/net/$key" || exit 1; done';
  await run(["ip", "netns", "exec", namespace, "sh", "-c", script], {
    stdin: settings.join("\n") + "\n",
  });
}

function switchLines(cabling: Cabling): string[] {
  const lines: string[] = [];
  for (const lan of cabling.lans) {
    lines.push(`link add br${lan} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`);
    lines.push(`link set br${lan} up`);
    for (const host of cabling.hosts) {
      const port = portOf(host, lan);
      const far = namespaceOf(cabling, host);
      lines.push(`link add ${port} type veth peer name eth${lan} netns ${far}`);
      lines.push(`link set ${port} master br${lan} up`);
    }
  }
  return lines;
}

/** One link as `ip -j -d link show` prints it; only what is looked at. */
interface LinkEntry {
  readonly ifname: string;
  readonly operstate: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_slave_data?: { readonly state?: string } };
}

/** Waits until every port of the switch whose link is set up forwards, and has its carrier. */
export async function waitForPorts(cabling: Cabling): Promise<void> {
  const theSwitch = namespaceOf(cabling, "switch");
  let text = "";
  await waitFor(
    "the switch's ports to forward",
    async () => {
      text = await run(["ip", "-n", theSwitch, "-j", "-d", "link", "show"]);
      const ports = (JSON.parse(text) as LinkEntry[]).filter((link) =>
        link.linkinfo?.info_slave_data !== undefined
      );
      const ready = ports.filter((port) =>
        port.operstate === "UP" && port.flags.includes("LOWER_UP") &&
        port.linkinfo?.info_slave_data?.state === "forwarding"
      );
      return ready.length === cabling.hosts.length * cabling.lans.length ? true : null;
    },
    {},
    () => text,
  );
}
