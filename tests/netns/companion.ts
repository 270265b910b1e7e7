/** A script of ours that runs on a host and does what it is told: one JSON object a line, each way. */

import type { HostName, Lab, Tenant } from "./lab.ts";
import { Lines } from "./lines.ts";

/** A running script, seen from the laboratory. */
export class Companion implements Tenant {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #replies: Lines;
  #taken = 0;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#replies = new Lines(child.stdout);
  }

  /** Starts a script of this folder with one argument; it ends with the laboratory, or when this process does. */
  static start(lab: Lab, host: HostName, script: string, settings: object): Companion {
    const path = new URL(script, import.meta.url).pathname;
    const deno = [Deno.execPath(), "run", "-A", "--no-config", "--unstable-net", path];
    const [program = "", ...args] = lab.onHost(host, [...deno, JSON.stringify(settings)]);
    const child = new Deno.Command(program, {
      args,
      env: { DENO_NO_UPDATE_CHECK: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    return lab.house(new Companion(child));
  }

  /** Sends a request and waits for its reply. Throws when none comes in time. */
  async ask<Reply>(request: object, timeoutMs = 15_000): Promise<Reply> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
    return await this.next<Reply>(timeoutMs);
  }

  /** The next line that the script prints. */
  async next<Reply>(timeoutMs = 15_000): Promise<Reply> {
    const line = await this.#replies.wait(/./, { from: this.#taken++, timeoutMs });
    return JSON.parse(line.text) as Reply;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#replies.ended;
  }
}

/** The script's side: answers each request, until standard input ends because nobody is there any more. */
export async function serveRequests<Request>(
  perform: (request: Request) => object | Promise<object>,
): Promise<void> {
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    rest += text;
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      console.log(JSON.stringify(await perform(JSON.parse(line) as Request)));
    }
  }
  Deno.exit(0);
}
