/** Each rule of docs/WIRE.md by which a packet is dropped: packets that just keep it, packets that break it. */

import type { DropReason } from "../../lib/core/wire.ts";
import {
  INTERFACES,
  LAN_A,
  LAN_B,
  listing,
  NAME,
  named,
  raw,
  section,
  text,
  zeros,
} from "./wire_layout.ts";
import { END_RULES, LIST_RULES, SMALL_RULES } from "./wire_list_rules.ts";

/** A valid packet of exactly so many bytes, by means of an unknown section. */
const sized = (bytes: number): Uint8Array =>
  raw({ sections: [NAME, INTERFACES, section(99, zeros(bytes - 67 - 3))] });

/** A rule of docs/WIRE.md with packets at its very edge that keep it, and packets that break it. */
export interface Rule {
  readonly rule: string;
  readonly drop: DropReason;
  readonly kept: readonly Uint8Array[];
  readonly broken: readonly (readonly [value: string, bytes: Uint8Array])[];
}

const FRAME_RULES: readonly Rule[] = [
  {
    rule: "W1",
    drop: "too-short",
    kept: [raw({})],
    broken: [
      ["0", new Uint8Array(0)],
      ["1", raw({}).slice(0, 1)],
      ["43", raw({}).slice(0, 43)],
    ],
  },
  {
    rule: "W2",
    drop: "bad-magic",
    kept: [raw({ magic: "FAIL" })],
    broken: [
      ["6661696c", raw({ magic: "fail" })],
      ["00000000", new Uint8Array(44)],
      ["00000000", new Uint8Array(2000)],
    ],
  },
  {
    rule: "W3",
    drop: "version",
    kept: [raw({ version: 1 })],
    broken: [
      ["0", raw({ version: 0 })],
      ["2", raw({ version: 2 })],
      ["255", raw({ version: 255, type: 9, length: 7 })],
      ["2", raw({ version: 2, sections: [zeros(5000)] })],
    ],
  },
  {
    rule: "W4",
    drop: "too-long",
    kept: [sized(1200)],
    broken: [["1201", sized(1201)], ["60000", sized(60_000)]],
  },
  {
    rule: "W5",
    drop: "length",
    kept: [raw({ length: 67 })],
    broken: [
      ["66 of 67", raw({ length: 66 })],
      ["68 of 67", raw({ length: 68 })],
      ["0 of 67", raw({ length: 0 })],
      ["67 of 70", Uint8Array.of(...raw({}), 0, 0, 0)],
    ],
  },
];

const HEADER_RULES: readonly Rule[] = [
  {
    rule: "W6",
    drop: "type",
    kept: [raw({ type: 1 }), raw({ type: 2 }), raw({ type: 3, sequence: 0, nonce: 0n })],
    broken: [["0", raw({ type: 0 })], ["4", raw({ type: 4 })], ["255", raw({ type: 255 })]],
  },
  {
    rule: "W7",
    drop: "counter",
    kept: [raw({ counter: 1n }), raw({ counter: 2n ** 53n - 1n })],
    broken: [
      ["0", raw({ counter: 0n })],
      ["9007199254740992", raw({ counter: 2n ** 53n })],
      ["9007199254740993", raw({ counter: 2n ** 53n + 1n })],
      ["18446744073709551615", raw({ counter: 2n ** 64n - 1n })],
    ],
  },
  {
    rule: "W8",
    drop: "inquiry-missing",
    kept: [
      raw({ type: 1, sequence: 1, nonce: 0n }),
      raw({ type: 2, sequence: 0xffffffff }),
      raw({ type: 3, sequence: 0, nonce: 0n }),
    ],
    broken: [["inq", raw({ type: 1, sequence: 0 })], ["ack", raw({ type: 2, sequence: 0 })]],
  },
  {
    rule: "W9",
    drop: "inquiry-unexpected",
    kept: [raw({ type: 3, sequence: 0, nonce: 0n }), raw({ type: 2, sequence: 7, nonce: 9n })],
    broken: [
      ["1/0", raw({ type: 3, sequence: 1, nonce: 0n })],
      ["0/9", raw({ type: 3, sequence: 0, nonce: 9n })],
      [
        "4294967295/18446744073709551615",
        raw({ type: 3, sequence: 0xffffffff, nonce: 2n ** 64n - 1n }),
      ],
    ],
  },
  {
    rule: "W10",
    drop: "interval",
    kept: [raw({ interval: 10_000 }), raw({ interval: 3_600_000_000 })],
    broken: [
      ["0", raw({ interval: 0 })],
      ["9999", raw({ interval: 9999 })],
      ["3600000001", raw({ interval: 3_600_000_001 })],
      ["4294967295", raw({ interval: 0xffffffff })],
    ],
  },
  {
    rule: "W11",
    drop: "fail-after",
    kept: [raw({ failAfter: 1 }), raw({ failAfter: 1000 })],
    broken: [
      ["0", raw({ failAfter: 0 })],
      ["1001", raw({ failAfter: 1001 })],
      ["65535", raw({ failAfter: 0xffff })],
    ],
  },
];

