import { assert, assertEquals, assertMatch } from "@std/assert";
import { boundedFile } from "../../lib/host/events_file.ts";
import { type FollowedFile, followFile } from "../../lib/host/followed_file.ts";
import type { LineFile } from "../../lib/record_keeper.ts";

const missing = (count: number, reason: string) => `MISSING ${count}: ${reason}\n`;

/** A folder for the files of one test, removed after it. */
function inFolder(body: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function write(file: LineFile, from: number, to: number): void {
  for (let i = from; i <= to; i++) file.append(`line ${i}\n`);
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);
}

function following(path: string, body: (file: FollowedFile) => void): void {
  const file = followFile(path);
  try {
    body(file);
  } finally {
    file.close();
  }
}

Deno.test("nothing is made before the first line, which is in the file when the call returns", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing);
    assertEquals([...Deno.readDirSync(folder)], []);
    file.append("one\n");
    assertEquals(Deno.readTextFileSync(path), "one\n");
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o640);
    boundedFile(path, missing).append("two\n");
    assertEquals(Deno.readTextFileSync(path), "one\ntwo\n");
  });
});

Deno.test("a full file becomes the older generation, and there is only one of those", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing, 30);
    write(file, 1, 9);
    assertEquals(Deno.readTextFileSync(path), "line 9\n");
    assertEquals(Deno.readTextFileSync(`${path}.1`), "line 5\nline 6\nline 7\nline 8\n");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "events",
      "events.1",
    ]);
  });
});

Deno.test("a line longer than the limit is kept whole, in a file of its own", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing, 30);
    const long = `${"x".repeat(50)}\n`;
    file.append("short\n");
    file.append(long);
    file.append("short\n");
    assertEquals(Deno.readTextFileSync(path), "short\n");
    assertEquals(Deno.readTextFileSync(`${path}.1`), long);
  });
});

Deno.test("where the folder is gone lines are counted, and told of when it is back", () => {
  inFolder((folder) => {
    const path = `${folder}/run/events`;
    const file = boundedFile(path, missing);
    write(file, 1, 3);
    assertEquals(file.loss().lost, 3);
    assertMatch(file.loss().trouble ?? "", /^No such file/);
    Deno.mkdirSync(`${folder}/run`);
    write(file, 4, 5);
    assertEquals(file.loss(), { lost: 3, trouble: null });
    const [first, ...rest] = Deno.readTextFileSync(path).split("\n");
    assert(first?.startsWith("MISSING 3: No such file"), first);
    assertEquals(rest, ["line 4", "line 5", ""]);
    Deno.removeSync(`${folder}/run`, { recursive: true });
    write(file, 6, 6);
    Deno.mkdirSync(`${folder}/run`);
    write(file, 7, 7);
    assertEquals(Deno.readTextFileSync(path).split("\n").length, 3);
    assertEquals(file.loss(), { lost: 4, trouble: null }, "since the start");
  });
});

Deno.test("what is owed is told without another line, once, and failing at it is no line lost", () => {
  inFolder((folder) => {
    const path = `${folder}/run/events`;
    const file = boundedFile(path, missing);
    file.settle();
    write(file, 1, 2);
    file.settle();
    assertEquals(file.loss().lost, 2);
    assertMatch(file.loss().trouble ?? "", /^No such file/);
    Deno.mkdirSync(`${folder}/run`);
    file.settle();
    assertEquals(file.loss(), { lost: 2, trouble: null });
    file.settle();
    write(file, 3, 3);
    const [first, ...rest] = Deno.readTextFileSync(path).split("\n");
    assert(first?.startsWith("MISSING 2: No such file"), first);
    assertEquals(rest, ["line 3", ""]);
  });
});

Deno.test("where nothing is owed settling makes no file", () => {
  inFolder((folder) => {
    boundedFile(`${folder}/events`, missing).settle();
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("what is owed begins a new file where the present one is full", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing, 30);
    Deno.symlinkSync("/dev/full", path);
    write(file, 1, 1);
    Deno.removeSync(path);
    Deno.writeTextFileSync(path, "the present one is full\n");
    file.settle();
    assertEquals(Deno.readTextFileSync(path), "MISSING 1: No space left on device\n");
    assertEquals(Deno.readTextFileSync(`${path}.1`), "the present one is full\n");
  });
});

