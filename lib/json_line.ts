/** Lines of JSON, as they are in the control protocol and in the files of events and samples. */

/** A line as a JSON object; null: it is none. */
export function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value as Readonly<Record<string, unknown>> : null;
  } catch {
    return null;
  }
}
