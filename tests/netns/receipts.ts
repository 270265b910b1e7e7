/** What a receiver knows of a numbered stream: when each number came, which came twice or out of order. */

/** What became of the numbers from one mark to another. */
export interface StreamWindow {
  /** How many were sent. */
  readonly sent: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Arrived after a higher number had. */
  readonly reordered: number;
  /** Most numbers lost in a row. */
  readonly longestLostRun: number;
  /** Longest time without any arrival, from the last one before the window on, in ms. */
  readonly longestGapMs: number;
}

const FIRST_CAPACITY = 1 << 16;
/** Two hours at 1,000 a second; a number beyond it is no number of ours. */
const LAST_SEQUENCE = 7_200_000;

/** Remembers arrivals by sequence number, counted from 0. */
export class Receipts {
  /** Receipt times in ms; 0 where nothing came. */
  #arrivedAt = new Float64Array(FIRST_CAPACITY);
  #again = new Uint16Array(FIRST_CAPACITY);
  #late = new Uint8Array(FIRST_CAPACITY);
  #end = 0;

  /** One more than the highest number that came. */
  get end(): number {
    return this.#end;
  }

  /** Takes note of one arrival at `atMs` (above 0). */
  record(sequence: number, atMs: number): void {
    if (sequence >= LAST_SEQUENCE) return;
    if (sequence >= this.#arrivedAt.length) this.#grow(sequence + 1);
    if (this.#arrivedAt[sequence] !== 0) {
      this.#again[sequence] = (this.#again[sequence] ?? 0) + 1;
      return;
    }
    this.#arrivedAt[sequence] = atMs;
    if (sequence < this.#end) this.#late[sequence] = 1;
    else this.#end = sequence + 1;
  }

  /** What became of the numbers in [from, to). */
  window(from: number, to: number): StreamWindow {
    let lost = 0;
    let run = 0;
    let longestLostRun = 0;
    let duplicates = 0;
    let reordered = 0;
    let longestGapMs = 0;
    let latest = this.#lastBefore(from);
    for (let sequence = from; sequence < to; sequence++) {
      const at = this.#arrivedAt[sequence] ?? 0;
      duplicates += this.#again[sequence] ?? 0;
      reordered += this.#late[sequence] ?? 0;
      if (at === 0) {
        lost++;
        run++;
        longestLostRun = Math.max(longestLostRun, run);
        continue;
      }
      run = 0;
      if (latest !== 0) longestGapMs = Math.max(longestGapMs, at - latest);
      latest = Math.max(latest, at);
    }
    return { sent: to - from, lost, duplicates, reordered, longestLostRun, longestGapMs };
  }

  /** How many in [from, to) came. */
  count(from: number, to: number): number {
    let count = 0;
    for (let sequence = from; sequence < to; sequence++) {
      if ((this.#arrivedAt[sequence] ?? 0) !== 0) count++;
    }
    return count;
  }

  #lastBefore(from: number): number {
    for (let sequence = from - 1; sequence >= 0; sequence--) {
      const at = this.#arrivedAt[sequence] ?? 0;
      if (at !== 0) return at;
    }
    return 0;
  }

  #grow(needed: number): void {
    let capacity = this.#arrivedAt.length;
    while (capacity < needed) capacity *= 2;
    const arrivedAt = new Float64Array(capacity);
    arrivedAt.set(this.#arrivedAt);
    this.#arrivedAt = arrivedAt;
    const again = new Uint16Array(capacity);
    again.set(this.#again);
    this.#again = again;
    const late = new Uint8Array(capacity);
    late.set(this.#late);
    this.#late = late;
  }
}
