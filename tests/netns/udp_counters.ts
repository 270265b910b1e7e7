/** What a host's kernel counts of the datagrams that its sockets receive. */

import type { HostName, Lab } from "./lab.ts";

/** Datagrams since the host was made, of all its sockets together. */
export interface UdpCounters {
  /** Handed to a socket. */
  readonly taken: number;
  /** Thrown away because a socket's receive buffer was full. */
  readonly overrun: number;
}

/** Reads the counters of a host. */
export async function udpCounters(lab: Lab, host: HostName): Promise<UdpCounters> {
  const text = await lab.run(host, ["cat", "/proc/net/snmp"]);
  // Two lines: the names, and their values in the same order.
  const [names = [], values = []] = text.split("\n").filter((line) => line.startsWith("Udp:"))
    .map((line) => line.split(" "));
  const value = (name: string): number => Number(values[names.indexOf(name)]);
  return { taken: value("InDatagrams"), overrun: value("RcvbufErrors") };
}
