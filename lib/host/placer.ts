/** Files that the setup places, compares and removes. */
import { failureReason } from "./failure.ts";
import { swapIn } from "./replace_file.ts";

/** What is at a path. */
export type Found =
  /** A regular file, by its SHA-256 in hexadecimal. */
  | { readonly kind: "file"; readonly digest: string }
  | { readonly kind: "missing" }
  /** It is no regular file, or cannot be read. */
  | { readonly kind: "failed"; readonly reason: string };

/** What came of making something. */
export type Made =
  | { readonly kind: "made" }
  /** There is one already, which was left alone. */
  | { readonly kind: "exists" }
  | Failure;

/** Why something could not be done. */
export interface Failure {
  readonly kind: "failed";
  readonly reason: string;
  /** Whether it is the rights that are missing. */
  readonly isDenied: boolean;
}

/** What a file is to hold: a text, or the bytes of another file. */
export type Content = { readonly text: string } | { readonly copyOf: string };

/** Looks at a file; a link is followed. */
export async function lookAt(path: string): Promise<Found> {
  try {
    if (!Deno.statSync(path).isFile) return { kind: "failed", reason: "is no regular file" };
    return { kind: "file", digest: await digestOf(Deno.readFileSync(path)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    return { kind: "failed", reason: failureReason(error) };
  }
}

/** The SHA-256 that a content has as a file, in hexadecimal. Throws where the file to copy cannot be read. */
export async function contentDigest(content: Content): Promise<string> {
  return await digestOf(bytesOf(content));
}

function bytesOf(content: Content): Uint8Array<ArrayBuffer> {
  return "text" in content
    ? new TextEncoder().encode(content.text)
    : Deno.readFileSync(content.copyOf);
}

/** Makes a file that was not there; what there is already stays as it is. */
export function createFile(path: string, text: string, mode: number): Made {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, createNew: true, mode });
  } catch (error) {
    return error instanceof Deno.errors.AlreadyExists ? { kind: "exists" } : failure(error);
  }
  try {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
    return { kind: "made" };
  } catch (error) {
    // Half a file would be taken for a whole one.
    removeFile(path);
    return failure(error);
  } finally {
    file.close();
  }
}

/** Puts a file where it belongs in one step, over what was there before; its folder must be there. */
export function placeFile(path: string, content: Content, mode: number): Made {
  try {
    swapIn(path, bytesOf(content), mode, true);
    return { kind: "made" };
  } catch (error) {
    return failure(error);
  }
}

/** Makes a folder; those above it must be there. */
export function makeFolder(path: string): Made {
  try {
    Deno.mkdirSync(path, { mode: 0o755 });
    return { kind: "made" };
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists && isFolder(path)) return { kind: "exists" };
    return failure(error);
  }
}

/** Whether there is such a folder. */
export function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** The names of all that is in a folder; none where there is no such folder. */
export function namesIn(path: string): readonly string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Removes a file, or a folder that is empty; true: it was there, and is no longer. */
export function removeFile(path: string): boolean | Failure {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? false : failure(error);
  }
}

function failure(error: unknown): Failure {
  const isDenied = error instanceof Deno.errors.PermissionDenied;
  return { kind: "failed", reason: failureReason(error), isDenied };
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((each) => each.toString(16).padStart(2, "0")).join("");
}
