/**
 * No change without a cause, and none that is not told.
 *
 *   cause -> in the step in which the wish for an address changes, something about it changed as well: the health of
 *            a path of its peer, its own misses, the good packets of any, what they lose, the networks, who has the
 *            address; a hold began or ended; people asked for it; or the packet taken in says that its path is no good
 *   told  -> a notice that names the address follows within the time in which transitions are told
 */
import { isSameRoute } from "../../../lib/core/route_plan.ts";
import type {
  Address,
  HostRoute,
  Ms,
  NetworkName,
  Notice,
  Snapshot,
  WantedRoutes,
} from "../../../lib/core/types.ts";
import { decode } from "../../../lib/core/wire.ts";
import { latenessMs, TELL_MS } from "../bounds.ts";
import type { Host } from "../host.ts";
import type { Step } from "../process.ts";
import type { Observer } from "../world.ts";
import type { Accuse } from "./violation.ts";

interface Untold {
  readonly address: Address;
  readonly network: NetworkName | null;
  readonly at: Ms;
  readonly absentMs: Ms;
}

interface Watch {
  routes: ReadonlyMap<Address, HostRoute>;
  untold: Untold[];
}

/** Watches every wish of every host. */
export class Cause implements Observer {
  readonly #accuse: Accuse;
  readonly #watches = new Map<Host, Watch>();

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  started(host: Host): void {
    // One that was set back knows what it wanted.
    const paths = host.process?.snapshot.peers.flatMap((peer) => peer.paths) ?? [];
    const wanted = paths.flatMap(({ address, route }) =>
      route === null ? [] : [[address, route] as const]
    );
    const routes = paths.length > 0 ? new Map(wanted) : host.kernel.read().routes;
    this.#watches.set(host, { routes, untold: [] });
  }

  ended(host: Host, isClean: boolean): void {
    const watch = this.#watches.get(host);
    if (watch === undefined || !isClean) return;
    for (const { address } of watch.untold) {
      const text = `a change of the route for ${address} was not told before the end`;
      this.#accuse({ invariant: "told", at: Infinity, host: host.name, text });
    }
  }

  notice(host: Host, notice: Notice): void {
    const watch = this.#watches.get(host);
    if (watch === undefined || watch.untold.length === 0) return;
    watch.untold = watch.untold.filter(({ address, network }) => !names(notice, address, network));
  }

  step(host: Host, step: Step): void {
    const watch = this.#watches.get(host);
    if (watch === undefined) return;
    const before = watch.routes;
    const changed: Address[] = [];
    for (const effect of step.effects) {
      if (effect.kind === "route") changed.push(...this.#changes(watch, effect.wanted));
    }
    const { absentMs } = host;
    for (const address of changed) {
      if (!isSameWay(before.get(address), watch.routes.get(address)) && !hasCause(address, step)) {
        const text = `the route for ${address} was changed without a cause`;
        this.#accuse({ invariant: "cause", at: step.at, host: host.name, text });
      }
      const path = peerOf(step.after, address)?.paths.find((each) => each.address === address);
      watch.untold.push({ address, network: path?.network ?? null, at: step.at, absentMs });
    }
    this.#checkTold(host, step.at, watch);
  }

  /** The addresses for which another route is wanted than before; those to keep are not touched. */
  #changes(watch: Watch, wanted: WantedRoutes): Address[] {
    const before = watch.routes;
    const after = new Map(wanted.routes);
    for (const address of wanted.keep) {
      const kept = before.get(address);
      if (kept !== undefined && !after.has(address)) after.set(address, kept);
    }
    watch.routes = after;
    return [...new Set([...before.keys(), ...after.keys()])].filter((address) => {
      const [old, wish] = [before.get(address), after.get(address)];
      return old === undefined || wish === undefined ? old !== wish : !isSameRoute(old, wish);
    });
  }

  #checkTold(host: Host, at: Ms, watch: Watch): void {
    const { absentMs } = host;
    for (const untold of watch.untold) {
      const lasted = at - untold.at - (absentMs - untold.absentMs);
      if (lasted <= TELL_MS + latenessMs(host)) continue;
      const text = `a change of the route for ${untold.address} was not told`;
      this.#accuse({ invariant: "told", at, host: host.name, text });
    }
  }
}

/** Whether two routes differ by their source at most, which is put right whenever a node is looked at. */
function isSameWay(one: HostRoute | undefined, other: HostRoute | undefined): boolean {
  return one?.gateway === other?.gateway && one?.interfaceName === other?.interfaceName;
}

function hasCause(address: Address, step: Step): boolean {
  if (step.event.kind === "networks" || step.event.kind === "failback") return true;
  const before = peerOf(step.before, address);
  const after = peerOf(step.after, address);
  // Nobody has it any more, or the time of an adopted route is over.
  if (after === null) {
    return before !== null ||
      step.effects.some((each) => each.kind === "notice" && names(each.notice, address, null));
  }
  if (before === null) return true;
  if (complains(step, address)) return true;
  return before.paths.length !== after.paths.length || after.paths.some((path) => {
    const old = before.paths.find((each) => each.address === path.address);
    if (old === undefined || old.health !== path.health || old.loss !== path.loss) return true;
    if (old.hold?.kind !== path.hold?.kind) return true;
    return path.good > old.good || (path.address === address && path.misses > old.misses);
  });
}

/** Whether the packet of this step says that the path to this address of its sender is no good. */
function complains({ event, after }: Step, address: Address): boolean {
  if (event.kind !== "datagram") return false;
  const { packet } = decode(event.bytes);
  const path = peerOf(after, address)?.paths.find((each) => each.address === address);
  const own = after.networks.find(({ name }) => name === path?.network)?.address;
  if (packet === undefined || own === undefined) return false;
  const theirs = packet.interfaces.find((each) => each.address === address);
  if (packet.lossy.length > 0) return true;
  return packet.unheard.includes(own) || theirs?.usable === false || theirs?.hearsNobody === true;
}

/** The peer that has this address. */
function peerOf(snapshot: Snapshot, address: Address): Snapshot["peers"][number] | null {
  return snapshot.peers.find(({ paths }) => paths.some((path) => path.address === address)) ?? null;
}

/** Whether a notice says what became of the traffic for an address, which is or was on this network. */
function names(notice: Notice, address: Address, network: NetworkName | null): boolean {
  switch (notice.kind) {
    case "network-silent":
    case "network-heard":
      return notice.network === network;
    case "path-down":
    case "path-up":
    case "path-lossy":
    case "path-clean":
    case "rerouted":
      return notice.actions.some((action) => action.address === address);
    case "address-gone":
      return notice.path.address === address;
    case "adopted-removed":
      return notice.address === address;
    default:
      return false;
  }
}
