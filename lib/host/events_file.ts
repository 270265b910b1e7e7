/**
 * A file of lines that never grows beyond a limit: what is full becomes `<file>.1`, one generation, and a new one
 * begins.
 *
 * Lines are rare, so the file is opened for each: one that was deleted or renamed is simply made anew. Nothing is waited
 * for. A line that cannot be written is counted, and the count is written before the next line that can be, or alone
 * when the file is told to settle.
 */
import type { LineLoss } from "../core/line_loss.ts";
import type { LineFile } from "../record_keeper.ts";
import { failureReason } from "./failure.ts";
import { isPipe } from "./paths.ts";

/** The size at which a file of events or samples is full. */
const FULL_BYTES = 1024 * 1024;

/** A line, with its newline, that tells of lines that are missing. */
export type MissingLine = (count: number, reason: string) => string;

/**
 * A bounded file at `path`; nothing is made before the first line.
 *
 * @param fullBytes the file is not appended to beyond this
 */
export function boundedFile(
  path: string,
  missingLine: MissingLine,
  fullBytes = FULL_BYTES,
): LineFile {
  return new BoundedFile(path, missingLine, fullBytes);
}

/** Where the generation before the present one is. */
export function olderGeneration(path: string): string {
  return `${path}.1`;
}

const ENCODER = new TextEncoder();
const NEWLINE = 10;

class BoundedFile implements LineFile {
  readonly #path: string;
  readonly #missingLine: MissingLine;
  readonly #fullBytes: number;
  #missing = 0;
  #reason = "";
  #lost = 0;

  constructor(path: string, missingLine: MissingLine, fullBytes: number) {
    this.#path = path;
    this.#missingLine = missingLine;
    this.#fullBytes = fullBytes;
  }

  append(line: string): void {
    const reason = this.#write(this.#owed() + line);
    this.#missing = reason === null ? 0 : this.#missing + 1;
    if (reason === null) return;
    this.#lost++;
    this.#reason = reason;
  }

  settle(): void {
    if (this.#missing > 0 && this.#write(this.#owed()) === null) this.#missing = 0;
  }

  loss(): LineLoss {
    return { lost: this.#lost, trouble: this.#missing > 0 ? this.#reason : null };
  }

  /** The line about those that are missing; empty: none is. */
  #owed(): string {
    return this.#missing > 0 ? this.#missingLine(this.#missing, this.#reason) : "";
  }

  /** Null, or why the lines were not written. */
  #write(lines: string): string | null {
    const bytes = ENCODER.encode(lines);
    try {
      const file = this.#open(bytes.length);
      if (typeof file === "string") return file;
      try {
        if (isTorn(file)) writeWhole(file, Uint8Array.of(NEWLINE));
        return writeWhole(file, bytes);
      } finally {
        file.close();
      }
    } catch (error) {
      return failureReason(error);
    }
  }

  /** The file with room for so many bytes, or why there is none. */
  #open(bytes: number): Deno.FsFile | string {
    if (isPipe(this.#path)) return "It is a named pipe";
    const file = openToAppend(this.#path);
    let isFull: boolean;
    try {
      const { isFile, size } = file.statSync();
      // One byte more may be needed to end a torn line.
      isFull = isFile && size > 0 && size + bytes >= this.#fullBytes;
    } catch (error) {
      file.close();
      throw error;
    }
    if (!isFull) return file;
    file.close();
    Deno.renameSync(this.#path, olderGeneration(this.#path));
    return openToAppend(this.#path);
  }
}

function openToAppend(path: string): Deno.FsFile {
  return Deno.openSync(path, { read: true, append: true, create: true, mode: 0o640 });
}

/** Whether the file ends within a line: a full disk took only its beginning. */
function isTorn(file: Deno.FsFile): boolean {
  const { isFile, size } = file.statSync();
  if (!isFile || size === 0) return false;
  file.seekSync(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  return file.readSync(last) === 1 && last[0] !== NEWLINE;
}

function writeWhole(file: Deno.FsFile, bytes: Uint8Array): string | null {
  let written = 0;
  while (written < bytes.length) {
    const count = file.writeSync(bytes.subarray(written));
    if (count === 0) return "Nothing more can be written";
    written += count;
  }
  return null;
}
