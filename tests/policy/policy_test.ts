import { assertEquals } from "@std/assert";
import { describe, type Finding } from "./source_file.ts";
import { syntaxFindings } from "./syntax_rules.ts";
import { textFindings } from "./text_rules.ts";
import { allFiles, textOf, topNames } from "./tree.ts";
import { lockFindings, topFindings } from "./tree_rules.ts";

const FILES = allFiles();
const SCRIPTS = FILES.filter(({ path }) => path.endsWith(".ts"));

function assertNone(findings: readonly Finding[]): void {
  assertEquals(findings.map(describe), []);
}

Deno.test("Every script imports, names and contains only what its part of the program may", () => {
  assertEquals(SCRIPTS.some(({ path }) => path === "main.ts"), true);
  assertEquals(SCRIPTS.some(({ path }) => path.startsWith("lib/core/")), true);
  assertNone(SCRIPTS.flatMap(syntaxFindings));
});

Deno.test("Every file is finished, short enough, and free of what belongs to one machine", () => {
  assertNone(FILES.flatMap(textFindings));
});

Deno.test("The top of the tree holds only what the design names", () => {
  assertNone(topFindings(topNames()));
});

Deno.test("Every import is pinned to one version, and its hash is in the lock file", () => {
  assertNone(lockFindings(textOf("deno.json"), textOf("deno.lock")));
});
