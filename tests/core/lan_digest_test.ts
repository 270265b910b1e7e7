import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DIGEST_LIMIT, DIGEST_MS, LanDigest } from "../../lib/core/lan_digest.ts";
import type { DigestPath } from "../../lib/core/lan_digest.ts";
import type { Effect, Health, Ms, Notice, RouteAction } from "../../lib/core/types.ts";
import { at, dead } from "./builders.ts";

type Down = Extract<Notice, { readonly kind: "path-down" }>;
type Up = Extract<Notice, { readonly kind: "path-up" }>;

/** For how long lines are held at an interval of 400 ms, in ms. */
const HOLD = 500;

/** A world of paths whose health is set by hand; hosts are numbered from 2. */
class Town {
  readonly settings = { requestor: true, intervalMs: 400 };
  readonly all = new Map<string, { network: string; state: { health: Health }; node: Node }>();
  readonly nodes = { paths: this.all };

  add(network: string, hosts: number, intervalMs: Ms = 400, requestor = true): this {
    for (let host = 2; host < hosts + 2; host++) {
      const node = { intervalMs, requestor };
      this.all.set(at(network, host), { network, state: { health: "up" }, node });
    }
    return this;
  }

  set(network: string, health: Health, ...hosts: readonly number[]): void {
    for (const [address, path] of this.all) {
      const isMeant = hosts.length === 0 || hosts.some((host) => at(network, host) === address);
      if (path.network === network && isMeant) path.state.health = health;
    }
  }
}

type Node = DigestPath["node"];

function moved(network: string, host: number): RouteAction {
  return { kind: "moved", address: at(network, host), gateway: at("Z", host), network: "Z" };
}

function refused(network: string, host: number): RouteAction {
  return { kind: "refused", address: at(network, host), reason: "no", retryMs: 100 };
}

function down(network: string, host: number, overrides: Partial<Down> = {}): Effect {
  const path = { node: `node${host}`, network, address: at(network, host) };
  const actions = [moved(network, host)];
  const cause = { kind: "peer-deaf" as const, lastGoodAgoMs: host };
  const notice = { kind: "path-down" as const, path, cause, actions, tookMs: 1, ...overrides };
  return { kind: "notice", notice };
}

function up(network: string, host: number, overrides: Partial<Up> = {}): Effect {
  const path = { node: `node${host}`, network, address: at(network, host) };
  const actions = [{ kind: "restored" as const, address: at(network, host), network }];
  const facts = { good: 4, downMs: 100 * host, roundTripMs: null, hold: null, actions, tookMs: 1 };
  return { kind: "notice", notice: { kind: "path-up", path, ...facts, ...overrides } };
}

const LOOK: Effect = { kind: "look" };

/** What is told by these effects, as "kind network host" or "kind network". */
function words(effects: readonly Effect[]): string[] {
  return effects.map((effect) => {
    if (effect.kind !== "notice") return effect.kind;
    const { notice } = effect;
    if ("path" in notice) return `${notice.kind} ${notice.path.network} ${notice.path.node}`;
    return "network" in notice ? `${notice.kind} ${notice.network}` : notice.kind;
  });
}

/** The one notice among effects. */
function only(effects: readonly Effect[]): Notice {
  const [effect, ...more] = effects;
  assertEquals(more, []);
  if (effect?.kind !== "notice") throw new Error("nothing is told");
  return effect.notice;
}

// ------------------------------------------------------------------------------- what is not held

Deno.test("effects without a fall or rise pass as they are", () => {
  const digest = new LanDigest();
  const effects = [LOOK];
  assert(digest.take(effects, new Town().add("A", 5), 0) === effects);
  assertEquals(digest.nextDeadline(), Infinity);
});

Deno.test("on a network with one or two paths nothing is held", () => {
  for (const hosts of [1, 2]) {
    const digest = new LanDigest();
    const town = new Town().add("A", hosts).add("B", 9);
    town.set("A", "down");
    const effects = [down("A", 2), LOOK];
    assertEquals(digest.take(effects, town, 0), effects);
    assertEquals(digest.nextDeadline(), Infinity);
  }
});

Deno.test("what is to be done is never held, nor what is told of other networks or of none", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3).add("B", 2);
  const other: Effect = { kind: "notice", notice: { kind: "network-ready", network: dead("A") } };
  const effects = [LOOK, down("A", 2), down("B", 2), other, LOOK];
  assertEquals(words(digest.take(effects, town, 0)), [
    "look",
    "path-down B node2",
    words([other])[0],
    "look",
  ]);
});

// ------------------------------------------------------------------------------- one line

