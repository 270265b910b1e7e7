/** The live view of a terminal: takes looks, keys and changes of its size, and draws. */
import type { Ms } from "../core/types.ts";
import type { Alarm } from "../host/clock.ts";
import type { Terminal } from "../host/terminal.ts";
import type { Host } from "./host.ts";
import type { StatusData } from "./status_data.ts";
import { WatchHistory } from "./watch_history.ts";
import { type Extent, keysIn, pressed, type WatchState } from "./watch_keys.ts";
import { type Looked, troubleOf, WatchPoll, type WatchTask } from "./watch_poll.ts";
import { WatchScreen } from "./watch_screen.ts";
import { pictureOf, type WatchScene } from "./watch_view.ts";

/** What begins like a key of several characters and does not go on within this time was the Escape key. */
const ESCAPE_MS: Ms = 100;
/** An answer that takes longer is worth a word. */
const LATE_MS: Ms = 1500;
/** How often the age of what is old is drawn. */
const CLOCK_MS: Ms = 1000;
/** Terminals whose fonts have no eighths of blocks, or that may be behind a serial line. */
const ASCII_TERMINALS = /^(?:linux|vt\d|ansi|cons|sun)/;

/** From the first picture to the key or signal that ends it. */
export class LiveView {
  readonly #host: Host;
  readonly #coloured: boolean;
  readonly #history = new WatchHistory();
  readonly #screen = new WatchScreen();
  readonly #poll: WatchPoll;
  readonly #clock: Alarm;
  readonly #escape: Alarm;
  readonly #ended = Promise.withResolvers<void>();
  #terminal: Terminal | null = null;
  #data: StatusData;
  /** When `#data` came. */
  #dataAt: Ms;
  #trouble: string | null = null;
  #state: WatchState;
  #extent: Extent = { page: 0, total: 0 };
  /** The beginning of a key. */
  #rest = "";

  constructor({ runDir, first, coloured }: WatchTask, host: Host) {
    this.#host = host;
    this.#coloured = coloured;
    this.#data = first;
    this.#dataAt = host.now();
    this.#history.record(first.peers);
    const ascii = ASCII_TERMINALS.test(host.environment("TERM") ?? "");
    this.#state = { sort: "state", first: 0, paused: false, ascii };
    this.#poll = new WatchPoll(host, runDir, first, (looked) => this.#take(looked));
    this.#clock = host.alarm(() => this.#tick());
    this.#escape = host.alarm(() => this.#giveUpKey());
  }

  /** Resolves when it has ended, and the terminal is as it was. */
  async run(): Promise<void> {
    const end = () => this.#ended.resolve();
    this.#host.listenForSignals({
      stop: end,
      reload: end,
      dumpState: () => {},
      failback: () => {},
    });
    const terminal = this.#host.openTerminal({
      typed: (text) => this.#guarded(() => this.#typed(text)),
      disturbed: () =>
        this.#guarded(() => {
          this.#screen.forget();
          this.#draw();
        }),
      ended: end,
    });
    this.#terminal = terminal;
    try {
      this.#guarded(() => this.#tick());
      await this.#ended.promise;
    } finally {
      for (const alarm of [this.#clock, this.#escape]) alarm.wakeAt(null);
      this.#poll.stop();
      terminal.close();
    }
  }

  /** A bug must not leave the terminal behind as it is. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#ended.reject(error);
    }
  }

  #tick(): void {
    this.#clock.wakeAt(this.#host.now() + CLOCK_MS);
    this.#draw();
  }

  #take(looked: Looked): void {
    this.#guarded(() => {
      this.#trouble = troubleOf(looked);
      if ("kind" in looked) this.#history.skip();
      else {
        this.#data = looked;
        this.#dataAt = this.#host.now();
        this.#history.record(looked.peers);
      }
      this.#draw();
    });
  }

  #typed(text: string): void {
    const { keys, rest } = keysIn(this.#rest, text);
    this.#rest = rest;
    this.#escape.wakeAt(rest === "" ? null : this.#host.now() + ESCAPE_MS);
    for (const key of keys) this.#press(key);
    this.#draw();
  }

  #giveUpKey(): void {
    const isEscape = this.#rest === "\x1b";
    this.#rest = "";
    if (isEscape) this.#ended.resolve();
  }

  #press(key: string): void {
    if (key === "quit") return this.#ended.resolve();
    if (key === "redraw") return this.#screen.forget();
    const { paused } = this.#state;
    this.#state = pressed(this.#state, key, this.#extent);
    if (this.#state.paused === paused) return;
    if (!paused) return this.#poll.stop();
    // What happened meanwhile is not known.
    this.#history.skip();
    this.#poll.resume();
  }

  #draw(): void {
    const terminal = this.#terminal;
    if (terminal === null) return;
    const size = terminal.size();
    const { lines, first, page, total } = pictureOf(
      this.#scene(terminal.hasKeys),
      this.#state,
      size,
      this.#coloured,
    );
    this.#state = { ...this.#state, first };
    this.#extent = { page, total };
    const text = this.#screen.update(lines, size);
    if (text !== "" && !terminal.write(text)) this.#ended.resolve();
  }

  #scene(hasKeys: boolean): WatchScene {
    const now = this.#host.now();
    const { askingSince } = this.#poll;
    const isLate = askingSince !== null && now - askingSince > LATE_MS;
    const reason = this.#trouble ?? (isLate ? "faild does not answer" : null);
    const trouble = reason === null ? null : { reason, ageMs: now - this.#dataAt };
    return { data: this.#data, history: this.#history, trouble, hasKeys };
  }
}
