import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { problemText } from "../../lib/config/problem.ts";
import { readYaml } from "../../lib/config/yaml_file.ts";

function problems(text: string): string[] {
  return readYaml({ file: "f.yaml", text, parse }).problems.map(problemText);
}

const TOPICS = "path, network, route, node or daemon";
const WORDS = "must be a list of a program and its arguments, 1 to 64 words";

Deno.test("a hook without program, topics or a time that can be is refused with key and line", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{on: [path]}", `hooks[0].run: ${WORDS}, is missing`],
    ["{on: [path], run: []}", `hooks[0].run: ${WORDS}, is a list of 0`],
    ["{on: [path], run: /bin/true}", `hooks[0].run: ${WORDS}, is "/bin/true"`],
    [
      "{on: [path], run: [true]}",
      "hooks[0].run[0]: must be text of at most 4096 characters, is true",
    ],
    [
      "{on: [path], run: [/bin/true, 5]}",
      "hooks[0].run[1]: must be text of at most 4096 characters, is 5",
    ],
    [
      "{on: [path], run: [bin/true]}",
      'hooks[0].run[0]: must be the full path of a program, beginning with "/", is "bin/true"',
    ],
    ["{run: [/bin/true]}", `hooks[0].on: must be a list of ${TOPICS}, is missing`],
    ["{on: path, run: [/bin/true]}", `hooks[0].on: must be a list of ${TOPICS}, is "path"`],
    ["{on: [], run: [/bin/true]}", `hooks[0].on: must be a list of ${TOPICS}, is a list of 0`],
    ["{on: [paths], run: [/bin/true]}", `hooks[0].on[0]: must be ${TOPICS}, is "paths"`],
    [
      "{on: [node, node], run: [/bin/true]}",
      'hooks[0].on[1]: must be given once, is "node"',
    ],
    [
      "{on: [node], run: [/bin/true], timeout: 0}",
      "hooks[0].timeout: must be 0.1 to 300 s, is 0",
    ],
    [
      "{on: [node], run: [/bin/true], timeout: }",
      "hooks[0].timeout: must be 0.1 to 300 s, is empty",
    ],
    [
      "{on: [node], run: [/bin/true], timeot: 1}",
      "hooks[0].timeot: must be a known key (nearest is timeout)",
    ],
    ["/bin/true", 'hooks[0]: must be a mapping with on, run, timeout, is "/bin/true"'],
  ];
  for (const [entry, problem] of cases) {
    assertEquals(problems(`hooks:\n  - ${entry}\n`), [`Cannot use ${problem} (f.yaml:2)`], entry);
  }
});

Deno.test("hooks are so few that one event cannot start a crowd", () => {
  const hook = "  - {on: [path], run: [/bin/true]}\n";
  assertEquals(problems(`hooks:\n${hook.repeat(16)}`), []);
  assertEquals(problems(`hooks:\n${hook.repeat(17)}`), [
    "Cannot use hooks: must have at most 16 entries, is 17 (f.yaml:1)",
  ]);
});
