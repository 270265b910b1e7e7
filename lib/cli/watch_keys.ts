/** The keys of a live view: what a terminal sends for them, and what they do. */
import { type Sort, SORTS } from "./watch_order.ts";

/** What the user of a view has chosen. */
export interface WatchState {
  readonly sort: Sort;
  /** The number of the first path that is shown, from 0. */
  readonly first: number;
  readonly paused: boolean;
  /** Curves of digits, for terminals that have no blocks. */
  readonly ascii: boolean;
}

/** What a view has shown, as far as scrolling depends on it. */
export interface Extent {
  /** Paths on the screen. */
  readonly page: number;
  /** Paths there are. */
  readonly total: number;
}

/** What typed text comes to. */
export interface Typed {
  readonly keys: readonly string[];
  /** The beginning of a sequence whose rest may be on its way, or the Escape key. */
  readonly rest: string;
}

const ESCAPE = "\x1b";
/** A key that is more than a character: ESC [ or ESC O, numbers, and a last character. */
const SEQUENCE = new RegExp(`^${ESCAPE}[[O][0-9;]*[@-~]`);
const UNFINISHED = new RegExp(`^${ESCAPE}(?:[[O][0-9;]{0,16})?$`);

const NAMES: ReadonlyMap<string, string> = new Map([
  ...["[A", "OA"].map((code) => [ESCAPE + code, "up"] as const),
  ...["[B", "OB"].map((code) => [ESCAPE + code, "down"] as const),
  ...["[H", "OH", "[1~", "[7~"].map((code) => [ESCAPE + code, "home"] as const),
  ...["[F", "OF", "[4~", "[8~"].map((code) => [ESCAPE + code, "end"] as const),
  [`${ESCAPE}[5~`, "page-up"],
  [`${ESCAPE}[6~`, "page-down"],
  ["k", "up"],
  ["j", "down"],
  ["\x03", "quit"],
  ["\x04", "quit"],
  ["q", "quit"],
  ["Q", "quit"],
  ["\x0c", "redraw"],
]);

/** Takes typed text apart; `before` is what was left over the last time. */
export function keysIn(before: string, typed: string): Typed {
  const keys: string[] = [];
  let text = before + typed;
  while (text !== "") {
    if (UNFINISHED.test(text)) return { keys, rest: text };
    const key = SEQUENCE.exec(text)?.[0] ?? String.fromCodePoint(text.codePointAt(0) ?? 0);
    keys.push(NAMES.get(key) ?? key);
    text = text.slice(key.length);
  }
  return { keys, rest: "" };
}

/** What a key makes of a state; what has no meaning changes nothing. */
export function pressed(state: WatchState, key: string, { page, total }: Extent): WatchState {
  const last = Math.max(0, total - page);
  const at = (first: number) => ({ ...state, first: Math.min(Math.max(0, first), last) });
  switch (key) {
    case "up":
      return at(state.first - 1);
    case "down":
      return at(state.first + 1);
    case "page-up":
      return at(state.first - page);
    case "page-down":
      return at(state.first + page);
    case "home":
      return at(0);
    case "end":
      return at(last);
    case " ":
      return { ...state, paused: !state.paused };
    case "g":
      return { ...state, ascii: !state.ascii };
  }
  const sort = SORTS.find((each) => each.startsWith(key.toLowerCase()));
  // Who sorts wants to see what is first now.
  return sort === undefined ? state : { ...state, sort, first: 0 };
}
