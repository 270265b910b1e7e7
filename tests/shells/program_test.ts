import { assertEquals } from "@std/assert";
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

Deno.test("a process is asked to stop, and one that is gone already has stopped", async () => {
  const child = new Deno.Command("/bin/sleep", { args: ["10"] }).spawn();
  assertEquals(terminate(child.pid), null);
  assertEquals((await child.status).signal, "SIGTERM");
  assertEquals(terminate(child.pid), null);
});
