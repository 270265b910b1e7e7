/** The wire format against each rule of docs/WIRE.md, obeyed and broken. No permissions are needed. */
import { assertEquals } from "@std/assert";
import type { Packet } from "../../lib/core/packet.ts";
import { decode, decodeLike, DROP_REASONS, type DropReason } from "../../lib/core/wire.ts";
import {
  type Bytes,
  interface4,
  INTERFACES,
  LAN_A,
  listing,
  marked,
  NAME,
  type Raw,
  raw,
  run4,
  saying,
  section,
  text,
  zeros,
} from "./wire_layout.ts";
import { RULES } from "./wire_rules.ts";

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

Deno.test("Sections are judged one after the other, and the packet as a whole after them", () => {
  const broken: Bytes[] = [
    section(1, text("a b")),
    section(2, interface4(10, 0, 0, 0)),
    section(4, zeros(4)),
    section(6, [10]),
    section(8, [10, 0, 0, 1, 0]),
    section(10, [255, 0, 0, 0]),
    section(11, [255, 0, 0, 0]),
    section(255, []),
  ];
  const drops = broken.map((_, i) => decode(raw({ sections: broken.slice(i) })).drop);
  assertEquals(drops, [
    "name-text",
    "address",
    "address",
    "heard-run",
    "lossy-percent",
    "spread",
    "goodbye",
    "auth-length",
  ]);
  assertEquals(decode(raw({ sections: [] })).drop, "name-missing");
  assertEquals(decode(raw({ sections: [NAME] })).drop, "no-interface");
  const unmarked = section(2, interface4(10, 0, 0, 1));
  assertEquals(decode(raw({ sections: [NAME, unmarked] })).drop, "source-mark");
});

Deno.test("Within a list its length comes first, then one entry after the other", () => {
  const entry = interface4(10, 0, 0, 0);
  const twice = interface4(10, 0, 0, 1);
  const lists: [Bytes, DropReason][] = [
    [section(2, [...entry, 1]), "section-length"],
    [section(2, Array.from({ length: 17 }, () => entry).flat()), "too-many-interfaces"],
    [section(2, [10, 0, 0, 0, 99, 1]), "prefix"],
    [section(2, [...twice, ...twice, ...entry]), "address-repeated"],
    [section(2, [...twice, ...entry, ...twice]), "address"],
    [section(4, zeros(101 * 4)), "too-many-unheard"],
    [section(8, zeros(33 * 5)), "too-many-lossy"],
    [section(8, zeros(32 * 5)), "address"],
    [section(6, zeros(257)), "heard-length"],
    [section(6, [...run4([10, 0, 0, 0], [1]), ...run4([9, 0, 0, 0], [])]), "heard-run"],
    [
      section(6, [...run4([255, 255, 255, 240], [1]), ...run4([255, 255, 255, 241], [0, 0])]),
      "heard-order",
    ],
  ];
  for (const [list, drop] of lists) assertEquals(decode(listing(list)).drop, drop);
});

// ---------------------------------------------------------------------------------------------- beyond the drops

function decoded(bytes: Uint8Array): Packet {
  const result = decode(bytes);
  if (result.drop !== undefined) throw new Error(`dropped: ${result.drop} ${result.value}`);
  return result.packet;
}

Deno.test("Rule W25: unknown flags are ignored, and known ones are read by themselves", () => {
  const table: readonly (readonly [number, boolean, boolean, boolean])[] = [
    [0, false, false, false],
    [1, true, false, false],
    [2, false, true, false],
    [3, true, true, false],
    [4, false, false, true],
    [6, false, true, true],
    [0xfff8, false, false, false],
    [0xffff, true, true, true],
  ];
  for (const [flags, ...expected] of table) {
    const packet = decoded(raw({ flags }));
    assertEquals([packet.requestor, packet.direct, packet.passing], expected);
  }
  const flags = [4, 0, 1, 2, 3, 8, 0xf0, 0xfb];
  const list = flags.flatMap((each, i) => [10, 0, i, 1, 24, each]);
  const seen = decoded(listing(section(2, list)));
  assertEquals(seen.source, "10.0.0.1");
  assertEquals(seen.interfaces.map((each) => [each.usable, each.hearsNobody, each.drained]), [
    [false, false, false],
    [false, false, false],
    [true, false, false],
    [false, true, false],
    [true, true, false],
    [false, false, true],
    [false, false, false],
    [true, true, true],
  ]);
});

Deno.test("Rule W26: sections of unknown type are skipped, whatever is in them", () => {
  const plain = decoded(raw({}));
  const types = [0, 7, 9, 12, 253];
  for (const type of types) {
    const sections = [NAME, INTERFACES, section(type, [2, 0])].sort((a, b) =>
      (a[0] ?? 0) - (b[0] ?? 0)
    );
    assertEquals(decoded(raw({ sections })), plain, `${type}`);
  }
});

Deno.test("Rule W27: a list without entries is as good as none", () => {
  const lists = [INTERFACES, section(3, []), section(4, []), section(5, []), section(8, [])];
  assertEquals(decoded(listing(...lists)), decoded(raw({})));
});

