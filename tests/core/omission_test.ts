/** Inquiries that leave a node out, in meshes of requestors whose parts and hosts change meanwhile. */
import { assertEquals } from "@std/assert";
import type { Health, NetworkName, Settings } from "../../lib/core/types.ts";
import { type Host, Town } from "./town.ts";

const FAST = { intervalMs: 100, restoreAfter: 3 };

/** Two requestors; what the first sends on A is lost, and both know. */
function halfDead(
  networks: readonly NetworkName[] = ["A", "B"],
  settings: Partial<Settings> = FAST,
) {
  const town = new Town();
  const one = town.add(1, networks, settings);
  const two = town.add(2, networks, settings);
  town.advance(2000);
  town.cuts.add("A 1>2");
  town.advance(5000);
  const made = { town, one, two };
  assertBoth(made, "down", 1);
  return made;
}

interface Pair {
  readonly town: Town;
  readonly one: Host;
  readonly two: Host;
}

/** How both see the other on A, and how many routes each has. */
function assertBoth({ town, one, two }: Pair, health: Health, routes: number): void {
  for (const [host, other] of [[one, two], [two, one]] as const) {
    assertEquals(town.path(host, "A", other).health, health);
    assertEquals(host.kernel.routes.size, routes);
  }
}

for (
  const [change, who, settings] of [
    ["the peer becomes a mere responder", "two", { ...FAST, requestor: false }],
    ["we inquire more often than the peer", "one", { ...FAST, intervalMs: 40 }],
  ] as const
) {
  Deno.test(`what a peer's inquiries left out is forgotten where it is judged otherwise: ${change}`, () => {
    const made = halfDead();
    const { town } = made;
    town.reload(made[who], settings);
    town.advance(1000);
    town.cuts.delete("A 1>2");
    town.advance(5000);
    assertBoth(made, "up", 0);
  });
}

Deno.test("a peer that restarts knows nobody at first, and no LAN but the dead one is blamed for it", () => {
  // With one miss to fall one inquiry says much.
  const settings = { ...FAST, failAfter: 1 };
  const { town, one, two } = halfDead(["A", "B", "C"], settings);
  for (let i = 0; i < 4; i++) {
    const place = one.notices.length;
    town.stop(two);
    town.advance(1500);
    town.restart(two, settings);
    town.advance(3000);
    const falls = one.notices.slice(place).filter(({ notice }) => notice.kind === "path-down");
    assertEquals(falls, []);
    assertEquals([...one.kernel.routes.keys()], ["10.1.0.2"]);
    assertEquals(town.path(one, "B", two).hold, null);
  }
});
