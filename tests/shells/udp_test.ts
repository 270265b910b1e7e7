import { assertEquals, assertMatch } from "@std/assert";
import type { Network } from "../../lib/core/types.ts";
import { delay, monotonicNow } from "../../lib/host/clock.ts";
import { openUdpSocket } from "../../lib/host/udp.ts";
import { type DatagramSocket, UdpHub, type UdpListener } from "../../lib/udp_hub.ts";

const LOOPBACK: Network = {
  name: "lo",
  interfaceName: "lo",
  family: 4,
  address: "127.0.0.1",
  prefixLength: 8,
  broadcast: "127.255.255.255",
  usable: true,
};
const HOST = { open: openUdpSocket, now: monotonicNow, delay };

/** A port that nobody uses at the moment. */
function freePort(): number {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = socket.addr as Deno.NetAddr;
  socket.close();
  return port;
}

/** Another host, as far as loopback has one; its own address tells its datagrams from ours. */
async function withNeighbour(
  port: number,
  use: (neighbour: DatagramSocket) => Promise<void>,
): Promise<void> {
  const opened = openUdpSocket("127.0.0.2", port);
  if (opened.kind === "failed") throw new Error(opened.reason);
  await use(opened.socket);
  opened.socket.close();
}

async function received(socket: DatagramSocket): Promise<string> {
  const datagram = await socket.receive(new Uint8Array(2048));
  if (datagram.kind !== "datagram") throw new Error(datagram.kind);
  return `${datagram.from}:${datagram.port} ${datagram.bytes.join(".")}`;
}

/** A hub that puts what it is told into a list, and a promise for the list's having so many lines. */
function listen() {
  const told: string[] = [];
  let wake = () => {};
  const tell = (line: string) => {
    told.push(line);
    wake();
  };
  const listener: UdpListener = {
    datagram: (network, from, _port, bytes) =>
      tell(`${network} ${from} ${bytes.length} ${bytes.slice(0, 4).join(".")}`),
    sendFailed: (network, reason) => tell(`send ${network}: ${reason}`),
    receiveFailed: (network, reason) => tell(`receive ${network}: ${reason}`),
  };
  const lines = async (count: number) => {
    while (told.length < count) await new Promise<void>((resolve) => wake = resolve);
    return told;
  };
  return { hub: new UdpHub(HOST, listener), lines };
}

Deno.test("broadcasts and unicasts come in by their sockets, and answers go out from our own address", async () => {
  const port = freePort();
  const { hub, lines } = listen();
  assertEquals(await hub.sync([LOOPBACK], port), []);
  await withNeighbour(port, async (neighbour) => {
    await neighbour.send(Uint8Array.of(1, 2, 3, 4), "127.255.255.255", port);
    assertEquals(await lines(1), ["lo 127.0.0.2 4 1.2.3.4"]);
    await neighbour.send(Uint8Array.of(5, 6, 7, 8), "127.0.0.1", port);
    assertEquals((await lines(2))[1], "lo 127.0.0.2 4 5.6.7.8");
    hub.send("lo", "127.0.0.2", port, Uint8Array.of(9, 10));
    assertEquals(await received(neighbour), `127.0.0.1:${port} 9.10`);
  });
  hub.close();
});

Deno.test("our own broadcasts come back and go no further", async () => {
  const port = freePort();
  const { hub, lines } = listen();
  await hub.sync([LOOPBACK], port);
  await withNeighbour(port, async (neighbour) => {
    hub.send("lo", "127.255.255.255", port, Uint8Array.of(1, 2, 3, 4));
    hub.send("lo", "127.0.0.2", port, Uint8Array.of(1));
    // The second has arrived, so the first was sent before what follows.
    await received(neighbour);
    await neighbour.send(Uint8Array.of(5, 6, 7, 8), "127.255.255.255", port);
    assertEquals(await lines(1), ["lo 127.0.0.2 4 5.6.7.8"]);
  });
  hub.close();
});

Deno.test("an over-long datagram is cut to a length that no packet has", async () => {
  const port = freePort();
  const { hub, lines } = listen();
  await hub.sync([LOOPBACK], port);
  await withNeighbour(port, async (neighbour) => {
    await neighbour.send(new Uint8Array(9000), "127.0.0.1", port);
    assertEquals(await lines(1), ["lo 127.0.0.2 2048 0.0.0.0"]);
  });
  hub.close();
});

Deno.test("a hundred sends in one turn all arrive in their order", async () => {
  const port = freePort();
  const { hub } = listen();
  await hub.sync([LOOPBACK], port);
  await withNeighbour(port, async (neighbour) => {
    for (let i = 0; i < 100; i++) hub.send("lo", "127.0.0.2", port, Uint8Array.of(i));
    const told: string[] = [];
    while (told.length < 100) told.push(await received(neighbour));
    assertEquals(told, Array.from({ length: 100 }, (_, i) => `127.0.0.1:${port} ${i}`));
  });
  hub.close();
});

Deno.test("a send that the kernel refuses is told in its words", async () => {
  const port = freePort();
  const { hub, lines } = listen();
  await hub.sync([LOOPBACK], port);
  hub.send("lo", "127.0.0.1", port, new Uint8Array(70_000));
  assertEquals(await lines(1), ["send lo: Message too long"]);
  hub.close();
});

Deno.test("a port in use and an address that is not ours are told apart", async () => {
  const port = freePort();
  const first = listen();
  const second = listen();
  assertEquals(await first.hub.sync([LOOPBACK], port), []);
  assertEquals(await second.hub.sync([LOOPBACK], port), [
    {
      name: "lo",
      reason: `UDP port ${port} of 127.0.0.1 is in use by another program`,
      isOwn: true,
    },
    {
      name: "lo",
      reason: `UDP port ${port} of 127.255.255.255 is in use by another program`,
      isOwn: false,
    },
  ]);
  const absent = {
    ...LOOPBACK,
    name: "absent",
    address: "198.51.100.1",
    broadcast: "198.51.100.255",
  };
  assertEquals(await second.hub.sync([absent], port), [
    { name: "absent", reason: "198.51.100.1 is not an address of this host", isOwn: true },
    { name: "absent", reason: "198.51.100.255 is not an address of this host", isOwn: false },
  ]);
  first.hub.close();
  second.hub.close();
});

Deno.test("a network that is renamed while it listens has its sockets at once again", async () => {
  const port = freePort();
  const { hub, lines } = listen();
  await hub.sync([LOOPBACK], port);
  assertEquals(await hub.sync([{ ...LOOPBACK, name: "renamed" }], port), []);
  await withNeighbour(port, async (neighbour) => {
    await neighbour.send(Uint8Array.of(1, 2, 3, 4), "127.255.255.255", port);
    assertEquals(await lines(1), ["renamed 127.0.0.2 4 1.2.3.4"]);
  });
  hub.close();
});

Deno.test("a socket without the right to it is a failure with a reason", async () => {
  const source = import.meta.resolve("../../lib/host/udp.ts");
  const code = `import { openUdpSocket } from ${JSON.stringify(source)};
    console.log(JSON.stringify(openUdpSocket("127.0.0.1", 1234)));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", "--unstable-net", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const { stdout } = await child.output();
  assertMatch(new TextDecoder().decode(stdout), /"kind":"failed","reason":"UDP port 1234 of 127/);
});
