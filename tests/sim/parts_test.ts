/** The parts of the simulator: a test is worth as much as the world it is made in. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { Event, HostRoute } from "../../lib/core/types.ts";
import { decode } from "../../lib/core/wire.ts";
import { SimKernel } from "./kernel.ts";
import { type Packet, type Port, type Quality, SimLan } from "./lan.ts";
import { BUFFERED_DATAGRAMS, type MachineLike, Process } from "./process.ts";
import { Prng } from "./prng.ts";
import { sealerOf } from "./sealer.ts";
import { settingsOf } from "./settings.ts";
import { Timeline } from "./timeline.ts";
import { World } from "./world.ts";

const PLAIN: Quality = { delayMs: 1, jitterMs: 0, duplicate: 0, reorder: 0, reorderMs: 0 };

function lanOf(
  quality: Partial<Quality> = {},
  deliver: (to: Port, packet: Packet) => void = () => {},
): { lan: SimLan; timeline: Timeline } {
  const timeline = new Timeline();
  const lan = new SimLan("A", { ...PLAIN, ...quality }, timeline, new Prng("lan"), deliver);
  return { lan, timeline };
}

function portOf(lan: SimLan, host: string, number: number): Port {
  const address = `10.0.${number < 100 ? 1 : 2}.${number % 100}`;
  const port = {
    host,
    interfaceName: `eth${number < 100 ? 0 : 1}`,
    index: number,
    lan,
    prefixLength: 24,
    home: address,
    present: true,
    up: true,
    carrier: true,
    address,
  };
  lan.ports.push(port);
  return port;
}

function packetTo(to: string): Packet {
  return { from: "10.0.1.1", port: 1, to, bytes: new Uint8Array() };
}

// ---------------------------------------------------------------------------------------- randomness

Deno.test("the generator gives the same numbers for a seed on every platform", () => {
  const random = new Prng("17");
  const drawn = Array.from({ length: 4 }, () => Math.floor(random.fraction() * 2 ** 32));
  assertEquals(drawn, [2514814859, 3342305803, 939820984, 2415018053]);
});

Deno.test("a stream of its own does not depend on what is drawn elsewhere", () => {
  const [one, other] = [new Prng("1"), new Prng("1")];
  one.fraction();
  assertEquals(one.stream("x").bits64(), other.stream("x").bits64());
  assert(one.stream("x").bits64() !== one.stream("y").bits64());
});

Deno.test("the generator is even: each tenth of the range gets a tenth of the numbers", () => {
  const random = new Prng("even");
  const counts = Array<number>(10).fill(0);
  for (let i = 0; i < 20_000; i++) counts[Math.floor(10 * random.fraction())]! += 1;
  for (const count of counts) assert(Math.abs(count - 2000) < 4 * Math.sqrt(2000 * 0.9));
});

// ---------------------------------------------------------------------------------------------- time

Deno.test("things happen in order of time, and of planning where that is the same", () => {
  const timeline = new Timeline();
  const happened: string[] = [];
  for (const [at, what] of [[5, "c"], [1, "a"], [5, "d"], [3, "b"], [9, "e"]] as const) {
    timeline.at(at, () => happened.push(`${what}${timeline.now}`));
  }
  timeline.runUntil(5);
  assertEquals(happened, ["a1", "b3", "c5", "d5"]);
  timeline.at(0, () => happened.push(`late${timeline.now}`));
  timeline.runUntil(20);
  assertEquals([...happened.slice(4), timeline.now], ["late5", "e9", 20]);
});

Deno.test("nothing can be planned for no time at all", () => {
  assertThrows(() => new Timeline().at(NaN, () => {}), Error, "no time");
});

Deno.test("the timeline keeps its order under any plans", () => {
  const timeline = new Timeline();
  const random = new Prng("order");
  const seen: number[] = [];
  for (let i = 0; i < 2000; i++) {
    timeline.at(random.whole(0, 500), () => {
      seen.push(timeline.now);
      if (random.chance(0.5)) timeline.after(random.whole(0, 50), () => seen.push(timeline.now));
    });
  }
  timeline.runUntil(1000);
  assert(seen.length > 2500);
  assertEquals(seen, [...seen].sort((a, b) => a - b));
});

// ---------------------------------------------------------------------------------------------- LANs

Deno.test("a broadcast reaches all live ports and its sender, a unicast its one address", () => {
  const heard: string[] = [];
  const { lan, timeline } = lanOf({}, (to) => heard.push(`${to.host}@${timeline.now}`));
  const ports = ["a", "b", "c"].map((host, i) => portOf(lan, host, i + 1));
  const [a, b, c] = ports as [Port, Port, Port];
  lan.transmit(a, packetTo("10.0.1.255"));
  timeline.runUntil(10);
  assertEquals(heard, ["a@0", "b@1", "c@1"]);
  heard.length = 0;
  lan.transmit(a, packetTo("10.0.1.2"));
  b.carrier = false;
  c.address = null;
  lan.transmit(a, packetTo("10.0.1.255"));
  timeline.runUntil(20);
  assertEquals(heard, ["a@10"], "what is on its way is lost with the carrier, too");
});

Deno.test("a cut is for its direction and its hosts only", () => {
  const { lan } = lanOf();
  const cut = { from: "a", to: "*", loss: 1, extraDelayMs: 0 };
  lan.troubles.add(cut);
  assertEquals([lan.passes("a", "b"), lan.passes("b", "a"), lan.passes("b", "c")], [
    false,
    true,
    true,
  ]);
  lan.troubles.delete(cut);
  lan.troubles.add({ ...cut, loss: 0.99 });
  assert(lan.passes("a", "b"), "loss is not a cut");
});

Deno.test("loss, duplicates and reordering happen as often as they are asked for", () => {
  const heard: number[] = [];
  const quality = { duplicate: 0.1, reorder: 0.1, reorderMs: 5 };
  const { lan, timeline } = lanOf(quality, (_to, { port }) => heard.push(port));
  const [a] = [portOf(lan, "a", 1), portOf(lan, "b", 2)];
  lan.troubles.add({ from: "*", to: "*", loss: 0.2, extraDelayMs: 0 });
  for (let i = 0; i < 5000; i++) {
    timeline.at(i, () => lan.transmit(a, { ...packetTo("10.0.1.2"), port: i }));
  }
  timeline.runUntil(6000);
  const lost = 5000 - new Set(heard).size;
  assert(Math.abs(lost - 1000) < 120, `${lost} lost`);
  assert(Math.abs(heard.length - 5000 + lost - 400) < 90, "duplicates");
  assert(heard.some((each, i) => i > 0 && each < heard[i - 1]!), "reordered");
});

// -------------------------------------------------------------------------------------------- kernel

function kernelOf(): { kernel: SimKernel; ports: [Port, Port]; route: HostRoute } {
  const { lan } = lanOf();
  const ports: [Port, Port] = [portOf(lan, "a", 1), portOf(lan, "a", 101)];
  const route = {
    address: "10.0.1.2",
    gateway: "10.0.2.2",
    interfaceName: "eth1",
    source: "10.0.1.1",
  };
  return { kernel: new SimKernel(ports), ports, route };
}

Deno.test("the kernel refuses what is there already, what is not there, and what leads nowhere", () => {
  const { kernel, ports, route } = kernelOf();
  assertEquals(kernel.take({ kind: "rule-delete" }), { refused: "No such file or directory" });
  assertEquals(kernel.take({ kind: "rule-add" }), { changed: "+ rule" });
  assertEquals(kernel.take({ kind: "rule-add" }), { refused: "File exists" });
  const add = { kind: "route-add", route } as const;
  assert("changed" in kernel.take(add));
  assertEquals(kernel.take(add), { refused: "File exists" });
  assertEquals(kernel.take({ kind: "route-delete", address: "10.0.1.9" }), {
    refused: "No such process",
  });
  for (
    const bad of [{ gateway: "192.0.2.1" }, { interfaceName: "eth7" }, { source: "192.0.2.2" }]
  ) {
    assert("refused" in kernel.take({ kind: "route-replace", route: { ...route, ...bad } }));
  }
  ports[1].up = false;
  assertEquals(kernel.take({ kind: "route-replace", route }), {
    refused: "Error: Device for nexthop is not up.",
  });
});

Deno.test("the kernel drops routes with the interface or the source, but not with the carrier", () => {
  const cases = [
    [0, { address: null }, []],
    [1, { address: null }, []],
    [1, { up: false }, []],
    [1, { present: false }, []],
    [0, { up: false }, ["10.0.1.2"]],
    [0, { carrier: false }, ["10.0.1.2"]],
    [1, { carrier: false }, ["10.0.1.2"]],
  ] as const;
  for (const [which, change, left] of cases) {
    const { kernel, ports, route } = kernelOf();
    kernel.take({ kind: "route-add", route });
    Object.assign(ports[which], change);
    kernel.portChanged();
    assertEquals([...kernel.read().routes.keys()], left, `${which} ${JSON.stringify(change)}`);
  }
});

Deno.test("our table counts only with our rule, and then before the interfaces' own subnets", () => {
  const { kernel, ports, route } = kernelOf();
  kernel.take({ kind: "route-add", route });
  assertEquals(kernel.lookup("10.0.1.2"), { port: ports[0], hop: "10.0.1.2" });
  kernel.take({ kind: "rule-add" });
  assertEquals(kernel.lookup("10.0.1.2"), { port: ports[1], hop: "10.0.2.2" });
  assertEquals(kernel.lookup("192.0.2.1"), null);
});

// ----------------------------------------------------------------------------------------- processes

/** A machine that wants to be woken every 100 ms and writes down what it was given. */
function diary(): { machine: MachineLike; lines: string[] } {
  const lines: string[] = [];
  let at = 0;
  const machine: MachineLike = {
    handle: ({ kind }, now) => {
      at = now;
      lines.push(`${kind}@${now}`);
      return [];
    },
    nextDeadline: () => at + 100,
    farewell: () => [],
    snapshot: () => ({ node: "", networks: [], peers: [], degraded: null, counters: {} }),
  };
  return { machine, lines };
}

