import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isSameRoute, plan, type Step, sweepPlan } from "../../lib/core/route_plan.ts";
import type {
  ActualRoutes,
  HostRoute,
  Routing,
  StrayRoute,
  WantedRoutes,
} from "../../lib/core/types.ts";

const ROUTING: Routing = { table: 245, rulePriority: 3245, protocol: 245 };
const STALE = { priority: 9, table: 77, inverted: true, udp: true, port: 4000 };

function route(address: string, gateway: string): HostRoute {
  return { address, gateway, interfaceName: "ethB", source: "192.168.1.1" };
}

function wanted(routes: readonly HostRoute[], more: Partial<WantedRoutes> = {}): WantedRoutes {
  const byAddress = new Map(routes.map((each) => [each.address, each]));
  return { routes: byAddress, keep: new Set(), forgetNeighbours: [], ...more };
}

function actual(routes: readonly HostRoute[], more: Partial<ActualRoutes> = {}): ActualRoutes {
  const byAddress = new Map(routes.map((each) => [each.address, each]));
  return { rules: 1, routes: byAddress, foreign: 0, ...more };
}

const TO_B = route("192.168.1.2", "192.168.2.2");
const TO_C = route("192.168.1.2", "192.168.3.2");
const OTHER = route("192.168.1.3", "192.168.2.3");

Deno.test("Plan: what is as wanted gives no step", () => {
  assertEquals(plan(wanted([TO_B, OTHER]), actual([OTHER, TO_B]), ROUTING), []);
});

Deno.test("Plan: a missing rule comes first, then the routes", () => {
  assertEquals(plan(wanted([TO_B]), actual([], { rules: 0 }), ROUTING), [
    { kind: "rule-add" },
    { kind: "route-add", route: TO_B },
  ]);
});

Deno.test("Plan: a route that is there is replaced, one that is not is added", () => {
  assertEquals(plan(wanted([TO_C, OTHER]), actual([TO_B]), ROUTING), [
    { kind: "route-replace", route: TO_C },
    { kind: "route-add", route: OTHER },
  ]);
});

Deno.test("Plan: a route with another interface or source is replaced", () => {
  const { source: _, ...withoutSource } = TO_B;
  for (const there of [{ ...TO_B, interfaceName: "ethC" }, withoutSource]) {
    const steps = plan(wanted([TO_B]), actual([there]), ROUTING);
    assertEquals(steps, [{ kind: "route-replace", route: TO_B }]);
  }
});

Deno.test("Plan: deletions come last, after the neighbours of the dead interface are forgotten", () => {
  const forgetNeighbours = [{ address: "192.168.1.3", interfaceName: "ethA" }];
  const found = actual([TO_B], { rules: 3, staleRules: [STALE] });
  assertEquals(plan(wanted([OTHER], { forgetNeighbours }), found, ROUTING), [
    { kind: "route-add", route: OTHER },
    {
      kind: "neighbour-flush",
      interfaceName: "ethA",
      subnet: { network: "192.168.1.3", prefixLength: 32 },
    },
    { kind: "rule-delete" },
    { kind: "rule-delete" },
    { kind: "rule-delete", stale: STALE },
    { kind: "route-delete", address: "192.168.1.2" },
  ]);
});

Deno.test("Plan: an address to keep yields no step, be its route there or not", () => {
  const stray = { destination: "192.168.1.2", table: 245 };
  const keep = new Set(["192.168.1.2"]);
  assertEquals(plan(wanted([], { keep }), actual([TO_B]), ROUTING), []);
  assertEquals(plan(wanted([], { keep }), actual([]), ROUTING), []);
  assertEquals(plan(wanted([], { keep }), actual([], { strays: [stray] }), ROUTING), []);
});

Deno.test("Plan: the neighbours of one interface are flushed at once, as the smallest subnet", () => {
  const forgetNeighbours = [
    { address: "192.168.1.2", interfaceName: "ethA" },
    { address: "192.168.2.9", interfaceName: "ethB" },
    { address: "192.168.1.3", interfaceName: "ethA" },
    { address: "192.168.1.2", interfaceName: "ethA" },
    { address: "2001:db8::1", interfaceName: "ethC" },
    { address: "2001:db8::2", interfaceName: "ethC" },
  ];
  const flushes = plan(wanted([], { forgetNeighbours }), actual([]), ROUTING);
  assertEquals(flushes, [
    {
      kind: "neighbour-flush",
      interfaceName: "ethA",
      subnet: { network: "192.168.1.2", prefixLength: 31 },
    },
    {
      kind: "neighbour-flush",
      interfaceName: "ethB",
      subnet: { network: "192.168.2.9", prefixLength: 32 },
    },
    {
      kind: "neighbour-flush",
      interfaceName: "ethC",
      subnet: { network: "2001:db8::", prefixLength: 126 },
    },
  ]);
});

