import { assertEquals } from "@std/assert";
import type { Network } from "../../lib/core/types.ts";
import { UdpHub } from "../../lib/udp_hub.ts";
import { FakeUdpHost, settle } from "./fake_udp.ts";

const PORT = 32453;

function network(name: string, subnet: string, usable = true): Network {
  return {
    name,
    interfaceName: `eth${name}`,
    family: 4,
    address: `${subnet}.1`,
    prefixLength: 24,
    broadcast: `${subnet}.255`,
    usable,
  };
}

const A = network("A", "10.0.1");
const B = network("B", "10.0.2");

function createHub() {
  const host = new FakeUdpHost();
  const told: string[] = [];
  const hub = new UdpHub(host, {
    datagram: (network, from, port, bytes) =>
      told.push(`${network} ${from}:${port} ${new TextDecoder().decode(bytes).slice(0, 20)}`),
    sendFailed: (network, reason) => told.push(`send ${network}: ${reason}`),
    receiveFailed: (network, reason) => told.push(`receive ${network}: ${reason}`),
  });
  return { host, hub, told };
}

Deno.test("each network has a socket on its own address and one on its broadcast address", async () => {
  const { host, hub } = createHub();
  assertEquals(await hub.sync([A, B], PORT), []);
  assertEquals(host.openAddresses(), [
    "10.0.1.1:32453",
    "10.0.1.255:32453",
    "10.0.2.1:32453",
    "10.0.2.255:32453",
  ]);
});

Deno.test("a datagram is told with the network of the socket that it came by", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A, B], PORT);
  host.at("10.0.2.255:32453").deliver("inquiry", "10.0.2.7", 999);
  host.at("10.0.1.1:32453").deliver("answer", "10.0.1.7");
  await settle();
  assertEquals(told, ["B 10.0.2.7:999 inquiry", "A 10.0.1.7:32453 answer"]);
});

Deno.test("datagrams of one socket are told in their order, each with its own bytes", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A], PORT);
  for (const text of ["first and long", "2nd", "third"]) host.at("10.0.1.1:32453").deliver(text);
  await settle();
  assertEquals(told.map((line) => line.slice("A 10.0.0.9:32453 ".length)), [
    "first and long",
    "2nd",
    "third",
  ]);
});

Deno.test("a datagram longer than the buffer is cut, not lost", async () => {
  const host = new FakeUdpHost();
  const lengths: number[] = [];
  const hub = new UdpHub(host, {
    datagram: (_network, _from, _port, bytes) => lengths.push(bytes.length),
    sendFailed: () => {},
    receiveFailed: () => {},
  });
  await hub.sync([A], PORT);
  host.at("10.0.1.1:32453").deliver("x".repeat(9000));
  await settle();
  assertEquals(lengths, [2048]);
});

Deno.test("a network that goes, changes or comes does not disturb the others", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A, B], PORT);
  const ofA = host.opened.slice(0, 2);
  const moved = { ...B, address: "10.0.2.77" };
  await hub.sync([moved, A], PORT);
  assertEquals(ofA.map(({ closed }) => closed), [false, false]);
  assertEquals(host.openAddresses().slice(2), ["10.0.2.77:32453", "10.0.2.255:32453"]);
  await hub.sync([A], PORT);
  assertEquals(host.openAddresses(), ["10.0.1.1:32453", "10.0.1.255:32453"]);
  ofA[0]!.deliver("still there");
  await settle();
  assertEquals(told, ["A 10.0.0.9:32453 still there"]);
});

Deno.test("a network that lost its carrier keeps its sockets", async () => {
  const { host, hub } = createHub();
  await hub.sync([A], PORT);
  await hub.sync([{ ...A, usable: false, reason: "no carrier" }], PORT);
  assertEquals(host.opened.length, 2);
  assertEquals(host.openAddresses().length, 2);
});

Deno.test("an address may move from one network to another in one step", async () => {
  const { host, hub } = createHub();
  await hub.sync([A], PORT);
  assertEquals(await hub.sync([{ ...A, name: "renamed" }], PORT), []);
  assertEquals(host.openAddresses(), ["10.0.1.1:32453", "10.0.1.255:32453"]);
});

Deno.test("networks that only go by other names keep their sockets and what waits in them", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A, B], PORT);
  hub.send("A", "10.0.1.7", 9, new Uint8Array([1]));
  assertEquals(await hub.sync([{ ...A, name: "B" }, { ...B, name: "A" }], PORT), []);
  assertEquals(host.opened.length, 4);
  host.at("10.0.1.1:32453").deliver("by 1", "10.0.1.7", 9);
  host.at("10.0.2.255:32453").deliver("by 2", "10.0.2.7", 9);
  hub.send("B", "10.0.1.7", 9, new Uint8Array([2]));
  await hub.flushed();
  await settle();
  assertEquals(told, ["B 10.0.1.7:9 by 1", "A 10.0.2.7:9 by 2"]);
  assertEquals(host.at("10.0.1.1:32453").sent.length, 2);
});

