/**
 * The wire format under packets and bytes that nobody thought of. No permissions are needed.
 *
 * Whatever a decoder accepts must also be a packet in the encoder's eyes, and the same one again after a round
 * trip; whatever it refuses must have a name and a value that can be put into a log.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MAX_PACKET_BYTES, type Packet } from "../../lib/core/packet.ts";
import {
  authOf,
  decode,
  decodeLike,
  DROP_REASONS,
  type DropReason,
  encode,
  encodeLike,
  sign,
} from "../../lib/core/wire.ts";
import { envelopes, packets } from "./wire_packets.ts";

const RUNS = 2000;

// ---------------------------------------------------------------------------------------------- damage

type Damage = (bytes: Uint8Array) => Uint8Array;

const place = fc.nat({ max: MAX_PACKET_BYTES });
const chunk = fc.uint8Array({ minLength: 1, maxLength: 24 });
// Values at which fields change their meaning, more often than chance would have it.
const octet = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 8, 10, 11, 24, 127, 254, 255),
);

const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(place, octet).map(([at, value]): Damage => (bytes) => {
    const changed = bytes.slice();
    if (changed.length > 0) changed[at % changed.length] = value;
    return changed;
  }),
  fc.tuple(place, fc.nat({ max: 7 })).map(([at, bit]): Damage => (bytes) => {
    const changed = bytes.slice();
    const index = at % Math.max(1, changed.length);
    if (index < changed.length) changed[index] = (changed[index] ?? 0) ^ (1 << bit);
    return changed;
  }),
  place.map((at): Damage => (bytes) => bytes.slice(0, at % (bytes.length + 1))),
  fc.tuple(place, chunk).map(([at, insert]): Damage => (bytes) => {
    const index = at % (bytes.length + 1);
    return Uint8Array.of(...bytes.subarray(0, index), ...insert, ...bytes.subarray(index));
  }),
  fc.tuple(place, place).map(([from, to]): Damage => (bytes) => {
    const [start, end] = [from % (bytes.length + 1), to % (bytes.length + 1)];
    const piece = bytes.subarray(Math.min(start, end), Math.max(start, end));
    return Uint8Array.of(...bytes, ...piece);
  }),
  // A whole unknown section at the end: mostly still a lawful packet.
  fc.tuple(fc.constantFrom(6, 7, 8, 9, 12, 99, 253, 254, 255), chunk).map(
    ([type, body]): Damage => (bytes) => Uint8Array.of(...bytes, type, 0, body.length, ...body),
  ),
);

/** States the true length, so that the damage gets past that rule. */
function withTrueLength(bytes: Uint8Array): Uint8Array {
  const stated = bytes.slice();
  if (stated.length >= 44) new DataView(stated.buffer).setUint16(42, stated.length);
  return stated;
}

const damaged = fc.tuple(
  packets,
  envelopes,
  fc.array(damages, { minLength: 1, maxLength: 4 }),
  fc.boolean(),
).map(([packet, envelope, list, isLengthMended]) => {
  const bytes = list.reduce((sum, damage) => damage(sum), encode(packet, envelope));
  return isLengthMended ? withTrueLength(bytes) : bytes;
});

const REASONS: ReadonlySet<string> = new Set(DROP_REASONS);

/** Checks what must be true of any bytes; returns how they were dropped, null when they are a packet. */
function judge(bytes: Uint8Array): DropReason | null {
  const before = bytes.slice();
  const result = decode(bytes);
  const auth = authOf(bytes);
  assertEquals(bytes, before, "the datagram was written to");
  if (auth !== null) assertEquals(auth.macAt, bytes.length - 32);
  if (result.drop !== undefined) {
    assert(REASONS.has(result.drop), result.drop);
    assert(/^[\x20-\x7e]{1,64}$/.test(result.value), result.value);
    return result.drop;
  }
  const canonical = encode(result.packet);
  assert(canonical.length <= bytes.length, "canonical bytes are never longer");
  assertEquals(decode(canonical), { packet: result.packet });
  return null;
}

// ---------------------------------------------------------------------------------------------- properties

Deno.test("Every packet survives the wire, and its bytes are the only ones it is written as", () => {
  fc.assert(
    fc.property(packets, (packet) => {
      const bytes = encode(packet);
      const result = decode(bytes);
      assertEquals(result, { packet });
      assertEquals(encode(result.packet as Packet), bytes);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("No bytes at all make the decoder throw, and every drop has a name and a printable value", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1300, size: "max" }), (bytes) => {
      judge(bytes);
      // Past the first rungs of the ladder, where random bytes never come.
      const framed = bytes.slice();
      framed.set(new TextEncoder().encode("FAIL\x01\x01").subarray(0, framed.length));
      judge(withTrueLength(framed));
    }),
    { numRuns: RUNS },
  );
});

Deno.test("A damaged packet is dropped by name, or is a lawful packet that says something else", () => {
  const outcomes = new Set<DropReason | null>();
  fc.assert(
    fc.property(damaged, (bytes) => {
      outcomes.add(judge(bytes));
    }),
    { numRuns: 2 * RUNS, seed: 1 },
  );
  // The damage is worth something only if it reaches deep into the ladder, and through it.
  assert(outcomes.has(null));
  for (
    const reason of ["length", "section-end", "section-length", "name-text", "heard-run"] as const
  ) {
    assert(outcomes.has(reason), `no damage led to ${reason}`);
  }
});

