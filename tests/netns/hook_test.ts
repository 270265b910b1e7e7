/** Hooks of real daemons: what they are told, in which order, and that nothing waits for them. */

import { assertEquals, assertMatch } from "@std/assert";
import { Daemon } from "./daemon.ts";
import { startGroup, waitForPair } from "./group.ts";
import { Lab } from "./lab.ts";
import { event } from "./log_events.ts";
import { waitFor } from "./wait.ts";

/** Writes a program for hooks; what it is told goes to a file, a line for each run. */
function writeHook(lab: Lab, body = ""): { readonly program: string; told(): string[] } {
  const [program, notes] = [`${lab.directory}/hook`, `${lab.directory}/notes`];
  const text = `#!/bin/sh\n${body}\ncat >/dev/null\n` +
    `echo "$FAILD_EVENT $FAILD_NODE $FAILD_NETWORK" >>${notes}\n`;
  Deno.writeTextFileSync(notes, "");
  Deno.writeTextFileSync(program, text, { mode: 0o755 });
  const told = () => Deno.readTextFileSync(notes).split("\n").filter((line) => line !== "");
  return { program, told };
}

/** Cuts a LAN and mends it, as often as is said; all traffic has moved each time. */
async function flap(lab: Lab, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await lab.cut("A");
    await waitForPair(lab, "B");
    await lab.mend("A");
    await waitForPair(lab, "A");
  }
}

Deno.test("a slow hook is run on each change in order, while failover goes on as ever", async () => {
  await using lab = await Lab.create();
  const { program, told } = writeHook(lab, "sleep 0.7");
  const extra = `hooks: [{on: [path], run: [${program}]}]\nhold-down: {limit: 0}\n`;
  const h1 = await Daemon.start(lab, "h1", { failAfter: 6, extra });
  const h2 = await Daemon.start(lab, "h2", { failAfter: 6, extra: "hold-down: {limit: 0}\n" });
  await Promise.all([h1.log.wait(event("node-found")), h2.log.wait(event("node-found"))]);
  await waitForPair(lab, "A");
  await flap(lab, 3);
  const logged = () =>
    h1.log.all.map(({ text }) => JSON.parse(text))
      .filter(({ event }) => event.startsWith("path-") || event === "one-way")
      .map(({ event, node, network }) => `${event} ${node} ${network}`);
  const count = (change: string) => logged().filter((line) => line === change).length;
  // The kernel had the routes before the log tells of them.
  await waitFor("the last change in the log", () => count("path-up h2 A") === 3 || null);
  assertEquals(count("path-down h2 A"), 3);
  await waitFor("the last hook", () => told().length >= logged().length || null, {
    timeoutMs: 15_000,
  });
  assertEquals(told(), logged());
  assertEquals(h1.log.matching(event("hook-failed")), []);
});

Deno.test("a hook that others may write is not run, and one that hangs is ended", async () => {
  await using lab = await Lab.create();
  const { program, told } = writeHook(lab);
  const hanging = `${lab.directory}/hanging`;
  Deno.writeTextFileSync(hanging, "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  Deno.chmodSync(program, 0o775);
  const extra = `hooks:\n  - {on: [path], run: [${program}]}\n` +
    `  - {on: [path], run: [${hanging}], timeout: 0.5}\n`;
  const [h1] = await startGroup(lab, { extra }) as [Daemon, Daemon];
  await lab.cut("A");
  const refused = await h1.log.wait(event("hook-failed", { program }));
  assertMatch(refused.text, /must be writable by its owner only \(chmod go-w\), its mode is 0775/);
  const ended = await h1.log.wait(event("hook-failed", { program: hanging }));
  assertMatch(ended.text, /it was ended after 0\.5 s/);
  assertEquals(told(), []);
});
