/** `faild report`: a page about the past, from the files that the daemon keeps; no daemon is needed. */
import type { CommandCall } from "../config/command_line.ts";
import { durationText } from "../duration_text.ts";
import { parseEvent } from "../events.ts";
import { counted } from "../notice_words.ts";
import { type History, historyOf } from "../report/history.ts";
import { reportPage } from "../report/page.ts";
import { parseSample, samplesPath } from "../samples.ts";
import { complain } from "./complain.ts";
import { loadConfiguration } from "./configuration.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { sinceOf, troubleExit } from "./past.ts";

/** It holds nothing that is secret to who runs the machine, and is made to be passed on. */
const MODE = 0o644;
const STANDARD_OUTPUT = "-";

/** Writes the page to the file that -o names. */
export async function reportCommand(call: CommandCall, host: Host): Promise<ExitCode> {
  const output = call.flags.get("output");
  if (typeof output !== "string") {
    complain(host, "Cannot use report: must have -o and the file to write, - is standard output");
    return EXIT.usage;
  }
  const since = sinceOf(call, host);
  if ("exit" in since) return since.exit;
  const loaded = await loadConfiguration(call, host);
  if ("exit" in loaded) return loaded.exit;
  const { file } = loaded.configuration.events;
  const past = [file, samplesPath(file)].map((path) => readWhole(path, host));
  const exit = troubleExit(past, host);
  if (exit !== null) return exit;
  const [eventLines = [], sampleLines = []] = past.map(({ lines }) => lines);
  const found = eventLines.map(parseEvent);
  const samples = sampleLines.map(parseSample);
  const history = historyOf(
    {
      events: found.filter((each) => each !== null),
      samples: samples.filter((each) => each !== null),
      broken: [...found, ...samples].filter((each) => each === null).length,
    },
    since.sinceMs,
    host.wallNow(),
  );
  const page = reportPage(history);
  if (output === STANDARD_OUTPUT) {
    host.out(page);
    return EXIT.ok;
  }
  const reason = host.replaceFile(output, page, MODE);
  if (reason === null) {
    host.out(`${output}: ${contentText(history)}\n`);
    return EXIT.ok;
  }
  complain(host, `Cannot write ${output}: ${reason}`);
  return reason === "Permission denied" ? EXIT.permission : EXIT.general;
}

function readWhole(path: string, host: Host) {
  const file = host.followFile(path);
  try {
    return file.read();
  } finally {
    file.close();
  }
}

function contentText({ fromMs, toMs, recordedMs, paths, failures }: History): string {
  const asked = durationText(toMs - fromMs);
  return [
    recordedMs < toMs - fromMs ? `${durationText(recordedMs)} recorded of ${asked}` : asked,
    counted(paths.length, "path"),
    counted(failures.length, "failure"),
  ].join(", ");
}
