/** Recorded, altered and unsigned packets, sent by somebody without the key, change nothing in `enforce`. */
import { assert, assertEquals } from "@std/assert";
import type { Address, Settings } from "../../lib/core/types.ts";
import type { Packet } from "../../lib/core/packet.ts";
import { decode, encode, sign } from "../../lib/core/wire.ts";
import { at, interfaceOf, packetOf } from "./builders.ts";
import { fakeSealer } from "./fake_sealer.ts";
import { type Host, type Sent, Town } from "./town.ts";

const T = 1000;
const KEY = [1, "secret"] as const;
const ENFORCE: Partial<Settings> = { auth: "enforce" };

/** Two hosts with a key on A and B, the second with these settings, run until they know each other. */
function pair(second: Partial<Settings> = {}, both: Partial<Settings> = ENFORCE) {
  const town = new Town();
  const one = town.add(1, ["A", "B"], both, fakeSealer(KEY));
  const two = town.add(2, ["A", "B"], { ...both, ...second }, fakeSealer(KEY));
  town.advance(8 * T);
  return { town, one, two };
}

/** The datagrams that a host sent so far, of these kinds. */
function recordings(town: Town, host: Host, kinds: readonly string[] = ["inq", "ack", "state"]) {
  return town.sent.filter((each) =>
    each.host === host.number && kinds.includes(decode(each.bytes).packet?.kind ?? "")
  );
}

/** Plays datagrams to a host, as if from the host that sent them, on the network where they were recorded. */
function play(town: Town, to: Host, recorded: readonly Sent[], network?: string): void {
  for (const { host, bytes, network: where } of recorded) {
    const over = network ?? where;
    town.inject(to, over, at(over, host), bytes);
  }
}

function counter(town: Town, host: Host, name: string): number {
  return host.machine.snapshot(town.now).counters[name] ?? 0;
}

/** What a host believes of its peers, without what changes by itself. */
function beliefs(town: Town, host: Host) {
  return host.machine.snapshot(town.now).peers.map(({ node, requestor, stopping, paths }) => ({
    node,
    requestor,
    stopping,
    paths: paths.map(({ address, health, route }) => ({ address, health, route })),
  }));
}

for (
  const [who, second] of [["requestors", {}], ["a mere responder", { requestor: false }]] as const
) {
  Deno.test(`with a key two nodes live as without one: ${who}`, () => {
    const { town, one, two } = pair(second);
    assertEquals(town.path(one, "A", two).health, "up");
    assertEquals(town.path(two, "A", one).health, "up");
    town.cuts.add("A *>*");
    town.advance(10 * T);
    assertEquals([one.changes.length, two.changes.length], [1, 1]);
    town.cuts.clear();
    town.advance(20 * T);
    assertEquals([one.kernel.routes.size, two.kernel.routes.size], [0, 0]);
    for (const host of [one, two]) {
      assertEquals(counter(town, host, "drops_bad_signature"), 0);
      assertEquals(counter(town, host, "drops_replayed"), 0);
    }
  });
}

Deno.test("packets of the same boot that are played back, on their own LAN or on the other, keep nothing up", () => {
  for (const network of [undefined, "A", "B"]) {
    const { town, one, two } = pair({ requestor: false });
    const recorded = recordings(town, one);
    town.cuts.add("A *>*").add("B *>*");
    for (let i = 0; i < 200; i++) {
      play(town, two, recorded.slice(-20), network);
      town.advance(50);
    }
    assertEquals(town.path(two, "A", one).health, "down", `${network}`);
    assertEquals(town.path(two, "B", one).health, "down", `${network}`);
    assertEquals([one.changes, two.changes], [[], []]);
    assert(
      counter(town, two, "drops_replayed") + counter(town, two, "drops_source_not_claimed") > 0,
    );
  }
});

Deno.test("answers that are played back are foreign: they keep no path up", () => {
  const { town, one, two } = pair({ requestor: false });
  const recorded = recordings(town, two, ["ack"]);
  town.cuts.add("A *>*").add("B *>*");
  for (let i = 0; i < 100; i++) {
    play(town, one, recorded.slice(-20));
    town.advance(50);
  }
  assertEquals(town.path(one, "A", two).health, "down");
});

Deno.test("an answer that is played back all the time does not keep up a path that is dead that way", () => {
  const { town, one, two } = pair({ requestor: false });
  const [answer] = recordings(town, two, ["ack"]).filter(({ network }) => network === "A").slice(
    -1,
  );
  town.cuts.add("A 2>1");
  // For as long as its inquiry is among those that an answer may be to.
  for (let ms = 0; ms < 20 * T; ms += 300) {
    play(town, one, [answer as Sent]);
    town.advance(300);
  }
  assertEquals(town.path(one, "A", two).health, "down");
  assertEquals(town.path(two, "A", one).health, "down");
  assertEquals([one.changes.length, two.changes.length], [1, 1]);
  assert(counter(town, one, "drops_replayed") > 50);
});

