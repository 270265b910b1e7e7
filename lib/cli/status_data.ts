/** The state of a running daemon, as a command has it. */
import type { PeerView, Status } from "../control_protocol.ts";
import type { Ms } from "../core/types.ts";
import { ask, type Asked, type AskingHost } from "./control_client.ts";

/** All that `status` shows. */
export interface StatusData {
  readonly status: Status;
  /** In the order in which they were met. */
  readonly peers: readonly PeerView[];
}

/** Asks the daemon of a run directory for its state. */
export async function askStatus(
  host: AskingHost,
  runDir: string,
  limitMs?: Ms,
): Promise<StatusData | Exclude<Asked, { kind: "answer" }>> {
  const asked = await ask(host, runDir, { command: "status" }, limitMs);
  if (asked.kind !== "answer") return asked;
  const [first, ...others] = asked.lines;
  // Both ends are the same program.
  const peers = others.flatMap(({ peers }) => Array.isArray(peers) ? peers as PeerView[] : []);
  return { status: first as unknown as Status, peers };
}

/** The state as one JSON object, as docs/schema/status.json describes it. */
export function statusJson({ status, peers }: StatusData): Readonly<Record<string, unknown>> {
  const { peers: peerCounts, ...rest } = status;
  const shown = Object.entries(rest).filter(([key]) => key !== "ok" && key !== "end");
  return { ...Object.fromEntries(shown), peerCounts, peers };
}
