import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatV4 } from "../../lib/core/address.ts";
import {
  BOOT_LIMIT,
  COUNTERS_KEPT,
  LAG_MS,
  type Origin,
  SILENT_MS,
  SOURCE_LIMIT,
  Vouching,
} from "../../lib/core/vouching.ts";

const A = "10.0.1.2";
const B = "10.0.2.2";
const T = 1000;

function by(counter: number, source = A, boot = 2n, intervalMs = T): Origin {
  return { source, boot, counter, intervalMs };
}

/** One that has vouched for boot 2 at time 0 by its packet 10 from A. */
function vouched(): Vouching {
  const vouching = new Vouching(T);
  assertEquals(vouching.vouch(by(10), -1, 0), "new");
  return vouching;
}

/** What packets of these counters are worth, one after the other at one time: "fresh replayed". */
function verdicts(vouching: Vouching, now: number, counters: readonly number[], source = A) {
  return counters.map((counter) => vouching.accept(by(counter, source), now)).join(" ");
}

Deno.test("nothing of a boot is believed before it answered, everything it writes from then on once", () => {
  const vouching = new Vouching(T);
  assertEquals(vouching.isVouched(2n, 0), false);
  assertEquals(vouching.accept(by(9), 0), "unproven");
  assertEquals(vouching.vouch(by(10), -1, 0), "new");
  assert(vouching.isVouched(2n, 0));
  assertEquals(verdicts(vouching, 1, [9, 10, 11, 11]), "unproven replayed fresh replayed");
  assertEquals(vouching.vouch(by(13), 1, 2), "known");
});

Deno.test("what was written before the answer is refused from every address, and soon called a recording", () => {
  const vouching = vouched();
  assertEquals(verdicts(vouching, 1, [9, 10, 11], B), "unproven replayed fresh");
  assertEquals(verdicts(vouching, LAG_MS, [9], B), "replayed");
});

Deno.test("a packet may be overtaken by a few others of its source, a copy is still refused", () => {
  const vouching = vouched();
  assertEquals(
    verdicts(vouching, 1, [15, 12, 14, 12, 13, 15]),
    "fresh fresh fresh replayed fresh replayed",
  );
});

Deno.test("a packet that more were written after than are remembered is refused", () => {
  const vouching = vouched();
  for (let counter = 20; counter < 20 + COUNTERS_KEPT; counter++) {
    assertEquals(vouching.accept(by(counter), 1), "fresh");
  }
  assertEquals(verdicts(vouching, 1, [19, 20, 27, 28]), "replayed replayed replayed fresh");
});

Deno.test("what was overtaken by more than are remembered is refused, though none of these was it", () => {
  const vouching = vouched();
  const even = Array.from({ length: COUNTERS_KEPT + 1 }, (_, i) => 20 + 2 * i);
  for (const counter of even) assertEquals(vouching.accept(by(counter), 1), "fresh");
  assertEquals(verdicts(vouching, 1, [21, 23]), "replayed fresh");
});

Deno.test("two addresses of one boot may overtake each other", () => {
  const vouching = vouched();
  assertEquals(verdicts(vouching, 1, [100, 102, 104]), "fresh fresh fresh");
  assertEquals(verdicts(vouching, 1, [101, 103], B), "fresh fresh");
});

Deno.test("what never reached us is worthless seconds after the boot was heard anywhere else", () => {
  const vouching = vouched();
  // 11 went out on B, where we did not hear it; the boot goes on being heard on A.
  let counter = 12;
  for (let now = 0; now <= 3 * LAG_MS; now += 100) vouching.accept(by(counter++), now);
  assertEquals(vouching.accept(by(11, B), 3 * LAG_MS), "replayed");
});

Deno.test("the same goes for a boot of which only one packet came since", () => {
  const vouching = vouched();
  vouching.accept(by(12), 500);
  assertEquals(vouching.accept(by(11, B), 500 + LAG_MS - 1), "fresh");
  const other = vouched();
  other.accept(by(12), 500);
  assertEquals(other.accept(by(11, B), 500 + LAG_MS), "replayed");
});

Deno.test("a boot that was silent for long has to prove itself anew", () => {
  const vouching = vouched();
  assertEquals(vouching.accept(by(11), SILENT_MS), "fresh");
  assertEquals(vouching.accept(by(12), 2 * SILENT_MS), "fresh");
  assertEquals(vouching.accept(by(13), 3 * SILENT_MS + 1), "unproven");
  assertEquals(vouching.isVouched(2n, 3 * SILENT_MS + 1), false);
  assertEquals(vouching.vouch(by(50), 3 * SILENT_MS + 1, 3 * SILENT_MS + 2), "new");
  assertEquals(verdicts(vouching, 3 * SILENT_MS + 3, [49, 51]), "unproven fresh");
});