Deno.test("a recorded goodbye, complaint or restart of a node's past is not believed", () => {
  const { town, one, two } = pair();
  town.cuts.add("A 2>1");
  town.advance(10 * T);
  town.cuts.clear();
  town.advance(20 * T);
  town.stop(two);
  town.advance(100);
  const past = recordings(town, two);
  const [goodbyes, complaints] = [
    past.filter(({ bytes }) => decode(bytes).packet?.goodbyeMs !== null),
    past.filter(({ bytes }) => (decode(bytes).packet?.unheard.length ?? 0) > 0),
  ];
  town.restart(two, ENFORCE);
  town.advance(10 * T);
  assertEquals(beliefs(town, one)[0]?.paths.map(({ health }) => health), ["up", "up"]);
  const [before, changes] = [beliefs(town, one), one.changes.length];
  play(town, one, past);
  play(town, one, [...goodbyes, ...complaints], "B");
  assertEquals(beliefs(town, one), before);
  town.advance(20 * T);
  assertEquals(beliefs(town, one), before);
  assertEquals(one.changes.length, changes);
  assert(goodbyes.length > 0);
});

Deno.test("whatever is cut off or changed in a signed packet, it is dropped", () => {
  const { town, one, two } = pair();
  const [recorded] = recordings(town, two, ["inq"]).slice(-1);
  const before = beliefs(town, one);
  for (let length = 0; length < recorded!.bytes.length; length += 3) {
    const cut = recorded!.bytes.slice(0, length);
    if (length > 44) new DataView(cut.buffer).setUint16(42, length);
    play(town, one, [{ ...recorded!, bytes: cut }]);
  }
  for (let i = 0; i < recorded!.bytes.length; i++) {
    const changed = recorded!.bytes.slice();
    changed[i] = (changed[i] ?? 0) ^ 0x10;
    play(town, one, [{ ...recorded!, bytes: changed }]);
  }
  assertEquals(beliefs(town, one), before);
  const unused = ["unsigned", "bad_signature", "unknown_key"].map((name) =>
    counter(town, one, `drops_${name}`)
  );
  const asked = Math.ceil(recorded!.bytes.length / 3) + recorded!.bytes.length;
  assertEquals(unused.reduce((a, b) => a + b), asked);
});

/** A packet of host 2 that says this, unsigned or signed with a key. */
function forged(says: Partial<Packet>, key?: readonly [number, string]): Uint8Array {
  const packet = packetOf({ counter: 1_000_000, ...says });
  if (key === undefined) return encode(packet);
  const bytes = encode(packet, { keyId: key[0] });
  sign(bytes, fakeSealer(key));
  return bytes;
}

const FORGERIES: readonly (readonly [string, readonly [number, string] | undefined])[] = [
  ["unsigned", undefined],
  ["unknown_key", [9, "secret"]],
  ["bad_signature", [1, "guess"]],
];

for (const [reason, key] of FORGERIES) {
  Deno.test(`a packet that is ${reason} is neither believed nor answered`, () => {
    const { town, one, two } = pair();
    const boot = decode(recordings(town, two)[0]!.bytes).packet?.boot ?? 0n;
    const before = beliefs(town, one);
    const [deaf, sent] = [{ unheard: [at("A", 1), at("B", 1)] }, town.sent.length];
    for (const says of [deaf, { ...deaf, boot }, { kind: "state", goodbyeMs: 5, boot } as const]) {
      town.inject(one, "A", at("A", 2), forged(says, key));
    }
    assertEquals(beliefs(town, one), before);
    assertEquals(town.sent.length, sent);
    assertEquals(counter(town, one, `drops_${reason}`), 3);
  });
}

Deno.test("in permissive mode what is unsigned is used, and told of once a minute for each reason", () => {
  const town = new Town();
  const one = town.add(1, ["A", "B"], { auth: "permissive" }, fakeSealer(KEY));
  const two = town.add(2, ["A", "B"]);
  town.advance(59 * T);
  assertEquals(town.path(one, "A", two).health, "up");
  const told = () =>
    town.told(one, "unauthenticated").map(({ reason, count }) => [reason, count > 1]);
  assertEquals(told(), [["unsigned", false]]);
  town.advance(60 * T);
  assertEquals(told(), [["unsigned", false], ["unsigned", true]]);
});

Deno.test("keys are rotated without a gap: both accept both, then one after the other signs with the new", () => {
  const town = new Town();
  const [old, fresh] = [[1, "old"], [2, "new"]] as const;
  const one = town.add(1, ["A", "B"], ENFORCE, fakeSealer(old, fresh));
  const two = town.add(2, ["A", "B"], ENFORCE, fakeSealer(fresh, old));
  town.advance(30 * T);
  for (const host of [one, two]) {
    assertEquals(town.told(host, "path-down"), []);
    assertEquals(counter(town, host, "drops_unknown_key"), 0);
  }
  assertEquals(town.path(one, "A", two).health, "up");
});

