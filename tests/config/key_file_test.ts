import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { keyChanges, parseKeyFile } from "../../lib/config/key_file.ts";
import { problemText } from "../../lib/config/problem.ts";

const HEX = "00112233445566778899aabbccddeeff";

/** The keys of a file without problems: the one that signs, and all of them by id. */
function keys(text: string) {
  const read = parseKeyFile(text, "keys");
  if ("problems" in read) throw new Error(read.problems.map(problemText).join("\n"));
  return read.keys;
}

function problems(text: string): string[] {
  const read = parseKeyFile(text, "keys");
  return "problems" in read ? read.problems.map(problemText) : [];
}

Deno.test("a file lists keys, the first of which signs", () => {
  const { signing, secrets } = keys(
    `# made in May\n\n7 ${HEX}\r\n\t1  ${HEX.toUpperCase()}FF # old\n`,
  );
  assertEquals(signing, 7);
  assertEquals([...secrets.keys()], [7, 1]);
  const bytes = Array.from({ length: 16 }, (_, i) => 0x11 * i);
  assertEquals(secrets.get(7), Uint8Array.from(bytes));
  assertEquals(secrets.get(1), Uint8Array.from([...bytes, 0xff]));
});

Deno.test("the limits of what is lawful are lawful", () => {
  assertEquals(keys(`255 ${"ab".repeat(64)}`).secrets.get(255)?.length, 64);
  assertEquals(keys(`1 ${"ab".repeat(16)}`).secrets.get(1)?.length, 16);
  assertEquals(keys(`001 ${HEX}`).signing, 1);
  const lines = Array.from({ length: 16 }, (_, i) => `${i + 1} ${HEX}`);
  assertEquals(keys(lines.join("\n")).secrets.size, 16);
});

const ID_RULE = "must be a whole number, 1 to 255";
const DIGITS_RULE = "must be 32 to 128 hexadecimal digits, two for each byte";

Deno.test("each rule that is broken is named, with the line, and without the secret", () => {
  const cases = [
    ["", "number of keys: must be 1 to 16, is 0 (keys)"],
    ["# nothing", "number of keys: must be 1 to 16, is 0 (keys)"],
    [
      Array.from({ length: 17 }, (_, i) => `${i + 1} ${HEX}`).join("\n"),
      "number of keys: must be 1 to 16, is 17 (keys)",
    ],
    [`0 ${HEX}`, `id of a key: ${ID_RULE}, is 0 (keys:1)`],
    [`\n256 ${HEX}`, `id of a key: ${ID_RULE}, is 256 (keys:2)`],
    [`-1 ${HEX}`, `id of a key: ${ID_RULE}, is 2 characters (keys:1)`],
    [`${HEX} 1`, `id of a key: ${ID_RULE}, is 32 characters (keys:1)`],
    [HEX, "key: must be an id and a secret, separated by blanks, is 1 word (keys:1)"],
    [`1 ${HEX} 2`, "key: must be an id and a secret, separated by blanks, is 3 words (keys:1)"],
    [`1 ${"a".repeat(31)}`, `secret of key 1: ${DIGITS_RULE}, is 31 digits (keys:1)`],
    [`1 ${"a".repeat(33)}`, `secret of key 1: ${DIGITS_RULE}, is 33 digits (keys:1)`],
    [`1 ${"a".repeat(130)}`, `secret of key 1: ${DIGITS_RULE}, is 130 digits (keys:1)`],
    [
      `1 0x${HEX}`,
      `secret of key 1: ${DIGITS_RULE}, is 34 characters, 1 of them no such digit (keys:1)`,
    ],
    [`3 ${HEX}\n3 ${HEX}00`, "key 3: must be there once, is in line 1 already (keys:2)"],
  ] as const;
  for (const [text, expected] of cases) assertEquals(problems(text), [`Cannot use ${expected}`]);
});

Deno.test("all problems are told, up to a limit, and a file with one has no keys", () => {
  assertEquals(problems(`0 ${HEX}\n1 ${HEX}\n1 ab`).length, 2);
  const many = problems("x\n".repeat(1000));
  assertEquals(many.length, 21);
  assertEquals(many.at(-1), "Cannot read keys: has 20 problems or more");
});

Deno.test("whatever is in a file, no problem shows four characters of it in a row", () => {
  // Letters and digits that no message has of itself.
  const word = fc.string({ unit: fc.constantFrom(..."qzQZ8975"), minLength: 4, maxLength: 140 });
  const line = fc.array(word, { maxLength: 3 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const told = problems(lines.join("\n"));
      assert(told.length > 0);
      for (const each of told) assert(!/[qzQZ8975]{4}/.test(each), each);
    }),
    { numRuns: 1000, seed: 1 },
  );
});

Deno.test("no text makes it throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      for (const each of problems(text)) assert(!each.includes("\n"));
    }),
    { numRuns: 300, seed: 1 },
  );
});

Deno.test("what changes from one file to another is told by ids, and order matters for the first key only", () => {
  const other = HEX.replace("00", "ff");
  const changes = (before: string, after: string) => keyChanges(keys(before), keys(after));
  const all = `2 ${HEX}\n10 ${HEX}\n3 ${HEX}\n`;
  assertEquals(changes(all, all), []);
  assertEquals(changes(all, `2 ${HEX}\n3 ${HEX}\n10 ${HEX}\n`), []);
  assertEquals(changes(all, `3 ${HEX}\n2 ${HEX}\n10 ${HEX}\n`), ["keys"]);
  assertEquals(changes(all, `2 ${HEX}\n10 ${HEX}\n`), ["keys"]);
  assertEquals(changes(all, `2 ${HEX}\n10 ${other}\n3 ${HEX}\n`), ["secret of key 10"]);
  assertEquals(changes(`1 ${HEX}\n`, `1 ${HEX}00\n`), ["secret of key 1"]);
  assertEquals(changes(`1 ${HEX}\n`, `4 ${HEX}\n1 ${other}\n`), ["keys", "secret of key 1"]);
  assertEquals(changes(`1 ${HEX}\n`, `4 ${HEX}\n`), ["keys"]);
});