function processOf(machine: MachineLike, lateMs: number) {
  const timeline = new Timeline();
  const tempo = { lateMs, isSteady: true, costMs: 1 };
  const random = new Prng("process");
  const parts = { timeline, random, tempo: () => tempo, done: () => {}, keepsHistory: true };
  return { timeline, process: new Process(machine, parts) };
}

const DATAGRAM: Extract<Event, { kind: "datagram" }> = {
  kind: "datagram",
  network: "A",
  from: "10.0.1.2",
  port: 1,
  bytes: new Uint8Array(),
};

Deno.test("a process wakes for its deadline and for datagrams, late by its tempo, one thing at a time", () => {
  const { machine, lines } = diary();
  const { timeline, process } = processOf(machine, 7);
  timeline.at(50, () => process.receive(DATAGRAM));
  timeline.at(50, () => process.receive(DATAGRAM));
  timeline.runUntil(200);
  assertEquals(lines, ["tick@0", "datagram@57", "datagram@58", "tick@165"]);
});

Deno.test("a frozen process handles nothing, and of what arrives only what the buffer holds is left", () => {
  const { machine, lines } = diary();
  const { timeline, process } = processOf(machine, 0);
  timeline.at(10, () => process.freeze(1000, false));
  timeline.at(20, () => {
    for (let i = 0; i < BUFFERED_DATAGRAMS + 40; i++) process.receive(DATAGRAM);
  });
  timeline.runUntil(1009);
  assertEquals(lines, ["tick@0"]);
  timeline.runUntil(1500);
  const datagrams = lines.filter((line) => line.startsWith("datagram"));
  assertEquals([datagrams.length, process.overflowed], [BUFFERED_DATAGRAMS, 40]);
  assert(lines.includes("tick@1010") || lines.includes("datagram@1010"));
});

