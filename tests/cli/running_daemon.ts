/** A daemon on a made-up machine, for tests of the commands that ask it. */
import { assertEquals } from "@std/assert";
import { settle } from "../shells/fake_udp.ts";
import { FakeHost, type Outcome } from "./fake_host.ts";

/** A daemon with this configuration file that has found its networks, and what is asked of it. */
export class Running {
  readonly host = new FakeHost();
  #ended: Promise<Outcome> | null = null;

  static async start(text: string, prepare: (host: FakeHost) => void = () => {}) {
    const running = new Running();
    const { host } = running;
    host.files.set("/c", { kind: "text", text });
    prepare(host);
    // The daemon's loop turns at once.
    host.udp.delay = () => Promise.resolve();
    running.#ended = host.faild("-c", "/c");
    await host.until("logged network-ready");
    await settle();
    return running;
  }

  /** Runs a command beside the daemon. */
  async faild(...args: string[]): Promise<Outcome> {
    const asking = new FakeHost();
    asking.controls = this.host.controls;
    return await asking.faild(...args);
  }

  change(text: string): void {
    this.host.files.set("/c", { kind: "text", text });
  }

  event(): string | undefined {
    return this.host.log.at(-1)?.event;
  }

  async stop(): Promise<void> {
    this.host.signals?.stop("SIGTERM");
    assertEquals((await this.#ended)?.exit, 0);
  }
}
