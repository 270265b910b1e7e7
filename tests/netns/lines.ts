/** A stream of text lines as it comes, each stamped on receipt, and waiting for one of them. */

/** One line and when this process read it, in ms of `performance.now()`. */
export interface Line {
  readonly at: number;
  readonly text: string;
}

/** What a line is held against: a regular expression, or something like it. */
export interface Pattern {
  test(text: string): boolean;
  toString(): string;
}

interface Waiter {
  readonly pattern: Pattern;
  readonly resolve: (line: Line) => void;
}

/** The lines that came so far; more come while the stream lives. */
export class Lines {
  readonly all: Line[] = [];
  /** Resolves when the stream has ended and every line is in `all`. */
  readonly ended: Promise<void>;
  readonly #waiters = new Set<Waiter>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream);
  }

  /** The number of lines so far: a place from which `wait` and `since` may look. */
  get count(): number {
    return this.all.length;
  }

  /** The texts from a place on. */
  since(from: number): string[] {
    return this.all.slice(from).map((line) => line.text);
  }

  /** All lines from a place on that match. */
  matching(pattern: Pattern, from = 0): Line[] {
    return this.all.slice(from).filter((line) => pattern.test(line.text));
  }

  /**
   * The first line from a place on that matches, awaited for `timeoutMs`. Throws, with all lines since that
   * place, when it does not come or the stream ends without it.
   */
  async wait(pattern: Pattern, { timeoutMs = 5_000, from = 0 } = {}): Promise<Line> {
    const there = this.matching(pattern, from)[0];
    if (there !== undefined) return there;
    const { promise, resolve } = Promise.withResolvers<Line>();
    const waiter = { pattern, resolve };
    this.#waiters.add(waiter);
    const failed = Promise.withResolvers<null>();
    const timer = setTimeout(() => failed.resolve(null), timeoutMs);
    this.ended.then(() => failed.resolve(null));
    const line = await Promise.race([promise, failed.promise]);
    clearTimeout(timer);
    this.#waiters.delete(waiter);
    if (line !== null) return line;
    const seen = this.since(from).map((text) => `\n  ${text}`).join("");
    throw new Error(
      `Waited up to ${timeoutMs} ms in vain for a line like ${pattern}; there came:${seen}`,
    );
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const at = performance.now();
      rest += decoder.decode(bytes, { stream: true });
      const parts = rest.split("\n");
      rest = parts.pop() ?? "";
      for (const text of parts) this.#take({ at, text });
    }
    if (rest !== "") this.#take({ at: performance.now(), text: rest });
  }

  #take(line: Line): void {
    this.all.push(line);
    for (const waiter of this.#waiters) {
      if (waiter.pattern.test(line.text)) waiter.resolve(line);
    }
  }
}
