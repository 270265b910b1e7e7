/** Anything that takes bytes, such as standard output. */
export interface Stream {
  writeSync(bytes: Uint8Array): number;
}

/** Writes a whole text; a reader that went away (`faild --help | head -1`) is no failure. */
export function writeAll(stream: Stream, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
