import { assertEquals } from "@std/assert";
import { readTextFile } from "../../lib/host/files.ts";

function withFile(bytes: Uint8Array, body: (path: string) => void): void {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeFileSync(path, bytes);
    body(path);
  } finally {
    Deno.removeSync(path);
  }
}

Deno.test("a text file is read whole, up to its limit and no longer", () => {
  withFile(new TextEncoder().encode("größe"), (path) => {
    assertEquals(readTextFile(path, 7), { kind: "text", text: "größe" });
    assertEquals(readTextFile(path, 6), { kind: "failed", reason: "is longer than 6 bytes" });
  });
});

Deno.test("an empty file is an empty text", () => {
  withFile(new Uint8Array(), (path) => {
    assertEquals(readTextFile(path, 100), { kind: "text", text: "" });
  });
});

Deno.test("a byte order mark is no part of the text", () => {
  withFile(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), (path) => {
    assertEquals(readTextFile(path, 100), { kind: "text", text: "a" });
  });
});

Deno.test("what is not UTF-8 is refused", () => {
  withFile(Uint8Array.of(0x61, 0xff), (path) => {
    assertEquals(readTextFile(path, 100), { kind: "failed", reason: "is not UTF-8 text" });
  });
});

Deno.test("an endless file is read to the limit only", () => {
  assertEquals(readTextFile("/dev/zero", 1000), {
    kind: "failed",
    reason: "is longer than 1000 bytes",
  });
});

Deno.test("a missing file is told from one that cannot be read", () => {
  assertEquals(readTextFile("/nonexistent/file", 100), { kind: "missing" });
  assertEquals(readTextFile("/", 100), { kind: "failed", reason: "Is a directory" });
  assertEquals(readTextFile("/dev/null/x", 100), { kind: "failed", reason: "Not a directory" });
});