Deno.test("Padding and a signature are around a packet, not in it", () => {
  fc.assert(
    fc.property(packets, envelopes, fc.nat({ max: 255 }), (packet, envelope, mac) => {
      const plain = encode(packet);
      const bytes = encode(packet, envelope);
      assertEquals(decode(bytes), { packet });
      const { room = 0, keyId } = envelope;
      const bare = plain.length + (keyId === undefined ? 0 : 40);
      const wanted = Math.min(room, MAX_PACKET_BYTES);
      // A section takes three bytes at least: up to two more than wanted, or, at the end of all room, less.
      assert(bytes.length >= Math.min(wanted, MAX_PACKET_BYTES - 2));
      assert(bytes.length <= Math.max(bare, Math.min(wanted + 2, MAX_PACKET_BYTES)));
      assertEquals(authOf(bytes)?.keyId, keyId);
      if (keyId === undefined) return;
      sign(bytes, { keyId, mac: () => new Uint8Array(32).fill(mac) });
      assertEquals(decode(bytes), { packet });
    }),
    { numRuns: RUNS / 2 },
  );
});

/** Another packet with the sections of `packet`; of the same kind where what they say belongs to it. */
function follow(packet: Packet, other: Packet): Packet {
  const { name, source, interfaces, unheard, heard, lossy, spreadMs, goodbyeMs } = packet;
  const isBound = heard !== null || goodbyeMs !== null || spreadMs > 0;
  const { counter, boot } = other;
  const header = isBound ? { ...packet, counter, boot } : other;
  return { ...header, name, source, interfaces, unheard, heard, lossy, spreadMs, goodbyeMs };
}

Deno.test("Writing only the header anew comes to the same as writing all", () => {
  fc.assert(
    fc.property(packets, packets, envelopes, (packet, other, envelope) => {
      const next = follow(packet, other);
      assertEquals(encodeLike(next, encode(packet, envelope)), encode(next, envelope));
    }),
    { numRuns: RUNS / 4 },
  );
});

Deno.test("Decoding with the help of an earlier packet comes to the same as without", () => {
  let shared = 0;
  const pairs = fc.tuple(packets, envelopes, damages, packets, fc.nat({ max: 255 })).map(
    ([packet, envelope, damage, other, mac]) => {
      const before = encode(packet, envelope);
      const follower = encode(follow(packet, other), envelope);
      if (envelope.keyId !== undefined) follower.fill(mac, follower.length - 32);
      // The header alone says something else: what the sections may say then changes with it.
      const header = Uint8Array.of(...encode(other).slice(0, 42), ...before.slice(42));
      const sooner = before.slice();
      sooner.fill(0, 36, 40);
      sooner.set([0x27, 0x10], 38);
      const later = [before.slice(), damage(before), follower, encode(other), header, sooner];
      return { packet, before, later };
    },
  );
  fc.assert(
    fc.property(pairs, ({ packet, before, later }) => {
      for (const bytes of later) {
        const result = decodeLike(bytes, before, packet);
        assertEquals(result, decode(bytes));
        if (result.packet?.interfaces === packet.interfaces) shared++;
      }
    }),
    { numRuns: RUNS / 4 },
  );
  assert(shared >= RUNS / 4, "packets with the same sections share their values");
});

Deno.test("The values of known sections are shared, whatever their signature is", () => {
  fc.assert(
    fc.property(packets, fc.integer({ min: 1, max: 255 }), (packet, keyId) => {
      const before = encode(packet, { keyId });
      const bytes = encodeLike({ ...packet, counter: Math.ceil(packet.counter / 2) }, before);
      sign(bytes, { keyId, mac: () => new Uint8Array(32).fill(keyId) });
      const result = decodeLike(bytes, before, packet);
      const shared = result.packet;
      assert(shared?.interfaces === packet.interfaces);
      assert(shared?.heard === packet.heard && shared?.lossy === packet.lossy);
    }),
    { numRuns: RUNS / 20 },
  );
});

Deno.test("A packet cut at any length is dropped, whatever length it states", () => {
  fc.assert(
    fc.property(packets, (packet) => {
      const bytes = encode(packet);
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.slice(0, length);
        assertEquals(judge(cut), length < 44 ? "too-short" : "length");
        judge(withTrueLength(cut));
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("A packet with any one byte changed at any place is judged without fault", () => {
  const packet: Packet = {
    kind: "inq",
    requestor: true,
    direct: true,
    passing: true,
    boot: 1n,
    counter: 2,
    sequence: 3,
    nonce: 4n,
    intervalMs: 50,
    failAfter: 3,
    name: "gerät",
    source: "192.168.1.1",
    interfaces: [
      {
        address: "192.168.1.1",
        prefixLength: 24,
        usable: true,
        drained: false,
        hearsNobody: false,
      },
      {
        address: "2001:db8::1",
        prefixLength: 64,
        usable: false,
        drained: false,
        hearsNobody: true,
      },
    ],
    unheard: ["192.168.1.2", "2001:db8::2"],
    heard: [
      { base: 0xc0a80100, bits: Uint8Array.of(0x10) },
      { base: 0xc0a80140, bits: Uint8Array.of(1, 2) },
    ],
    lossy: [{ address: "192.168.2.2", percent: 23 }],
    spreadMs: 25,
    goodbyeMs: null,
  };
  const bytes = encode(packet, { room: 190, keyId: 3 });
  for (let at = 0; at < bytes.length; at++) {
    const original = bytes[at] ?? 0;
    for (let value = 0; value < 256; value++) {
      bytes[at] = value;
      const drop = judge(bytes);
      if (value === original) assertEquals(drop, null);
    }
    bytes[at] = original;
  }
});
