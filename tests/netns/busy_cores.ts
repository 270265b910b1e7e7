/** A machine that has better things to do. */

import type { HostName, Lab, Tenant } from "./lab.ts";

/** As many loops that do nothing as there are cores, at the usual priority. */
export class BusyCores implements Tenant {
  readonly #loops: readonly Deno.ChildProcess[];

  private constructor(loops: readonly Deno.ChildProcess[]) {
    this.#loops = loops;
  }

  /** Starts them on a host, so that they end with the laboratory; which one does not matter to the cores. */
  static start(lab: Lab, host: HostName): BusyCores {
    const [program = "", ...args] = lab.onHost(host, ["sh", "-c", "while :; do :; done"]);
    const loops = Array.from(
      { length: navigator.hardwareConcurrency },
      () => new Deno.Command(program, { args, stdin: "null", stdout: "null" }).spawn(),
    );
    return lab.house(new BusyCores(loops));
  }

  /** Ends them; more than once does no harm. */
  async stop(): Promise<void> {
    for (const loop of this.#loops) {
      try {
        loop.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
      await loop.status;
    }
  }
}
