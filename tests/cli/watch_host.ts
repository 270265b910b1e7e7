/** A machine on which somebody watches: its clock goes when the test says so, and a daemon answers as it says. */
import type { TerminalHandlers } from "../../lib/host/terminal.ts";
import type { PeerView, Status } from "../../lib/control_protocol.ts";
import { FakeScreen } from "../fakes/screen.ts";
import { settle } from "../shells/fake_udp.ts";
import { pathStatus, peerView, statusOf } from "../shells/overviews.ts";
import { FakeHost, type Outcome } from "./fake_host.ts";

const SOCKET = "/run/faild/control.sock";

/** A terminal, and what was done with it. */
export class FakeTerminal {
  readonly screen = new FakeScreen(80, 24);
  hasKeys = true;
  isOpen = false;
  openings = 0;
  /** Texts that were written. */
  readonly writes: string[] = [];
  /** Whether it takes what is written. */
  isThere = true;
  handlers: TerminalHandlers | null = null;

  open(handlers: TerminalHandlers) {
    if (this.isOpen) throw new Error("a terminal is taken over once");
    this.isOpen = true;
    this.openings += 1;
    this.handlers = handlers;
    this.screen.write("\x1b[?1049h");
    return {
      hasKeys: this.hasKeys,
      size: () => ({ columns: this.screen.columns, rows: this.screen.rows }),
      write: (text: string) => {
        if (!this.isOpen) throw new Error("written after it was given back");
        this.writes.push(text);
        this.screen.write(text);
        return this.isThere;
      },
      close: () => {
        if (!this.isOpen) throw new Error("given back twice");
        this.isOpen = false;
        this.screen.write("\x1b[?1049l");
      },
    };
  }

  /** Someone types; nobody hears it once the terminal was given back. */
  type(text: string): void {
    if (this.isOpen) this.handlers?.typed(text);
  }
}

/** A machine with such a terminal. */
export class WatchHost {
  readonly host = new FakeHost();
  readonly terminal = new FakeTerminal();
  status: Status = statusOf();
  peers: readonly PeerView[] = [peerView(2, [pathStatus()])];
  /** What the daemon does when it is asked. */
  daemon: "answers" | "hangs" | "refuses" = "answers";
  /** How long each answer takes, in ms. */
  tookMs = 0;
  /** When it was asked. */
  readonly asked: number[] = [];
  readonly #alarms = new Map<() => void, number>();
  #ended: Promise<Outcome | unknown> = Promise.resolve();
  outcome: Outcome | null = null;
  failure: unknown = null;

  constructor() {
    const { host } = this;
    host.isOnTerminal = true;
    host.variables.set("TERM", "xterm");
    host.variables.set("NO_COLOR", "1");
    host.openTerminal = (handlers) => this.terminal.open(handlers);
    host.alarm = ((ring: () => void) => ({
      wakeAt: (atMs: number | null) => {
        if (atMs === null) this.#alarms.delete(ring);
        else this.#alarms.set(ring, atMs);
      },
    })) as typeof host.alarm;
    this.startDaemon();
  }

  startDaemon(): void {
    void this.#serve(this.host.controls.listen(SOCKET, null));
  }

  stopDaemon(): void {
    this.host.controls.listeners.get(SOCKET)?.close();
  }

  /** Runs `faild status --watch` with more flags; returns when it has shown the first look, or has ended. */
  async watch(...flags: string[]): Promise<void> {
    this.#ended = this.host.faild("status", "--watch", ...flags).then(
      (outcome) => this.outcome = outcome,
      (error: unknown) => this.failure = error,
    );
    await this.#rest();
  }

  /** Lets the time go on, and everything happen that is to happen. */
  async advance(ms: number): Promise<void> {
    const end = this.host.udp.nowMs + ms;
    for (;;) {
      const [next] = [...this.#alarms].sort(([, a], [, b]) => a - b);
      if (next === undefined || next[1] > end) break;
      const [ring, atMs] = next;
      this.#alarms.delete(ring);
      this.host.udp.nowMs = Math.max(this.host.udp.nowMs, atMs);
      ring();
      await this.#rest();
    }
    this.host.udp.nowMs = end;
  }

  async type(text: string): Promise<void> {
    this.terminal.type(text);
    await this.#rest();
  }

  /** Waits for the end. */
  async ended(): Promise<Outcome | null> {
    await this.#ended;
    return this.outcome;
  }

  async #rest(): Promise<void> {
    for (let i = 0; i < 4; i++) await settle();
  }

  async #serve(opened: ReturnType<FakeHost["controls"]["listen"]>): Promise<void> {
    if (opened.kind !== "open") throw new Error("nothing is in the way of listening");
    for (;;) {
      const connection = await opened.listener.accept();
      if (connection === null) return;
      this.asked.push(this.host.udp.nowMs);
      if (this.daemon === "hangs") continue;
      this.host.udp.nowMs += this.tookMs;
      const lines = this.daemon === "answers"
        ? [{ ok: true, ...this.status }, { peers: this.peers }, { ok: true, end: true }]
        : [{ ok: false, error: "Cannot serve so many", end: true }];
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      await connection.write(new TextEncoder().encode(text));
    }
  }
}
