import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { parseCommandLine } from "../../lib/config/command_line.ts";
import { mergeConfiguration } from "../../lib/config/merge.ts";
import { problemText } from "../../lib/config/problem.ts";

/** What is said of a file whose values are right one by one. */
function crossed(text: string, ...argv: string[]): string[] {
  const line = parseCommandLine(argv, { runDirFromEnvironment: undefined });
  if (!("given" in line)) throw new Error(`${argv.join(" ")} is read as ${line.kind}`);
  const yaml = { file: "/etc/faild.yaml", text, parse };
  const merged = mergeConfiguration({ given: line.given, yaml, hostname: "host1" });
  return merged.kind === "problems" ? merged.problems.map(problemText) : [];
}

Deno.test("values that do not go together are reported with both, and where they stand", () => {
  const cases: readonly (readonly [string, string[], string[]])[] = [
    ["confirm-interval: 0.5", ["-t0.1"], [
      "Cannot use confirm-interval: must be at most interval, which is 0.1 s (flag -t), is 0.5 (/etc/faild.yaml:1)",
    ]],
    ["interval: 0.1\nconfirm-interval: 0.2", [], [
      "Cannot use confirm-interval: must be at most interval, which is 0.1 s (/etc/faild.yaml:1), is 0.2 (/etc/faild.yaml:2)",
    ]],
    ["answer-wait:\n  floor: 0.3\n  ceiling: 0.2", [], [
      "Cannot use answer-wait.floor: must be at most answer-wait.ceiling, which is 0.2 s (/etc/faild.yaml:3), is 0.3 (/etc/faild.yaml:2)",
    ]],
    ["answer-wait:\n  floor: 2", [], [
      "Cannot use answer-wait.floor: must be at most interval, which is 1 s (default), is 2 (/etc/faild.yaml:2)",
    ]],
    ["answer-wait:\n  ceiling: 1.5", [], [
      "Cannot use answer-wait.ceiling: must be at most interval, which is 1 s (default), is 1.5 (/etc/faild.yaml:2)",
    ]],
    ["loss: {leave-above: 5}", [], [
      "Cannot use loss.return-below: must be below loss.leave-above, which is 5 % (/etc/faild.yaml:1), is 5 (default)",
    ]],
    ["loss:\n  leave-above: 10\n  return-below: 10.5", [], [
      "Cannot use loss.return-below: must be below loss.leave-above, which is 10 % (/etc/faild.yaml:2), is 10.5 (/etc/faild.yaml:3)",
    ]],
    ["auth:\n  mode: permissive", [], [
      "Cannot use auth.key-file: must be given where auth.mode is permissive, is missing (/etc/faild.yaml:2)",
    ]],
    ["auth:\n  mode: enforce\nconfirm-interval: 9", [], [
      "Cannot use confirm-interval: must be at most interval, which is 1 s (default), is 9 (/etc/faild.yaml:3)",
      "Cannot use auth.key-file: must be given where auth.mode is enforce, is missing (/etc/faild.yaml:2)",
    ]],
  ];
  for (const [text, argv, expected] of cases) assertEquals(crossed(text, ...argv), expected);
});

Deno.test("values at the very bound of others go together", () => {
  const text = "interval: 0.01\nconfirm-interval: 0.01\nanswer-wait: {floor: 0.01, ceiling: 0.01}";
  assertEquals(crossed(text), []);
  assertEquals(crossed("loss: {leave-above: 1, return-below: 0.9}"), []);
});
