/**
 * The exit codes of every command. The numbers are those of the Linux Standard Base for init scripts, which service
 * managers know.
 */
export const EXIT = {
  /** Done, or stopped as asked. */
  ok: 0,
  /** It could not be done, e.g. another daemon holds the lock. */
  general: 1,
  /** A wrong flag, argument or value on the command line. */
  usage: 2,
  /** The answer of `status` where no daemon runs, and of `health` where nothing can be said. */
  stopped: 3,
  /** The right to change routes, or a file, is missing. */
  permission: 4,
  /** The configuration file, or the file of the keys, cannot be used. */
  config: 6,
  /** The daemon that was to be asked does not run. */
  notRunning: 7,
} as const;

/** One of the exit codes above. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** What each code tells the caller, for the help text. */
export const EXIT_MEANING: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, "done, or stopped as asked"],
  [EXIT.general, "failed, e.g. another faild holds the run directory"],
  [EXIT.usage, "wrong flag, argument or value"],
  [EXIT.permission, "no permission, e.g. to change routes (CAP_NET_ADMIN)"],
  [EXIT.config, "the configuration file or the key file cannot be used"],
];
