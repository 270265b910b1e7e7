/**
 * Where lines of the log go: standard error, or a file that may be rotated, deleted, or full.
 *
 * Lines are rare and each matters, so nothing is buffered: a line is with the kernel when `write` returns. A line that
 * cannot be written is not waited for, since routes must go on being switched; it is counted, and the count is written
 * before the next line that can be, or alone when the target is told to settle.
 */
import type { LineLoss } from "../core/line_loss.ts";
import type { Ms } from "../core/types.ts";
import { failureReason } from "./failure.ts";
import { isPipe } from "./paths.ts";

/** Takes whole lines, newline included. Never throws. */
export interface LineTarget {
  write(line: string): void;
  /** What could not be written there. */
  loss(): LineLoss;
  /** Tries again to tell of the lines that are missing, if any are. That it fails is no line lost. */
  settle(): void;
  /** The file was rotated: go on in the one that has the name now. */
  reopen(): void;
  close(): void;
}

/** What a target says about itself; each gives a line with its newline. */
export interface TargetWords {
  /** So many lines are missing here, for this reason. */
  missing(count: number, reason: string): string;
  /** The log file cannot be written or reopened; what happens to its lines meanwhile. */
  unwritable(path: string, reason: string, instead: string): string;
}

/** What is asked of an open file or stream: write some of the bytes and say how many; throws when it cannot. */
export interface ByteWriter {
  writeSync(bytes: Uint8Array): number;
}

/** How often a file is looked for under its name. */
const CHECK_MS = 1000;
const ENCODER = new TextEncoder();
const NEWLINE = "\n";
const ELSEWHERE = "its lines go to standard error";

/** Writes lines whole, or counts them as missing. */
class LineWriter {
  readonly #missingLine: TargetWords["missing"];
  #missing = 0;
  #reason = "";
  #lost = 0;
  /** The last thing written was the beginning of a line. */
  #torn = false;

  constructor(missingLine: TargetWords["missing"]) {
    this.#missingLine = missingLine;
  }

  /** Null, or why the line was not written. */
  write(writer: ByteWriter, line: string): string | null {
    const reason = this.#writeOwedAnd(line, writer);
    if (reason !== null) this.miss(reason);
    return reason;
  }

  /** Whether a line about missing ones is owed. */
  get isOwing(): boolean {
    return this.#missing > 0;
  }

  /** Writes what is owed alone, and says whether nothing is owed any more. */
  settle(writer: ByteWriter): boolean {
    return !this.isOwing || this.#writeOwedAnd("", writer) === null;
  }

  /** Counts a line that had nowhere to go. */
  miss(reason: string): void {
    this.#missing++;
    this.#lost++;
    this.#reason = reason;
  }

  /** What could not be written so far. */
  loss(): LineLoss {
    return { lost: this.#lost, trouble: this.isOwing ? this.#reason : null };
  }

  /** Another file begins: what was torn is not in it. */
  startAfresh(): void {
    this.#torn = false;
  }

  /** Null, or why it was not written, with nothing counted. */
  #writeOwedAnd(line: string, writer: ByteWriter): string | null {
    const owed = this.isOwing ? this.#missingLine(this.#missing, this.#reason) : "";
    const bytes = ENCODER.encode((this.#torn ? NEWLINE : "") + owed + line);
    const reason = this.#writeAll(writer, bytes);
    if (reason === null) this.#missing = 0;
    return reason;
  }

  #writeAll(writer: ByteWriter, bytes: Uint8Array): string | null {
    let written = 0;
    try {
      while (written < bytes.length) {
        const count = writer.writeSync(bytes.subarray(written));
        if (count === 0) return "Nothing more can be written";
        written += count;
        this.#torn = written < bytes.length;
      }
      return null;
    } catch (error) {
      return failureReason(error);
    }
  }
}

/** A target that is open all the time, like standard error. */
export function streamTarget(stream: ByteWriter, words: TargetWords): LineTarget {
  const lines = new LineWriter((count, reason) => words.missing(count, reason));
  return {
    write: (line) => void lines.write(stream, line),
    loss: () => lines.loss(),
    settle: () => void lines.settle(stream),
    reopen: () => {},
    close: () => {},
  };
}

export type OpenedLogFile =
  | { readonly kind: "open"; readonly target: LineTarget }
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Opens a file to append to, made with mode 0640 where it is missing. A name that leads to another file, or to none,
 * is noticed within a second before the next line. While the file cannot be written, its lines go to `fallback`.
 *
 * @param now the monotonic clock
 */
export function openLogFile(
  path: string,
  fallback: LineTarget,
  words: TargetWords,
  now: () => Ms,
): OpenedLogFile {
  const opened = openToAppend(path);
  if (typeof opened === "string") return { kind: "failed", reason: opened };
  return { kind: "open", target: new LogFile(path, opened, fallback, words, now) };
}

/** The open file, or why there is none. */
function openToAppend(path: string): Deno.FsFile | string {
  if (isPipe(path)) return "It is a named pipe";
  try {
    return Deno.openSync(path, { append: true, create: true, mode: 0o640 });
  } catch (error) {
    return failureReason(error);
  }
}

class LogFile implements LineTarget {
  readonly #path: string;
  readonly #fallback: LineTarget;
  readonly #words: TargetWords;
  readonly #now: () => Ms;
  readonly #lines: LineWriter;
  /** Null while it cannot be opened. */
  #file: Deno.FsFile | null;
  #checkedAt: Ms;
  /** Why the name cannot be opened, and why the open file cannot be written; null while it can. */
  #openTrouble: string | null = null;
  #writeTrouble: string | null = null;

