/**
 * The wire format against its specification: fixed vectors, and each rule of docs/WIRE.md obeyed and broken.
 *
 * The tests that read docs/WIRE.md need --allow-read=docs; the others need nothing.
 */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { isNodeName } from "../../lib/core/node_name.ts";
import {
  MAX_INTERFACES,
  MAX_PACKET_BYTES,
  MAX_UNHEARD,
  type Packet,
  type WireInterface,
} from "../../lib/core/packet.ts";
import { decode, DROP_REASONS, type DropReason, encode } from "../../lib/core/wire.ts";
import {
  interface4,
  INTERFACES,
  listing,
  NAME,
  type Raw,
  raw,
  section,
  zeros,
} from "./wire_layout.ts";
import { RULES } from "./wire_rules.ts";
import vectors from "./wire_vectors.json" with { type: "json" };

for (const { rule, drop, kept, broken } of RULES) {
  Deno.test(`Rule ${rule} lets pass what keeps it and drops the rest as ${drop}`, () => {
    for (const [i, bytes] of kept.entries()) {
      assertEquals(decode(bytes).drop, undefined, `kept ${i}`);
    }
    for (const [value, bytes] of broken) {
      assertEquals(decode(bytes), { drop, value });
    }
  });
}

Deno.test("Every drop has a rule that is tested, in the order of the ladder", () => {
  assertEquals(RULES.map((each) => each.drop), [...DROP_REASONS]);
});

Deno.test("Of several broken rules the first of the ladder names the drop", () => {
  const sections = [section(2, interface4(0, 0, 0, 0))];
  const broken: Partial<Raw> = {
    magic: "NOPE",
    version: 9,
    length: 1,
    type: 9,
    counter: 0n,
    sequence: 0,
    interval: 0,
    failAfter: 0,
    sections,
  };
  const mended: [keyof Raw, DropReason][] = [
    ["magic", "bad-magic"],
    ["version", "version"],
    ["length", "length"],
    ["type", "type"],
    ["counter", "counter"],
    ["sequence", "inquiry-missing"],
    ["interval", "interval"],
    ["failAfter", "fail-after"],
    ["sections", "address"],
  ];
  for (const [field, drop] of mended) {
    assertEquals(decode(raw(broken)).drop, drop);
    delete broken[field];
  }
  assertEquals(decode(raw(broken)).drop, undefined);
});

// ---------------------------------------------------------------------------------------------- vectors

type VectorPacket = (typeof vectors.accepted)[number]["packet"];

function packetOf(vector: VectorPacket): Packet {
  return {
    ...vector,
    kind: vector.kind as Packet["kind"],
    boot: BigInt(`0x${vector.boot}`),
    nonce: BigInt(`0x${vector.nonce}`),
  };
}

function bytesOf(hex: string): Uint8Array {
  assertEquals(hex.length % 2, 0);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

for (const vector of vectors.accepted) {
  Deno.test(`The vector is read and written as specified: ${vector.title}`, () => {
    const packet = packetOf(vector.packet);
    assertEquals(decode(bytesOf(vector.hex)), { packet });
    assertEquals(encode(packet), bytesOf(vector.canonicalHex ?? vector.hex));
  });
}

for (const { title, hex, drop, value } of vectors.dropped) {
  Deno.test(`The vector is dropped as specified: ${title}`, () => {
    assertEquals(decode(bytesOf(hex)), { drop: drop as DropReason, value });
  });
}

// ---------------------------------------------------------------------------------------------- beyond the drops

function decoded(bytes: Uint8Array): Packet {
  const result = decode(bytes);
  if (result.drop !== undefined) throw new Error(`dropped: ${result.drop} ${result.value}`);
  return result.packet;
}

Deno.test("Rule W25: unknown flags are ignored, and known ones are read by themselves", () => {
  for (
    const [flags, requestor] of [[0, false], [1, true], [0xfffe, false], [0xffff, true]] as const
  ) {
    assertEquals(decoded(raw({ flags })).requestor, requestor);
  }
  const flags = [0, 1, 2, 3, 0xfc, 0xff];
  const list = flags.flatMap((each, i) => [10, 0, i, 1, 24, each]);
  const seen = decoded(listing(section(2, list))).interfaces;
  assertEquals(seen.map((each) => [each.usable, each.hearsNobody]), [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
    [false, false],
    [true, true],
  ]);
});

Deno.test("Rule W26: sections of unknown type are skipped, whatever is in them", () => {
  const plain = decoded(raw({}));
  const sections = [section(0, [1]), NAME, INTERFACES, section(6, [2, 0]), section(255, zeros(9))];
  assertEquals(decoded(raw({ sections })), plain);
});

Deno.test("Rule W27: a list without entries is as good as none", () => {
  const lists = [INTERFACES, section(3, []), section(4, []), section(5, [])];
  assertEquals(decoded(listing(...lists)), decoded(raw({})));
});

Deno.test("Rule W28: an address may be unheard twice, and subnets may overlap", () => {
  const twice = section(4, [10, 0, 0, 2, 10, 0, 0, 2]);
  assertEquals(decoded(listing(INTERFACES, twice)).unheard, ["10.0.0.2", "10.0.0.2"]);
  const nested = section(2, [10, 0, 0, 1, 8, 1, 10, 0, 0, 2, 24, 1]);
  assertEquals(decoded(listing(nested)).interfaces.map((each) => each.prefixLength), [8, 24]);
});

Deno.test("A packet is read wherever in its buffer it lies, and nothing around it", () => {
  const bytes = raw({});
  const buffer = new Uint8Array(bytes.length + 20).fill(0xaa);
  buffer.set(bytes, 13);
  assertEquals(decode(buffer.subarray(13, 13 + bytes.length)), decode(bytes));
});

Deno.test("A packet that was decoded shares no memory with the datagram", () => {
  const bytes = raw({});
  const packet = decoded(bytes);
  bytes.fill(0);
  assertEquals(packet.name, "node1");
  assertEquals(packet.interfaces[0]?.address, "192.168.1.1");
});

// ---------------------------------------------------------------------------------------------- encode

const GOOD: Packet = {
  kind: "inq",
  requestor: true,
  boot: 1n,
  counter: 1,
  sequence: 1,
  nonce: 1n,
  intervalMs: 1000,
  failAfter: 3,
  name: "node1",
  interfaces: [{ address: "10.0.0.1", prefixLength: 24, usable: true, hearsNobody: false }],
  unheard: [],
};
const lan = (address: string, prefixLength = 24): WireInterface => ({
  address,
  prefixLength,
  usable: true,
  hearsNobody: false,
});

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
    ['"prefix", is 280', { interfaces: [lan("10.0.0.1", 280)] }], // 24 modulo 2^8
    ['"prefix", is 33', { interfaces: [lan("10.0.0.1", 33)] }],
    ['"address", is 10.0.0.255/24', { interfaces: [lan("10.0.0.255")] }],
    ['"address-repeated", is 10.0.0.1', { interfaces: [lan("10.0.0.1"), lan("10.0.0.1")] }],
    ['"address", is 127.0.0.1', { unheard: ["127.0.0.1"] }],
    ['is "nonsense"', { unheard: ["nonsense"] }],
    [
      '"too-many-unheard", is 201',
      { unheard: Array.from({ length: 201 }, (_, i) => `10.0.0.${i}`) },
    ],
    [
      '"too-many-interfaces", is 17',
      { interfaces: Array.from({ length: 17 }, (_, i) => lan(`10.0.${i}.1`)) },
    ],
    [
      '"too-long", is 1280',
      { unheard: Array.from({ length: 76 }, (_, i) => `2001:db8::${i + 1}`) },
    ],
    [
      '"too-long", is ',
      { unheard: Array.from({ length: 100_000 }, () => "10.0.0.2") },
    ],
  ];
  encode(GOOD);
  for (const [message, changes] of table) {
    assertThrows(() => encode({ ...GOOD, ...changes }), RangeError, message);
  }
});

