import { failureReason } from "./failure.ts";
import { folderOf } from "./paths.ts";

/** What came of reading a file. */
export type TextFile =
  | { readonly kind: "text"; readonly text: string }
  /** There is no such file. */
  | { readonly kind: "missing" }
  /** There is, but it cannot be had; e.g. "Permission denied". */
  | { readonly kind: "failed"; readonly reason: string };

/** Rights of the group and of all others. */
const OTHERS = 0o077;
/** Read, write and search or run, and the special ones. */
const RIGHTS = 0o7777;
const ANY_WRITE = 0o222;

/**
 * Reads a whole text file in UTF-8; a byte order mark is dropped.
 *
 * @param limitBytes a longer file is refused, and no more than this is ever read of it
 */
export function readTextFile(path: string, limitBytes: number): TextFile {
  return readRegularFile(path, limitBytes, () => null);
}

/** The same for a file that holds a secret: it is refused where anybody but its owner has rights to it. */
export function readSecretFile(path: string, limitBytes: number): TextFile {
  return readRegularFile(path, limitBytes, ({ mode }) => {
    // Without a mode nobody can tell who reads it.
    if (mode !== null && (mode & OTHERS) === 0) return null;
    return `must be open to its owner only (chmod 600), its mode is ${modeText(mode)}`;
  });
}

/** Rights as chmod writes them, e.g. "0644". */
export function modeText(mode: number | null): string {
  return mode === null ? "unknown" : (mode & RIGHTS).toString(8).padStart(4, "0");
}

/**
 * Why a log cannot go to `path`, as far as that can be told without making or changing anything: a folder that is
 * there may still refuse a new file. Null: nothing speaks against it.
 */
export function logPathProblem(path: string): string | null {
  try {
    const info = Deno.statSync(path);
    if (info.isFifo) return "It is a named pipe";
    if (info.isDirectory) return "Is a directory";
    if (info.isFile) Deno.openSync(path, { append: true }).close();
    return null;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return failureReason(error);
  }
  // A link that leads nowhere is missing too; where it leads is found by the one who makes the file.
  const folder = folderOf(path);
  try {
    const { isDirectory, mode } = Deno.statSync(folder);
    if (!isDirectory) return `${folder} is no directory`;
    return mode !== null && (mode & ANY_WRITE) === 0 ? `${folder} is writable for nobody` : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `There is no directory ${folder}`;
    return failureReason(error);
  }
}

/** Reads a file unless it is none to read, or `refuse` gives a reason against what it is. */
function readRegularFile(
  path: string,
  limitBytes: number,
  refuse: (info: Deno.FileInfo) => string | null,
): TextFile {
  let file: Deno.FsFile;
  try {
    // Before it is opened: to open a pipe that nobody writes to would wait for a writer.
    const kind = kindProblem(Deno.statSync(path));
    if (kind !== null) return { kind: "failed", reason: kind };
    file = Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    return { kind: "failed", reason: failureReason(error) };
  }
  try {
    // And again of the open file: the name may lead to another one by now.
    const info = file.statSync();
    const reason = kindProblem(info) ?? refuse(info);
    if (reason !== null) return { kind: "failed", reason };
    const bytes = readAtMost(file, limitBytes + 1);
    if (bytes.length > limitBytes) {
      return { kind: "failed", reason: `is longer than ${limitBytes} bytes` };
    }
    return decode(bytes);
  } catch (error) {
    return { kind: "failed", reason: failureReason(error) };
  } finally {
    file.close();
  }
}

function kindProblem({ isFile, isDirectory }: Deno.FileInfo): string | null {
  if (isFile) return null;
  return isDirectory ? "Is a directory" : "is no regular file";
}

/** Reads to the end, or until `limitBytes` are there: the file may grow meanwhile. */
function readAtMost(file: Deno.FsFile, limitBytes: number): Uint8Array {
  const bytes = new Uint8Array(limitBytes);
  let length = 0;
  while (length < limitBytes) {
    const read = file.readSync(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

function decode(bytes: Uint8Array): TextFile {
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "failed", reason: "is not UTF-8 text" };
  }
}
