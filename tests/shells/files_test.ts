import { assertEquals } from "@std/assert";
import { logPathProblem, readSecretFile, readTextFile } from "../../lib/host/files.ts";

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

Deno.test("what is no regular file is refused without a wait: a device, a pipe that nobody writes to", () => {
  const refused = { kind: "failed", reason: "is no regular file" } as const;
  assertEquals(readTextFile("/dev/zero", 1000), refused);
  const folder = Deno.makeTempDirSync();
  try {
    const pipe = `${folder}/pipe`;
    assertEquals(new Deno.Command("mkfifo", { args: [pipe] }).outputSync().success, true);
    assertEquals(readTextFile(pipe, 1000), refused);
    assertEquals(readSecretFile(pipe, 1000), refused);
    assertEquals(logPathProblem(pipe), "It is a named pipe");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a link to a regular file is as good as the file", () => {
  withFile(new TextEncoder().encode("text"), (path) => {
    const link = `${path}.link`;
    Deno.symlinkSync(path, link);
    try {
      assertEquals(readTextFile(link, 100), { kind: "text", text: "text" });
    } finally {
      Deno.removeSync(link);
    }
  });
});

Deno.test("a secret is read only where its owner alone has rights to the file", () => {
  withFile(new TextEncoder().encode("secret"), (path) => {
    for (const mode of [0o600, 0o400, 0o700]) {
      Deno.chmodSync(path, mode);
      assertEquals(readSecretFile(path, 100), { kind: "text", text: "secret" });
    }
    for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o666]) {
      Deno.chmodSync(path, mode);
      assertEquals(readSecretFile(path, 100), {
        kind: "failed",
        reason: `must be open to its owner only (chmod 600), its mode is 0${mode.toString(8)}`,
      });
      assertEquals(readTextFile(path, 100).kind, "text", "any other file may be read by others");
    }
  });
});

Deno.test("a secret that is missing, too long or no text is told as with any file", () => {
  assertEquals(readSecretFile("/nonexistent/file", 100), { kind: "missing" });
  withFile(Uint8Array.of(0xff, 0x61), (path) => {
    Deno.chmodSync(path, 0o600);
    assertEquals(readSecretFile(path, 1), { kind: "failed", reason: "is longer than 1 bytes" });
    assertEquals(readSecretFile(path, 2), { kind: "failed", reason: "is not UTF-8 text" });
  });
});

Deno.test("where a log could be is tried without leaving a trace", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/faild.log`;
    assertEquals(logPathProblem(path), null);
    assertEquals([...Deno.readDirSync(folder)], [], "nothing was made");
    Deno.writeTextFileSync(path, "a line\n");
    const { size, mtime } = Deno.statSync(path);
    assertEquals(logPathProblem(path), null);
    const after = Deno.statSync(path);
    assertEquals([after.size, after.mtime], [size, mtime]);
    assertEquals(logPathProblem(folder), "Is a directory");
    assertEquals(
      logPathProblem(`${folder}/none/faild.log`),
      `There is no directory ${folder}/none`,
    );
    assertEquals(logPathProblem(`${path}/faild.log`), "Not a directory");
    Deno.chmodSync(folder, 0o555);
    assertEquals(logPathProblem(`${folder}/other.log`), `${folder} is writable for nobody`);
    assertEquals(logPathProblem("/dev/null"), null);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a missing file is told from one that cannot be read", () => {
  assertEquals(readTextFile("/nonexistent/file", 100), { kind: "missing" });
  assertEquals(readTextFile("/", 100), { kind: "failed", reason: "Is a directory" });
  assertEquals(readTextFile("/dev/null/x", 100), { kind: "failed", reason: "Not a directory" });
});
