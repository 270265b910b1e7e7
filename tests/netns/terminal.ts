/** A program in a pseudo-terminal on a host, and what its user sees and types. Uses `script` of util-linux. */

import { FakeScreen } from "../fakes/screen.ts";
import { run } from "./command.ts";
import type { HostName, Lab, Tenant } from "./lab.ts";
import { readStat, signal } from "./processes.ts";
import { waitFor } from "./wait.ts";

/** The size of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

let terminals = 0;

/** One terminal. The program's exit code and the modes of the terminal before and after it are kept in files. */
export class Terminal implements Tenant {
  readonly screen: FakeScreen;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #files: string;
  readonly #read: Promise<void>;
  #device = "";

  private constructor(lab: Lab, host: HostName, files: string, size: Size) {
    this.#files = files;
    this.screen = new FakeScreen(size.columns, size.rows);
    const [program = "", ...args] = lab.onHost(host, [
      "script",
      "-qfc",
      `sh ${files}.sh`,
      "/dev/null",
    ]);
    this.#child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: { SHELL: "/bin/sh" },
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#read = this.#show();
  }

  /** Starts a program in a terminal of this size; it ends with the laboratory. */
  static async start(
    lab: Lab,
    host: HostName,
    size: Size,
    argv: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Terminal> {
    const files = `${lab.directory}/terminal-${++terminals}`;
    const environment = Object.entries({ TERM: "xterm", ...variables }).map((pair) =>
      pair.join("=")
    );
    const program = ["env", "-u", "NO_COLOR", ...environment, ...argv].join(" ");
    await Deno.writeTextFile(
      `${files}.sh`,
      [
        // Ctrl-C is for the program alone.
        "trap : INT",
        `stty rows ${size.rows} cols ${size.columns}`,
        `stty -g >${files}.before`,
        `tty >${files}.tty`,
        `sh -c 'echo $$ >${files}.pid; exec ${program}'`,
        `echo $? >${files}.exit`,
        `stty -g >${files}.after`,
        "",
      ].join("\n"),
    );
    const terminal = lab.house(new Terminal(lab, host, files, size));
    terminal.#device = await terminal.#kept("tty");
    return terminal;
  }

  /** Waits until the screen looks so. */
  async until(what: string, looks: (text: string, screen: FakeScreen) => boolean): Promise<void> {
    await waitFor(
      what,
      () => looks(this.screen.text(), this.screen) ? true : null,
      {},
      () => `the screen shows\n${this.screen.text()}\n${this.screen.faults.join("\n")}`,
    );
  }

  /** Waits until this is read somewhere on the screen. */
  untilShown(pattern: RegExp): Promise<void> {
    return this.until(`${pattern}`, (text) => pattern.test(text));
  }

  async type(keys: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(keys));
  }

  /** Makes it larger or smaller; the kernel tells the program. */
  async resize(size: Size): Promise<void> {
    // What the program draws until it knows would not fit.
    this.screen.resize(size.columns, size.rows);
    await run(["stty", "-F", this.#device, "rows", `${size.rows}`, "cols", `${size.columns}`]);
  }

  /** Sends the program a signal. */
  async signal(name: Deno.Signal): Promise<void> {
    signal(await this.#pid(), name);
  }

  /** Waits until a signal has stopped the program. */
  async untilStopped(): Promise<void> {
    const pid = await this.#pid();
    await waitFor("the program to be stopped", () => readStat(pid)?.state === "T" ? true : null);
  }

  /** Waits for the program's end: its exit code, and whether the terminal has the modes that it had. */
  async ended(): Promise<{ readonly exit: number; readonly isRestored: boolean }> {
    const after = await this.#kept("after");
    await this.stop();
    return {
      exit: Number(await this.#kept("exit")),
      isRestored: after === await this.#kept("before"),
    };
  }

  /** Closes the terminal while the program runs, and waits for the program's end. */
  async hangUp(): Promise<void> {
    const pid = await this.#pid();
    signal(this.#child.pid, "SIGKILL");
    await this.stop();
    await waitFor("the end of the program", () => readStat(pid) === null ? true : null);
  }

  async stop(): Promise<void> {
    await this.#writer.close().catch(() => {});
    try {
      this.#child.kill("SIGHUP");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await this.#read;
  }

  async #pid(): Promise<number> {
    return Number(await this.#kept("pid"));
  }

  #kept(name: string): Promise<string> {
    return waitFor(`${this.#files}.${name}`, async () => {
      const text = await Deno.readTextFile(`${this.#files}.${name}`).catch(() => "");
      return text.endsWith("\n") ? text.trim() : null;
    });
  }

  async #show(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stdout) {
      this.screen.write(decoder.decode(bytes, { stream: true }));
    }
  }
}
