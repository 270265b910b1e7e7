/**
 * Traffic is kept from a path that works no longer than the configuration allows: for the hold-down up to its limit, for
 * the quiet that `failback` asks for, and without an end only where people decide or too much is lost.
 */
import type { Hold, Ms, PathView } from "../../../lib/core/types.ts";
import { latenessMs } from "../bounds.ts";
import type { Host } from "../host.ts";
import type { Step } from "../process.ts";
import type { Observer } from "../world.ts";
import type { Accuse } from "./violation.ts";

/** Since when a path of a host is up, and its traffic elsewhere. */
interface Clock {
  readonly from: Ms;
  readonly absentMs: Ms;
}

/** Watches the holds of all hosts. */
export class Held implements Observer {
  readonly #accuse: Accuse;
  readonly #clocks = new Map<Host, Map<string, Clock>>();

  constructor(accuse: Accuse) {
    this.#accuse = accuse;
  }

  started(host: Host): void {
    this.#clocks.set(host, new Map());
  }

  step(host: Host, { at, before, after }: Step): void {
    if (before === after) return;
    const clocks = this.#clocks.get(host);
    for (const peer of after.peers) {
      for (const path of peer.paths) {
        if (path.hold === null) clocks?.delete(path.address);
        else if (clocks !== undefined) this.#check(host, at, path, path.hold, clocks);
      }
    }
  }

  #check(host: Host, at: Ms, path: PathView, hold: Hold, clocks: Map<string, Clock>): void {
    const why = refusalOf(host, hold);
    if (why !== null) this.#blame(host, at, `${path.address}: ${why}`);
    // Loss ends when it ends; other holds begin when the path comes up, or is clean again.
    if (hold.kind === "lossy") return void clocks.delete(path.address);
    const { absentMs } = host;
    const clock = clocks.get(path.address) ?? { from: at, absentMs };
    clocks.set(path.address, clock);
    if (hold.kind === "manual") return;
    const lasted = at - clock.from - (absentMs - clock.absentMs);
    if (lasted <= hold.holdMs + latenessMs(host)) return;
    this.#blame(host, at, `${path.address} is held since ${lasted.toFixed(1)} ms (${hold.kind})`);
  }

  #blame(host: Host, at: Ms, text: string): void {
    this.#accuse({ invariant: "held", at, host: host.name, text });
  }
}

/** Why the configuration does not allow a hold; null: it does. */
function refusalOf({ settings: { holdDown, failback, loss } }: Host, hold: Hold): string | null {
  switch (hold.kind) {
    case "flapping":
      if (hold.holdMs <= holdDown.limitMs) return null;
      return `held for ${hold.holdMs} ms, the limit is ${holdDown.limitMs}`;
    case "after":
      if (failback.kind === "after" && hold.holdMs === failback.quietMs) return null;
      return `held for ${hold.holdMs} ms, nobody asked for that`;
    case "manual":
      return failback.kind === "manual" ? null : "held until asked, which nobody wanted";
    case "lossy":
      return loss.window > 0 ? null : "held for loss, which is not to count";
  }
}
