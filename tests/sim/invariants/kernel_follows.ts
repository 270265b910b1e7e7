/**
 * The kernel is as wanted, but for the time that takes.
 *
 *   after a wish                    -> the request under way and this one: applyMs
 *   after damage done by others     -> it is found by reconciling at the latest
 *   while the switcher is in trouble-> no promise; after it, the longest pause between two tries, while degraded
 */
import { plan } from "../../../lib/core/route_plan.ts";
import type { Ms, WantedRoutes } from "../../../lib/core/types.ts";
import { applyMs, latenessMs, RECONCILE_MS, RETRY_MAX_MS } from "../bounds.ts";
import type { Host } from "../host.ts";
import type { KernelChange } from "../kernel.ts";
import type { Step } from "../process.ts";
import type { Observer } from "../world.ts";
import type { Accuse } from "./violation.ts";

interface Watch {
  wanted: WantedRoutes | null;
  /** Since when the kernel differs, and how long it may; null: it does not. */
  clock: { readonly from: Ms; readonly absentMs: Ms; readonly bound: Ms } | null;
  damagedAt: Ms;
}

/** Watches the kernels of all hosts. */
export class KernelFollows implements Observer {
  readonly #accuse: Accuse;
  readonly #now: () => Ms;
  readonly #watches = new Map<Host, Watch>();

  constructor(now: () => Ms, accuse: Accuse) {
    this.#now = now;
    this.#accuse = accuse;
  }

  started(host: Host): void {
    this.#watches.set(host, { wanted: null, clock: null, damagedAt: -Infinity });
  }

  ended(host: Host): void {
    this.#watches.delete(host);
  }

  switched(host: Host, _changes: readonly KernelChange[]): void {
    this.#compare(host, this.#now());
  }

  disturbed(host: Host, _changes: readonly KernelChange[]): void {
    const watch = this.#watches.get(host);
    if (watch === undefined) return;
    watch.damagedAt = this.#now();
    this.#compare(host, this.#now());
  }

  step(host: Host, step: Step): void {
    const watch = this.#watches.get(host);
    if (watch === undefined) return;
    for (const effect of step.effects) {
      if (effect.kind !== "route") continue;
      watch.wanted = effect.wanted;
      watch.clock = null;
      this.#compare(host, step.at);
    }
    if (watch.clock === null) return;
    if (host.isTroubled) watch.clock = { ...watch.clock, from: step.at };
    const { from, bound, absentMs } = watch.clock;
    const absent = host.absentMs - absentMs;
    const allowed = bound + (step.after.degraded === null ? 0 : RETRY_MAX_MS);
    const lasted = step.at - from - absent;
    if (lasted <= allowed) return;
    const what = `differs from what is wanted since ${lasted.toFixed(1)} ms, allowed are ${
      allowed.toFixed(1)
    }`;
    this.#accuse({ invariant: "kernel-follows", at: step.at, host: host.name, text: what });
  }

  #compare(host: Host, now: Ms): void {
    const watch = this.#watches.get(host);
    if (watch === undefined || watch.wanted === null) return;
    const wanted = { ...watch.wanted, forgetNeighbours: [] };
    const isSame = plan(wanted, host.kernel.read(), host.settings.routing).length === 0;
    if (isSame) watch.clock = null;
    else if (watch.clock === null || watch.damagedAt === now) {
      const isDamaged = watch.damagedAt >= now - RECONCILE_MS;
      const repair = RECONCILE_MS + latenessMs(host);
      const bound = applyMs(host) + (isDamaged ? repair : 0);
      watch.clock = { from: now, absentMs: host.absentMs, bound };
    }
  }
}
