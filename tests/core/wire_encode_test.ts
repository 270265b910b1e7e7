/** What is written: only lawful packets, within their limits. No permissions are needed. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { isNodeName } from "../../lib/core/node_name.ts";
import {
  MAX_HEARD_BYTES,
  MAX_INTERFACES,
  MAX_LOSSY,
  MAX_PACKET_BYTES,
  MAX_UNHEARD,
  type Packet,
  type WireInterface,
} from "../../lib/core/packet.ts";
import { authOf, decode, encode, encodeLike } from "../../lib/core/wire.ts";

function decoded(bytes: Uint8Array): Packet {
  const result = decode(bytes);
  if (result.drop !== undefined) throw new Error(`dropped: ${result.drop} ${result.value}`);
  return result.packet;
}

const GOOD: Packet = {
  kind: "inq",
  requestor: true,
  direct: false,
  passing: false,
  boot: 1n,
  counter: 1,
  sequence: 1,
  nonce: 1n,
  intervalMs: 1000,
  failAfter: 3,
  name: "node1",
  source: "10.0.0.1",
  interfaces: [{
    address: "10.0.0.1",
    prefixLength: 24,
    usable: true,
    drained: false,
    hearsNobody: false,
  }],
  unheard: [],
  heard: null,
  lossy: [],
  spreadMs: 0,
  goodbyeMs: null,
};
/** The same as a statement. */
const STATE: Packet = { ...GOOD, kind: "state", sequence: 0, nonce: 0n };
const run = (base: number, length: number) => ({ base, bits: new Uint8Array(length) });
const lan = (address: string, prefixLength = 24): WireInterface => ({
  address,
  prefixLength,
  usable: true,
  drained: false,
  hearsNobody: false,
});

const hosts = (count: number, prefix = "10.0.0."): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

Deno.test("A packet that breaks a rule is refused when it is encoded, as a bug of the caller", () => {
  const table: readonly (readonly [string, Partial<Packet>])[] = [
    ['"type", is 0', { kind: "hello" as Packet["kind"] }],
    ['"boot", is -1', { boot: -1n }],
    ['"boot", is 18446744073709551616', { boot: 2n ** 64n }],
    ['"counter", is 0', { counter: 0 }],
    ['"counter", is 1.5', { counter: 1.5 }],
    ['"counter", is 9007199254740992', { counter: 2 ** 53 }],
    ['"inquiry-missing", is inq', { sequence: 0 }],
    ['"inquiry-unexpected", is 1/1', { kind: "state" }],
    ['"sequence", is 4294967296', { sequence: 2 ** 32 }],
    ['"sequence", is -1', { sequence: -1 }],
    ['"nonce", is -1', { nonce: -1n }],
    ['"interval", is 9999', { intervalMs: 9.999 }],
    ['"interval", is 3600000001', { intervalMs: 3_600_000.001 }],
    ['"interval", is 4294977296', { intervalMs: 4_294_977.296 }], // 10,000 modulo 2^32
    ['"interval", is NaN', { intervalMs: NaN }],
    ['"fail-after", is 0', { failAfter: 0 }],
    ['"fail-after", is 65537', { failAfter: 65537 }], // 1 modulo 2^16
    ['"name-missing", is none', { name: "" }],
    ['"name-length", is 64', { name: "a".repeat(64) }],
    ['"name-text", is U+0020', { name: "a b" }],
    ['"name-text", is U+FFFD', { name: "a\ud800" }],
    ['"no-interface", is 0', { interfaces: [] }],
    ['"source-mark", is 0', { source: "10.0.0.2" }],
    ['"prefix", is 280', { interfaces: [lan("10.0.0.1", 280)] }], // 24 modulo 2^8
    ['"prefix", is 33', { interfaces: [lan("10.0.0.1", 33)] }],
    ['"address", is 10.0.0.255/24', { interfaces: [lan("10.0.0.255")] }],
    ['"address-repeated", is 10.0.0.1', { interfaces: [lan("10.0.0.1"), lan("10.0.0.1")] }],
    ['"address", is 127.0.0.1', { unheard: ["127.0.0.1"] }],
    ['is "nonsense"', { unheard: ["nonsense"] }],
    ['"too-many-unheard", is 101', { unheard: hosts(101) }],
    ['"too-many-interfaces", is 17', { interfaces: hosts(17).map((each) => lan(each, 32)) }],
    ['"too-long", is 1280', { unheard: hosts(76, "2001:db8::") }],
    ['"too-long", is ', { unheard: Array.from({ length: 100_000 }, () => "10.0.0.2") }],
    ['"heard", is ack', { kind: "ack", heard: [] }],
    ['"heard", is state', { ...STATE, heard: [] }],
    ['"heard-length", is 257', { heard: [run(0, 252)] }],
    ['"heard-run", is 0 of 0', { heard: [run(0, 0)] }],
    ['"heard-run", is 256', { heard: [run(0, 256)] }],
    ['"heard-order", is 0.0.0.7', { heard: [run(0, 1), run(7, 1)] }],
    ['"heard-range", is 255.255.255.249 and 7', { heard: [run(2 ** 32 - 7, 1)] }],
    ['"heard-range", is 4294967296', { heard: [run(2 ** 32, 1)] }],
    ['"heard-range", is -1', { heard: [run(-1, 1)] }],
    [
      '"too-many-lossy", is 33',
      { lossy: hosts(33).map((address) => ({ address, percent: 50 })) },
    ],
    ['"lossy-percent", is 0', { lossy: [{ address: "10.0.0.2", percent: 0 }] }],
    ['"lossy-percent", is 101', { lossy: [{ address: "10.0.0.2", percent: 101 }] }],
    ['"lossy-percent", is 33.3', { lossy: [{ address: "10.0.0.2", percent: 33.3 }] }],
    ['"address", is 2001:db8::1', { lossy: [{ address: "2001:db8::1", percent: 50 }] }],
    ['"direct", is ack', { kind: "ack", direct: true }],
    ['"direct", is state', { ...STATE, direct: true }],
    ['"passing", is ack', { kind: "ack", passing: true }],
    ['"passing", is state', { ...STATE, passing: true }],
    ['"spread", is ack', { kind: "ack", spreadMs: 1 }],
    ['"spread", is 1000001', { spreadMs: 1000.001 }],
    ['"spread", is -1000', { spreadMs: -1 }],
    ['"spread", is NaN', { spreadMs: NaN }],
    ['"goodbye", is inq', { goodbyeMs: 1 }],
    ['"goodbye", is ack', { kind: "ack", goodbyeMs: 1 }],
    ['"goodbye", is 3600001', { ...STATE, goodbyeMs: 3_600_001 }],
    ['"goodbye", is -1', { ...STATE, goodbyeMs: -1 }],
  ];
  encode(GOOD);
  for (const [message, changes] of table) {
    assertThrows(() => encode({ ...GOOD, ...changes }), RangeError, message);
  }
});

