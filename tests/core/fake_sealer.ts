/** Signatures for tests: a keyed hash that is quick and proves nothing, in the place of HMAC-SHA-256. */
import type { Sealer } from "../../lib/core/types.ts";

/** A sealer that has these keys, each an id with its secret, and signs with the first. */
export function fakeSealer(...keys: readonly (readonly [number, string])[]): Sealer {
  const secrets = new Map(keys);
  const [first] = keys;
  if (first === undefined) throw new Error("a key is missing");
  return {
    keyId: first[0],
    mac: (keyId, bytes) => {
      const secret = secrets.get(keyId);
      return secret === undefined ? null : hash(secret, bytes);
    },
  };
}

/** 32 bytes that depend on every byte of both. */
function hash(secret: string, bytes: Uint8Array): Uint8Array {
  const mac = new DataView(new ArrayBuffer(32));
  for (let word = 0; word < 8; word++) {
    let state = 2166136261 ^ word;
    for (const char of secret) state = Math.imul(state ^ char.charCodeAt(0), 16777619);
    for (const byte of bytes) state = Math.imul(state ^ byte, 16777619);
    mac.setUint32(4 * word, state >>> 0);
  }
  return new Uint8Array(mac.buffer);
}
