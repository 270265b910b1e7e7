import { assert, assertEquals } from "@std/assert";
import { bashCompletion } from "../../lib/cli/bash_completion.ts";
import { completedCommands, spellings } from "../../lib/cli/completion_words.ts";
import { fishCompletion } from "../../lib/cli/fish_completion.ts";
import { zshCompletion } from "../../lib/cli/zsh_completion.ts";
import { COMMANDS } from "../../lib/config/command_table.ts";
import { FakeHost } from "./fake_host.ts";

/** What a shell prints for a script; null: there is no such shell here. */
async function printed(shell: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout, stderr, success } = await new Deno.Command(shell, { args: [...args] }).output();
    const decoder = new TextDecoder();
    assert(success, decoder.decode(stderr));
    assertEquals(decoder.decode(stderr), "");
    return decoder.decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const HAS_ZSH = await printed("zsh", ["-f", "-c", "true"]) !== null;
const HAS_FISH = await printed("fish", ["--no-config", "-c", "true"]) !== null;

/** What bash offers for the last of these words. */
async function offeredByBash(...words: string[]): Promise<string[]> {
  const script = `${bashCompletion()}
compopt() { :; }
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_faild
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = await printed("bash", ["--norc", "-uc", script, "bash", "faild", ...words]);
  return (out ?? "").split("\n").filter((each) => each !== "").sort();
}

const NAMES = COMMANDS.map(({ name }) => name);

Deno.test("each shell's script is printed, and no other shell's", async () => {
  for (
    const [shell, script] of [
      ["bash", bashCompletion()],
      ["zsh", zshCompletion()],
      ["fish", fishCompletion()],
    ] as const
  ) {
    const outcome = await new FakeHost().faild("completions", shell);
    assertEquals(outcome, { exit: 0, out: script, error: "" });
  }
  const { exit, error } = await new FakeHost().faild("completions", "tcsh");
  assertEquals([exit, error], [2, "faild: Cannot use SHELL: must be bash, zsh or fish, is tcsh\n"]);
  const none = await new FakeHost().faild("completions");
  assertEquals([none.exit, none.error], [
    2,
    "faild: Cannot use completions: needs an argument (SHELL), is missing\n",
  ]);
});

Deno.test("bash offers the commands, and not where a flag's value stands", async () => {
  const commands = [...NAMES].sort();
  assertEquals(await offeredByBash(""), commands);
  assertEquals(await offeredByBash("compl"), ["completions"]);
  assertEquals(await offeredByBash("-r", "-t", "1", ""), commands);
  assertEquals(await offeredByBash("-c", "check", ""), commands);
  assertEquals(await offeredByBash("-t", ""), []);
  assertEquals(await offeredByBash("help", ""), commands);
});

Deno.test("bash offers each command its own flags and words", async () => {
  for (const { name, flags, words } of completedCommands()) {
    if (name === "") continue;
    assertEquals(await offeredByBash(name, "-"), flags.flatMap(spellings).sort(), name);
    assertEquals(await offeredByBash(name, ""), [...words].sort(), name);
  }
});

Deno.test("bash offers files and folders where a flag takes them", async () => {
  const folder = await Deno.makeTempDir({ prefix: "faild-test-" });
  try {
    await Deno.writeTextFile(`${folder}/a b.yaml`, "");
    await Deno.mkdir(`${folder}/sub`);
    const files = [`${folder}/a b.yaml`, `${folder}/sub`];
    assertEquals(await offeredByBash("init", "-o", `${folder}/`), files);
    assertEquals(await offeredByBash("check", "--config", `${folder}/`), files);
    assertEquals(await offeredByBash("--run-dir", `${folder}/`), [`${folder}/sub`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  name: "fish offers commands, words and flags with their explanations",
  ignore: !HAS_FISH,
  fn: async () => {
    const offered = async (line: string) => {
      const script = `${fishCompletion()}\ncomplete -C '${line}'`;
      const out = await printed("fish", ["--no-config", "-c", script]);
      return (out ?? "").trimEnd().split("\n").map((each) => each.split("\t")[0] ?? "").sort();
    };
    assertEquals(await offered("faild "), [...NAMES].sort());
    assertEquals(await offered("faild -r compl"), ["completions"]);
    assertEquals(await offered("faild completions "), ["bash", "fish", "zsh"]);
    for (const { name, flags } of completedCommands()) {
      const names = flags.map(({ long }) => `--${long}`).sort();
      assertEquals(await offered(`faild ${name === "" ? "" : `${name} `}--`), names, name);
    }
  },
});

Deno.test({
  name: "zsh completes commands, words and flags in a terminal",
  ignore: !HAS_ZSH,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "faild-test-" });
    try {
      await Deno.writeTextFile(`${folder}/_faild`, zshCompletion());
      const typed = ["compl\tba\t", "init --out\tx", "help clean\t", "-r chec\t --fail-a\t5"];
      const script = `zmodload zsh/zpty
zpty shell zsh -f -i
line() { zpty -w shell "$1"; }
line 'PS1= PS2= RPS1=; stty -echo; unsetopt zle_bracketed_paste 2>/dev/null'
line 'fpath=(${folder} $fpath); autoload -Uz compinit; compinit -u -D; bindkey "^I" complete-word'
line 'faild() { print -r -- "GOT:\${(j: :)@}:" }'
line 'print READY'
zpty -r -m shell REPLY '*READY*'
${
        typed.map((each) =>
          `zpty -w shell $'faild ${
            each.replaceAll("\t", "\\t")
          }'\nzpty -r -m shell REPLY '*GOT:*:*'\nprint -r -- "$REPLY"`
        ).join("\n")
      }
zpty -d shell`;
      const out = await printed("timeout", ["20", "zsh", "-f", "-c", script]) ?? "";
      const got = [...out.matchAll(/GOT:(.*?):/g)].map(([, words]) => words);
      assertEquals(got, [
        "completions bash",
        "init --output=x",
        "help cleanup",
        "-r check --fail-after=5",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