const SECTION_RULES: readonly Rule[] = [
  {
    rule: "W12",
    drop: "section-end",
    kept: [raw({}), listing(INTERFACES, section(99, []))],
    broken: [
      ["1 of header", listing(INTERFACES, [99])],
      ["2 of header", listing(INTERFACES, [99, 0])],
      ["0 of 1", listing(INTERFACES, section(99, [], 1))],
      ["12 of 13", listing(section(2, [...LAN_A, ...LAN_B], 13))],
      ["20 of 65535", raw({ sections: [section(1, text("node1"), 0xffff), INTERFACES] })],
    ],
  },
  {
    rule: "W13",
    drop: "section-repeated",
    kept: [raw({}), listing(INTERFACES, section(98, []), section(99, []))],
    broken: [
      ["1", listing(NAME, INTERFACES)],
      ["2", listing(INTERFACES, INTERFACES)],
      ["99", listing(INTERFACES, section(99, []), section(99, []))],
    ],
  },
  {
    rule: "W14",
    drop: "section-order",
    kept: [raw({ sections: [section(0, []), NAME, INTERFACES, section(253, [])] })],
    broken: [
      ["1 after 2", raw({ sections: [INTERFACES, NAME] })],
      ["1 after 99", raw({ sections: [section(99, []), NAME, INTERFACES] })],
      ["1 after 2", raw({ sections: [NAME, INTERFACES, NAME] })],
      ["98 after 99", listing(INTERFACES, section(99, []), section(98, []))],
    ],
  },
  {
    rule: "W15",
    drop: "name-length",
    kept: [named(text("a")), named(text("a".repeat(63))), named(text("ä".repeat(31) + "a"))],
    broken: [
      ["0", named([])],
      ["64", named(text("a".repeat(64)))],
      ["64", named(text("ä".repeat(32)))],
    ],
  },
  {
    rule: "W16",
    drop: "name-text",
    kept: ["web-1.example.org", "A_b", "3", "gerät", "ноута", "节点", "न\u093f"].map((name) =>
      named(text(name))
    ),
    broken: [
      ["not UTF-8", named([0xff])],
      ["not UTF-8", named([0x61, 0xc3])],
      ["not UTF-8", named([0xc0, 0xaf])], // an overlong "/"
      ["not UTF-8", named([0xed, 0xa0, 0x80])], // a surrogate
      ["not UTF-8", named([0xf4, 0x90, 0x80, 0x80])], // beyond Unicode
      ["U+0000", named(text("a\0"))],
      ["U+0020", named(text("a b"))],
      ["U+000A", named(text("a\n2026-01-01 node2 up"))],
      ["U+000D", named(text("a\r"))],
      ["U+001B", named(text("\x1b[2Ja"))],
      ["U+007F", named(text("a\x7f"))],
      ["U+0085", named(text("a\x85"))],
      ["U+00A0", named(text("a\u00a0b"))],
      ["U+00AD", named(text("a\u00adb"))],
      ["U+2028", named(text("a\u2028b"))],
      ["U+202E", named(text("a\u202eb"))],
      ["U+200B", named(text("a\u200bb"))],
      ["U+FEFF", named(text("\ufeffa"))],
      ["U+3164", named(text("\u3164"))], // a letter that is drawn as nothing
      ["U+05D0", named(text("\u05d0"))], // written from right to left
      ["U+10800", named(text("\u{10800}"))],
      ["U+E0061", named(text("a\u{e0061}"))],
      ["U+1F600", named(text("a\u{1f600}"))],
      ["U+002D", named(text("-a"))],
      ["U+002E", named(text(".a"))],
      ["U+0301", named(text("\u0301a"))], // a mark with nothing of the name's to stand on
      ["U+003A", named(text("a:"))],
      ["U+0022", named(text('a"'))],
      ["U+003D", named(text("a=b"))],
      ["U+002F", named(text("a/b"))],
    ],
  },
];

/** In the order of the ladder. */
export const RULES = [
  ...FRAME_RULES,
  ...HEADER_RULES,
  ...SECTION_RULES,
  ...LIST_RULES,
  ...SMALL_RULES,
  ...END_RULES,
];
