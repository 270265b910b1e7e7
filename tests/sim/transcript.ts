/** What happened in a world, as lines with simulated time: the log as an admin reads it, and what the kernels were told. */
import type { Ms, Notice } from "../../lib/core/types.ts";
import { noticeText } from "../../lib/notice_text.ts";
import type { Host } from "./host.ts";
import type { KernelChange } from "./kernel.ts";
import type { Observer, World } from "./world.ts";

/** Writes down what happens. */
export class Transcript implements Observer {
  readonly #world: World;
  readonly #write: (line: string) => void;
  readonly #saysDeeds: boolean;

  /**
   * `write` is given one line at a time, without its newline; with `saysDeeds` also for what was done to the world.
   */
  constructor(world: World, write: (line: string) => void, saysDeeds: boolean) {
    this.#world = world;
    this.#write = write;
    this.#saysDeeds = saysDeeds;
  }

  notice(host: Host, notice: Notice): void {
    const { level, text } = noticeText(notice);
    this.#line(host.name, level, text);
  }

  switched(host: Host, changes: readonly KernelChange[]): void {
    this.#line(host.name, "kernel", changes.join(", "));
  }

  disturbed(host: Host, changes: readonly KernelChange[]): void {
    this.#line(host.name, "kernel", `by others: ${changes.join(", ")}`);
  }

  done(what: string): void {
    if (this.#saysDeeds) this.#line("", "world", what);
  }

  #line(host: string, kind: string, text: string): void {
    this.#write(`${timeText(this.#world.now)} ${host.padEnd(3)} ${kind.padEnd(7)} ${text}`);
  }
}

/** A moment of the simulation: seconds since its beginning, to the millisecond. */
export function timeText(at: Ms): string {
  return (at / 1000).toFixed(3).padStart(8);
}
