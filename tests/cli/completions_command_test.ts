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
faild() { [[ $1 == completions ]] && printf '%s\\n' "$2-one" "$2-two"; }
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
  assertEquals([exit, error], [
    2,
    "faild: Cannot use WHAT: must be bash, zsh, fish, networks or nodes, is tcsh\n",
  ]);
  const none = await new FakeHost().faild("completions");
  assertEquals([none.exit, none.error], [
    2,
    "faild: Cannot use completions: needs an argument (WHAT), is missing\n",
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
  for (const { name, flags, words, asked } of completedCommands()) {
    if (name === "") continue;
    const names = asked.flatMap((each) => [`${each}-one`, `${each}-two`]);
    assertEquals(await offeredByBash(name, "-"), flags.flatMap(spellings).sort(), name);
    assertEquals(await offeredByBash(name, ""), [...words, ...names].sort(), name);
  }
  assertEquals(await offeredByBash("drain", "networks-t"), ["networks-two"]);
  assertEquals(await offeredByBash("probe", "-n", "3", "nodes-o"), ["nodes-one"]);
});

Deno.test("the names of networks and nodes are those of the running daemon, but none that a shell would expand", async () => {
  const daemon = new FakeHost();
  for (const [number, name] of ["$(id)", "wan+0"].entries()) {
    daemon.kernel.addLink(name);
    daemon.kernel.addAddress(name, `10.0.${number}.1/24`);
  }
  // The daemon's loop turns at once.
  daemon.udp.delay = () => Promise.resolve();
  const running = daemon.faild("-r");
  await daemon.until("logged network-ready");
  const host = new FakeHost();
  host.controls = daemon.controls;
  const { exit, out, error } = await host.faild("completions", "networks");
  assertEquals([exit, out.trim().split("\n").sort(), error], [0, ["ethA", "ethB", "wan+0"], ""]);
  const nodes = new FakeHost();
  nodes.controls = daemon.controls;
  assertEquals(await nodes.faild("completions", "nodes"), { exit: 0, out: "", error: "" });
  daemon.signals?.stop("SIGTERM");
  await running;
  const alone = await new FakeHost().faild("completions", "networks");
  assertEquals([alone.exit, alone.out], [7, ""]);
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
      const names = "function faild; echo $argv[2]-one; end";
      const script = `${names}\n${fishCompletion()}\ncomplete -C '${line}'`;
      const out = await printed("fish", ["--no-config", "-c", script]);
      return (out ?? "").trimEnd().split("\n").map((each) => each.split("\t")[0] ?? "").sort();
    };
    assertEquals(await offered("faild "), [...NAMES].sort());
    assertEquals(await offered("faild -r compl"), ["completions"]);
    assertEquals(await offered("faild completions z"), ["zsh"]);
    assertEquals(await offered("faild drain "), ["networks-one"]);
    assertEquals(await offered("faild probe n"), ["networks-one", "nodes-one"]);
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
      const typed = [
        "compl\tba\t",
        "init --out\tx",
        "help clean\t",
        "-r chec\t --fail-a\t5",
        "drain net\t",
      ];
      const script = `zmodload zsh/zpty
zpty shell zsh -f -i
line() { zpty -w shell "$1"; }
line 'PS1= PS2= RPS1=; stty -echo; unsetopt zle_bracketed_paste 2>/dev/null'
line 'fpath=(${folder} $fpath); autoload -Uz compinit; compinit -u -D; bindkey "^I" complete-word'
line 'faild() { if [[ $2 == networks ]]; then print networks-one; else print -r -- "GOT:\${(j: :)@}:"; fi }'
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
        "drain networks-one",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
