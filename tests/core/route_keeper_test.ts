import { assertEquals } from "@std/assert";
import { RECONCILE_MS, RouteKeeper, type RouteNotice } from "../../lib/core/route_keeper.ts";
import type { ActualRoutes, HostRoute, RouteReport, WantedRoutes } from "../../lib/core/types.ts";
import { at, noticesIn, routesIn } from "./builders.ts";

const ROUTING = { table: 245, rulePriority: 3245, protocol: 245 };
const A2 = at("A", 2);
const VIA_B: HostRoute = { address: A2, gateway: at("B", 2), interfaceName: "eth2" };
const VIA_C: HostRoute = { address: A2, gateway: at("C", 2), interfaceName: "eth3" };

function wish(...routes: readonly HostRoute[]): WantedRoutes {
  return {
    routes: new Map(routes.map((route) => [route.address, route])),
    keep: new Set(),
    forgetNeighbours: [],
  };
}

function kernel(...routes: readonly HostRoute[]): ActualRoutes {
  return { rules: 1, routes: wish(...routes).routes, foreign: 0 };
}

/** The report that all went well and these routes are there. */
function report(
  generation: number,
  actual: ActualRoutes,
  overrides: Partial<RouteReport> = {},
): RouteReport {
  return { generation, actual, refused: [], changes: 1, found: null, tookMs: 2, ...overrides };
}

const REFUSED = { refused: [{ step: `route replace ${A2}/32`, reason: "no buffer space" }] };

/** The notice of a path that went down and whose traffic moved to B. */
const MOVED: RouteNotice = {
  kind: "path-down",
  path: { node: "node2", network: "A", address: A2 },
  cause: { kind: "peer-network" },
  actions: [{ kind: "moved", address: A2, gateway: at("B", 2), network: "B" }],
  tookMs: null,
};

/** A keeper that wants nothing and has made sure of it, as of 1000. */
function settled(): RouteKeeper {
  const keeper = new RouteKeeper(ROUTING, wish(), 1000);
  keeper.run(1000);
  keeper.report(report(1, kernel(), { found: kernel() }), 1000);
  return keeper;
}

function generationsIn(effects: Parameters<typeof routesIn>[0]): number[] {
  return routesIn(effects).map((each) => each.generation);
}

/** The moments up to `until` at which the keeper asks by itself, all requests being answered by `answer`. */
function requestsUntil(
  keeper: RouteKeeper,
  until: number,
  answer: (generation: number) => RouteReport,
): number[] {
  const moments: number[] = [];
  while (keeper.nextDeadline() <= until) {
    const now = keeper.nextDeadline();
    for (const generation of generationsIn(keeper.run(now))) {
      moments.push(now);
      keeper.report(answer(generation), now);
    }
  }
  return moments;
}

Deno.test("the first request is made at the start, for the rule has to be there before anything else", () => {
  const keeper = new RouteKeeper(ROUTING, wish(VIA_B), 1000);
  assertEquals(keeper.nextDeadline(), 1000);
  const [effect] = routesIn(keeper.run(1000));
  assertEquals([effect?.generation, effect?.wanted], [1, wish(VIA_B)]);
});

Deno.test("a wish is a request with a new generation, at once, also while another is under way", () => {
  const keeper = settled();
  assertEquals(generationsIn(keeper.want(wish(VIA_B), [], 1500)), [2]);
  assertEquals(generationsIn(keeper.want(wish(VIA_C), [], 1501)), [3]);
});

Deno.test("while a request is under way nothing is asked by the clock", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 1500);
  keeper.kernelChanged(1500);
  assertEquals(keeper.nextDeadline(), Infinity);
  assertEquals(keeper.run(100_000), []);
});

Deno.test("the kernel is looked at every five seconds, whatever it announces", () => {
  const moments = requestsUntil(settled(), 20_000, (generation) => report(generation, kernel()));
  assertEquals(moments, [1, 2, 3].map((i) => 1000 + i * RECONCILE_MS));
});

// ------------------------------------------------------------------------------- what is told

Deno.test("a notice waits for the read-back and is told once, with the time from decision to read-back", () => {
  const keeper = settled();
  assertEquals(noticesIn(keeper.want(wish(VIA_B), [MOVED], 1500)), []);
  const report2 = report(2, kernel(VIA_B));
  assertEquals(noticesIn(keeper.report(report2, 1503)), [{ ...MOVED, tookMs: 3 }]);
  assertEquals(noticesIn(keeper.report(report2, 1504)), []);
  assertEquals(noticesIn(keeper.run(9000)), []);
});

