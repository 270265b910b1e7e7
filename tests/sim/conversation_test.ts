/**
 * Whole conversations, falsified: what two hosts said to each other while something failed between them is thrown at one
 * of them again, whole, cut, with bits turned over, from other addresses, on the other LAN, in any order. Where packets
 * are signed nothing of it may change a route or the health of a path; where they are not, it may do harm on our own
 * networks only. Nothing may throw.
 */
import { assert, assertEquals } from "@std/assert";
import { contains, subnetOf } from "../../lib/core/address.ts";
import type { Address, Effect, Settings } from "../../lib/core/types.ts";
import { changed, flipped } from "./attacker.ts";
import type { Packet, Port } from "./lan.ts";
import { Prng } from "./prng.ts";
import { sealerOf } from "./sealer.ts";
import { settingsOf } from "./settings.ts";
import { World } from "./world.ts";

const QUALITY = { delayMs: 0.3, jitterMs: 0.2, duplicate: 0, reorder: 0, reorderMs: 0 };
const TEMPO = { lateMs: 1, isSteady: false, costMs: 0.01 };
/** Packets that are thrown at a host in one attack. */
const THROWN = 400;

interface Told {
  readonly lan: string;
  readonly packet: Packet;
}

function pairOf(seed: string, own: Partial<Settings>): World {
  const world = new World({ seed, announced: 1 });
  for (const name of ["A", "B"]) world.addLan(name, QUALITY);
  for (const [index, name] of ["a", "b"].entries()) {
    const settings = settingsOf({ intervalMs: 100, nodeName: name, ...own });
    const addresses = ["A", "B"].map((lan, position) => ({
      lan,
      address: `10.0.${position + 1}.${index + 1}`,
      prefixLength: 24,
    }));
    const sealer = own.auth === "off" ? {} : { sealer: sealerOf(4711) };
    world.addHost({ name, settings, tempo: TEMPO, addresses, ...sealer });
  }
  return world;
}

/** Lets the two talk through a few failures, and writes down all that is said. */
function converse(world: World): Told[] {
  const told: Told[] = [];
  world.observers.push({
    step: ({ ports, settings }, { effects }) => {
      for (const { from, lan, effect } of sent(effects, ports)) {
        told.push({
          lan,
          packet: { from, port: settings.port, to: effect.to, bytes: effect.bytes },
        });
      }
    },
  });
  for (const name of ["a", "b"]) world.start(name);
  world.run(1000);
  for (const [from, to] of [["*", "*"], ["a", "b"], ["b", "a"]] as const) {
    const cut = { from, to, loss: 1, extraDelayMs: 0 };
    world.trouble("A", cut);
    world.run(1000);
    world.mend("A", cut);
    world.run(1500);
  }
  world.setPort(world.port("b", "A"), { carrier: false });
  world.run(500);
  world.setPort(world.port("b", "A"), { carrier: true });
  world.stop("b");
  world.run(200);
  world.start("b");
  world.run(20_000);
  world.observers.length = 0;
  return told;
}

function* sent(effects: readonly Effect[], ports: readonly Port[]) {
  for (const effect of effects) {
    if (effect.kind !== "send") continue;
    const port = ports.find(({ lan }) => lan.name === effect.network);
    if (port?.address != null) yield { from: port.address, lan: port.lan.name, effect };
  }
}

/** Throws falsified packets at host a while the world goes on. */
function assail(world: World, told: readonly Told[], random: Prng): void {
  for (let i = 0; i < THROWN; i++) {
    world.run(random.between(0, 8));
    const { lan, packet } = random.pick(told);
    const place = random.chance(0.7) ? lan : random.pick(["A", "B"]);
    const net = place === "A" ? "10.0.1" : "10.0.2";
    const from = random.chance(0.6) ? packet.from : `${net}.${random.pick([1, 2, 77])}`;
    const to = random.pick([`${net}.1`, `${net}.255`]);
    const bytes = random.chance(0.3)
      ? flipped(random, packet.bytes)
      : changed(random, packet.bytes);
    world.inject(place, { from, port: packet.port, to, bytes });
  }
}

/** What became of routes and paths meanwhile, at both hosts. */
function harmOf(world: World): string[] {
  const harm: string[] = [];
  world.observers.push({
    switched: (host, changes) => harm.push(`${host.name}: ${changes.join(", ")}`),
    notice: (host, { kind }) => {
      if (kind === "path-down") harm.push(`${host.name}: ${kind}`);
    },
  });
  return harm;
}

for (const requestors of [1, 2]) {
  const who = requestors === 1 ? "a requestor and a responder" : "two requestors";
  Deno.test(`with a key, what ${who} said and an attacker falsified changes no route and no health`, () => {
    for (let seed = 1; seed <= 8; seed++) {
      const world = pairOf(`told ${seed}`, { auth: "enforce" });
      if (requestors === 1) Object.assign(world.host("b").settings, { requestor: false });
      const told = converse(world);
      assert(told.length > 500);
      const harm = harmOf(world);
      assail(world, told, new Prng(`assail ${seed}`));
      assertEquals(harm, [], `seed ${seed}`);
    }
  });
}

Deno.test("without a key, a falsified conversation throws nothing, and no route leaves our networks", () => {
  let moved = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const world = pairOf(`open ${seed}`, { auth: "off" });
    const told = converse(world);
    const harm = harmOf(world);
    const strange: Address[] = [];
    world.observers.push({ step: (_host, { effects }) => strange.push(...strangers(effects)) });
    assail(world, told, new Prng(`assail ${seed}`));
    assertEquals(strange, [], `seed ${seed}`);
    moved += harm.length;
  }
  assert(moved > 0, "the same attack does harm where nothing is signed, or it would prove nothing");
});

/** Addresses outside the two LANs that something is sent or routed to. */
function strangers(effects: readonly Effect[]): Address[] {
  const ours = ["10.0.1.0", "10.0.2.0"].map((address) => subnetOf(address, 24));
  const named = effects.flatMap((effect) => {
    if (effect.kind === "send") return [effect.to];
    if (effect.kind !== "route") return [];
    return [...effect.wanted.routes.values()].flatMap(({ address, gateway }) => [address, gateway]);
  });
  return named.filter((address) => !ours.some((subnet) => contains(subnet, address)));
}
