/** Loss and holds at the route desk: what is left, what is kept, when it returns, and what people are told. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { adoptedPathHealth, newPathHealth, recordFault } from "../../lib/core/path_health.ts";
import type { Notice, Settings } from "../../lib/core/types.ts";
import { at } from "./builders.ts";
import { holdIn, lines, Office } from "./office.ts";
import { LOSS_TOLD_MS } from "../../lib/core/route_desk.ts";

/** The restore time of the settings: 4 times 1 s. */
const RESTORE_MS = 4000;

// ------------------------------------------------------------------------------- flapping

/** The hold of a path that fell so often: so many times what -s takes. */
function flapping(flaps: number, times: number) {
  return { kind: "flapping", flaps, holdMs: times * RESTORE_MS };
}

Deno.test("the first two falls delay nothing; from the third on the traffic stays longer with each", () => {
  const office = new Office();
  const holds: unknown[] = [];
  for (let fall = 1; fall <= 5; fall++) {
    holds.push(holdIn(office.flap("A")));
    office.failback();
  }
  assertEquals(holds, [null, null, flapping(3, 1), flapping(4, 3), flapping(5, 7)]);
});

Deno.test("what is held returns when its time is over, is shown until then, and is told", () => {
  const office = new Office();
  office.flap("A");
  office.flap("A");
  assertEquals(lines(office.flap("A")), ["path-up A"]);
  const hold = { kind: "flapping", flaps: 3, holdMs: RESTORE_MS };
  assertEquals([office.carrier("A"), office.view("A").hold, office.view("A").flaps], [
    "B",
    hold,
    3,
  ]);
  assertEquals(office.desk.nextDeadline() <= office.now + RESTORE_MS, true);
  assertEquals(office.after(RESTORE_MS - 1), []);
  assertEquals([office.carrier("A"), office.view("A").hold], ["B", hold]);
  assertEquals(lines(office.after(1)), ["rerouted A hold-ended restored"]);
  assertEquals([office.carrier("A"), office.view("A").hold], ["A", null]);
});

Deno.test("the end of a hold is a deadline of the desk", () => {
  const office = new Office({ failback: { kind: "after", quietMs: 700 } });
  office.flap("A");
  office.desk.settle(office.now);
  assertEquals(office.desk.nextDeadline(), office.now + 700);
});

Deno.test("a path that falls while it is held is held anew, but not longer: its traffic did not fall", () => {
  const office = new Office();
  for (let fall = 1; fall <= 3; fall++) office.flap("A");
  for (let again = 0; again < 9; again++) {
    office.after(RESTORE_MS - 1000);
    const hold = { kind: "flapping", flaps: 3, holdMs: RESTORE_MS };
    assertEquals(holdIn(office.flap("A")), hold);
  }
  office.after(RESTORE_MS - 1);
  assertEquals(office.carrier("A"), "B");
  office.after(1);
  assertEquals(office.carrier("A"), "A");
});

Deno.test("quiet forgives: a fall long after the others delays nothing", () => {
  const office = new Office();
  for (let fall = 1; fall <= 3; fall++) office.flap("A");
  office.after(180_000);
  assertEquals([office.view("A").flaps, holdIn(office.flap("A"))], [0, null]);
});

Deno.test("a limit of 0 holds nothing", () => {
  const office = new Office({ holdDown: { limitMs: 0, quietMs: 60_000 } });
  for (let fall = 1; fall <= 9; fall++) assertEquals(holdIn(office.flap("A")), null);
  assertEquals(office.carrier("A"), "A");
});

Deno.test("traffic that never left is not held: with one network a path returns at once, as often as it falls", () => {
  const office = new Office({ failback: { kind: "manual" } }, ["A"]);
  for (let fall = 1; fall <= 5; fall++) assertEquals(holdIn(office.flap("A")), null);
  assertEquals([office.path("A").heldUntil, office.view("A").hold], [-Infinity, null]);
});

Deno.test("a path that was never up did not fall", () => {
  const office = new Office();
  office.path("A").state = newPathHealth(office.now);
  office.down("A");
  assertEquals(office.view("A").flaps, 0);
});

