import { assert, assertEquals } from "@std/assert";
import { configPage } from "../../lib/cli/config_page.ts";
import { manPage } from "../../lib/cli/man_page.ts";
import { literal, plainText, prose, term } from "../../lib/cli/troff.ts";
import type { Command } from "../../lib/config/command.ts";
import { COMMANDS } from "../../lib/config/command_table.ts";
import { LISTS, OPTIONS } from "../../lib/config/options.ts";
import { FakeHost } from "./fake_host.ts";

const PAGES = [["faild.8", manPage("0.1.0")], ["faild.yaml.5", configPage("0.1.0")]] as const;

/** A program with a page as its input; null: it is not on this machine. */
async function judged(program: string, args: string[], page: string): Promise<string | null> {
  try {
    const options = { args, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    const child = new Deno.Command(program, options).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(page));
    await writer.close();
    const { stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return decoder.decode(stdout) + decoder.decode(stderr);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function isThere(program: string): Promise<boolean> {
  return await judged(program, ["--version"], "") !== null;
}

const HAS_GROFF = await isThere("groff");
const HAS_MANDOC = await isThere("mandoc");

Deno.test("man prints the page on the program, and with 5 that on its configuration", async () => {
  for (
    const [args, page] of [[[], PAGES[0][1]], [["8"], PAGES[0][1]], [["5"], PAGES[1][1]]] as const
  ) {
    assertEquals(await new FakeHost().faild("man", ...args), { exit: 0, out: page, error: "" });
  }
  const { exit, error } = await new FakeHost().faild("man", "1");
  assertEquals([exit, error], [2, "faild: Cannot use SECTION: must be 8 or 5, is 1\n"]);
});

Deno.test({
  name: "groff finds nothing to warn of in the pages",
  ignore: !HAS_GROFF,
  fn: async () => {
    for (const [, page] of PAGES) {
      assertEquals(await judged("groff", ["-ww", "-man", "-Tutf8", "-z"], page), "");
    }
    const wrong = await judged("groff", ["-ww", "-man", "-Tutf8", "-z"], ".SH a\n\\*[none]\n");
    assert(wrong !== "", "groff warns of nothing at all");
  },
});

Deno.test({
  name: "mandoc finds nothing to warn of but the date that is left out",
  ignore: !HAS_MANDOC,
  fn: async () => {
    for (const [name, page] of PAGES) {
      const warnings = await judged("mandoc", ["-T", "lint", "-W", "warning"], page);
      assertEquals(warnings?.replace(/^.*missing date, using "": TH\n/, ""), "", name);
    }
  },
});

Deno.test({
  name: "what a reader sees has every command, flag and key with its explanation",
  ignore: !HAS_GROFF,
  fn: async () => {
    // In ASCII, and without breaks that a search would stumble over.
    const args = ["-man", "-Tascii", "-P-cbou", "-rLL=2000n", "-rHY=0"];
    const [program, configuration] = await Promise.all(
      PAGES.map(async ([, page]) =>
        (await judged("groff", args, page) ?? "").replaceAll(/\s+/g, " ")
      ),
    );
    for (const { name, summary, flags } of COMMANDS as readonly Command[]) {
      assert(program?.includes(`faild ${name} `), name);
      for (const text of [summary, ...flags.map(({ help }) => help)]) {
        assert(program?.includes(text), `${name}: ${text}`);
      }
      for (const { long } of flags) assert(program?.includes(`--${long}`), `${name} --${long}`);
    }
    for (const { key, help, flag } of OPTIONS) {
      assert(configuration?.includes(` ${key} `), key);
      assert(configuration?.includes(help), `${key}: ${help}`);
      if (flag !== null) assert(program?.includes(`--${flag.long}`) && program.includes(help));
    }
    for (const { key, help } of LISTS) assert(configuration?.includes(` ${key} ${help}`), key);
  },
});

Deno.test("no text becomes an instruction, and no hyphen a dash", () => {
  assertEquals(plainText(".SH x"), "\\&.SH x");
  assertEquals(plainText("'quoted'"), "\\&'quoted'");
  assertEquals(plainText("a\\b -t ^~`"), "a\\eb \\-t \\(ha\\(ti\\(ga");
  assertEquals(term('-x "Y"', "Text."), [".TP", '.B "\\-x \\(dqY\\(dq"', "Text."]);
  assertEquals(literal(["a:", "", "  - b"]), [".nf", "a:", "\\&", "  \\- b", ".fi"]);
  const long = `${"word ".repeat(15)}aa .dot`;
  for (const line of prose(long)) assert(!line.startsWith("."), line);
});