Deno.test("long is three intervals, for a boot that inquires seldom", () => {
  const vouching = new Vouching(T);
  vouching.vouch(by(10, A, 2n, 60_000), -1, 0);
  assertEquals(vouching.accept(by(11, A, 2n, 60_000), 180_000), "fresh");
  assertEquals(vouching.accept(by(12, A, 2n, 60_000), 360_001), "unproven");
  // What counts is how often it inquires now.
  vouching.vouch(by(20), 400_000, 400_000);
  assertEquals(vouching.accept(by(21, A, 2n, 60_000), 400_001), "fresh");
  assertEquals(vouching.accept(by(22, A, 2n, 60_000), 580_001), "fresh");
});

Deno.test("a restart: the new boot proves itself, what is left of the old one is worthless", () => {
  const vouching = vouched();
  vouching.accept(by(11), 100);
  vouching.accept(by(12, B), 100);
  assertEquals(vouching.accept(by(1, A, 3n), 200), "unproven");
  assertEquals(vouching.vouch(by(2, A, 3n), 200, 201), "new");
  assertEquals(vouching.accept(by(3, A, 3n), 202), "fresh");
  // Packet 13 of the old boot was recorded where we did not hear it.
  assertEquals(vouching.accept(by(13), 203), "unproven");
  assertEquals(vouching.accept(by(13, B), 203), "unproven");
  assertEquals(vouching.size, { boots: 1, addresses: 1 });
});

Deno.test("a restart is noticed at any address that the old boot was heard from", () => {
  const vouching = vouched();
  vouching.accept(by(12, B), 100);
  assertEquals(vouching.vouch(by(1, B, 3n), 200, 201), "new");
  assertEquals(vouching.accept(by(13), 203), "unproven");
});

Deno.test("an answer of the old boot, played back while its inquiry is open, does not bring it back", () => {
  const vouching = vouched();
  assertEquals(vouching.vouch(by(11), 100, 101), "known");
  assertEquals(vouching.vouch(by(1, A, 3n), 150, 201), "new");
  assertEquals(vouching.vouch(by(11), 100, 202), "known");
  assertEquals(vouching.isVouched(2n, 202), false);
  assertEquals(vouching.accept(by(2, A, 3n), 203), "fresh");
  assertEquals(vouching.vouch(by(3, A, 3n), 300, 301), "known");
  assertEquals(vouching.vouch(by(12), 200, 302), "known");
  assertEquals(vouching.isVouched(2n, 302), false);
});

Deno.test("an unproven packet takes no address from the boot that has it", () => {
  const vouching = vouched();
  assertEquals(vouching.accept(by(5, A, 3n), 1), "unproven");
  assertEquals(vouching.accept(by(11), 2), "fresh");
});

Deno.test("two boots that claim one address: who answered last has it, and can lose it again", () => {
  const vouching = vouched();
  vouching.vouch(by(7, B, 3n), 0, 1);
  assertEquals(vouching.accept(by(8, A, 3n), 2), "fresh");
  assertEquals(vouching.isVouched(2n, 2), true);
  assertEquals(vouching.vouch(by(9, A, 3n), 2, 3), "known");
  assertEquals(vouching.isVouched(2n, 3), false);
  assertEquals(vouching.vouch(by(20), 3, 4), "new");
  assertEquals(vouching.isVouched(3n, 4), false);
});

Deno.test("a boot that is over takes no address along that another one has", () => {
  const vouching = vouched();
  vouching.vouch(by(7, B, 3n), 0, 1);
  assertEquals(vouching.accept(by(8, A, 3n), 2), "fresh");
  assertEquals(vouching.vouch(by(1, B, 4n), 2, 3), "new");
  assertEquals([2n, 3n].map((boot) => vouching.isVouched(boot, 3)), [true, false]);
  assertEquals(vouching.vouch(by(1, A, 5n), 3, 4), "new");
  assertEquals(vouching.isVouched(2n, 4), false);
});

Deno.test("a copy of an answer proves nothing", () => {
  const vouching = vouched();
  assertEquals(vouching.accept(by(11, B), 0), "fresh");
  const other = vouched();
  for (const each of [vouching, other]) assertEquals(each.vouch(by(10), -1, 1), "known");
  assertEquals(vouching.accept(by(11, B), 2), "replayed");
});

