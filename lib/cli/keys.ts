/** The keys that packets are signed with: read from their file when the daemon starts, and anew on HUP. */
import { type Keys, parseKeyFile } from "../config/key_file.ts";
import { problemText, unreadableFile } from "../config/problem.ts";
import type { HostSealer } from "../host/mac.ts";
import { keysChangedRecord, keysRefusedRecord } from "../life_text.ts";
import type { LogRecord } from "../log_line.ts";
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

/** The keys in use, which are those of a file as it was when it was last right. */
export class KeyRing {
  readonly sealer: HostSealer;
  readonly #file: string;
  readonly #host: Pick<Host, "readSecretFile">;

  constructor(file: string, sealer: HostSealer, host: Pick<Host, "readSecretFile">) {
    this.#file = file;
    this.sealer = sealer;
    this.#host = host;
  }

  /** Reads the file anew: all its keys are taken or none. Returns the line for the log. */
  reload(): LogRecord {
    const read = readKeys(this.#file, this.#host);
    if ("problems" in read) return keysRefusedRecord(this.#file, read.problems);
    this.sealer.replace(read.keys);
    return keysChangedRecord(this.#file, keyIds(read.keys));
  }
}

/** The ids of all keys, that of the one that signs first. */
export function keyIds({ signing, secrets }: Keys): readonly number[] {
  return [signing, ...[...secrets.keys()].filter((id) => id !== signing)];
}
