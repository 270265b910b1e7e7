import { assertEquals } from "@std/assert";
import { Child } from "./child.ts";

Deno.test("each signal does what is expected of it, and none but TERM and INT asks to stop", async () => {
  await using child = new Child(`
    import { listenForSignals } from "lib/host/signals.ts";
    listenForSignals({
      stop: (signal) => console.log("stop", signal),
      reload: () => console.log("reload"),
      dumpState: () => console.log("dump"),
      failback: () => console.log("failback"),
    });
    const alive = setInterval(() => {}, 1000);
    console.log("ready");
  `);
  assertEquals(await child.line(), "ready");
  const expected: readonly (readonly [Deno.Signal, string])[] = [
    ["SIGHUP", "reload"],
    ["SIGUSR1", "dump"],
    ["SIGUSR2", "failback"],
    ["SIGTERM", "stop SIGTERM"],
    ["SIGHUP", "reload"],
    ["SIGINT", "stop SIGINT"],
  ];
  for (const [signal, line] of expected) {
    child.kill(signal);
    assertEquals(await child.line(), line);
  }
  child.kill("SIGKILL");
  assertEquals(await child.line(), null);
});
