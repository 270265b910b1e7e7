/**
 * A healthy world never changes: while nobody touches it, no path goes down and no route but the rule is ever made.
 * For hosts that freeze the first half is promised up to harmlessFreezeMs only: who is silent for longer than it
 * takes to find him dead is found dead, on all LANs alike. His traffic stays where it is all the same.
 */
import type { Notice } from "../../../lib/core/types.ts";
import type { Host } from "../host.ts";
import type { KernelChange } from "../kernel.ts";
import type { Observer, World } from "../world.ts";
import type { Accuse } from "./violation.ts";

/** Watches a world in which nothing goes wrong. */
export class Healthy implements Observer {
  readonly #world: World;
  readonly #accuse: Accuse;
  readonly #mayGoDown: boolean;

  /** `mayGoDown`: hosts freeze for longer than it takes to find them dead. */
  constructor(world: World, mayGoDown: boolean, accuse: Accuse) {
    this.#world = world;
    this.#mayGoDown = mayGoDown;
    this.#accuse = accuse;
  }

  notice(host: Host, notice: Notice): void {
    if (notice.kind !== "path-down" || this.#mayGoDown) return;
    const { node, network, address } = notice.path;
    this.#blame(host, `${node} went down on ${network} (${address})`);
  }

  switched(host: Host, changes: readonly KernelChange[]): void {
    const routes = changes.filter((change) => change !== "+ rule" && change !== "- rule");
    if (routes.length > 0) this.#blame(host, `routes changed: ${routes.join(", ")}`);
  }

  #blame(host: Host, text: string): void {
    this.#accuse({ invariant: "healthy", at: this.#world.now, host: host.name, text });
  }
}
