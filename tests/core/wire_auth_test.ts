/** Where the signature of a packet is found, and how it gets there. No permissions are needed. */
import { assertEquals, assertThrows } from "@std/assert";
import type { Sealer } from "../../lib/core/types.ts";
import { authOf, decode, sign } from "../../lib/core/wire.ts";
import { type Bytes, raw, saying, section, zeros } from "./wire_layout.ts";

/** By the key 7, by the scheme with this number. */
const schemed = (...scheme: number[]): Bytes => section(255, [7, ...scheme, ...zeros(32)]);
const AUTH = schemed(0, 0, 0, 1);

/** Signs with the number of bytes that it was shown, so that a test sees what was covered. */
function counting(keyId: number, ids: readonly number[] = [keyId]): Sealer {
  return {
    keyId,
    mac: (id, bytes) => ids.includes(id) ? new Uint8Array(32).fill(bytes.length) : null,
  };
}

Deno.test("A signature is found behind whatever else the packet has", () => {
  assertEquals(authOf(raw({})), null);
  for (const sections of [[], [section(6, [])], [section(200, zeros(300)), section(254, [1])]]) {
    const bytes = saying(...sections, AUTH);
    assertEquals(authOf(bytes), { keyId: 7, macAt: bytes.length - 32 });
  }
});

Deno.test("What only looks like a signature is none", () => {
  const inside = saying(section(254, [...zeros(40), ...AUTH]));
  assertEquals(authOf(inside), null);
  assertEquals(decode(inside).drop, undefined);
  for (const length of [0, 1, 32, 33, 36, 38, 400]) {
    assertEquals(authOf(saying(section(255, zeros(length)))), null, `${length}`);
  }
  assertEquals(authOf(Uint8Array.of(...saying(AUTH), 0)), null, "a byte after it");
  assertEquals(authOf(saying(AUTH, AUTH)), null, "another one after it");
});

Deno.test("A signature by another scheme is as good as none, and the packet says what it said", () => {
  const plain = decode(saying());
  for (const scheme of [[0, 0, 0, 0], [0, 0, 0, 2], [0, 0, 1, 1], [1, 0, 0, 1], [1, 0, 0, 0]]) {
    const bytes = saying(schemed(...scheme));
    assertEquals(authOf(bytes), null, scheme.join(" "));
    assertEquals(decode(bytes), plain);
    assertThrows(() => sign(bytes, counting(7)), RangeError, "is none");
  }
});

Deno.test("Bytes of any length are searched without fault", () => {
  const bytes = saying(section(254, zeros(5)), AUTH);
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(authOf(bytes.slice(0, length)), null, `${length}`);
  }
  assertEquals(authOf(new Uint8Array(1200).fill(255)), null);
  assertEquals(authOf(new Uint8Array(1200)), null);
});

Deno.test("A signature is found wherever in its buffer the packet lies", () => {
  const bytes = saying(AUTH);
  const buffer = new Uint8Array(bytes.length + 50).fill(255);
  buffer.set(bytes, 20);
  assertEquals(authOf(buffer.subarray(20, 20 + bytes.length)), authOf(bytes));
});

Deno.test("Signing covers every byte before the signature, and changes no other", () => {
  const bytes = saying(section(254, zeros(5)), AUTH);
  const covered = bytes.length - 32;
  const before = bytes.slice(0, covered);
  let seen: Uint8Array | null = null;
  sign(bytes, {
    keyId: 7,
    mac: (_, content) => {
      seen = content.slice();
      return new Uint8Array(32).fill(0xab);
    },
  });
  assertEquals(seen, before);
  assertEquals(bytes, Uint8Array.of(...before, ...new Uint8Array(32).fill(0xab)));
});

Deno.test("Signing anew after a change of keys names the new key, and covers its id", () => {
  const bytes = saying(AUTH);
  sign(bytes, counting(7));
  const first = bytes.slice();
  sign(bytes, counting(8));
  assertEquals(authOf(bytes), { keyId: 8, macAt: bytes.length - 32 });
  assertEquals([...bytes.slice(-37, -32)], [8, 0, 0, 0, 1]);
  assertEquals(bytes.slice(bytes.length - 32), first.slice(first.length - 32));
});

Deno.test("Signing what has no room for it, or with no key, is a bug of the caller", () => {
  assertThrows(() => sign(raw({}), counting(7)), RangeError, "is none");
  assertThrows(() => sign(saying(AUTH), counting(7, [])), RangeError, "is none of key 7");
  const short: Sealer = { keyId: 7, mac: () => new Uint8Array(31) };
  assertThrows(() => sign(saying(AUTH), short), RangeError, "is 31 of key 7");
});
