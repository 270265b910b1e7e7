/** Each invariant notices what it is there for: a machine that is wrong in just that way is found out. */
import { assert, assertEquals } from "@std/assert";
import * as broken from "./broken.ts";
import { Boundaries } from "./invariants/boundaries.ts";
import { type InvariantName, INVARIANTS, type Violation } from "./invariants/violation.ts";
import { makeWorld, type Mode } from "./plan.ts";
import { Prng } from "./prng.ts";
import type { MachineMaker } from "./process.ts";
import { runSeed } from "./run_seed.ts";

/** So many worlds are tried; a fault need not show in each. */
const WORLDS = 12;

interface Case {
  readonly invariant: InvariantName;
  readonly by: string;
  readonly machine: MachineMaker;
  readonly mode: Mode;
  readonly faults?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    invariant: "dead-path",
    by: "a machine that moves no traffic off a dead path",
    machine: broken.stubborn,
    mode: "single",
    faults: ["lan cut"],
  },
  {
    invariant: "dead-path",
    by: "a machine that leaves moved traffic on a carrier that died",
    machine: broken.immovable,
    mode: "storm",
    faults: ["lan cut", "no carrier"],
  },
  {
    invariant: "held",
    by: "a machine that calls it a hold that it never takes a route back",
    machine: broken.clutching,
    mode: "single",
    faults: ["lan cut"],
  },
  {
    invariant: "together",
    by: "one machine of two that does not listen to what the other says at once",
    machine: broken.heedlessAt("n2"),
    mode: "single",
    faults: ["no carrier"],
  },
  {
    invariant: "kernel-follows",
    by: "a machine that does not look whether its routes last",
    machine: broken.trusting,
    mode: "storm",
    faults: ["rule deleted"],
  },
  {
    invariant: "cause",
    by: "a machine that moves traffic for no reason",
    machine: broken.whimsical,
    mode: "healthy",
  },
  {
    invariant: "told",
    by: "a machine that does not say what it does about routes",
    machine: broken.silent,
    mode: "single",
    faults: ["lan cut"],
  },
  {
    invariant: "own-networks",
    by: "a machine that routes over a foreign gateway",
    machine: broken.astray,
    mode: "single",
    faults: ["lan cut"],
  },
  {
    invariant: "own-networks",
    by: "a machine that sends to strangers",
    machine: broken.gossiping,
    mode: "healthy",
  },
  {
    invariant: "limits",
    by: "a machine whose deadline is never in the future",
    machine: broken.restless,
    mode: "healthy",
  },
  {
    invariant: "limits",
    by: "a machine that wants to be woken all the time",
    machine: broken.nervous,
    mode: "healthy",
  },
  {
    invariant: "limits",
    by: "a machine that fills the log",
    machine: broken.talkative,
    mode: "healthy",
  },
  {
    invariant: "agreement",
    by: "one machine of two that moves no traffic",
    machine: broken.stubbornAt("n2"),
    mode: "single",
    faults: ["one way between two"],
  },
  {
    invariant: "traffic",
    by: "a machine that leaves traffic on a dead LAN",
    machine: broken.stubborn,
    mode: "single",
    faults: ["lan cut"],
  },
  {
    invariant: "healthy",
    by: "a machine that says that a path went down",
    machine: broken.hysterical,
    mode: "healthy",
  },
  {
    invariant: "healthy",
    by: "a machine that makes a route",
    machine: broken.whimsical,
    mode: "healthy",
  },
  {
    invariant: "mended",
    by: "a machine that never takes a route back",
    machine: broken.clinging,
    mode: "single",
    faults: ["lan cut"],
  },
];

for (const { invariant, by, machine, mode, faults } of CASES) {
  Deno.test(`the invariant ${invariant} is broken by ${by}`, () => {
    const chosen = faults === undefined ? {} : { faults };
    const options = { mode, ...chosen, invariants: [invariant] };
    let found: Violation | null = null;
    for (let seed = 1; seed <= WORLDS && found === null; seed++) {
      assertEquals(runSeed(`${seed}`, options).violation, null, "the right machine keeps it");
      found = runSeed(`${seed}`, { ...options, makeMachine: machine }).violation;
    }
    assert(found !== null, `not noticed in ${WORLDS} worlds`);
  });
}

Deno.test("the invariant nothing-left is broken by a route that outlives a clean end", () => {
  const world = makeWorld("1", new Prng("1"), "healthy");
  const found: Violation[] = [];
  world.observers.push(new Boundaries(world, (violation) => found.push(violation)));
  world.start("n1");
  world.run(1000);
  const { kernel } = world.host("n1");
  world.stop("n1");
  assertEquals(found, []);
  world.start("n1");
  world.run(1000);
  world.observers.unshift({
    ended: () =>
      kernel.alterRoute({ address: "10.0.1.2", gateway: "10.0.2.2", interfaceName: "eth1" }),
  });
  world.stop("n1");
  assertEquals(found.map(({ invariant }) => invariant), ["nothing-left"]);
});

Deno.test("every invariant has a case that breaks it", () => {
  const broken = new Set([...CASES.map(({ invariant }) => invariant), "nothing-left"]);
  assertEquals([...INVARIANTS].sort(), [...broken].sort());
});
