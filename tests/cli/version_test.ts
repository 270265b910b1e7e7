import { assertEquals } from "@std/assert";
import { versionText } from "../../lib/cli/version.ts";

Deno.test("the version text names the program, Deno, V8 and the machine, a line each", () => {
  const build = {
    version: "0.1.0",
    deno: "2.9.6",
    v8: "14.0.1",
    target: "x86_64-unknown-linux-gnu",
  };
  assertEquals(
    versionText(build),
    `faild 0.1.0
deno 2.9.6
v8 14.0.1
target x86_64-unknown-linux-gnu
`,
  );
});
