import { failureReason } from "./failure.ts";

/** What came of reading a file. */
export type TextFile =
  | { readonly kind: "text"; readonly text: string }
  /** There is no such file. */
  | { readonly kind: "missing" }
  /** There is, but it cannot be had; e.g. "Permission denied". */
  | { readonly kind: "failed"; readonly reason: string };

/**
 * Reads a whole text file in UTF-8; a byte order mark is dropped.
 *
 * @param limitBytes a longer file is refused, and no more than this is ever read of it
 */
export function readTextFile(path: string, limitBytes: number): TextFile {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    return { kind: "failed", reason: failureReason(error) };
  }
  try {
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

/** Reads to the end, or until `limitBytes` are there: the size that a pipe or a device claims says nothing. */
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
