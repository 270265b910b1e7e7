/**
 * Tells when the kernel announces that an interface, an address, a route or a rule changed.
 *
 * An announcement is a reason to look, never a statement of what is: what it says is not used, some changes are not
 * announced, and more may be lost. So lines that cannot be about us are left out, in case of doubt they are not.
 */
import type { Ms } from "../core/types.ts";
import { startIp } from "./ip_program.ts";
import { LineSplitter } from "./line_splitter.ts";

/** What an announcement is about. */
export type ChangeKind = "link" | "address" | "route" | "rule";

const ARGUMENTS = ["-N", "-o", "monitor", "link", "address", "route", "rule"];
/** The first and the longest pause before a monitor that ended is started again, in ms. */
const RESTART_MS: Ms = 100;
const RESTART_MAX_MS: Ms = 30_000;
/** No announcement is nearly as long. */
const MOST_LINE_CHARACTERS = 64 * 1024;

/** What a monitor is given. */
export interface IpMonitorOptions {
  /** The number of our routing table. */
  readonly table: number;
  /** Called for each announcement: storms come through, to be gathered by the callee. */
  changed(kind: ChangeKind): void;
  /** Called when the monitor ended or could not be started, with the reason and when it is tried again. */
  ended(reason: string, retryMs: Ms): void;
  /** The program with its first arguments, for tests; absent: `ip` where it is found. */
  readonly command?: readonly string[];
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

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    try {
      this.#child?.kill("SIGTERM");
    } catch {
      // It has just ended by itself.
    }
    await this.#watched;
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
    const splitter = new LineSplitter(MOST_LINE_CHARACTERS);
    for await (const chunk of child.stdout) {
      this.#retryMs = RESTART_MS;
      splitter.push(chunk, (line) => {
        const kind = changeKindOf(line, this.#options.table);
        if (kind !== null && !this.#closed) this.#options.changed(kind);
      });
    }
    const { code, signal } = await child.status;
    this.#child = null;
    if (this.#closed) return;
    this.#restartLater(
      `ip monitor ended ${signal === null ? `with exit status ${code}` : `by ${signal}`}`,
    );
  }

  #restartLater(reason: string): void {
    const retryMs = this.#retryMs;
    this.#retryMs = Math.min(2 * retryMs, RESTART_MAX_MS);
    this.#options.ended(reason, retryMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#start();
      if (this.#child === null) return;
      // Nobody told what happened meanwhile.
      this.#options.changed("link");
      this.#options.changed("route");
    }, retryMs);
  }
}
