import { failureReason } from "./failure.ts";
import { isPipe, removeIfThere } from "./paths.ts";

/**
 * Puts a text into a file in one step: whoever reads it sees the old or the new text, never a part. A link stays one,
 * and a device stays what it is: what they lead to is written to.
 *
 * @param mode the rights of the file, e.g. 0o644
 * @returns null, or why it could not be done; the old file is still there then
 */
export function replaceFile(path: string, text: string, mode: number): string | null {
  try {
    if (isPlain(path)) swapIn(path, new TextEncoder().encode(text), mode);
    else if (isPipe(path)) return "It is a named pipe";
    else Deno.writeTextFileSync(path, text, { mode });
    return null;
  } catch (error) {
    return failureReason(error);
  }
}

/** Takes a file away; what is no regular file, or cannot be removed, stays. */
export function discardFile(path: string): void {
  try {
    if (isPlain(path)) removeIfThere(path);
  } catch {
    // Whoever reads it sees by its time that it is old.
  }
}

/**
 * Puts a file under a name in one step, over the file or the link that had it before. Throws what Deno throws when that
 * cannot be done; what was there stays then.
 *
 * @param mode the rights of the file, whatever the umask
 * @param isLasting the file is on the disk before it gets its name: a loss of power leaves the old or the new one whole
 */
export function swapIn(path: string, bytes: Uint8Array, mode: number, isLasting = false): void {
  const draft = `${path}.tmp`;
  removeIfThere(draft);
  try {
    // Made anew, so that it leads nowhere else. Its rights are set by the open file: who may write to the folder could
    // put a link to another file under the name of the draft, and have the rights of that one changed.
    Deno.writeFileSync(draft, bytes, { createNew: true, mode });
    if (isLasting) flush(draft);
    Deno.renameSync(draft, path);
  } catch (error) {
    discardFile(draft);
    throw error;
  }
}

function flush(path: string): void {
  using file = Deno.openSync(path, { read: true });
  file.syncSync();
}

/** Whether there is a regular file, or nothing. A link is neither, wherever it leads. */
function isPlain(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
