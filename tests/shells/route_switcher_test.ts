import { assertEquals } from "@std/assert";
import type { Mark } from "../../lib/core/ip_text.ts";
import type { HostRoute, RouteReport, WantedRoutes } from "../../lib/core/types.ts";
import { RouteSwitcher, type SweepResult } from "../../lib/route_switcher.ts";
import { FakeKernel } from "../fakes/kernel.ts";

const MARK: Mark = { routing: { table: 245, rulePriority: 3245, protocol: 245 }, port: 32453 };
const RULE = "pref 3245 not ipproto 17 dport 32453 lookup 245 protocol 245";
const TO_B: HostRoute = {
  address: "192.168.1.2",
  gateway: "192.168.2.2",
  interfaceName: "ethB",
  source: "192.168.1.1",
};
const BACK: HostRoute = {
  address: "192.168.2.2",
  gateway: "192.168.1.2",
  interfaceName: "ethA",
  source: "192.168.2.1",
};
const ADD_TO_B =
  "route add 192.168.1.2/32 via 192.168.2.2 dev ethB src 192.168.1.1 table 245 proto 245";
const DELETE_TO_B = "route del 192.168.1.2/32 table 245 proto 245";

function wanted(...routes: HostRoute[]): WantedRoutes {
  const byAddress = new Map(routes.map((each) => [each.address, each]));
  return { routes: byAddress, keep: new Set(), forgetNeighbours: [] };
}

function succeeded(result: SweepResult): Extract<SweepResult, { readonly kind: "swept" }> {
  if (result.kind === "failed") throw new Error(result.reason);
  return result;
}

type Told = RouteReport | { readonly generation: number; readonly reason: string };

/** A switcher on a fake host with two LANs; a clock that counts how often it is read. */
class Bench {
  readonly kernel = new FakeKernel();
  readonly told: Told[] = [];
  readonly switcher: RouteSwitcher;
  #time = 0;
  #arrived = Promise.withResolvers<void>();

  constructor() {
    for (const [name, cidr] of [["ethA", "192.168.1.1/24"], ["ethB", "192.168.2.1/24"]] as const) {
      this.kernel.addLink(name);
      this.kernel.addAddress(name, cidr);
    }
    this.switcher = new RouteSwitcher({
      exchange: this.kernel.exchange,
      mark: MARK,
      now: () => this.#time += 10,
      report: (report) => this.#tell(report),
      failed: (generation, reason) => this.#tell({ generation, reason }),
    });
  }

  /** Asks, and waits for what is told. */
  async ask(generation: number, wish: WantedRoutes): Promise<Told> {
    this.switcher.request(generation, wish);
    return await this.next();
  }

  /** Asks, and expects a report. */
  async report(generation: number, wish: WantedRoutes): Promise<RouteReport> {
    const told = await this.ask(generation, wish);
    if ("reason" in told) throw new Error(told.reason);
    return told;
  }

  /** The next thing that is told. */
  async next(): Promise<Told> {
    await this.#arrived.promise;
    this.#arrived = Promise.withResolvers();
    const told = this.told.at(-1);
    if (told === undefined) throw new Error("nothing was told");
    return told;
  }

  /** Asks once, so that the rule is there and the state is known; then forgets what was written. */
  async settle(...routes: HostRoute[]): Promise<void> {
    await this.report(0, wanted(...routes));
    this.kernel.written.length = 0;
    this.kernel.exchanges = 0;
  }

  #tell(told: Told): void {
    this.told.push(told);
    this.#arrived.resolve();
  }
}

Deno.test("Switcher: the first request reads, then adds the rule and the routes", async () => {
  const bench = new Bench();
  const report = await bench.report(1, wanted(TO_B));
  assertEquals(bench.kernel.written, [`rule add ${RULE}`, ADD_TO_B]);
  assertEquals(bench.kernel.exchanges, 2);
  assertEquals([report.generation, report.changes, report.refused], [1, 2, []]);
  assertEquals(report.actual.rules, 1);
  assertEquals([...report.actual.routes.values()], [TO_B]);
  assertEquals(report.found?.rules, 0);
});

Deno.test("Switcher: a failover is one exchange, and the report says how long it took", async () => {
  const bench = new Bench();
  await bench.settle();
  const report = await bench.report(1, wanted(TO_B));
  assertEquals([bench.kernel.exchanges, report.changes, report.found], [1, 1, null]);
  assertEquals([...report.actual.routes.values()], [TO_B]);
  assertEquals(report.tookMs, 10);
});