Deno.test("another port opens everything anew", async () => {
  const { host, hub } = createHub();
  await hub.sync([A], PORT);
  await hub.sync([A], 4000);
  assertEquals(host.openAddresses(), ["10.0.1.1:4000", "10.0.1.255:4000"]);
});

Deno.test("what cannot be opened is told, and tried again with the next call only", async () => {
  const { host, hub } = createHub();
  host.refusals.set("10.0.1.255", "it is taken");
  assertEquals(await hub.sync([A, B], PORT), [
    { name: "A", reason: "it is taken", isOwn: false },
  ]);
  assertEquals(host.openAddresses().length, 3);
  host.refusals.clear();
  assertEquals(await hub.sync([A, B], PORT), []);
  assertEquals(host.openAddresses().length, 4);
  assertEquals(host.opened.length, 4);
});

Deno.test("a socket on our own address that cannot be opened is told as that", async () => {
  const { host, hub } = createHub();
  host.refusals.set("10.0.1.1", "it is taken");
  assertEquals(await hub.sync([A, B], PORT), [{ name: "A", reason: "it is taken", isOwn: true }]);
});

Deno.test("of two networks on one subnet the second is told to be indistinguishable", async () => {
  const { hub } = createHub();
  const twin: Network = { ...A, name: "twin", address: "10.0.1.2" };
  assertEquals(await hub.sync([A, twin], PORT), [{
    name: "twin",
    reason: "10.0.1.255 is in use for network A already: they cannot be told apart",
    isOwn: false,
  }]);
});

Deno.test("a send goes out of the socket on our own address", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A, B], PORT);
  hub.send("B", "10.0.2.255", PORT, new TextEncoder().encode("inquiry"));
  await settle();
  const bytes = new TextEncoder().encode("inquiry");
  assertEquals(host.at("10.0.2.1:32453").sent, [
    { bytes, text: "inquiry", to: "10.0.2.255", port: PORT },
  ]);
  assertEquals(told, []);
});

Deno.test("a send that fails is told with its reason, and on its network only", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A, B], PORT);
  host.at("10.0.1.1:32453").sendOutcome = Promise.resolve("Network is unreachable");
  hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  hub.send("B", "10.0.2.2", PORT, new Uint8Array(1));
  await settle();
  assertEquals(told, ["send A: Network is unreachable"]);
  assertEquals(host.at("10.0.2.1:32453").sent.length, 1);
});

Deno.test("a send on a network without a socket is told later, not from within the call", async () => {
  const { hub, told } = createHub();
  hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  assertEquals(told, []);
  await settle();
  assertEquals(told, ["send A: no socket is open on it"]);
});

Deno.test("while the kernel takes nothing, sends are bounded, and told of once", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A], PORT);
  host.at("10.0.1.1:32453").sendOutcome = new Promise(() => {});
  for (let i = 0; i < 1100; i++) hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  await settle();
  assertEquals(told, ["send A: 1024 datagrams are waiting to be sent"]);
});

Deno.test("sends go out one after the other, and one that fails does not hold up the next", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A], PORT);
  const socket = host.at("10.0.1.1:32453");
  socket.sendOutcome = Promise.resolve("Network is unreachable");
  hub.send("A", "10.0.1.2", PORT, new TextEncoder().encode("1"));
  socket.sendOutcome = undefined;
  for (const text of ["2", "3", "4"]) {
    hub.send("A", "10.0.1.2", PORT, new TextEncoder().encode(text));
  }
  await settle();
  assertEquals(told, ["send A: Network is unreachable"]);
  assertEquals(socket.sent.map(({ text }) => text), ["2", "3", "4"]);
});

Deno.test("a hub is drained when the kernel has taken all that was sent, and at once where nothing waits", async () => {
  const { host, hub } = createHub();
  await hub.flushed();
  await hub.sync([A, B], PORT);
  await hub.flushed();
  assertEquals(host.waits, []);
  const socket = host.at("10.0.1.1:32453");
  const outcome = Promise.withResolvers<string | null>();
  socket.sendOutcome = outcome.promise;
  for (let i = 0; i < 2; i++) hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  hub.send("B", "10.0.2.2", PORT, new Uint8Array(1));
  let isFlushed = false;
  const flushed = hub.flushed().then(() => isFlushed = true);
  await settle();
  assertEquals(isFlushed, false);
  socket.sendOutcome = undefined;
  outcome.resolve(null);
  await flushed;
  assertEquals([socket.sent.length, host.at("10.0.2.1:32453").sent.length], [1, 1]);
  await hub.flushed();
});

