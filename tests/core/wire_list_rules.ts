/** The rules of docs/WIRE.md for what is in the sections, each kept and broken: the second half of wire_rules.ts. */

import {
  type Bytes,
  interface4,
  interface6,
  INTERFACES,
  LAN_A,
  LAN_B,
  listing,
  marked,
  NAME,
  raw,
  run4,
  saying,
  section,
  times,
  zeros,
} from "./wire_layout.ts";
import type { Rule } from "./wire_rules.ts";

const SOURCE6 = marked(interface6(1));
const address6 = (host: number): Bytes => interface6(host).slice(0, 16);
const lossy = (...entries: Bytes[]): Uint8Array => saying(section(8, entries.flat()));
const heard = (...runs: Bytes[]): Uint8Array => saying(section(6, runs.flat()));

/** What holds for lists of addresses. */
export const LIST_RULES: readonly Rule[] = [
  {
    rule: "W17",
    drop: "section-length",
    kept: [
      listing(section(2, LAN_A), section(4, [10, 0, 0, 1])),
      saying(section(10, zeros(4)), section(11, zeros(4))),
    ],
    broken: [
      ["1", listing(section(2, [1]))],
      ["7", listing(section(2, [...LAN_A, 1]))],
      ["19", listing(section(3, [...interface6(1), 1]))],
      ["5", saying(section(4, [10, 0, 0, 1, 1]))],
      ["15", saying(section(5, address6(1).slice(0, 15)))],
      ["4", saying(section(8, [10, 0, 0, 1]))],
      ["9", saying(section(8, [10, 0, 0, 1, 50, 10, 0, 0, 2]))],
      ["0", saying(section(10, []))],
      ["3", saying(section(10, zeros(3)))],
      ["5", saying(section(10, zeros(5)))],
      ["0", saying(section(11, []))],
      ["8", saying(section(11, zeros(8)))],
    ],
  },
  {
    rule: "W18",
    drop: "too-many-interfaces",
    kept: [
      listing(section(2, marked(times(16, (i) => interface4(10, 0, i, 1))))),
      listing(section(2, times(15, (i) => interface4(10, 0, i, 1))), section(3, SOURCE6)),
    ],
    broken: [
      ["17", listing(section(2, times(17, (i) => interface4(10, 0, i, 1))))],
      [
        "17",
        listing(
          section(2, times(15, (i) => interface4(10, 0, i, 1))),
          section(3, times(2, interface6)),
        ),
      ],
      ["190", listing(section(2, zeros(190 * 6)))],
    ],
  },
  {
    rule: "W22",
    drop: "too-many-unheard",
    kept: [
      saying(section(4, times(100, (i) => [10, 0, 0, i]))),
      saying(section(4, times(99, (i) => [10, 0, 0, i])), section(5, address6(1))),
    ],
    broken: [
      ["101", saying(section(4, times(101, (i) => [10, 0, 0, i])))],
      ["101", saying(section(4, times(100, (i) => [10, 0, 0, i])), section(5, address6(1)))],
      ["270", saying(section(4, zeros(270 * 4)))],
    ],
  },
  {
    rule: "W57",
    drop: "too-many-lossy",
    kept: [lossy(times(32, (i) => [10, 0, 0, i, 50]))],
    broken: [
      ["33", lossy(times(33, (i) => [10, 0, 0, i, 50]))],
      ["200", lossy(zeros(200 * 5))],
    ],
  },
  {
    rule: "W19",
    drop: "prefix",
    kept: [
      listing(section(2, [10, 0, 0, 1, 1, 1, 10, 0, 0, 2, 32, 5])),
      listing(section(3, [...address6(1), 128, 5])),
      listing(section(3, [...address6(1), 1, 5])),
    ],
    broken: [
      ["0", listing(section(2, [10, 0, 0, 1, 0, 1]))],
      ["33", listing(section(2, [10, 0, 0, 1, 33, 1]))],
      ["0", listing(section(3, [...address6(1), 0, 1]))],
      ["129", listing(section(3, [...address6(1), 129, 1]))],
    ],
  },
  {
    rule: "W20",
    drop: "address",
    kept: [
      listing(section(2, [10, 0, 0, 0, 31, 1, 192, 168, 1, 254, 24, 1, 240, 0, 0, 1, 24, 5])),
      saying(section(4, [10, 0, 0, 255, 10, 0, 0, 0])),
      lossy([10, 0, 0, 255, 1]),
    ],
    broken: [
      ["0.0.0.0/24", listing(section(2, interface4(0, 0, 0, 0)))],
      ["127.0.0.1/24", listing(section(2, interface4(127, 0, 0, 1)))],
      ["224.0.0.1/24", listing(section(2, interface4(224, 0, 0, 1)))],
      ["255.255.255.255/24", listing(section(2, interface4(255, 255, 255, 255)))],
      ["192.168.1.0/24", listing(section(2, interface4(192, 168, 1, 0)))],
      ["192.168.1.255/24", listing(section(2, interface4(192, 168, 1, 255)))],
      ["192.168.2.255/24", listing(section(2, [...LAN_A, 192, 168, 2, 255, 24, 1]))],
      ["::/64", listing(section(3, [...zeros(16), 64, 1]))],
      ["::1/64", listing(section(3, [...zeros(15), 1, 64, 1]))],
      ["2001:db8::/64", listing(section(3, interface6(0)))],
      ["ff02::1/64", listing(section(3, [0xff, 2, ...zeros(13), 1, 64, 1]))],
      ["0.0.0.0", saying(section(4, [0, 0, 0, 0]))],
      ["239.1.1.1", saying(section(4, [10, 0, 0, 1, 239, 1, 1, 1]))],
      ["::ffff:10.0.0.1", saying(section(5, [...zeros(10), 255, 255, 10, 0, 0, 1]))],
      ["127.0.0.1", lossy([10, 0, 0, 1, 50, 127, 0, 0, 1, 50])],
    ],
  },
  {
    rule: "W21",
    drop: "address-repeated",
    kept: [
      listing(section(2, [...LAN_A, 192, 168, 1, 2, 24, 1])),
      lossy([10, 0, 0, 1, 50], [10, 0, 0, 2, 50]),
    ],
    broken: [
      ["192.168.1.1", listing(section(2, [...LAN_A, ...LAN_B, 192, 168, 1, 1, 16, 1]))],
      ["2001:db8::1", listing(section(3, [...interface6(1), ...interface6(1)]))],
      ["10.0.0.1", lossy([10, 0, 0, 1, 50], [10, 0, 0, 2, 50], [10, 0, 0, 1, 60])],
    ],
  },
];