Deno.test("with the last of the paths of a network down there is one line for all of them, at once", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 4);
  town.set("A", "down", 2, 3);
  assertEquals(digest.take([down("A", 2), down("A", 3, { tookMs: 7 })], town, 1000), []);
  assertEquals(digest.nextDeadline(), 1000 + HOLD);
  assertEquals(digest.take([], town, 1300), []);
  town.set("A", "down");
  const stays: RouteAction = { kind: "stays", address: at("A", 4), why: "alone" };
  const late = [
    down("A", 4, { actions: [stays], tookMs: null }),
    down("A", 5, { actions: [refused("A", 5)] }),
  ];
  assertEquals(only(digest.take(late, town, 1400)), {
    kind: "network-silent",
    network: "A",
    peers: 4,
    cause: { kind: "peer-deaf", lastGoodAgoMs: 2 },
    moved: 2,
    stayed: 1,
    refused: 1,
    tookMs: 7,
  });
  assertEquals([digest.take([], town, 5000), digest.nextDeadline()], [[], Infinity]);
});

Deno.test("all its paths up: one line as well", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3);
  const hold = { kind: "manual" } as const;
  const ups = [
    up("A", 2, { tookMs: null }),
    up("A", 3, { hold, actions: [], tookMs: null }),
    up("A", 4, { actions: [refused("A", 4)], tookMs: null }),
  ];
  assertEquals(only(digest.take(ups, town, 0)), {
    kind: "network-heard",
    network: "A",
    peers: 3,
    restored: 1,
    held: 1,
    refused: 1,
    downMs: 400,
    tookMs: null,
  });
});

Deno.test("what falls in the last moment still belongs to it", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 4);
  town.set("A", "down");
  digest.take([down("A", 2), down("A", 3)], town, 0);
  assertEquals(words(digest.take([down("A", 4), LOOK], town, HOLD)), ["look", "network-silent A"]);
});

Deno.test("as many lines as there are paths are not all of them when one path had two", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3);
  town.set("A", "down", 2, 3);
  const effects = [down("A", 2), up("A", 2), down("A", 2), down("A", 3)];
  assertEquals(digest.take(effects, town, 0), []);
  town.set("A", "down");
  assertEquals(digest.take([down("A", 4)], town, 100), []);
  assertEquals(words(digest.take([], town, HOLD)), ["network-silent A", "path-up A node2"]);
});

Deno.test("what else is told of a network neither ends the waiting for its last path nor is counted", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3);
  town.set("A", "down", 2, 3);
  const path = { node: "node2", network: "A", address: at("A", 2) };
  const oneWay: Effect = { kind: "notice", notice: { kind: "one-way", path, dead: "to-peer" } };
  assertEquals(digest.take([down("A", 2), oneWay, down("A", 3)], town, 0), []);
  town.set("A", "down");
  assertEquals(words(digest.take([down("A", 4)], town, 10)), [
    "network-silent A",
    "one-way A node2",
  ]);
});

Deno.test("not all are down: each is told, in their order, with all else that was told of that network", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 4);
  town.set("A", "down", 2, 3, 4);
  const path = { node: "node2", network: "A", address: at("A", 2) };
  const oneWay: Effect = { kind: "notice", notice: { kind: "one-way", path, dead: "to-peer" } };
  digest.take([down("A", 2), down("A", 3), oneWay], town, 0);
  digest.take([down("A", 4)], town, 10);
  assertEquals(words(digest.take([], town, HOLD)), [
    "path-down A node2",
    "path-down A node3",
    "one-way A node2",
    "path-down A node4",
  ]);
});

Deno.test("what several peers have drained is told of each: the network is not silent by itself", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3);
  town.set("A", "down");
  const cause = { kind: "peer-drained" } as const;
  const effects = [down("A", 2), down("A", 3, { cause }), down("A", 4)];
  assertEquals(words(digest.take(effects, town, 0)), [
    "path-down A node2",
    "path-down A node3",
    "path-down A node4",
  ]);
});

Deno.test("one line stands only for the falls; what else was told stays in its place", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3);
  town.set("A", "down");
  digest.take([up("A", 2), down("A", 2), down("A", 3), down("A", 4)], town, 0);
  assertEquals(words(digest.take([], town, HOLD)), ["path-up A node2", "network-silent A"]);
});

Deno.test("one or two lines are told as they are, though with them the network is silent: they name who fell last", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3);
  town.set("A", "down");
  digest.take([down("A", 3), down("A", 4)], town, 0);
  assertEquals(words(digest.take([], town, HOLD)), ["path-down A node3", "path-down A node4"]);
});

