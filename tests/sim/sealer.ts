/**
 * Signatures of a simulated world: a keyed hash that costs little. It is no secret from who reads this file, and need be
 * none: no attacker of the simulator tries to break it, they only lack it.
 */
import type { Sealer } from "../../lib/core/types.ts";

/** Bytes of a signature. */
const MAC_BYTES = 32;

/** Signs with one key, and knows some; the keys are numbers, by their ids. */
export class SimSealer implements Sealer {
  readonly keyId: number;
  readonly #keys: ReadonlyMap<number, number>;

  constructor(keyId: number, keys: ReadonlyMap<number, number>) {
    this.keyId = keyId;
    this.#keys = keys;
  }

  mac(keyId: number, bytes: Uint8Array): Uint8Array | null {
    const key = this.#keys.get(keyId);
    return key === undefined ? null : hash(key, bytes);
  }
}

/** The sealer of everybody in a world whose key this is. */
export function sealerOf(key: number): SimSealer {
  return new SimSealer(1, new Map([[1, key]]));
}

/** Two lanes of 32 bits over all bytes; what is left of the signature is mixed from these. */
function hash(key: number, bytes: Uint8Array): Uint8Array {
  let [a, b] = [key | 0, ~key];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul((b << 5) ^ (b >>> 27) ^ byte, 0x85ebca6b);
  }
  const words = new Uint32Array(MAC_BYTES / 4);
  for (let i = 0; i < words.length; i++) {
    a = Math.imul(a ^ (a >>> 15) ^ b, 0x2c1b3c6d);
    b = Math.imul(b ^ (b >>> 13) ^ key, 0x297a2d39);
    words[i] = a ^ b;
  }
  return new Uint8Array(words.buffer);
}