Deno.test("The header alone is refused as well when it breaks a rule", () => {
  const before = encode(GOOD);
  const table: readonly (readonly [string, Partial<Packet>])[] = [
    ['"counter", is 0', { counter: 0 }],
    ['"inquiry-missing", is inq', { sequence: 0 }],
    ['"interval", is 9999', { intervalMs: 9.999 }],
    ['"direct", is ack', { kind: "ack", direct: true }],
    ['"heard", is ack', { kind: "ack", heard: [] }],
    ['"goodbye", is inq', { goodbyeMs: 1 }],
  ];
  for (const [message, changes] of table) {
    assertThrows(() => encodeLike({ ...GOOD, ...changes }, before), RangeError, message);
  }
});

Deno.test("The most of all IPv4 lists fits into one packet together, signed", () => {
  const packet: Packet = {
    ...GOOD,
    name: "n".repeat(63),
    source: "10.0.1.1",
    interfaces: Array.from({ length: MAX_INTERFACES }, (_, i) => lan(`10.0.${i}.1`)),
    unheard: hosts(MAX_UNHEARD),
    heard: [run(0, MAX_HEARD_BYTES - 5)],
    lossy: hosts(MAX_LOSSY).map((address) => ({ address, percent: 100 })),
    spreadMs: 1000,
  };
  const bytes = encode(packet, { keyId: 1 });
  assertEquals(bytes.length, 1081);
  assert(bytes.length <= MAX_PACKET_BYTES);
  assertEquals(decode(bytes), { packet });
});

/** A packet of so many bytes, from 1139 to 1201. */
function sized(bytes: number): Packet {
  const unheard = [...hosts(1), ...hosts(67, "2001:db8::")];
  return { ...GOOD, unheard, name: "n".repeat(bytes - 1138) };
}

Deno.test("A packet may fill the last byte of the limit, its signature included", () => {
  for (const size of [1139, 1160, 1199, MAX_PACKET_BYTES]) {
    assertEquals(encode(sized(size)).length, size);
  }
  assertThrows(() => encode(sized(1201)), RangeError, '"too-long", is 1201');
  assertEquals(encode(sized(1160), { keyId: 1 }).length, MAX_PACKET_BYTES);
  assertThrows(() => encode(sized(1161), { keyId: 1 }), RangeError, '"too-long", is 1201');
});

