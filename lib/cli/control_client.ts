/** Asks a running daemon. */
import { CONTROL_NAME, type Request } from "../control_protocol.ts";
import type { ControlConnection } from "../control_server.ts";
import type { Ms } from "../core/types.ts";
import { durationText } from "../duration_text.ts";
import { objectIn } from "../json_line.ts";
import { complain } from "./complain.ts";
import { EXIT, type ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";

/** An answer is waited for at most so long, in ms. */
const ANSWER_MS: Ms = 5000;
/** More than the state of thousands of peers. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const BUFFER_BYTES = 64 * 1024;

/** One line of an answer. */
export type AnswerLine = Readonly<Record<string, unknown>>;

/** What came of asking. */
export type Asked =
  /** All lines of the answer; the last one ends it. */
  | { readonly kind: "answer"; readonly lines: readonly AnswerLine[] }
  /** The daemon will not; `errors` is all that it says against it. */
  | { readonly kind: "refused"; readonly errors: readonly string[] }
  /** Nobody listens in the run directory. */
  | { readonly kind: "not-running"; readonly reason: string }
  /** Somebody does, and says nothing in time, or nothing that makes sense: a daemon that hangs. */
  | { readonly kind: "silent"; readonly reason: string }
  /** The daemon is another version, whose answer this program cannot read. */
  | { readonly kind: "foreign"; readonly reason: string }
  /** We may not ask, or cannot. */
  | { readonly kind: "forbidden" | "failed"; readonly reason: string };

/** Why there is no answer, or none that can be used. */
export type NoAnswer = Exclude<Asked, { readonly kind: "answer" }>;

/** What is needed of the host. */
export type AskingHost = Pick<Host, "connectControl" | "alarm" | "now">;

/** Asks the daemon of a run directory; what cannot be had within `limitMs` is given up. */
export async function ask(
  host: AskingHost,
  runDir: string,
  request: Request,
  limitMs: Ms = ANSWER_MS,
): Promise<Asked> {
  const path = `${runDir}/${CONTROL_NAME}`;
  const connected = await host.connectControl(path);
  if (connected.kind === "absent") {
    return { kind: "not-running", reason: `faild is not running: nobody listens at ${path}` };
  }
  if (connected.kind !== "connected") {
    const remedy = connected.kind === "forbidden"
      ? " (run as root, or as a member of the group that control.group names)"
      : "";
    return {
      kind: connected.kind,
      reason: `Cannot ask faild at ${path}: ${connected.reason}${remedy}`,
    };
  }
  const { connection } = connected;
  let isLate = false;
  const alarm = host.alarm(() => {
    isLate = true;
    connection.close();
  });
  alarm.wakeAt(host.now() + limitMs);
  const lines = await talk(connection, request);
  alarm.wakeAt(null);
  connection.close();
  const last = lines.at(-1);
  if (last?.["end"] !== true) {
    const how = isLate ? `waited ${durationText(limitMs)}` : "it ended the connection";
    return { kind: "silent", reason: `faild does not answer at ${path}: ${how}` };
  }
  return last["ok"] === false
    ? { kind: "refused", errors: errorsIn(last) }
    : { kind: "answer", lines };
}

/** Says on standard error why there is no answer that can be used; returns the exit code that says so too. */
export function complainOf(asked: NoAnswer, host: Host): ExitCode {
  if (asked.kind === "refused") {
    for (const error of asked.errors) complain(host, error);
    return EXIT.general;
  }
  complain(host, asked.reason);
  if (asked.kind === "not-running") return EXIT.notRunning;
  return asked.kind === "forbidden" ? EXIT.permission : EXIT.general;
}

function errorsIn({ errors, error }: AnswerLine): readonly string[] {
  const all = Array.isArray(errors) ? errors : [error];
  return all.map((each) => typeof each === "string" ? each : "Cannot be done: no reason was given");
}

async function talk(connection: ControlConnection, request: Request): Promise<AnswerLine[]> {
  const line = new TextEncoder().encode(`${JSON.stringify(request)}\n`);
  // One that was turned away cannot be written to, but has its answer.
  await connection.write(line);
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(BUFFER_BYTES);
  const lines: AnswerLine[] = [];
  let text = "";
  for (let bytes = 0; bytes < MAX_ANSWER_BYTES;) {
    const read = await connection.read(buffer);
    if (read === null) break;
    bytes += read;
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
    const whole = text.split("\n");
    text = whole.pop() ?? "";
    for (const each of whole) {
      const found = objectIn(each);
      if (found !== null) lines.push(found);
      if (found?.["end"] === true) return lines;
    }
  }
  return lines;
}
