/**
 * Signatures: HMAC-SHA-256 (RFC 2104), by the platform and at once.
 *
 * The signed part of a packet ends with its scheme, the four bytes 00 00 00 01. For such a text HMAC is what PBKDF2
 * computes in a single round, with what precedes these bytes as its salt (RFC 8018, section 5.2). That is one call that
 * leaves nothing behind. To build an HMAC from hash objects is as fast, but they are collected so late that the program
 * would grow by 16 MiB; in this language alone it takes fifteen times as long.
 */
import type { Keys } from "../config/key_file.ts";
import type { Sealer } from "../core/types.ts";

/** A sealer whose keys can be replaced while it is used. */
export interface HostSealer extends Sealer {
  /** From now on these keys are used; returns those before. */
  replace(keys: Keys): Keys;
}

const MAC_BYTES = 32;
/** The length of what SHA-256 takes in at once; a longer key is hashed first. */
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** Makes a sealer with these keys. The module that does the work is loaded only here: most nodes do without it. */
export async function createSealer(keys: Keys): Promise<HostSealer> {
  const { createHash, pbkdf2Sync } = await import("node:crypto");
  const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  };

  /** HMAC by its definition, for texts with any end. */
  const hmac = (secret: Uint8Array, bytes: Uint8Array) => {
    const key = secret.length > BLOCK_BYTES ? sha256(secret) : secret;
    const inner = sha256(padded(key, INNER_PAD), bytes);
    return sha256(padded(key, OUTER_PAD), inner);
  };

  let current = copyOf(keys);
  return {
    get keyId() {
      return current.signing;
    },
    mac(keyId, bytes) {
      const secret = current.secrets.get(keyId);
      if (secret === undefined) return null;
      if (!endsWithOne(bytes)) return hmac(secret, bytes);
      return pbkdf2Sync(secret, bytes.subarray(0, -4), 1, MAC_BYTES, "sha256");
    },
    replace(next) {
      const before = current;
      current = copyOf(next);
      return before;
    },
  };
}

/** Whether the last four bytes are a 1 in network order. */
function endsWithOne(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return length >= 4 && bytes[length - 1] === 1 &&
    bytes[length - 2] === 0 && bytes[length - 3] === 0 && bytes[length - 4] === 0;
}

function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(pad);
  for (const [i, byte] of key.entries()) block[i] = byte ^ pad;
  return block;
}

/** The keys as they are now, whatever their owner does with them. */
function copyOf({ signing, secrets }: Keys): Keys {
  return {
    signing,
    secrets: new Map([...secrets].map(([id, secret]) => [id, secret.slice()])),
  };
}
