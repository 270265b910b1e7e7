import { assertEquals, assertThrows } from "@std/assert";
import { syntaxFindings } from "./syntax_rules.ts";

/** The rules that a text breaks as a file at this path, in order of lines. */
function broken(path: string, text: string): string[] {
  return syntaxFindings({ path, text }).map(({ rule, line }) => `${rule} ${line}`);
}

function assertBroken(path: string, rule: string, texts: readonly string[]): void {
  for (const text of texts) assertEquals([text, broken(path, text)], [text, [`${rule} 1`]]);
}

function assertKept(path: string, texts: readonly string[]): void {
  for (const text of texts) assertEquals([text, broken(path, text)], [text, []]);
}

Deno.test("The core may import the core and nothing else", () => {
  assertKept("lib/core/a.ts", [
    'import { b } from "./b.ts"',
    'export type { B } from "./b.ts"',
    'import { c } from "../core/c.ts"',
  ]);
  assertBroken("lib/core/a.ts", "imports", [
    'import { b } from "../config/b.ts"',
    'import type { B } from "../host/b.ts"',
    'import { b } from "../daemon.ts"',
    'export { b } from "../daemon.ts"',
    'export * from "../cli/run.ts"',
    'import "../../main.ts"',
    'import { b } from "../../tests/fakes/b.ts"',
    'import { parse } from "@std/yaml"',
    'import { b } from "npm:b@1.0.0"',
    'import { b } from "node:fs"',
    'import { b } from "https://example.com/b.ts"',
    'import manifest from "../../deno.json" with { type: "json" }',
    'import { b } from "../../../elsewhere/lib/core/b.ts"',
    'type B = import("./b.ts").B',
  ]);
});

Deno.test("The configuration may import the core and the parser of flags, but neither shells nor host", () => {
  assertKept("lib/config/a.ts", [
    'import { b } from "../core/b.ts"',
    'import { parseArgs } from "@std/cli/parse-args"',
  ]);
  assertBroken("lib/config/a.ts", "imports", [
    'import { b } from "../daemon.ts"',
    'import type { B } from "../host/b.ts"',
    'import { b } from "../cli/b.ts"',
    'import { parse } from "@std/yaml"',
  ]);
});

Deno.test("The host may import types of the core, the configuration and the shells, but none of their functions", () => {
  assertKept("lib/host/a.ts", [
    'import type { B } from "../core/b.ts"',
    'import type { B } from "../config/b.ts"',
    'import { type B, type C } from "../daemon.ts"',
    'import { b } from "./b.ts"',
    'import { getLogger } from "@logtape/logtape"',
  ]);
  assertKept("lib/host/logger.ts", ['import { textLine } from "../log_line.ts"']);
  assertBroken("lib/host/a.ts", "imports", [
    'import { b } from "../core/b.ts"',
    'import { type B, c } from "../core/b.ts"',
    'import "../core/b.ts"',
    'import { textLine } from "../log_line.ts"',
    'import { b } from "../config/b.ts"',
    'import { parse } from "@std/yaml"',
  ]);
});

Deno.test("The shells and the commands may not import the host, only main.ts may", () => {
  assertKept("lib/daemon.ts", [
    'import { b } from "./core/b.ts"',
    'import type { B } from "./config/b.ts"',
  ]);
  assertBroken("lib/daemon.ts", "imports", [
    'import type { B } from "./host/b.ts"',
    'import { b } from "./config/b.ts"',
    'import { b } from "./cli/b.ts"',
    'import { getLogger } from "@logtape/logtape"',
  ]);
  assertKept("lib/cli/a.ts", [
    'import { b } from "../daemon.ts"',
    'import type { B } from "../host/b.ts"',
  ]);
  assertBroken("lib/cli/a.ts", "imports", [
    'import { b } from "../host/b.ts"',
    'import "../../main.ts"',
  ]);
  assertKept("main.ts", [
    'import { b } from "./lib/host/b.ts"',
    'import manifest from "./deno.json" with { type: "json" }',
    'const yaml = () => import("@std/yaml")',
  ]);
  assertBroken("main.ts", "imports", [
    'import { parse } from "@std/yaml"',
    'import { b } from "./tests/fakes/b.ts"',
    "const load = (name: string) => import(name)",
  ]);
});

Deno.test("The pure parts may not use the platform, the clock, timers, chance or output, by whatever way", () => {
  const texts = [
    "export const a = Deno.args",
    "export const a = new Date(0)",
    "export const a = (when: Date) => when",
    "export const a = performance.now()",
    "setTimeout(a, 1)",
    "export const a = Math.random()",
    'export const a = Math["random"]()',
    "const { random } = Math",
    "console.log(1)",
    "export const a = crypto.randomUUID()",
    "export const a = globalThis",
    'export const a = self["Date"]',
    "export const a = Promise.resolve(1)",
    "queueMicrotask(a)",
    'export const a = eval("1")',
    'export const a = new Function("1")',
    "export const a = { Deno }",
    "export const a = b[performance.now()]",
    "export const a = new Intl.NumberFormat()",
  ];
  assertBroken("lib/core/a.ts", "bans", texts);
  assertBroken("lib/config/a.ts", "bans", texts);
});

