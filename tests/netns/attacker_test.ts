/** An attacker on both LANs, without the key: hears everything, plays it back, mirrors it, and forges. */

import { assert, assertEquals } from "@std/assert";
import { arm, seatsOf, setLearning } from "./attacker_host.ts";
import { Companion } from "./companion.ts";
import { Daemon, type DaemonOptions } from "./daemon.ts";
import { RouteWatch, waitForPair, waitForPeers, waitForRoute } from "./group.ts";
import { Lab } from "./lab.ts";
import { event } from "./log_events.ts";
import type { ReplayFigures, ReplayRequest } from "./replayer.ts";
import { lost, tcpFault, Traffic } from "./traffic.ts";
import { delay } from "./wait.ts";

const PAIR = ["h1", "h2"] as const;
const ATTACKER = "h3";
const PER_SECOND = 1_000;

/** Both hosts, enforcing with one key. */
async function keyed(lab: Lab): Promise<DaemonOptions> {
  const file = `${lab.directory}/keys`;
  await Deno.writeTextFile(file, `1 ${"0a1b2c3d".repeat(8)}\n`, { mode: 0o600 });
  // The cable between them is cut more often than would be forgiven at once.
  const extra = `auth: {mode: enforce, key-file: ${file}}\nhold-down: {limit: 0}\n`;
  return { failAfter: 6, extra };
}

class Attacker {
  readonly #companion: Companion;

  private constructor(companion: Companion) {
    this.#companion = companion;
  }

  static async start(lab: Lab): Promise<Attacker> {
    const seats = seatsOf(lab, ATTACKER, PAIR);
    await arm(lab, ATTACKER, seats);
    const attacker = new Attacker(Companion.start(lab, ATTACKER, "./replayer.ts", seats));
    await attacker.ask({ do: "stop" });
    return attacker;
  }

  ask(request: ReplayRequest): Promise<ReplayFigures> {
    return this.#companion.ask<ReplayFigures>(request);
  }
}

/** Records what is said in peace, during a cut, and when a daemon is stopped and started anew; gives both logs. */
async function overhear(lab: Lab, attacker: Attacker, options: DaemonOptions): Promise<Daemon[]> {
  const first = await Promise.all(PAIR.map((host) => Daemon.start(lab, host, options)));
  await Promise.all(first.map((daemon) => waitForPeers(lab, daemon, PAIR)));
  for (const lan of lab.cabling.lans) await setLearning(lab, lan, false);
  await attacker.ask({ do: "record" });
  await lab.cutBetween("h1", "h2", "A");
  await waitForPair(lab, "B");
  await lab.mendBetween("h1", "h2", "A");
  await waitForPair(lab, "A");
  const daemons: Daemon[] = [];
  for (const daemon of first) {
    await daemon.stop();
    const successor = await Daemon.start(lab, daemon.host, options);
    await waitForPeers(lab, successor, PAIR);
    daemons.push(successor);
  }
  const { recorded } = await attacker.ask({ do: "stop" });
  for (const lan of lab.cabling.lans) await setLearning(lab, lan, true);
  for (const kind of ["inq", "ack", "state", "goodbye"]) {
    assert((recorded[kind] ?? 0) > 0, `recorded: ${JSON.stringify(recorded)}`);
  }
  return daemons;
}

Deno.test("recordings, copies on the other LAN and forgeries move no route, and a true cut is still found", async () => {
  await using lab = await Lab.create({ hosts: 3 });
  const attacker = await Attacker.start(lab);
  const daemons = await overhear(lab, attacker, await keyed(lab));
  const traffic = await Traffic.start(lab);
  const watches = await Promise.all(PAIR.map((host) => RouteWatch.start(lab, host)));
  await attacker.ask({ do: "replay", perSecond: PER_SECOND });
  const attacked = await traffic.measure(() => delay(3_000));
  assertEquals([lost(attacked), tcpFault(attacked)], [0, null]);
  for (const watch of watches) assertEquals(await watch.changes(), []);
  for (const { log } of daemons) assertEquals(log.matching(event("path-down")), []);
  // What is recorded of a live LAN does not bring a dead one to life.
  const cut = await traffic.measure(async () => {
    await lab.cutBetween("h1", "h2", "A");
    await waitForPair(lab, "B");
    await delay(500);
  });
  assert(lost(cut) < 1_500, `${lost(cut)} datagrams lost`);
  assertEquals(await lab.gateway("h1", lab.address("h2", "A")), lab.address("h2", "B"));
  await lab.mendBetween("h1", "h2", "A");
  await waitForPair(lab, "A");
  const { sent } = await attacker.ask({ do: "mirror", lan: "A" });
  assert(sent > 1_500, `only ${sent} packets were sent`);
  await lab.cutBetween("h1", "h2", "B");
  const overA = { of: "B", over: "A" } as const;
  await Promise.all([
    waitForRoute(lab, "h1", "h2", overA),
    waitForRoute(lab, "h2", "h1", overA),
  ]);
  await attacker.ask({ do: "stop" });
  for (const { log } of daemons) {
    const reasons = log.matching(event("dropped")).map(({ text }) => JSON.parse(text).reason);
    for (const reason of ["unsigned", "bad-signature", "replayed", "source-not-claimed"]) {
      assert(reasons.includes(reason), `${reason} is not among ${reasons.join(", ")}`);
    }
    assert(log.matching(event("node-stopping")).length <= 1, "no goodbye but the true one");
  }
});
