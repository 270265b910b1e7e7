/** Text for manual pages: the few macros of man(7) that are needed. */
import { wrapped } from "../config/wrapped.ts";

/** Lines of the source stay below this many characters. */
const WIDTH = 78;

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\e",
  // A hyphen that can be copied into a shell.
  "-": "\\-",
  "^": "\\(ha",
  "~": "\\(ti",
  "`": "\\(ga",
};

/** Text in which nothing is an instruction, on one line. */
export function plainText(text: string): string {
  const escaped = text.replaceAll(/[\\^~`-]/g, (each) => ESCAPES[each] ?? each);
  return guarded(escaped);
}

/** A line that begins with a dot or a quote would be an instruction. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

/** An argument of a macro. */
export function quoted(text: string): string {
  return `"${plainText(text).replaceAll('"', "\\(dq")}"`;
}

/** The first line of a page. The date is left out: the same program gives the same page. */
export function heading(name: string, section: number, version: string): string[] {
  return [`.TH ${quoted(name)} ${section} "" ${quoted(`faild ${version}`)} "faild"`];
}

/** A section of the page. */
export function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${quoted(title)}`, ...lines];
}

/** A part of a section. */
export function subsection(title: string, lines: readonly string[]): string[] {
  return [`.SS ${quoted(title)}`, ...lines];
}

/** Prose, as lines of the source. */
export function prose(text: string): string[] {
  return wrapped(text, WIDTH).map(plainText);
}

/** A paragraph of its own. */
export function paragraph(text: string): string[] {
  return [".PP", ...prose(text)];
}

/** A term in bold, and its explanation indented below it. */
export function term(name: string, text: string): string[] {
  return [".TP", `.B ${quoted(name)}`, ...prose(text)];
}

/** Lines that are shown as they are. */
export function literal(lines: readonly string[]): string[] {
  return [".nf", ...lines.map((line) => line === "" ? "\\&" : plainText(line)), ".fi"];
}
