/**
 * The name of a node: a label for people, which others put into their logs. So nothing in it may forge a line or a
 * word of a log, be invisible, or reorder what follows it. docs/WIRE.md, W15 and W16.
 */

export const MAX_NAME_BYTES = 63;

/** Letters, the marks that combine with them, and decimal digits. */
const WORD = /^[\p{L}\p{Mn}\p{Mc}\p{Nd}]$/u;
/** What is drawn as nothing, and the blocks that are written from right to left. */
const MISLEADING =
  /^[\p{DI}\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]$/u;
/** A mark at the beginning would combine with what stands before the name. */
const FIRST = /^[\p{L}\p{Nd}]$/u;

/** The first character that a name may not have where it stands; null when there is none. */
export function refusedCharacter(name: string): string | null {
  let first = true;
  for (const character of name) {
    if (!(character <= "\x7f" ? isAscii(character, first) : isBeyondAscii(character, first))) {
      return character;
    }
    first = false;
  }
  return null;
}

function isAscii(character: string, first: boolean): boolean {
  return (character >= "a" && character <= "z") || (character >= "A" && character <= "Z") ||
    (character >= "0" && character <= "9") ||
    (!first && (character === "-" || character === "." || character === "_"));
}

function isBeyondAscii(character: string, first: boolean): boolean {
  return (first ? FIRST : WORD).test(character) && !MISLEADING.test(character);
}

/** Whether a text can be the name of a node. */
export function isNodeName(name: string): boolean {
  const bytes = new TextEncoder().encode(name).length;
  return bytes > 0 && bytes <= MAX_NAME_BYTES && refusedCharacter(name) === null;
}
