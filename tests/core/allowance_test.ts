import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { contains, formatV4, parseCidr, type Subnet } from "../../lib/core/address.ts";
import { Allowance } from "../../lib/core/allowance.ts";

Deno.test("without a list everybody is listened to, and may have any address", () => {
  const allowance = new Allowance(null);
  assert(allowance.admits("anybody", "10.0.0.1"));
  assert(allowance.admits("anybody", "10.0.0.2"));
});

Deno.test("an empty list keeps everybody out", () => {
  const allowance = new Allowance({ names: [], subnets: [] });
  assertEquals(allowance.admits("node1", "10.0.0.1"), false);
  assertEquals(allowance.admits("node1", "10.0.0.1"), false);
});

Deno.test("a name or an address on the list is enough, and names are compared to the letter", () => {
  const allowance = new Allowance({ names: ["node1"], subnets: ["10.0.0.7/32", "10.1.0.0/16"] });
  const cases = [
    ["node1", "192.168.0.1", true],
    ["Node1", "192.168.0.1", false],
    ["node", "192.168.0.1", false],
    ["other", "10.0.0.7", true],
    ["other", "10.0.0.8", false],
    ["other", "10.1.255.255", true],
    ["other", "10.2.0.0", false],
  ] as const;
  for (const [name, from, expected] of cases) {
    assertEquals(allowance.admits(name, from), expected, `${name} ${from}`);
  }
});

Deno.test("who is on the list by name may have any address, who is by address only those on it", () => {
  const allowance = new Allowance({ names: ["node1"], subnets: ["10.0.0.7/32"] });
  assert(allowance.admits("node1", "10.9.9.9"));
  assert(allowance.admits("other", "10.0.0.7"));
  assertEquals(allowance.admits("other", "10.9.9.9"), false);
});

Deno.test("IPv6 subnets hold IPv6 addresses, and no IPv4 ones", () => {
  const allowance = new Allowance({ names: [], subnets: ["2001:db8::/32", "::/0"] });
  assert(allowance.admits("node1", "2001:db8::1"));
  assertEquals(allowance.admits("node1", "10.0.0.1"), false);
  const all4 = new Allowance({ names: [], subnets: ["0.0.0.0/0"] });
  assert(all4.admits("node1", "255.255.255.255"));
  assertEquals(all4.admits("node1", "2001:db8::1"), false);
});

Deno.test("IPv4 subnets hold what they hold everywhere else", () => {
  const v4 = fc.nat({ max: 0xffffffff }).map(formatV4);
  const lists = fc.array(fc.tuple(v4, fc.nat({ max: 32 })), { maxLength: 5 });
  fc.assert(
    fc.property(lists, v4, (list, address) => {
      const subnets = list.map(([network, length]) => parseCidr(`${network}/${length}`) as Subnet);
      const texts = subnets.map(({ network, prefixLength }) => `${network}/${prefixLength}`);
      const expected = subnets.some((each) => contains(each, address));
      const allowance = new Allowance({ names: [], subnets: texts });
      assertEquals(allowance.admits("node1", address), expected);
    }),
    { numRuns: 2000, seed: 1 },
  );
});

Deno.test("a subnet that is none is a bug of the caller", () => {
  const make = () => new Allowance({ names: [], subnets: ["10.0.0.1"] });
  assertThrows(make, RangeError, 'Cannot use subnet: must be ADDRESS/LENGTH, is "10.0.0.1"');
});