  constructor(
    path: string,
    file: Deno.FsFile,
    fallback: LineTarget,
    words: TargetWords,
    now: () => Ms,
  ) {
    this.#path = path;
    this.#file = file;
    this.#fallback = fallback;
    this.#words = words;
    this.#now = now;
    this.#checkedAt = now();
    this.#lines = new LineWriter((count, reason) => words.missing(count, reason));
  }

  write(line: string): void {
    this.#followName();
    if (this.#file === null) {
      this.#lines.miss(this.#openTrouble ?? "");
      return this.#fallback.write(line);
    }
    const reason = this.#lines.write(this.#file, line);
    // Once per trouble, not once per line.
    if (reason !== null && reason !== this.#writeTrouble) this.#complain(reason, ELSEWHERE);
    this.#writeTrouble = reason;
    if (reason !== null) this.#fallback.write(line);
  }

  loss(): LineLoss {
    return this.#lines.loss();
  }

  settle(): void {
    if (!this.#lines.isOwing) return;
    this.#followName();
    if (this.#file !== null && this.#lines.settle(this.#file)) this.#writeTrouble = null;
  }

  reopen(): void {
    this.#checkedAt = this.#now();
    const moved = this.#file === null || !hasName(this.#file, this.#path);
    const opened = openToAppend(this.#path);
    if (typeof opened === "string") this.#keepOld(opened);
    else {
      this.#file?.close();
      this.#file = opened;
      this.#openTrouble = null;
    }
    if (moved) this.#lines.startAfresh();
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  /** Opens the file anew when its name no longer leads to it; asks for that at most once a second. */
  #followName(): void {
    const now = this.#now();
    if (now - this.#checkedAt < CHECK_MS) return;
    this.#checkedAt = now;
    if (this.#file === null || !hasName(this.#file, this.#path)) this.reopen();
  }

  /** A file that was only renamed still takes lines that somebody can read; a deleted one does not. */
  #keepOld(reason: string): void {
    if (this.#file !== null && isDeleted(this.#file)) this.close();
    if (reason === this.#openTrouble) return;
    this.#openTrouble = reason;
    this.#complain(reason, this.#file === null ? ELSEWHERE : "its lines go to the file of before");
  }

  #complain(reason: string, instead: string): void {
    this.#fallback.write(this.#words.unwritable(this.#path, reason, instead));
  }
}

/** Whether nobody can read the file any more, or not even its state: a server may have lost it. */
function isDeleted(file: Deno.FsFile): boolean {
  try {
    return file.statSync().nlink === 0;
  } catch {
    return true;
  }
}

/** Whether the name still leads to this very file, as far as can be told. */
function hasName(file: Deno.FsFile, path: string): boolean {
  try {
    const open = file.statSync();
    const named = Deno.statSync(path);
    return named.dev === open.dev && named.ino === open.ino;
  } catch {
    return false;
  }
}