Deno.test("a paused process has no idea of it: its clock and its deadlines stood still as well", () => {
  const { machine, lines } = diary();
  const { timeline, process } = processOf(machine, 0);
  timeline.at(10, () => process.freeze(1000, true));
  timeline.runUntil(1299);
  assertEquals(lines, ["tick@0", "tick@100", "tick@200"]);
});

Deno.test("a process that is set back goes on with the memory and the clock that it had", () => {
  const { machine } = diary();
  const { timeline, process } = processOf(machine, 0);
  timeline.runUntil(150);
  const mark = process.mark();
  if (mark === null) throw new Error("nothing waits, so it can be saved");
  timeline.runUntil(1050);
  const { machine: again, lines } = diary();
  process.setBack(again, mark);
  assertEquals(lines, ["tick@0", "tick@100"], "it remembers this");
  timeline.runUntil(1300);
  assertEquals(lines.slice(2), ["tick@200", "tick@300", "tick@400"], "and nothing was in between");
});

Deno.test("a moment at which something waits to be handled cannot be saved", () => {
  const { machine } = diary();
  const { timeline, process } = processOf(machine, 5);
  timeline.runUntil(10);
  process.push({ kind: "kernel-changed" });
  assertEquals(process.mark(), null);
  timeline.runUntil(20);
  assert(process.mark() !== null);
});

// ---------------------------------------------------------------------------------------- signatures

Deno.test("a simulated signature depends on the key and on every bit", () => {
  const bytes = Uint8Array.from({ length: 60 }, (_, i) => i);
  const whole = sealerOf(1).mac(1, bytes);
  assertEquals([whole?.length, sealerOf(1).mac(2, bytes)], [32, null]);
  assertEquals(sealerOf(1).mac(1, bytes.slice()), whole);
  assertNotEquals(sealerOf(2).mac(1, bytes), whole);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const other = bytes.slice();
    other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
    assertNotEquals(sealerOf(1).mac(1, other), whole);
  }
});

// -------------------------------------------------------------------------------------------- worlds

Deno.test("a daemon that is stopped says so on every LAN, one that is killed does not", () => {
  for (const [end, heard] of [["stop", ["A", "B"]], ["kill", []]] as const) {
    const world = new World({ seed: "end", announced: 1 });
    const lans = ["A", "B"].map((name) => world.addLan(name, PLAIN));
    for (const [index, name] of ["a", "b"].entries()) {
      const addresses = lans.map((lan, position) => ({
        lan: lan.name,
        address: `10.0.${position + 1}.${index + 1}`,
        prefixLength: 24,
      }));
      const tempo = { lateMs: 0, isSteady: true, costMs: 0 };
      world.addHost({ name, settings: settingsOf({ nodeName: name }), tempo, addresses });
      world.start(name);
    }
    world.run(2000);
    const spoken = lans.map(({ recent }) => recent.length);
    world[end]("b");
    const words = lans.filter(({ recent }, i) =>
      recent.slice(spoken[i]).some(({ bytes }) => decode(bytes).packet?.goodbyeMs === 30_000)
    );
    assertEquals(words.map(({ name }) => name), [...heard]);
  }
});
