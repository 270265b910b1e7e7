/** The keys that packets are signed with: read from their file when the daemon starts, and when it is told to reload. */
import { type Keys, parseKeyFile } from "../config/key_file.ts";
import type { Configuration } from "../config/merge.ts";
import { problemText, unreadableFile } from "../config/problem.ts";
import type { Host } from "./host.ts";

/** Far more than the keys take. */
const MAX_KEY_FILE_BYTES = 64 * 1024;

/** The keys of a file, or all that is wrong with it, a line each. */
export type KeysRead = { readonly keys: Keys } | { readonly problems: readonly string[] };

/** Reads the keys of a file. */
export function readKeys(file: string, host: Pick<Host, "readSecretFile">): KeysRead {
  const read = host.readSecretFile(file, MAX_KEY_FILE_BYTES);
  if (read.kind !== "text") {
    const reason = read.kind === "missing" ? "No such file" : read.reason;
    return { problems: [problemText(unreadableFile(file, reason))] };
  }
  const parsed = parseKeyFile(read.text, file);
  return "keys" in parsed ? parsed : { problems: parsed.problems.map(problemText) };
}

/** Reads the keys that a configuration calls for; null: packets are not signed. */
export function keysOf(
  { settings, keyFile }: Configuration,
  host: Pick<Host, "readSecretFile">,
): KeysRead | null {
  return settings.auth === "off" || keyFile === null ? null : readKeys(keyFile, host);
}

/** The ids of all keys, that of the one that signs first. */
export function keyIds({ signing, secrets }: Keys): readonly number[] {
  return [signing, ...[...secrets.keys()].filter((id) => id !== signing)];
}
