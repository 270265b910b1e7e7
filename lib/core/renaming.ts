/** Networks that stay where they are, and only go by another name after a change of the configuration. */
import type { Lan } from "./lan.ts";
import type { Network, NetworkName } from "./types.ts";

/** From the name that a network had to the one that it has. */
export type Renamings = ReadonlyMap<NetworkName, NetworkName>;

/** Which of `lans` are among `networks` by another name; names may be swapped. */
export function renamingsOf(lans: Iterable<Lan>, networks: readonly Network[]): Renamings {
  const renamed = new Map<NetworkName, NetworkName>();
  for (const { network, present } of lans) {
    const now = present ? networks.find((each) => isSameSite(each, network)) : undefined;
    if (now !== undefined && now.name !== network.name) renamed.set(network.name, now.name);
  }
  return renamed;
}

/** Whether two states of a network are of one place: the same interface, address and subnet. */
export function isSameSite(a: Network, b: Network): boolean {
  return a.interfaceName === b.interfaceName && a.address === b.address &&
    a.prefixLength === b.prefixLength && a.broadcast === b.broadcast;
}
