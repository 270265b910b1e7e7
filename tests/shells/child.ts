/** A second process for tests of what is between processes. */

/** Runs a module's text in a Deno of its own, and reads what it says line by line. */
export class Child {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";
  readonly #dir: string;

  /**
   * @param code may import what is under "lib/" of the project
   * @param prefix a command that runs the one after it
   */
  constructor(code: string, prefix: readonly string[] = []) {
    const root = new URL("../../", import.meta.url);
    this.#dir = Deno.makeTempDirSync();
    const script = `${this.#dir}/script.ts`;
    Deno.writeTextFileSync(script, code.replaceAll('from "lib/', `from "${root.href}lib/`));
    const run = ["run", "-A", "--no-check", "-c", `${root.pathname}deno.json`, script];
    const [program, ...args] = [...prefix, Deno.execPath(), ...run];
    this.#process = new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** The next line, or null at the end. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#lines.read();
      if (done) return null;
      this.#rest += value;
    }
  }

  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Kills it if it still runs, and cleans up. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#lines.cancel();
    await this.#process.status;
    Deno.removeSync(this.#dir, { recursive: true });
  }
}

/** A process that takes the lock of a run directory, says what came of it, and stays where it has it. */
export function lockingChild(runDir: string, then = ""): Child {
  return new Child(`
    import { lockRunDir } from "lib/host/lock.ts";
    const result = await lockRunDir(${JSON.stringify(runDir)});
    ${then}
    console.log(result.kind === "held" ? \`held by \${result.pid}\` : result.kind);
    if (result.kind === "held") Deno.exit(1);
    setInterval(() => {}, 1000);
  `);
}
