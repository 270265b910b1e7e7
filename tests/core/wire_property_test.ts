/**
 * The wire format under packets and bytes that nobody thought of. No permissions are needed.
 *
 * Whatever a decoder accepts must also be a packet in the encoder's eyes, and the same one again after a round
 * trip; whatever it refuses must have a name and a value that can be put into a log.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatV4, isHostAddress, isUnicast, readAddress } from "../../lib/core/address.ts";
import { isNodeName } from "../../lib/core/node_name.ts";
import type { Address } from "../../lib/core/types.ts";
import {
  MAX_INTERFACES,
  MAX_PACKET_BYTES,
  MAX_UNHEARD,
  type Packet,
  type WireInterface,
} from "../../lib/core/packet.ts";
import { decode, decodeLike, DROP_REASONS, type DropReason, encode } from "../../lib/core/wire.ts";

const RUNS = 2000;

// ---------------------------------------------------------------------------------------------- packets

const bits64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const v4 = fc.nat({ max: 0xffffffff }).map(formatV4);
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) =>
  readAddress(new DataView(bytes.buffer, bytes.byteOffset, 16), 0, 6)
);

function interfaces(address: fc.Arbitrary<Address>, bits: number): fc.Arbitrary<WireInterface> {
  return fc.record({
    address,
    prefixLength: fc.integer({ min: 1, max: bits }),
    usable: fc.boolean(),
    hearsNobody: fc.boolean(),
  }).filter((each) => isHostAddress(each.address, each.prefixLength));
}

const interfaceLists = fc.uniqueArray(fc.oneof(interfaces(v4, 32), interfaces(v6, 128)), {
  minLength: 1,
  maxLength: MAX_INTERFACES,
  selector: (each) => each.address,
}).map((list) => ipv4First(list, (each) => each.address));

const unheardLists = fc.oneof(
  fc.array(v4.filter(isUnicast), { maxLength: MAX_UNHEARD, size: "max" }),
  fc.array(fc.oneof(v4, v6).filter(isUnicast), { maxLength: 30 }),
).map((list) => ipv4First(list, (address) => address));

function ipv4First<T>(list: readonly T[], addressOf: (item: T) => Address): T[] {
  const isV6 = (item: T) => addressOf(item).includes(":");
  return [...list.filter((item) => !isV6(item)), ...list.filter(isV6)];
}

const names = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter(isNodeName),
);

const inquiries = fc.oneof(
  fc.record({
    kind: fc.constantFrom("inq", "ack"),
    sequence: fc.integer({ min: 1, max: 0xffffffff }),
    nonce: bits64,
  }),
  fc.constant({ kind: "state", sequence: 0, nonce: 0n } as const),
);

const packets: fc.Arbitrary<Packet> = fc.record({
  inquiry: inquiries,
  requestor: fc.boolean(),
  boot: bits64,
  counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  intervalUs: fc.integer({ min: 10_000, max: 3_600_000_000 }),
  failAfter: fc.integer({ min: 1, max: 1000 }),
  name: names,
  interfaces: interfaceLists,
  unheard: unheardLists,
}).map(({ inquiry, intervalUs, ...rest }) => ({
  ...rest,
  ...inquiry,
  intervalMs: intervalUs / 1000,
}));

// ---------------------------------------------------------------------------------------------- damage

type Damage = (bytes: Uint8Array) => Uint8Array;

const place = fc.nat({ max: MAX_PACKET_BYTES });
const chunk = fc.uint8Array({ minLength: 1, maxLength: 24 });
// Values at which fields change their meaning, more often than chance would have it.
const octet = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 24, 127, 255));

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
  fc.tuple(fc.integer({ min: 6, max: 255 }), chunk).map(([type, body]): Damage => (bytes) =>
    Uint8Array.of(...bytes, type, 0, body.length, ...body)
  ),
);

/** States the true length, so that the damage gets past that rule. */
function withTrueLength(bytes: Uint8Array): Uint8Array {
  const stated = bytes.slice();
  if (stated.length >= 44) new DataView(stated.buffer).setUint16(42, stated.length);
  return stated;
}

const damaged = fc.tuple(packets, fc.array(damages, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([packet, list, isLengthMended]) => {
    const bytes = list.reduce((sum, damage) => damage(sum), encode(packet));
    return isLengthMended ? withTrueLength(bytes) : bytes;
  });

const REASONS: ReadonlySet<string> = new Set(DROP_REASONS);

/** Checks what must be true of any bytes; returns how they were dropped, null when they are a packet. */
function judge(bytes: Uint8Array): DropReason | null {
  const before = bytes.slice();
  const result = decode(bytes);
  assertEquals(bytes, before, "the datagram was written to");
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
  for (const reason of ["length", "section-end", "section-length", "name-text"] as const) {
    assert(outcomes.has(reason), `no damage led to ${reason}`);
  }
});

Deno.test("Decoding with the help of an earlier packet comes to the same as without", () => {
  let shared = 0;
  const pairs = fc.tuple(packets, damages, packets).map(([packet, damage, other]) => {
    const before = encode(packet);
    const { name, interfaces, unheard } = packet;
    const follower = encode({ ...other, name, interfaces, unheard });
    return { packet, before, later: [before.slice(), damage(before), follower, encode(other)] };
  });
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
  assert(shared >= RUNS / 2, "packets with the same sections share their values");
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
    kind: "ack",
    requestor: true,
    boot: 1n,
    counter: 2,
    sequence: 3,
    nonce: 4n,
    intervalMs: 50,
    failAfter: 3,
    name: "gerät",
    interfaces: [
      { address: "192.168.1.1", prefixLength: 24, usable: true, hearsNobody: false },
      { address: "2001:db8::1", prefixLength: 64, usable: false, hearsNobody: true },
    ],
    unheard: ["192.168.1.2", "2001:db8::2"],
  };
  const bytes = encode(packet);
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