/** What holds for the smaller sections. */
export const SMALL_RULES: readonly Rule[] = [
  {
    rule: "W58",
    drop: "lossy-percent",
    kept: [lossy([10, 0, 0, 1, 1], [10, 0, 0, 2, 100])],
    broken: [
      ["0", lossy([10, 0, 0, 1, 0])],
      ["101", lossy([10, 0, 0, 1, 101])],
      ["255", lossy([10, 0, 0, 1, 50], [10, 0, 0, 2, 255])],
    ],
  },
  {
    rule: "W59",
    drop: "heard-length",
    kept: [heard(), heard(run4([10, 0, 0, 0], zeros(251)))],
    broken: [
      ["257", heard(run4([10, 0, 0, 0], zeros(252)))],
      ["260", heard(run4([10, 0, 0, 0], zeros(255)))],
      ["1000", heard(zeros(1000))],
    ],
  },
  {
    rule: "W60",
    drop: "heard-run",
    kept: [heard(run4([10, 0, 0, 0], [1])), heard(run4([10, 0, 0, 3], [0, 0]))],
    broken: [
      ["1 of header", heard([10])],
      ["4 of header", heard([10, 0, 0, 0])],
      ["0 of 0", heard(run4([10, 0, 0, 0], []))],
      ["1 of 0", heard(run4([10, 0, 0, 0], [0xff], 0))],
      ["0 of 1", heard(run4([10, 0, 0, 0], [], 1))],
      ["2 of 255", heard(run4([10, 0, 0, 0], [1, 2], 255))],
      ["2 of header", heard(run4([10, 0, 0, 0], [1]), [10, 0])],
    ],
  },
  {
    rule: "W61",
    drop: "heard-order",
    kept: [
      heard(run4([10, 0, 0, 0], [1]), run4([10, 0, 0, 8], [1])),
      heard(run4([10, 0, 0, 1], [1, 0]), run4([10, 0, 0, 17], [1]), run4([10, 1, 0, 0], [1])),
    ],
    broken: [
      ["10.0.0.7", heard(run4([10, 0, 0, 0], [1]), run4([10, 0, 0, 7], [1]))],
      ["10.0.0.0", heard(run4([10, 0, 0, 0], [1]), run4([10, 0, 0, 0], [1]))],
      ["9.255.255.0", heard(run4([10, 0, 0, 0], [1]), run4([9, 255, 255, 0], [1]))],
    ],
  },
  {
    rule: "W62",
    drop: "heard-range",
    kept: [
      heard(run4([255, 255, 255, 248], [0xff])),
      heard(run4([255, 255, 255, 240], [0, 0xff])),
    ],
    broken: [
      ["255.255.255.249 and 7", heard(run4([255, 255, 255, 249], [0]))],
      ["255.255.255.255 and 7", heard(run4([255, 255, 255, 255], [0x80]))],
      ["255.255.255.241 and 15", heard(run4([255, 255, 255, 241], [0, 0]))],
    ],
  },
  {
    rule: "W63",
    drop: "spread",
    kept: [
      saying(section(10, zeros(4))),
      raw({ interval: 0x2710, sections: [NAME, INTERFACES, section(10, [0, 0, 0x27, 0x10])] }),
    ],
    broken: [
      [
        "10001",
        raw({ interval: 0x2710, sections: [NAME, INTERFACES, section(10, [0, 0, 0x27, 0x11])] }),
      ],
      ["4294967295", saying(section(10, [255, 255, 255, 255]))],
    ],
  },
  {
    rule: "W64",
    drop: "goodbye",
    kept: [saying(section(11, zeros(4))), saying(section(11, [0, 0x36, 0xee, 0x80]))],
    broken: [
      ["3600001", saying(section(11, [0, 0x36, 0xee, 0x81]))],
      ["4294967295", saying(section(11, [255, 255, 255, 255]))],
    ],
  },
  {
    rule: "W65",
    drop: "auth-length",
    kept: [
      saying(section(255, zeros(37))),
      saying(section(254, [1]), section(255, [9, ...zeros(3), 1, ...zeros(32)])),
    ],
    broken: [
      ["0", saying(section(255, []))],
      ["32", saying(section(255, zeros(32)))],
      ["33", saying(section(255, zeros(33)))],
      ["36", saying(section(255, zeros(36)))],
      ["38", saying(section(255, zeros(38)))],
    ],
  },
];

/** What is only known at the end of a packet. */
export const END_RULES: readonly Rule[] = [
  {
    rule: "W23",
    drop: "name-missing",
    kept: [raw({})],
    broken: [["none", raw({ sections: [INTERFACES] })], ["none", raw({ sections: [] })]],
  },
  {
    rule: "W24",
    drop: "no-interface",
    kept: [listing(section(2, LAN_A)), listing(section(3, SOURCE6))],
    broken: [
      ["0", listing()],
      ["0", listing(section(2, []), section(3, []), section(4, [10, 0, 0, 1]))],
    ],
  },
  {
    rule: "W66",
    drop: "source-mark",
    kept: [
      listing(section(2, [...LAN_B, ...LAN_A])),
      listing(section(2, LAN_B), section(3, SOURCE6)),
    ],
    broken: [
      ["0", listing(section(2, LAN_B))],
      ["2", listing(section(2, [...LAN_A, ...marked(LAN_B)]))],
      ["2", listing(section(2, LAN_A), section(3, SOURCE6))],
      ["3", listing(section(2, [...LAN_A, ...marked(LAN_B)]), section(3, SOURCE6))],
    ],
  },
];
