import { assertEquals } from "@std/assert";
import { lineCount } from "./source_file.ts";
import { textFindings } from "./text_rules.ts";
import { lockFindings, topFindings } from "./tree_rules.ts";

/** The rules that a text breaks as a file at this path. */
function broken(path: string, text: string): string[] {
  return textFindings({ path, text }).map(({ rule, line }) => `${rule} ${line}`);
}

Deno.test("A mark of something unfinished is found in any kind of file", () => {
  for (const path of ["lib/core/a.ts", "Makefile", "docs/BUILD.md"]) {
    assertEquals(broken(path, "a\nb // TO" + "DO: c"), ["unfinished 2"]);
    assertEquals(broken(path, "# FIX" + "ME"), ["unfinished 1"]);
  }
  assertEquals(broken("docs/a.md", "a todo list, METHODOLOGY"), []);
});

Deno.test("A rule that is switched off in one place is found", () => {
  assertEquals(broken("lib/a.ts", "// deno-lint" + "-ignore no-unused-vars"), ["suppression 1"]);
  assertEquals(broken("lib/a.ts", "\n// @ts" + "-expect-error it is wrong"), ["suppression 2"]);
});

Deno.test("A host that packages come from, and a path of one machine, are found", () => {
  assertEquals(broken("docs/a.md", "see registry.npm" + "js.org"), ["registry 1"]);
  assertEquals(broken("docs/a.md", "see https://jsr" + ".io/@std/yaml"), ["registry 1"]);
  assertEquals(broken("docs/a.md", "in /ho" + "me/me/faild"), ["machine path 1"]);
  assertEquals(broken("tests/a.ts", '"/wo' + 'rk/faild"'), ["machine path 1"]);
  assertEquals(broken("docs/a.md", "/t" + "mp/a"), ["machine path 1"]);
  assertEquals(broken("tests/core/a.ts", '"/t' + 'mp/a"'), []);
  assertEquals(broken("docs/a.md", "/var/lib/ho" + "me/a, frame/wo" + "rk/b"), []);
});

Deno.test("A number in a tracker of requests is found", () => {
  assertEquals(broken("docs/a.md", "as of Iss" + "ue 12"), ["tracker 1"]);
  assertEquals(broken("docs/a.md", "an issue of trust"), []);
});

Deno.test("A file may have four hundred lines and no more", () => {
  assertEquals(broken("lib/a.ts", "//\n".repeat(400)), []);
  assertEquals(broken("lib/a.ts", "//\n".repeat(400) + "//"), ["size 401"]);
  assertEquals(broken("docs/a.md", "a\n".repeat(500)), []);
  assertEquals(["", "a", "a\n", "a\nb"].map(lineCount), [0, 1, 1, 2]);
});

Deno.test("A drawer, and a script where the design has no place for one, are found", () => {
  assertEquals(broken("lib/core/utils.ts", ""), ["drawer 1"]);
  assertEquals(broken("tests/netns/helpers.ts", ""), ["drawer 1"]);
  assertEquals(broken("lib/other/a.ts", ""), ["place 1"]);
  assertEquals(broken("tool.ts", ""), ["place 1"]);
  assertEquals(broken("lib/core/wire.ts", ""), []);
});

Deno.test("What does not belong at the top of the tree is found", () => {
  assertEquals(topFindings(["lib", "main.ts", "deno.lock", "README.md"]), []);
  assertEquals(topFindings(["lib", "notes.txt", "package.json"]).map(({ path }) => path), [
    "notes.txt",
    "package.json",
  ]);
});

const MANIFEST = '{"imports": {"@std/yaml": "npm:deno-std@1.4.0/yaml/mod.js"}}';
const LOCK =
  '{"specifiers": {"npm:deno-std@1.4.0": "1.4.0"}, "npm": {"deno-std@1.4.0": {"integrity": "sha512-a"}}}';

Deno.test("An import of no exact version, of another version than the locked one, or from a URL is found", () => {
  const faults = (manifest: string, lock: string) =>
    lockFindings(manifest, lock).map(({ path, message }) => `${path} ${message.split(" ")[0]}`);
  assertEquals(faults(MANIFEST, LOCK), []);
  assertEquals(faults(MANIFEST.replace("1.4.0", "^1.4.0"), LOCK), ["deno.json @std/yaml"]);
  assertEquals(faults(MANIFEST.replace("npm:", "https://example.com/"), LOCK), [
    "deno.json @std/yaml",
  ]);
  assertEquals(faults(MANIFEST.replace("1.4.0", "1.5.0"), LOCK), ["deno.lock @std/yaml"]);
  assertEquals(faults(MANIFEST, LOCK.replace('"integrity"', '"other"')), [
    "deno.lock deno-std@1.4.0",
  ]);
  assertEquals(faults(MANIFEST, LOCK.replace("sha512-a", "https://example.com/a")), [
    "deno.lock nothing",
  ]);
});
