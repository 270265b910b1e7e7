import { assertEquals } from "@std/assert";
import { type LockResult, lockRunDir, type RunLock } from "../../lib/host/lock.ts";
import { waitFor } from "../netns/wait.ts";
import { Child, lockingChild } from "./child.ts";

/** Longer than any test runs. */
const PATIENT_MS = 600_000;

function lockOf(result: LockResult): RunLock {
  if (result.kind !== "locked") throw new Error(JSON.stringify(result));
  return result.lock;
}

async function withRunDir(body: (runDir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync();
  try {
    await body(`${dir}/run/faild`);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Resolves when somebody waits for the lock, as the kernel tells. */
async function waitForWaiter(runDir: string): Promise<void> {
  const waiting = new RegExp(`-> FLOCK .*:${Deno.statSync(`${runDir}/lock`).ino} `);
  await waitFor("somebody to wait for the lock", () => {
    return waiting.test(Deno.readTextFileSync("/proc/locks")) ? true : null;
  });
}

Deno.test("the run directory is made and the lock file says whose it is", async () => {
  await withRunDir(async (runDir) => {
    const lock = lockOf(await lockRunDir(runDir));
    assertEquals(Deno.readTextFileSync(`${runDir}/lock`), `${Deno.pid}\n`);
    assertEquals(Deno.statSync(runDir).mode! & 0o777, 0o755 & ~Deno.umask());
    lock.release();
    assertEquals(Deno.readTextFileSync(`${runDir}/lock`), "");
  });
});

Deno.test("nobody else can open the lock file, and so nobody else can lock it", async () => {
  await withRunDir(async (runDir) => {
    const lock = lockOf(await lockRunDir(runDir));
    assertEquals(Deno.statSync(`${runDir}/lock`).mode! & 0o777, 0o600);
    lock.release();
  });
});

Deno.test("a run directory in which everybody may put links is not used", async () => {
  await withRunDir(async (runDir) => {
    Deno.mkdirSync(runDir, { recursive: true });
    Deno.writeTextFileSync(`${runDir}/../victim`, "mine");
    Deno.symlinkSync("../victim", `${runDir}/lock`);
    Deno.chmodSync(runDir, 0o1777);
    assertEquals(await lockRunDir(runDir), {
      kind: "failed",
      reason: `Cannot use run directory ${runDir}: ` +
        "must not be writable by all (chmod o-w), its mode is 1777",
      isDenied: false,
    });
    assertEquals(Deno.readTextFileSync(`${runDir}/../victim`), "mine");
  });
});

Deno.test("a longer pid that a predecessor left is overwritten whole", async () => {
  await withRunDir(async (runDir) => {
    Deno.mkdirSync(runDir, { recursive: true });
    Deno.writeTextFileSync(`${runDir}/lock`, "99999999999999\n");
    const lock = lockOf(await lockRunDir(runDir));
    assertEquals(Deno.readTextFileSync(`${runDir}/lock`), `${Deno.pid}\n`);
    lock.release();
  });
});

Deno.test("a released lock can be taken again", async () => {
  await withRunDir(async (runDir) => {
    lockOf(await lockRunDir(runDir)).release();
    lockOf(await lockRunDir(runDir)).release();
  });
});

Deno.test("a second process learns who holds the lock", async () => {
  await withRunDir(async (runDir) => {
    const lock = lockOf(await lockRunDir(runDir));
    await using child = lockingChild(runDir);
    assertEquals(await child.line(), `held by ${Deno.pid}`);
    lock.release();
  });
});

Deno.test("a lock that was waited for in vain is not kept when it is granted after all", async () => {
  await withRunDir(async (runDir) => {
    const lock = lockOf(await lockRunDir(runDir));
    assertEquals(await lockRunDir(runDir), { kind: "held", pid: Deno.pid });
    lock.release();
    lockOf(await lockRunDir(runDir)).release();
  });
});

Deno.test("the lock of a killed process is free, and the next one learns of it once", async () => {
  await withRunDir(async (runDir) => {
    let killed = 0;
    {
      await using child = lockingChild(runDir);
      assertEquals(await child.line(), "locked");
      assertEquals(Deno.readTextFileSync(`${runDir}/lock`), `${child.pid}\n`);
      assertEquals((await lockRunDir(runDir)).kind, "held");
      killed = child.pid;
    }
    const next = await lockRunDir(runDir);
    lockOf(next).release();
    assertEquals("leftPid" in next && next.leftPid, killed);
    const last = await lockRunDir(runDir);
    lockOf(last).release();
    assertEquals("leftPid" in last, false);
  });
});

Deno.test("a child process that outlives the daemon does not hold its lock", async () => {
  await withRunDir(async (runDir) => {
    let orphan = 0;
    {
      await using child = lockingChild(
        runDir,
        `const orphan = new Deno.Command("sleep", { args: ["60"], stdin: "null", stdout: "null" });
         console.log(orphan.spawn().pid);`,
      );
      orphan = Number(await child.line());
      assertEquals(await child.line(), "locked");
    }
    try {
      lockOf(await lockRunDir(runDir)).release();
    } finally {
      Deno.kill(orphan, "SIGKILL");
    }
  });
});

Deno.test("a lock that becomes free in time is waited for", async () => {
  await withRunDir(async (runDir) => {
    const first = lockOf(await lockRunDir(runDir));
    const second = lockRunDir(runDir, PATIENT_MS);
    await waitForWaiter(runDir);
    first.release();
    lockOf(await second).release();
  });
});

Deno.test("a lock file that is deleted while it is waited for is not taken for the lock", async () => {
  await withRunDir(async (runDir) => {
    const first = lockOf(await lockRunDir(runDir));
    const second = lockRunDir(runDir, PATIENT_MS);
    await waitForWaiter(runDir);
    Deno.removeSync(`${runDir}/lock`);
    first.release();
    const lock = lockOf(await second);
    assertEquals(Deno.readTextFileSync(`${runDir}/lock`), `${Deno.pid}\n`);
    assertEquals((await lockRunDir(runDir)).kind, "held");
    lock.release();
  });
});

Deno.test("a run directory that cannot be made is a failure that names it", async () => {
  assertEquals(await lockRunDir("/dev/null/faild"), {
    kind: "failed",
    reason: "Cannot use run directory /dev/null/faild: Not a directory",
    isDenied: false,
  });
});

Deno.test("a run directory without the right to it says what to do", async () => {
  await withRunDir(async (runDir) => {
    const base = runDir.slice(0, -"/run/faild".length);
    Deno.chmodSync(base, 0o555);
    // The superuser may write everywhere until that capability is taken from him.
    const withoutRights = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-all"] : [];
    await using child = new Child(
      `import { lockRunDir } from "lib/host/lock.ts";
       const result = await lockRunDir(${JSON.stringify(runDir)});
       console.log(result.kind === "failed" ? result.reason : result.kind);`,
      withoutRights,
    );
    assertEquals(
      await child.line(),
      `Cannot use run directory ${runDir}: Permission denied ` +
        "(run as root, or name another one with --run-dir)",
    );
    Deno.chmodSync(base, 0o755);
  });
});
