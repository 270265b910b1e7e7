/**
 * No change without a cause, and none that is not told.
 *
 *   cause -> in the step in which the wish for an address changes, something about it changed as well: the health of
 *            a path of its peer, its own misses, the good packets of any, the networks, who has the address; or
 *            the packet taken in says that its path is no good
 *   told  -> a notice that names the address follows within the time in which transitions are told
 */
import { isSameRoute } from "../../../lib/core/route_plan.ts";
import type {
  Address,
  HostRoute,
  Ms,
  Notice,
  PathView,
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
  readonly at: Ms;
  readonly frozenMs: Ms;
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
    const { routes } = host.kernel.read();
    this.#watches.set(host, { routes, untold: [] });
  }

  step(host: Host, step: Step): void {
    const watch = this.#watches.get(host);
    if (watch === undefined) return;
    const changed: Address[] = [];
    for (const effect of step.effects) {
      if (effect.kind === "route") changed.push(...this.#changes(watch, effect.wanted));
    }
    const frozenMs = host.process?.frozenMs ?? 0;
    for (const address of changed) {
      if (!hasCause(address, step)) {
        const text = `the route for ${address} was changed without a cause`;
        this.#accuse({ invariant: "cause", at: step.at, host: host.name, text });
      }
      watch.untold.push({ address, at: step.at, frozenMs });
    }
    for (const effect of step.effects) {
      if (effect.kind !== "notice") continue;
      watch.untold = watch.untold.filter(({ address }) => !names(effect.notice, address));
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
    const frozenMs = host.process?.frozenMs ?? 0;
    for (const untold of watch.untold) {
      const lasted = at - untold.at - (frozenMs - untold.frozenMs);
      if (lasted <= TELL_MS + latenessMs(host)) continue;
      const text = `a change of the route for ${untold.address} was not told`;
      this.#accuse({ invariant: "told", at, host: host.name, text });
    }
  }
}

function hasCause(address: Address, step: Step): boolean {
  if (step.event.kind === "networks") return true;
  const before = peerOf(step.before, address);
  const after = peerOf(step.after, address);
  if (after === null) {
    return step.effects.some((each) => each.kind === "notice" && names(each.notice, address));
  }
  if (before === null) return true;
  if (complains(step, address)) return true;
  return before.length !== after.length || after.some((path) => {
    const old = before.find((each) => each.address === path.address);
    if (old === undefined || old.health !== path.health) return true;
    return path.good > old.good || (path.address === address && path.misses > old.misses);
  });
}

/** Whether the packet of this step says that the path to this address of its sender is no good. */
function complains({ event, after }: Step, address: Address): boolean {
  if (event.kind !== "datagram") return false;
  const { packet } = decode(event.bytes);
  const path = peerOf(after, address)?.find((each) => each.address === address);
  const own = after.networks.find(({ name }) => name === path?.network)?.address;
  if (packet === undefined || own === undefined) return false;
  const theirs = packet.interfaces.find((each) => each.address === address);
  return packet.unheard.includes(own) || theirs?.usable === false || theirs?.hearsNobody === true;
}

/** All paths of the peer that has this address. */
function peerOf(snapshot: Snapshot, address: Address): readonly PathView[] | null {
  const peer = snapshot.peers.find(({ paths }) => paths.some((path) => path.address === address));
  return peer?.paths ?? null;
}

/** Whether a notice says what became of the traffic for an address. */
function names(notice: Notice, address: Address): boolean {
  switch (notice.kind) {
    case "path-down":
    case "path-up":
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
