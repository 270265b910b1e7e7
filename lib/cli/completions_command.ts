/** `faild completions`: what a shell needs to complete command lines. */
import type { CommandCall } from "../config/command_line.ts";
import { bashCompletion } from "./bash_completion.ts";
import type { AskedNames } from "./completion_words.ts";
import { complainOf } from "./control_client.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { fishCompletion } from "./fish_completion.ts";
import type { Host } from "./host.ts";
import { runDirOf } from "./run_dir.ts";
import { askStatus, type StatusData } from "./status_data.ts";
import { zshCompletion } from "./zsh_completion.ts";

const SHELLS: Readonly<Record<string, () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const NAMES: Readonly<Record<AskedNames, (data: StatusData) => readonly string[]>> = {
  networks: ({ status }) => status.networks.map(({ name }) => name),
  nodes: ({ peers }) => peers.map(({ node }) => node),
};

/** Shells expand what they are offered: nothing in a name may have a meaning to them. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.:+-]*$/;

/** Prints the script for a shell, or the names that such a script asks for. */
export async function completionsCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const [what = ""] = call.args;
  const script = SHELLS[what];
  if (script !== undefined) {
    host.out(script());
    return EXIT.ok;
  }
  if (what !== "networks" && what !== "nodes") throw new Error(`No completions for ${what}`);
  const runDir = await runDirOf(call, host);
  if (typeof runDir !== "string") return runDir.exit;
  const asked = await askStatus(host, runDir);
  if (!("status" in asked)) return complainOf(asked, host);
  const names = new Set(NAMES[what](asked).filter((name) => PLAIN.test(name)));
  host.out([...names].map((name) => `${name}\n`).join(""));
  return EXIT.ok;
}
