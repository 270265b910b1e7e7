import { assert, assertEquals } from "@std/assert";
import type { Command } from "../../lib/config/command.ts";
import { COMMANDS } from "../../lib/config/command_table.ts";
import { targetsOf } from "../../lib/config/flag_words.ts";
import { parseCommandLine } from "../../lib/config/command_line.ts";

const TABLE: readonly Command[] = COMMANDS;

Deno.test("no command occurs twice, and no flag twice among those that it takes", () => {
  assertEquals(new Set(TABLE.map(({ name }) => name)).size, TABLE.length);
  for (const command of TABLE) {
    const flags = targetsOf(command).map(({ flag }) => flag);
    const words = [
      ...flags.map(({ long }) => `--${long}`),
      ...flags.flatMap(({ short }) => short === null ? [] : [`-${short}`]),
    ];
    assertEquals(words.length, new Set(words).size, command.name);
  }
});

Deno.test("every command and flag says what it is for in sentences, and every outcome in a phrase", () => {
  for (const { name, summary, details, flags, exits } of TABLE) {
    for (const text of [summary, ...(details === null ? [] : [details])]) {
      assert(/^[A-Z].*\.$/.test(text), `${name}: ${text}`);
    }
    for (const { help } of flags) assert(/^[A-Z].*\.$/.test(help), `${name}: ${help}`);
    for (const [, meaning] of exits) assert(/^[a-z].*[^.]$/.test(meaning), `${name}: ${meaning}`);
    assert(exits.length > 0, name);
  }
});

Deno.test("every example of the table is a command line that can be read", () => {
  for (const { name, examples } of TABLE) {
    for (const line of examples.flatMap(([lines]) => lines.split(" && "))) {
      const [program, ...words] = line.split(/\s+/);
      assertEquals(program, "faild");
      const read = parseCommandLine(words, { runDirFromEnvironment: undefined });
      assert(read.kind !== "usage", `${name}: ${line}`);
    }
    for (const [line] of examples) assert(line.includes(`faild ${name}`), line);
  }
});
