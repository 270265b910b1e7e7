import { assert, assertEquals } from "@std/assert";
import {
  contentDigest,
  createFile,
  isFolder,
  lookAt,
  makeFolder,
  namesIn,
  placeFile,
  removeFile,
} from "../../lib/host/placer.ts";

async function inFolder(body: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "faild-test-" });
  try {
    await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Rights of a file, as chmod writes them. */
function modeOf(path: string): string {
  return ((Deno.statSync(path).mode ?? 0) & 0o7777).toString(8);
}

Deno.test("a file is known by its SHA-256, which is that of what was to be placed", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a`;
    assertEquals(await lookAt(path), { kind: "missing" });
    placeFile(path, { text: "abc" }, 0o644);
    const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assertEquals(await lookAt(path), { kind: "file", digest });
    assertEquals(await contentDigest({ text: "abc" }), digest);
    assertEquals(await contentDigest({ copyOf: path }), digest);
    assertEquals(await lookAt(folder), { kind: "failed", reason: "is no regular file" });
  });
});

Deno.test("a file is placed with its rights over another, and leaves nothing beside it", async () => {
  await inFolder((folder) => {
    const path = `${folder}/a`;
    assertEquals(placeFile(path, { text: "one" }, 0o644), { kind: "made" });
    assertEquals(placeFile(`${folder}/b`, { copyOf: path }, 0o755), { kind: "made" });
    assertEquals(placeFile(path, { text: "two" }, 0o600), { kind: "made" });
    assertEquals([Deno.readTextFileSync(path), modeOf(path)], ["two", "600"]);
    assertEquals([Deno.readTextFileSync(`${folder}/b`), modeOf(`${folder}/b`)], ["one", "755"]);
    assertEquals([...namesIn(folder)].sort(), ["a", "b"]);
  });
});

Deno.test("what lies in the way of a draft is not written through, nor are its rights changed", async () => {
  await inFolder((folder) => {
    const [path, victim] = [`${folder}/a`, `${folder}/victim`];
    createFile(victim, "mine", 0o600);
    Deno.symlinkSync(victim, `${path}.tmp`);
    assertEquals(placeFile(path, { text: "text" }, 0o755), { kind: "made" });
    assertEquals([Deno.readTextFileSync(victim), modeOf(victim)], ["mine", "600"]);
    assertEquals([Deno.lstatSync(path).isFile, modeOf(path)], [true, "755"]);
    assertEquals([...namesIn(folder)].sort(), ["a", "victim"]);
  });
});

Deno.test("a program that runs can be replaced", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/program`;
    placeFile(path, { copyOf: "/bin/sleep" }, 0o755);
    await using child = new Deno.Command(path, { args: ["10"] }).spawn();
    assertEquals(placeFile(path, { text: "new" }, 0o755), { kind: "made" });
    assertEquals(Deno.readTextFileSync(path), "new");
    child.kill("SIGKILL");
  });
});

Deno.test("a file that is there is not made anew, nor one where there is no folder", async () => {
  await inFolder((folder) => {
    const path = `${folder}/a`;
    assertEquals(createFile(path, "mine", 0o644), { kind: "made" });
    assertEquals(createFile(path, "yours", 0o644), { kind: "exists" });
    assertEquals(Deno.readTextFileSync(path), "mine");
    assertEquals(createFile(`${folder}/no/a`, "", 0o644), {
      kind: "failed",
      reason: "No such file or directory",
      isDenied: false,
    });
  });
});

Deno.test("what cannot be placed leaves nothing beside it, and what was there stays", async () => {
  await inFolder((folder) => {
    const path = `${folder}/a`;
    createFile(path, "mine", 0o644);
    const placed = placeFile(path, { copyOf: `${folder}/none` }, 0o644);
    assertEquals([placed.kind, Deno.readTextFileSync(path)], ["failed", "mine"]);
    makeFolder(`${folder}/sub`);
    createFile(`${folder}/sub/file`, "", 0o644);
    assertEquals(placeFile(`${folder}/sub`, { text: "" }, 0o644).kind, "failed");
    assertEquals([...namesIn(folder)].sort(), ["a", "sub"]);
  });
});

Deno.test("folders are made one by one, and removed only when they are empty", async () => {
  await inFolder((folder) => {
    const path = `${folder}/sub`;
    assertEquals(makeFolder(path), { kind: "made" });
    assertEquals(makeFolder(path), { kind: "exists" });
    assertEquals([isFolder(path), isFolder(`${path}/none`)], [true, false]);
    assertEquals(makeFolder(`${folder}/a/b`).kind, "failed");
    createFile(`${path}/file`, "", 0o644);
    assertEquals(makeFolder(`${path}/file`).kind, "failed");
    const full = removeFile(path);
    assert(typeof full === "object" && !full.isDenied, JSON.stringify(full));
    assertEquals(removeFile(`${path}/file`), true);
    assertEquals(removeFile(path), true);
    assertEquals(removeFile(path), false);
    assertEquals(namesIn(path), []);
  });
});
