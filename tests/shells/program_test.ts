import { assert, assertEquals } from "@std/assert";
import { runProgram, terminate } from "../../lib/host/program.ts";

Deno.test("a program is looked for in its places, and its exit code and both its streams are told apart", async () => {
  const ran = await runProgram("sh", ["-c", "echo out; echo err >&2; exit 3"]);
  assertEquals(ran, { kind: "ended", code: 3, output: "out\n", errors: "err\n" });
  assertEquals(await runProgram("/no/sh", []), { kind: "missing" });
  assertEquals(await runProgram("no-such-program", []), { kind: "missing" });
  assertEquals(await runProgram("/etc/passwd", []), {
    kind: "failed",
    reason: "Cannot run /etc/passwd: Permission denied",
  });
});

Deno.test("a program that does not end in time is killed, and its children are not waited for", async () => {
  const file = Deno.makeTempFileSync();
  try {
    // The child has the pipes for as long as it lives.
    const code = `sleep 60 & echo $$ $! >${file}; trap '' TERM; wait`;
    const ran = await runProgram("sh", ["-c", code], 2_000);
    const [shell = 0, child = 0] = Deno.readTextFileSync(file).trim().split(" ").map(Number);
    // Anything less would be a process group, or everybody.
    assert(shell > 1 && child > 1, "the shell came to write who it is");
    Deno.kill(child, "SIGKILL");
    assertEquals(ran, {
      kind: "failed",
      reason: "Cannot wait for /usr/bin/sh: it has not ended within 2 s",
    });
    await ended(shell);
    await ended(child);
  } finally {
    Deno.removeSync(file);
  }
});

/** Resolves when a process is gone. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      // A dead one whose parent is gone, too, may wait for a busy init.
      if (/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`))) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("a process is asked to stop, and one that is gone already has stopped", async () => {
  const child = new Deno.Command("/bin/sleep", { args: ["10"] }).spawn();
  assertEquals(terminate(child.pid), null);
  assertEquals((await child.status).signal, "SIGTERM");
  assertEquals(terminate(child.pid), null);
});
