/** Anything that takes bytes, such as standard output. */
export interface Stream {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes a whole text, or as much of it as can be. A reader that went away (`faild --help | head -1`) and a full disk
 * are nothing that could be told anywhere else.
 *
 * @returns whether all was written
 */
export function writeAll(stream: Stream, text: string): boolean {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
    return true;
  } catch {
    // Whoever wanted the text sees that it is not there.
    return false;
  }
}
