/** Anything that takes bytes, such as standard output. */
export interface Stream {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes a whole text, or as much of it as can be. A reader that went away (`faild --help | head -1`) and a full disk
 * are nothing that could be told anywhere else.
 */
export function writeAll(stream: Stream, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch {
    // Whoever wanted the text sees that it is not there.
  }
}