Deno.test("A name that is only a label, or that the file itself gave to something, is no global", () => {
  assertKept("lib/core/a.ts", [
    "export const a = { Date: 1, console() {} }",
    "export const a = b.performance.Deno",
    "export interface A { Date: number; console(): void }",
    "export type A = (process: number) => void",
    "export const a = (self: number) => self + 1",
    "export const a = ({ process }: B) => process",
    "{ const [process = 1] = b; process; }",
    "for (const self of b) self;",
    "try { b; } catch (self) { self; }",
    'import { process } from "./b.ts"; process();',
    "function process() {} process();",
    "// Date.now() and Deno.exit()",
    'export const a = "Date.now()"',
    "export const a = Math.max(1, 2)",
  ]);
  assertBroken("lib/core/a.ts", "bans", [
    "{ const self = 1; } self;",
    "export const a = (b = self, c = 1) => c",
  ]);
});

Deno.test("The shells and the commands may wait and format a given time, but read no clock", () => {
  for (const path of ["lib/daemon.ts", "lib/cli/a.ts"]) {
    assertKept(path, [
      "export const a = async () => await b",
      "export const a = new Date(0).toISOString()",
    ]);
    assertBroken(path, "bans", [
      "export const a = Deno.args",
      "export const a = Date.now()",
      "export const a = new Date()",
      "export const a = Date()",
      "const { now } = Date",
      "export const a = performance.now()",
      "setTimeout(a, 1)",
      "export const a = Math.random()",
      "console.log(1)",
    ]);
  }
});

Deno.test("The host may use the platform, but speaks only through what it is asked to open", () => {
  for (const path of ["lib/host/a.ts", "main.ts"]) {
    assertKept(path, [
      "export const a = Deno.args",
      "export const a = performance.now() + Date.now()",
    ]);
    assertBroken(path, "bans", [
      "console.log(1)",
      'export const a = fetch("http://localhost")',
      'export const a = eval("1")',
      "export const a = process.pid",
    ]);
  }
});

Deno.test("Tests of the pure parts draw nothing by chance and wait for nothing", () => {
  for (const folder of ["core", "config", "sim", "scenarios"]) {
    assertBroken(`tests/${folder}/a_test.ts`, "bans", [
      "export const a = Math.random()",
      "export const a = crypto.randomUUID()",
      "setTimeout(a, 1)",
      "export const a = new Date(0)",
    ]);
    assertKept(`tests/${folder}/a_test.ts`, ['export const a = crypto.subtle.digest("SHA-1", b)']);
  }
  assertKept("tests/netns/a_test.ts", ["setTimeout(a, 1)", "export const a = Math.random()"]);
});

Deno.test("Nothing waits in the pure parts, and no state outlives a call", () => {
  assertBroken("lib/core/a.ts", "purity", [
    "async function a() {}",
    "export const a = async () => 1",
    "export const a = { async b() {} }",
    "await a;",
    "for await (const a of b) a;",
    "export const a = import.meta.url",
    "let a = 1;",
    "var a = 1;",
    "let a: number | undefined;",
  ]);
  assertEquals(broken("lib/core/a.ts", 'export const a = import("./b.ts")'), ["purity 1"]);
  assertKept("lib/core/a.ts", ["export const a = () => { let b = 1; return b; }"]);
  assertKept("lib/daemon.ts", ["let a = 1;", "await a;"]);
});

Deno.test("A function may have seventy lines and no more", () => {
  const body = (lines: number) => "{\n" + "  b();\n".repeat(lines - 2) + "}";
  const forms = [
    (lines: number) => `function a() ${body(lines)}`,
    (lines: number) => `const a = () => ${body(lines)}`,
    (lines: number) => `class A { b() ${body(lines)} }`,
    (lines: number) => `Deno.test("a", () => ${body(lines)})`,
  ];
  for (const form of forms) {
    assertKept("tests/netns/a.ts", [form(70)]);
    assertBroken("tests/netns/a.ts", "size", [form(71)]);
  }
});

Deno.test("There is no any, in whatever way it is written", () => {
  assertBroken("tests/netns/a.ts", "types", [
    "const a: any = 1",
    "const a = b as any",
    "const a = (...b: any[]) => b",
    "type A = Record<string, any>",
  ]);
  assertKept("tests/netns/a.ts", ["const a: unknown = { any: 1 }", "// any\nconst b = 1"]);
  const ignored = "// deno-lint" + "-ignore-file\nconst a: any = 1";
  assertEquals(broken("tests/netns/a.ts", ignored), ["types 2"]);
});

Deno.test("What the program exports is documented", () => {
  assertBroken("lib/core/a.ts", "documentation", [
    "export function a() {}",
    "export class A {}",
    "/* Not for the documentation. */ export function a() {}",
  ]);
  assertKept("lib/core/a.ts", ["/** Does it. */\nexport function a() {}", "function a() {}"]);
  assertKept("tests/netns/a.ts", ["export function a() {}"]);
});

Deno.test("A file that cannot be parsed is an error, not a file without findings", () => {
  assertThrows(() => syntaxFindings({ path: "lib/core/a.ts", text: "const = 1" }), SyntaxError);
});
