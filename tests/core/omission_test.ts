/** Inquiries that leave a node out, in meshes of requestors whose parts and hosts change meanwhile. */
import { assertEquals } from "@std/assert";
import type { NetworkName, Settings } from "../../lib/core/types.ts";
import { settingsOf } from "./builders.ts";
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
  for (const [host, other] of [[one, two], [two, one]] as const) {
    assertEquals(town.path(host, "A", other).health, "down");
    assertEquals(host.kernel.routes.size, 1);
  }
  return { town, one, two };
}

function reload(town: Town, host: Host, settings: Partial<Settings>): void {
  const nodeName = `node${host.number}`;
  town.feed(host, { kind: "settings", settings: settingsOf({ nodeName, ...settings }) });
}

for (
  const [change, who, settings] of [
    ["the peer becomes a mere responder", "two", { ...FAST, requestor: false }],
    ["we inquire more often than the peer", "one", { ...FAST, intervalMs: 40 }],
  ] as const
) {
  Deno.test(`what a peer's inquiries left out is forgotten where it is judged otherwise: ${change}`, () => {
    const made = halfDead();
    const { town, one, two } = made;
    reload(town, made[who], settings);
    town.advance(1000);
    town.cuts.delete("A 1>2");
    town.advance(5000);
    for (const [host, other] of [[one, two], [two, one]] as const) {
      assertEquals(town.path(host, "A", other).health, "up");
      assertEquals(host.kernel.routes.size, 0);
    }
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