Deno.test("what the kernel refused is told as refused, with its words and the pause before the next try", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [MOVED], 1500);
  const [told, degraded] = noticesIn(keeper.report(report(2, kernel(), REFUSED), 1502));
  const action = { kind: "refused", address: A2, reason: "no buffer space", retryMs: 100 } as const;
  assertEquals(told, { ...MOVED, actions: [action], tookMs: 2 });
  const reason = `route replace ${A2}/32: no buffer space`;
  assertEquals(degraded, { kind: "degraded", reason, retryMs: 100 });
});

Deno.test("a route that the read-back does not show is not believed, though no step was refused", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [MOVED], 1500);
  const [told] = noticesIn(keeper.report(report(2, kernel()), 1502));
  const reason = "not shown by the kernel";
  const action = { kind: "refused", address: A2, reason, retryMs: 100 } as const;
  assertEquals(told, { ...MOVED, actions: [action], tookMs: 2 });
  assertEquals(keeper.degraded, "the kernel does not show the routes it accepted");
});

Deno.test("a route that was to vanish and is still there is not believed either", () => {
  const keeper = settled();
  const action = { kind: "restored", address: A2, network: "A" } as const;
  keeper.want(wish(), [{ ...MOVED, actions: [action] }], 1500);
  const [told] = noticesIn(keeper.report(report(2, kernel(VIA_B)), 1502));
  assertEquals(told?.kind === "path-down" && told.actions[0]?.kind, "refused");
});

Deno.test("actions that need nothing of the kernel are told as they are", () => {
  const keeper = settled();
  const actions = [{ kind: "stays", address: A2, why: "because" }] as const;
  keeper.want(wish(VIA_B), [{ ...MOVED, actions }], 1500);
  const told = noticesIn(keeper.report(report(2, kernel(VIA_B)), 1502));
  assertEquals(told, [{ ...MOVED, actions, tookMs: 2 }]);
});

Deno.test("a notice is told after a second even if the kernel did not answer, and not again when it does", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [MOVED], 1500);
  assertEquals(keeper.nextDeadline(), 2500);
  assertEquals(noticesIn(keeper.run(2499)), []);
  assertEquals(noticesIn(keeper.run(2500)), [MOVED]);
  assertEquals(keeper.nextDeadline(), Infinity);
  assertEquals(noticesIn(keeper.report(report(2, kernel(VIA_B)), 2600)), []);
});

Deno.test("what still waits can be told as it was decided, once", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [MOVED], 1500);
  assertEquals([keeper.waiting(), keeper.waiting()], [[MOVED], []]);
  assertEquals(noticesIn(keeper.report(report(2, kernel(VIA_B)), 1503)), []);
});

// ------------------------------------------------------------------------------- generations

Deno.test("a report of an older generation tells its notices and is otherwise not believed", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [MOVED], 1500);
  keeper.want(wish(VIA_C), [{ ...MOVED, actions: [] }], 1501);
  assertEquals(noticesIn(keeper.report(report(2, kernel(VIA_B)), 1502)), [{ ...MOVED, tookMs: 2 }]);
  assertEquals([keeper.degraded, keeper.nextDeadline()], [null, 2501]);
  const told = noticesIn(keeper.report(report(3, kernel(VIA_C)), 1504));
  assertEquals(told, [{ ...MOVED, actions: [], tookMs: 3 }]);
  assertEquals(keeper.nextDeadline(), 1501 + RECONCILE_MS);
});

Deno.test("the notices of a request that a newer one replaced are told with that one", () => {
  const keeper = settled();
  keeper.want(wish(), [{ ...MOVED, actions: [] }], 1500);
  keeper.want(wish(VIA_B), [MOVED], 1501);
  const told = noticesIn(keeper.report(report(3, kernel(VIA_B)), 1504));
  assertEquals(told, [{ ...MOVED, actions: [], tookMs: 4 }, { ...MOVED, tookMs: 3 }]);
});

Deno.test("an action that a newer request undid is not told as refused", () => {
  const keeper = settled();
  const restored = { kind: "restored", address: A2, network: "A" } as const;
  keeper.want(wish(VIA_B), [MOVED], 1500);
  keeper.want(wish(), [{ ...MOVED, actions: [restored] }], 1501);
  const told = noticesIn(keeper.report(report(3, kernel()), 1504));
  assertEquals(told, [
    { ...MOVED, actions: [], tookMs: 4 },
    { ...MOVED, actions: [restored], tookMs: 3 },
  ]);
});

