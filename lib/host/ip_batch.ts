/**
 * The one way to `ip`: a queue in front of a single long-lived process, which is started when it is first
 * needed and again when it has ended.
 */
import type { ExchangeResult } from "../core/ip_text.ts";
import { type BatchResult, IpProcess } from "./ip_process.ts";
import { startIp } from "./ip_program.ts";

const TIMEOUT_MS = 5000;
/** Exchanges that may wait for their turn. */
const MOST_WAITING = 16;

/** What may be set otherwise, for tests. */
export interface IpBatchOptions {
  /** The program with its first arguments; absent: `ip` where it is found. */
  readonly command?: readonly string[];
  /** How long an exchange may take before the process is killed, in ms. */
  readonly timeoutMs?: number;
}

/** Runs batches of lines through `ip`, one after the other. */
export class IpBatch {
  readonly #command: readonly string[] | undefined;
  readonly #timeoutMs: number;
  #process: IpProcess | null = null;
  /** Processes that were told to end. */
  readonly #leaving = new Set<Promise<void>>();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #starts = 0;
  #closed = false;
  #renewAsked = false;

  constructor({ command, timeoutMs = TIMEOUT_MS }: IpBatchOptions = {}) {
    this.#command = command;
    this.#timeoutMs = timeoutMs;
  }

  /** How often a process was started. */
  get starts(): number {
    return this.#starts;
  }

  /**
   * Writes the lines of changes and shows, and waits until all are carried out. The lines must be valid: `ip` ends
   * at one that is not. "failed" says that nothing is known of the changes.
   */
  exchange(changes: readonly string[], shows: readonly string[]): Promise<ExchangeResult> {
    if (this.#closed) return Promise.resolve(failed("Cannot run ip: it was closed"));
    if (this.#waiting >= MOST_WAITING) {
      return Promise.resolve(
        failed(`Cannot run ip: more than ${MOST_WAITING} batches are waiting`),
      );
    }
    this.#waiting += 1;
    const result = this.#turn.then(() => this.#run(changes, shows));
    this.#turn = result.finally(() => this.#waiting -= 1);
    return result;
  }

  /**
   * Lets the next exchange have a new process. `ip` remembers the names and numbers of interfaces for life, so
   * this is to be called whenever an interface came, went or was renamed.
   */
  renew(): void {
    this.#renewAsked = true;
  }

  /** Waits for the exchanges under way, and ends the process. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    this.#retire();
    await Promise.all(this.#leaving);
  }

  async #run(changes: readonly string[], shows: readonly string[]): Promise<ExchangeResult> {
    if (this.#renewAsked) this.#retire();
    this.#renewAsked = false;
    const wasUsed = this.#process?.used === true;
    let result = await this.#attempt(changes, shows);
    // A signal to the whole process group, such as that of Ctrl-C, ends an idle `ip` before us: that is no failure.
    if (result.kind === "ended" && wasUsed) result = await this.#attempt(changes, shows);
    if (result.kind === "ended") return failed(result.reason);
    // The refusal may come from what it wrongly remembers of an interface; the next attempt shall not.
    if (result.kind === "done" && result.refused.length > 0) this.#renewAsked = true;
    return result;
  }

  async #attempt(changes: readonly string[], shows: readonly string[]): Promise<BatchResult> {
    const process = this.#process ?? this.#start();
    if (typeof process === "string") return failed(process);
    this.#process = process;
    const result = await process.run(changes, shows, this.#timeoutMs);
    if (result.kind !== "done") this.#retire();
    return result;
  }

  /** A new process, or why there is none. */
  #start(): IpProcess | string {
    const process = startIp(this.#command, (program, args) => new IpProcess(program, args));
    if (typeof process !== "string") this.#starts += 1;
    return process;
  }

  #retire(): void {
    if (this.#process === null) return;
    const leaving = this.#process.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    this.#process = null;
  }
}

function failed(reason: string): ExchangeResult & { readonly kind: "failed" } {
  return { kind: "failed", reason };
}
