import { assertEquals, assertMatch } from "@std/assert";
import {
  lookAtLock,
  ownProgram,
  parsePortHolders,
  portHolders,
  programOf,
  variableOf,
  wordsOf,
} from "../../lib/host/daemon_look.ts";
import { killProcess, startDetached } from "../../lib/host/detached.ts";
import { lockRunDir } from "../../lib/host/lock.ts";
import { waitFor } from "../netns/wait.ts";
import { Child, lockingChild } from "./child.ts";

async function withRunDir(body: (runDir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync();
  try {
    await body(`${dir}/run`);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("a lock is free where there is no directory, and none is made", async () => {
  await withRunDir(async (runDir) => {
    assertEquals(await lookAtLock(runDir), { kind: "free" });
    assertEquals(await lookAtLock(`${runDir}/deeper`), { kind: "free" });
    let made = true;
    try {
      Deno.statSync(runDir);
    } catch {
      made = false;
    }
    assertEquals(made, false);
  });
});

Deno.test("a lock is its holder's while that lives, stopped or not, and free once it is killed", async () => {
  await withRunDir(async (runDir) => {
    await using child = lockingChild(runDir);
    assertEquals(await child.line(), "locked");
    assertEquals(await lookAtLock(runDir), { kind: "held", pid: child.pid });
    child.kill("SIGSTOP");
    assertEquals(await lookAtLock(runDir), { kind: "held", pid: child.pid });
    assertEquals(killProcess(child.pid), null);
    assertEquals(await lookAtLock(runDir, 10_000), { kind: "free", leftPid: child.pid });
    assertEquals(Deno.readTextFileSync(`${runDir}/lock`), `${child.pid}\n`);
    assertEquals(
      killProcess(2 ** 22 + 1),
      null,
      "a process that is not there is as good as killed",
    );
  });
});

Deno.test("of a lock that was given back it is told only that it is free", async () => {
  await withRunDir(async (runDir) => {
    const locked = await lockRunDir(runDir);
    if (locked.kind !== "locked") throw new Error(locked.kind);
    locked.lock.release();
    assertEquals(await lookAtLock(runDir), { kind: "free" });
  });
});

Deno.test("looking takes the lock from nobody", async () => {
  await withRunDir(async (runDir) => {
    for (let i = 0; i < 5; i++) {
      const [look, locked] = await Promise.all([lookAtLock(runDir), lockRunDir(runDir)]);
      if (locked.kind !== "locked") throw new Error(JSON.stringify(look));
      locked.lock.release();
    }
  });
});

Deno.test("a lock file without a pid, or that cannot be opened, is told so", async () => {
  await withRunDir(async (runDir) => {
    const locked = await lockRunDir(runDir);
    if (locked.kind !== "locked") throw new Error(locked.kind);
    Deno.writeTextFileSync(`${runDir}/lock`, "");
    assertEquals(await lookAtLock(runDir), { kind: "held", pid: null });
    locked.lock.release();
    Deno.removeSync(runDir, { recursive: true });
    Deno.writeTextFileSync(runDir, "");
    assertEquals((await lookAtLock(runDir)).kind, "failed");
  });
});

Deno.test("a process is known by the name of its file, and the words it was started with", async () => {
  assertEquals(await programOf(Deno.pid), ownProgram());
  assertEquals(await programOf(2 ** 22 + 1), null);
  const [program, command] = await wordsOf(Deno.pid);
  assertEquals([program?.endsWith(ownProgram()), command], [true, "test"]);
  assertEquals(await wordsOf(2 ** 22 + 1), []);
});

Deno.test("what the environment of a process said is known, where it said it", async () => {
  const env = { FAILD_RUN_DIR: "/run/a=b", OTHER_FAILD_RUN_DIR: "/run/c" };
  const child = new Deno.Command("/bin/sleep", { args: ["60"], env, clearEnv: true }).spawn();
  try {
    assertEquals(await variableOf(child.pid, "FAILD_RUN_DIR"), "/run/a=b");
    assertEquals(await variableOf(child.pid, "FAILD_RUN"), undefined);
    assertEquals(await variableOf(2 ** 22 + 1, "FAILD_RUN_DIR"), undefined);
  } finally {
    child.kill();
    await child.status;
  }
});

Deno.test("who has a UDP port is found, whatever address it is on", async () => {
  const text = 'UNCONN 0 0 10.0.0.1:32453 0.0.0.0:* users:(("faild",pid=100,fd=12))\n' +
    'UNCONN 0 0 10.0.0.255:32453 0.0.0.0:* users:(("faild",pid=100,fd=13),("x y",pid=7,fd=1))\n';
  assertEquals(parsePortHolders(text), [
    { pid: 100, program: "faild" },
    { pid: 7, program: "x y" },
  ]);
  assertEquals(parsePortHolders(""), []);
  const options = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;
  const socket = Deno.listenDatagram(options);
  const { port } = socket.addr as Deno.NetAddr;
  assertEquals(await portHolders(port), [{ pid: Deno.pid, program: ownProgram() }]);
  socket.close();
});

Deno.test("what is started detached has a session of its own, and its early end is told", async () => {
  const script = "cut -d' ' -f6 /proc/$$/stat; echo $$; echo first >&2; echo last >&2; exit 3";
  const dir = Deno.makeTempDirSync();
  const started = startDetached("/bin/sh", ["-c", `{ ${script}; } >${dir}/out`]);
  if (!("pid" in started)) throw new Error(started.reason);
  assertEquals(await started.ended, "with exit status 3: last");
  const pid = `${started.pid}`;
  assertEquals(Deno.readTextFileSync(`${dir}/out`).trim().split("\n"), [pid, pid]);
  Deno.removeSync(dir, { recursive: true });
  const missing = startDetached("/nonexistent/faild", []);
  if (!("reason" in missing)) throw new Error(`${missing.pid}`);
  assertMatch(missing.reason, /^Cannot run \/nonexistent\/faild: .*No such file/);
});

Deno.test("what is started detached outlives its starter, and is told nothing meant for that one", async () => {
  const dir = Deno.makeTempDirSync();
  const script = `echo "<$NOTIFY_SOCKET$JOURNAL_STREAM>" >${dir}/out; exec sleep 600`;
  const child = new Child(
    `import { startDetached } from "lib/host/detached.ts";
     console.log(startDetached("/bin/sh", ["-c", ${JSON.stringify(script)}]).pid);
     Deno.exit(0);`,
    ["env", "NOTIFY_SOCKET=/x", "JOURNAL_STREAM=1:2"],
  );
  const pid = Number(await child.line());
  await child[Symbol.asyncDispose]();
  await waitFor("its words", () => textOf(`${dir}/out`) === "<>\n" ? true : null);
  Deno.kill(pid, "SIGKILL");
  Deno.removeSync(dir, { recursive: true });
});

function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
