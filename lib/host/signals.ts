/** What the daemon does on the signals that it knows. */
export interface SignalHandlers {
  /** TERM and INT: a clean stop. */
  stop(signal: "SIGTERM" | "SIGINT"): void;
  /** HUP: the log was rotated; also what a closing terminal sends, which does not end the daemon. */
  reopenLog(): void;
  /** USR1: the whole state into the log. */
  dumpState(): void;
}

/**
 * Calls the handlers from now on, each in a turn of its own.
 *
 * @returns ends it: the signals then have their default effect again
 */
export function listenForSignals(handlers: SignalHandlers): () => void {
  const listeners: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGTERM", () => handlers.stop("SIGTERM")],
    ["SIGINT", () => handlers.stop("SIGINT")],
    ["SIGHUP", () => handlers.reopenLog()],
    ["SIGUSR1", () => handlers.dumpState()],
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  };
}
