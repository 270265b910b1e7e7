import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { exampleFile } from "../../lib/config/example_file.ts";
import { DETAILS, ENTRIES, GROUPS, ORDER } from "../../lib/config/option_details.ts";
import { LISTS, OPTIONS } from "../../lib/config/options.ts";
import { mergeConfiguration } from "../../lib/config/merge.ts";
import { problemText } from "../../lib/config/problem.ts";
import { ruleOf } from "../../lib/config/values.ts";
import { readYaml, type YamlContent } from "../../lib/config/yaml_file.ts";

const EXAMPLE = Deno.readTextFileSync(new URL("../../config.example.yaml", import.meta.url));

/** Of what is commented out, text begins after "# ", a key directly after "#" or deeper than one space. */
function uncommented(text: string): string {
  return text.split("\n").map((line) => line.replace(/^(\s*)#(?! \S|$)/, "$1")).join("\n");
}

function read(text: string): YamlContent {
  const content = readYaml({ file: "config.example.yaml", text, parse });
  assertEquals(content.problems.map(problemText), []);
  return content;
}

Deno.test("the example is what the program writes for a machine without networks", () => {
  assertEquals(EXAMPLE, exampleFile(null));
});

Deno.test("the example has a place for every key, heading and list, and for nothing else", () => {
  const heads = [
    ...OPTIONS.map(({ key }) => key.split(".")[0] ?? ""),
    ...LISTS.map(({ key }) => key),
  ];
  assertEquals([...new Set(heads)].sort(), [...ORDER].sort());
  const groups = OPTIONS.filter(({ key }) => key.includes(".")).map(({ key }) => key.split(".")[0]);
  assertEquals([...new Set(groups)].sort(), Object.keys(GROUPS).sort());
  for (const text of [...Object.values(GROUPS), ...Object.values(DETAILS)]) {
    assert(text.endsWith("."), text);
  }
});

/** What is said of the requestor, and what is set. */
const REQUESTOR = /^# Send inquiries too(?:.*\n)+?#?requestor: .*\n/m;

Deno.test("the networks of a machine are set in what is written for it, with names that YAML leaves alone", () => {
  const found = [
    { name: "eth0", interfaceName: "eth0", note: "192.168.1.1/24" },
    { name: "no", interfaceName: "no", note: "192.168.2.1/24" },
    { name: "10g", interfaceName: "10g", note: "192.168.3.1/24, not usable: it is down" },
    { name: "wan-0", interfaceName: "wan+0", note: "192.168.4.1/24" },
    { name: "1", interfaceName: "1", note: "192.168.5.1/24" },
  ];
  const text = exampleFile(found);
  const { given, networks } = read(text);
  assertEquals([...given.keys()], ["requestor", "eventsFile"]);
  assertEquals(networks?.value, found.map(({ name, interfaceName }) => ({ name, interfaceName })));
  assert(text.includes("  # 192.168.3.1/24, not usable: it is down\n  - name: "), text);
  assertEquals(
    text.replace(/^networks:\n(?: {2}.*\n)+/m, "").replace(REQUESTOR, "")
      .replace("  file: /var/log/faild-events", "  #file: /var/log/faild-events"),
    EXAMPLE.replace(/^#networks:\n(?:# {2}.*\n)+/m, "").replace(REQUESTOR, ""),
  );
});

Deno.test("the example changes nothing as it is", () => {
  const { given, networks, peers, allow, hooks } = read(EXAMPLE);
  assertEquals([given.size, networks, peers, allow, hooks], [0, null, null, null, null]);
});

Deno.test("the example shows every key, and its values are the defaults of the program", () => {
  const { given } = read(uncommented(EXAMPLE));
  for (const option of OPTIONS) {
    const shown = given.get(option.id);
    if (shown === undefined) throw new Error(`${option.key} is not shown`);
    assert(/:\d+$/.test(shown.origin), shown.origin);
    if (option.default !== null) assertEquals(shown.value, option.default, option.key);
  }
});

Deno.test("what follows from other values is shown as it follows from those of the example", () => {
  const merge = (text: string) => {
    const yaml = { file: "config.example.yaml", text, parse };
    const merged = mergeConfiguration({ given: new Map(), yaml, hostname: "host1" });
    if (merged.kind === "problems") throw new Error(merged.problems.map(problemText).join("\n"));
    return merged.configuration.settings;
  };
  const [shown, followed] = [merge(uncommented(EXAMPLE)), merge(EXAMPLE)];
  assertEquals([shown.confirmIntervalMs, shown.answerWait], [
    followed.confirmIntervalMs,
    followed.answerWait,
  ]);
});

Deno.test("the lists of the example are ones that can be used", () => {
  const { networks, peers, allow, hooks } = read(uncommented(EXAMPLE));
  assertEquals(networks?.value, [
    { name: "A", interfaceName: "eth0" },
    { name: "B", subnet: "192.168.2.0/24" },
  ]);
  assertEquals(peers?.value, [{ node: "host7", addresses: ["192.168.1.7", "192.168.2.7"] }]);
  assertEquals(hooks?.value, [{
    on: ["path", "network"],
    run: ["/usr/local/bin/tell-somebody", "--brief"],
    timeoutMs: 10000,
  }]);
  assertEquals(Object.keys(ENTRIES), LISTS.map(({ key }) => key));
  assertEquals(allow?.value, { names: ["host7"], subnets: ["192.168.1.8/32", "192.168.2.0/24"] });
});

/** The comment directly above a key, in one line. */
function commentOf(key: string): string {
  const lines = EXAMPLE.split("\n");
  const at = lines.findIndex((line) => new RegExp(`^\\s*#?${key}:`).test(line));
  const comment: string[] = [];
  for (let i = at - 1; i >= 0 && /^\s*# /.test(lines[i] ?? ""); i--) {
    comment.unshift((lines[i] ?? "").replace(/^\s*# /, ""));
  }
  return comment.join(" ");
}

Deno.test("the example explains every key, names its flag, and states the range the program checks", () => {
  for (const option of OPTIONS) {
    const comment = commentOf(option.key.split(".").at(-1) ?? "");
    assert(comment.length > 10, `${option.key} is not explained`);
    const { flag } = option;
    if (flag !== null) {
      assert(comment.includes(flag.short === null ? `--${flag.long}` : `-${flag.short}`));
    }
    const numbers = option.kind === "number" ? ruleOf(option).match(/[\d.]+/g) ?? [] : [];
    for (const number of numbers) assert(comment.includes(number), `${option.key}: ${number}`);
    if (option.kind === "number" && option.derived !== undefined) {
      assert(comment.includes("Default: "), option.key);
    }
    const choices = option.kind === "choice" ? option.choices : [];
    for (const choice of choices) assert(comment.includes(choice), `${option.key}: ${choice}`);
  }
  for (const list of LISTS) {
    assert(commentOf(list.key).includes(`At most ${list.maximum}`), list.key);
  }
});
