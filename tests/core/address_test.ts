import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  broadcastOf,
  compareAddresses,
  contains,
  familyOf,
  formatCidr,
  formatV4,
  isHostAddress,
  isUnicast,
  overlap,
  parseAddress,
  parseCidr,
  parseV4,
  readAddress,
  type Subnet,
  subnetOf,
  writeAddress,
} from "../../lib/core/address.ts";

function cidr(text: string): Subnet {
  const subnet = parseCidr(text);
  if (subnet === null) throw new Error(`the test's own ${text} is no subnet`);
  return subnet;
}

const v4 = fc.nat({ max: 0xffffffff }).map(formatV4);
// Many zero groups, so that every place and length of "::" turns up.
const groups = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, {
    weight: 2,
    arbitrary: fc.nat({ max: 0xffff }),
  }),
  { minLength: 8, maxLength: 8 },
);
const v6 = groups.map((each) => {
  const view = new DataView(new ArrayBuffer(16));
  each.forEach((group, i) => view.setUint16(2 * i, group));
  return readAddress(view, 0, 6);
});

Deno.test("An address in any lawful spelling has one canonical text", () => {
  const table: readonly (readonly [string, string])[] = [
    ["0.0.0.0", "0.0.0.0"],
    ["192.168.1.10", "192.168.1.10"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["fe80:0:0:0:1:2:0:0", "fe80::1:2:0:0"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["0:0:0:0:0:0:0:a", "::a"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["::ffff:c000:201", "::ffff:192.0.2.1"],
    ["0000:0000:0000:0000:0000:ffff:255.255.255.255", "::ffff:255.255.255.255"],
    ["1::ffff:192.0.2.1", "1::ffff:c000:201"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ];
  for (const [text, canonical] of table) assertEquals(parseAddress(text), canonical, text);
});

Deno.test("What is not quite an address is none", () => {
  const table = [
    "",
    " ",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3",
    "1..2.3",
    "1.2.3.256",
    "1.2.3.4 ",
    " 1.2.3.4",
    "01.2.3.4",
    "1.2.3.00",
    "1.2.3.+4",
    "1.2.3.:",
    "1.2.3./",
    "0x1.2.3.4",
    "1.2.3.4/24",
    "1.2.3.١",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    ":1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:",
    "1:",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "[::1]",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1.2.3",
    "::01.2.3.4",
    "1:2:3:4:5:6:7:1.2.3.4",
    "0".repeat(1000),
    "1:".repeat(1000),
  ];
  for (const text of table) assertEquals(parseAddress(text), null, text);
});

Deno.test("IPv4 text and value convert both ways", () => {
  assertEquals(parseV4("0.0.0.0"), 0);
  assertEquals(parseV4("1.2.3.4"), 0x01020304);
  assertEquals(parseV4("255.255.255.255"), 0xffffffff);
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), (value) => {
      assertEquals(parseV4(formatV4(value)), value);
    }),
  );
});

Deno.test("Addresses survive bytes and text, and their canonical text is a fixed point", () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6), (address) => {
      assertEquals(parseAddress(address), address);
      const family = familyOf(address);
      const view = new DataView(new ArrayBuffer(18));
      writeAddress(view, 1, address);
      assertEquals(readAddress(view, 1, family), address);
      assertEquals(view.getUint8(0), 0);
      assertEquals(view.getUint8(family === 4 ? 5 : 17), 0);
    }),
  );
});

Deno.test("IPv6 text agrees with the URL parser of the platform", () => {
  fc.assert(
    fc.property(v6, (address) => {
      const host = new URL(`http://[${address}]/`).hostname.slice(1, -1);
      // That one has no dotted form for embedded IPv4 addresses.
      assertEquals(parseAddress(host), address);
      if (!address.includes(".")) assertEquals(host, address);
    }),
  );
});

Deno.test("Bytes are in network order", () => {
  const view = new DataView(new ArrayBuffer(16));
  writeAddress(view, 0, "192.168.1.2");
  assertEquals([...new Uint8Array(view.buffer, 0, 4)], [192, 168, 1, 2]);
  writeAddress(view, 0, "2001:db8::ff");
  assertEquals([...new Uint8Array(view.buffer)], [
    ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0xff],
  ]);
});

