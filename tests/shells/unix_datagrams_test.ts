import { assert, assertEquals, assertMatch } from "@std/assert";
import { monotonicUs, openServiceSocket, parseUptime } from "../../lib/host/service_socket.ts";
import { openSyslog } from "../../lib/host/syslog.ts";
import { unixDatagrams } from "../../lib/host/unix_datagrams.ts";

async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync();
  try {
    await use(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** A receiver of datagrams. */
class Receiver implements Disposable {
  readonly #socket: Deno.DatagramConn;
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.#socket = Deno.listenDatagram({ transport: "unixpacket", path });
  }

  /** The next one. */
  async next(): Promise<string> {
    const [bytes] = await this.#socket.receive();
    return new TextDecoder().decode(bytes);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    Deno.removeSync(this.path);
  }
}

/** Longer than any test takes. */
const LONG_MS = 10_000;

Deno.test("datagrams arrive whole and in order, and the sender leaves no name behind", async () => {
  await withFolder(async (dir) => {
    using receiver = new Receiver(`${dir}/log`);
    const troubles: string[] = [];
    const options = { target: receiver.path, ownPath: `${dir}/own` };
    const sender = unixDatagrams({ ...options, failed: (reason) => troubles.push(reason) });
    for (let i = 0; i < 20; i++) sender.send(`line ${i}\nof two`);
    for (let i = 0; i < 20; i++) assertEquals(await receiver.next(), `line ${i}\nof two`);
    await sender.flushed(LONG_MS);
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["log"]);
    sender.close();
    assertEquals(troubles, []);
  });
});

Deno.test("a receiver that is not there, and one that goes, cost nothing but what was sent", async () => {
  await withFolder(async (dir) => {
    const troubles: string[] = [];
    const options = { target: `${dir}/log`, ownPath: `${dir}/own` };
    const sender = unixDatagrams({ ...options, failed: (reason) => troubles.push(reason) });
    sender.send("lost");
    sender.send("lost");
    await sender.flushed(LONG_MS);
    assertEquals(troubles.length, 1);
    assertMatch(troubles[0]!, /No such file/);
    {
      using receiver = new Receiver(options.target);
      sender.send("first");
      assertEquals(await receiver.next(), "first");
    }
    sender.send("lost again");
    await sender.flushed(LONG_MS);
    assertEquals(troubles.length, 2);
    using receiver = new Receiver(options.target);
    sender.send("second");
    assertEquals(await receiver.next(), "second");
    sender.close();
  });
});

Deno.test("a receiver that reads nothing holds up nobody, and what waits is bounded", async () => {
  await withFolder(async (dir) => {
    using receiver = new Receiver(`${dir}/log`);
    const troubles: string[] = [];
    const options = { target: receiver.path, ownPath: `${dir}/own` };
    const sender = unixDatagrams({ ...options, failed: (reason) => troubles.push(reason) });
    const text = "x".repeat(1000);
    for (let i = 0; i < 5000 && troubles.length === 0; i++) {
      sender.send(text);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assertEquals(troubles, ["it takes no more"]);
    const began = performance.now();
    await sender.flushed(50);
    assert(performance.now() - began < LONG_MS);
    sender.close();
  });
});

Deno.test("a folder that is gone is a trouble, and none once it is there again", async () => {
  await withFolder(async (dir) => {
    using receiver = new Receiver(`${dir}/log`);
    const troubles: string[] = [];
    const syslog = openSyslog(`${dir}/run`, (reason) => troubles.push(reason), receiver.path);
    syslog.write("lost");
    await new Promise((resolve) => setTimeout(resolve, 0));
    Deno.mkdirSync(`${dir}/run`);
    syslog.write("there");
    assertEquals(await receiver.next(), "there");
    assertEquals(troubles.length, 1);
    syslog.write("last");
    await syslog.close();
    assertEquals(await receiver.next(), "last");
  });
});

Deno.test("a service manager is reached by a path, and by nothing else", async () => {
  await withFolder(async (dir) => {
    using receiver = new Receiver(`${dir}/notify`);
    const troubles: string[] = [];
    const opened = openServiceSocket(receiver.path, dir, (reason) => troubles.push(reason));
    if (opened.kind !== "open") throw new Error(opened.reason);
    opened.datagrams.send("READY=1\nSTATUS=up");
    assertEquals(await receiver.next(), "READY=1\nSTATUS=up");
    opened.datagrams.close();
    assertEquals(openServiceSocket("@abstract", dir, () => {}), {
      kind: "failed",
      reason: "Cannot use NOTIFY_SOCKET: must be a full path, is @abstract",
    });
  });
});

Deno.test("the monotonic clock is read from the kernel and never behind", async () => {
  assertEquals(parseUptime("16572.19 17153.06\n"), 16_572_200_000);
  for (const text of ["", "x", "1.5 2.5\n"]) assertEquals(parseUptime(text), null);
  const before = parseUptime(Deno.readTextFileSync("/proc/uptime"))!;
  const found = await monotonicUs();
  const after = parseUptime(Deno.readTextFileSync("/proc/uptime"))!;
  assert(found !== null && before <= found && found <= after);
});
