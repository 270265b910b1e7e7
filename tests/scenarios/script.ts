/**
 * Scenarios as text: a command on each line, and under it, indented, what it is expected to say. Comments and empty
 * lines stay where they are.
 */

/** Two blanks at its beginning make a line an expectation. */
const INDENT = "  ";

/** Something that carries out one command and answers with lines. */
export type Perform = (words: readonly string[]) => readonly string[];

/**
 * Carries out all commands of a scenario and returns its text with what they really said. It is the text itself if
 * everything was as expected. Throws an Error with the line's number for a command that cannot be carried out.
 */
export function play(text: string, perform: Perform): string {
  const lines: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.startsWith(INDENT)) continue;
    lines.push(line);
    if (line.trim() === "" || line.startsWith("#")) continue;
    try {
      const said = perform(wordsOf(line));
      lines.push(...said.map((each) => `${INDENT}${each}`));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`line ${index + 1}: ${reason}`, { cause: error });
    }
  }
  return lines.join("\n");
}

/** The opening comment of a scenario, without its marks; it says what the scenario guards. */
export function openingOf(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines.slice(0, end < 0 ? lines.length : end)
    .map((line) => line.replace(/^#\s?/, ""))
    .join(" ")
    .trim();
}

/** The words of a command; quotes hold several together. */
export function wordsOf(line: string): string[] {
  const words = line.match(/"[^"]*"|[^\s"]+/g) ?? [];
  return words.map((word) => word.startsWith('"') ? word.slice(1, -1) : word);
}
