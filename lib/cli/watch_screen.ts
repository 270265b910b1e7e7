/** Makes a screen show lines by writing only those that have changed. */
import { displayWidth } from "./display_width.ts";

/** In characters. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is on a screen, as far as it was drawn here. */
export class WatchScreen {
  #lines: readonly string[] = [];
  #size: ScreenSize | null = null;

  /** Others have drawn on it: nothing is known of it any more. */
  forget(): void {
    this.#size = null;
  }

  /**
   * What is to be written so that the screen shows these lines, none of which is wider than it, and nothing else;
   * empty: it does already. The screen is never cleared: what stays is not touched, and so does not flicker.
   */
  update(lines: readonly string[], size: ScreenSize): string {
    const isKnown = this.#size?.columns === size.columns && this.#size.rows === size.rows;
    let text = "";
    for (let row = 0; row < size.rows; row++) {
      const line = lines[row] ?? "";
      if (isKnown && line === (this.#lines[row] ?? "")) continue;
      // Behind the last column the cursor still stands in it: to erase the rest would erase what is there.
      const rest = displayWidth(line) < size.columns ? "\x1b[K" : "";
      text += `\x1b[${row + 1};1H${line}${rest}`;
    }
    this.#lines = lines;
    this.#size = size;
    return text;
  }
}
