import { assert, assertEquals } from "@std/assert";
import { parse, stringify } from "@std/yaml";
import fc from "fast-check";
import { isMapping } from "../../lib/config/problem.ts";
import { lineFinder, type Path, tabbedLine } from "../../lib/config/yaml_lines.ts";

function finder(text: string): (...path: Path) => number | null {
  const find = lineFinder(text, parse(text, { schema: "core" }));
  return (...path) => find(path);
}

const COMMON = `# a comment
---
interval: 0.5   # another: comment
"port": 4000

log:

  # indented comment
  file: "/var/log/a # b: c"
  level: >-
    not: a key
    - nor an entry

  format: 'it''s: text'
networks:
- name: A
  interface: eth0
-
  name: B
  subnet: 10.0.0.0/8
peers:
    - {node: x,
       addresses: ["1.2.3.4", '}']} # } ]
    - node: y
      addresses:
      - 1.2.3.5
      - 1.2.3.6
    - node: z
      addresses: [1.2.3.7, 1.2.3.8]
    - - 1
      - two: 2
run-dir: |
  /a

   b
node:
`;

Deno.test("keys and entries of a file as people write it are found on their lines", () => {
  const line = finder(COMMON);
  const expected: readonly (readonly [Path, number | null])[] = [
    [["interval"], 3],
    [["port"], 4],
    [["log"], 6],
    [["log", "file"], 9],
    [["log", "level"], 10],
    [["log", "format"], 14],
    [["networks"], 15],
    [["networks", 0], 16],
    [["networks", 0, "name"], 16],
    [["networks", 0, "interface"], 17],
    [["networks", 1], 18],
    [["networks", 1, "name"], 19],
    [["networks", 1, "subnet"], 20],
    [["peers", 0], 22],
    [["peers", 1, "node"], 24],
    [["peers", 1, "addresses"], 25],
    [["peers", 1, "addresses", 1], 27],
    [["peers", 2, "addresses", 1], 29],
    [["peers", 3, 0], 30],
    [["peers", 3, 1, "two"], 31],
    [["run-dir"], 32],
    [["node"], 36],
  ];
  for (const [path, number] of expected) assertEquals(line(...path), number, path.join("."));
});

Deno.test("a key that is missing is looked for where its entry begins", () => {
  assertEquals(finder(COMMON)("networks", 1, "interface"), 18);
  assertEquals(finder(COMMON)("loog"), null);
});

Deno.test("what lies within brackets over several lines has no line, and its beginning has", () => {
  const line = finder(COMMON);
  assertEquals(line("peers", 0, "addresses", 1), null);
  assertEquals(line("peers", 0), 22);
});

Deno.test("Windows line ends and a byte order mark change no line", () => {
  assertEquals(finder("\ufeffinterval: 1\r\nport: 2\r\n")("port"), 2);
});

Deno.test("a file with anything the scanner does not know has no lines at all", () => {
  const unusual = [
    "a: !!str 1\nb: 2",
    "? a\n: 1\n? b\n: 2",
    "{a: 1, b: 2}",
    "a: one\n  two\nb: 2",
    "0x10: 1\nb: 2",
    "a:\n- - - - - - - - - 1\nb: 2",
    "a: [it's, 'x']\nb: 2",
    "--- {a: 1,\n b: 2}",
    "%YAML 1.2\n---\nb: 2",
    "b: 2\n...",
  ];
  for (const text of unusual) {
    const value = parse(text, { schema: "core" });
    assert(isMapping(value), text);
    assertEquals(finder(text)("b"), null, text);
  }
});

Deno.test("anchors and what they are used for have their lines, up to the alias", () => {
  const line = finder(`addresses: &both
  - 10.0.0.1
  - &second 10.0.0.2
log: &log   # a comment
  level: debug
peers:
- node: a
  addresses: *both
- &peer
  node: b
  addresses: [*second]
- *peer
- node: &name c
port: 1
`);
  const expected: readonly (readonly [Path, number | null])[] = [
    [["addresses", 1], 3],
    [["log", "level"], 5],
    [["peers", 0, "addresses"], 8],
    [["peers", 0, "addresses", 1], 8],
    [["peers", 1, "node"], 10],
    [["peers", 2, "node"], 12],
    [["peers", 3, "node"], 13],
    [["port"], 14],
  ];
  for (const [path, number] of expected) assertEquals(line(...path), number, path.join("."));
});

