import { assert, assertEquals } from "@std/assert";
import { type LineTarget, openLogFile, type TargetWords } from "../../lib/host/log_file.ts";

const WORDS: TargetWords = {
  missing: (count, reason) => `MISSING ${count}: ${reason}\n`,
  unwritable: (_path, reason, instead) => `UNWRITABLE ${reason}; ${instead}\n`,
};

/** A place for log files, what went to standard error instead, and a clock to turn. */
function createPlace(body: (place: Place) => void): void {
  const dir = Deno.makeTempDirSync();
  try {
    body(new Place(dir));
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

class Place {
  readonly path: string;
  readonly stderr: string[] = [];
  nowMs = 0;

  constructor(readonly dir: string) {
    this.path = `${dir}/faild.log`;
  }

  open(path = this.path): LineTarget {
    const opened = this.tryOpen(path);
    if (opened.kind === "failed") throw new Error(opened.reason);
    return opened.target;
  }

  tryOpen(path: string) {
    const fallback: LineTarget = {
      write: (line) => void this.stderr.push(line),
      loss: () => ({ lost: 0, trouble: null }),
      settle: () => {},
      reopen: () => {},
      close: () => {},
    };
    return openLogFile(path, fallback, WORDS, () => this.nowMs);
  }

  text(path = this.path): string {
    return Deno.readTextFileSync(path);
  }
}

Deno.test("a line is in the file when the call returns, appended to what was there", () => {
  createPlace((place) => {
    Deno.writeTextFileSync(place.path, "old\n");
    const log = place.open();
    log.write("one\n");
    assertEquals(place.text(), "old\none\n");
    log.write("two\n");
    assertEquals(place.text(), "old\none\ntwo\n");
    log.close();
  });
});

Deno.test("a new log file is not readable by everybody", () => {
  createPlace((place) => {
    place.open().close();
    assertEquals(Deno.statSync(place.path).mode! & 0o777, 0o640 & ~Deno.umask());
  });
});

Deno.test("two writers of one file do not overwrite each other", () => {
  createPlace((place) => {
    const first = place.open();
    const second = place.open();
    first.write("one\n");
    second.write("two\n");
    first.write("three\n");
    assertEquals(place.text(), "one\ntwo\nthree\n");
    first.close();
    second.close();
  });
});

Deno.test("after rotation the next line is in the new file, within a second at the latest", () => {
  createPlace((place) => {
    const log = place.open();
    log.write("one\n");
    Deno.renameSync(place.path, `${place.path}.1`);
    place.nowMs += 999;
    log.write("two\n");
    place.nowMs += 1;
    log.write("three\n");
    assertEquals(place.text(`${place.path}.1`), "one\ntwo\n");
    assertEquals(place.text(), "three\n");
    log.close();
  });
});

Deno.test("on request the file is reopened at once", () => {
  createPlace((place) => {
    const log = place.open();
    log.write("one\n");
    Deno.renameSync(place.path, `${place.path}.1`);
    log.reopen();
    log.write("two\n");
    assertEquals(place.text(), "two\n");
    log.close();
  });
});

Deno.test("a deleted file is made anew", () => {
  createPlace((place) => {
    const log = place.open();
    Deno.removeSync(place.path);
    place.nowMs += 1000;
    log.write("one\n");
    assertEquals(place.text(), "one\n");
    assertEquals(place.stderr, []);
    log.close();
  });
});

Deno.test("a truncated file is written from its beginning", () => {
  createPlace((place) => {
    const log = place.open();
    log.write("one\n");
    Deno.truncateSync(place.path);
    log.write("two\n");
    assertEquals(place.text(), "two\n");
    log.close();
  });
});

Deno.test("a file that cannot be opened is a failure with its reason", () => {
  createPlace((place) => {
    assertEquals(place.tryOpen(`${place.dir}/none/faild.log`), {
      kind: "failed",
      reason: "No such file or directory",
    });
    assertEquals(place.tryOpen(place.dir), { kind: "failed", reason: "Is a directory" });
    const pipe = `${place.dir}/pipe`;
    assert(new Deno.Command("mkfifo", { args: [pipe] }).outputSync().success);
    assertEquals(place.tryOpen(pipe), { kind: "failed", reason: "It is a named pipe" });
  });
});

Deno.test("a pipe in the place of the file is not waited for", () => {
  createPlace((place) => {
    const log = place.open();
    Deno.renameSync(place.path, `${place.path}.1`);
    assert(new Deno.Command("mkfifo", { args: [place.path] }).outputSync().success);
    log.reopen();
    log.write("one\n");
    assertEquals(place.text(`${place.path}.1`), "one\n");
    assertEquals(place.stderr, [
      "UNWRITABLE It is a named pipe; its lines go to the file of before\n",
    ]);
    log.close();
  });
});

/** Lets open files lose their state meanwhile, as on a server that restarted. */
function withStaleFiles(body: () => void): void {
  const { statSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.statSync = () => {
    throw new Error("Stale file handle (os error 116)");
  };
  try {
    body();
  } finally {
    Deno.FsFile.prototype.statSync = statSync;
  }
}

Deno.test("a file whose state cannot be had is opened anew, and lines go on", () => {
  createPlace((place) => {
    const log = place.open();
    withStaleFiles(() => {
      place.nowMs += 1000;
      log.write("one\n");
      assertEquals([place.text(), place.stderr], ["one\n", []]);
      log.reopen();
      log.write("two\n");
      assertEquals([place.text(), place.stderr], ["one\ntwo\n", []]);
      Deno.removeSync(place.path);
      Deno.mkdirSync(place.path);
      place.nowMs += 1000;
      log.write("three\n");
    });
    assertEquals(place.stderr, [
      "UNWRITABLE Is a directory; its lines go to standard error\n",
      "three\n",
    ]);
    log.close();
  });
});

Deno.test("a renamed file that has no successor goes on taking lines, and that is told once", () => {
  createPlace((place) => {
    const [dir, moved] = [`${place.dir}/log`, `${place.dir}/moved`];
    Deno.mkdirSync(dir);
    const log = place.open(`${dir}/faild.log`);
    Deno.renameSync(dir, moved);
    for (const line of ["one\n", "two\n", "three\n"]) {
      place.nowMs += 1000;
      log.write(line);
    }
    assertEquals(place.text(`${moved}/faild.log`), "one\ntwo\nthree\n");
    assertEquals(place.stderr, [
      "UNWRITABLE No such file or directory; its lines go to the file of before\n",
    ]);
    Deno.mkdirSync(dir);
    place.nowMs += 1000;
    log.write("four\n");
    assertEquals(place.text(`${dir}/faild.log`), "four\n");
    log.close();
  });
});

Deno.test("lines of a deleted file that cannot be made anew go to standard error and are counted", () => {
  createPlace((place) => {
    const dir = `${place.dir}/log`;
    Deno.mkdirSync(dir);
    const log = place.open(`${dir}/faild.log`);
    Deno.removeSync(dir, { recursive: true });
    place.nowMs += 1000;
    log.write("one\n");
    log.write("two\n");
    assertEquals(place.stderr, [
      "UNWRITABLE No such file or directory; its lines go to standard error\n",
      "one\n",
      "two\n",
    ]);
    assertEquals(log.loss(), { lost: 2, trouble: "No such file or directory" });
    Deno.mkdirSync(dir);
    place.nowMs += 1000;
    log.write("three\n");
    assertEquals(
      place.text(`${dir}/faild.log`),
      "MISSING 2: No such file or directory\nthree\n",
    );
    assertEquals(place.stderr.length, 3);
    log.close();
  });
});

Deno.test("on a full disk lines go to standard error, and their number into the file afterwards", () => {
  createPlace((place) => {
    Deno.symlinkSync("/dev/full", place.path);
    const log = place.open();
    assertEquals(log.loss(), { lost: 0, trouble: null });
    log.write("one\n");
    log.write("two\n");
    assertEquals(log.loss(), { lost: 2, trouble: "No space left on device" });
    assertEquals(place.stderr, [
      "UNWRITABLE No space left on device; its lines go to standard error\n",
      "one\n",
      "two\n",
    ]);
    Deno.removeSync(place.path);
    log.reopen();
    log.write("three\n");
    log.write("four\n");
    assertEquals(place.text(), "MISSING 2: No space left on device\nthree\nfour\n");
    assertEquals(log.loss(), { lost: 2, trouble: null });
    log.close();
  });
});

Deno.test("what is owed is told without another line, in the file that has the name by then", () => {
  createPlace((place) => {
    Deno.symlinkSync("/dev/full", place.path);
    const log = place.open();
    log.write("one\n");
    log.settle();
    log.settle();
    assertEquals(log.loss(), { lost: 1, trouble: "No space left on device" });
    assertEquals(place.stderr.length, 2, "the trouble is told once");
    Deno.removeSync(place.path);
    place.nowMs += 1000;
    log.settle();
    assertEquals(place.text(), "MISSING 1: No space left on device\n");
    assertEquals(log.loss(), { lost: 1, trouble: null });
    log.settle();
    log.write("two\n");
    assertEquals(place.text(), "MISSING 1: No space left on device\ntwo\n");
    Deno.removeSync(place.path);
    Deno.symlinkSync("/dev/full", place.path);
    log.reopen();
    log.write("three\n");
    assertEquals(place.stderr.slice(2), [
      "UNWRITABLE No space left on device; its lines go to standard error\n",
      "three\n",
    ]);
    log.close();
  });
});

Deno.test("where no file can be opened nothing settles, and nothing is counted for that", () => {
  createPlace((place) => {
    const dir = `${place.dir}/log`;
    Deno.mkdirSync(dir);
    const log = place.open(`${dir}/faild.log`);
    Deno.removeSync(dir, { recursive: true });
    place.nowMs += 1000;
    log.write("one\n");
    place.nowMs += 1000;
    log.settle();
    assertEquals(log.loss(), { lost: 1, trouble: "No such file or directory" });
    Deno.mkdirSync(dir);
    place.nowMs += 1000;
    log.settle();
    assertEquals(place.text(`${dir}/faild.log`), "MISSING 1: No such file or directory\n");
    assertEquals(log.loss(), { lost: 1, trouble: null });
    assertEquals(place.stderr.length, 2);
    log.close();
  });
});

Deno.test("where nothing is owed settling makes no file", () => {
  createPlace((place) => {
    const log = place.open();
    Deno.removeSync(place.path);
    place.nowMs += 1000;
    log.settle();
    assertEquals([...Deno.readDirSync(place.dir)], []);
    log.close();
  });
});

Deno.test({
  name: "a line torn by a full disk is ended before the next one, and not in another file",
  // Only the superuser can make a disk of one page.
  ignore: Deno.uid() !== 0,
  fn() {
    createPlace((place) => {
      const disk = `${place.dir}/disk`;
      Deno.mkdirSync(disk);
      const mount = ["-t", "tmpfs", "-o", "size=4096", "none", disk];
      assert(new Deno.Command("mount", { args: mount }).outputSync().success);
      try {
        const log = place.open(`${disk}/faild.log`);
        log.write(`${"x".repeat(3000)}\n`);
        log.write(`${"y".repeat(2000)}\n`);
        assertEquals(place.text(`${disk}/faild.log`).slice(2999, 3003), "x\nyy");
        assertEquals(Deno.statSync(`${disk}/faild.log`).size, 4096);
        Deno.truncateSync(`${disk}/faild.log`, 3010);
        log.write("short\n");
        assertEquals(
          place.text(`${disk}/faild.log`).slice(3001),
          "yyyyyyyyy\nMISSING 1: No space left on device\nshort\n",
        );
        log.write(`${"z".repeat(2000)}\n`);
        Deno.removeSync(`${disk}/faild.log`);
        log.reopen();
        log.write("anew\n");
        assertEquals(
          place.text(`${disk}/faild.log`),
          "MISSING 1: No space left on device\nanew\n",
        );
        log.close();
      } finally {
        assert(new Deno.Command("umount", { args: [disk] }).outputSync().success);
      }
    });
  },
});
