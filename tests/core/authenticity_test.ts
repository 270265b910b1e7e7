import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { verifySignature } from "../../lib/core/authenticity.ts";
import type { Sealer } from "../../lib/core/types.ts";
import { encode, sign } from "../../lib/core/wire.ts";
import { packetOf } from "./builders.ts";

/** Stands in for a MAC: 32 bytes that depend on the key and on each byte and its place. Not secure, but as particular. */
function sealerOf(...keyIds: readonly number[]): Sealer {
  const [keyId = 0] = keyIds;
  return {
    keyId,
    mac: (id, bytes) => {
      if (!keyIds.includes(id)) return null;
      const mac = new Uint8Array(32);
      let state = id;
      for (const byte of bytes) state = (Math.imul(state ^ byte, 0x01000193) + 0x9e3779b9) | 0;
      for (let i = 0; i < 32; i++) {
        state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i | 0;
        mac[i] = state >>> 13;
      }
      return mac;
    },
  };
}

function signed(sealer: Sealer): Uint8Array {
  const bytes = encode(packetOf(), { keyId: sealer.keyId });
  sign(bytes, sealer);
  return bytes;
}

Deno.test("a packet that was signed with a key of ours is valid, be it our first key or not", () => {
  assertEquals(verifySignature(signed(sealerOf(1)), sealerOf(1)), { kind: "valid" });
  assertEquals(verifySignature(signed(sealerOf(1)), sealerOf(2, 1)), { kind: "valid" });
});

Deno.test("each way to be invalid has a name, and a value that tells nothing of a MAC", () => {
  const sealer = sealerOf(7);
  const cases = [
    [encode(packetOf()), { kind: "invalid", drop: "unsigned", value: "none" }],
    [new Uint8Array(0), { kind: "invalid", drop: "unsigned", value: "none" }],
    [signed(sealerOf(8)), { kind: "invalid", drop: "unknown-key", value: "8" }],
    [encode(packetOf(), { keyId: 7 }), { kind: "invalid", drop: "bad-signature", value: "key 7" }],
  ] as const;
  for (const [bytes, verdict] of cases) assertEquals(verifySignature(bytes, sealer), verdict);
});

Deno.test("a change of any single bit makes a signature invalid", () => {
  const sealer = sealerOf(1, 2, 3);
  const bytes = signed(sealer);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const changed = bytes.slice();
    changed[bit >>> 3]! ^= 1 << (bit & 7);
    assertEquals(verifySignature(changed, sealer).kind, "invalid", `bit ${bit}`);
  }
});

Deno.test("bytes after a signature are signed by nobody", () => {
  const sealer = sealerOf(1);
  const longer = new Uint8Array([...signed(sealer), 0]);
  assertEquals(verifySignature(longer, sealer).kind, "invalid");
});

Deno.test("every byte of a MAC is compared, and a MAC of another length is none", () => {
  const bytes = signed(sealerOf(1));
  const at = bytes.length - 32;
  for (let i = 0; i < 32; i++) {
    const mac = bytes.slice(at);
    const other: Sealer = { keyId: 1, mac: () => mac };
    assertEquals(verifySignature(bytes, other).kind, "valid");
    mac[i]! ^= 0x80;
    assertEquals(verifySignature(bytes, other).kind, "invalid", `byte ${i}`);
  }
  for (const length of [0, 31, 33, 64]) {
    const mac = new Uint8Array(length);
    mac.set(bytes.slice(at, at + Math.min(32, length)));
    const other: Sealer = { keyId: 1, mac: () => mac };
    assertEquals(verifySignature(bytes, other).kind, "invalid", `length ${length}`);
  }
});

Deno.test("no bytes make it throw, and none without the key are valid", () => {
  const sealer = sealerOf(1, 255);
  const whole = signed(sealer);
  const cut = fc.nat(whole.length).map((length) => whole.slice(0, length));
  const mutated = fc.tuple(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }))
    .map(([at, patch]) => {
      const bytes = whole.slice();
      bytes.set(patch.subarray(0, whole.length - at), at);
      return bytes;
    });
  const tailed = fc.uint8Array({ maxLength: 100 }).map((body) =>
    new Uint8Array([...whole.subarray(0, 44), ...body, 255, 0, 33, 1, ...new Uint8Array(32)])
  );
  const anything = fc.oneof(fc.uint8Array({ maxLength: 1300 }), cut, mutated, tailed);
  fc.assert(
    fc.property(anything, (bytes) => {
      const verdict = verifySignature(bytes, sealer);
      const isOriginal = bytes.length === whole.length &&
        bytes.every((each, i) => each === whole[i]);
      assertEquals(verdict.kind === "valid", isOriginal);
      if (verdict.kind === "invalid") assert(/^[ -~]{1,40}$/.test(verdict.value));
    }),
    { numRuns: 3000, seed: 1 },
  );
});
