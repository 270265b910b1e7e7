/**
 * The signature of a packet: its last section, of fixed length, whose HMAC-SHA-256 covers every byte before itself.
 *
 * How a signature is made is the sealer's matter; here is only where it stands.
 */
import type { Sealer } from "./types.ts";
import { unlawful } from "./wire_drop.ts";
import { AUTH, AUTH_BODY_BYTES, HEADER_BYTES, SECTION_HEADER_BYTES } from "./wire_sections.ts";

/** From the beginning of the body to the scheme, and to the signature. */
const SCHEME_AT = 1;
const MAC_AT = 5;
/** HMAC-SHA-256, the only scheme; there is none for other numbers. */
const SCHEME = 1;

/** Writes the scheme into the body of a section that is to be signed. */
export function writeScheme(body: Uint8Array): void {
  new DataView(body.buffer, body.byteOffset).setUint32(SCHEME_AT, SCHEME);
}

/** Where the signature of a packet is, and by which key it was made. */
export interface Auth {
  readonly keyId: number;
  /** The signature begins here and covers all before; it ends with the packet. */
  readonly macAt: number;
}

/** The signature in these bytes, whatever they are; null: there is none of lawful form at their end. */
export function authOf(bytes: Uint8Array): Auth | null {
  let at = HEADER_BYTES;
  // From section to section: what looks like one at the end may be the content of another.
  while (at + SECTION_HEADER_BYTES <= bytes.length) {
    const length = 256 * (bytes[at + 1] ?? 0) + (bytes[at + 2] ?? 0);
    const bodyAt = at + SECTION_HEADER_BYTES;
    if (bytes[at] === AUTH) {
      const isWhole = length === AUTH_BODY_BYTES && bodyAt + length === bytes.length;
      if (!isWhole || !isOurScheme(bytes, bodyAt + SCHEME_AT)) return null;
      return { keyId: bytes[bodyAt] ?? 0, macAt: bodyAt + MAC_AT };
    }
    at = bodyAt + length;
  }
  return null;
}

/**
 * Signs an encoded packet in place, with the key that the sealer signs with now. Throws RangeError when the packet
 * has no room for a signature, or the sealer no such key: both are bugs of the caller.
 */
export function sign(bytes: Uint8Array, sealer: Sealer): void {
  const auth = authOf(bytes);
  if (auth === null) throw unlawful("auth-length", "none");
  bytes[auth.macAt - MAC_AT] = sealer.keyId;
  const mac = sealer.mac(sealer.keyId, bytes.subarray(0, auth.macAt));
  if (mac === null || mac.length !== bytes.length - auth.macAt) {
    throw unlawful("auth-length", `${mac?.length ?? "none"} of key ${sealer.keyId}`);
  }
  bytes.set(mac, auth.macAt);
}

function isOurScheme(bytes: Uint8Array, at: number): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at) === SCHEME;
}
