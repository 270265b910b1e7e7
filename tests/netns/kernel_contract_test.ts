/** What the fake kernel claims of Linux, put to Linux; and what only Linux can answer. */

import { assertEquals } from "@std/assert";
import { isPermissionProblem } from "../../lib/core/ip_text.ts";
import { IpBatch } from "../../lib/host/ip_batch.ts";
import { type ChangeKind, IpMonitor } from "../../lib/host/ip_monitor.ts";
import { CONTRACT } from "../fakes/kernel_contract.ts";
import { attempt } from "./command.ts";
import { namespaceProblem, RealHost } from "./real_host.ts";
import { waitFor } from "./wait.ts";

const problem = await namespaceProblem();
const ignore = problem !== null;
if (ignore) {
  console.warn(`The real kernel is not asked: namespaces cannot be made here: ${problem}`);
}

for (const { title, play } of CONTRACT) {
  Deno.test({
    name: `Real kernel: ${title}`,
    ignore,
    async fn() {
      await using host = await RealHost.create();
      await play(host);
    },
  });
}

const ROUTE = "192.168.1.2/32 via 192.168.2.2 dev ethB table 245 proto 245";

/** Runs a program without CAP_NET_ADMIN. */
const POWERLESS = ["setpriv", "--bounding-set=-net_admin"];

Deno.test({
  name: "Real kernel: without the right to change routes, the refusal says so",
  ignore: ignore || (await attempt([...POWERLESS, "true"]).catch(() => null))?.code !== 0,
  async fn() {
    await using host = await RealHost.create();
    const batch = new IpBatch({ command: host.command(...POWERLESS) });
    const rule = "rule add pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245";
    const result = await batch.exchange([rule, `route add ${ROUTE}`], ["rule show"]);
    await batch.close();
    if (result.kind !== "done") throw new Error(result.reason);
    assertEquals(result.refused.map(({ line }) => line), [0, 1]);
    assertEquals(result.refused.every(({ reason }) => isPermissionProblem(reason)), true);
  },
});

Deno.test({
  name: "Real kernel: an interface that was made anew is reached at the second attempt",
  ignore,
  async fn() {
    await using host = await RealHost.create();
    await host.exchange([`route add ${ROUTE}`], []);
    await host.removeLink("ethB");
    await host.addLink("ethB");
    await host.addAddress("ethB", "192.168.2.1/24");
    const first = await host.exchange([`route replace ${ROUTE}`], []);
    // Should `ip` forget names by itself one day, the first attempt succeeds.
    if (first.kind === "done" && first.refused.length === 0) return;
    const second = await host.exchange([`route replace ${ROUTE}`], []);
    assertEquals(second, { kind: "done", shown: [], refused: [] });
  },
});

Deno.test({
  name: "Real kernel: a renewed batch shows an interface by its new name",
  ignore,
  async fn() {
    await using host = await RealHost.create();
    await host.exchange([`route add ${ROUTE}`], ["route show table 245"]);
    await host.rename("ethB", "lanB");
    host.batch.renew();
    const changes = [`route add ${ROUTE.replace("ethB", "lanB")}`];
    const result = await host.exchange(changes, ["route show table 245"]);
    const route = { dst: "192.168.1.2", gateway: "192.168.2.2", dev: "lanB", protocol: "245" };
    const shown = [JSON.stringify([{ ...route, flags: [] }])];
    assertEquals(result, { kind: "done", shown, refused: [] });
  },
});

Deno.test({
  name: "Real kernel: what changes is announced by its kind",
  ignore,
  async fn() {
    await using host = await RealHost.create();
    const told = new Set<ChangeKind>();
    const monitor = new IpMonitor({
      table: 245,
      changed: (kind) => told.add(kind),
      ended: (reason) => {
        throw new Error(reason);
      },
      command: host.command(),
    });
    const rule = "pref 99 lookup 77 protocol 245";
    const acts: Record<ChangeKind, () => Promise<unknown>> = {
      rule: () => host.exchange([`rule add ${rule}`, `rule del ${rule}`], []),
      route: () => host.exchange([`route add ${ROUTE}`, `route del ${ROUTE}`], []),
      address: async () => {
        await host.addAddress("ethA", "10.7.0.1/24");
        await host.removeAddress("ethA", "10.7.0.1/24");
      },
      link: async () => {
        await host.setCarrier("ethA", false);
        await host.setCarrier("ethA", true);
      },
    };
    try {
      for (const [kind, act] of Object.entries(acts) as [ChangeKind, () => Promise<unknown>][]) {
        // Repeated, since nothing says when the monitor has begun to listen.
        await waitFor(`the announcement of a ${kind}`, async () => {
          await act();
          return told.has(kind) ? true : null;
        });
      }
    } finally {
      await monitor.close();
    }
  },
});