Deno.test("Plan: routes of ours of another shape are deleted, and replaced where one is wanted", () => {
  const inPlace: StrayRoute = { destination: "192.168.1.2", table: 245, gateway: "192.168.2.9" };
  const behind: StrayRoute = { ...inPlace, gateway: "192.168.2.8" };
  const metric: StrayRoute = { ...inPlace, metric: 5 };
  const elsewhere: StrayRoute = { ...inPlace, table: 99 };
  const strays = [metric, elsewhere, inPlace, behind];
  assertEquals(plan(wanted([TO_B]), actual([], { strays }), ROUTING), [
    { kind: "route-replace", route: TO_B },
    { kind: "stray-delete", stray: metric },
    { kind: "stray-delete", stray: elsewhere },
    { kind: "stray-delete", stray: behind },
  ]);
  assertEquals(
    plan(wanted([TO_B]), actual([TO_B], { strays: [behind] }), ROUTING),
    [{ kind: "stray-delete", stray: behind }],
  );
});

Deno.test("Sweep plan: everything of ours goes, the rules first", () => {
  const stray = { destination: "default", table: 9 };
  const found = actual([TO_B, OTHER], { rules: 2, staleRules: [STALE], strays: [stray] });
  assertEquals(sweepPlan(found), [
    { kind: "rule-delete" },
    { kind: "rule-delete" },
    { kind: "rule-delete", stale: STALE },
    { kind: "route-delete", address: "192.168.1.2" },
    { kind: "route-delete", address: "192.168.1.3" },
    { kind: "stray-delete", stray },
  ]);
  assertEquals(sweepPlan(actual([], { rules: 0, foreign: 7 })), []);
});

// ------------------------------------------------------------------------------------------- properties

const addresses = fc.constantFrom(..."23456789".split("").map((last) => `192.168.1.${last}`));
const routes = fc.uniqueArray(
  fc.record({
    address: addresses,
    gateway: fc.constantFrom("192.168.2.2", "192.168.3.2"),
    interfaceName: fc.constantFrom("ethB", "ethC"),
  }),
  { selector: ({ address }) => address },
);
const worlds = fc.record({
  wish: routes,
  there: routes,
  keep: fc.uniqueArray(addresses),
  rules: fc.nat(3),
  strays: fc.uniqueArray(
    fc.record({ destination: addresses, table: fc.constantFrom(245, 99), metric: fc.nat(3) }),
    { selector: (stray) => JSON.stringify(stray) },
  ),
  stale: fc.boolean(),
}).map(({ wish, there, keep, rules, strays, stale }) => ({
  want: wanted(wish, { keep: new Set(keep.filter((each) => !isWished(wish, each))) }),
  found: actual(there, { rules, strays, staleRules: stale ? [STALE] : [] }),
}));

function isWished(wish: readonly HostRoute[], address: string): boolean {
  return wish.some((each) => each.address === address);
}

/** What the kernel has after a step. */
function after(before: ActualRoutes, step: Step): ActualRoutes {
  const routes = new Map(before.routes);
  const strays = before.strays ?? [];
  switch (step.kind) {
    case "rule-add":
      return { ...before, rules: before.rules + 1 };
    case "rule-delete":
      return step.stale === undefined
        ? { ...before, rules: before.rules - 1 }
        : { ...before, staleRules: before.staleRules?.filter((each) => each !== step.stale) ?? [] };
    case "route-add":
    case "route-replace":
      assertEquals(routes.has(step.route.address), step.kind === "route-replace");
      return { ...before, routes: routes.set(step.route.address, step.route) };
    case "route-delete":
      assert(routes.delete(step.address));
      return { ...before, routes };
    case "stray-delete":
      return { ...before, strays: strays.filter((each) => each !== step.stray) };
    case "neighbour-flush":
      return before;
  }
}

Deno.test("Plan: its steps lead to what is wanted, where no more steps are left", () => {
  fc.assert(fc.property(worlds, ({ want, found }) => {
    const end = plan(want, found, ROUTING).reduce(after, found);
    assertEquals(plan(want, end, ROUTING), []);
    assertEquals(end.rules, 1);
    for (const each of want.routes.values()) assertEquals(end.routes.get(each.address), each);
    for (const address of want.keep) {
      assertEquals(end.routes.get(address), found.routes.get(address));
    }
    for (const address of end.routes.keys()) {
      assert(want.routes.has(address) || want.keep.has(address));
    }
  }));
});

Deno.test("Plan: no address that keeps a route is without one at any moment, nor is there no rule", () => {
  fc.assert(fc.property(worlds, ({ want, found }) => {
    let now = found;
    for (const step of plan(want, found, ROUTING)) {
      now = after(now, step);
      assert(now.rules >= 1);
      for (const address of found.routes.keys()) {
        if (want.routes.has(address) || want.keep.has(address)) assert(now.routes.has(address));
      }
    }
  }));
});

Deno.test("Plan: a route that is deleted stays until all others are right", () => {
  fc.assert(fc.property(worlds, ({ want, found }) => {
    let now = found;
    for (const step of plan(want, found, ROUTING)) {
      if (step.kind === "route-delete") {
        for (const each of want.routes.values()) {
          const there = now.routes.get(each.address);
          assert(there !== undefined && isSameRoute(each, there));
        }
      }
      now = after(now, step);
    }
  }));
});

Deno.test("Sweep plan: nothing of ours is left, and no route goes while a rule stands", () => {
  fc.assert(fc.property(worlds, ({ found }) => {
    let now = found;
    for (const step of sweepPlan(found)) {
      if (step.kind === "route-delete") assertEquals(now.rules, 0);
      now = after(now, step);
    }
    assertEquals(sweepPlan(now), []);
    assertEquals([now.rules, now.routes.size, now.strays, now.staleRules], [0, 0, [], []]);
  }));
});
