/**
 * Tells when the kernel announces that an interface, an address, a route or a rule changed.
 *
 * An announcement is a reason to look, never a statement of what is: what it says is not used, some changes are not
 * announced, and more may be lost. So lines that cannot be about us are left out, in case of doubt they are not.
 */
import type { Ms } from "../core/types.ts";
import { monotonicNow } from "./clock.ts";
import { failureReason } from "./failure.ts";
import { isSettledWithin } from "./ip_process.ts";
import { startIp } from "./ip_program.ts";
import { LineSplitter } from "./line_splitter.ts";

/** What an announcement is about. */
export type ChangeKind = "link" | "address" | "route" | "rule";

const ARGUMENTS = ["-N", "-o", "monitor", "link", "address", "route", "rule"];
/** The first and the longest pause before a monitor that ended is started again, in ms. */
const RESTART_MS: Ms = 100;
const RESTART_MAX_MS: Ms = 30_000;
/** One that has lived so long ends for another reason than the one before it, in ms. */
const LASTING_MS: Ms = 5000;
/** How long a killed one is waited for, in ms; in a call of the kernel that hangs it may outlive even that. */
const KILLED_MS = 1000;
/** No announcement is nearly as long. */
const MOST_LINE_CHARACTERS = 64 * 1024;

/** What a monitor is given. */
export interface IpMonitorOptions {
  /** The number of our routing table. */
  readonly table: number;
  /** Called for each announcement: storms come through, to be gathered by the callee. */
  changed(kind: ChangeKind): void;
  /** Called when a monitor that ended, or could not be started, is tried again, with the reason and the pause. */
  ended(reason: string, pauseMs: Ms): void;
  /** The program with its first arguments, for tests; absent: `ip` where it is found. */
  readonly command?: readonly string[];
  /** A monitor that lived so long is started again after the first pause, in ms; for tests. */
  readonly lastingMs?: Ms;
}

/**
 * What a line of `ip -N -o monitor` is about; null when it cannot concern us: it is about IPv6, about the table of
 * local addresses (their addresses are announced as well), about another table than ours and the main one, or about
 * a route in the main one that no interface brought.
 *
 * @param table number of our routing table
 */
export function changeKindOf(line: string, table: number): ChangeKind | null {
  const what = line.replace(/^Deleted /, "");
  if (/^[0-9]+:\t/.test(what)) return "rule";
  if (/^[0-9]+: [^ ]+: </.test(what)) return "link";
  if (/^[0-9]+: [^ ]+ +inet /.test(what)) return "address";
  if (/^[0-9]+: [^ ]+ +inet6 /.test(what) || / pref /.test(what)) return null;
  const named = / table ([0-9]+)\b/.exec(what)?.[1];
  if (named !== undefined) return Number(named) === table ? "route" : null;
  // Others may keep a million routes in the main table. The one a gateway of ours needs is the kernel's own.
  return / proto (2|kernel) /.test(what) ? "route" : null;
}

/** A running `ip monitor`, started again whenever it ends, until it is closed. */
export class IpMonitor {
  readonly #options: IpMonitorOptions;
  #child: Deno.ChildProcess | null = null;
  #watched: Promise<void> = Promise.resolve();
  #retryMs = RESTART_MS;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  /** Starts at once. */
  constructor(options: IpMonitorOptions) {
    this.#options = options;
    this.#start();
  }

  /** Ends it for good. It has nothing to clean up, and a gentler signal would not reach it while it is stopped. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#child !== null) kill(this.#child);
    await isSettledWithin(this.#watched, KILLED_MS);
  }

  #start(): void {
    const child = startIp(this.#options.command, (program, args) =>
      new Deno.Command(program, {
        args: [...args, ...ARGUMENTS],
        clearEnv: true,
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn());
    if (typeof child === "string") return this.#restartLater(child);
    this.#child = child;
    this.#watched = this.#watch(child);
  }

  async #watch(child: Deno.ChildProcess): Promise<void> {
    const { lastingMs = LASTING_MS } = this.#options;
    const startedAt = monotonicNow();
    const unreadable = await this.#read(child.stdout);
    // Nobody hears it any more.
    if (unreadable !== null) kill(child);
    const { code, signal } = await child.status;
    this.#child = null;
    if (this.#closed) return;
    if (monotonicNow() - startedAt >= lastingMs) this.#retryMs = RESTART_MS;
    const how = signal === null ? `with exit status ${code}` : `by ${signal}`;
    this.#restartLater(
      unreadable === null ? `ip monitor ended ${how}` : `ip monitor cannot be read: ${unreadable}`,
    );
  }

  /** Tells of what is announced until the end; returns why there is nothing more to read, or null at a plain end. */
  async #read(pipe: ReadableStream<Uint8Array>): Promise<string | null> {
    const splitter = new LineSplitter(MOST_LINE_CHARACTERS);
    const reader = pipe.getReader();
    for (;;) {
      let chunk: Uint8Array | undefined;
      try {
        chunk = (await reader.read()).value;
      } catch (error) {
        return failureReason(error);
      }
      if (chunk === undefined) return null;
      splitter.push(chunk, (line) => {
        const kind = changeKindOf(line, this.#options.table);
        if (kind !== null && !this.#closed) this.#options.changed(kind);
      });
    }
  }

  #restartLater(reason: string): void {
    const retryMs = this.#retryMs;
    this.#retryMs = Math.min(2 * retryMs, RESTART_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      // Not told before: a Ctrl-C ends it along with us, and its end may be seen first.
      this.#options.ended(reason, retryMs);
      this.#start();
      if (this.#child === null) return;
      // Nobody told what happened meanwhile.
      this.#options.changed("link");
      this.#options.changed("route");
    }, retryMs);
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}