Deno.test("Switcher: a request for what is there is one exchange that changes nothing", async () => {
  const bench = new Bench();
  await bench.settle(TO_B);
  const report = await bench.report(1, wanted(TO_B));
  assertEquals([bench.kernel.exchanges, report.changes, bench.kernel.written], [1, 0, []]);
  assertEquals([...report.found?.routes.values() ?? []], [TO_B]);
});

Deno.test("Switcher: what somebody else deleted is put back in two exchanges, and told", async () => {
  const bench = new Bench();
  await bench.settle(TO_B);
  bench.kernel.admin(DELETE_TO_B);
  bench.kernel.admin(`rule del ${RULE}`);
  const report = await bench.report(1, wanted(TO_B));
  assertEquals([bench.kernel.exchanges, report.changes], [2, 2]);
  assertEquals([report.found?.rules, report.found?.routes.size], [0, 0]);
  assertEquals([report.actual.rules, report.actual.routes.size], [1, 1]);
});

Deno.test("Switcher: a failover on top of others' changes is planned anew from the read-back", async () => {
  const bench = new Bench();
  await bench.settle();
  bench.kernel.admin("route add 192.168.1.2/32 via 192.168.2.9 dev ethB table 245 proto 245");
  bench.kernel.admin(`rule del ${RULE}`);
  const report = await bench.report(1, wanted(TO_B));
  assertEquals(bench.kernel.written, [
    ADD_TO_B,
    `rule add ${RULE}`,
    ADD_TO_B.replace("add", "replace"),
  ]);
  assertEquals([bench.kernel.exchanges, report.changes, report.refused], [2, 2, []]);
  assertEquals([...report.actual.routes.values()], [TO_B]);
  assertEquals(report.actual.rules, 1);
});

Deno.test("Switcher: a route that went by itself is no refusal when it was to be deleted", async () => {
  const bench = new Bench();
  await bench.settle(TO_B);
  bench.kernel.setUp("ethB", false);
  const report = await bench.report(1, wanted());
  assertEquals(bench.kernel.written, [DELETE_TO_B]);
  assertEquals([report.refused, report.changes, report.actual.routes.size], [[], 0, 0]);
});

Deno.test("Switcher: a refusal is reported in the words of ip, tried once, and spoils nothing else", async () => {
  const bench = new Bench();
  await bench.settle();
  bench.kernel.setUp("ethB", false);
  const report = await bench.report(1, wanted(TO_B, BACK));
  assertEquals(report.refused, [
    { step: ADD_TO_B, reason: "Error: Nexthop has invalid gateway." },
  ]);
  assertEquals([...report.actual.routes.values()], [BACK]);
  assertEquals([bench.kernel.written.length, report.changes], [2, 1]);
});

Deno.test("Switcher: a route of somebody else is not replaced", async () => {
  const bench = new Bench();
  bench.kernel.admin("route add 192.168.1.2/32 via 192.168.2.7 dev ethB table 245 proto 4");
  const report = await bench.report(1, wanted(TO_B));
  assertEquals(report.refused, [{ step: ADD_TO_B, reason: "RTNETLINK answers: File exists" }]);
  assertEquals([report.actual.routes.size, report.actual.foreign], [0, 1]);
});

Deno.test("Switcher: what cannot be written is refused here, and the rest is done", async () => {
  const bench = new Bench();
  await bench.settle();
  const odd = { ...TO_B, interfaceName: "eth B" };
  const report = await bench.report(1, wanted(odd, BACK));
  const reason = `Cannot use interface name: ip would not read it as one, is "eth B"`;
  assertEquals(report.refused.map((each) => each.reason), [reason]);
  assertEquals([...report.actual.routes.values()], [BACK]);
});

Deno.test("Switcher: neighbours are forgotten after the route moved, once, and a failure is ignored", async () => {
  const bench = new Bench();
  await bench.settle();
  const neighbour = { address: "192.168.1.2", interfaceName: "ethA", state: "INCOMPLETE" };
  bench.kernel.neighbours = [neighbour];
  const forgetNeighbours = [
    { address: "192.168.1.2", interfaceName: "ethA" },
    { address: "192.168.9.2", interfaceName: "gone" },
  ];
  const report = await bench.report(1, { ...wanted(TO_B), forgetNeighbours });
  assertEquals(bench.kernel.written, [
    ADD_TO_B,
    "neigh flush to 192.168.1.2/32 dev ethA",
    "neigh flush to 192.168.9.2/32 dev gone",
  ]);
  assertEquals([bench.kernel.exchanges, report.changes, report.refused], [1, 1, []]);
  assertEquals(bench.kernel.neighbours, []);
});

