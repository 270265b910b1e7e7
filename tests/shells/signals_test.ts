import { assertEquals } from "@std/assert";
import { Child } from "./child.ts";

Deno.test("each signal does what is expected of it, and none but TERM and INT asks to stop", async () => {
  await using child = new Child(`
    import { listenForSignals } from "lib/host/signals.ts";
    listenForSignals({
      stop: (signal) => console.log("stop", signal),
      reopenLog: () => console.log("reopen"),
      dumpState: () => console.log("dump"),
    });
    const alive = setInterval(() => {}, 1000);
    console.log("ready");
  `);
  assertEquals(await child.line(), "ready");
  const expected: readonly (readonly [Deno.Signal, string])[] = [
    ["SIGHUP", "reopen"],
    ["SIGUSR1", "dump"],
    ["SIGTERM", "stop SIGTERM"],
    ["SIGHUP", "reopen"],
    ["SIGINT", "stop SIGINT"],
  ];
  for (const [signal, line] of expected) {
    child.kill(signal);
    assertEquals(await child.line(), line);
  }
  child.kill("SIGKILL");
  assertEquals(await child.line(), null);
});
