/** When traffic returns to a path that works again: not at once where it flaps, and not before it is asked for. */

import { assert, assertEquals } from "@std/assert";
import { Daemon } from "./daemon.ts";
import { startGroup, waitForPair, waitForPeers, waitForRoute } from "./group.ts";
import { Lab } from "./lab.ts";
import { event, msBetween, pathDown, pathUp } from "./log_events.ts";

const DIRECT = { of: "A", over: "A" } as const;

Deno.test("a cable that flaps gets its traffic back later and later, unless it is called back or the other dies", async () => {
  await using lab = await Lab.create();
  // Restored after 10 good ones, half a second: held for as long after the third fall, 1.5 s after the fourth, …
  const [h1, h2] = await startGroup(lab, { failAfter: 6, restoreAfter: 10 });
  const fall = async (): Promise<number> => {
    const place = h1?.log.count ?? 0;
    await lab.unplug("h2", "A");
    await waitForPair(lab, "B");
    await h1?.log.wait(pathDown("h2", "A"), { from: place });
    await lab.plug("h2", "A");
    return place;
  };
  for (const count of [1, 2]) {
    const line = await h1?.log.wait(pathUp("h2", "A"), { from: await fall() });
    assert(event("path-up", { hold: null }).test(line?.text ?? ""), `fall ${count}: ${line?.text}`);
    await waitForRoute(lab, "h1", "h2", DIRECT);
  }
  // The third: it ends by itself.
  const third = await fall();
  const up = await h1?.log.wait(pathUp("h2", "A"), { from: third });
  const { hold, actions } = JSON.parse(up?.text ?? "{}");
  assertEquals([hold, actions], [{ kind: "flapping", flaps: 3, holdMs: 500 }, []]);
  const ended = await h1?.log.wait(event("rerouted", { why: "hold-ended" }), { from: third });
  assert(msBetween(up, ended) > 450, `held ${msBetween(up, ended)} ms`);
  await waitForRoute(lab, "h1", "h2", DIRECT);
  // The fourth: it is called back.
  const fourth = await fall();
  const longer = { kind: "flapping", flaps: 4, holdMs: 1500 };
  await h1?.log.wait(event("path-up", { node: "h2", hold: longer }), { from: fourth });
  h1?.signal("SIGUSR2");
  await h1?.log.wait(event("rerouted", { why: "failback" }), { from: fourth });
  await waitForRoute(lab, "h1", "h2", DIRECT);
  assertEquals(h1?.log.matching(event("rerouted", { why: "hold-ended" }), fourth), []);
  // The fifth: what carries the traffic dies, and what flapped is better than that.
  const fifth = await fall();
  await Promise.all([
    h1?.log.wait(event("path-up", { node: "h2", network: "A" }), { from: fifth }),
    h2?.log.wait(event("path-up", { node: "h1", network: "A" }), { from: fifth }),
  ]);
  await lab.unplug("h2", "B");
  await waitForPair(lab, "A");
});

Deno.test("traffic stays away until it is called back, or for the time configured, each host by its own rule", async () => {
  await using lab = await Lab.create();
  const [h1, h2] = await Promise.all([
    Daemon.start(lab, "h1", { extra: "failback: manual\n" }),
    Daemon.start(lab, "h2", { extra: "failback: after 1\n" }),
  ]);
  await Promise.all([waitForPeers(lab, h1), waitForPeers(lab, h2)]);
  await lab.cut("A");
  await waitForPair(lab, "B");
  await lab.mend("A");
  const hold = { kind: "manual" };
  const after = { kind: "after", holdMs: 1_000 };
  const [, up] = await Promise.all([
    h1.log.wait(event("path-up", { node: "h2", network: "A", hold })),
    h2.log.wait(event("path-up", { node: "h1", network: "A", hold: after })),
  ]);
  const ended = await h2.log.wait(event("rerouted", { why: "hold-ended" }));
  assert(msBetween(up, ended) > 950, `held ${msBetween(up, ended)} ms`);
  await waitForRoute(lab, "h2", "h1", DIRECT);
  const place = h1.log.count;
  h1.signal("SIGUSR1");
  const state = event("state", { node: "h2", network: "A", health: "up", hold });
  await h1.log.wait(state, { from: place });
  assertEquals(await lab.gateway("h1", lab.address("h2", "A")), lab.address("h2", "B"));
  h1.signal("SIGUSR2");
  await waitForRoute(lab, "h1", "h2", DIRECT);
  await h1.log.wait(event("rerouted", { why: "failback" }), { from: place });
});