Deno.test("A subnet is read with its host bits cleared", () => {
  const table: readonly (readonly [string, string])[] = [
    ["192.168.1.0/24", "192.168.1.0/24"],
    ["192.168.1.7/24", "192.168.1.0/24"],
    ["10.255.255.255/9", "10.128.0.0/9"],
    ["255.255.255.255/0", "0.0.0.0/0"],
    ["1.2.3.4/32", "1.2.3.4/32"],
    ["1.2.3.4/10", "1.0.0.0/10"],
    ["2001:db8::f000:1/100", "2001:db8::f000:0/100"],
    ["2001:DB8:0:1::5/64", "2001:db8:0:1::/64"],
    ["2001:db8:ffff::/33", "2001:db8:8000::/33"],
    ["fe80::1/128", "fe80::1/128"],
    ["ffff::1/0", "::/0"],
  ];
  for (const [text, canonical] of table) assertEquals(formatCidr(cidr(text)), canonical, text);
});

Deno.test("What is not quite a subnet is none", () => {
  const table = [
    "",
    "/",
    "/24",
    "192.168.1.0",
    "192.168.1.0/",
    "192.168.1.0/33",
    "192.168.1.0/-1",
    "192.168.1.0/024",
    "192.168.1.0/24 ",
    "192.168.1.0/2.0",
    "192.168.1.0/1e1",
    "192.168.1.0/255.255.255.0",
    "192.168.1/24",
    "2001:db8::/129",
    "2001:db8::/64/64",
    "fe80::%eth0/64",
  ];
  for (const text of table) assertEquals(parseCidr(text), null, text);
});

Deno.test("A subnet contains its addresses and no others", () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ["192.168.1.0/24", "192.168.1.0", true],
    ["192.168.1.0/24", "192.168.1.255", true],
    ["192.168.1.0/24", "192.168.2.0", false],
    ["192.168.1.0/24", "192.168.0.255", false],
    ["128.0.0.0/1", "255.255.255.255", true],
    ["128.0.0.0/1", "127.255.255.255", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["10.0.0.1/32", "10.0.0.1", true],
    ["10.0.0.1/32", "10.0.0.2", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["2001:db8::/47", "2001:db8:1::", true],
    ["2001:db8::/47", "2001:db8:2::", false],
    ["::/0", "10.0.0.1", false],
  ];
  for (const [subnet, address, expected] of table) {
    assertEquals(contains(cidr(subnet), address), expected, `${address} in ${subnet}`);
  }
});

Deno.test("Two subnets overlap when one holds the other, in either order", () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ["192.168.1.0/24", "192.168.1.0/24", true],
    ["192.168.1.0/24", "192.168.1.128/25", true],
    ["192.168.1.0/24", "192.168.2.0/24", false],
    ["192.168.0.0/23", "192.168.1.0/24", true],
    ["0.0.0.0/0", "10.0.0.0/8", true],
    ["0.0.0.0/0", "::/0", false],
    ["2001:db8::/32", "2001:db8:5::/48", true],
    ["2001:db8::/48", "2001:db8:5::/48", false],
  ];
  for (const [a, b, expected] of table) {
    assertEquals(overlap(cidr(a), cidr(b)), expected, `${a} and ${b}`);
    assertEquals(overlap(cidr(b), cidr(a)), expected, `${b} and ${a}`);
  }
});

Deno.test("The broadcast address is the last of an IPv4 subnet, where there is one", () => {
  assertEquals(broadcastOf("192.168.1.7", 24), "192.168.1.255");
  assertEquals(broadcastOf("10.1.2.3", 8), "10.255.255.255");
  assertEquals(broadcastOf("10.0.0.5", 30), "10.0.0.7");
  assertEquals(broadcastOf("200.1.2.3", 1), "255.255.255.255");
  assertEquals(broadcastOf("10.0.0.5", 31), null);
  assertEquals(broadcastOf("10.0.0.5", 32), null);
  assertEquals(broadcastOf("2001:db8::1", 64), null);
  assertEquals(broadcastOf("2001:db8::1", 16), null);
});