Deno.test("Rule W28: an address may be unheard twice, and subnets may overlap", () => {
  const twice = section(4, [10, 0, 0, 2, 10, 0, 0, 2]);
  assertEquals(decoded(saying(twice)).unheard, ["10.0.0.2", "10.0.0.2"]);
  const nested = section(2, [10, 0, 0, 1, 8, 1, 10, 0, 0, 2, 24, 5]);
  assertEquals(decoded(listing(nested)).interfaces.map((each) => each.prefixLength), [8, 24]);
});

const MISPLACED: readonly Bytes[] = [
  section(6, run4([192, 168, 1, 0], [0x40])),
  section(10, [0, 0, 1, 0]),
  section(11, [0, 0, 1, 0]),
];
const typed = (type: number, flags: number, sections: readonly Bytes[]): Packet =>
  decoded(raw({
    type,
    flags,
    sections: [NAME, INTERFACES, ...sections],
    ...(type === 3 ? { sequence: 0, nonce: 0n } : {}),
  }));

Deno.test("Rule W67: what only other types say is ignored", () => {
  const inquiry = typed(1, 7, MISPLACED);
  const { direct, passing, heard, spreadMs } = inquiry;
  assertEquals([direct, passing, heard?.length, spreadMs], [true, true, 1, 0.256]);
  assertEquals(inquiry.goodbyeMs, null);
  assertEquals(typed(2, 7, MISPLACED), typed(2, 1, []));
  const statement = typed(3, 7, MISPLACED);
  assertEquals(statement, { ...typed(3, 1, []), goodbyeMs: 256 });
});

Deno.test("Rule W67: what is ignored must have its form all the same", () => {
  for (const type of [2, 3]) {
    const sections = [NAME, INTERFACES, section(6, [1])];
    const inquiry = type === 3 ? { sequence: 0, nonce: 0n } : {};
    assertEquals(decode(raw({ type, ...inquiry, sections })).drop, "heard-run");
  }
});

Deno.test("Known sections are judged anew where type or interval give them another meaning", () => {
  const sections = [NAME, INTERFACES, ...MISPLACED];
  const kinds = [{ type: 1 }, { type: 2 }, { type: 3, sequence: 0, nonce: 0n }];
  for (const before of kinds) {
    const known = raw({ ...before, sections });
    for (const kind of kinds) {
      for (const interval of [1_000_000, 0x2710]) {
        const bytes = raw({ ...kind, interval, sections });
        assertEquals(decodeLike(bytes, known, decoded(known)), decode(bytes));
      }
    }
  }
  const spread = [NAME, INTERFACES, section(10, [0, 0, 0x27, 0x11])];
  const [known, shorter] = [raw({ sections: spread }), raw({ interval: 0x2710, sections: spread })];
  assertEquals(decodeLike(shorter, known, decoded(known)), { drop: "spread", value: "10001" });
});

Deno.test("Rule W68: to hear nobody is not the same as not to say whom", () => {
  assertEquals(decoded(raw({})).heard, null);
  assertEquals(decoded(saying(section(6, []))).heard, []);
  const one = decoded(saying(section(6, run4([10, 0, 0, 0], [0])))).heard;
  assertEquals(one, [{ base: 10 * 2 ** 24, bits: Uint8Array.of(0) }]);
});

Deno.test("Rule W69: padding and signatures of any content do not change what a packet says", () => {
  const plain = decoded(raw({}));
  for (const content of [0, 0xaa]) {
    const pad = section(254, zeros(9).fill(content));
    const auth = section(255, zeros(37).fill(content));
    assertEquals(decoded(saying(pad, auth)), plain);
    assertEquals(decoded(saying(pad)), plain);
  }
  assertEquals(decoded(saying(section(254, []))), plain);
});

Deno.test("The source is the marked address, of whatever family and place", () => {
  assertEquals(decoded(raw({})).source, "192.168.1.1");
  const last = section(2, [...interface4(10, 0, 0, 9), ...LAN_A]);
  assertEquals(decoded(listing(last)).source, "192.168.1.1");
  const six = [0x20, 1, 0xd, 0xb8, ...zeros(11), 7, 64, 1];
  const both = decoded(listing(section(2, interface4(10, 0, 0, 9)), section(3, marked(six))));
  assertEquals(both.source, "2001:db8::7");
});

Deno.test("A packet is read wherever in its buffer it lies, and nothing around it", () => {
  const bytes = raw({});
  const buffer = new Uint8Array(bytes.length + 20).fill(0xaa);
  buffer.set(bytes, 13);
  assertEquals(decode(buffer.subarray(13, 13 + bytes.length)), decode(bytes));
});

Deno.test("A packet that was decoded shares no memory with the datagram", () => {
  const bytes = saying(section(6, run4([10, 0, 0, 0], [0x55])));
  const packet = decoded(bytes);
  bytes.fill(0);
  assertEquals(packet.name, "node1");
  assertEquals(packet.heard?.[0]?.bits, Uint8Array.of(0x55));
  assertEquals(packet.interfaces[0]?.address, "192.168.1.1");
});
