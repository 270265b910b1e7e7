import { assert, assertEquals } from "@std/assert";
import { discardFile, replaceFile } from "../../lib/host/replace_file.ts";

function inFolder(body: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("a file is made, and replaced by another one under its name", () => {
  inFolder((folder) => {
    const path = `${folder}/page`;
    assertEquals(replaceFile(path, "one", 0o644), null);
    const first = Deno.statSync(path);
    assertEquals((first.mode ?? 0) & 0o777, 0o644);
    // Kept open, so that its number is not used again.
    using _open = Deno.openSync(path);
    assertEquals(replaceFile(path, "two", 0o600), null);
    const second = Deno.statSync(path);
    assertEquals(Deno.readTextFileSync(path), "two");
    assert(first.ino !== second.ino);
    assertEquals((second.mode ?? 0) & 0o777, 0o600);
    assertEquals(names(folder), ["page"]);
  });
});

Deno.test("a file has the rights that it is to have, whatever the umask", () => {
  inFolder((folder) => {
    const umask = Deno.umask(0o077);
    try {
      assertEquals(replaceFile(`${folder}/page`, "text", 0o644), null);
    } finally {
      Deno.umask(umask);
    }
    assertEquals((Deno.statSync(`${folder}/page`).mode ?? 0) & 0o777, 0o644);
  });
});

Deno.test("what lies in the way of the draft is not written through", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/victim`, "mine");
    Deno.symlinkSync(`${folder}/victim`, `${folder}/page.tmp`);
    assertEquals(replaceFile(`${folder}/page`, "text", 0o644), null);
    assertEquals(Deno.readTextFileSync(`${folder}/victim`), "mine");
    assertEquals(names(folder), ["page", "victim"]);
  });
});

Deno.test("a failure leaves the old file and no draft, and says why", () => {
  inFolder((folder) => {
    assert(replaceFile(`${folder}/none/page`, "text", 0o644)?.startsWith("No such file"));
    assertEquals(names(folder), []);
  });
});

Deno.test("a device is written to and stays a device", () => {
  assertEquals(replaceFile("/dev/null", "text", 0o644), null);
  assert(Deno.statSync("/dev/null").isCharDevice);
  assert(replaceFile("/dev/full", "text", 0o644)?.startsWith("No space left"));
  assert(Deno.statSync("/dev/full").isCharDevice);
});

Deno.test("a link stays a link, and what it leads to is written to", () => {
  inFolder((folder) => {
    const [link, file] = [`${folder}/link`, `${folder}/file`];
    Deno.symlinkSync(file, link);
    assertEquals(replaceFile(link, "one", 0o644), null);
    assertEquals(replaceFile(link, "two", 0o644), null);
    discardFile(link);
    assertEquals([Deno.lstatSync(link).isSymlink, Deno.readTextFileSync(file)], [true, "two"]);
    assertEquals(names(folder), ["file", "link"]);
  });
});

Deno.test("a pipe is not waited for", () => {
  inFolder((folder) => {
    const pipe = `${folder}/pipe`;
    assert(new Deno.Command("mkfifo", { args: [pipe] }).outputSync().success);
    assertEquals(replaceFile(pipe, "text", 0o644), "It is a named pipe");
  });
});

Deno.test("a file is discarded, and one that is not there is no trouble", () => {
  inFolder((folder) => {
    const path = `${folder}/page`;
    replaceFile(path, "text", 0o644);
    discardFile(path);
    discardFile(path);
    discardFile(folder);
    assertEquals(names(folder), []);
  });
});
