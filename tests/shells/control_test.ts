import { assert, assertEquals } from "@std/assert";
import type { Controlled, Status } from "../../lib/control_protocol.ts";
import { ControlServer } from "../../lib/control_server.ts";
import { createAlarm, delay, monotonicNow } from "../../lib/host/clock.ts";
import { connectControl, groupIdIn, listenControl } from "../../lib/host/control.ts";

const PING = { version: "0", pid: 1, uptimeMs: 0, loopAgoMs: 0, sockets: true, routes: null };
const CONTROLLED: Controlled = {
  overview: () => PING as unknown as Status,
  ping: () => PING,
  peers: (from) =>
    from > 5_000 ? [] : Array.from({ length: 25 }, (_, i) => ({
      number: from + i,
      node: "n".repeat(200),
      requestor: true,
      intervalMs: 1,
      stopping: false,
      paths: [],
    })),
  failback: () => ({ held: 0 }),
  drain: () => Promise.resolve({ error: "no" }),
  reload: () => Promise.resolve({ changed: [], keyIds: null, warnings: [] }),
};

/** A server on a socket in a folder of its own. */
async function serving(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control.sock`;
  const opened = listenControl(path, null);
  if (opened.kind === "failed") throw new Error(opened.reason);
  const server = new ControlServer(opened.listener, CONTROLLED, {
    now: monotonicNow,
    alarm: createAlarm,
    delay,
  });
  try {
    await use(path);
  } finally {
    server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function connect(path: string): Promise<Deno.UnixConn> {
  return await Deno.connect({ transport: "unix", path });
}

async function ask(path: string, bytes: Uint8Array): Promise<string> {
  const connection = await connect(path);
  try {
    await connection.write(bytes).catch(() => 0);
    return await new Response(connection.readable).text().catch(() => "");
  } finally {
    try {
      connection.close();
    } catch {
      // The stream has closed it.
    }
  }
}

function text(of: string): Uint8Array {
  return new TextEncoder().encode(of);
}

Deno.test("the socket is for its owner and its group only, and is gone once it is closed", async () => {
  let socket = "";
  await serving(async (path) => {
    socket = path;
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o660);
    const answer = JSON.parse(await ask(path, text('{"command":"ping"}\n')));
    assertEquals(answer, { ok: true, ...PING, end: true });
    assertEquals([...Deno.readDirSync(path.replace(/\/[^/]*$/, ""))].length, 1);
  });
  assertEquals((await connectControl(socket)).kind, "absent");
});

Deno.test("what a dead predecessor left is replaced, whatever it is", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control.sock`;
  const dead = Deno.listen({ transport: "unix", path });
  dead.close();
  assertEquals((await connectControl(path)).kind, "absent", "nobody listens there");
  const left = Deno.listen({ transport: "unix", path: `${path}.new` });
  left.close();
  const opened = listenControl(path, null);
  assertEquals(opened.kind, "open");
  const connected = await connectControl(path);
  assertEquals(connected.kind, "connected");
  if (connected.kind === "connected") connected.connection.close();
  if (opened.kind === "open") opened.listener.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a socket that cannot be made is a failure with a reason, and leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  Deno.mkdirSync(`${folder}/control.sock/in/the/way`, { recursive: true });
  const opened = listenControl(`${folder}/control.sock`, null);
  assertEquals(opened.kind, "failed");
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["control.sock"]);
  assertEquals(listenControl(`${folder}/${"x".repeat(200)}`, null).kind, "failed");
  assertEquals(listenControl(`${folder}/missing/x`, null).kind, "failed");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the group is looked up by its name; one that is missing is a problem, not a failure", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control.sock`;
  const opened = listenControl(path, "no-such-group");
  assertEquals(opened.kind, "open");
  if (opened.kind === "failed") return;
  assert(opened.problem?.includes("there is no such group"));
  const line = Deno.readTextFileSync("/etc/group").split("\n")
    .find((each) => Number(each.split(":")[2]) > 0) ?? "";
  const [name = "", , id] = line.split(":");
  if (Deno.uid() === 0) {
    assertEquals(opened.listener.regroup(name), null);
    assertEquals(Deno.statSync(path).gid, Number(id));
    assertEquals(opened.listener.regroup(null), null);
    assertEquals(Deno.statSync(path).gid, Deno.gid());
  }
  opened.listener.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a group's number is read from its line, and from no other", () => {
  const groups = "root:x:0:\nadm:x:4:syslog\nno-number:x:\nadmx:x:44:\n";
  assertEquals(groupIdIn(groups, "adm"), 4);
  for (const group of ["ad", "x", "no-number", "", "syslog"]) {
    assertEquals(groupIdIn(groups, group), null);
  }
});

Deno.test("garbage of any size harms nobody: the next one who asks is answered", async () => {
  await serving(async (path) => {
    const random = crypto.getRandomValues(new Uint8Array(60_000));
    for (const length of [0, 1, 100, 4095, 4096, 4097, 60_000]) {
      await Promise.race([ask(path, random.slice(0, length)), delay(50)]);
      const answer = await ask(path, text('{"command":"ping"}\n'));
      assertEquals(JSON.parse(answer).ok, true);
    }
  });
});

Deno.test("a state of a hundred kilobytes arrives whole at many who ask at once", async () => {
  await serving(async (path) => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => ask(path, text('{"command":"status"}\n'))),
    );
    for (const answer of answers) {
      const lines = answer.trimEnd().split("\n");
      assertEquals(lines.length, Math.floor(5_000 / 25) + 3);
      assertEquals(JSON.parse(lines.at(-1) ?? ""), { ok: true, end: true });
    }
  });
});

Deno.test("who does not read, and who goes away in the middle, keep nobody from their answer", async () => {
  await serving(async (path) => {
    const lazy: Deno.UnixConn[] = [];
    for (let i = 0; i < 10; i++) {
      const connection = await connect(path);
      await connection.write(text('{"command":"status"}\n'));
      if (i < 5) lazy.push(connection);
      else connection.close();
    }
    assertEquals(JSON.parse(await ask(path, text('{"command":"ping"}\n'))).ok, true);
    for (const connection of lazy) connection.close();
  });
});