Deno.test("falls of a peer that said it stops are not counted, nor are routes of a predecessor", () => {
  const office = new Office();
  const { node } = office.path("A");
  node.stopping = { until: 1e9, graceMs: 1e9, counter: 1 };
  office.down("A");
  node.stopping = null;
  assertEquals(office.view("A").flaps, 0);
  const path = office.path("B");
  path.state = adoptedPathHealth(office.now);
  office.up("B");
  assertEquals(office.view("B").flaps, 0);
});

// ------------------------------------------------------------------------------- failback

Deno.test("`after` keeps the traffic until the path was up for so long", () => {
  const office = new Office({ failback: { kind: "after", quietMs: 9000 } });
  const told = office.flap("A");
  assertEquals(holdIn(told), { kind: "after", holdMs: 9000 });
  office.after(8999);
  assertEquals(office.carrier("A"), "B");
  assertEquals(lines(office.after(1)), ["rerouted A hold-ended restored"]);
});

Deno.test("`after` and flapping: the longer one counts", () => {
  const office = new Office({ failback: { kind: "after", quietMs: 9000 } });
  const kinds: unknown[] = [];
  for (let fall = 1; fall <= 4; fall++) {
    kinds.push(holdIn(office.flap("A"))?.kind);
    office.failback();
  }
  assertEquals(kinds, ["after", "after", "after", "flapping"]);
});

Deno.test("`manual` keeps the traffic for ever, until people want it back", () => {
  const office = new Office({ failback: { kind: "manual" } });
  assertEquals(holdIn(office.flap("A")), { kind: "manual" });
  assertEquals(office.after(1e9), []);
  assertEquals([office.carrier("A"), office.view("A").hold], ["B", { kind: "manual" }]);
  assertEquals(lines(office.failback()), ["rerouted A failback restored"]);
  assertEquals(office.carrier("A"), "A");
  assertEquals(office.failback(), []);
});

Deno.test("a dead carrier ends every hold at once", () => {
  for (const failback of [{ kind: "manual" }, { kind: "after", quietMs: 1e6 }] as const) {
    const office = new Office({ failback });
    office.flap("A");
    office.after(10);
    const told = office.down("B");
    assertEquals(lines(told), ["path-down B moved", "rerouted A hold-ended restored"]);
    assertEquals([office.carrier("A"), office.carrier("B")], ["A", "A"]);
    assertEquals(office.path("A").heldUntil, -Infinity);
  }
});

Deno.test("people's wish is for once: a later hold ends by itself and says so", () => {
  const office = new Office({ failback: { kind: "after", quietMs: 9000 } });
  office.failback();
  office.flap("A");
  assertEquals(lines(office.after(9000)), ["rerouted A hold-ended restored"]);
});

Deno.test("people's wish moves nothing whose path is down", () => {
  const office = new Office();
  office.after(100);
  office.down("A");
  assertEquals(office.failback(), []);
  assertEquals(office.carrier("A"), "B");
});

// ------------------------------------------------------------------------------- loss

Deno.test("a lossy path is left for a better one, and people are told both figures", () => {
  const office = new Office();
  office.lose("B", 0.02);
  const [notice, ...more] = office.lose("A", 0.25);
  assertEquals([notice, more], [{
    kind: "path-lossy",
    path: { node: "node2", network: "A", address: at("A", 2) },
    loss: 0.25,
    by: "us",
    other: { network: "B", loss: 0.02 },
    actions: [{ kind: "moved", address: at("A", 2), gateway: at("B", 2), network: "B" }],
    tookMs: 0,
  }, []]);
  assertEquals(office.view("A").hold, { kind: "lossy", loss: 0.25 });
  assertEquals([office.view("A").loss, office.view("B").loss], [0.25, 0.02]);
});

Deno.test("it is returned to when it is clean", () => {
  const office = new Office();
  office.lose("A", 0.25);
  assertEquals(office.lose("A", 0.1), []);
  assertEquals(office.carrier("A"), "B");
  const [notice, ...more] = office.lose("A", 0.02);
  assertEquals(notice?.kind === "path-clean" && [notice.loss, notice.actions[0]?.kind, more], [
    0.02,
    "restored",
    [],
  ]);
  assertEquals([office.carrier("A"), office.view("A").hold], ["A", null]);
});

