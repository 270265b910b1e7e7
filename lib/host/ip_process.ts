/**
 * One `ip -force -N -j -batch -`: lines go in, JSON and refusals come out.
 *
 * `ip` says nothing when a change succeeds and speaks on two pipes, so nothing in its output says that it is done.
 * Each batch therefore ends with a line that must fail, and whose refusal is the last thing on standard error.
 */
import type { ExchangeResult, Refusal } from "../core/ip_text.ts";
import { failureReason } from "./failure.ts";
import { LineSplitter } from "./line_splitter.ts";

/** Fails always, without rights and without effect: Linux lets no interface have this name. */
const END_LINE = "link show dev ..";
const ARGUMENTS = ["-force", "-N", "-j", "-batch", "-"];

/** Bytes of an answer; 1,000 routes take about 110,000. */
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
/** Bytes that `ip` may say while it was asked nothing: its last words, at most. */
const MOST_IDLE_BYTES = 64 * 1024;
/** Lines and characters kept of what `ip` says before a refusal or its end: the last ones. */
const MOST_REASON_LINES = 4;
const MOST_REASON_LENGTH = 300;
/** How long a process may take to end once its input has ended, in ms. */
const GOODBYE_MS = 1000;
/** The same once it was killed; in a call of the kernel that hangs it may outlive even that. */
const KILLED_MS = 1000;

/** What came of one batch; "ended": the process is no more. */
export type BatchResult = ExchangeResult | { readonly kind: "ended"; readonly reason: string };

/** The batch under way. */
interface Batch {
  /** Number of its first line, counted from the start of the process, as `ip` counts. */
  readonly firstLine: number;
  readonly changes: number;
  readonly shows: number;
  readonly out: string[];
  readonly refused: Refusal[];
  /** Reasons by the index of the show that failed. */
  readonly failedShows: Map<number, string>;
  bytes: number;
  complete: boolean;
  settle(result: BatchResult): void;
}

/** A running process. Batches are run one after the other: that is the caller's care. */
export class IpProcess {
  /** Whether it has carried out a batch already. */
  used = false;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  /** Settles when the process has ended and all its output is read. */
  readonly #ended: Promise<void>;
  #linesWritten = 0;
  #batch: Batch | null = null;
  /** What it said on standard error since its last refusal. */
  #said: string[] = [];
  #isBusyBox = false;
  #idleBytes = 0;
  #endReason: string | null = null;

  /** Starts the program with its first arguments. Throws what Deno throws when it cannot be started. */
  constructor(program: string, args: readonly string[]) {
    this.#child = new Deno.Command(program, {
      args: [...args, ...ARGUMENTS],
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#ended = this.#watch(program);
  }

  /** Whether it can take another batch. */
  get alive(): boolean {
    return this.#endReason === null;
  }

  /** Runs the changes, then the shows. */
  async run(
    changes: readonly string[],
    shows: readonly string[],
    timeoutMs: number,
  ): Promise<BatchResult> {
    if (this.#endReason !== null) return { kind: "ended", reason: this.#endReason };
    const result = new Promise<BatchResult>((settle) => {
      this.#batch = {
        firstLine: this.#linesWritten + 1,
        changes: changes.length,
        shows: shows.length,
        out: [],
        refused: [],
        failedShows: new Map(),
        bytes: 0,
        complete: false,
        settle,
      };
    });
    const timer = setTimeout(() => {
      this.#fail(`ip did not answer within ${timeoutMs / 1000} s`);
    }, timeoutMs);
    const lines = [...changes, ...shows, END_LINE];
    this.#linesWritten += lines.length;
    // A pipe that breaks means that the process ends, which is told, with its reason, by #watch.
    this.#input.write(new TextEncoder().encode(`${lines.join("\n")}\n`)).catch(() => {});
    const outcome = await result;
    clearTimeout(timer);
    this.#batch = null;
    this.used = true;
    return outcome;
  }