Deno.test("Switcher: neighbours are forgotten even when the routes are right already", async () => {
  const bench = new Bench();
  await bench.settle(TO_B);
  const forgetNeighbours = [{ address: "192.168.1.2", interfaceName: "ethA" }];
  const report = await bench.report(1, { ...wanted(TO_B), forgetNeighbours });
  assertEquals(bench.kernel.written, ["neigh flush to 192.168.1.2/32 dev ethA"]);
  assertEquals([bench.kernel.exchanges, report.changes], [1, 0]);
});

Deno.test("Switcher: while one request runs the newest of the others waits, and no other is done", async () => {
  const bench = new Bench();
  await bench.settle();
  const release = bench.kernel.hang();
  bench.switcher.request(1, wanted(TO_B));
  bench.switcher.request(2, wanted(BACK));
  bench.switcher.request(3, wanted());
  assertEquals(bench.kernel.exchanges, 1);
  release();
  const first = await bench.next();
  const second = await bench.next();
  assertEquals([first.generation, second.generation], [1, 3]);
  assertEquals(bench.kernel.written, [ADD_TO_B, DELETE_TO_B]);
  assertEquals(bench.told.length, 3);
});

Deno.test("Switcher: when ip fails nothing is assumed any more: the next request reads first", async () => {
  const bench = new Bench();
  await bench.settle();
  bench.kernel.failNext("ip ended by SIGKILL");
  assertEquals(await bench.ask(1, wanted(TO_B)), { generation: 1, reason: "ip ended by SIGKILL" });
  const report = await bench.report(2, wanted(TO_B));
  assertEquals([report.found?.routes.size, report.changes], [0, 1]);
});

Deno.test("Switcher: an answer that is not understood is a failure with its reason", async () => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const switcher = new RouteSwitcher({
    exchange: (_, shows) =>
      Promise.resolve({ kind: "done", shown: shows.map(() => "?"), refused: [] }),
    mark: MARK,
    now: () => 0,
    report: () => {
      throw new Error("there is nothing to report");
    },
    failed(_, reason) {
      told.push(reason);
      resolve();
    },
  });
  switcher.request(1, wanted());
  await promise;
  assertEquals(told, ["Cannot read the answer of ip: must be JSON, is ?"]);
});

Deno.test("Switcher: what a predecessor with other settings left is found at the start and removed", async () => {
  const bench = new Bench();
  bench.kernel.admin("rule add pref 9 not ipproto 17 dport 4000 lookup 77 protocol 245");
  bench.kernel.admin("route add 192.168.1.2/32 via 192.168.2.2 dev ethB table 77 proto 245");
  const read = await bench.switcher.read();
  if (read.kind === "error") throw new Error(read.reason);
  assertEquals([read.value.staleRules?.length, read.value.strays?.length], [1, 1]);
  const report = await bench.report(1, wanted());
  assertEquals(bench.kernel.written, [
    `rule add ${RULE}`,
    "rule del pref 9 not ipproto 17 dport 4000 lookup 77 protocol 245",
    "route del 192.168.1.2 via 192.168.2.2 dev ethB table 77 proto 245",
  ]);
  assertEquals(report.refused, []);
});

Deno.test("Switcher: a sweep leaves what it found before the start, byte for byte", async () => {
  const bench = new Bench();
  const shows = ["rule show", "route show table 245", "route show table all proto 245"];
  bench.kernel.admin("rule add pref 100 lookup 77 protocol 4");
  bench.kernel.admin("route add 10.0.0.0/8 via 192.168.2.7 dev ethB table 245 proto 4");
  const before = await bench.kernel.exchange([], shows);
  await bench.report(1, wanted(TO_B, BACK));
  bench.kernel.admin("route add 10.9.9.9/32 via 192.168.2.2 dev ethB metric 5 table 77 proto 245");
  const swept = succeeded(await bench.switcher.sweep());
  assertEquals([swept.removed, swept.refused], [4, []]);
  assertEquals([swept.left.rules, swept.left.routes.size, swept.left.strays], [0, 0, []]);
  assertEquals(await bench.kernel.exchange([], shows), before);
});