Deno.test("what the peer finds counts like what we find", () => {
  const office = new Office();
  const [notice] = office.complain("A", 0.3);
  assertEquals(notice?.kind === "path-lossy" && [notice.loss, notice.by], [0.3, "peer"]);
  assertEquals(office.carrier("A"), "B");
  assertEquals(lines(office.complain("A", 0)), ["path-clean A restored"]);
  assertEquals(office.carrier("A"), "A");
});

Deno.test("nothing is left for its loss where loss is not to count, whatever the peer says", () => {
  const office = new Office({ loss: { window: 0, leaveAbove: 0.2, returnBelow: 0.05 } });
  assertEquals([office.lose("A", 0.5), office.complain("A", 0.5)], [[], []]);
  assertEquals(office.carrier("A"), "A");
});

Deno.test("a lossy path with nothing better beside it is kept, told once, and left when there is something", () => {
  const office = new Office();
  office.after(10);
  office.down("B");
  const [notice, ...more] = office.lose("A", 0.5);
  assertEquals(notice?.kind === "path-lossy" && [notice.other, notice.actions, more], [
    null,
    [],
    [],
  ]);
  assertEquals([office.lose("A", 0.5), office.carrier("A")], [[], "A"]);
  office.after(10);
  assertEquals(lines(office.up("B")), ["path-up B restored", "rerouted A better-path moved"]);
});

Deno.test("two paths that begin to lose alike both keep their traffic", () => {
  const office = new Office();
  for (let i = 0; i < 300; i++) {
    office.path("A").loss.record(i % 3 === 0);
    office.path("B").loss.record(i % 3 === 1);
    office.world.dirty.add(office.path("A").node);
    office.settle();
    assertEquals([office.carrier("A"), office.carrier("B")], ["A", "B"]);
  }
  assertEquals([office.path("A").loss.isLossy, office.path("B").loss.isLossy], [true, true]);
});

Deno.test("a lossy path is returned to when its carrier gets much worse", () => {
  const office = new Office();
  office.lose("A", 0.25);
  assertEquals(lines(office.lose("B", 0.33)), ["path-lossy B"]);
  assertEquals(office.carrier("A"), "B");
  office.lose("B", 0.5);
  assertEquals([office.carrier("A"), office.carrier("B")], ["A", "A"]);
});

Deno.test("traffic that left for loss counts as fallen: each time after the second it is longer away", () => {
  const office = new Office();
  const holds: unknown[] = [];
  for (let fall = 1; fall <= 5; fall++) {
    office.after(100);
    office.lose("A", 0.25);
    assertEquals(office.carrier("A"), "B");
    office.after(LOSS_TOLD_MS);
    const clean = office.lose("A", 0).find(({ kind }) => kind === "path-clean");
    holds.push(clean?.kind === "path-clean" ? clean.hold : undefined);
    assertEquals(office.carrier("A"), fall <= 2 ? "A" : "B");
    assertEquals(office.view("A").hold, holds.at(-1));
    office.failback();
  }
  assertEquals(holds, [null, null, flapping(3, 1), flapping(4, 3), flapping(5, 7)]);
});

Deno.test("traffic that left for loss returns when its hold is over, and says so", () => {
  const office = new Office({ failback: { kind: "after", quietMs: 9000 } });
  office.lose("A", 0.25);
  office.after(LOSS_TOLD_MS);
  assertEquals(lines(office.lose("A", 0)), ["path-clean A"]);
  assertEquals([office.after(8999), office.carrier("A")], [[], "B"]);
  assertEquals(lines(office.after(1)), ["rerouted A hold-ended restored"]);
});

Deno.test("`manual` keeps traffic that left for loss, until people want it back", () => {
  const office = new Office({ failback: { kind: "manual" } });
  office.lose("A", 0.25);
  office.after(LOSS_TOLD_MS);
  const [clean, ...more] = office.lose("A", 0);
  assertEquals(clean?.kind === "path-clean" && [clean.hold, clean.actions, more], [
    { kind: "manual" },
    [],
    [],
  ]);
  assertEquals([office.after(1e9), office.carrier("A")], [[], "B"]);
  assertEquals(lines(office.failback()), ["rerouted A failback restored"]);
});