Deno.test("a restarted node is challenged and believed again within moments, on every network", () => {
  for (const second of [{}, { requestor: false }]) {
    const { town, one, two } = pair(second);
    const sent = town.sent.length;
    town.restart(one, ENFORCE);
    town.advance(10);
    const challenges = town.sent.slice(sent).filter(({ host, bytes }) =>
      host === 2 && decode(bytes).packet?.direct === true
    );
    assert(challenges.length >= 1 && challenges.length <= 4, `${challenges.length}`);
    assertEquals(town.told(two, "node-restarted").length <= 1, true);
    town.advance(6 * T);
    assertEquals(town.told(two, "node-restarted").length, 1);
    assertEquals([one.changes, two.changes], [[], []]);
    assertEquals(town.path(two, "A", one).health, "up");
  }
});

Deno.test("an inquiry of an unproven boot is answered, and used for nothing", () => {
  const { town, one, two } = pair();
  const stranger = packetOf({
    boot: 99n,
    name: "node7",
    heard: [],
    interfaces: [interfaceOf("A", 7), interfaceOf("B", 7)],
    source: at("A", 7),
  });
  const bytes = encode(stranger, { keyId: KEY[0], room: 300 });
  sign(bytes, fakeSealer(KEY));
  const [before, sent] = [beliefs(town, one), town.sent.length];
  const unproven = counter(town, one, "drops_unproven_boot");
  town.inject(one, "A", at("A", 7), bytes);
  const answers = town.sent.slice(sent).map(({ to, bytes: reply }) =>
    [to, decode(reply).packet?.kind, decode(reply).packet?.direct] as const
  );
  assertEquals(answers.toSorted(), [[at("A", 7), "ack", false], [at("A", 7), "inq", true]]);
  assertEquals(beliefs(town, one), before);
  assertEquals(counter(town, one, "drops_unproven_boot"), unproven + 1);
  assertEquals(two.changes, []);
});

for (const requestor of [true, false]) {
  const who = requestor ? "requestor" : "mere responder";
  Deno.test(`a flood of recordings of an old boot does not keep a ${who} from answering and believing the new one`, () => {
    const { town, one, two } = pair({ requestor });
    const old = recordings(town, one).slice(-20);
    town.restart(one, ENFORCE);
    // So that it does not remember whose the old boot was.
    town.restart(two, { ...ENFORCE, requestor });
    town.advance(5 * T);
    const recent = recordings(town, one).slice(-20);
    for (let i = 0; i < 2000; i++) {
      play(town, two, old);
      play(town, two, recent);
      town.advance(4);
    }
    assertEquals([one.changes, two.changes], [[], []]);
    for (const [host, other] of [[one, two], [two, one]] as const) {
      for (const network of ["A", "B"]) {
        const { health, misses } = town.path(host, network, other);
        assertEquals([health, misses], ["up", 0], `${host.number} ${network}`);
      }
    }
    // Nor from noticing soon that a network is dead.
    town.cuts.add("A *>*");
    const cutAt = town.now;
    for (let i = 0; i < 1250; i++) {
      play(town, two, old);
      play(town, two, recent);
      town.advance(4);
    }
    for (const { changes } of [one, two]) {
      assertEquals(changes.length, 1);
      assert((changes[0]?.at ?? Infinity) - cutAt <= 4.2 * T);
    }
  });
}

Deno.test("a machine that is set back is believed again after a challenge", () => {
  for (const second of [{}, { requestor: false }]) {
    const { town, one, two } = pair(second);
    // The same boot id and randomness, but the counter begins anew.
    const { now } = town;
    town.now = 1000;
    town.restart(one, ENFORCE);
    town.now = now;
    town.advance(20 * T);
    assertEquals(town.path(two, "A", one).health, "up");
    assertEquals(town.told(two, "node-restarted"), []);
    assertEquals([one.changes, two.changes], [[], []]);
    assert(counter(town, two, "drops_replayed") > 0);
  }
});

Deno.test("a challenge to a node that is known says on which network it is not heard", () => {
  const { town, one, two } = pair();
  town.cuts.add("A 2>1");
  town.advance(10 * T);
  const sent = town.sent.length;
  play(
    town,
    one,
    recordings(town, two, ["inq"]).filter(({ network }) => network === "B").slice(-3),
  );
  const challenges = town.sent.slice(sent).map(({ bytes }) => decode(bytes).packet);
  assertEquals(challenges.map((packet) => [packet?.direct, packet?.unheard]), [[true, [
    at("A", 2),
  ]]]);
});

Deno.test("a packet that says it left by another address than it came from is dropped", () => {
  const { town, one } = pair({}, {});
  const claims = (source: Address) => encode(packetOf({ boot: 77n, source }));
  town.inject(one, "A", at("A", 2), claims(at("B", 2)));
  assertEquals(counter(town, one, "drops_source_not_claimed"), 1);
});