Deno.test("a socket that takes nothing any more is not waited for longer than a fifth of a second", async () => {
  const { host, hub } = createHub();
  await hub.sync([A], PORT);
  host.at("10.0.1.1:32453").sendOutcome = new Promise(() => {});
  hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  const flushed = hub.flushed();
  await settle();
  assertEquals(host.waits.map(({ delayMs }) => delayMs), [200]);
  host.waits[0]?.resolve();
  await flushed;
});

Deno.test("what waits to be sent when its socket is lost is told as not sent", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A], PORT);
  const socket = host.at("10.0.1.1:32453");
  const outcome = Promise.withResolvers<string | null>();
  socket.sendOutcome = outcome.promise;
  hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  socket.fail("Bad file descriptor");
  await settle();
  host.refusals.set("10.0.1.1", "it is taken");
  await hub.sync([A], PORT);
  outcome.resolve("its socket was closed");
  await settle();
  assertEquals(told, [
    "receive A: Bad file descriptor",
    "send A: its socket was closed",
    "send A: no socket is open on it",
  ]);
});

Deno.test("a send that fails because its network has gone meanwhile is nobody's concern", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A], PORT);
  const outcome = Promise.withResolvers<string | null>();
  host.at("10.0.1.1:32453").sendOutcome = outcome.promise;
  hub.send("A", "10.0.1.2", PORT, new Uint8Array(1));
  await hub.sync([], PORT);
  outcome.resolve("its socket was closed");
  await settle();
  assertEquals(told, []);
});

Deno.test("failures to receive are told once, waited out longer and longer, and end", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A], PORT);
  const socket = host.at("10.0.1.1:32453");
  for (let i = 0; i < 9; i++) socket.fail("No buffer space available");
  const waited: number[] = [];
  for (;;) {
    await settle();
    const wait = host.waits.shift();
    if (wait === undefined) break;
    waited.push(wait.delayMs);
    wait.resolve();
  }
  assertEquals(waited, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  assertEquals(told, ["receive A: No buffer space available"]);
  socket.deliver("back");
  await settle();
  assertEquals(told.slice(1), ["A 10.0.0.9:32453 back"]);
  socket.fail("No buffer space available");
  await settle();
  assertEquals(told.length, 3);
  assertEquals(host.waits.map(({ delayMs }) => delayMs), [10]);
});

Deno.test("a failing socket does not hold up the others and is opened anew by the next sync", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A, B], PORT);
  const failing = host.at("10.0.1.1:32453");
  failing.fail("Bad file descriptor");
  host.at("10.0.2.1:32453").deliver("fine");
  await settle();
  assertEquals(told, ["receive A: Bad file descriptor", "B 10.0.0.9:32453 fine"]);
  assertEquals(await hub.sync([A, B], PORT), []);
  assertEquals(failing.closed, true);
  host.at("10.0.1.1:32453").deliver("anew");
  await settle();
  assertEquals(told.at(-1), "A 10.0.0.9:32453 anew");
  assertEquals(host.opened.length, 5);
});

Deno.test("a flood lets the timers have a turn, a steady stream is not held up", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A], PORT);
  const socket = host.at("10.0.1.1:32453");
  for (let i = 0; i < 200; i++) socket.deliver(`${i}`);
  await settle();
  assertEquals(told.length, 128);
  assertEquals(host.waits.map(({ delayMs }) => delayMs), [0]);
  host.waits.shift()!.resolve();
  await settle();
  assertEquals(told.length, 200);
  host.nowMs += 1000;
  for (let i = 0; i < 128; i++) socket.deliver(`${i}`);
  await settle();
  assertEquals(told.length, 328);
  assertEquals(host.waits, []);
});

Deno.test("calls of sync are worked off one after the other, the last one counts", async () => {
  const { host, hub } = createHub();
  await hub.sync([A], PORT);
  const results = await Promise.all([
    hub.sync([{ ...A, name: "other" }], PORT),
    hub.sync([B], PORT),
    hub.sync([A, B], PORT),
  ]);
  assertEquals(results, [[], [], []]);
  assertEquals(host.openAddresses().toSorted(), [
    "10.0.1.1:32453",
    "10.0.1.255:32453",
    "10.0.2.1:32453",
    "10.0.2.255:32453",
  ]);
});

Deno.test("a hub that is closed while it waits for an address opens nothing more", async () => {
  const { host, hub } = createHub();
  await hub.sync([A], PORT);
  const synced = hub.sync([{ ...A, name: "other" }], PORT);
  hub.close();
  assertEquals(await synced, []);
  await settle();
  assertEquals(host.openAddresses(), []);
});

Deno.test("nothing is told after close, and every socket is closed", async () => {
  const { host, hub, told } = createHub();
  await hub.sync([A, B], PORT);
  host.at("10.0.1.1:32453").deliver("too late");
  hub.close();
  await settle();
  assertEquals(told, []);
  assertEquals(host.openAddresses(), []);
});
