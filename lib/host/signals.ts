/** What the daemon does on the signals that it knows. */
export interface SignalHandlers {
  /** TERM and INT: a clean stop. */
  stop(signal: "SIGTERM" | "SIGINT"): void;
  /** HUP: the log was rotated, or the keys; also what a closing terminal sends, which does not end the daemon. */
  reload(): void;
  /** USR1: the whole state into the log. */
  dumpState(): void;
  /** USR2: traffic that is held elsewhere is wanted back. */
  failback(): void;
}

/** Calls the handlers from now on, each in a turn of its own. */
export function listenForSignals(handlers: SignalHandlers): void {
  Deno.addSignalListener("SIGTERM", () => handlers.stop("SIGTERM"));
  Deno.addSignalListener("SIGINT", () => handlers.stop("SIGINT"));
  Deno.addSignalListener("SIGHUP", () => handlers.reload());
  Deno.addSignalListener("SIGUSR1", () => handlers.dumpState());
  Deno.addSignalListener("SIGUSR2", () => handlers.failback());
}
