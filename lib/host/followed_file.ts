/**
 * Reads a bounded file of lines as it grows, from the beginning of its older generation, through rotation, deletion and
 * a new beginning.
 */
import { olderGeneration } from "./events_file.ts";
import { failureReason } from "./failure.ts";
import { LineSplitter } from "./line_splitter.ts";

/** Why something that is there could not be read. */
export interface ReadTrouble {
  /** E.g. "Cannot read /run/faild/events.jsonl: Permission denied". */
  readonly text: string;
  /** Whether it is for want of rights. */
  readonly isForbidden: boolean;
}

/** What was new in a file. */
export interface Growth {
  /** Whole lines, without their ends. */
  readonly lines: readonly string[];
  /** Null: all could be read, or nothing is there. */
  readonly trouble: ReadTrouble | null;
}

/** A file being followed. */
export interface FollowedFile {
  /** The lines that are new since the last call; at the first, all of both generations. Never throws. */
  read(): Growth;
  close(): void;
}

/** Of a longer line the beginning is lost, so that it counts as broken. */
const LONGEST_LINE = 1024 * 1024;
/** No more is read in one call: a file beyond its limit is not ours. */
const MOST_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Follows the file at `path` and its older generation. */
export function followFile(path: string): FollowedFile {
  return new Followed(path);
}

/** A file that is kept open: as long as it is, no other can be taken for it. */
interface Opened {
  readonly file: Deno.FsFile;
  readonly splitter: LineSplitter;
  offset: number;
}

class Followed implements FollowedFile {
  readonly #path: string;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #opened: Opened | null = null;
  #isFirst = true;
  #lines: string[] = [];
  #trouble: ReadTrouble | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  read(): Growth {
    this.#lines = [];
    this.#trouble = null;
    if (this.#isFirst) this.#follow(olderGeneration(this.#path));
    else this.#readOn();
    this.#isFirst = false;
    if (!this.#hasName()) {
      // Nothing is added to the other one any more: what came between the last look and its new name is all.
      this.#readOn();
      this.#follow(this.#path);
    }
    return { lines: this.#lines, trouble: this.#trouble };
  }

  close(): void {
    this.#opened?.file.close();
    this.#opened = null;
  }

  /** Reads a file from its beginning, and goes on in it from then on. One that is not there changes nothing. */
  #follow(path: string): void {
    try {
      // Before it is opened: to open a pipe that nobody writes to would wait for a writer.
      if (!Deno.statSync(path).isFile) {
        const text = `Cannot read ${path}: is no regular file`;
        this.#trouble = { text, isForbidden: false };
        return;
      }
      const file = Deno.openSync(path, { read: true });
      this.close();
      this.#opened = { file, splitter: new LineSplitter(LONGEST_LINE), offset: 0 };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      this.#fail(path, error);
      return;
    }
    this.#readOn();
  }

  /** Reads the open file to its end; from its beginning where it was cut. */
  #readOn(): void {
    const opened = this.#opened;
    if (opened === null) return;
    const { file } = opened;
    try {
      if (file.statSync().size < opened.offset) {
        file.seekSync(0, Deno.SeekMode.Start);
        opened.offset = 0;
      }
      for (let total = 0; total < MOST_BYTES;) {
        const count = file.readSync(this.#chunk);
        if (count === null) return;
        opened.splitter.push(this.#chunk.subarray(0, count), (line) => {
          if (line !== "") this.#lines.push(line);
        });
        total += count;
        opened.offset += count;
      }
    } catch (error) {
      this.#fail(this.#path, error);
    }
  }

  #fail(path: string, error: unknown): void {
    this.#trouble = {
      text: `Cannot read ${path}: ${failureReason(error)}`,
      isForbidden: error instanceof Deno.errors.PermissionDenied,
    };
  }

  /** Whether the open file is the one that has the name. */
  #hasName(): boolean {
    if (this.#opened === null) return false;
    try {
      const open = this.#opened.file.statSync();
      const named = Deno.statSync(this.#path);
      return open.dev === named.dev && open.ino === named.ino;
    } catch {
      return false;
    }
  }
}
