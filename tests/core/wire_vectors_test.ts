/**
 * The packets of wire_vectors.json, which were not made by the encoder under test.
 *
 * The test that reads docs/WIRE.md needs --allow-read=docs; the others need nothing.
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { parseV4 } from "../../lib/core/address.ts";
import type { Packet } from "../../lib/core/packet.ts";
import { authOf, decode, type DropReason, encode, sign } from "../../lib/core/wire.ts";
import vectors from "./wire_vectors.json" with { type: "json" };

interface Vector {
  readonly title: string;
  readonly hex: string;
  readonly canonicalHex?: string;
  readonly envelope?: { readonly room?: number; readonly keyId?: number; readonly key?: string };
  readonly packet: (typeof vectors.accepted)[number]["packet"];
}

function packetOf(vector: Vector["packet"]): Packet {
  return {
    ...vector,
    kind: vector.kind as Packet["kind"],
    boot: BigInt(`0x${vector.boot}`),
    nonce: BigInt(`0x${vector.nonce}`),
    heard: vector.heard?.map(({ base, bits }) => ({
      base: parseV4(base) ?? NaN,
      bits: bytesOf(bits),
    })) ?? null,
  };
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  assertEquals(hex.length % 2, 0);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** HMAC-SHA-256 of the platform: not what the daemon signs with. */
async function hmac(key: string, bytes: Uint8Array): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const usable = await crypto.subtle.importKey("raw", bytesOf(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", usable, bytes.slice()));
}

for (const vector of vectors.accepted as readonly Vector[]) {
  Deno.test(`The vector is read and written as specified: ${vector.title}`, async () => {
    const packet = packetOf(vector.packet);
    const bytes = bytesOf(vector.hex);
    assertEquals(decode(bytes), { packet });
    const { room, keyId, key } = vector.envelope ?? {};
    const written = encode(packet, { room, keyId });
    if (keyId !== undefined && key !== undefined) {
      const mac = await hmac(key, written.subarray(0, authOf(written)?.macAt));
      sign(written, { keyId, mac: () => mac });
    }
    assertEquals(written, bytesOf(vector.canonicalHex ?? vector.hex));
  });
}

for (const { title, hex, drop, value } of vectors.dropped) {
  Deno.test(`The vector is dropped as specified: ${title}`, () => {
    assertEquals(decode(bytesOf(hex)), { drop: drop as DropReason, value });
  });
}

// ---------------------------------------------------------------------------------------------- the document

Deno.test("The packets explained in docs/WIRE.md are the first vectors", () => {
  const text = Deno.readTextFileSync(new URL("../../docs/WIRE.md", import.meta.url));
  const blocks = Array.from(
    text.matchAll(/^```hex\n(.*?)^```/gms),
    ([, block]) =>
      (block ?? "").split("\n").map((line) => line.split("  ")[0]?.replaceAll(" ", "")).join(""),
  );
  assertNotEquals(blocks.length, 0);
  assertEquals(blocks, vectors.accepted.slice(0, blocks.length).map((vector) => vector.hex));
});