Deno.test("Of the special addresses none can be a host's", () => {
  const refused = [
    "0.0.0.0",
    "0.1.2.3",
    "127.0.0.1",
    "127.255.255.255",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:192.0.2.1",
    "::192.0.2.1",
    "ff02::1",
    "ffff::1",
  ];
  for (const address of refused) assertEquals(isUnicast(address), false, address);
  const allowed = [
    "1.0.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.254.1.1",
    "223.255.255.255",
    "240.0.0.1",
    "255.255.255.254",
    "fe80::1",
    "2001:db8::1",
    "fe00::1",
    "0:0:0:0:1::",
    "64:ff9b::192.0.2.1",
  ];
  for (const address of allowed) assertEquals(isUnicast(address), true, address);
});

Deno.test("A host has neither its subnet's own address nor the broadcast address", () => {
  const table: readonly (readonly [string, number, boolean])[] = [
    ["192.168.1.1", 24, true],
    ["192.168.1.254", 24, true],
    ["192.168.1.0", 24, false],
    ["192.168.1.255", 24, false],
    ["192.168.0.255", 23, true],
    ["192.168.1.0", 23, true],
    ["192.168.1.255", 23, false],
    ["192.168.1.255", 22, true],
    ["192.168.3.255", 22, false],
    ["10.0.0.4", 30, false],
    ["10.0.0.5", 30, true],
    ["10.0.0.7", 30, false],
    ["10.0.0.4", 31, true],
    ["10.0.0.5", 31, true],
    ["10.0.0.4", 32, true],
    ["128.0.0.0", 1, false],
    ["128.0.0.1", 1, true],
    ["200.0.0.1", 0, true],
    ["127.0.0.1", 8, false],
    ["224.0.0.5", 24, false],
    ["2001:db8::1", 64, true],
    ["2001:db8::", 64, false],
    ["2001:db8::ffff:ffff:ffff:ffff", 64, true],
    ["2001:db8::", 126, false],
    ["2001:db8::", 127, true],
    ["2001:db8::", 128, true],
    ["ff02::1", 64, false],
  ];
  for (const [address, prefixLength, expected] of table) {
    assertEquals(isHostAddress(address, prefixLength), expected, `${address}/${prefixLength}`);
  }
});

Deno.test("Every host address lies in its subnet, between its ends", () => {
  fc.assert(
    fc.property(v4, fc.integer({ min: 1, max: 32 }), (address, prefixLength) => {
      const subnet = subnetOf(address, prefixLength);
      const broadcast = broadcastOf(address, prefixLength);
      assertEquals(contains(subnet, address), true);
      assertEquals(subnetOf(subnet.network, prefixLength), subnet);
      if (broadcast === null) return;
      assertEquals(contains(subnet, broadcast), true);
      const isInner = compareAddresses(subnet.network, address) < 0 &&
        compareAddresses(address, broadcast) < 0;
      assertEquals(isHostAddress(address, prefixLength), isInner && isUnicast(address));
    }),
  );
});

Deno.test("Addresses sort by value, IPv4 first", () => {
  const sorted = [
    "9.0.0.1",
    "10.0.0.2",
    "10.0.0.10",
    "200.0.0.1",
    "::",
    "::1",
    "1::",
    "a::",
    "10::",
  ];
  assertEquals([...sorted].reverse().sort(compareAddresses), sorted);
  for (const address of sorted) assertEquals(compareAddresses(address, address), 0);
});

Deno.test("A caller that passes no address or an impossible prefix is told of its bug", () => {
  const message = 'Cannot use address: must be IPv4 or IPv6, is "1.2.3"';
  assertThrows(() => isUnicast("1.2.3"), RangeError, message);
  assertThrows(() => compareAddresses("::1", "::g"), RangeError, '"::g"');
  assertThrows(() => contains(cidr("10.0.0.0/8"), ""), RangeError, '""');
  assertThrows(() => subnetOf("10.0.0.1", 33), RangeError, "must be 0 to 32, is 33");
  assertThrows(() => subnetOf("2001:db8::1", 129), RangeError, "must be 0 to 128, is 129");
  assertThrows(() => isHostAddress("10.0.0.1", 1.5), RangeError, "is 1.5");
  assertThrows(() => broadcastOf("10.0.0.1", -1), RangeError, "is -1");
});
