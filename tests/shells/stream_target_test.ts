import { assertEquals } from "@std/assert";
import { type ByteWriter, streamTarget, type TargetWords } from "../../lib/host/log_file.ts";

const WORDS: TargetWords = {
  missing: (count, reason) => `MISSING ${count}: ${reason}\n`,
  unwritable: () => "",
};

/** A stream that takes as many bytes as it is told to, and then refuses. */
class FakeStream implements ByteWriter {
  text = "";
  /** Bytes that still fit; each call takes at most `step`. */
  room = Infinity;
  step = Infinity;
  calls = 0;

  writeSync(bytes: Uint8Array): number {
    this.calls++;
    if (this.room === 0) throw new Error("No space left on device (os error 28)");
    const count = Math.min(bytes.length, this.room, this.step);
    this.text += new TextDecoder().decode(bytes.subarray(0, count));
    this.room -= count;
    return count;
  }
}

Deno.test("a line is written by one call", () => {
  const stream = new FakeStream();
  streamTarget(stream, WORDS).write("a long line\n");
  assertEquals([stream.calls, stream.text], [1, "a long line\n"]);
});

Deno.test("a line that is taken in parts is written to its end", () => {
  const stream = new FakeStream();
  stream.step = 3;
  const target = streamTarget(stream, WORDS);
  target.write("one two three\n");
  target.write("four\n");
  assertEquals(stream.text, "one two three\nfour\n");
});

Deno.test("after a torn line the next one begins on a line of its own", () => {
  const stream = new FakeStream();
  stream.room = 6;
  const target = streamTarget(stream, WORDS);
  target.write("one\n");
  target.write("two\n");
  target.write("three\n");
  assertEquals(target.loss(), { lost: 2, trouble: "No space left on device" });
  stream.room = Infinity;
  target.write("four\n");
  target.write("five\n");
  assertEquals(stream.text, "one\ntw\nMISSING 2: No space left on device\nfour\nfive\n");
});

Deno.test("what a stream owes is told on a line of its own, also where telling it tore", () => {
  const stream = new FakeStream();
  stream.room = 6;
  const target = streamTarget(stream, WORDS);
  target.settle();
  assertEquals(stream.calls, 0);
  target.write("one\n");
  target.write("two\n");
  stream.room = 4;
  target.settle();
  assertEquals(target.loss(), { lost: 1, trouble: "No space left on device" });
  stream.room = Infinity;
  target.settle();
  assertEquals(stream.text, "one\ntw\nMIS\nMISSING 1: No space left on device\n");
  assertEquals(target.loss(), { lost: 1, trouble: null });
});

Deno.test("a stream that takes nothing without an error is not waited for", () => {
  const stream = new FakeStream();
  stream.step = 0;
  const target = streamTarget(stream, WORDS);
  target.write("one\n");
  assertEquals(stream.calls, 1);
  stream.step = Infinity;
  target.write("two\n");
  assertEquals(stream.text, "MISSING 1: Nothing more can be written\ntwo\n");
});
