/** A LAN that is dead one way before its ends know each other there: both find out, and use the other one. */
import { assertEquals } from "@std/assert";
import type { Settings } from "../../lib/core/types.ts";
import { at } from "./builders.ts";
import { type Host, Town } from "./town.ts";

const T = 1000;

const ROLES: readonly [string, Partial<Settings>][] = [
  ["two requestors", {}],
  ["a requestor and a mere responder", { requestor: false }],
];
const WAYS = ["1>2", "2>1", "*>*"];

/** Two hosts on A and B that start one after the other, the second one with these settings. */
function start(town: Town, second: Partial<Settings>): [Host, Host] {
  const one = town.add(1, ["A", "B"]);
  town.advance(370);
  return [one, town.add(2, ["A", "B"], second)];
}

/** Where each sends what is for the other's address on A, and how often that changed. */
function assertMoved(town: Town, [one, two]: readonly [Host, Host], of: string): void {
  for (const [host, other] of [[one, two], [two, one]] as const) {
    const { gateway } = host.kernel.routes.get(at("A", other.number)) ?? {};
    assertEquals(gateway, at("B", other.number), `${host.number} of ${of}`);
    assertEquals(town.path(host, "A", other).health, "down", of);
    assertEquals(host.kernel.routes.size, 1, of);
  }
}

/** With the cut mended nothing is left of it. */
function assertMended(town: Town, hosts: readonly [Host, Host]): void {
  town.cuts.clear();
  town.advance(40 * T);
  for (const host of hosts) assertEquals(host.kernel.routes.size, 0);
}

for (const [who, second] of ROLES) {
  for (const way of WAYS) {
    Deno.test(`${who}: a cut ${way} of A that is there from the start moves both ends`, () => {
      const town = new Town();
      town.cuts.add(`A ${way}`);
      const hosts = start(town, second);
      town.advance(15 * T);
      assertMoved(town, hosts, way);
      town.advance(60 * T);
      assertEquals(hosts.map(({ changes }) => changes.length), [1, 1]);
      assertMended(town, hosts);
    });

    Deno.test(`${who}: a cut ${way} of A that is there before one of them starts anew moves both ends`, () => {
      for (const number of [0, 1]) {
        const town = new Town();
        const hosts = start(town, second);
        town.advance(8 * T);
        const host = hosts[number] as Host;
        town.stop(host);
        town.cuts.add(`A ${way}`);
        town.advance(5 * T);
        town.restart(host, number === 0 ? {} : second);
        town.advance(20 * T);
        assertMoved(town, hosts, `${number}`);
        // Once more, when only one of them has to find out.
        town.stop(host);
        town.advance(5 * T);
        town.restart(host, number === 0 ? {} : second);
        town.advance(20 * T);
        assertMoved(town, hosts, `${number}`);
        assertMended(town, hosts);
      }
    });
  }
}
