import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseStartNote, type StartNote, startNoteText } from "../../lib/start_note.ts";

const KILLED = { pid: 100, fault: "faild does not answer" };

Deno.test("a note is read as it was written", () => {
  const notes: StartNote[] = [
    { killed: KILLED, startsBeforeRest: 0 },
    { killed: null, startsBeforeRest: 5 },
  ];
  for (const note of notes) assertEquals(parseStartNote(startNoteText(note)), note);
});

Deno.test("what is no note is none, and no text makes reading it throw", () => {
  const wrong: readonly unknown[] = [
    null,
    {},
    [],
    { killed: null },
    { startsBeforeRest: 0 },
    { killed: null, startsBeforeRest: -1 },
    { killed: 100, startsBeforeRest: 0 },
    { killed: { pid: "100", fault: "x" }, startsBeforeRest: 0 },
    { killed: { pid: 100 }, startsBeforeRest: 0 },
  ];
  for (const each of wrong) assertEquals(parseStartNote(JSON.stringify(each)), null);
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    parseStartNote(text);
  }));
});
