/**
 * The file of keys by which packets are signed: one key a line, its id and its secret.
 *
 *   # ID HEX
 *   2 6b1f…
 *   1 09ca…
 *
 * The first key signs, the others are only accepted. So a key is changed without a gap: add the new one below the old
 * one everywhere, then move it to the top everywhere, then remove the old one.
 *
 * No text of this module ever holds a part of the file that could be a secret, not even in the wrong place.
 */
import { counted } from "../core/counted.ts";
import { type Problem, unreadableFile } from "./problem.ts";

/** The keys by which packets are signed and verified. */
export interface Keys {
  /** The id of the key that signs, which is one of `secrets`. */
  readonly signing: number;
  /** By id, 1 to 255, in the order of the file: 16 to 64 bytes each. */
  readonly secrets: ReadonlyMap<number, Uint8Array>;
}

/** The keys of a file, or all that is wrong with it. */
export type KeyFile = { readonly keys: Keys } | { readonly problems: readonly Problem[] };

const MAX_KEYS = 16;
const MAX_ID = 255;
const MIN_DIGITS = 32;
const MAX_DIGITS = 128;
/** A file that is wrong in so many lines is the wrong file. */
const MAX_PROBLEMS = 20;

/** A line that can be used. */
interface Key {
  readonly id: number;
  readonly secret: Uint8Array;
}

/** What is wrong with another one. */
type Wrong = Pick<Problem, "subject" | "rule" | "value">;

const LINE_RULE = "must be an id and a secret, separated by blanks";
const ID_RULE = `must be a whole number, 1 to ${MAX_ID}`;
const DIGITS_RULE = `must be ${MIN_DIGITS} to ${MAX_DIGITS} hexadecimal digits, two for each byte`;

/** Reads the text of a key file; `file` is its name, for what is said of it. */
export function parseKeyFile(text: string, file: string): KeyFile {
  const secrets = new Map<number, Uint8Array>();
  const lineOfId = new Map<number, number>();
  const problems: Problem[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const fields = (line.split("#", 1)[0] ?? "").split(/\s+/).filter((each) => each !== "");
    if (fields.length === 0) continue;
    const read = unrepeated(readKey(fields), lineOfId);
    if ("rule" in read) {
      problems.push({ verb: "use", where: `${file}:${index + 1}`, ...read });
      if (problems.length < MAX_PROBLEMS) continue;
      problems.push(unreadableFile(file, `has ${MAX_PROBLEMS} problems or more`));
      break;
    }
    lineOfId.set(read.id, index + 1);
    secrets.set(read.id, read.secret);
  }
  const [signing] = secrets.keys();
  if (problems.length > 0) return { problems };
  if (signing !== undefined && secrets.size <= MAX_KEYS) return { keys: { signing, secrets } };
  const rule = `must be 1 to ${MAX_KEYS}`;
  const value = String(secrets.size);
  return { problems: [{ verb: "use", subject: "number of keys", rule, value, where: file }] };
}

/** In what two files of keys differ, in words that tell ids and no secrets; empty: in nothing. */
export function keyChanges(before: Keys, after: Keys): readonly string[] {
  const idsOf = ({ signing, secrets }: Keys) =>
    [signing, ...[...secrets.keys()].sort((a, b) => a - b)].join();
  const others = [...after.secrets].filter(([id, secret]) => {
    const known = before.secrets.get(id);
    return known !== undefined && known.join() !== secret.join();
  });
  return [
    ...(idsOf(before) === idsOf(after) ? [] : ["keys"]),
    ...others.map(([id]) => `secret of key ${id}`),
  ];
}

/** The key of a line, unless its id is that of a line before. */
function unrepeated(read: Key | Wrong, lineOfId: ReadonlyMap<number, number>): Key | Wrong {
  if ("rule" in read) return read;
  const line = lineOfId.get(read.id);
  if (line === undefined) return read;
  return {
    subject: `key ${read.id}`,
    rule: `must be there once, is in line ${line} already`,
    value: null,
  };
}

/** The key that the fields of a line give, or what is wrong with them. */
function readKey(fields: readonly string[]): Key | Wrong {
  const [idText = "", digits = ""] = fields;
  if (fields.length !== 2) {
    return { subject: "key", rule: LINE_RULE, value: counted(fields.length, "word") };
  }
  const id = /^[0-9]{1,3}$/.test(idText) ? Number(idText) : null;
  if (id === null || id < 1 || id > MAX_ID) {
    // A longer one may be a secret: the two words may have changed places.
    const value = id === null ? counted(idText.length, "character") : String(id);
    return { subject: "id of a key", rule: ID_RULE, value };
  }
  const secret = bytesOf(digits);
  if (secret !== null) return { id, secret };
  const others = digits.replaceAll(/[0-9a-fA-F]/g, "").length;
  const value = others === 0
    ? counted(digits.length, "digit")
    : `${counted(digits.length, "character")}, ${others} of them no such digit`;
  return { subject: `secret of key ${id}`, rule: DIGITS_RULE, value };
}

/** The bytes of a secret; null: the digits are too few, too many, odd in number, or none. */
function bytesOf(digits: string): Uint8Array | null {
  const { length } = digits;
  if (length < MIN_DIGITS || length > MAX_DIGITS || length % 2 !== 0) return null;
  if (!/^[0-9a-fA-F]*$/.test(digits)) return null;
  return Uint8Array.from(
    { length: length / 2 },
    (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
