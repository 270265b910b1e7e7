/**
 * How many answers one address gets: so many at once, and then so many a second. Whoever asks more often is not a
 * requestor, and an address that somebody else pretends to have must not be flooded with our answers.
 *
 * Each address has a bucket of tokens that fills with time. A bucket that nobody drew from while it filled is like one
 * that never was, so forgetting it changes nothing. Only when more addresses ask within a second than fit here are
 * buckets forgotten earlier; who asks then begins with a full one. That is the better of two evils: to refuse those who
 * find no room would let a flood from invented addresses silence us towards everybody.
 */
import type { Address, Ms } from "./types.ts";

/** Answers a second that one address gets for long. */
export const ANSWERS_PER_SECOND = 250;
/** Answers that it gets at once. */
export const ANSWER_BURST = 50;
/** Addresses that are told apart. */
export const ANSWER_SOURCES = 8192;

/** After so long without an answer a bucket is full: two generations last at least this. */
const GENERATION_MS = 1000;

interface Bucket {
  tokens: number;
  at: Ms;
}

/** Tells whether one more answer may go to an address. */
export class AnswerLimit {
  #young = new Map<Address, Bucket>();
  #old = new Map<Address, Bucket>();
  #since: Ms = -Infinity;

  /** Addresses that are remembered now. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Whether an answer may go to `to`; if so, it is counted. */
  take(to: Address, now: Ms): boolean {
    const bucket = this.#bucket(to, now);
    const earned = Math.max(0, now - bucket.at) * (ANSWERS_PER_SECOND / 1000);
    bucket.tokens = Math.min(ANSWER_BURST, bucket.tokens + earned);
    bucket.at = Math.max(bucket.at, now);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #bucket(to: Address, now: Ms): Bucket {
    const young = this.#young.get(to);
    if (young !== undefined) return young;
    if (now - this.#since >= GENERATION_MS || this.#young.size >= ANSWER_SOURCES / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#since = now;
    }
    const bucket = this.#old.get(to) ?? { tokens: ANSWER_BURST, at: now };
    this.#young.set(to, bucket);
    // Or it would be counted twice, and an old generation would be larger than it is.
    this.#old.delete(to);
    return bucket;
  }
}
