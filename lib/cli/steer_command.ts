/** `faild reload`, `drain`, `undrain` and `failback`: telling a running daemon what to do. */
import type { CommandCall } from "../config/command_line.ts";
import type { Request } from "../control_protocol.ts";
import type { Ms } from "../core/types.ts";
import { keysText } from "../life_text.ts";
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
  return await tell(call, host, { command: "reload" }, ({ changed, keyIds, warnings }) => {
    const keys = wordsIn(changed);
    const what = keys.length === 0 ? "nothing changed" : `${keys.join(", ")} changed`;
    host.out(`Reloaded: ${what}${keysText(idsIn(keyIds))}\n`);
    for (const each of wordsIn(warnings)) complain(host, `Warning: ${escapeUnprintable(each)}`);
    return EXIT.ok;
  });
}

/** Takes a network out of use; the exit code says whether its cable may be pulled. */
export async function drainCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const network = call.args[0] ?? "";
  return await tell(call, host, { command: "drain", network }, (answer) => {
    const { stays, unapplied, changed, warning } = answer;
    if (!Array.isArray(stays)) {
      complain(host, "The daemon does not say what stays on it: it is another version, restart it");
      return EXIT.general;
    }
    const nodes = wordsIn(stays);
    const is = `${shown(network)} ${changed === false ? "was drained already" : "is drained"}`;
    if (typeof warning === "string") complain(host, warning);
    if (typeof unapplied === "string") {
      const reason = escapeUnprintable(unapplied);
      complain(host, `${is}, but the kernel has not all routes yet: ${reason}: do not unplug it`);
      return EXIT.general;
    }
    if (nodes.length === 0) {
      host.out(`${is}: no traffic to a known node goes over it any more\n`);
      return EXIT.ok;
    }
    const who = `${counted(nodes.length, "node")} (${listed(nodes, shown)})`;
    const why = `as no other path works: do not unplug it (faild undrain ${shown(network)})`;
    complain(host, `${is}, but traffic of ${who} stays on it, ${why}`);
    return EXIT.general;
  });
}

/** Takes a network into use again. */
export async function undrainCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const network = call.args[0] ?? "";
  return await tell(call, host, { command: "undrain", network }, ({ changed, warning }) => {
    const what = changed === false
      ? "was not drained: nothing changes"
      : "is in use again: its traffic returns as its paths prove good";
    host.out(`${shown(network)} ${what}\n`);
    if (typeof warning === "string") complain(host, warning);
    return EXIT.ok;
  });
}

/** Calls back all traffic that is held elsewhere. */
export async function failbackCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  return await tell(call, host, { command: "failback" }, ({ held }) => {
    host.out(
      held === 0
        ? "No traffic is held elsewhere: nothing changes\n"
        : "Traffic that was held elsewhere returns to the paths that work\n",
    );
    return EXIT.ok;
  });
}

/** Asks the daemon; `done` tells of what it answers, and with which code to end. */
async function tell(
  call: CommandCall,
  host: Host,
  request: Request,
  done: (last: AnswerLine) => ExitCode,
): Promise<ExitCode> {
  const runDir = await runDirOf(call, host);
  if (typeof runDir !== "string") return runDir.exit;
  const isReload = request.command === "reload";
  const asked = await ask(host, runDir, request, isReload ? RELOAD_MS : undefined);
  if (asked.kind === "answer") return done(asked.lines.at(-1) ?? {});
  const exit = complainOf(asked, host);
  return asked.kind === "refused" && isReload ? EXIT.config : exit;
}

function wordsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** The ids of keys; null: none are told. */
function idsIn(value: unknown): readonly number[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  return value.every((each) => typeof each === "number") ? value : null;
}

function shown(text: string): string {
  return escapeUnprintable(word(text));
}
