/**
 * Whether a packet was signed by somebody who has a key of ours.
 *
 * The signature is the last thing in a packet and covers every byte before it, so nothing in a packet that is valid
 * here was changed or added on its way. That it is new, too, is the matter of vouching.ts.
 */
import type { Sealer } from "./types.ts";
import { authOf } from "./wire.ts";

/** Bytes of an HMAC-SHA-256. */
const MAC_BYTES = 32;

/** What a signature is worth; `value` is short printable ASCII, safe in a log. */
export type Authenticity =
  | { readonly kind: "valid" }
  | {
    readonly kind: "invalid";
    readonly drop: "unsigned" | "unknown-key" | "bad-signature";
    readonly value: string;
  };

const VALID: Authenticity = { kind: "valid" };

/** Judges the signature of a packet. Never throws, whatever the bytes are. */
export function verifySignature(bytes: Uint8Array, sealer: Sealer): Authenticity {
  const auth = authOf(bytes);
  if (auth === null) return { kind: "invalid", drop: "unsigned", value: "none" };
  const { keyId, macAt } = auth;
  const mac = sealer.mac(keyId, bytes.subarray(0, macAt));
  if (mac === null) return { kind: "invalid", drop: "unknown-key", value: `${keyId}` };
  if (!isSameMac(mac, bytes, macAt)) {
    return { kind: "invalid", drop: "bad-signature", value: `key ${keyId}` };
  }
  return VALID;
}

/** Looks at every byte, be they the same or not: the time it takes must not say how many of them were right. */
function isSameMac(mac: Uint8Array, bytes: Uint8Array, at: number): boolean {
  let difference = mac.length ^ MAC_BYTES;
  for (let i = 0; i < MAC_BYTES; i++) difference |= (mac[i] ?? 0) ^ (bytes[at + i] ?? 0);
  return difference === 0;
}