Deno.test("a failure of an older generation is none", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 1500);
  keeper.want(wish(VIA_C), [], 1501);
  assertEquals(keeper.failed(2, "ip ended", 1502), []);
  assertEquals([keeper.degraded, keeper.nextDeadline()], [null, Infinity]);
});

// ------------------------------------------------------------------------------- failure

Deno.test("a shortfall is retried after 0.1 s, then twice as long each time up to 5 s", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  keeper.report(report(2, kernel(), REFUSED), 2000);
  const moments = requestsUntil(keeper, 30_000, (g) => report(g, kernel(), REFUSED));
  const pauses = moments.map((moment, i) => moment - (moments[i - 1] ?? 2000));
  assertEquals(pauses.slice(0, 8), [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

Deno.test("what was refused is not tried sooner because something else changed in the kernel", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  keeper.report(report(2, kernel(), REFUSED), 2000);
  keeper.run(2100);
  keeper.report(report(3, kernel(), REFUSED), 2100);
  keeper.kernelChanged(2101);
  assertEquals(keeper.nextDeadline(), 2300);
});

Deno.test("a switcher that cannot work is asked again with the same backoff", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  const told = noticesIn(keeper.failed(2, "ip ended", 2000));
  assertEquals(told, [{ kind: "degraded", reason: "ip ended", retryMs: 100 }]);
  assertEquals(keeper.nextDeadline(), 2100);
  keeper.run(2100);
  assertEquals(noticesIn(keeper.failed(3, "ip ended", 2101)), []);
  assertEquals(keeper.nextDeadline(), 2301);
});

Deno.test("being degraded is told once for each reason, and its end with how long it took", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  keeper.report(report(2, kernel(), REFUSED), 2000);
  keeper.run(2100);
  assertEquals(noticesIn(keeper.report(report(3, kernel(), REFUSED), 2100)), []);
  keeper.run(2300);
  const other = { refused: [{ step: "rule add", reason: "not permitted" }] };
  assertEquals(noticesIn(keeper.report(report(4, kernel(), other), 2300)), [
    { kind: "degraded", reason: "rule add: not permitted", retryMs: 400 },
  ]);
  keeper.run(2700);
  assertEquals(noticesIn(keeper.report(report(5, kernel(VIA_B)), 2702)), [
    { kind: "recovered", afterMs: 702 },
  ]);
  assertEquals([keeper.degraded, keeper.nextDeadline()], [null, 2700 + RECONCILE_MS]);
});

Deno.test("of several refused steps the first is named and the others are counted", () => {
  const keeper = settled();
  const step = { step: "route add", reason: "full" };
  keeper.want(wish(VIA_B), [], 2000);
  keeper.report(report(2, kernel(), { refused: [step, step, step] }), 2000);
  assertEquals(keeper.degraded, "route add: full, and 2 more");
});

Deno.test("after a success the backoff starts anew", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  keeper.report(report(2, kernel(), REFUSED), 2000);
  keeper.run(2100);
  keeper.report(report(3, kernel(VIA_B)), 2100);
  keeper.want(wish(), [], 3000);
  keeper.report(report(4, kernel(VIA_B), REFUSED), 3000);
  assertEquals(keeper.nextDeadline(), 3100);
});

// ------------------------------------------------------------------------------- repair

Deno.test("after an announcement the kernel is looked at at once, if the last look is long enough ago", () => {
  const keeper = settled();
  keeper.kernelChanged(3000);
  assertEquals(keeper.nextDeadline(), 3000);
  assertEquals(generationsIn(keeper.run(3000)), [2]);
});

Deno.test("a burst of announcements makes one look, a tenth of a second after the last one", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 3000);
  for (const now of [3001, 3002, 3003]) keeper.kernelChanged(now);
  keeper.report(report(2, kernel(VIA_B)), 3004);
  for (const now of [3005, 3006, 3007]) keeper.kernelChanged(now);
  assertEquals(keeper.nextDeadline(), 3100);
});

Deno.test("an announcement during a request leads to a look after it: what was read back may be stale", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 3000);
  keeper.kernelChanged(3500);
  keeper.report(report(2, kernel(VIA_B)), 3501);
  assertEquals(keeper.nextDeadline(), 3500);
});