Deno.test("a lossy path that falls and comes up again is held until it is clean", () => {
  const office = new Office();
  office.lose("A", 0.25);
  const told = office.flap("A");
  assertEquals([lines(told), holdIn(told)], [["path-up A"], { kind: "lossy", loss: 0.25 }]);
  assertEquals([office.after(1e6), office.carrier("A")], [[], "B"]);
  assertEquals(lines(office.lose("A", 0)), ["path-clean A restored"]);
});

Deno.test("a path that became lossy while it was down says so when it comes up, not before", () => {
  const office = new Office();
  office.after(10);
  office.down("A");
  assertEquals(office.lose("A", 0.5), []);
  const told = office.up("A");
  assertEquals([lines(told), holdIn(told)], [["path-up A"], { kind: "lossy", loss: 0.5 }]);
});

Deno.test("people's wish does not end what is held for its loss", () => {
  const office = new Office({ failback: { kind: "manual" } });
  office.lose("A", 0.5);
  office.flap("A");
  assertEquals(office.view("A").hold, { kind: "manual" });
  assertEquals(office.failback(), []);
  assertEquals([office.carrier("A"), office.view("A").hold?.kind], ["B", "lossy"]);
});

Deno.test("a fall is told even if its path is forgotten in the same turn", () => {
  const office = new Office();
  const path = office.path("A");
  office.world.note(path, recordFault(path.state, office.now, { kind: "peer-network" }));
  office.world.nodes.removePath(path);
  assertEquals(lines(office.settle()), ["path-down A"]);
});

// ------------------------------------------------------------------------------- always

Deno.test("whatever happens: no up path is on a dead one, only held or lossy ones are away, every move is told", () => {
  const network = fc.constantFrom("A", "B", "C");
  const op = fc.oneof(
    fc.record({ op: fc.constantFrom("up" as const, "down" as const, "flap" as const), network }),
    fc.record({
      op: fc.constant("lose" as const),
      network,
      part: fc.constantFrom(0, 0.1, 0.25, 1),
    }),
    fc.record({ op: fc.constant("complain" as const), network, part: fc.constantFrom(0, 0.3) }),
    fc.record({ op: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
    fc.record({ op: fc.constant("failback" as const) }),
  );
  const failback = fc.constantFrom<Settings["failback"][]>(
    { kind: "auto" },
    { kind: "manual" },
    { kind: "after", quietMs: 5000 },
  );
  fc.assert(fc.property(failback, fc.array(op, { maxLength: 40 }), (failback, ops) => {
    const office = new Office({ failback }, ["A", "B", "C"]);
    for (const each of ops) {
      const before = ["A", "B", "C"].map((name) => office.carrier(name));
      office.now += 10;
      const told = perform(office, each);
      if (each.op !== "flap") assertMovesTold(office, before, told);
      assertSound(office);
    }
  }));
});

type Op =
  | { op: "up" | "down" | "flap"; network: string }
  | { op: "lose" | "complain"; network: string; part: number }
  | { op: "wait"; ms: number }
  | { op: "failback" };

function perform(office: Office, each: Op): Notice[] {
  switch (each.op) {
    case "wait":
      return office.after(each.ms);
    case "failback":
      return office.failback();
    case "lose":
    case "complain":
      return office[each.op](each.network, each.part);
    default:
      return office[each.op](each.network);
  }
}

function assertMovesTold(office: Office, before: string[], told: readonly Notice[]): void {
  const moves = told.flatMap((notice) => "actions" in notice ? notice.actions : [])
    .filter((action) => action.kind === "moved" || action.kind === "restored");
  const changed = ["A", "B", "C"].filter((name, i) => office.carrier(name) !== before[i]);
  assertEquals(moves.map((each) => each.address).sort(), changed.map((name) => at(name, 2)));
}

function assertSound(office: Office): void {
  for (const name of ["A", "B", "C"]) {
    const path = office.path(name);
    if (path.state.health !== "up") continue;
    const carrier = office.path(office.carrier(name));
    assertEquals(carrier.state.health, "up", `${name} on a dead path`);
    if (carrier === path) continue;
    assert(office.view(name).hold !== null, `${name} is away and nothing holds it`);
  }
}
