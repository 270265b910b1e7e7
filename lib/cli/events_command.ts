/** `faild events`: what happened, from the file that the daemon keeps; no daemon is needed. */
import type { CommandCall } from "../config/command_line.ts";
import { parseEvent, type PastEvent } from "../events.ts";
import { jsonLine, textLine } from "../log_line.ts";
import { counted } from "../notice_words.ts";
import { complain } from "./complain.ts";
import { loadConfiguration } from "./configuration.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { sinceOf, troubleExit } from "./past.ts";

/** How often a followed file is looked at, in ms. */
const POLL_MS = 250;

/** How the events are shown. */
interface Shown {
  readonly sinceMs: number;
  readonly line: (event: PastEvent) => string;
}

/** Prints the events, and with --follow those that come. */
export async function eventsCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const since = sinceOf(call, host);
  if ("exit" in since) return since.exit;
  const loaded = await loadConfiguration(call, host);
  if ("exit" in loaded) return loaded.exit;
  const path = loaded.configuration.events.file;
  const coloured = host.isTerminal() && (host.environment("NO_COLOR") ?? "") === "";
  const shown: Shown = {
    sinceMs: since.sinceMs ?? -Infinity,
    line: call.flags.has("json")
      ? (event) => jsonLine(event, event.wallMs)
      : (event) => textLine(event, event.wallMs, coloured),
  };
  const file = host.followFile(path);
  try {
    const first = file.read();
    const { text, broken } = show(first.lines, shown);
    const isRead = host.emit(text);
    tellBroken(broken, path, host);
    const exit = troubleExit([first], host);
    if (exit !== null) return exit;
    if (call.flags.has("follow") && isRead) await follow(file, path, shown, host);
    return EXIT.ok;
  } finally {
    file.close();
  }
}

/** Prints what comes until a signal ends it, or nobody reads it any more. */
async function follow(
  file: ReturnType<Host["followFile"]>,
  path: string,
  shown: Shown,
  host: Host,
): Promise<void> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  const nothing = () => {};
  host.listenForSignals({ stop: end, reload: end, dumpState: nothing, failback: nothing });
  let before: string | null = null;
  for (;;) {
    await host.udp.delay(POLL_MS);
    if (isOver) return;
    const { lines, trouble } = file.read();
    const { text, broken } = show(lines, shown);
    if (text !== "" && !host.emit(text)) return;
    tellBroken(broken, path, host);
    // Once per trouble, not four times a second.
    if (trouble !== null && trouble.text !== before) complain(host, trouble.text);
    before = trouble?.text ?? null;
  }
}

function show(
  lines: readonly string[],
  { sinceMs, line }: Shown,
): { text: string; broken: number } {
  let text = "";
  let broken = 0;
  for (const each of lines) {
    const event = parseEvent(each);
    if (event === null) broken += 1;
    else if (event.wallMs >= sinceMs) text += line(event);
  }
  return { text, broken };
}

function tellBroken(broken: number, path: string, host: Host): void {
  if (broken === 0) return;
  const verb = broken === 1 ? "is" : "are";
  complain(host, `${counted(broken, "line")} of ${path} ${verb} broken and left out`);
}