Deno.test("Switcher: a sweep tells what it found, and that can be put back", async () => {
  const bench = new Bench();
  await bench.settle(TO_B, BACK);
  const { found } = succeeded(await bench.switcher.sweep());
  assertEquals([found.rules, [...found.routes.values()]], [1, [TO_B, BACK]]);
  const next = new Bench();
  next.kernel.admin("route add 192.168.2.2/32 via 192.168.1.9 dev ethA table 245 proto 245");
  const read = await next.switcher.read();
  if (read.kind === "error") throw new Error(read.reason);
  const back = await next.switcher.putBack(found.routes.values(), read.value);
  if (back.kind === "failed") throw new Error(back.reason);
  assertEquals(next.kernel.written, [`rule add ${RULE}`, ADD_TO_B]);
  assertEquals([back.changes, back.refused, back.actual.rules], [2, [], 1]);
  assertEquals(back.actual.routes.get(TO_B.address), TO_B);
  assertEquals(back.actual.routes.get(BACK.address)?.gateway, "192.168.1.9", "what is there stays");
});

Deno.test("Switcher: a route that the kernel does not take back is told with the reason", async () => {
  const bench = new Bench();
  const read = await bench.switcher.read();
  if (read.kind === "error") throw new Error(read.reason);
  bench.kernel.refuseNext(1, "RTNETLINK answers: Network is unreachable", /^route add/);
  const back = await bench.switcher.putBack([TO_B, BACK], read.value);
  if (back.kind === "failed") throw new Error(back.reason);
  const reason = "RTNETLINK answers: Network is unreachable";
  assertEquals(back.refused, [{ step: ADD_TO_B, reason }]);
  assertEquals([...back.actual.routes.keys()], [BACK.address]);
  bench.kernel.failNext("ip ended by SIGKILL");
  const failed = await bench.switcher.putBack([TO_B], back.actual);
  assertEquals(failed, { kind: "failed", reason: "ip ended by SIGKILL" });
});

Deno.test("Switcher: a sweep waits for the request under way, drops the waiting, takes no more", async () => {
  const bench = new Bench();
  await bench.settle();
  const release = bench.kernel.hang();
  bench.switcher.request(1, wanted(TO_B));
  bench.switcher.request(2, wanted(BACK));
  const sweeping = bench.switcher.sweep();
  bench.switcher.request(3, wanted(BACK));
  release();
  const swept = succeeded(await sweeping);
  assertEquals([swept.removed, swept.left.rules, swept.left.routes.size], [2, 0, 0]);
  assertEquals(bench.told.map(({ generation }) => generation), [0, 1]);
});

Deno.test("Switcher: a sweep tells what it could not remove, and why", async () => {
  const bench = new Bench();
  await bench.settle(TO_B);
  bench.kernel.isPrivileged = false;
  const swept = succeeded(await bench.switcher.sweep());
  const reason = "RTNETLINK answers: Operation not permitted";
  assertEquals([swept.removed, swept.left.rules, swept.left.routes.size], [0, 1, 1]);
  assertEquals(swept.refused, [
    { step: `rule del ${RULE}`, reason },
    { step: DELETE_TO_B, reason },
  ]);
});

Deno.test("Switcher: a sweep or a read with an ip that fails says why", async () => {
  const bench = new Bench();
  bench.kernel.failNext("Cannot run ip");
  assertEquals(await bench.switcher.read(), { kind: "error", reason: "Cannot run ip" });
  for (const nth of ["first", "second", "third"]) bench.kernel.failNext(`the ${nth} failed`);
  assertEquals(await bench.switcher.sweep(), { kind: "failed", reason: "the third failed" });
});

Deno.test("Switcher: a sweep during which ip fails is begun anew, twice at most", async () => {
  for (const failures of [1, 2]) {
    const bench = new Bench();
    await bench.settle(TO_B);
    for (let i = 0; i < failures; i++) bench.kernel.failNext("ip ended by SIGKILL");
    const swept = succeeded(await bench.switcher.sweep());
    assertEquals([swept.removed, swept.left.rules, swept.left.routes.size], [2, 0, 0]);
  }
});