Deno.test("a path of which nothing is known yet is neither down nor up", () => {
  for (const health of ["down", "up"] as const) {
    const digest = new LanDigest();
    const town = new Town().add("A", 4);
    town.set("A", health);
    town.set("A", "unknown", 5);
    const make = health === "down" ? down : up;
    const effects = [make("A", 2), make("A", 3), make("A", 4)];
    assertEquals(digest.take(effects, town, 0), []);
    assertEquals(digest.take([], town, HOLD), effects);
  }
});

Deno.test("two networks are held apart", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3).add("B", 3);
  town.set("A", "down", 2);
  digest.take([down("A", 2)], town, 0);
  town.set("B", "down", 2);
  digest.take([down("B", 2)], town, 100);
  assertEquals(words(digest.take([], town, HOLD)), ["path-down A node2"]);
  assertEquals(digest.nextDeadline(), 100 + HOLD);
  town.set("B", "down");
  assertEquals(words(digest.take([3, 4].map((host) => down("B", host)), town, HOLD + 1)), [
    "network-silent B",
  ]);
});

// ------------------------------------------------------------------------------- how long, how many

Deno.test("lines are held for 1.25 times the longest interval of those who inquire, and at most 5 s", () => {
  const untilOf = (town: Town) => {
    const digest = new LanDigest();
    digest.take([down("A", 2)], town, 0);
    return digest.nextDeadline();
  };
  assertEquals(untilOf(new Town().add("A", 3, 50)), HOLD, "our own interval");
  assertEquals(untilOf(new Town().add("A", 3, 2000)), 2500);
  assertEquals(untilOf(new Town().add("A", 3, 10_000)), DIGEST_MS);
  assertEquals(untilOf(new Town().add("A", 3, 3000, false)), HOLD, "nobody waits for those");
  const responder = new Town().add("A", 3, 40);
  responder.settings.requestor = false;
  assertEquals(untilOf(responder), 50);
});

Deno.test("no more than a known number of lines is held", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3);
  town.set("A", "down", 2);
  let told = 0;
  for (let i = 0; i < DIGEST_LIMIT - 1; i++) told += digest.take([down("A", 2)], town, 0).length;
  assertEquals(told, 0);
  assertEquals(digest.take([down("A", 2)], town, 0).length, DIGEST_LIMIT);
  assertEquals(digest.nextDeadline(), Infinity);
});

Deno.test("at the end everything that is held is told, as one line where it is one", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 3).add("B", 4);
  town.set("A", "down", 2, 3);
  town.set("B", "down", 2);
  digest.take([up("A", 4), down("A", 2), down("A", 3)], town, 0);
  town.set("A", "down");
  digest.take([down("A", 4), down("B", 2)], town, 0);
  const flushed = words(digest.flush());
  assertEquals(flushed, ["path-up A node4", "network-silent A", "path-down B node2"]);
  assertEquals([digest.flush(), digest.nextDeadline()], [[], Infinity]);
});

Deno.test("when all paths of the network are forgotten meanwhile, their lines are told as they are", () => {
  const digest = new LanDigest();
  const town = new Town().add("A", 4);
  const effects = [2, 3, 4].map((host) => down("A", host));
  assertEquals(digest.take(effects, town, 0), []);
  town.all.clear();
  assertEquals(digest.take([], town, HOLD), effects);
});

Deno.test("whatever comes, nothing is lost: each line is told as it is or stands in one line for its network", () => {
  const step = fc.record({
    network: fc.constantFrom("A", "B"),
    host: fc.integer({ min: 2, max: 5 }),
    isDown: fc.boolean(),
    ms: fc.integer({ min: 0, max: 300 }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const digest = new LanDigest();
    const town = new Town().add("A", 4).add("B", 2);
    const told: Effect[] = [];
    let now = 0;
    let count = 0;
    for (const { network, host, isDown, ms } of steps) {
      if (network === "B" && host > 3) continue;
      now += ms;
      town.set(network, isDown ? "down" : "up", host);
      told.push(...digest.take([isDown ? down(network, host) : up(network, host)], town, now));
      count += 1;
      assert(
        digest.nextDeadline() > now && digest.nextDeadline() <= now + HOLD ||
          digest.nextDeadline() === Infinity,
      );
    }
    told.push(...digest.flush());
    const stood = told.flatMap((each) => each.kind === "notice" ? [each.notice] : []).map(
      (notice) => {
        if (notice.kind === "network-silent") return notice.moved;
        return notice.kind === "network-heard" ? notice.restored : 1;
      },
    );
    assertEquals(stood.reduce((sum, each) => sum + each, 0), count);
  }));
});
