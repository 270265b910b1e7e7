import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { Keys } from "../../lib/config/key_file.ts";
import { createSealer } from "../../lib/host/mac.ts";

function keysOf(...secrets: readonly (readonly [number, Uint8Array])[]): Keys {
  return { signing: secrets[0]![0], secrets: new Map(secrets) };
}

const bytes = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (each) => parseInt(each, 16));
const text = (value: string) => new TextEncoder().encode(value);
const hex = (value: Uint8Array | null) =>
  value === null ? null : [...value].map((each) => each.toString(16).padStart(2, "0")).join("");

/** RFC 4231, section 4: key, data, HMAC-SHA-256. Its fifth case is cut to 128 bits. */
const VECTORS = [
  [
    new Uint8Array(20).fill(0x0b),
    text("Hi There"),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    text("Jefe"),
    text("what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    new Uint8Array(20).fill(0xaa),
    new Uint8Array(50).fill(0xdd),
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  ],
  [
    bytes("0102030405060708090a0b0c0d0e0f10111213141516171819"),
    new Uint8Array(50).fill(0xcd),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  ],
  [
    new Uint8Array(20).fill(0x0c),
    text("Test With Truncation"),
    "a3b6167473100ee06e0c796c2955552b",
  ],
  [
    new Uint8Array(131).fill(0xaa),
    text("Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
  [
    new Uint8Array(131).fill(0xaa),
    text(
      "This is a test using a larger than block-size key and a larger than block-size data. " +
        "The key needs to be hashed before being used by the HMAC algorithm.",
    ),
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  ],
] as const;

Deno.test("the published vectors of HMAC-SHA-256 come out", async () => {
  for (const [secret, data, expected] of VECTORS) {
    const sealer = await createSealer(keysOf([1, secret]));
    assertEquals(hex(sealer.mac(1, data))?.slice(0, expected.length), expected);
  }
});

/** Texts with any end, and many with the one that packets have. */
const ends = fc.oneof(
  fc.constantFrom("00000001", "0000000001", "00000000", "000001", "00000101", "01000001").map(
    bytes,
  ),
  fc.uint8Array({ maxLength: 5 }),
);

Deno.test("any key and any part of a buffer gives what the platform's own HMAC gives", async () => {
  const secret = fc.uint8Array({ minLength: 16, maxLength: 80 });
  const data = fc.tuple(fc.uint8Array({ maxLength: 1300 }), ends).map(([head, end]) =>
    new Uint8Array([...head, ...end])
  );
  await fc.assert(
    fc.asyncProperty(secret, data, fc.nat({ max: 40 }), async (secret, data, from) => {
      const part = data.subarray(Math.min(from, data.length));
      const algorithm = { name: "HMAC", hash: "SHA-256" };
      const raw = new Uint8Array(secret);
      const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
      const expected = await crypto.subtle.sign("HMAC", key, new Uint8Array(part));
      const sealer = await createSealer(keysOf([9, secret]));
      assertEquals(hex(sealer.mac(9, part)), hex(new Uint8Array(expected)));
    }),
    { numRuns: 300, seed: 1 },
  );
});

Deno.test("the end that packets have is part of what is signed", async () => {
  const sealer = await createSealer(keysOf([1, text("a secret of 16 b")]));
  const macs = ["00000001", "ab00000001", "ab", "ab000000", "ab0000000100000001"].map((each) =>
    hex(sealer.mac(1, bytes(each)))
  );
  assertEquals(new Set(macs).size, macs.length);
});

Deno.test("one message after another: none leaves a trace in the next", async () => {
  const sealer = await createSealer(keysOf([1, text("a secret of 16 b")]));
  const first = hex(sealer.mac(1, text("one")));
  assertNotEquals(hex(sealer.mac(1, text("two"))), first);
  assertEquals(hex(sealer.mac(1, text("one"))), first);
  assertEquals(sealer.mac(1, text("one"))?.length, 32);
});

Deno.test("several keys are accepted, the chosen one signs, of an unknown one there is no MAC", async () => {
  const [old, next] = [text("the old secret, 1"), text("the new secret, 2")];
  const sealer = await createSealer(keysOf([2, next], [1, old]));
  assertEquals(sealer.keyId, 2);
  assertNotEquals(hex(sealer.mac(2, text("x"))), hex(sealer.mac(1, text("x"))));
  for (const keyId of [0, 3, 255, NaN]) assertEquals(sealer.mac(keyId, text("x")), null);
});

Deno.test("replaced keys are the only ones from then on", async () => {
  const [old, next] = [text("the old secret, 1"), text("the new secret, 2")];
  const sealer = await createSealer(keysOf([1, old]));
  const byOld = hex(sealer.mac(1, text("x")));
  assertEquals(sealer.replace(keysOf([2, next], [1, old])), keysOf([1, old]));
  assertEquals([sealer.keyId, hex(sealer.mac(1, text("x")))], [2, byOld]);
  sealer.replace(keysOf([2, next]));
  assertEquals([sealer.keyId, sealer.mac(1, text("x"))], [2, null]);
  // The same id may come to mean another secret.
  sealer.replace(keysOf([1, next]));
  assertNotEquals(hex(sealer.mac(1, text("x"))), byOld);
});

Deno.test("the keys that were handed in are neither changed nor needed any more", async () => {
  const secret = text("a secret of 16 b");
  const sealer = await createSealer(keysOf([1, secret]));
  const before = hex(sealer.mac(1, text("x")));
  assertEquals(secret, text("a secret of 16 b"));
  secret.fill(0);
  assertEquals(hex(sealer.mac(1, text("x"))), before);
});
