/** The state of a running daemon, as a command has it. */
import type { PeerView, Status } from "../control_protocol.ts";
import type { Ms } from "../core/types.ts";
import { escapeUnprintable } from "../log_line.ts";
import { word } from "../notice_words.ts";
import { type AnswerLine, ask, type AskingHost, type NoAnswer } from "./control_client.ts";
import { parsePeers, parseStatus } from "./status_shape.ts";

/** All that `status` shows. */
export interface StatusData {
  readonly status: Status;
  /** In the order in which they were met. */
  readonly peers: readonly PeerView[];
}

/** Asks the daemon of a run directory for its state; `overview` asks for all but the peers. `limitMs` is as of `ask`. */
export async function askStatus(
  host: AskingHost,
  runDir: string,
  command: "status" | "overview" = "status",
  limitMs?: Ms,
): Promise<StatusData | NoAnswer> {
  const asked = await ask(host, runDir, { command }, limitMs);
  if (asked.kind !== "answer") return asked;
  const [first, ...others] = asked.lines;
  const status = parseStatus(first);
  const peers: PeerView[] = [];
  for (const { peers: some = [] } of others) {
    const parsed = parsePeers(some);
    if (parsed === null) return foreign(first);
    for (const peer of parsed) peers.push(peer);
  }
  return status === null ? foreign(first) : { status, peers };
}

/** Of a daemon whose state cannot be read its version can, unless it is none of ours at all. */
function foreign(first: AnswerLine = {}): NoAnswer {
  const { version } = first;
  const other = typeof version === "string" ? ` (${escapeUnprintable(word(version))})` : "";
  return { kind: "foreign", reason: `the daemon is another version${other}: restart it` };
}

/** The state as one JSON object, as docs/schema/status.json describes it. */
export function statusJson({ status, peers }: StatusData): Readonly<Record<string, unknown>> {
  const { peers: peerCounts, ...rest } = status;
  const shown = Object.entries(rest).filter(([key]) => key !== "ok" && key !== "end");
  return { ...Object.fromEntries(shown), peerCounts, peers };
}
