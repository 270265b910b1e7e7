/** `faild status` and `faild health`: how a running daemon is. */
import type { CommandCall } from "../config/command_line.ts";
import { complainOf } from "./control_client.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import { HEALTH_CODES, type Verdict, verdictOf, verdictText } from "./health.ts";
import type { Host } from "./host.ts";
import { runDirOf } from "./run_dir.ts";
import { askStatus, statusJson } from "./status_data.ts";
import { statusText } from "./status_text.ts";
import { watchStatus } from "./watch.ts";

/** Shows the state once, as text or as one JSON object, or with --watch again and again. */
export async function statusCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const runDir = await runDirOf(call, host);
  if (typeof runDir !== "string") return runDir.exit;
  const asked = await askStatus(host, runDir);
  if ("kind" in asked) {
    const exit = complainOf(asked, host);
    return exit === EXIT.notRunning ? EXIT.stopped : exit;
  }
  const isJson = call.flags.has("json");
  if (call.flags.has("watch")) {
    await watchStatus({ runDir, first: asked, isJson, coloured: isColoured(host) }, host);
    return EXIT.ok;
  }
  host.out(
    isJson
      ? `${JSON.stringify(statusJson(asked), null, 2)}\n`
      : statusText(asked, { coloured: isColoured(host) }),
  );
  return EXIT.ok;
}

/** Judges the state in one line, for monitoring plug-ins; the exit code says the same. */
export async function healthCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const runDir = await runDirOf(call, host);
  const verdict = typeof runDir === "string"
    ? await verdictFrom(runDir, host)
    : unknown("the configuration file cannot be used");
  const { health, reasons, figures } = verdict;
  const code = HEALTH_CODES[health];
  host.out(
    call.flags.has("json")
      ? `${JSON.stringify({ health: health.toLowerCase(), code, reasons, figures })}\n`
      : verdictText(verdict),
  );
  return code;
}

/** Whether text may be coloured: on a terminal that has colours, unless NO_COLOR asks for none. */
export function isColoured(host: Pick<Host, "isTerminal" | "environment">): boolean {
  return host.isTerminal() && (host.environment("NO_COLOR") ?? "") === "" &&
    host.environment("TERM") !== "dumb";
}

async function verdictFrom(runDir: string, host: Host): Promise<Verdict> {
  const asked = await askStatus(host, runDir, "overview");
  if (!("kind" in asked)) return verdictOf(asked.status);
  if (asked.kind === "refused") return unknown(asked.errors.join("; "));
  // A daemon that hangs moves no route any more.
  return asked.kind === "silent"
    ? { health: "CRITICAL", reasons: [asked.reason], figures: {} }
    : unknown(asked.reason);
}

function unknown(reason: string): Verdict {
  return { health: "UNKNOWN", reasons: [reason], figures: {} };
}
