/**
 * Random loss makes a path fail now and then although nothing is broken. How often follows from the loss p alone:
 *
 *   An inquiry goes unanswered with q = 1 - (1 - p)². A row of f misses begins after an answered inquiry, so of N
 *   inquiries N q^f (1 - q) are the first of such a row.
 *
 * With N = 86400 s / t inquiries a day that is the well-known 86400/t q^f (1 - q); as jitter shortens the interval to
 * 0.875 t on average, it is counted per inquiry here.
 *
 * This holds for rows of misses alone, so the rule about loss, which looks at the part that is lost, is switched off;
 * and for inquiries that are all sent at the interval, so none are sent faster to confirm a first miss.
 *
 * The two ends tell each other what they do not hear, and the worse view counts, so the other end could add failures.
 * Here it does not: the other end is a mere responder, who misses inquiries only, of which each was one that the
 * requestor missed as well; it waits for each for the whole interval, so it is never the first to count f. With a
 * second requestor the rows of either end take the path down, and up to twice as many failures are right. One LAN
 * only, as a path whose traffic was moved must earn its way back and fails less often meanwhile.
 */
import { assert } from "@std/assert";
import { decode } from "../../lib/core/wire.ts";
import { settingsOf } from "./settings.ts";
import { World } from "./world.ts";

const INQUIRIES = 25_000;

/** Runs one pair until the requestor sent so many inquiries; returns how often its path went down. */
function failures(seed: string, loss: number, failAfter: number): number {
  const world = new World({ seed, announced: 1 });
  world.addLan("A", { delayMs: 0.2, jitterMs: 0, duplicate: 0, reorder: 0, reorderMs: 0 });
  // Loss is to be no reason to leave the path here, only rows of misses are.
  const rule = { window: 0, leaveAbove: 0.2, returnBelow: 0.05 };
  const settings = settingsOf({ failAfter, restoreAfter: 5, nodeName: "a", loss: rule });
  const tempo = { lateMs: 1, isSteady: false, costMs: 0.02 };
  const place = (address: string) => [{ lan: "A", address, prefixLength: 24 }];
  world.addHost({ name: "a", settings, tempo, addresses: place("10.0.1.1") });
  world.addHost({
    name: "b",
    settings: { ...settings, requestor: false, nodeName: "b" },
    tempo,
    addresses: place("10.0.1.2"),
  });
  world.start("a");
  world.start("b");
  world.run(5000);
  let inquiries = 0;
  let failed = 0;
  world.observers.push({
    step: (host, { effects }) => {
      if (host.name !== "a") return;
      for (const effect of effects) {
        if (effect.kind !== "send") continue;
        if (decode(effect.bytes).packet?.kind === "inq") inquiries += 1;
      }
    },
    notice: (host, notice) => {
      if (host.name === "a" && notice.kind === "path-down") failed += 1;
    },
  });
  world.trouble("A", { from: "*", to: "*", loss, extraDelayMs: 0 });
  world.run(Infinity, () => inquiries >= INQUIRIES);
  return failed;
}

/** The probability that an inquiry goes unanswered. */
function missed(loss: number): number {
  return 1 - (1 - loss) ** 2;
}

/** The failures to expect, and by how much a Poisson count is off with a probability of one in a thousand. */
function expectation(loss: number, failAfter: number): { mean: number; tolerance: number } {
  const q = missed(loss);
  const mean = INQUIRIES * q ** failAfter * (1 - q);
  return { mean, tolerance: 3.3 * Math.sqrt(mean) };
}

for (const [loss, failAfter] of [[0.1, 3], [0.2, 4], [0.05, 2]] as const) {
  const percent = loss * 100;
  Deno.test(`with ${percent} % loss and -f ${failAfter} a path fails as often as the formula says`, () => {
    const { mean, tolerance } = expectation(loss, failAfter);
    const count = failures("false failover", loss, failAfter);
    assert(
      Math.abs(count - mean) <= tolerance,
      `${count} failures, expected ${mean.toFixed(1)} ± ${tolerance.toFixed(1)}`,
    );
  });
}

Deno.test("the interval is narrow enough to tell -f 3 from -f 2 and from -f 4", () => {
  const count = failures("false failover", 0.1, 3);
  for (const other of [2, 4]) {
    const { mean, tolerance } = expectation(0.1, other);
    assert(Math.abs(count - mean) > tolerance, `${count} would do for -f ${other}`);
  }
});
