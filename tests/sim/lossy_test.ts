/**
 * A LAN that loses a constant part of what goes over it, beside one that loses nothing: traffic leaves it once, and
 * returns once when it is well again. Rows of misses are kept out of it by a high count, as they are another matter.
 */
import { assert, assertEquals } from "@std/assert";
import type { Ms } from "../../lib/core/types.ts";
import { settingsOf } from "./settings.ts";
import { World } from "./world.ts";

const QUALITY = { delayMs: 0.3, jitterMs: 0.2, duplicate: 0, reorder: 0, reorderMs: 0 };
const TEMPO = { lateMs: 1, isSteady: false, costMs: 0.01 };
const INTERVAL_MS = 100;
const EPISODE_MS: Ms = 60_000;
/** So many misses in a row come by chance in none of these worlds. */
const PATIENT = 30;
const ADDRESSES = ["10.0.1.1", "10.0.1.2"];

/** What one end did about the other's address on the LAN that loses: "+" it left, "-" it returned. */
type Deeds = Readonly<Record<"a" | "b", string>>;

/** Two hosts, the second a requestor or not; loss from `from` to `to` for a minute, then a minute without. */
function episode(seed: string, loss: number, from: string, to: string, isMesh: boolean): Deeds[] {
  const world = new World({ seed, announced: 1 });
  for (const name of ["A", "B"]) world.addLan(name, QUALITY);
  for (const [index, name] of ["a", "b"].entries()) {
    const requestor = index === 0 || isMesh;
    const timers = { intervalMs: INTERVAL_MS, failAfter: PATIENT };
    const settings = settingsOf({ ...timers, requestor, nodeName: name });
    const addresses = ["A", "B"].map((lan, position) => ({
      lan,
      address: `10.0.${position + 1}.${index + 1}`,
      prefixLength: 24,
    }));
    world.addHost({ name, settings, tempo: TEMPO, addresses });
    world.start(name);
  }
  const deeds = { a: "", b: "" };
  world.observers.push({
    switched: ({ name }, changes) => {
      for (const change of changes) {
        const isLeft = ADDRESSES.some((address) =>
          change === `- ${address}` || change.startsWith(`+ ${address} `)
        );
        if (isLeft && (name === "a" || name === "b")) deeds[name] += change[0];
      }
    },
  });
  world.run(5000);
  const trouble = { from, to, loss, extraDelayMs: 0 };
  world.trouble("A", trouble);
  world.run(EPISODE_MS);
  const during = { ...deeds };
  world.mend("A", trouble);
  world.run(EPISODE_MS);
  return [during, deeds];
}

for (const isMesh of [false, true]) {
  const who = isMesh ? "two requestors" : "a requestor and a responder";
  for (const [from, to] of [["*", "*"], ["a", "b"], ["b", "a"]] as const) {
    Deno.test(`${who} leave a LAN that loses 30 % from ${from} to ${to} once, and return once`, () => {
      for (let seed = 1; seed <= 3; seed++) {
        const [during, after] = episode(`lossy ${seed}`, 0.3, from, to, isMesh);
        assertEquals(during, { a: "+", b: "+" }, `seed ${seed}`);
        assertEquals(after, { a: "+-", b: "+-" }, `seed ${seed}`);
      }
    });
  }
  Deno.test(`${who} leave a LAN at most once and return at most once, however much it loses`, () => {
    for (let seed = 1; seed <= 10; seed++) {
      const loss = 0.03 * seed;
      for (const deeds of episode(`lossy ${seed}`, loss, "*", "*", isMesh)) {
        for (const each of [deeds.a, deeds.b]) assert(/^(\+-?)?$/.test(each), `${loss}: ${each}`);
      }
    }
  });
  Deno.test(`${who} do not leave a LAN that loses 2 %`, () => {
    for (let seed = 1; seed <= 3; seed++) {
      assertEquals(episode(`lossy ${seed}`, 0.02, "*", "*", isMesh)[1], { a: "", b: "" });
    }
  });
}
