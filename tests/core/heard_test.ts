/** Lists of those that are heard: what they say is what was put in, in few bytes. No permissions are needed. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseV4 } from "../../lib/core/address.ts";
import { isHeard, runsOf } from "../../lib/core/heard.ts";
import type { AddressRun } from "../../lib/core/packet.ts";

const number = (address: string): number => parseV4(address) ?? NaN;
const bits = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const bytesOf = (runs: readonly AddressRun[]): number =>
  runs.reduce((sum, run) => sum + 5 + run.bits.length, 0);

/** Every address in runs, read bit by bit. */
function listed(runs: readonly AddressRun[]): number[] {
  return runs.flatMap(({ base, bits }) =>
    Array.from({ length: 8 * bits.length }, (_, i) => i)
      .filter((i) => ((bits[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0)
      .map((i) => base + i)
  );
}

Deno.test("Nobody heard is a list without runs, which fits always", () => {
  assertEquals(runsOf([], 0), []);
});

Deno.test("Neighbours share one run, with a bit for each, the highest first", () => {
  const addresses = ["192.168.1.2", "192.168.1.9", "192.168.1.15"].map(number);
  assertEquals(runsOf(addresses, 7), [{ base: number("192.168.1.0"), bits: bits(0x20, 0x41) }]);
});

Deno.test("A gap is bridged where that is no longer than another run", () => {
  const base = number("10.0.0.0");
  assertEquals(runsOf([base, base + 48], 256), [{ base, bits: bits(0x80, 0, 0, 0, 0, 0, 0x80) }]);
  assertEquals(runsOf([base, base + 56], 256), [
    { base, bits: bits(0x80) },
    { base: base + 56, bits: bits(0x80) },
  ]);
});

Deno.test("A run ends after 255 bytes, and the next begins where it ends", () => {
  const base = number("10.0.0.0");
  const all = Array.from({ length: 256 * 8 }, (_, i) => base + i);
  const runs = runsOf(all, 1000) ?? [];
  assertEquals(runs.map((run) => [run.base - base, run.bits.length]), [[0, 255], [255 * 8, 1]]);
  assertEquals(listed(runs), all);
});

Deno.test("What is longer than it may be is no list at all", () => {
  const addresses = [number("10.0.0.1"), number("10.0.1.1"), number("10.0.2.1")];
  assertEquals(runsOf(addresses, 18)?.length, 3);
  assertEquals(runsOf(addresses, 17), null);
  assertEquals(runsOf(addresses, 0), null);
});

Deno.test("Addresses that do not ascend are a bug of the caller", () => {
  assertThrows(() => runsOf([2, 1], 256), RangeError, "must ascend, is 1 after 2");
  assertThrows(() => runsOf([1, 1], 256), RangeError, "must ascend, is 1 after 1");
});

Deno.test("The ends of the address space are heard like all others", () => {
  const ends = [0, 7, 8, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 9, 2 ** 32 - 8, 2 ** 32 - 1];
  const runs = runsOf(ends, 256) ?? [];
  assertEquals(listed(runs), ends);
  for (const end of ends) assert(isHeard(runs, end), `${end}`);
  for (const other of [1, 9, 2 ** 31 - 2, 2 ** 31 + 1, 2 ** 32 - 10, 2 ** 32 - 2]) {
    assert(!isHeard(runs, other), `${other}`);
  }
});

Deno.test("Who is outside of all runs is not heard", () => {
  const runs = [{ base: 100, bits: bits(0xff) }, { base: 203, bits: bits(0x80, 0x01) }];
  for (const address of [100, 107, 203, 218]) assert(isHeard(runs, address), `${address}`);
  for (const address of [0, 99, 108, 202, 204, 217, 219, 2 ** 32 - 1]) {
    assert(!isHeard(runs, address), `${address}`);
  }
  assert(!isHeard([], 100));
});

/** Clusters, as hosts of a LAN form them, and strays. */
const addressLists = fc.tuple(
  fc.array(fc.tuple(fc.nat({ max: 2 ** 32 - 1 }), fc.array(fc.nat({ max: 300 }))), {
    maxLength: 6,
  }),
  fc.array(fc.nat({ max: 2 ** 32 - 1 }), { maxLength: 6 }),
).map(([clusters, strays]) => {
  const all = clusters.flatMap(([base, offsets]) => offsets.map((offset) => base + offset));
  return [...new Set([...all, ...strays])].filter((each) => each < 2 ** 32).sort((a, b) => a - b);
});

Deno.test("Whatever is listed is heard, nobody else is, and the form is lawful", () => {
  fc.assert(
    fc.property(addressLists, fc.nat({ max: 2 ** 32 - 1 }), (addresses, other) => {
      const runs = runsOf(addresses, Infinity) ?? [];
      assertEquals(listed(runs), addresses);
      let next = 0;
      for (const { base, bits } of runs) {
        assert(base >= next && bits.length >= 1 && bits.length <= 255);
        next = base + 8 * bits.length;
      }
      assert(next <= 2 ** 32);
      for (const address of addresses) assert(isHeard(runs, address));
      for (const near of [other, ...addresses.map((each) => each + 1)]) {
        assertEquals(isHeard(runs, near), addresses.includes(near));
      }
      assertEquals(runsOf(addresses, bytesOf(runs)), runs);
      if (addresses.length > 0) assertEquals(runsOf(addresses, bytesOf(runs) - 1), null);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("A list is never longer than a run for each byte that has a bit set", () => {
  fc.assert(
    fc.property(addressLists, (addresses) => {
      const octets = new Set(addresses.map((each) => Math.floor(each / 8)));
      assert(bytesOf(runsOf(addresses, Infinity) ?? []) <= 6 * octets.size);
    }),
    { numRuns: 500 },
  );
});
