/** `faild reload`, `drain`, `undrain` and `failback`: telling a running daemon what to do. */
import type { CommandCall } from "../config/command_line.ts";
import type { Request } from "../control_protocol.ts";
import type { Ms } from "../core/types.ts";
import { escapeUnprintable } from "../log_line.ts";
import { counted, listed, word } from "../notice_words.ts";
import { complain } from "./complain.ts";
import { type AnswerLine, ask, complainOf } from "./control_client.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { runDirOf } from "./run_dir.ts";

/** A reload opens files, which may take a while on a busy machine. */
const RELOAD_MS: Ms = 15_000;

/** Makes the daemon read its configuration anew. */
export async function reloadCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  return await tell(call, host, { command: "reload" }, ({ changed }) => {
    const keys = wordsIn(changed);
    host.out(`Reloaded: ${keys.length === 0 ? "nothing changed" : `${keys.join(", ")} changed`}\n`);
  });
}

/** Takes a network out of use. */
export async function drainCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const network = call.args[0] ?? "";
  return await tell(call, host, { command: "drain", network }, ({ stays, warning }) => {
    const nodes = wordsIn(stays);
    const name = shown(network);
    host.out(`${name} is drained: its traffic goes over other networks now\n`);
    if (nodes.length > 0) {
      const who = `${counted(nodes.length, "node")} (${listed(nodes, shown)})`;
      complain(host, `Traffic of ${who} stays on ${name}: no other path works`);
    }
    if (typeof warning === "string") complain(host, warning);
  });
}

/** Takes a network into use again. */
export async function undrainCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const network = call.args[0] ?? "";
  return await tell(call, host, { command: "undrain", network }, ({ warning }) => {
    host.out(`${shown(network)} is in use again: its traffic returns as its paths prove good\n`);
    if (typeof warning === "string") complain(host, warning);
  });
}

/** Calls back all traffic that is held elsewhere. */
export async function failbackCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  return await tell(call, host, { command: "failback" }, () => {
    host.out("Traffic that was held elsewhere returns to the paths that work\n");
  });
}

async function tell(
  call: CommandCall,
  host: Host,
  request: Request,
  done: (last: AnswerLine) => void,
): Promise<ExitCode> {
  const runDir = await runDirOf(call, host);
  if (typeof runDir !== "string") return runDir.exit;
  const isReload = request.command === "reload";
  const asked = await ask(host, runDir, request, isReload ? RELOAD_MS : undefined);
  if (asked.kind !== "answer") {
    const exit = complainOf(asked, host);
    return asked.kind === "refused" && isReload ? EXIT.config : exit;
  }
  done(asked.lines.at(-1) ?? {});
  return EXIT.ok;
}

function wordsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function shown(text: string): string {
  return escapeUnprintable(word(text));
}