Deno.test("a key or an entry that is indented by a tab has its line, and other tabs are none of that", () => {
  const cases: readonly (readonly [string, number | null])[] = [
    ["log:\n\tfile: /x\n", 2],
    ["a: 1\nlog:\n \t file: /x\n", 3],
    ["networks:\n\t- name: A\n", 2],
    ["log: &x\n\tfile: /x\n", 2],
    ["log:\n\t# a comment\n\t\n  file:\t/x\n", null],
    ["peers: [\n\t{node: x},\n\t]\n", null],
    ["text: |\n  a:\n  \tb: c\nport: 1\n", null],
    ['text: "a\n\tb: c"\nport: 1\n', null],
    ["", null],
  ];
  for (const [text, line] of cases) assertEquals(tabbedLine(text), line, JSON.stringify(text));
});

Deno.test("a scan that differs from what the parser found gives no line", () => {
  const find = lineFinder("a: 1\nb: 2\n", { a: 1 });
  assertEquals(find(["a"]), null);
  assertEquals(lineFinder("a: 1\n", { a: 1, b: 2 })(["a"]), null);
  assertEquals(lineFinder("a: 1\n", { a: { b: 1 } })(["a"]), null);
});

/** Every path of a value. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  const keys = Array.isArray(value)
    ? [...value.keys()]
    : isMapping(value)
    ? Object.keys(value)
    : [];
  const inside = (key: string | number) => (value as Record<string | number, unknown>)[key];
  return keys.flatMap((key) => [[...path, key], ...pathsOf(inside(key), [...path, key])]);
}

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const scalar = fc.oneof(word, fc.integer(), fc.boolean(), fc.string(), fc.constant("a: b\n- c\n#"));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(word, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

Deno.test("in any file that the library writes, a line found is the line on which the key stands", () => {
  let lines = 0;
  const root = fc.dictionary(word, tree, { minKeys: 1, maxKeys: 5, noNullPrototype: true });
  fc.assert(fc.property(root, fc.nat({ max: 3 }), (value, blank) => {
    const text = "\n".repeat(blank) + stringify(value);
    const parsed = parse(text, { schema: "core" });
    const find = lineFinder(text, parsed);
    const rows = text.split("\n");
    for (const path of pathsOf(parsed)) {
      const line = find(path);
      if (line === null) continue;
      lines++;
      const row = rows[line - 1] ?? "";
      const key = path.at(-1);
      const expected = typeof key === "number" ? "-" : `${key}`;
      assert(row.includes(expected), `${path.join(".")} is not in line ${line} of\n${text}`);
      // Cut before this line, the file does not hold the key yet.
      assert(!pathsOf(parseStart(rows, line - 1)).some((each) => String(each) === String(path)));
    }
  }));
  assert(lines > 300, `only ${lines} lines were found at all`);
});

/** The value of the first rows; nothing where they are no valid file by themselves. */
function parseStart(rows: readonly string[], count: number): unknown {
  try {
    return parse(rows.slice(0, count).join("\n"), { schema: "core" });
  } catch {
    return null;
  }
}

Deno.test("text of any form is scanned without throwing", () => {
  const piece = fc.constantFrom(
    "a",
    ":",
    " ",
    "\n",
    "- ",
    "  ",
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    "#",
    "|",
    ",",
    "\\",
    "\t",
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
    const line = lineFinder(pieces.join(""), { a: 1 })(["a"]);
    assert(line === null || line >= 1);
  }));
});

Deno.test("large files of every kind are scanned in linear time", () => {
  const size = 256 * 1024;
  const texts = [
    "a: [".padEnd(size, "["),
    "a: ".padEnd(size, " "),
    "- ".repeat(size / 2),
    "a".repeat(size) + " ".repeat(size),
    "a: '" + "''".repeat(size / 2),
    "a:\n" + " - b: 1\n".repeat(size / 8),
    "a: |\n" + "\n".repeat(size),
    ": ".repeat(size / 2),
  ];
  const began = performance.now();
  for (const text of texts) assertEquals(lineFinder(text, { z: 1 })(["z"]), null);
  // About a tenth of a second; anything that grows by the square of the size takes minutes.
  assert(performance.now() - began < 5000);
});
