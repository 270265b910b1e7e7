import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { problemText } from "../../lib/config/problem.ts";
import { readYaml } from "../../lib/config/yaml_file.ts";

function read(text: string) {
  return readYaml({ file: "f.yaml", text, parse });
}

function problems(text: string): string[] {
  return read(text).problems.map(problemText);
}

Deno.test("who is allowed is named, or has an address or a subnet of IPv4", () => {
  const rule = "must be the name of a node, the IPv4 address of a host, " +
    "or an IPv4 subnet such as 192.168.1.0/24";
  const wrong = `allow:
  - 7
  - 10.1
  - 192.168.1.256
  - fe80::1
  - fd00::/64
  - 0.0.0.0/0
  - 10.0.0.0/33
  - 127.0.0.1
  - a b
  - {node: x}
  -
  - ""
`;
  assertEquals(problems(wrong).length, 12);
  for (const [index, problem] of problems(wrong).entries()) {
    const begin = `Cannot use allow[${index}]: ${rule}, is `;
    assert(problem.startsWith(begin) && problem.endsWith(` (f.yaml:${index + 2})`), problem);
  }
  const { allow } = read('allow: ["7", a.b, größe, 10.0.0.1, 10.1.2.3/8]\n');
  assertEquals(allow?.value, {
    names: ["7", "a.b", "größe"],
    subnets: ["10.0.0.1/32", "10.0.0.0/8"],
  });
});

Deno.test("nobody is allowed twice", () => {
  assertEquals(problems("allow:\n- x\n- 10.0.0.1\n- x\n- 10.0.0.1/32\n- X\n"), [
    'Cannot use allow[2]: must differ from allow[0], is "x" (f.yaml:4)',
    'Cannot use allow[3]: must differ from allow[1], is "10.0.0.1/32" (f.yaml:5)',
  ]);
});

Deno.test("a list without entries is a list, a heading without a list is none", () => {
  assertEquals(read("allow: []").allow, { value: { names: [], subnets: [] }, origin: "f.yaml:1" });
  assertEquals(read("allow:\n  #- host7\n").allow, null);
});

Deno.test("the list is bounded", () => {
  const allow = (count: number) =>
    "allow:\n" + Array.from({ length: count }, (_, i) => `- 10.1.${i >> 8}.${i & 255}\n`).join("");
  assertEquals(problems(allow(4096)), []);
  assertEquals(problems(allow(4097)), [
    "Cannot use allow: must have at most 4096 entries, is 4097 (f.yaml:1)",
  ]);
});
