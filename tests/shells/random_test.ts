import { assert, assertEquals } from "@std/assert";
import { createRandom } from "../../lib/host/random.ts";

const DRAWS = 20_000;

Deno.test("fractions are in [0, 1) and evenly spread", () => {
  const random = createRandom();
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < DRAWS; i++) {
    const fraction = random.fraction();
    assert(fraction >= 0 && fraction < 1);
    tenths[Math.floor(fraction * 10)]!++;
  }
  // Each tenth is 2000 ± 42 (one deviation): eight deviations happen once in 10^15 runs.
  for (const count of tenths) assert(Math.abs(count - DRAWS / 10) < 8 * 42.5, `${tenths}`);
});

Deno.test("fractions use all 53 bits", () => {
  const random = createRandom();
  let union = 0n;
  for (let i = 0; i < 1000; i++) union |= BigInt(random.fraction() * 2 ** 53);
  assertEquals(union, 2n ** 53n - 1n);
});

Deno.test("64 bits do not repeat and each of them is drawn as 0 and as 1", () => {
  const random = createRandom();
  const drawn = Array.from({ length: 1000 }, () => random.bits64());
  assertEquals(new Set(drawn).size, 1000);
  assertEquals(drawn.reduce((union, bits) => union | bits), 2n ** 64n - 1n);
  assertEquals(drawn.reduce((common, bits) => common & bits), 0n);
});
