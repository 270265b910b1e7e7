/** The networks that people took out of use, by name, be they there or not. */
import type { Renamings } from "./renaming.ts";
import type { NetworkName } from "./types.ts";

/** Remembers them, across changes of the configuration too. */
export class Drains {
  readonly #names: Set<NetworkName>;
  /** Those that were drained when the configuration changed. */
  #before: ReadonlySet<NetworkName> = new Set();

  /** `names` were drained before we started. */
  constructor(names: Iterable<NetworkName>) {
    this.#names = new Set(names);
  }

  get names(): readonly NetworkName[] {
    return [...this.#names];
  }

  has(name: NetworkName): boolean {
    return this.#names.has(name);
  }

  /** Takes one out of use, or back into it; returns whether that is new. */
  set(name: NetworkName, on: boolean): boolean {
    if (this.#names.has(name) === on) return false;
    if (on) this.#names.add(name);
    else this.#names.delete(name);
    return true;
  }

  /** The configuration changes: from now on people use the new names. */
  beginRenaming(): void {
    this.#before = new Set(this.#names);
  }

  /** What was drained stays drained by whichever name; so does what people named since the change by its new one. */
  rename(renamed: Renamings): void {
    const drained = new Set(this.#names);
    for (const from of renamed.keys()) this.#names.delete(from);
    for (const [from, to] of renamed) {
      const isWish = drained.has(to) && !this.#before.has(to);
      if (isWish || drained.has(from)) this.#names.add(to);
      else this.#names.delete(to);
    }
  }

  /** Forgets those that there can be no more. */
  keepOnly(isPossible: (name: NetworkName) => boolean): void {
    for (const name of this.#names) if (!isPossible(name)) this.#names.delete(name);
  }
}
