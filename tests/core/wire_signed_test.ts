/** What docs/WIRE.md says of signed packets where signatures are enforced. No permissions are needed. */
import { assertEquals } from "@std/assert";
import { Machine } from "../../lib/core/machine.ts";
import type { Packet } from "../../lib/core/packet.ts";
import type { Effect, Ms, NetworkName, PathView, Settings } from "../../lib/core/types.ts";
import { encode, sign } from "../../lib/core/wire.ts";
import {
  at,
  FakePeer,
  networkOf,
  networksOf,
  NOTHING_LEFT,
  sendsIn,
  settingsOf,
  steady,
} from "./builders.ts";
import { fakeSealer } from "./fake_sealer.ts";

const T = 1000;
const SEALER = fakeSealer([1, "secret"]);
/** Long enough for any answer here. */
const ROOM = 400;

/** A machine that enforces signatures on A and B, and what its counters and paths are. */
class Guarded {
  now: Ms = 1000;
  readonly machine: Machine;
  #sent: Effect[];

  constructor(settings: Partial<Settings> = {}) {
    const own = settingsOf({ auth: "enforce", ...settings });
    this.machine = new Machine(own, steady(1), NOTHING_LEFT, this.now, SEALER);
    this.#sent = this.machine.handle(networksOf(networkOf("A"), networkOf("B")), this.now);
  }

  /** Lets time pass. */
  advance(ms: Ms): void {
    const until = this.now + ms;
    while (this.machine.nextDeadline() <= until) {
      this.now = Math.max(this.now, this.machine.nextDeadline());
      this.#sent.push(...this.machine.handle({ kind: "tick" }, this.now));
    }
    this.now = until;
  }

  /** Lets a signed packet arrive; `change` is what becomes of its bytes before they are signed. */
  receive(packet: Packet, network: NetworkName, change = (_: Uint8Array): void => {}): void {
    const bytes = encode(packet, { keyId: 1, room: ROOM });
    sign(bytes, SEALER);
    change(bytes);
    const datagram = { kind: "datagram", network, from: packet.source, port: 1, bytes } as const;
    this.#sent.push(...this.machine.handle(datagram, this.now));
  }