  /** Ends its input and waits until it is gone; kills it if it does not go, and gives it up if it stays. */
  async close(): Promise<void> {
    this.#input.close().catch(() => {});
    if (await isSettledWithin(this.#ended, GOODBYE_MS)) return;
    this.kill();
    await isSettledWithin(this.#ended, KILLED_MS);
  }

  /** Kills it; what it was doing may be half done. */
  kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is gone already.
    }
  }

  async #watch(program: string): Promise<void> {
    const [status] = await Promise.all([
      this.#child.status,
      this.#read(this.#child.stdout, (line, batch) => batch.out.push(line)),
      this.#read(this.#child.stderr, (line, batch) => this.#heard(line, batch)),
    ]);
    this.#endReason = this.#isBusyBox
      ? `Cannot use ${program}: it is BusyBox's, which has no -batch; install iproute2`
      : endReason(status, this.#said);
    this.#batch?.settle({ kind: "ended", reason: this.#endReason });
  }

  async #read(
    pipe: ReadableStream<Uint8Array>,
    take: (line: string, batch: Batch) => void,
  ): Promise<void> {
    const splitter = new LineSplitter(MOST_ANSWER_BYTES);
    try {
      for await (const chunk of pipe) {
        const batch = this.#batch;
        splitter.push(chunk, (line) => batch === null ? this.#remember(line) : take(line, batch));
        if (batch !== null) this.#progress(batch, chunk.length);
        else if ((this.#idleBytes += chunk.length) > MOST_IDLE_BYTES) this.kill();
      }
    } catch (error) {
      this.#remember(failureReason(error));
    }
  }

  #heard(line: string, batch: Batch): void {
    const number = /^Command failed -:([0-9]+)$/.exec(line)?.[1];
    if (number === undefined) return this.#remember(line);
    const reason = this.#said.join("; ");
    this.#said = [];
    const index = Number(number) - batch.firstLine;
    if (index < batch.changes) batch.refused.push({ line: index, reason });
    else if (index < batch.changes + batch.shows) {
      batch.failedShows.set(index - batch.changes, reason);
    } else batch.complete = true;
  }

  #remember(line: string): void {
    if (line === "") return;
    this.#isBusyBox ||= line.startsWith("BusyBox");
    this.#said.push(line.slice(0, MOST_REASON_LENGTH));
    if (this.#said.length > MOST_REASON_LINES) this.#said.shift();
  }

  #progress(batch: Batch, bytes: number): void {
    batch.bytes += bytes;
    if (batch.bytes > MOST_ANSWER_BYTES) {
      return this.#fail(`the answer of ip is longer than ${MOST_ANSWER_BYTES} bytes`);
    }
    if (!batch.complete) return;
    const failed = [...batch.failedShows.values()].find((reason) => !saysNoSuchTable(reason));
    if (failed !== undefined) return this.#fail(`ip could not show what it was asked: ${failed}`);
    const answered = batch.out.length + batch.failedShows.size;
    if (answered > batch.shows) return this.#fail("ip said more than it was asked");
    if (answered < batch.shows) return;
    batch.settle({ kind: "done", shown: answers(batch), refused: batch.refused });
  }

  /** Gives the batch up, and the process with it: where it is in its output is not known any more. */
  #fail(reason: string): void {
    this.#batch?.settle({ kind: "failed", reason });
    this.kill();
  }
}

/**
 * Waits for a promise that is never rejected, no longer than `limitMs`.
 *
 * @returns whether it is settled
 */
export async function isSettledWithin(promise: Promise<void>, limitMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), limitMs);
  const isSettled = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return isSettled;
}

/** Kernels from 4.20 on may say this, instead of nothing, of a table that never had a route. */
function saysNoSuchTable(reason: string): boolean {
  return reason.includes("FIB table does not exist");
}

/**
 * The answer to each show. One that failed leaves its opening bracket in front of the next answer, in whichever
 * batch that is.
 */
function answers({ shows, failedShows, out }: Batch): string[] {
  const lines = out.map((line) => line.replace(/^\[+(?=\[)/, ""))[Symbol.iterator]();
  return Array.from({ length: shows }, (_, i) => {
    return failedShows.has(i) ? "[]" : lines.next().value ?? "";
  });
}

function endReason(status: Deno.CommandStatus, said: readonly string[]): string {
  const how = status.signal === null ? `with exit status ${status.code}` : `by ${status.signal}`;
  return `ip ended ${how}${said.length === 0 ? "" : `: ${said.join("; ")}`}`;
}
