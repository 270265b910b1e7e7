/** All invariants that hold in every world at every moment. */
import type { World } from "../world.ts";
import { Boundaries } from "./boundaries.ts";
import { Cause } from "./cause.ts";
import { DeadPath } from "./dead_path.ts";
import { Held } from "./held.ts";
import { KernelFollows } from "./kernel_follows.ts";
import { Settled } from "./settled.ts";
import { Together } from "./together.ts";
import type { Accuse } from "./violation.ts";

/** Has a world watched; to be called when all its hosts are added and before the first is started. */
export function watchAll(world: World, accuse: Accuse): { readonly settled: Settled } {
  const settled = new Settled(world, accuse);
  world.observers.push(
    new DeadPath(world, accuse),
    new Held(accuse),
    new KernelFollows(() => world.now, accuse),
    new Cause(accuse),
    new Boundaries(world, accuse),
    settled,
    new Together(world, accuse),
  );
  return { settled };
}