Deno.test("A packet is padded to the room that is wanted, as far as padding can be", () => {
  const table: readonly (readonly [size: number, room: number, padded: number])[] = [
    [1139, 0, 1139],
    [1139, 1139, 1139],
    [1139, 1140, 1142], // padding of no content is three bytes long
    [1139, 1142, 1142],
    [1139, 1143, 1143],
    [1139, 1200, 1200],
    [1139, 5000, 1200],
    [1197, 1200, 1200],
    [1198, 1200, 1198],
    [1200, 1200, 1200],
  ];
  for (const [size, room, padded] of table) {
    const packet = sized(size);
    const bytes = encode(packet, { room });
    assertEquals(bytes.length, padded, `${size} with room ${room}`);
    assertEquals(decode(bytes), { packet });
  }
  for (const room of [0, 1179, 1180, 1182, 1200]) {
    const bytes = encode(sized(1139), { room, keyId: 1 });
    assertEquals(bytes.length, room <= 1179 ? 1179 : Math.max(room, 1182), `${room}`);
    assertEquals(authOf(bytes), { keyId: 1, macAt: bytes.length - 32 });
  }
});

Deno.test("Padding is zeros, and so is the signature that is not made yet, after its key and its scheme", () => {
  const plain = encode(GOOD);
  const bytes = encode(GOOD, { room: 200, keyId: 9 });
  const rest = [...bytes.slice(plain.length)];
  const pad = 200 - plain.length - 40 - 3;
  const zeros = (count: number) => new Array<number>(count).fill(0);
  assertEquals(rest, [254, 0, pad, ...zeros(pad), 255, 0, 37, 9, 0, 0, 0, 1, ...zeros(32)]);
});

Deno.test("The id of a key is 1 to 255", () => {
  for (const keyId of [1, 255]) assertEquals(authOf(encode(GOOD, { keyId }))?.keyId, keyId);
  for (const keyId of [0, 256, -1, 1.5]) {
    assertThrows(() => encode(GOOD, { keyId }), RangeError, `"key", is ${keyId}`);
  }
});

Deno.test("Writing the header anew changes nothing behind it", () => {
  const packet: Packet = { ...GOOD, heard: [run(0, 2)], spreadMs: 5 };
  const before = encode(packet, { room: 200, keyId: 9 });
  const copy = before.slice();
  const next: Packet = { ...packet, direct: true, counter: 2, sequence: 2, nonce: 77n };
  const bytes = encodeLike(next, before);
  assertEquals(bytes, encode(next, { room: 200, keyId: 9 }));
  assertEquals(before, copy, "the packet before was written to");
});

Deno.test("Spread is carried in whole microseconds, a farewell in whole milliseconds", () => {
  for (const [given, carried] of [[0.3333, 0.333], [1000, 1000], [0.0004, 0]] as const) {
    assertEquals(decoded(encode({ ...GOOD, spreadMs: given })).spreadMs, carried);
  }
  for (const [given, carried] of [[0, 0], [1.5, 2], [3_600_000, 3_600_000]] as const) {
    assertEquals(decoded(encode({ ...STATE, goodbyeMs: given })).goodbyeMs, carried);
  }
});

Deno.test("Nothing is written of what a packet does not say", () => {
  const bytes = encode({ ...GOOD, heard: null, lossy: [], spreadMs: 0, goodbyeMs: null });
  assertEquals(bytes.length, 44 + 3 + 5 + 3 + 6);
  assertEquals(encode({ ...GOOD, heard: [] }).length, bytes.length + 3);
  assertEquals(encode({ ...STATE, goodbyeMs: 0 }).length, bytes.length + 7);
});

Deno.test("The interval is carried in whole microseconds", () => {
  for (const [given, carried] of [[10, 10], [33.3333, 33.333], [0.1 * 300, 30]] as const) {
    assertEquals(decoded(encode({ ...GOOD, intervalMs: given })).intervalMs, carried);
  }
});

Deno.test("IPv4 comes first, and within a family the order stays", () => {
  const interfaces = ["2001:db8::2", "10.0.2.1", "2001:db8::1", "10.0.1.1"];
  const unheard = ["2001:db8::9", "10.0.0.9", "10.0.0.8"];
  const packet = decoded(encode({
    ...GOOD,
    source: "2001:db8::1",
    interfaces: interfaces.map((address) => lan(address)),
    unheard,
  }));
  assertEquals(
    packet.interfaces.map((each) => each.address),
    ["10.0.2.1", "10.0.1.1", "2001:db8::2", "2001:db8::1"],
  );
  assertEquals(packet.unheard, ["10.0.0.9", "10.0.0.8", "2001:db8::9"]);
  assertEquals(packet.source, "2001:db8::1");
});

Deno.test("What can be a node's name is what the wire takes", () => {
  for (const name of ["a", "web-1.example.org", "gerät-3", "x".repeat(63)]) {
    assertEquals(isNodeName(name), true, name);
    assertEquals(decoded(encode({ ...GOOD, name })).name, name);
  }
  for (
    const name of ["", "x".repeat(64), "a b", "-a", "a\n", "ä".repeat(32), "a\ud800", "\ud800"]
  ) {
    assertEquals(isNodeName(name), false, JSON.stringify(name));
    assertThrows(() => encode({ ...GOOD, name }), RangeError);
  }
});
