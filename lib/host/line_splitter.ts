/** Makes lines of what a pipe delivers in pieces. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #mostCharacters: number;
  /** The beginning of the line that is not complete, in pieces: joining them each time would take quadratic time. */
  #rest: string[] = [];
  #restLength = 0;

  /** A line longer than `mostCharacters` is cut: it loses its beginning. */
  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters;
  }

  /** Calls `take` for each line that is now complete, without its end. */
  push(chunk: Uint8Array, take: (line: string) => void): void {
    const pieces = this.#decoder.decode(chunk, { stream: true }).split("\n");
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      take(this.#rest.join("") + piece);
      this.#rest = [];
      this.#restLength = 0;
    }
    if (this.#restLength + last.length > this.#mostCharacters) {
      this.#rest = [];
      this.#restLength = 0;
    }
    this.#rest.push(last);
    this.#restLength += last.length;
  }
}
