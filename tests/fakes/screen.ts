/**
 * A terminal's screen that understands just what the program writes, and refuses everything else: an unknown sequence,
 * a text that runs over the end of a line or over the last row, and control characters where none belong.
 */

/** The sequences of an ESC [: parameters, and the letter that says what is to be done. */
const SEQUENCE = new RegExp(`^${"\x1b"}\\[([?0-9;]*)([A-Za-z])`);
const COLOURS = ["0", "1", "2", "31", "32", "33"];
/** East Asian characters that tests use, two cells each; what combines with the one before has none. */
const WIDE = /^[\u3000-\u9fff\uac00-\ud7a3\uff00-\uff60]$/u;
const MARK = /^\p{Mn}$/u;

interface Cells {
  /** The characters of each row; the right half of a wide one is empty. */
  rows: string[][];
  row: number;
  column: number;
}

export class FakeScreen {
  columns: number;
  rows: number;
  isCursorShown = true;
  isWrapping = true;
  /** What came that should not have. */
  readonly faults: string[] = [];
  /** Whether colours are on. */
  isColoured = false;
  /** How often the other screen was taken. */
  takings = 0;
  #main: Cells;
  #other: Cells | null = null;
  #rest = "";

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#main = this.#blank();
  }

  /** Whether the other screen is shown. */
  get isOther(): boolean {
    return this.#other !== null;
  }

  /** What is seen, row by row, without blanks at the ends. */
  lines(): string[] {
    return this.#cells.rows.map((cells) => cells.join("").trimEnd());
  }

  text(): string {
    return this.lines().join("\n");
  }

  /** As a terminal that cuts off what has no room. */
  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const cells of [this.#main, this.#other]) {
      if (cells === null) continue;
      cells.rows = Array.from(
        { length: rows },
        (_, row) =>
          Array.from({ length: columns }, (_, column) => cells.rows[row]?.[column] ?? " "),
      );
      cells.row = Math.min(cells.row, rows - 1);
      cells.column = Math.min(cells.column, columns);
    }
  }

  /** Takes output; a sequence may come in pieces. */
  write(text: string): void {
    let left = this.#rest + text;
    this.#rest = "";
    while (left !== "") {
      if (left.startsWith("\x1b")) {
        const found = SEQUENCE.exec(left);
        if (found === null) {
          if (left.length < 16) this.#rest = left;
          else this.faults.push(`unknown sequence ${JSON.stringify(left.slice(0, 16))}`);
          return;
        }
        const [whole, parameters = "", letter = ""] = found;
        this.#obey(parameters, letter);
        left = left.slice(whole.length);
        continue;
      }
      const character = String.fromCodePoint(left.codePointAt(0) ?? 0);
      this.#print(character);
      left = left.slice(character.length);
    }
  }

  get #cells(): Cells {
    return this.#other ?? this.#main;
  }

  #blank(): Cells {
    const rows = Array.from({ length: this.rows }, () => Array<string>(this.columns).fill(" "));
    return { rows, row: 0, column: 0 };
  }

  #obey(parameters: string, letter: string): void {
    const cells = this.#cells;
    switch (`${parameters.startsWith("?") ? parameters : ""}${letter}`) {
      case "H": {
        const [row = 1, column = 1] = parameters.split(";").map(Number);
        cells.row = Math.min(row, this.rows) - 1;
        cells.column = Math.min(column, this.columns) - 1;
        return;
      }
      case "K":
        if (cells.column >= this.columns) this.faults.push("erased the end of a full line");
        cells.rows[cells.row]?.fill(" ", cells.column);
        return;
      case "m":
        if (!COLOURS.includes(parameters)) this.faults.push(`unknown colour ${parameters}`);
        this.isColoured = parameters !== "0";
        return;
      case "?1049h":
        this.#other = this.#blank();
        this.takings += 1;
        return;
      case "?1049l":
        this.#other = null;
        return;
      case "?25h":
      case "?25l":
        this.isCursorShown = letter === "h";
        return;
      case "?7h":
      case "?7l":
        this.isWrapping = letter === "h";
        return;
    }
    this.faults.push(`unknown sequence ESC [ ${parameters} ${letter}`);
  }

  #print(character: string): void {
    const cells = this.#cells;
    if (character === "\r") cells.column = 0;
    else if (character === "\n") this.#newLine(cells);
    else if (character < " " || character === "\x7f") {
      this.faults.push(`control character ${JSON.stringify(character)}`);
    } else if (MARK.test(character)) {
      const row = cells.rows[cells.row];
      if (row !== undefined && cells.column > 0) row[cells.column - 1] += character;
    } else this.#put(cells, character, WIDE.test(character) ? 2 : 1);
  }

  #put(cells: Cells, character: string, width: number): void {
    if (cells.column + width > this.columns) {
      if (this.isOther) {
        this.faults.push(`${JSON.stringify(character)} runs over the end of a line`);
      } else {
        this.#newLine(cells);
        cells.column = 0;
      }
    }
    const row = cells.rows[cells.row];
    if (row === undefined) return;
    row[cells.column] = character;
    if (width === 2) row[cells.column + 1] = "";
    cells.column += width;
  }

  #newLine(cells: Cells): void {
    cells.row += 1;
    if (cells.row < this.rows) return;
    cells.rows.shift();
    cells.rows.push(Array<string>(this.columns).fill(" "));
    cells.row = this.rows - 1;
  }
}
