/** Networks that stay where they are, and only go by another name after a change of the configuration. */
import type { Lan } from "./lan.ts";
import type { Network, NetworkName, NetworkRule } from "./types.ts";

/** From the name that a network had to the one that it has. */
export type Renamings = ReadonlyMap<NetworkName, NetworkName>;

/** The rules by which networks are chosen, and those that counted before. */
export interface RuleChange {
  readonly before: readonly NetworkRule[];
  readonly now: readonly NetworkRule[];
}

/**
 * Which of `lans` are among `networks` by another name; names may be swapped. One that is not there now is known again
 * by its rule, if nothing but the name of that changed.
 */
export function renamingsOf(
  lans: Iterable<Lan>,
  networks: readonly Network[],
  rules: RuleChange,
): Renamings {
  const renamed = new Map<NetworkName, NetworkName>();
  for (const { network, present } of lans) {
    const now = present
      ? networks.find((each) => isSameSite(each, network))
      : successorOf(network.name, rules);
    if (now !== undefined && now.name !== network.name) renamed.set(network.name, now.name);
  }
  return renamed;
}

function successorOf(name: NetworkName, { before, now }: RuleChange): NetworkRule | undefined {
  const rule = before.find((each) => each.name === name);
  if (rule === undefined) return undefined;
  return now.find((each) =>
    each.interfaceName === rule.interfaceName && each.subnet === rule.subnet
  );
}

/** Whether two states of a network are of one place: the same interface, address and subnet. */
export function isSameSite(a: Network, b: Network): boolean {
  return a.interfaceName === b.interfaceName && a.address === b.address &&
    a.prefixLength === b.prefixLength && a.broadcast === b.broadcast;
}
