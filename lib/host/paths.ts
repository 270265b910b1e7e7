/** What is asked about paths, and done with them, in more than one place. */

/** The folder that a full path lies in: "/var/log" of "/var/log/faild.log", "/" of "/faild.log". */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Whether a named pipe is there: to open one that nobody reads would wait for a reader. */
export function isPipe(path: string): boolean {
  try {
    return Deno.statSync(path).isFifo === true;
  } catch {
    // Whoever opens it is told why that cannot be done.
    return false;
  }
}

/** Takes a file away, if there is one. Throws what Deno throws when that cannot be done. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