Deno.test("a line that a full disk tore is ended before the next one", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    Deno.writeTextFileSync(path, "whole\nto");
    boundedFile(path, missing).append("next\n");
    assertEquals(Deno.readTextFileSync(path), "whole\nto\nnext\n");
  });
});

Deno.test("a full device and a pipe without a reader harm nothing", () => {
  inFolder((folder) => {
    const full = boundedFile("/dev/full", missing, 10);
    write(full, 1, 3);
    assertEquals(full.loss(), { lost: 3, trouble: "No space left on device" });
    assert(Deno.statSync("/dev/full").isCharDevice);
    const pipe = `${folder}/pipe`;
    assert(new Deno.Command("mkfifo", { args: [pipe] }).outputSync().success);
    write(boundedFile(pipe, missing), 1, 2);
  });
});

Deno.test("both generations are read in order at first, then what is new", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing, 30);
    write(file, 1, 6);
    following(path, (followed) => {
      assertEquals(followed.read(), { lines: lines(1, 6), trouble: null });
      assertEquals(followed.read(), { lines: [], trouble: null });
      write(file, 7, 7);
      assertEquals(followed.read().lines, lines(7, 7));
    });
  });
});

Deno.test("nothing is lost or repeated when the file is rotated under the reader, however often", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing, 60);
    following(path, (followed) => {
      const seen: string[] = [];
      for (let i = 1; i <= 200; i++) {
        write(file, i, i);
        if (i % 3 === 0) seen.push(...followed.read().lines);
      }
      assertEquals([...seen, ...followed.read().lines], lines(1, 200));
    });
  });
});

Deno.test("a line that comes right before the rotation is not lost, however close the reader is", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing, 30);
    const real = Deno.statSync;
    write(file, 1, 3);
    following(path, (followed) => {
      assertEquals(followed.read().lines, lines(1, 3));
      try {
        // When the reader has read to the end and is about to see whose the name is.
        Deno.statSync = (place) => {
          Deno.statSync = real;
          write(file, 4, 5);
          return real(place);
        };
        assertEquals(followed.read().lines, lines(4, 5));
      } finally {
        Deno.statSync = real;
      }
      assertEquals(Deno.readTextFileSync(path), "line 5\n");
    });
  });
});

Deno.test("reading goes on when the file comes late, is deleted and made anew, or is cut", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    const file = boundedFile(path, missing);
    following(path, (followed) => {
      assertEquals(followed.read(), { lines: [], trouble: null });
      write(file, 1, 2);
      assertEquals(followed.read().lines, lines(1, 2));
      Deno.removeSync(path);
      assertEquals(followed.read().lines, []);
      assertEquals(followed.read().lines, []);
      write(file, 3, 6);
      assertEquals(followed.read().lines, lines(3, 6));
      Deno.truncateSync(path);
      assertEquals(followed.read().lines, []);
      write(file, 7, 7);
      assertEquals(followed.read().lines, lines(7, 7));
    });
  });
});

Deno.test("the beginning of a line waits for its end", () => {
  inFolder((folder) => {
    const path = `${folder}/events`;
    Deno.writeTextFileSync(path, "one\ntw");
    following(path, (followed) => {
      assertEquals(followed.read().lines, ["one"]);
      Deno.writeTextFileSync(path, "o\nthree\n", { append: true });
      assertEquals(followed.read().lines, ["two", "three"]);
    });
  });
});

Deno.test("a folder in the place of the file is told as trouble", () => {
  inFolder((folder) => {
    following(folder, (followed) => {
      assertEquals(followed.read(), {
        lines: [],
        trouble: { text: `Cannot read ${folder}: is no regular file`, isForbidden: false },
      });
    });
  });
});
