import { assertEquals } from "@std/assert";
import { controlled, type ControlledParts } from "../../lib/cli/controlled.ts";

/** What is answered to a drain by a daemon whose kernel answers at `answersAtMs`, and the time by then. */
async function drained(answersAtMs: number, degraded: string | null) {
  let nowMs = 0;
  const parts = {
    daemon: {
      drain: () => ({ changed: true, problem: null }),
      stayingOn: () => [],
      get isPending() {
        return nowMs < answersAtMs;
      },
      ping: () => ({ routes: degraded }),
    },
    host: {
      build: { version: "0" },
      pid: 1,
      now: () => nowMs,
      udp: {
        delay: (delayMs: number) => {
          nowMs += delayMs;
          return Promise.resolve();
        },
      },
    },
  };
  const answer = await controlled(parts as unknown as ControlledParts).drain("A", true);
  return { answer: "error" in answer ? answer.error : answer.unapplied, nowMs };
}

Deno.test("a drain is answered when the kernel has the routes", async () => {
  const { answer, nowMs } = await drained(42, null);
  assertEquals([answer, nowMs >= 42, nowMs < 60], [null, true, true]);
});

Deno.test("a drain says why the kernel has not all routes, and does not wait for ever", async () => {
  assertEquals((await drained(0, "route add: refused")).answer, "route add: refused");
  const { answer, nowMs } = await drained(Infinity, null);
  assertEquals([answer, nowMs], ["it has not answered for 2 s", 2000]);
});
