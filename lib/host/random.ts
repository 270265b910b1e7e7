import type { Random } from "../core/types.ts";

/** Draws are served from a buffer filled at once, since each filling is a call into the runtime. */
const DRAWS_PER_FILL = 64;
const WORDS_PER_DRAW = 2;

/** The operating system's cryptographic random numbers. */
export function createRandom(): Random {
  const words = new Uint32Array(DRAWS_PER_FILL * WORDS_PER_DRAW);
  let next = words.length;

  const word = () => {
    if (next === words.length) {
      crypto.getRandomValues(words);
      next = 0;
    }
    const drawn = words[next]!;
    // Nonces are secrets until they are sent: no copy stays behind.
    words[next] = 0;
    next++;
    return drawn;
  };

  return {
    // 53 bits, all that a double holds in [0, 1): 26 from one word and 27 from another.
    fraction: () => ((word() >>> 6) * 2 ** 27 + (word() >>> 5)) / 2 ** 53,
    bits64: () => (BigInt(word()) << 32n) | BigInt(word()),
  };
}
