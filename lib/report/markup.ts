/** HTML made so that no text can become markup by mistake: what is put in is escaped unless it was made here. */
import { escapeUnprintable } from "../log_line.ts";

/** Finished HTML. */
export class Markup {
  /** @param text as it stands in the page */
  constructor(readonly text: string) {}
}

/** What may be put into a template: text and numbers are escaped, nothing is left out. */
export type Content = string | number | Markup | readonly Markup[] | null;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it may stand between tags and in quoted attributes; what would show it in another order is made visible. */
export function escapeHtml(text: string): string {
  return escapeUnprintable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/**
 * The tag of templates: html`<p title="${name}">${text}</p>`. Indentation is left out, and so is an empty line at
 * either end.
 */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const pieces = strings.map((piece) => piece.replace(INDENTATION, "\n"));
  let text = (pieces[0] ?? "").replace(/^\n/, "");
  contents.forEach((content, i) => text += textOf(content) + (pieces[i + 1] ?? ""));
  return new Markup(text.replace(/\n$/, ""));
}

const INDENTATION = /\n[ \n]*/g;

function textOf(content: Content): string {
  if (content === null) return "";
  if (typeof content === "number") return String(content);
  if (typeof content === "string") return escapeHtml(content);
  if (content instanceof Markup) return content.text;
  return content.map(({ text }) => text).join("");
}