Deno.test("a machine that was set back is known by its answer, and goes on from there", () => {
  const vouching = vouched();
  for (let counter = 500; counter < 500 + COUNTERS_KEPT; counter++) {
    vouching.accept(by(counter), 100);
  }
  assertEquals(vouching.accept(by(300), 200), "replayed");
  assertEquals(vouching.vouch(by(301), 201, 202), "set-back");
  assertEquals(verdicts(vouching, 203, [300, 301, 302]), "unproven replayed fresh");
  assertEquals(verdicts(vouching, 203, [302, 303], B), "fresh fresh");
});

Deno.test("an answer that was overtaken lowers nothing", () => {
  const vouching = vouched();
  vouching.accept(by(12), 100);
  // Asked before packet 12 came: it proves nothing that 11 was written after that.
  assertEquals(vouching.vouch(by(11), 50, 101), "known");
  assertEquals(vouching.vouch(by(11), 100, 101), "known");
  assertEquals(vouching.accept(by(12), 102), "replayed");
});

Deno.test("a very late answer does not bring back a boot that has to prove itself anew", () => {
  const vouching = vouched();
  vouching.accept(by(12), 100);
  const late = 100 + SILENT_MS + 1;
  assertEquals(vouching.vouch(by(11), 50, late), "known");
  assertEquals(vouching.isVouched(2n, late), false);
});

Deno.test("a flood of boots is bounded, and who is forgotten for it is unproven", () => {
  const vouching = new Vouching(T);
  for (let i = 0; i <= BOOT_LIMIT; i++) {
    assertEquals(vouching.vouch(by(10, formatV4(i), BigInt(i)), -1, 0), "new");
    assert(vouching.size.boots <= BOOT_LIMIT && vouching.size.addresses <= BOOT_LIMIT);
  }
  assertEquals(vouching.accept(by(11, formatV4(0), 0n), 1), "unproven");
  assertEquals(vouching.accept(by(11, formatV4(1), 1n), 1), "fresh");
});

Deno.test("a boot with too many addresses loses the memory of one, and gains no second chance", () => {
  const vouching = vouched();
  const sources = Array.from({ length: SOURCE_LIMIT }, (_, i) => `10.0.3.${i + 1}`);
  for (const [i, source] of sources.entries()) {
    assertEquals(vouching.accept(by(100 + i, source), 1), "fresh");
  }
  for (const [i, source] of [A, ...sources].entries()) {
    assertEquals(vouching.accept(by(99 + i, source), 1), "replayed", source);
  }
  assertEquals(vouching.accept(by(200, A), 1), "fresh");
  assertEquals(vouching.size, { boots: 1, addresses: SOURCE_LIMIT });
});

/** A packet of the one sender below: written at `at`, with this counter. */
interface Written {
  readonly at: number;
  readonly origin: Origin;
}

Deno.test("whatever is delivered when and how often: nothing is fresh twice, nor when it is old", () => {
  const step = fc.record({
    waitMs: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(0, 1, 50, 200) },
      { weight: 1, arbitrary: fc.constantFrom(700, LAG_MS - 1, LAG_MS, SILENT_MS, SILENT_MS + 1) },
    ),
    kind: fc.constantFrom("write", "write", "deliver", "deliver", "replay", "prove", "overtaken"),
    source: fc.constantFrom(A, B),
    pick: fc.nat(),
  });
  let fresh = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 200, size: "max" }), (steps) => {
      const vouching = new Vouching(T);
      const written: Written[] = [];
      const seen = new Set<string>();
      const receipts: { at: number; writtenAt: number }[] = [];
      let counter = 0;
      let now = 0;
      for (const { waitMs, kind, source, pick } of steps) {
        now += 1 + waitMs;
        if (kind === "write") written.push({ at: now, origin: by(++counter, source) });
        else if (kind === "prove") {
          assert(vouching.vouch(by(++counter, source), now - 1, now) !== "set-back");
          receipts.push({ at: now, writtenAt: now });
        } else if (kind === "overtaken") {
          // The answer is written now, and comes after what was written after it.
          const answer = by(++counter, source);
          const next = { at: now, origin: by(++counter, source) };
          written.push(next);
          const askedAt = now - 1;
          if (vouching.accept(next.origin, now) === "fresh") seen.add(`${source} ${counter}`);
          assert(vouching.vouch(answer, askedAt, now) !== "set-back");
          receipts.push({ at: now, writtenAt: now });
        } else {
          // Delivered in its time, or any of those before once more.
          const from = kind === "deliver" ? Math.max(0, written.length - 4) : 0;
          const chosen = written[from + pick % Math.max(1, written.length - from)];
          if (chosen === undefined || vouching.accept(chosen.origin, now) !== "fresh") continue;
          fresh++;
          const key = `${chosen.origin.source} ${chosen.origin.counter}`;
          assert(!seen.has(key), `${key} twice`);
          seen.add(key);
          const newer = receipts.find((each) =>
            each.at <= now - 3 * LAG_MS && each.writtenAt > chosen.at
          );
          assertEquals(newer, undefined, `${key} is old`);
          receipts.push({ at: now, writtenAt: chosen.at });
        }
      }
    }),
    { numRuns: 1000, seed: 1 },
  );
  assert(fresh > 10_000, `only ${fresh} were fresh`);
});

