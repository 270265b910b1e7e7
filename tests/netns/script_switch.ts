/**
 * A switch of routes by hand, by somebody who knows the moment: the least that any daemon could lose, and
 * so the error of the laboratory's own figures.
 */

import type { HostName, Lab, Tenant } from "./lab.ts";

/** One open `ip -batch` on a host, ready to move the route to a peer's LAN A address. */
export class ScriptSwitch implements Tenant {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lab: Lab;
  readonly #host: HostName;
  readonly #peer: HostName;

  private constructor(lab: Lab, host: HostName, peer: HostName, child: Deno.ChildProcess) {
    this.#lab = lab;
    this.#host = host;
    this.#peer = peer;
    this.#child = child;
    this.#writer = child.stdin.getWriter();
  }

  /** Opens it; it ends with the laboratory. */
  static start(lab: Lab, host: HostName, peer: HostName): ScriptSwitch {
    const child = new Deno.Command("ip", {
      args: ["-n", lab.namespace(host), "-batch", "-"],
      stdin: "piped",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    return lab.house(new ScriptSwitch(lab, host, peer, child));
  }

  /** Sends the traffic for the peer's LAN A address over LAN B. */
  toB(): Promise<void> {
    const [target, gateway] = [
      this.#lab.address(this.#peer, "A"),
      this.#lab.address(this.#peer, "B"),
    ];
    const source = this.#lab.address(this.#host, "A");
    return this.#write(`route replace ${target}/32 via ${gateway} dev ethB src ${source}`);
  }

  /** Undoes `toB`. */
  toA(): Promise<void> {
    return this.#write(`route del ${this.#lab.address(this.#peer, "A")}/32`);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
  }

  async #write(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(line + "\n"));
  }
}
