/**
 * Somebody on the LANs who hears everything and has no key: plays back what it heard, on that LAN or on another one,
 * under the address it came from or under that of somebody else, whole, cut, changed or put together anew.
 *
 * Where it pretends to be a host, whatever is wrong between that host and the receiver is in its way as well: somebody
 * who carries packets round a cut is no attacker but a cable.
 */
import type { Ms } from "../../lib/core/types.ts";
import type { Fault } from "./faults.ts";
import type { Packet } from "./lan.ts";
import type { Prng } from "./prng.ts";
import type { World } from "./world.ts";

/** So many of the packets that it heard are remembered. */
const MEMORY = 400;

/** A packet as it was heard. */
interface Heard {
  readonly lan: string;
  readonly packet: Packet;
}

/** Makes an attack that lasts from its begin to its end; what it does is drawn from a stream of its own. */
export function attack(world: World, random: Prng): Fault {
  const own = random.stream(`attack ${random.bits64()}`);
  const paceMs = own.pick([5, 20, 100]);
  const memory: Heard[] = [];
  let isOver = false;
  const turn = () => {
    if (isOver) return;
    listen(world, memory);
    if (memory.length > 0) strike(world, own, own.pick(memory));
    world.timeline.after(nextMs(own, paceMs), turn);
  };
  return {
    begin: () => world.timeline.after(nextMs(own, paceMs), turn),
    end: () => void (isOver = true),
  };
}

function nextMs(random: Prng, paceMs: Ms): Ms {
  return paceMs * random.between(0.2, 1.8);
}

function listen(world: World, memory: Heard[]): void {
  for (const lan of world.lans.values()) {
    const packet = lan.recent.at(-1);
    if (packet !== undefined && memory.at(-1)?.packet !== packet) {
      memory.push({ lan: lan.name, packet });
    }
  }
  memory.splice(0, memory.length - MEMORY);
}

function strike(world: World, random: Prng, { lan, packet }: Heard): void {
  const place = random.chance(0.3) ? random.pick([...world.lans.keys()]) : lan;
  const { ports } = world.lan(place);
  // By chance nobody may be on a LAN.
  if (ports.length === 0) return;
  const someone = random.pick(ports).home;
  const from = random.chance(0.3) ? someone : packet.from;
  const net = someone.replace(/\d+$/, "");
  const to = random.pick([packet.to, `${net}255`, random.pick(ports).home]);
  const host = world.ownerOf(from)?.name ?? "";
  world.inject(place, { from, port: packet.port, to, bytes: changed(random, packet.bytes) }, host);
}

/** The bytes of a packet as they are, or with something wrong about them. */
export function changed(random: Prng, bytes: Uint8Array): Uint8Array {
  switch (random.whole(0, 4)) {
    case 0:
      return bytes.slice(0, random.whole(0, bytes.length));
    case 1:
      return flipped(random, bytes);
    case 2:
      return Uint8Array.from([...bytes, ...bytes.slice(random.whole(0, bytes.length))]);
    default:
      return bytes;
  }
}

/** With some bits turned over. */
export function flipped(random: Prng, bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let i = random.whole(1, 4); i > 0 && copy.length > 0; i--) {
    const at = random.whole(0, copy.length - 1);
    copy[at] = (copy[at] as number) ^ (1 << random.whole(0, 7));
  }
  return copy;
}