Deno.test("damage that a look found is told with what it was, and counted", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  keeper.report(report(2, kernel(VIA_B)), 2000);
  keeper.kernelChanged(3000);
  keeper.run(3000);
  const stray = { ...VIA_B, address: at("A", 9) };
  const found = { ...kernel(VIA_C, stray), rules: 0 };
  const told = noticesIn(keeper.report(report(3, kernel(VIA_B), { found, changes: 3 }), 3001));
  assertEquals(told, [{
    kind: "repaired",
    what: [
      "the rule was deleted",
      `the route for ${A2} was changed`,
      `a route for ${stray.address} was added`,
    ],
    tookMs: 2,
  }]);
  assertEquals(keeper.repairs, 1);
});

Deno.test("what a new wish had to change is our own doing and no damage", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  const own = report(2, kernel(VIA_B), { found: kernel() });
  assertEquals(noticesIn(keeper.report(own, 2001)), []);
  assertEquals(keeper.repairs, 0);
});

Deno.test("what the first request had to change was not there before, and is no damage", () => {
  const keeper = new RouteKeeper(ROUTING, wish(), 1000);
  keeper.run(1000);
  const found = { ...kernel(), rules: 0 };
  assertEquals(noticesIn(keeper.report(report(1, kernel(), { found }), 1001)), []);
});

Deno.test("what a retry had to change was our own shortfall, and is no damage", () => {
  const keeper = settled();
  keeper.want(wish(VIA_B), [], 2000);
  keeper.report(report(2, kernel(), REFUSED), 2000);
  keeper.run(2100);
  const told = noticesIn(keeper.report(report(3, kernel(VIA_B), { found: kernel() }), 2101));
  assertEquals(told, [{ kind: "recovered", afterMs: 101 }]);
});

Deno.test("a route that was left to the kernel and vanished there is told as mended when it is wanted again", () => {
  for (const isThere of [false, true]) {
    const keeper = settled();
    keeper.want(wish(VIA_B), [], 2000);
    keeper.report(report(2, kernel(VIA_B)), 2000);
    keeper.want({ ...wish(), keep: new Set([A2]) }, [], 3000);
    keeper.report(report(3, isThere ? kernel(VIA_B) : kernel()), 3000);
    keeper.want(wish(VIA_B), [], 4000);
    const told = noticesIn(keeper.report(report(4, kernel(VIA_B)), 4001));
    const what = [`the route for ${A2} was deleted`];
    assertEquals(told, isThere ? [] : [{ kind: "repaired", what, tookMs: 2 }]);
  }
});

Deno.test("while every look finds damage the looks become rarer, up to every 5 s, and quicker again without it", () => {
  const keeper = settled();
  let now = 5000;
  let generation = 1;
  const look = (found: ActualRoutes): number => {
    keeper.kernelChanged(now);
    const pause = keeper.nextDeadline() - now;
    now = keeper.nextDeadline();
    keeper.run(now);
    generation += 1;
    keeper.report(report(generation, kernel(), { found, changes: 1 }), now);
    return pause;
  };
  const broken = { ...kernel(), rules: 0 };
  const pauses = Array.from({ length: 9 }, () => look(broken));
  assertEquals(pauses, [0, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  const calm = Array.from({ length: 8 }, () => look(kernel()));
  assertEquals(calm, [5000, 2500, 1250, 625, 312.5, 156.25, 100, 100]);
});

Deno.test("foreign routes are told when there are more of them than before", () => {
  const keeper = settled();
  const told = [2, 2, 1, 3].map((foreign, i) => {
    keeper.want(wish(), [], 2000 + i);
    return noticesIn(keeper.report(report(2 + i, { ...kernel(), foreign }), 2000 + i));
  });
  const notice = (count: number) => [{ kind: "foreign-routes" as const, table: 245, count }];
  assertEquals(told, [notice(2), [], [], notice(3)]);
});

// ------------------------------------------------------------------------------- neighbours

Deno.test("neighbours to forget are carried over to a request that replaces an unanswered one, and then done with", () => {
  const keeper = settled();
  const [first, second] = [2, 3].map((host) => ({ address: at("A", host), interfaceName: "eth1" }));
  keeper.want({ ...wish(VIA_B), forgetNeighbours: [first!] }, [], 2000);
  const [replaced] = routesIn(
    keeper.want({ ...wish(VIA_B), forgetNeighbours: [second!] }, [], 2001),
  );
  assertEquals(replaced?.wanted.forgetNeighbours, [first, second]);
  keeper.report(report(3, kernel(VIA_B)), 2002);
  const [next] = routesIn(keeper.run(10_000));
  assertEquals(next?.wanted.forgetNeighbours, []);
});