Deno.test("The most of all IPv4 lists fits into one packet together", () => {
  const packet: Packet = {
    ...GOOD,
    name: "n".repeat(63),
    interfaces: Array.from({ length: MAX_INTERFACES }, (_, i) => lan(`10.0.${i}.1`)),
    unheard: Array.from({ length: MAX_UNHEARD }, (_, i) => `10.0.0.${i}`),
  };
  const bytes = encode(packet);
  assertEquals(bytes.length, 1012);
  assert(bytes.length <= MAX_PACKET_BYTES);
  assertEquals(decode(bytes), { packet });
});

Deno.test("A packet may fill the last byte of the limit", () => {
  const unheard = [
    ...Array.from({ length: 84 }, (_, i) => `10.0.0.${i}`),
    ...Array.from({ length: 50 }, (_, i) => `2001:db8::${i}`),
  ];
  assertEquals(encode({ ...GOOD, name: "n2", unheard }).length, MAX_PACKET_BYTES);
  assertThrows(() => encode({ ...GOOD, name: "n22", unheard }), RangeError, '"too-long", is 1201');
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
    interfaces: interfaces.map((address) => lan(address)),
    unheard,
  }));
  assertEquals(
    packet.interfaces.map((each) => each.address),
    ["10.0.2.1", "10.0.1.1", "2001:db8::2", "2001:db8::1"],
  );
  assertEquals(packet.unheard, ["10.0.0.9", "10.0.0.8", "2001:db8::9"]);
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

// ---------------------------------------------------------------------------------------------- the document

function specification(): string {
  return Deno.readTextFileSync(new URL("../../docs/WIRE.md", import.meta.url));
}

Deno.test("The drops in docs/WIRE.md are those of the code, in the same order", () => {
  const [, chapter = ""] = specification().split("## What is dropped by its format");
  const rows = (chapter.split("\n## ")[0] ?? "").matchAll(/^\| (W\d+) \| `([a-z-]+)` \|/gm);
  const documented = Array.from(rows, ([, rule, drop]) => [rule, drop]);
  assertEquals(documented, RULES.map(({ rule, drop }) => [rule, drop]));
});

Deno.test("The rules in docs/WIRE.md are numbered without gap or repetition", () => {
  const defined = specification().matchAll(/^(?:\| (W\d+) \||- \*\*(W\d+)\*\* )/gm);
  const numbers = Array.from(defined, ([, row, item]) => row ?? item);
  assertNotEquals(numbers.length, 0);
  assertEquals(numbers, numbers.map((_, i) => `W${i + 1}`));
});

Deno.test("The packets explained in docs/WIRE.md are the first vectors", () => {
  const blocks = Array.from(
    specification().matchAll(/^```hex\n(.*?)^```/gms),
    ([, block]) =>
      (block ?? "").split("\n").map((line) => line.split("  ")[0]?.replaceAll(" ", "")).join(""),
  );
  assertEquals(blocks, vectors.accepted.slice(0, 3).map((vector) => vector.hex));
});