Deno.test("both ends restart at once: a handful of packets, and both have proven themselves", () => {
  const ends = [A, B].map((source, i) => ({
    source,
    boot: BigInt(i + 1),
    counter: 0,
    vouching: new Vouching(T),
  }));
  let now = 0;
  const wire: { to: number; kind: "inq" | "ack"; origin: Origin; askedAt: number }[] = [];
  const send = (from: number, kind: "inq" | "ack", askedAt: number) => {
    const { source, boot } = ends[from]!;
    wire.push({ to: 1 - from, kind, origin: by(++ends[from]!.counter, source, boot), askedAt });
  };
  send(0, "inq", now);
  send(1, "inq", now);
  let count = 0;
  for (let each = wire.shift(); each !== undefined; each = wire.shift(), count++) {
    now += 1;
    const { vouching } = ends[each.to]!;
    if (each.kind === "ack") {
      vouching.vouch(each.origin, each.askedAt, now);
      continue;
    }
    send(each.to, "ack", each.askedAt);
    const verdict = vouching.accept(each.origin, now);
    if (verdict === "fresh") continue;
    if (vouching.challengeDue(each.origin.source, verdict, now)) send(each.to, "inq", now);
  }
  assertEquals(ends.map(({ vouching }, i) => vouching.isVouched(ends[1 - i]!.boot, now)), [
    true,
    true,
  ]);
  assert(count <= 8, `${count} packets`);
});

/** At which of the times from 0 on, each `everyMs`, a challenge is due. */
function dueAt(
  vouching: Vouching,
  verdict: "unproven" | "replayed",
  everyMs: number,
  untilMs: number,
) {
  const times: number[] = [];
  for (let now = 0; now < untilMs; now += everyMs) {
    if (vouching.challengeDue(A, verdict, now)) times.push(now);
  }
  return times;
}

Deno.test("an unproven sender is asked four times an interval, one that looks replayed once", () => {
  assertEquals(dueAt(new Vouching(1000), "unproven", 10, 1000), [0, 250, 500, 750]);
  assertEquals(dueAt(new Vouching(1000), "replayed", 10, 3000), [0, 1000, 2000]);
});

Deno.test("nobody is asked more often than each 20 ms, nor less often than each 10 s", () => {
  assertEquals(dueAt(new Vouching(10), "unproven", 5, 100), [0, 20, 40, 60, 80]);
  assertEquals(dueAt(new Vouching(3_600_000), "replayed", 1000, 30_000), [0, 10_000, 20_000]);
});

Deno.test("who was asked is remembered for as long as it matters, and counted once", () => {
  const slow = new Vouching(3_600_000);
  assert(slow.challengeDue(B, "replayed", 0));
  assert(slow.challengeDue(A, "replayed", 9_000));
  assertEquals(slow.challengeDue(A, "replayed", 11_000), false);
  assertEquals(dueAt(new Vouching(10), "unproven", 5, 12_000).length, 600);
});

Deno.test("a flood from many senders is asked no more than 200 times in any second", () => {
  const vouching = new Vouching(10);
  const times: number[] = [];
  for (let i = 0; i < 100_000; i++) {
    const now = i / 10;
    if (vouching.challengeDue(formatV4(i % 1000), "unproven", now)) times.push(now);
  }
  assert(times.length > 500, `${times.length} in 10 s`);
  for (const [i, time] of times.entries()) {
    const later = times[i + 200];
    assert(later === undefined || later - time >= 1000, `201 from ${time} to ${later}`);
  }
});

Deno.test("in a lasting flood from many senders a newcomer is asked at once", () => {
  const vouching = new Vouching(50);
  let waited = 0;
  for (let i = 0; i < 300_000; i++) {
    const now = i / 10;
    vouching.challengeDue(formatV4(i % 100), "unproven", now);
    if (i % 10_000 === 9_999) {
      const newcomer = `192.168.0.${i / 10_000 | 0}`;
      let at = now;
      while (!vouching.challengeDue(newcomer, "unproven", at)) at += 1;
      waited = Math.max(waited, at - now);
    }
  }
  assertEquals(waited, 0);
});

Deno.test("how long a boot may be silent follows our own interval when that changes", () => {
  const slower = vouched();
  slower.adapt(60_000);
  assertEquals(slower.accept(by(11), SILENT_MS + 1), "fresh");
});
