/** Figures: medians, and tables for people. */

/** The middle of the values (the mean of the two middle ones), NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const above = sorted[Math.floor(middle)] ?? NaN;
  if (!Number.isInteger(middle)) return above;
  return ((sorted[middle - 1] ?? NaN) + above) / 2;
}

/** A count or a figure for people: `1,234`, `0.5`, `–` when there is none. */
export function figure(value: number | null, digits = 0): string {
  if (value === null || Number.isNaN(value)) return "–";
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/**
 * Columns side by side: the first is set flush left, the others flush right, with a rule under the headings.
 * Lines end without spaces.
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  indent = "",
): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0))
  );
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? "";
      return column === 0 ? cell.padEnd(width) : cell.padStart(width);
    });
    return indent + padded.join("  ").trimEnd();
  };
  const rule = indent + widths.map((width) => "─".repeat(width)).join("  ");
  return [line(headings), rule, ...rows.map(line)].join("\n");
}
