/** How many cells of a terminal a text takes, and text cut to so many. */

/** Nothing but this is what nearly every line is made of: a cell each. */
const SIMPLE = /^[ -~]*$/;
/** Drawn over the character before: marks, and the later parts of a Hangul syllable. */
const MARK = /^[\p{Mn}\p{Me}\u1160-\u11ff]$/u;
/** Two cells wide: the East Asian wide and fullwidth characters of UAX #11, by blocks, and pictures. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** What changes the colours takes no cell. */
const COLOUR = `${String.fromCharCode(27)}\\[\\d*m`;
const COLOURS = new RegExp(COLOUR, "g");
const PARTS = new RegExp(`${COLOUR}|[\\s\\S]`, "gu");
const COLOUR_OFF = "\x1b[0m";

/** The cells that a text takes; `text` has no control characters, but for colours. */
export function displayWidth(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let width = 0;
  for (const character of text.replace(COLOURS, "")) width += characterWidth(character);
  return width;
}

/**
 * A text that takes at most `columns` cells; one that is cut ends in `more`, which is one cell wide, and in no colour.
 */
export function cutTo(text: string, columns: number, more: string): string {
  if (columns <= 0) return "";
  // A text has at least as many characters as cells, unless some of them are wide.
  if (displayWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  let isColoured = false;
  for (const [part] of text.matchAll(PARTS)) {
    if (part.length > 2) {
      isColoured = part !== COLOUR_OFF;
      kept += part;
      continue;
    }
    width += characterWidth(part);
    if (width >= columns) break;
    kept += part;
  }
  return `${kept}${more}${isColoured ? COLOUR_OFF : ""}`;
}

function characterWidth(character: string): number {
  if (character <= "~") return 1;
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
