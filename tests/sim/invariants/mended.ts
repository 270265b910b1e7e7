/** Every fault mended ends in the original routes. */
import type { Host } from "../host.ts";
import { areRelated } from "../traffic.ts";
import type { World } from "../world.ts";
import type { Accuse } from "./violation.ts";

/**
 * Checks a world in which all daemons run, nothing is wrong any more, and the time for everything to return has
 * passed: every related pair sees each other up and goes straight on every LAN that both are on, and no kernel has
 * anything of ours but the rule.
 */
export function checkMended(world: World, accuse: Accuse): void {
  for (const [host, text] of faultsOf(world)) {
    accuse({ invariant: "mended", at: world.now, host: host.name, text });
  }
}

/** Whether all that is so already. */
export function isMended(world: World): boolean {
  return faultsOf(world).next().done === true;
}

function* faultsOf(world: World): Generator<readonly [Host, string]> {
  for (const host of world.hosts.values()) {
    for (const text of kernelFaults(host)) yield [host, text];
    for (const peer of world.hosts.values()) {
      if (areRelated(host, peer)) { for (const text of pathFaults(host, peer)) yield [host, text]; }
    }
  }
}

function* kernelFaults(host: Host): Iterable<string> {
  const { rules, routes } = host.kernel.read();
  if (rules !== 1) yield `there are ${rules} rules`;
  if (routes.size > 0) yield `there are still routes for ${[...routes.keys()].join(" ")}`;
  const degraded = host.process?.snapshot.degraded ?? null;
  if (degraded !== null) yield `it is still degraded: ${degraded}`;
}

function* pathFaults(host: Host, peer: Host): Iterable<string> {
  const paths = host.process?.snapshot.peers.flatMap((each) => each.paths) ?? [];
  for (const { lan, address } of peer.ports) {
    if (!host.ports.some((port) => port.lan === lan)) continue;
    const path = paths.find((each) => each.address === address);
    if (path === undefined) yield `${address} of ${peer.name} is not known`;
    else if (path.health !== "up" || path.route !== null) {
      const way = path.route === null ? "direct" : `via ${path.route.gateway}`;
      yield `${address} of ${peer.name} is ${path.health} and goes ${way}`;
    }
  }
}