  /** What was sent on a network since this was last asked. */
  sent(network: NetworkName): Packet[] {
    const found = sendsIn(this.#sent).filter((each) => each.network === network);
    this.#sent = this.#sent.filter((each) => each.kind === "send" && each.network !== network);
    return found.map((each) => each.packet);
  }

  /** The paths that it knows, by address. */
  paths(): Map<string, PathView> {
    const { peers } = this.machine.snapshot(this.now);
    return new Map(peers.flatMap(({ paths }) => paths.map((path) => [path.address, path])));
  }

  dropped(name: string): number {
    return this.machine.snapshot(this.now).counters[`drops_${name}`] ?? 0;
  }
}

/** An inquiry of a peer, with a nonce of its own. */
function inquiryOf(peer: FakePeer, sequence: number, changes: Partial<Packet> = {}): Packet {
  return peer.packet("inq", { sequence, nonce: 1000n + BigInt(sequence), ...changes });
}

Deno.test("Rule W81: a packet signed by another scheme than 1 is unsigned, be the rest as it should", () => {
  const guarded = new Guarded({ requestor: false });
  const peer = new FakePeer(2, ["A", "B"], true);
  for (const scheme of [0, 2, 0x01000000]) {
    guarded.receive(inquiryOf(peer, 1), "A", (bytes) => {
      const macAt = bytes.length - 32;
      new DataView(bytes.buffer).setUint32(macAt - 4, scheme);
      bytes.set(SEALER.mac(1, bytes.subarray(0, macAt)) ?? [], macAt);
    });
  }
  assertEquals([guarded.dropped("unsigned"), guarded.sent("A"), guarded.paths().size], [3, [], 0]);
  guarded.receive(inquiryOf(peer, 2), "A");
  assertEquals([guarded.dropped("unsigned"), guarded.sent("A").length], [3, 2]);
});

Deno.test("Rule W87: the answers to boots that are not vouched for are counted apart from all others", () => {
  const guarded = new Guarded({ requestor: false });
  const [peer, stranger] = [new FakePeer(2, ["A", "B"], true), new FakePeer(2, ["A", "B"], true)];
  stranger.boot = 99n;
  guarded.receive(inquiryOf(peer, 1), "A");
  const { sequence = 0, nonce = 0n } = guarded.sent("A")[1] ?? {};
  guarded.receive(peer.packet("ack", { sequence, nonce }), "A");
  const answersTo = (asker: FakePeer): number => {
    for (let i = 0; i < 60; i++) guarded.receive(inquiryOf(asker, 100 + i), "A");
    return guarded.sent("A").filter(({ kind }) => kind === "ack").length;
  };
  // One was spent on the first inquiry of the peer, when it was not vouched for either.
  assertEquals([answersTo(stranger), answersTo(peer)], [49, 50]);
  assertEquals(guarded.dropped("too_many_inquiries"), 11 + 10);
});

Deno.test("Rule W93: an answer to the last inquiry vouches for its boot, one to an earlier inquiry does not", () => {
  const guarded = new Guarded();
  const peer = new FakePeer(2, ["A", "B"]);
  const [first] = guarded.sent("A");
  guarded.advance(T);
  const [second] = guarded.sent("A");
  const answer = (inquiry: Packet | undefined): void => {
    const { sequence = 0, nonce = 0n } = inquiry ?? {};
    guarded.receive(peer.packet("ack", { sequence, nonce }), "A");
  };
  answer(first);
  assertEquals([guarded.dropped("unproven_boot"), guarded.paths().size], [1, 0]);
  answer(second);
  assertEquals([guarded.dropped("unproven_boot"), guarded.paths().size], [1, 2]);
  assertEquals(guarded.paths().get(at("A", 2))?.health, "up");
  // Of a boot that is vouched for, it is only late.
  answer(first);
  assertEquals([guarded.dropped("unproven_boot"), guarded.dropped("late_answer")], [1, 1]);
});

Deno.test("Rule W93: an answer to the last inquiry of another network vouches for nobody", () => {
  const guarded = new Guarded();
  const peer = new FakePeer(2, ["A", "B"]);
  const [onB] = guarded.sent("B");
  const { sequence = 0, nonce = 0n } = onB ?? {};
  guarded.receive(peer.packet("ack", { sequence, nonce }), "A");
  assertEquals([guarded.dropped("foreign_answer"), guarded.paths().size], [1, 0]);
});

for (const requestor of [true, false]) {
  const who = requestor ? "requestor" : "mere responder";
  Deno.test(`Rule W95: the answer to a challenge is a good packet to a ${who}, once`, () => {
    const guarded = new Guarded({ requestor });
    guarded.sent("A");
    const peer = new FakePeer(2, ["A", "B"], true);
    guarded.receive(inquiryOf(peer, 1, { direct: true }), "A");
    assertEquals([guarded.dropped("unproven_boot"), guarded.paths().size], [1, 0]);
    const sent = guarded.sent("A");
    assertEquals(sent.map(({ kind, direct }) => [kind, direct]), [["ack", false], ["inq", true]]);
    const { sequence = 0, nonce = 0n } = sent[1] ?? {};
    const answer = () => guarded.receive(peer.packet("ack", { sequence, nonce }), "A");
    answer();
    const path = guarded.paths().get(at("A", 2));
    assertEquals([path?.health, path?.good], ["up", 1]);
    answer();
    assertEquals([guarded.dropped("late_answer"), guarded.paths().get(at("A", 2))?.good], [1, 1]);
  });
}

Deno.test("Rule W95: a challenge is open for five seconds, and what answers it later proves nothing", () => {
  const guarded = new Guarded({ requestor: false });
  const peer = new FakePeer(2, ["A", "B"], true);
  guarded.receive(inquiryOf(peer, 1), "A");
  const { sequence = 0, nonce = 0n } = guarded.sent("A")[1] ?? {};
  guarded.advance(5 * T);
  guarded.receive(peer.packet("ack", { sequence, nonce }), "A");
  assertEquals([guarded.dropped("late_answer"), guarded.paths().size], [1, 0]);
});

Deno.test("Rule W95: one address is challenged once in a quarter of the interval, whatever comes from it", () => {
  const guarded = new Guarded({ requestor: false });
  const peer = new FakePeer(2, ["A", "B"], true);
  let challenges = 0;
  for (let i = 0; i < 40; i++, guarded.advance(25)) {
    guarded.receive(inquiryOf(peer, 1 + i), "A");
    challenges += guarded.sent("A").filter(({ kind }) => kind === "inq").length;
  }
  assertEquals(challenges, 4);
});
