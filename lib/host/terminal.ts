/** A terminal that is taken over for a live view, and given back as it was. */
import { writeAll } from "./stream.ts";

/**
 * The other screen, no cursor, no new line at the end of a line: where the terminal holds a character for wider than we
 * do, the end of a line is lost rather than the whole screen moved.
 */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
/** A terminal without another screen gets its next line below what was drawn. */
const LEAVE = "\x1b[999;1H\r\n\x1b[?7h\x1b[?25h\x1b[?1049l";

/** Of a terminal that does not tell its size. */
const USUAL = { columns: 80, rows: 24 } as const;

/** What happens to it. */
export interface TerminalHandlers {
  /** Keys were typed; those that are more than a character may come in pieces. */
  typed(text: string): void;
  /** Its size has changed, or others have used it meanwhile: all of it is to be drawn anew. */
  disturbed(): void;
  /** Nobody is there any more, or whoever is wants an end (QUIT). */
  ended(): void;
}

/** A terminal that was taken over. */
export interface Terminal {
  /** Whether keys can be typed: standard input is a terminal too. */
  readonly hasKeys: boolean;
  /** In characters, each at least 1. */
  size(): { readonly columns: number; readonly rows: number };
  /** Whether all of it could be written. */
  write(text: string): boolean;
  /** Gives it back; no handler is called any more. */
  close(): void;
}

/**
 * Takes over the terminal of standard output, and the keys where standard input is one too. Interrupting it (Ctrl-C)
 * sends INT as ever; stopping it (Ctrl-Z) gives it back for as long as the program is stopped.
 */
export function openTerminal(handlers: TerminalHandlers): Terminal {
  const hasKeys = Deno.stdin.isTerminal();
  let isOpen = true;

  const enter = () => {
    // In the background this stops the program, before it has drawn anything.
    if (hasKeys) setKeys(true);
    writeAll(Deno.stdout, ENTER);
  };
  const leave = () => {
    writeAll(Deno.stdout, LEAVE);
    if (hasKeys) setKeys(false);
  };
  const comeBack = () => {
    enter();
    handlers.disturbed();
  };
  const listeners: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGWINCH", () => handlers.disturbed()],
    ["SIGQUIT", () => handlers.ended()],
    ["SIGTSTP", () => {
      leave();
      // As TSTP would without a listener: it stops the program, but not where no shell would ever continue it.
      Deno.kill(Deno.pid, "SIGTTIN");
      comeBack();
    }],
    ["SIGCONT", comeBack],
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  enter();
  if (hasKeys) void readKeys(() => isOpen, handlers);
  return {
    hasKeys,
    size: sizeOf,
    write: (text) => writeAll(Deno.stdout, text),
    close() {
      if (!isOpen) return;
      isOpen = false;
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
      leave();
    },
  };
}

/** Whether each key comes at once and unseen; those that send signals still do. */
function setKeys(each: boolean): void {
  try {
    Deno.stdin.setRaw(each, { cbreak: true });
  } catch {
    // The terminal is gone: reading from it says so too.
  }
}

async function readKeys(isOpen: () => boolean, handlers: TerminalHandlers): Promise<void> {
  const buffer = new Uint8Array(256);
  const decoder = new TextDecoder();
  for (;;) {
    const read = await Deno.stdin.read(buffer).catch((error: unknown) =>
      // By a signal, such as that which continues a stopped program.
      error instanceof Deno.errors.Interrupted ? 0 : null
    );
    if (!isOpen()) return;
    if (read === null) return handlers.ended();
    handlers.typed(decoder.decode(buffer.subarray(0, read), { stream: true }));
  }
}

function sizeOf(): { readonly columns: number; readonly rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || USUAL.columns, rows: rows || USUAL.rows };
  } catch {
    return USUAL;
  }
}
